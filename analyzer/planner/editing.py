"""A chip changed: the plan with another thing, place, time, grouping or condition in its stead. Taking one away is
``removal``'s business.

What the look before has covered is answered from what it saw; anything else is a look, of which the pictures that are
known cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task
from analyzer.planner.removal import leave_out
from analyzer.planner.targets import ask_for
from core.errors import InvalidRequest

_LONGEST = 200
_RANKED = (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.SHARE, Aggregate.COMPARE, Aggregate.EACH)


@dataclass(frozen=True, slots=True)
class Places:
    """Names as the register has them; none at all means everywhere."""

    districts: tuple[str, ...] = ()
    mandals: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Times:
    """As in a scope: local and naive, ``start`` inclusive, ``end`` exclusive, ``hours`` of the day."""

    start: datetime | None = None
    end: datetime | None = None
    hours: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a figure belongs to, and how figures become one statement."""

    aggregate: Aggregate
    group_by: GroupBy | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What stands in place of what the question said; ``None`` leaves it."""

    target: str | None = None
    where: Places | None = None
    when: Times | None = None
    group: Grouping | None = None
    condition: Condition | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of chips that are changed."""
        parts = (("what", self.target), ("where", self.where), ("when", self.when), ("group", self.group),
                 ("condition", self.condition))  # fmt: skip
        return tuple(kind for kind, part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class Alteration:
    """What a person does to the chips: some of these kinds taken away, others changed."""

    without: Collection[str] = ()
    change: Change = field(default_factory=Change)

    def __bool__(self) -> bool:
        return bool(self.without or self.change.kinds)


def alter(plan: Plan, alteration: Alteration, look: Plan, *, seen: bool, covers: Callable[[Plan], bool]) -> Plan:
    """``plan`` after ``alteration``; ``look`` is the plan of the look it rests on, or itself; ``seen`` says that this
    look was made to its end, ``covers`` whether its scope holds another plan's. Raises :class:`InvalidRequest`."""
    left = leave_out(plan, alteration.without, look, seen=seen) if alteration.without else plan
    return _edited(left, alteration.change, look, seen=seen, covers=covers) if alteration.change.kinds else left


def _edited(plan: Plan, change: Change, look: Plan, *, seen: bool, covers: Callable[[Plan], bool]) -> Plan:
    asked = _sought(look, change.target) if change.target is not None else look
    edited = _placed(plan, change)
    if change.group is not None:
        edited = _grouped(edited, change.group)
    if change.condition is not None:
        edited = replace(edited, condition=_sound(change.condition))
    if plan.kind is Kind.SHOW and change.target is None:
        return edited
    base = replace(edited, kind=Kind.LOOK, task=asked.task, target=asked.target, ask=asked.ask, choices=asked.choices)
    base = replace(base, versus=None)  # another figure than the one that was set against an earlier one
    if asked.ask == look.ask and seen and covers(base):
        return replace(base, kind=Kind.RECALL, task=None, ask=None)
    return base


def _sought(look: Plan, target: str) -> Plan:
    """A look for another thing: counted where the one before was counted, else found or not."""
    said = " ".join(target.split())
    if not any(sign.isalnum() for sign in said) or len(said) > _LONGEST:
        raise InvalidRequest("Say in a few words what to look for.", "For example “cars” or “people with umbrellas”.")
    task = Task.COUNT if look.task is Task.COUNT else Task.FIND
    return replace(look, task=task, target=said.lower(), ask=ask_for(task, said.lower()), choices=())


def _placed(plan: Plan, change: Change) -> Plan:
    scope, where, when = plan.scope, change.where, change.when
    if where is not None:
        scope = Scope(
            where.districts, where.mandals, where.locations, where.cameras, start=scope.start, end=scope.end,
            hours=scope.hours,
        )  # fmt: skip
    if when is not None:
        if when.start is not None and when.end is not None and when.start >= when.end:
            raise InvalidRequest("The first day lies after the last.", "Choose them the other way round.")
        if when.hours is not None and when.hours[0] == when.hours[1]:
            raise InvalidRequest("The hours begin where they end.", "Choose two different hours.")
        scope = replace(scope, start=when.start, end=when.end, hours=when.hours)
    return replace(plan, scope=scope)


def _grouped(plan: Plan, group: Grouping) -> Plan:
    if group.group_by is None and group.aggregate in _RANKED:
        raise InvalidRequest("Say what is to be compared.", "For example locations or districts.")
    limit = group.limit if group.aggregate is Aggregate.RANK else None
    lowest = plan.lowest and group.aggregate is Aggregate.RANK
    return replace(plan, aggregate=group.aggregate, group_by=group.group_by, limit=limit, lowest=lowest)


def _sound(condition: Condition) -> Condition:
    value = condition.value
    ends = value if isinstance(value, tuple) else (value, value)
    if ends[0] > ends[1] or ends[0] < 0 or (condition.op is Op.BETWEEN) is not isinstance(value, tuple):
        raise InvalidRequest("This is no number of things.", "Give a number, or a lower one and a higher one.")
    return condition
