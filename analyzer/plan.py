"""The plan: what a question is understood as, before any picture is looked at.

It is shown as chips, priced, stored with the answer and printed by the ``plan`` command. All values here are
plain data; how a question becomes a plan is the planner's business.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """``look`` asks pictures; ``recall`` computes from stored observations; ``show`` changes the view."""

    LOOK = "look"
    RECALL = "recall"
    SHOW = "show"


class Task(StrEnum):
    """What one picture is asked for."""

    COUNT = "count"
    FIND = "find"
    CLASSIFY = "classify"
    DESCRIBE = "describe"


class Aggregate(StrEnum):
    """How the figures of many pictures or places become one statement."""

    EACH = "each"
    TOTAL = "total"
    AVERAGE = "average"
    MOST = "most"
    LEAST = "least"
    RANK = "rank"
    SHARE = "share"
    COMPARE = "compare"
    NONE = "none"


class GroupBy(StrEnum):
    """What a figure belongs to."""

    IMAGE = "image"
    CAMERA = "camera"
    LOCATION = "location"
    DISTRICT = "district"
    HOUR = "hour"
    DAY = "day"


class View(StrEnum):
    """The form in which an answer is shown."""

    ANSWER = "answer"
    MAP = "map"
    COORDINATES = "coordinates"
    IMAGES = "images"
    TABLE = "table"
    CHART = "chart"
    EXPORT = "export"


class Op(StrEnum):
    """A condition's comparison; ``between`` includes both ends."""

    GT = ">"
    GE = ">="
    LT = "<"
    LE = "<="
    EQ = "=="
    BETWEEN = "between"


class Previous(StrEnum):
    """Which pictures of the question before a follow-up is limited to."""

    ALL = "all"
    MATCHES = "matches"


@dataclass(frozen=True, slots=True)
class Condition:
    """A threshold on a count: ``value`` is a number, or two for ``between``."""

    op: Op
    value: float | tuple[float, float]

    @property
    def needs_number(self) -> bool:
        """Whether a yes or a no leaves it open."""
        return (self.op, self.value) not in ((Op.EQ, 0), (Op.GE, 1), (Op.GT, 0), (Op.LT, 1))

    def holds(self, count: float) -> bool:
        """Whether ``count`` meets the condition."""
        if isinstance(self.value, tuple):
            low, high = self.value
            return low <= count <= high
        match self.op:
            case Op.GT:
                return count > self.value
            case Op.GE:
                return count >= self.value
            case Op.LT:
                return count < self.value
            case Op.LE:
                return count <= self.value
            case _:
                return count == self.value


@dataclass(frozen=True, slots=True)
class Scope:
    """Where and when. Names stand as in the register. ``start`` is inclusive and ``end`` exclusive, both local and
    naive (site time); ``hours`` is (from, to) in hours of the day and may wrap midnight."""

    districts: tuple[str, ...] = ()
    mandals: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    hours: tuple[float, float] | None = None
    previous: Previous | None = None

    @property
    def names_place(self) -> bool:
        """Whether the question named any place."""
        return bool(self.districts or self.mandals or self.locations or self.cameras or self.unknown)

    @property
    def names_time(self) -> bool:
        """Whether the question named any time."""
        return self.start is not None or self.end is not None or self.hours is not None


@dataclass(frozen=True, slots=True)
class Versus:
    """A figure is set against that of an earlier question of the same thing: the latest, or the one of the time that is
    named (local and naive). ``mean``: the figure is the mean over places, not their sum."""

    start: datetime | None = None
    end: datetime | None = None
    mean: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as understood. ``spans_time`` and ``peak`` say how a camera's pictures are reduced: by default to
    its newest readable picture, else to their mean (or their maximum). ``lowest``: a ``rank`` begins at the bottom.
    ``finds``: a recall that asks which places have it, and so is judged as the find that would have been asked.
    ``versus``: a recall that asks for the difference to an earlier question."""

    kind: Kind
    task: Task | None = None
    target: str | None = None
    ask: str | None = None
    scope: Scope = field(default_factory=Scope)
    aggregate: Aggregate = Aggregate.NONE
    group_by: GroupBy | None = None
    condition: Condition | None = None
    limit: int | None = None
    view: View = View.ANSWER
    choices: tuple[str, ...] = ()
    archive: bool = False
    peak: bool = False
    lowest: bool = False
    finds: bool = False
    versus: Versus | None = None

    @property
    def spans_time(self) -> bool:
        """Whether a camera's figure is a mean over its pictures, not its newest one."""
        return self.archive or self.peak or self.scope.names_time

    def judged_as(self, looked: Plan) -> Task | None:
        """The task that its figures are worked out for, from what was seen for ``looked``."""
        return Task.FIND if self.finds and looked.task is Task.COUNT else looked.task

    def as_json(self) -> dict[str, Any]:
        """The documented shape: every field, plain JSON values. What only the program needs (``choices``, ``archive``,
        ``peak``, ``lowest``, ``finds``, ``versus``) is left out: :meth:`to_stored` adds it."""
        scope = self.scope
        return {
            "kind": str(self.kind),
            "task": _text(self.task),
            "target": self.target,
            "ask": self.ask,
            "scope": {
                "districts": list(scope.districts),
                "mandals": list(scope.mandals),
                "locations": list(scope.locations),
                "cameras": list(scope.cameras),
                "unknown": list(scope.unknown),
                "from": scope.start.isoformat() if scope.start else None,
                "to": scope.end.isoformat() if scope.end else None,
                "hours": [_number(hour) for hour in scope.hours] if scope.hours else None,
                "previous": _text(scope.previous),
            },
            "aggregate": str(self.aggregate),
            "group_by": _text(self.group_by),
            "condition": _condition_json(self.condition),
            "limit": self.limit,
            "view": str(self.view),
        }

    def to_stored(self) -> dict[str, Any]:
        """:meth:`as_json` and what only the program needs; :meth:`from_stored` reads it back."""
        kept = {"choices": list(self.choices), "archive": self.archive, "peak": self.peak, "lowest": self.lowest}
        return self.as_json() | kept | {"finds": self.finds, "versus": _versus_json(self.versus)}

    @classmethod
    def from_stored(cls, stored: dict[str, Any]) -> Plan:
        """The plan that :meth:`to_stored` wrote."""
        where = stored["scope"]
        condition = stored["condition"]
        return cls(
            kind=Kind(stored["kind"]),
            task=Task(stored["task"]) if stored["task"] else None,
            target=stored["target"],
            ask=stored["ask"],
            scope=Scope(
                districts=tuple(where["districts"]),
                mandals=tuple(where["mandals"]),
                locations=tuple(where["locations"]),
                cameras=tuple(where["cameras"]),
                unknown=tuple(where["unknown"]),
                start=datetime.fromisoformat(where["from"]) if where["from"] else None,
                end=datetime.fromisoformat(where["to"]) if where["to"] else None,
                hours=tuple(where["hours"]) if where["hours"] else None,
                previous=Previous(where["previous"]) if where["previous"] else None,
            ),
            aggregate=Aggregate(stored["aggregate"]),
            group_by=GroupBy(stored["group_by"]) if stored["group_by"] else None,
            condition=_condition_from(condition),
            limit=stored["limit"],
            view=View(stored["view"]),
            choices=tuple(stored["choices"]),
            archive=stored["archive"],
            peak=stored["peak"],
            lowest=stored.get("lowest", False),
            finds=stored.get("finds", False),
            versus=_versus_from(stored.get("versus")),
        )


def _text(value: StrEnum | None) -> str | None:
    return None if value is None else str(value)


def _number(value: float) -> int | float:
    """18.0 is printed as 18, 18.5 as it is."""
    return int(value) if value == int(value) else value


def _condition_json(condition: Condition | None) -> dict[str, Any] | None:
    if condition is None:
        return None
    if isinstance(condition.value, tuple):
        return {"op": str(condition.op), "value": [_number(v) for v in condition.value]}
    return {"op": str(condition.op), "value": _number(condition.value)}


def _condition_from(stored: dict[str, Any] | None) -> Condition | None:
    if stored is None:
        return None
    value = stored["value"]
    return Condition(Op(stored["op"]), (value[0], value[1]) if isinstance(value, list) else value)


def _versus_json(versus: Versus | None) -> dict[str, Any] | None:
    if versus is None:
        return None
    start, end = (moment.isoformat() if moment else None for moment in (versus.start, versus.end))
    return {"from": start, "to": end, "mean": versus.mean}


def _versus_from(stored: dict[str, Any] | None) -> Versus | None:
    if stored is None:
        return None
    start, end = (datetime.fromisoformat(stored[end]) if stored[end] else None for end in ("from", "to"))
    return Versus(start, end, bool(stored["mean"]))
