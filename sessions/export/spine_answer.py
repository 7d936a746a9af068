"""An answer in the spine's form (S2.10, S2.12): its rows, and the totals that are counted over them.

Both of the spine's routes tell this one. Pictures that could not be read are not among those that were analysed, and
locations are counted over matches only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.groups import threshold
from analyzer.plan import Plan
from core.states import Outcome
from sessions.export.document import listed, spliced
from sessions.export.session_files import SeenBy, result_row
from sessions.views import MessageView
from storage.observations import Observation
from storage.register import Register
from storage.slices import Threshold


@dataclass(frozen=True)
class SpineAnswer:
    """One question. ``run_id`` is the look that its rows come from: its own, or the one that it rests on."""

    message: MessageView
    run_id: str | None
    register: Register
    seen: SeenBy
    some: Callable[[str, Sequence[str]], Sequence[Observation]]

    @property
    def is_contextual(self) -> bool:
        """Whether no picture was asked: the answer comes out of what was stored before."""
        return self.message.run is None and self.run_id is not None

    @property
    def plan(self) -> Plan:
        """How the question was understood."""
        return Plan.from_stored(self.message.row.plan)

    @property
    def bounds(self) -> Threshold | None:
        """The question's condition."""
        return threshold(self.plan.condition)

    @property
    def text(self) -> str:
        """The answer in sentences."""
        answer = self.message.answer or {}
        return "\n".join([answer.get("headline", ""), *answer.get("findings", [])]).strip()

    def matches(self, picture_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of those of these pictures that match, as far as they are stored."""
        if self.run_id is None or not picture_ids:
            return []
        rows = [result_row(one, self.bounds, self.register) for one in self.some(self.run_id, picture_ids)]
        return [row for row in rows if row["match"]]

    def document(self) -> Iterator[bytes]:
        """All rows and the totals, as JSON in pieces that hold no line end."""
        totals = _Totals()
        head = {"final_answer": self.text, "is_contextual": self.is_contextual}
        pieces = spliced(head, "detailed_results", listed(self._rows(totals)), totals.as_json)
        return (piece.replace(b"\n", b"") for piece in pieces)

    def _rows(self, totals: _Totals) -> Iterator[dict[str, Any]]:
        for observation in self.seen(self.run_id) if self.run_id else ():
            row = result_row(observation, self.bounds, self.register)
            totals.add(observation, matches=row["match"] is True)
            yield row


@dataclass
class _Totals:
    """Counts while the rows pass by."""

    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    matches: int = 0
    places: set[str] = field(default_factory=set)

    def add(self, observation: Observation, *, matches: bool) -> None:
        self.counts[observation.outcome] += 1
        if matches:
            self.matches += 1
            self.places.add(observation.location or observation.camera or observation.name)

    def as_json(self) -> dict[str, Any]:
        unreadable = self.counts[Outcome.UNREADABLE]
        return {
            "total_images": sum(self.counts.values()) - unreadable,
            "matches_found": self.matches,
            "unique_locations": len(self.places),
            "unsure_images": self.counts[Outcome.UNSURE],
            "unreadable_images": unreadable,
        }
