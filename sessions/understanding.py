"""What a question would mean, told before it is asked; and what is said of chips that a person has altered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.ask import Ask
from analyzer.models.catalogue import Catalogue
from analyzer.models.model import Fit
from analyzer.plan import Kind, Plan
from analyzer.planner import Alteration, Planner, chips
from core.errors import InvalidRequest, ModelUnavailable
from sessions.questions import notes_on
from sessions.views import chips_json

_LEVELS = ("districts", "mandals", "locations", "cameras")


@dataclass(frozen=True, slots=True)
class Understanding:
    """A plan with the model that would look, if pictures are looked at, and what is to be said beforehand."""

    plan: Plan
    model: str | None
    notes: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "plan": self.plan.as_json(),
            "chips": chips_json(self.plan),
            "model": self.model,
            "notes": list(self.notes),
        }


def understanding(plan: Plan, catalogue: Catalogue) -> Understanding:
    """What is told of ``plan`` before it is asked."""
    if plan.kind is not Kind.LOOK:
        return Understanding(
            plan, None, ("Answered from what was seen: no picture is looked at.", *notes_on(plan.scope))
        )
    try:
        choice = catalogue.choose(Ask.of(plan), None)
    except ModelUnavailable as error:
        return Understanding(plan, None, (error.sentence, *notes_on(plan.scope)))
    ability = choice.ability
    stand_in = (ability.sentence,) if ability.fit is Fit.STAND_IN else ()
    return Understanding(plan, choice.model.card.name, (*stand_in, *notes_on(plan.scope)))


def require_known(alteration: Alteration, planner: Planner) -> None:
    """Refuse a place that the register does not have: asking about nothing would answer nothing."""
    where = alteration.change.where
    for level in _LEVELS if where else ():
        for name in getattr(where, level):
            if not planner.holds(level, name):
                raise InvalidRequest(f"The register has no place called “{name[:80]}”.", "Choose one of its names.")


def told_of(before: Plan, after: Plan, alteration: Alteration) -> tuple[str, ...]:
    """What was altered, in sentences."""
    return tuple(_told(before, after, alteration))


def _told(before: Plan, after: Plan, alteration: Alteration) -> Iterator[str]:
    old = {chip.kind: chip.label for chip in chips(before)}
    new = {chip.kind: chip.label for chip in chips(after)}
    if alteration.without:
        yield f"Asked without {' and '.join(f'“{old[kind]}”' for kind in old if kind in alteration.without)}."
    for kind in alteration.change.kinds:
        label = new.get(kind)
        if label is None or label == old.get(kind):
            continue
        yield f"Asked with “{label}” in place of “{old[kind]}”." if kind in old else f"Asked with “{label}”."
