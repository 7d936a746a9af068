"""What a question will take, before it is put: calls, tokens, money and minutes.

They follow from the pictures that it concerns, those already known, a price for each, and the pace that was measured.
Listing ends after a while; the estimate then goes by the count of all pictures, or says "at least".
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from analyzer.models.model import Ability, Cost
from analyzer.reuse import Known
from analyzer.run import Question, RunMeans
from core.errors import PictureUnreadable
from core.picture import Picture
from storage.conversations import RunRow
from storage.header import read_header

LISTING_PATIENCE_S = 2.0
_SAMPLED = 8


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a run is expected to take. ``more`` says that the listing had not ended: all figures are then the least.
    ``known`` pictures were seen before and cost nothing."""

    pictures: int
    more: bool
    known: int
    cost: Cost
    seconds: float
    to: str

    @property
    def calls(self) -> int:
        """Pictures that must be asked."""
        return self.pictures - self.known

    @property
    def sentence(self) -> str:
        """All of it in a sentence."""
        least = "At least " if self.more else ""
        tokens = self.cost.tokens_in + self.cost.tokens_out
        known = f" ({self.known:,} more are known from before)" if self.known else ""
        parts = (f"{_plural(self.calls, 'picture')}{known}", f"about {tokens:,.0f} tokens", _money(self.cost.usd))
        return f"{least}{', '.join(parts)}, {_duration(self.seconds)}."

    @property
    def action(self) -> str:
        """What a button says that begins the run."""
        least = "at least " if self.more else ""
        price = f" for about {_money(self.cost.usd)}" if self.cost.usd else ""
        return f"Ask {least}{_plural(self.calls, 'picture')}{price}"

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "pictures": self.pictures,
            "more": self.more,
            "known": self.known,
            "calls": self.calls,
            "tokens_in": round(self.cost.tokens_in),
            "tokens_out": round(self.cost.tokens_out),
            "cost_usd": round(self.cost.usd, 6),
            "seconds": round(self.seconds, 1),
            "to": self.to,
        }


def estimate(question: Question, row: RunRow, means: RunMeans, patience_s: float = LISTING_PATIENCE_S) -> Estimate:
    """What putting ``question`` will take. Lists for at most about ``patience_s`` seconds. Raises
    :class:`~core.errors.SourceUnavailable`."""
    ability, card = question.model.ability(question.ask), question.model.card
    seen = Known(row, question.model, question.ask, means.observations, means.clock, means.reuse_s)
    pictures, known, more = 0, 0, False
    sample: list[Picture] = []
    began = time.monotonic()
    for page in question.source.pages():
        listed = means.pictures.list(page)
        wanted = [one for one in listed if question.scope.holds(one, question.register.find(one.camera))]
        pictures += len(wanted)
        known += len(seen([one.identity.value for one in wanted if one.identity]))
        sample += wanted[: _SAMPLED - len(sample)]
        if time.monotonic() - began > patience_s:
            pictures, more = _beyond(question, means, pictures)
            break
    calls, each = pictures - known, _cost_of_one(question, sample, ability)
    cost = Cost(each.tokens_in * calls, each.tokens_out * calls, each.usd * calls)
    pace = min(card.workers, means.workers_limit) / max(ability.call_s or 1.0, 1e-3)
    return Estimate(pictures, more, known, cost, calls / min(pace, ability.pace_per_s or pace), card.to)


def _beyond(question: Question, means: RunMeans, listed: int) -> tuple[int, bool]:
    """How many pictures there are where listing was broken off after ``listed``, and whether there may be more. What is
    known of those beyond was not looked up: the figure is the most that can be asked."""
    counted = means.counted() if question.scope.is_all else None
    if counted is None or counted.pictures < listed:
        return listed, True
    return counted.pictures, not counted.whole


def _cost_of_one(question: Question, sample: list[Picture], ability: Ability) -> Cost:
    """The mean over some pictures whose sizes can be read here; else what a usual picture costs."""
    if ability.cost_of is None:
        return ability.cost
    costs = []
    for picture in sample:
        try:
            if question.source.url(picture) is not None:  # its bytes lie elsewhere, and are nobody's business here
                continue
            header = read_header(question.source.read(picture))
        except PictureUnreadable:
            continue
        costs.append(ability.cost_of(header.width_px, header.height_px))
    if not costs:
        return ability.cost
    total = sum(costs, Cost())
    return Cost(total.tokens_in / len(costs), total.tokens_out / len(costs), total.usd / len(costs))


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _money(usd: float) -> str:
    if not usd:
        return "no money"
    return f"${usd:,.2f}" if usd >= 0.01 else f"${usd:.4f}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
