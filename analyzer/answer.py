"""The answer: figures computed from stored observations, with the sentences that carry them.

No model writes here. Every figure says what it is out of and which pictures stand behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyzer.doubts import doubts
from analyzer.groups import Group, Part, asks_absence, grouped
from analyzer.phrases import PLURALS, noun
from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, View
from analyzer.sentences import Subject, findings, headline, in_order, readable
from analyzer.suggestions import suggestions
from core.states import Outcome

GROUPS_SHOWN = 200
_LABELS = {
    "match": Outcome.MATCH,
    "no match": Outcome.NO_MATCH,
    "unsure": Outcome.UNSURE,
    "unreadable": Outcome.UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it is out of, and the filter that gives the pictures behind it."""

    label: str
    value: float
    of: float | None
    unit: str
    filter: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "label": self.label,
            "value": _short(self.value),
            "of": None if self.of is None else _short(self.of),
            "unit": self.unit,
            "filter": dict(self.filter),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, shown, stored and exported, in one value."""

    headline: str
    findings: tuple[str, ...]
    view: View
    group_by: GroupBy | None
    unit: str | None
    figures: tuple[Figure, ...]
    groups: tuple[Group, ...]
    followups: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "headline": self.headline,
            "findings": list(self.findings),
            "view": str(self.view),
            "group_by": None if self.group_by is None else str(self.group_by),
            "unit": self.unit,
            "figures": [figure.as_json() for figure in self.figures],
            "groups": [group_json(group) for group in self.groups[:GROUPS_SHOWN]],
            "followups": [{"text": text} for text in self.followups],
        }


def group_json(group: Group) -> dict[str, Any]:
    """A group in the HTTP interface."""
    return {
        "label": group.label,
        "kind": str(group.kind),
        "value": None if group.value is None else _short(group.value),
        "outcome": str(group.outcome),
        "counts": {str(outcome): value for outcome, value in group.counts.items()},
        "filter": dict(group.filter),
        "latitude": group.latitude,
        "longitude": group.longitude,
        "text": group.text,
    }


def compose(plan: Plan, looked: Plan, seen: Sequence[Part]) -> Answer:
    """The answer to ``plan`` from what was seen for ``looked`` (the same plan for a look, the earlier look's for a
    recall or a show)."""
    if not seen:
        said, *wider = _nothing(plan)
        return Answer(said, tuple(wider), plan.view, plan.group_by, None, (), (), ())
    task = plan.judged_as(looked)
    target = (plan.target if plan.finds else None) or looked.target or plan.target or "it"
    kind, groups = groups_of(plan, looked, seen)
    subject = Subject(plan, task, target, kind, tuple(groups), tuple(seen))
    chosen = in_order(subject)
    return Answer(
        headline=headline(subject),
        findings=(*findings(subject), *doubts(plan, seen)),
        view=plan.view,
        group_by=kind,
        unit=target if task is Task.COUNT else PLURALS[subject.called],
        figures=_figures(subject),
        groups=tuple(chosen),
        followups=suggestions(subject),
    )


def groups_of(plan: Plan, looked: Plan, seen: Sequence[Part]) -> tuple[GroupBy, list[Group]]:
    """What the figures of an answer belong to, and each of these with its outcome."""
    kind, task = _kind(plan, looked), plan.judged_as(looked)
    groups = grouped(seen, kind, plan, task)
    if kind in (GroupBy.LOCATION, GroupBy.DISTRICT) and not groups:
        kind = GroupBy.CAMERA
        groups = grouped(seen, kind, plan, task)
    if task is Task.FIND and plan.kind is Kind.RECALL and kind is GroupBy.DISTRICT:
        groups = _matching_places(groups, seen, plan)
    return kind, groups


def _kind(plan: Plan, looked: Plan) -> GroupBy:
    if plan.group_by is not None:
        return plan.group_by
    if plan.kind is not Kind.LOOK and looked.group_by is not None:
        return looked.group_by
    if plan.aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.SHARE):
        return GroupBy.LOCATION
    return GroupBy.CAMERA if plan.judged_as(looked) is Task.COUNT else GroupBy.IMAGE


def _matching_places(groups: Sequence[Group], seen: Sequence[Part], plan: Plan) -> list[Group]:
    """After a find, a district's figure is the number of its locations that match."""
    places: dict[str, int] = {}
    for place in grouped(seen, GroupBy.LOCATION, plan, Task.FIND):
        if place.outcome is Outcome.MATCH:
            district = place.filter.get("district", "")
            places[district] = places.get(district, 0) + 1
    return [replace(group, value=float(places.get(group.label, 0))) for group in groups]


def _figures(subject: Subject) -> tuple[Figure, ...]:
    tally = subject.tally()
    seen = readable(tally)
    figures = []
    for label, outcome in _LABELS.items():
        of = sum(tally.values()) if outcome is Outcome.UNREADABLE else seen
        figures.append(Figure(label, tally[outcome], of, noun(subject.called, of), behind(subject, outcome)))
    known = [group.value for group in subject.groups if group.value is not None]
    if subject.task is Task.COUNT and known and subject.kind not in (GroupBy.IMAGE, GroupBy.HOUR, GroupBy.DAY):
        figures.insert(0, Figure(subject.target, sum(known), None, subject.target, {}))
    return tuple(figures)


def behind(subject: Subject, outcome: Outcome) -> dict[str, str]:
    """The filter for what a figure counts: pictures of this outcome; of places, those that make it so, or all of
    theirs where no single picture does."""
    if subject.kind is GroupBy.IMAGE:
        return {"outcome": str(outcome)}
    if subject.task is Task.COUNT or asks_absence(subject.plan.condition):
        return {"places": str(outcome)}
    return {"outcome": str(outcome), "places": str(outcome)}


def _nothing(plan: Plan) -> tuple[str, ...]:
    """Why there is no picture to answer from, and what may be asked instead."""
    scope = plan.scope
    if scope.names_time and scope.names_place:
        return "There is no picture of that place and time.", "Ask without one of them, or name another."
    if scope.names_time:
        return "There is no picture of that time.", "Ask without it, or name another."
    if scope.names_place:
        return "There is no picture of that place.", "Ask without it, or name another."
    return ("There are no pictures yet.",)


def _short(value: float) -> float:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
