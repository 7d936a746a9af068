"""A reading against the questions before it: recall, another view, a change of scope, or a look of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Scope, Task, Versus, View
from analyzer.planner import followups
from analyzer.planner.reading import Reading, implied_group, look_plan, names_only
from analyzer.planner.targets import Sought, ask_for
from core.errors import UnplannableQuestion

Covered = Callable[[Plan], bool]


def against(reading: Reading, after: Sequence[Plan], covers: Covered, now: datetime) -> Plan:
    """The plan of a reading, given the earlier ones."""
    base = base_of(after)
    if not reading.sought.target and reading.figures.busiest and not (base and _counted(base, after)):
        reading = replace(
            reading, sought=Sought(Task.COUNT, "people and vehicles", ask_for(Task.COUNT, "people and vehicles"))
        )
    if base is not None and (versus := _set_against_earlier(reading, base, after)) is not None:
        return versus
    if not reading.sought.target:
        if base is None:
            raise _no_base()
        return _without_target(reading, base, after, covers, now)
    if base is None and reading.pronoun and reading.scope.previous:
        raise _no_base()
    if base is not None and reading.pronoun and reading.scope.previous:
        return _of_those(reading, base)
    if reading.sought.task is not None and base is not None:
        plan = _repeat(reading, base, after, covers)
        if plan is not None:
            return plan
        if reading.elliptical and not reading.asks_figures and names_only(reading):
            return _like_before(reading, base, after)
    plan = look_plan(reading)
    if reading.scope.previous and base is not None:
        return replace(plan, scope=followups.carried(reading.scope, base.scope))
    return plan


def _no_base() -> UnplannableQuestion:
    return UnplannableQuestion(
        "This seems to follow up an earlier question, and there is none.",
        "Say what to look for, for example “How many cars are at each location?”.",
    )


def _set_against_earlier(reading: Reading, base: Plan, after: Sequence[Plan]) -> Plan | None:
    """ "is that more than before", "how many more than yesterday" where yesterday was asked about: a recall of two
    answers. Something else that is looked for makes it a question of its own."""
    sought, scope = reading.sought, reading.scope
    day_asked = (
        reading.figures.aggregate is Aggregate.COMPARE and not scope.names_place and _asked_of(scope, base, after)
    )
    if not reading.differs and not day_asked:
        return None
    if sought.target and followups.answered(sought.target, sought.task, False, after) is None:
        return None
    look = followups.look_of(base, after)
    places = base.group_by if base.group_by in (GroupBy.LOCATION, GroupBy.DISTRICT, GroupBy.CAMERA) else None
    group = reading.figures.group_by or places
    where = scope if scope.names_place else base.scope
    return replace(
        base,
        kind=Kind.RECALL,
        task=None,
        ask=None,
        target=look.target if look else base.target,
        scope=replace(where, start=base.scope.start, end=base.scope.end, hours=base.scope.hours),
        aggregate=Aggregate.COMPARE,
        group_by=group,
        limit=None,
        lowest=False,
        view=reading.view,
        versus=Versus(scope.start, scope.end, mean=base.aggregate is Aggregate.AVERAGE),
    )


def _asked_of(named: Scope, base: Plan, after: Sequence[Plan]) -> bool:
    """Whether the same thing was asked before of just the time that is named."""
    if named.start is None or (named.start, named.end) == (base.scope.start, base.scope.end):
        return False
    return any(
        plan.kind is Kind.LOOK
        and followups.canonical(plan.target) == followups.canonical(base.target)
        and (plan.scope.start, plan.scope.end) == (named.start, named.end)
        for plan in after
    )


def base_of(after: Sequence[Plan]) -> Plan | None:
    """The answer that a follow-up leans on: another view of it is none."""
    return next((plan for plan in reversed(after) if plan.kind is not Kind.SHOW), None)


def _counted(base: Plan, after: Sequence[Plan]) -> bool:
    look = followups.look_of(base, after)
    return look is not None and look.task is Task.COUNT


def _without_target(reading: Reading, base: Plan, after: Sequence[Plan], covers: Covered, now: datetime) -> Plan:
    """A view, a figure, or a change of place or time of what was answered before."""
    if reading.view is not View.ANSWER and not reading.asks_figures and not reading.sought.counted:
        return Plan(Kind.SHOW, scope=reading.scope, view=reading.view)
    if (
        reading.figures.places
        and reading.figures.group_by is GroupBy.IMAGE
        and not reading.names_scope
        and reading.figures.aggregate is None
        and reading.condition is None
    ):
        return Plan(Kind.SHOW, scope=reading.scope, view=View.IMAGES)
    look = followups.look_of(base, after)
    scope = followups.carried(reading.scope, base.scope)
    if reading.figures.aggregate is Aggregate.COMPARE:
        scope = followups.set_against(reading.scope, base.scope, now)
    changed = replace(
        base,
        kind=Kind.LOOK,
        task=look.task if look else base.task,
        target=look.target if look else base.target,
        ask=look.ask if look else base.ask,
        scope=scope,
        view=reading.view,
        archive=base.archive or reading.when.archive,
        finds=base.finds and not reading.asks_figures,
    )
    if reading.asks_figures or reading.sought.counted:
        changed = _with_figures(changed, reading)
    if reading.condition is not None and reading.figures.places and reading.figures.aggregate is None:
        changed = replace(changed, finds=True, aggregate=Aggregate.NONE)  # as if asked with its target
    if not reading.names_scope or covers(replace(changed, scope=scope)):
        return replace(changed, kind=Kind.RECALL, task=None, ask=None)
    return changed


def _with_figures(base: Plan, reading: Reading) -> Plan:
    """The figures that a follow-up asks for; what it doesn't name stays as it was."""
    figures = reading.figures
    aggregate = _asked_aggregate(base, reading)
    return replace(
        base,
        aggregate=aggregate,
        group_by=_asked_group(base, reading, aggregate),
        condition=reading.condition or (None if figures.aggregate else base.condition),
        limit=figures.limit,
        peak=figures.peak,
        lowest=figures.lowest and aggregate is Aggregate.RANK,
    )


def _asked_aggregate(base: Plan, reading: Reading) -> Aggregate:
    figures = reading.figures
    if figures.aggregate is not None:
        return figures.aggregate
    if reading.sought.counted or figures.counted:
        return Aggregate.TOTAL
    plain = base.aggregate in (Aggregate.EACH, Aggregate.NONE, Aggregate.AVERAGE)
    if figures.group_by is not None:
        return (
            base.aggregate
            if plain and base.kind is not Kind.RECALL
            else Aggregate.NONE
            if figures.places
            else Aggregate.EACH
        )
    return base.aggregate if plain else Aggregate.NONE


def _asked_group(base: Plan, reading: Reading, aggregate: Aggregate) -> GroupBy | None:
    if reading.figures.group_by is not None:
        return reading.figures.group_by
    if aggregate is Aggregate.COMPARE:
        named = implied_group(reading, aggregate)
        return GroupBy.DAY if reading.scope.names_time and not reading.scope.names_place else named
    if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) and reading.condition is None:
        return None
    return base.group_by or (None if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) else GroupBy.LOCATION)


def _repeat(reading: Reading, base: Plan, after: Sequence[Plan], covers: Covered) -> Plan | None:
    """A question about an answered target is a recall, where its scope was covered."""
    sought, figures = reading.sought, reading.figures
    counting = figures.aggregate is None and sought.task is Task.COUNT
    look = followups.answered(sought.target, sought.task, counting, after)
    if look is None:
        return None
    plan = look_plan(reading)
    if reading.elliptical and not reading.asks_figures and names_only(reading):
        plan = replace(_like_before(reading, base, after), scope=reading.scope)
    inherits = not reading.names_scope and figures.aggregate in (
        Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.AVERAGE, Aggregate.SHARE)  # fmt: skip
    if inherits and not (figures.group_by is GroupBy.DISTRICT and look.scope.names_place):
        plan = replace(plan, scope=followups.carried(plan.scope, look.scope))
    elif not covers(replace(plan, task=look.task)):
        return None
    return replace(plan, kind=Kind.RECALL, task=None, ask=None, finds=sought.task is Task.FIND)


def _of_those(reading: Reading, base: Plan) -> Plan:
    """ "how many of them are red": a word of kind joins the target before; a thing of its own stands alone."""
    sought = reading.sought
    target = sought.target
    noun = base.target or ""
    if noun and reading.copula and reading.figures.aggregate is None:
        first = target.split()[0]
        if first.endswith("ing") or first in ("with", "without", "not", "on", "in", "at", "near", "parked"):
            target = f"{noun} {target}"
        elif " " not in target and not target.endswith("s"):
            target = f"{target} {noun}"
    plan = look_plan(
        replace(reading, sought=replace(sought, target=target, ask=sought.ask.replace(sought.target, target)))
    )
    group = plan.group_by or (base.group_by if plan.task is Task.FIND else None)
    return replace(plan, group_by=group, scope=followups.carried(reading.scope, base.scope))


def _like_before(reading: Reading, base: Plan, after: Sequence[Plan]) -> Plan:
    """ "And buses?": the question before with another thing to look for; its scope is not inherited."""
    look = followups.look_of(base, after)
    task = look.task if look else base.task
    target = reading.sought.target
    if task is not Task.COUNT and task is not Task.FIND:
        return replace(look_plan(reading), group_by=base.group_by)
    return replace(
        base,
        kind=Kind.LOOK,
        task=task,
        target=target,
        ask=ask_for(task, target),
        scope=reading.scope,
        view=reading.view,
        archive=reading.when.archive,
    )
