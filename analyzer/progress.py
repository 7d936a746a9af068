"""Where a run stands, as one value that the page, the store and the tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.states import Outcome, RunState


@dataclass(frozen=True, slots=True)
class RunProgress:
    """Where a run stands, as one consistent value. ``listed`` counts the pictures in scope found so far; while
    ``listing`` more may come. ``eta_s`` is ``None`` until it can be known. Tokens of a part that was
    killed are not known."""

    id: str
    state: RunState
    counts: Mapping[Outcome, int]
    listed: int
    listing: bool
    reused: int
    calls: int
    elapsed_s: float
    eta_s: float | None
    cost_usd: float
    error: str | None
    tokens_in: int = 0
    tokens_out: int = 0

    @property
    def done(self) -> int:
        """Pictures with an outcome."""
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        """The shape of a run in the HTTP interface."""
        return {
            "id": self.id,
            "state": str(self.state),
            "counts": {str(outcome): number for outcome, number in self.counts.items()},
            "done": self.done,
            "listed": max(self.listed, self.done),
            "listing": self.listing,
            "reused": self.reused,
            "calls": self.calls,
            "elapsed_s": round(self.elapsed_s, 2),
            "eta_s": None if self.eta_s is None else round(self.eta_s, 1),
            "cost_usd": round(self.cost_usd, 6),
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "error": self.error,
        }
