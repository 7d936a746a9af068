"""A plan as a part of replies of /api/v1, apart from the other shapes for its length."""

from __future__ import annotations

from typing import TypedDict

from analyzer.plan import Aggregate, GroupBy, Kind, Op, Previous, Task, View

# One key is a word of Python's own.
PlanScope = TypedDict(
    "PlanScope",
    {
        "districts": list[str],
        "mandals": list[str],
        "locations": list[str],
        "cameras": list[str],
        "unknown": list[str],
        "from": str | None,
        "to": str | None,
        "hours": list[float] | None,
        "previous": Previous | None,
    },
)
PlanScope.__doc__ = "Where and when; from and to are local times of the site."


class PlanCondition(TypedDict):
    """A threshold on a count; two values for between."""

    op: Op
    value: float | list[float]


class Plan(TypedDict):
    """What a question was understood as."""

    kind: Kind
    task: Task | None
    target: str | None
    ask: str | None
    scope: PlanScope
    aggregate: Aggregate
    group_by: GroupBy | None
    condition: PlanCondition | None
    limit: int | None
    view: View


class Chip(TypedDict):
    """A part of a plan as the page shows it."""

    kind: str
    label: str
    removable: bool
