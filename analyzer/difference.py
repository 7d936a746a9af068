"""An answer set against an earlier one of the same thing: what each comes to, and what lies between them.

Both sides are worked out as any answer is, from what is stored, and each opens the pictures behind it. Which earlier
question is meant is found where the session is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analyzer.answer import Answer, Figure, behind, groups_of
from analyzer.groups import Group, Part
from analyzer.phrases import PLURALS, listed, noun, number, target_with, unseen
from analyzer.plan import Aggregate, GroupBy, Plan, Task
from analyzer.sentences import Subject, by_value, readable
from analyzer.showing import shown
from core.states import Outcome
from storage.observations import OtherSide

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two answers: what its figures are of, the look that saw it, what was seen, and how it was asked."""

    plan: Plan
    looked: Plan
    seen: Sequence[Part]
    said: str = ""


def figure_plan(plan: Plan) -> Plan:
    """What each side of ``plan`` works out. Hours, days and single pictures are not the same ones twice: they are
    compared by their cameras; a find that asked for pictures counts these."""
    by_time = plan.group_by in (GroupBy.HOUR, GroupBy.DAY)
    group = None if by_time or plan.group_by is GroupBy.IMAGE else plan.group_by
    return replace(plan, group_by=group, aggregate=Aggregate.NONE, limit=None)


def figure_plan_before(plan: Plan, earlier: Plan) -> Plan:
    """The same figure of the places and the time of ``earlier``."""
    return replace(figure_plan(plan), scope=earlier.scope, archive=earlier.archive)


def compared(now: Side, before: Side) -> Answer:
    """The answer to a question for the difference. ``plan`` of either side is what :func:`figure_plan` makes of it."""
    subject, other = _subject(now), _subject(before)
    value, earlier = _value(subject), _value(other)
    unit = subject.target if _counts(subject) else PLURALS[subject.called]
    return Answer(
        headline=_headline(subject, other, value, earlier),
        findings=tuple(_findings(subject, other, before.said)),
        view=now.plan.view,
        group_by=subject.kind,
        unit=unit,
        figures=tuple(_figures(subject, other, value, earlier, unit)),
        groups=(*by_value(subject.groups), *(group for group in subject.groups if group.value is None)),
        followups=("Show me the table", "Show the pictures"),
    )


def _subject(side: Side) -> Subject:
    task = side.plan.judged_as(side.looked)
    target = (side.plan.target if side.plan.finds else None) or side.looked.target or side.plan.target or "it"
    looked = replace(side.looked, group_by=None)
    kind, groups = groups_of(side.plan, looked, side.seen)
    return Subject(side.plan, task, target, kind, tuple(groups), tuple(side.seen))


def _counts(subject: Subject) -> bool:
    """Whether things are counted; else what has them is."""
    return subject.task is Task.COUNT and subject.plan.condition is None


def _value(subject: Subject) -> float | None:
    """What a side comes to; ``None`` where nothing certain is known."""
    if _counts(subject):
        known = [group.value for group in subject.groups if group.value is not None]
        mean = subject.plan.versus is not None and subject.plan.versus.mean
        return (sum(known) / len(known) if mean else sum(known)) if known else None
    tally = subject.tally()
    return float(tally[Outcome.MATCH]) if readable(tally) else None


def _headline(now: Subject, before: Subject, value: float | None, earlier: float | None) -> str:
    what = target_with(now.target, now.plan.condition)
    if value is None or earlier is None:
        certain = "Nothing certain is known of"
        if value is None and earlier is None:
            return f"{certain} {what}, now or before."
        if value is None:
            return f"{certain} {what} now; before, {_one(before, earlier or 0.0)}."
        return f"{_one(now, value)} now. {certain} {what} before."
    return f"{_one(now, value)}, {_between(value, earlier, before)}{_lost(now, before)}."


def _one(subject: Subject, value: float) -> str:
    if not _counts(subject):
        seen = readable(subject.tally())
        what = target_with(subject.target, subject.plan.condition)
        return f"{number(value)} of {seen:,} readable {noun(subject.called, seen)} {shown(what, value)}"
    plan = subject.plan
    if plan.versus is not None and plan.versus.mean:
        one = PLURALS[subject.called].removesuffix("s")
        return f"{number(value)} {subject.target} per {one}"
    how = "At most " if plan.peak else "On average " if plan.spans_time else ""
    return f"{how}{number(value)} {subject.target}"


def _between(value: float, earlier: float, before: Subject) -> str:
    """The gap is that of the two numbers as they stand there."""
    how = f" of {readable(before.tally()):,}" if not _counts(before) else ""
    if _counts(before) and not (before.plan.versus and before.plan.versus.mean):
        how = " at most" if before.plan.peak else " on average" if before.plan.spans_time else ""
    if number(value) == number(earlier):
        return f"as many as before{how}"
    gap = number(abs(round(value, 1) - round(earlier, 1)))
    return f"{gap} {'more' if value > earlier else 'fewer'} than the {number(earlier)}{how} before"


def _lost(now: Subject, before: Subject) -> str:
    """What is not in the figures, of either side."""
    said = []
    for word, subject in (("now", now), ("before", before)):
        tally = subject.tally()
        if lost := unseen(tally[Outcome.UNSURE], tally[Outcome.UNREADABLE]):
            said.append(f"{word}{lost}")
    return f"; left out {' and '.join(said)}" if said else ""


def _findings(now: Subject, before: Subject, said: str) -> Iterator[str]:
    if said:
        yield f"Set against “{said}”."
    old = {group.key: group for group in before.groups}
    both = [(group, old[group.key]) for group in now.groups if group.key in old]
    if _counts(now) and len(both) > 1:
        yield from _moved(both)
    if apart := _apart(now, before):
        yield apart


def _moved(both: Sequence[tuple[Group, Group]]) -> Iterator[str]:
    """Which places changed most, either way, and how many did not."""
    known = [(new, new.value - old.value, old.value) for new, old in both
             if new.value is not None and old.value is not None]  # fmt: skip
    for word, sign in (("Up", 1), ("Down", -1)):
        moved = sorted((each for each in known if each[1] * sign > 0), key=lambda each: -each[1] * sign)[:_NAMED]
        if moved:
            told = listed([f"{new.label} from {number(was)} to {number(new.value or 0.0)}" for new, _, was in moved])
            yield f"{word}: {told}."
    same = sum(not gap for _, gap, _ in known)
    if known and same == len(known):
        yield "None of them changed."


def _apart(now: Subject, before: Subject) -> str:
    """Two answers need not be about the same places, and then the difference is not theirs alone."""
    keys, old = ({group.key for group in one.groups} for one in (now, before))
    if now.kind is GroupBy.IMAGE or keys == old:
        return ""
    said = [
        f"{len(left):,} only in {which}"
        for left, which in ((keys - old, "this one"), (old - keys, "the earlier"))
        if left
    ]
    return f"The two are not about the same {PLURALS[now.called]}: {' and '.join(said)}."


def _figures(now: Subject, before: Subject, value: float | None, earlier: float | None, unit: str) -> Iterator[Figure]:
    """Each side opens its own pictures, and the difference those of both."""
    seen, old = (None if _counts(one) else float(readable(one.tally())) for one in (now, before))
    rows = {} if _counts(now) else behind(now, Outcome.MATCH)
    if value is not None:
        yield Figure("now", value, seen, unit, rows)
    if earlier is not None:
        yield Figure("before", earlier, old, unit, rows | {"side": str(OtherSide.BEFORE)})
    if value is not None and earlier is not None:
        yield Figure("difference", value - earlier, None, unit, rows | {"side": str(OtherSide.BOTH)})
