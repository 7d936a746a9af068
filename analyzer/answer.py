"""The answer: figures computed from stored observations, and the sentences that carry them.

No model writes here. Every figure says what it is out of and which pictures stand behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.groups import Group, grouped, unplaced
from analyzer.phrases import PLURALS, counted, listed, noun, number, target_with, unseen
from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, View
from core.states import Outcome
from storage.figures import Viewpoint

GROUPS_NAMED = 3
GROUPS_SHOWN = 200


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


def compose(plan: Plan, looked: Plan, viewpoints: Sequence[Viewpoint]) -> Answer:
    """The answer to ``plan`` from what was seen for ``looked`` (the same plan for a look, the earlier look's for a
    recall or a show)."""
    if not viewpoints:
        return Answer("No picture is in scope.", (_widen(plan),), plan.view, plan.group_by, None, (), (), ())
    kind = _kind(plan, looked)
    task = looked.task
    target = looked.target or plan.target or "it"
    groups = grouped(viewpoints, kind, plan, task)
    if kind in (GroupBy.LOCATION, GroupBy.DISTRICT) and not groups:
        kind = GroupBy.CAMERA
        groups = grouped(viewpoints, kind, plan, task)
    if task is Task.FIND and plan.kind is Kind.RECALL and kind is GroupBy.DISTRICT:
        groups = _matching_places(groups, viewpoints, plan)
    subject = _Subject(plan, task, target, kind, tuple(groups), tuple(viewpoints))
    chosen = _chosen(subject)
    return Answer(
        headline=_headline(subject),
        findings=tuple(_findings(subject)),
        view=plan.view,
        group_by=kind,
        unit=target if task is Task.COUNT else PLURALS[kind],
        figures=_figures(subject),
        groups=tuple(chosen),
        followups=_followups(subject),
    )


@dataclass(frozen=True, slots=True)
class _Subject:
    plan: Plan
    task: Task | None
    target: str
    kind: GroupBy
    groups: tuple[Group, ...]
    viewpoints: tuple[Viewpoint, ...]

    def pictures(self, outcome: Outcome) -> int:
        return sum(getattr(viewpoint, str(outcome)) for viewpoint in self.viewpoints)

    def tally(self) -> dict[Outcome, int]:
        """Outcomes of whatever the answer is about: its groups, or single pictures."""
        if self.kind is GroupBy.IMAGE:
            return {outcome: self.pictures(outcome) for outcome in Outcome}
        return {outcome: sum(group.outcome is outcome for group in self.groups) for outcome in Outcome}


def _kind(plan: Plan, looked: Plan) -> GroupBy:
    if plan.group_by is not None:
        return plan.group_by
    if plan.kind is not Kind.LOOK and looked.group_by is not None:
        return looked.group_by
    if plan.aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.SHARE):
        return GroupBy.LOCATION
    return GroupBy.CAMERA if looked.task is Task.COUNT else GroupBy.IMAGE


def _matching_places(groups: Sequence[Group], viewpoints: Sequence[Viewpoint], plan: Plan) -> list[Group]:
    """After a find, a district's figure is the number of its locations that match."""
    from dataclasses import replace

    places: dict[str, int] = {}
    for place in grouped(viewpoints, GroupBy.LOCATION, plan, Task.FIND):
        if place.outcome is Outcome.MATCH:
            district = place.filter.get("district", "")
            places[district] = places.get(district, 0) + 1
    return [replace(group, value=float(places.get(group.label, 0))) for group in groups]


def _ranked(groups: Sequence[Group], *, least: bool = False) -> list[Group]:
    known = [group for group in groups if group.value is not None]
    return sorted(known, key=lambda group: (group.value or 0.0) * (1 if least else -1))


def _chosen(subject: _Subject) -> list[Group]:
    """The groups that the answer lists, in its order."""
    plan = subject.plan
    if plan.aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.COMPARE):
        ranked = _ranked(subject.groups, least=plan.aggregate is Aggregate.LEAST)
        rest = [group for group in subject.groups if group.value is None]
        return ranked[: plan.limit] if plan.limit else ranked + rest
    if plan.kind is Kind.RECALL and plan.condition is not None and subject.task is Task.COUNT:
        return [group for group in subject.groups if group.outcome is Outcome.MATCH]
    order = list(Outcome)
    return sorted(subject.groups, key=lambda group: (order.index(group.outcome), -(group.value or 0.0)))


def _headline(subject: _Subject) -> str:
    plan = subject.plan
    if plan.view in (View.MAP, View.COORDINATES):
        return _placed_headline(subject)
    if subject.task is Task.DESCRIBE:
        seen = subject.tally()
        told = seen[Outcome.MATCH] + seen[Outcome.NO_MATCH]
        return f"{counted(told, subject.kind).capitalize()} described{_tail(seen)}."
    if subject.task is Task.CLASSIFY:
        return _classified_headline(subject)
    match plan.aggregate:
        case Aggregate.MOST | Aggregate.LEAST:
            return _extreme_headline(subject)
        case Aggregate.RANK:
            return _rank_headline(subject)
        case Aggregate.AVERAGE:
            return _average_headline(subject)
        case Aggregate.SHARE:
            return _share_headline(subject)
        case Aggregate.COMPARE:
            return _compare_headline(subject)
    if subject.task is Task.COUNT and subject.kind is not GroupBy.IMAGE:
        return _count_headline(subject)
    return _find_headline(subject)


def _readable(tally: Mapping[Outcome, int]) -> int:
    return tally[Outcome.MATCH] + tally[Outcome.NO_MATCH] + tally[Outcome.UNSURE]


def _tail(tally: Mapping[Outcome, int]) -> str:
    return unseen(tally[Outcome.UNSURE], tally[Outcome.UNREADABLE])


def _find_headline(subject: _Subject) -> str:
    tally = subject.tally()
    readable, matching = _readable(tally), tally[Outcome.MATCH]
    if readable == 0:
        return f"None of the {counted(sum(tally.values()), subject.kind)} could be read."
    what = target_with(subject.target, subject.plan.condition)
    verb = "shows" if matching == 1 else "show"
    return f"{matching:,} of {readable:,} readable {noun(subject.kind, readable)} {verb} {what}{_tail(tally)}."


def _count_headline(subject: _Subject) -> str:
    known = [group for group in subject.groups if group.value is not None]
    tally = subject.tally()
    what = subject.target
    if not known:
        readable = _readable(tally)
        if readable == 0:
            return f"None of the {counted(len(subject.groups), subject.kind)} could be read."
        return f"No certain count of {what} at any of {counted(readable, subject.kind)}{_tail(tally)}."
    total = sum(group.value or 0.0 for group in known)
    how = "at most " if subject.plan.peak else "on average " if subject.plan.spans_time else ""
    at = counted(len(known), subject.kind)
    return (
        f"{how}{number(total)} {what} at {at}{_tail(tally)}.".capitalize()
        if how
        else (f"{number(total)} {what} at {at}{_tail(tally)}.")
    )


def _extreme_headline(subject: _Subject) -> str:
    least = subject.plan.aggregate is Aggregate.LEAST
    ranked = _ranked(subject.groups, least=least)
    what = _measure(subject)
    if not ranked:
        return f"No {noun(subject.kind, 1)} has a certain count of {what}{_tail(subject.tally())}."
    best = ranked[0].value or 0.0
    if best == 0 and not least:
        return f"No {noun(subject.kind, 1)} shows any {what}{_tail(subject.tally())}."
    tied = [group.label for group in ranked if group.value == best]
    word = "fewest" if least else "most"
    if len(tied) == 1:
        return f"{tied[0]} has the {word} {what}: {number(best)}."
    if len(tied) > GROUPS_NAMED + 1:
        return f"{len(tied)} {noun(subject.kind, 2)} tie for the {word} {what}, with {number(best)} each."
    return f"{listed(tied)} tie for the {word} {what}, with {number(best)} each."


def _rank_headline(subject: _Subject) -> str:
    ranked = _chosen(subject)
    what = _measure(subject)
    if not ranked:
        return f"No {noun(subject.kind, 1)} has a certain count of {what}{_tail(subject.tally())}."
    first = listed([f"{group.label} ({number(group.value or 0.0)})" for group in ranked[:GROUPS_NAMED]])
    return f"{len(ranked)} {noun(subject.kind, len(ranked))} by {what}, led by {first}."


def _average_headline(subject: _Subject) -> str:
    known = [group.value for group in subject.groups if group.value is not None]
    if not known:
        return f"No {noun(subject.kind, 1)} has a certain count of {subject.target}{_tail(subject.tally())}."
    mean = sum(known) / len(known)
    over = counted(len(known), subject.kind)
    return f"{number(mean)} {subject.target} per {noun(subject.kind, 1)}, over {over}{_tail(subject.tally())}."


def _share_headline(subject: _Subject) -> str:
    tally = subject.tally()
    readable, matching = _readable(tally), tally[Outcome.MATCH]
    if readable == 0:
        return f"None of the {counted(sum(tally.values()), subject.kind)} could be read."
    what = target_with(subject.target, subject.plan.condition)
    percent = number(100 * matching / readable)
    return f"{percent} % of {PLURALS[subject.kind]} show {what}: {matching:,} of {readable:,} readable{_tail(tally)}."


def _compare_headline(subject: _Subject) -> str:
    ranked = _ranked(subject.groups)
    if len(ranked) < 2:
        return _count_headline(subject) if subject.task is Task.COUNT else _find_headline(subject)
    parts = listed([f"{group.label} {number(group.value or 0.0)}" for group in ranked[: GROUPS_NAMED + 2]])
    return f"{_measure(subject).capitalize()}: {parts}."


def _classified_headline(subject: _Subject) -> str:
    tally = subject.tally()
    classes: dict[str, int] = {}
    for group in subject.groups:
        if group.text and group.outcome is not Outcome.UNREADABLE:
            classes[group.text] = classes.get(group.text, 0) + 1
    if not classes:
        return _find_headline(subject)
    ordered = sorted(classes.items(), key=lambda item: -item[1])
    parts = listed([f"{number_of:,} {name}" for name, number_of in ordered])
    return f"Of {counted(_readable(tally), subject.kind)}: {parts}{_tail(tally)}."


def _placed_headline(subject: _Subject) -> str:
    shown = [group for group in subject.groups if group.outcome is Outcome.MATCH]
    placed = [group for group in shown if group.latitude is not None]
    what = target_with(subject.target, subject.plan.condition)
    if not shown:
        return f"No {noun(subject.kind, 1)} shows {what}{_tail(subject.tally())}."
    lacking = len(shown) - len(placed)
    without = f" {counted(lacking, subject.kind)} without coordinates." if lacking else ""
    where = "on the map" if subject.plan.view is View.MAP else "with coordinates"
    verb = "shows" if len(placed) == 1 else "show"
    return f"{counted(len(placed), subject.kind)} {where} {verb} {what}{_tail(subject.tally())}.{without}"


def _measure(subject: _Subject) -> str:
    if subject.task is Task.FIND and subject.kind is GroupBy.DISTRICT:
        return f"locations with {subject.target}"
    return target_with(subject.target, None)


def _findings(subject: _Subject) -> list[str]:
    findings = []
    ranked = _ranked(subject.groups)
    if (
        subject.task is Task.COUNT
        and subject.kind is not GroupBy.IMAGE
        and len(ranked) > 1
        and (ranked[0].value or 0) > 0
    ):
        top = [group for group in ranked if group.value == ranked[0].value]
        if len(top) <= GROUPS_NAMED:
            findings.append(f"Most: {listed([group.label for group in top])}, {number(ranked[0].value or 0.0)}.")
    if subject.task is Task.FIND and subject.kind is not GroupBy.IMAGE:
        matching = [group.label for group in _chosen(subject) if group.outcome is Outcome.MATCH]
        if 0 < len(matching) <= GROUPS_NAMED * 2:
            findings.append(f"{listed(matching)}.")
    lost = unplaced(subject.viewpoints, subject.kind)
    if lost and subject.kind in (GroupBy.LOCATION, GroupBy.DISTRICT):
        hits = sum(viewpoint.match > 0 for viewpoint in lost)
        tail = f"; {hits} of them match" if hits else ""
        findings.append(f"{counted(len(lost), GroupBy.CAMERA)} with no {noun(subject.kind, 1)} in the register{tail}.")
    if subject.kind is not GroupBy.IMAGE and subject.pictures(Outcome.UNREADABLE):
        total = sum(viewpoint.pictures for viewpoint in subject.viewpoints)
        findings.append(f"{subject.pictures(Outcome.UNREADABLE):,} of {total:,} pictures could not be read.")
    return findings


def _figures(subject: _Subject) -> tuple[Figure, ...]:
    tally = subject.tally()
    readable = _readable(tally)
    unit = noun(subject.kind, 2)
    figures = [
        Figure("match", tally[Outcome.MATCH], readable, unit, {"outcome": "match"}),
        Figure("no match", tally[Outcome.NO_MATCH], readable, unit, {"outcome": "no_match"}),
        Figure("unsure", tally[Outcome.UNSURE], readable, unit, {"outcome": "unsure"}),
        Figure("unreadable", tally[Outcome.UNREADABLE], sum(tally.values()), unit, {"outcome": "unreadable"}),
    ]
    known = [group.value for group in subject.groups if group.value is not None]
    if subject.task is Task.COUNT and known and subject.kind is not GroupBy.IMAGE:
        figures.insert(0, Figure(subject.target, sum(known), None, subject.target, {}))
    return tuple(figures)


def _followups(subject: _Subject) -> tuple[str, ...]:
    """Two or three questions that follow from what is stored and cost nothing."""
    plan = subject.plan
    suggestions = []
    districts = {viewpoint.district for viewpoint in subject.viewpoints if viewpoint.district}
    if len(districts) > 1 and plan.aggregate not in (Aggregate.MOST, Aggregate.LEAST):
        suggestions.append("Which district has the most?")
    if any(group.latitude is not None for group in subject.groups):
        if plan.view is not View.MAP:
            suggestions.append("Show me on a map")
        else:
            suggestions.append("Give me the coordinates")
    if plan.view is not View.TABLE:
        suggestions.append("Show me the table")
    return tuple(suggestions[:3])


def _widen(plan: Plan) -> str:
    scope = plan.scope
    if scope.names_time:
        return "No picture lies in that time. Ask without it, or name another."
    if scope.names_place:
        return "No picture comes from that place. Ask without it, or name another."
    return "The source holds no pictures yet."


def _short(value: float) -> float:
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded
