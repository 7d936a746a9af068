"""The sentences of an answer, from templates: a headline, and two or three findings. Figures only, no model's prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analyzer.groups import Group, Part, asks_absence, unplaced
from analyzer.phrases import PLURALS, counted, listed, noun, number, target_with, unseen
from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, View
from analyzer.showing import shown
from core.states import Outcome
from storage.figures import Viewpoint

GROUPS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What an answer speaks of. ``task`` and ``target`` are those of the look; ``kind`` is what figures belong to."""

    plan: Plan
    task: Task | None
    target: str
    kind: GroupBy
    groups: tuple[Group, ...]
    seen: tuple[Part, ...]

    @property
    def loose(self) -> bool:
        """Whether all of it are pictures of no known camera: viewpoints of their own, and no cameras."""
        return all(isinstance(part, Viewpoint) and part.camera is None for part in self.seen)

    @property
    def called(self) -> GroupBy:
        """What its groups are called."""
        return GroupBy.IMAGE if self.kind is GroupBy.CAMERA and self.loose else self.kind

    @property
    def only(self) -> Group | None:
        """The one place that it is about, or the one picture, where it is about one."""
        if len(self.groups) != 1 or self.kind in (GroupBy.HOUR, GroupBy.DAY):
            return None
        one_picture = sum(part.pictures for part in self.seen) == 1
        return self.groups[0] if one_picture or self.kind is not GroupBy.IMAGE else None

    def pictures(self, outcome: Outcome) -> int:
        """How many pictures ended so."""
        return sum(getattr(part, str(outcome)) for part in self.seen)

    def tally(self) -> dict[Outcome, int]:
        """Outcomes of whatever the answer is about: its groups, or single pictures."""
        if self.kind is GroupBy.IMAGE:
            return {outcome: self.pictures(outcome) for outcome in Outcome}
        return {outcome: sum(group.outcome is outcome for group in self.groups) for outcome in Outcome}


def by_value(groups: Sequence[Group], *, least: bool = False) -> list[Group]:
    """The groups that have a figure, largest (or smallest) first; those without one are not ranked as zero."""
    known = [group for group in groups if group.value is not None]
    return sorted(known, key=lambda group: (group.value or 0.0) * (1 if least else -1))


def in_order(subject: Subject) -> list[Group]:
    """The groups that the answer lists, in its order."""
    plan = subject.plan
    if plan.aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.COMPARE):
        ranked = by_value(subject.groups, least=plan.aggregate is Aggregate.LEAST)
        rest = [group for group in subject.groups if group.value is None]
        return ranked[: plan.limit] if plan.limit else ranked + rest
    if plan.kind is Kind.RECALL and plan.condition is not None and subject.task is Task.COUNT:
        return [group for group in subject.groups if group.outcome is Outcome.MATCH]
    order = list(Outcome)
    return sorted(subject.groups, key=lambda group: (order.index(group.outcome), -(group.value or 0.0)))


def headline(subject: Subject) -> str:
    """The sentence, and how many pictures could not be read: a place with one good picture hides its broken ones."""
    sentence = _sentence(subject)
    lost = subject.pictures(Outcome.UNREADABLE)
    total = sum(part.pictures for part in subject.seen)
    if not lost or lost == total or subject.kind is GroupBy.IMAGE:
        return sentence
    return f"{sentence} {lost:,} of {total:,} pictures {'is' if lost == 1 else 'are'} unreadable."


def _sentence(subject: Subject) -> str:
    plan = subject.plan
    if plan.view in (View.MAP, View.COORDINATES):
        return _placed_headline(subject)
    if subject.task is Task.DESCRIBE:
        seen = subject.tally()
        told = seen[Outcome.MATCH] + seen[Outcome.NO_MATCH]
        return f"{counted(told, subject.called).capitalize()} described{_tail(seen)}."
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
    if subject.task is Task.COUNT and subject.kind in (GroupBy.HOUR, GroupBy.DAY):
        return _busiest_headline(subject)
    if subject.task is Task.COUNT and plan.condition is None:
        return _each_headline(subject) if subject.kind is GroupBy.IMAGE else _count_headline(subject)
    return _find_headline(subject)


def readable(tally: Mapping[Outcome, int]) -> int:
    """Everything but the unreadable; what is unsure was readable."""
    return tally[Outcome.MATCH] + tally[Outcome.NO_MATCH] + tally[Outcome.UNSURE]


def _tail(tally: Mapping[Outcome, int]) -> str:
    return unseen(tally[Outcome.UNSURE], tally[Outcome.UNREADABLE])


def _find_headline(subject: Subject) -> str:
    tally = subject.tally()
    seen, matching = readable(tally), tally[Outcome.MATCH]
    if seen == 0:
        return f"None of the {counted(sum(tally.values()), subject.called)} could be read."
    if subject.only is not None:
        return _only_headline(subject, subject.only)
    what = shown(target_with(subject.target, subject.plan.condition), matching)
    return f"{matching:,} of {seen:,} readable {noun(subject.called, seen)} {what}{_tail(tally)}."


def _only_headline(subject: Subject, place: Group) -> str:
    """Of one place it is said whether, not how many of one."""
    condition = subject.plan.condition
    what = shown(target_with(subject.target, condition), 1)
    if place.outcome is Outcome.MATCH:
        return f"{place.label} {what}."
    if place.outcome is Outcome.UNSURE:
        return f"Whether {place.label} {what} is not certain{_tail(place.counts)}."
    if asks_absence(condition):
        return f"{place.label} {shown(subject.target, 1)}."
    plain = what.removeprefix("shows ").removeprefix("is ")
    return f"{place.label} {'is not' if what.startswith('is ') else 'does not show'} {plain}."


def _each_headline(subject: Subject) -> str:
    """How many in each picture: how many show any, the mean and the most."""
    sentence = _find_headline(subject)
    counts = [(round(part.mean * part.counted), part.counted, part.peak) for part in subject.seen
              if isinstance(part, Viewpoint) and part.counted and part.mean is not None]  # fmt: skip
    pictures, most = sum(number for _, number, _ in counts), max((peak or 0 for *_, peak in counts), default=0)
    if pictures < 2 or not most:
        return sentence
    mean = sum(total for total, *_ in counts) / pictures
    return f"{sentence[:-1]}: {number(mean)} on average, at most {most:,}."


def _count_headline(subject: Subject) -> str:
    known = [group for group in subject.groups if group.value is not None]
    tally = subject.tally()
    what = subject.target
    if not known:
        seen = readable(tally)
        if seen == 0:
            return f"None of the {counted(len(subject.groups), subject.called)} could be read."
        return f"No certain count of {what} at any of {counted(seen, subject.called)}{_tail(tally)}."
    total = sum(group.value or 0.0 for group in known)
    how = "at most " if subject.plan.peak else "on average " if subject.plan.spans_time else ""
    at = subject.only.label if subject.only else counted(len(known), subject.called)
    at = f"{'in' if subject.called is GroupBy.IMAGE else 'at'} {at}"
    return f"{how.capitalize()}{number(total)} {what} {at}{_tail(tally)}."


def _busiest_headline(subject: Subject) -> str:
    """Hours and days are means over the same cameras: they are compared, never added up."""
    ranked = by_value(subject.groups)
    if not ranked:
        return f"No {noun(subject.called, 1)} has a certain count of {subject.target}{_tail(subject.tally())}."
    how = "at most" if subject.plan.peak else "on average"
    over = counted(len(ranked), subject.called)
    return f"{ranked[0].label} has the most {subject.target}: {number(ranked[0].value or 0.0)} {how}, of {over}."


def _extreme_headline(subject: Subject) -> str:
    least = subject.plan.aggregate is Aggregate.LEAST
    ranked = by_value(subject.groups, least=least)
    what = _measure(subject)
    if not ranked:
        return f"No {noun(subject.called, 1)} has a certain count of {what}{_tail(subject.tally())}."
    best = ranked[0].value or 0.0
    if best == 0 and not least:
        return f"No {noun(subject.called, 1)} shows any {what}{_tail(subject.tally())}."
    tied = [group.label for group in ranked if group.value == best]
    word = "fewest" if least else "most"
    if len(tied) == 1:
        return f"{tied[0]} has the {word} {what}: {_among(subject, ranked)}{_tail(subject.tally())}."
    if len(tied) > GROUPS_NAMED + 1:
        return f"{len(tied)} {noun(subject.called, 2)} tie for the {word} {what}, with {number(best)} each."
    return f"{listed(tied)} tie for the {word} {what}, with {number(best)} each."


def _among(subject: Subject, ranked: Sequence[Group]) -> str:
    """The figure that leads, beside the others. Of places it is a part; hours, days and pictures are never added up."""
    best = number(ranked[0].value or 0.0)
    if subject.kind in (GroupBy.HOUR, GroupBy.DAY):
        how = "at most" if subject.plan.peak else "on average"
        return f"{best} {how}, of {counted(len(ranked), subject.kind)}"
    if subject.kind is GroupBy.IMAGE:
        return f"{best} in one picture"
    return f"{best} of {number(sum(group.value or 0.0 for group in ranked))}"


def _rank_headline(subject: Subject) -> str:
    ranked = in_order(subject)
    what = _measure(subject)
    if not ranked:
        return f"No {noun(subject.called, 1)} has a certain count of {what}{_tail(subject.tally())}."
    first = listed([f"{group.label} ({number(group.value or 0.0)})" for group in ranked[:GROUPS_NAMED]])
    return f"{len(ranked)} {noun(subject.called, len(ranked))} by {what}, led by {first}."


def _average_headline(subject: Subject) -> str:
    known = [group.value for group in subject.groups if group.value is not None]
    if not known:
        return f"No {noun(subject.called, 1)} has a certain count of {subject.target}{_tail(subject.tally())}."
    mean = sum(known) / len(known)
    over = counted(len(known), subject.called)
    return f"{number(mean)} {subject.target} per {noun(subject.called, 1)}, over {over}{_tail(subject.tally())}."


def _share_headline(subject: Subject) -> str:
    tally = subject.tally()
    seen, matching = readable(tally), tally[Outcome.MATCH]
    if seen == 0:
        return f"None of the {counted(sum(tally.values()), subject.called)} could be read."
    what = target_with(subject.target, subject.plan.condition)
    percent = number(100 * matching / seen)
    return (
        f"{percent} % of {PLURALS[subject.called]} {shown(what, 2)}: {matching:,} of {seen:,} readable{_tail(tally)}."
    )


def _compare_headline(subject: Subject) -> str:
    ranked = by_value(subject.groups)
    if len(ranked) < 2:
        return _count_headline(subject) if subject.task is Task.COUNT else _find_headline(subject)
    if len(ranked) == 2:
        return _difference(subject, *ranked)
    parts = listed([f"{group.label} {number(group.value or 0.0)}" for group in ranked[: GROUPS_NAMED + 2]])
    return f"{_measure(subject).capitalize()}: {parts}."


def _difference(subject: Subject, larger: Group, smaller: Group) -> str:
    """Two are told with what lies between them."""
    what, most, least = _measure(subject).capitalize(), larger.value or 0.0, smaller.value or 0.0
    if number(most) == number(least):
        return f"{what}: {larger.label} and {smaller.label} have {number(most)} each{_tail(subject.tally())}."
    gap = number(round(most, 1) - round(least, 1))
    return (
        f"{what}: {larger.label} has {number(most)}, {gap} more than {smaller.label} with {number(least)}"
        f"{_tail(subject.tally())}."
    )


def _classified_headline(subject: Subject) -> str:
    tally = subject.tally()
    classes: dict[str, int] = {}
    for group in subject.groups:
        if group.text and group.outcome is not Outcome.UNREADABLE:
            classes[group.text] = classes.get(group.text, 0) + 1
    if not classes:
        return _find_headline(subject)
    ordered = sorted(classes.items(), key=lambda item: -item[1])
    parts = listed([f"{number_of:,} {name}" for name, number_of in ordered])
    # A class is that of a camera's newest picture, also where pictures were asked for.
    called = GroupBy.CAMERA if subject.called is GroupBy.IMAGE and not subject.loose else subject.called
    if len(subject.groups) == 1:
        return f"{subject.groups[0].label}: {ordered[0][0]}{_tail(tally)}."
    return f"Of {counted(sum(classes.values()), called)}: {parts}{_tail(tally)}."


def _placed_headline(subject: Subject) -> str:
    found = [group for group in subject.groups if group.outcome is Outcome.MATCH]
    placed = [group for group in found if group.latitude is not None]
    what = target_with(subject.target, subject.plan.condition)
    if not found:
        return f"No {noun(subject.called, 1)} {shown(what, 1)}{_tail(subject.tally())}."
    if not placed:
        words = shown(what, len(found))
        return f"{counted(len(found), subject.called)} {words}{_tail(subject.tally())}; none has coordinates."
    lacking = len(found) - len(placed)
    without = f" {counted(lacking, subject.called)} without coordinates." if lacking else ""
    where = "on the map" if subject.plan.view is View.MAP else "with coordinates"
    words = shown(what, len(placed))
    return f"{counted(len(placed), subject.called)} {where} {words}{_tail(subject.tally())}.{without}"


def _measure(subject: Subject) -> str:
    if subject.task is Task.FIND and subject.kind is GroupBy.DISTRICT:
        return f"locations with {subject.target}"
    return target_with(subject.target, None)


def findings(subject: Subject) -> list[str]:
    """What stands under the headline: who leads, which match, what is not in the figures."""
    said = []
    if subject.task is Task.COUNT and subject.kind is not GroupBy.IMAGE:
        said += _leaders(subject)
    if subject.task is Task.FIND and subject.kind is not GroupBy.IMAGE:
        matching = [group.label for group in in_order(subject) if group.outcome is Outcome.MATCH]
        if 0 < len(matching) <= GROUPS_NAMED * 2:
            said.append(f"{listed(matching)}.")
    missing = sum(group.missing for group in subject.groups if group.value is not None)
    if missing and subject.task is Task.COUNT and subject.kind in (GroupBy.LOCATION, GroupBy.DISTRICT):
        have = "has" if missing == 1 else "have"
        said.append(f"{counted(missing, GroupBy.CAMERA)} there {have} no certain figure and {have} not been added.")
    return said + _lost_places(subject)


def _leaders(subject: Subject) -> list[str]:
    """Who has the most, where the headline does not say so; who comes next, where it does."""
    in_time = subject.kind in (GroupBy.HOUR, GroupBy.DAY)
    if in_time or subject.plan.aggregate in (Aggregate.RANK, Aggregate.LEAST, Aggregate.COMPARE):
        return []
    ranked = [group for group in by_value(subject.groups) if group.value]
    values = sorted({group.value or 0.0 for group in ranked}, reverse=True)
    place = 1 if subject.plan.aggregate is Aggregate.MOST else 0
    if len(ranked) < 2 or len(values) <= place:
        return []
    named = [group.label for group in ranked if group.value == values[place]]
    if len(named) > GROUPS_NAMED:
        return []
    return [f"{'Next' if place else 'Most'}: {listed(named)}, {number(values[place])}."]


def _lost_places(subject: Subject) -> list[str]:
    lost = unplaced(subject.seen, subject.called)
    if not lost or subject.kind not in (GroupBy.LOCATION, GroupBy.DISTRICT):
        return []
    hits = sum(part.match > 0 for part in lost)
    what = target_with(subject.target, subject.plan.condition)
    who = "it" if len(lost) == 1 else f"{hits:,} of them"
    besides = f"; {who} {shown(what, hits)}" if hits else ""
    have, are = ("has", "is") if len(lost) == 1 else ("have", "are")
    sentence = f"{counted(len(lost), GroupBy.CAMERA)} {have} no {noun(subject.called, 1)} in the register"
    return [f"{sentence} and {are} not in these figures{besides}."]
