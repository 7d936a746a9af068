"""A chip taken away: the plan without that part of the question. Which words the chips carry is ``chips``' business.

What is left out only ever widens a question, so what was seen of its pictures serves again: where the look before
covers it all, the answer is a recall; else it is a look of which the known pictures cost nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Scope, Task, View
from core.errors import InvalidRequest

REMOVABLE = ("where", "when", "group", "condition", "view")


def removable(plan: Plan, kind: str) -> bool:
    """Whether the chip of this kind stands for something that the question said, and that can be taken away."""
    return kind in REMOVABLE and _without(plan, kind) != plan


def leave_out(plan: Plan, kinds: Collection[str], look: Plan, *, seen: bool) -> Plan:
    """``plan`` without the parts that the chips ``kinds`` stand for; ``look`` is the plan of the look it rests on, or
    itself; ``seen`` says that this look was made to its end. Raises :class:`InvalidRequest` where there is nothing to
    take away."""
    if not kinds or not all(removable(plan, kind) for kind in kinds):
        raise InvalidRequest("This part of the question can't be left out.", "Ask the question in other words.")
    left, base = plan, look
    for kind in kinds:
        left, base = _without(left, kind), _without(base, kind)
    if plan.kind is Kind.SHOW:
        return left
    if seen and base.scope == look.scope and base.group_by is look.group_by:
        return replace(left, kind=Kind.RECALL, task=None, ask=None, target=look.target)
    return replace(left, kind=Kind.LOOK, task=look.task, target=look.target, ask=look.ask, choices=look.choices)


def _without(plan: Plan, kind: str) -> Plan:
    scope = plan.scope
    match kind:
        case "where":
            return replace(plan, scope=Scope(start=scope.start, end=scope.end, hours=scope.hours))
        case "when":
            return replace(plan, scope=replace(scope, start=None, end=None, hours=None), peak=False)
        case "group":
            return _ungrouped(plan)
        case "condition":
            return replace(plan, condition=None)
        case _:
            return plan if plan.kind is Kind.SHOW else replace(plan, view=View.ANSWER)


def _ungrouped(plan: Plan) -> Plan:
    """The figure as a question without "each" and "most" would have it; a find asks for single pictures anyway."""
    plain = plan.aggregate in (Aggregate.NONE, Aggregate.TOTAL)
    if plain and plan.group_by in (None, GroupBy.IMAGE):
        return plan
    aggregate = Aggregate.TOTAL if plan.task is Task.COUNT else Aggregate.NONE
    return replace(plan, aggregate=aggregate, group_by=None, limit=None, lowest=False, peak=False, versus=None)
