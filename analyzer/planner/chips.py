"""A plan as chips: what, where, when, how grouped, on which condition; short words that a person can remove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Previous, Scope, Task, View


@dataclass(frozen=True, slots=True)
class Chip:
    """``kind`` is what, where, when, group or condition; ``label`` is what the person reads."""

    kind: str
    label: str


_OPS = {Op.GT: "more than", Op.GE: "at least", Op.LT: "fewer than", Op.LE: "at most", Op.EQ: "exactly"}
_PLURALS = {GroupBy.IMAGE: "pictures", GroupBy.CAMERA: "cameras", GroupBy.LOCATION: "locations",
            GroupBy.DISTRICT: "districts", GroupBy.HOUR: "hours", GroupBy.DAY: "days"}  # fmt: skip
_IN_ALL = {Aggregate.TOTAL: "in total", Aggregate.AVERAGE: "on average", Aggregate.COMPARE: "compared"}


def chips(plan: Plan) -> list[Chip]:
    """The chips of ``plan`` in reading order; where and when are always there, if only to say "all places"."""
    said = [Chip("what", f"{plan.task or plan.kind} · {plan.target}" if plan.target else str(plan.task or plan.kind))]
    said.append(Chip("where", _where(plan.scope)))
    said.append(Chip("when", _when(plan)))
    if group := _group(plan):
        said.append(Chip("group", group))
    if plan.condition is not None:
        said.append(Chip("condition", _condition(plan.condition)))
    if plan.view is not View.ANSWER:
        said.append(Chip("view", f"as {plan.view}"))
    return said


def _where(scope: Scope) -> str:
    names = [*scope.locations, *scope.cameras, *(f"{name} mandal" for name in scope.mandals), *scope.districts]
    names += [f"{name} (not in the register)" for name in scope.unknown]
    where = _listed(names) if names else "all places"
    if scope.previous is Previous.MATCHES:
        return "the matches before" if not names else f"the matches before in {where}"
    if scope.previous is Previous.ALL:
        return "the same pictures" if not names else f"the same pictures in {where}"
    return where


def _listed(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _when(plan: Plan) -> str:
    scope = plan.scope
    spans = [text for text in (_days(scope.start, scope.end), _hours(scope.hours)) if text]
    if plan.peak:
        spans.append("at the peak")
    return " ".join(spans) or _whichever(plan)


def _whichever(plan: Plan) -> str:
    """Which pictures count where no time is named: a figure is its camera's newest, a find looks through all."""
    if plan.kind is not Kind.LOOK:
        return "all pictures" if plan.archive else "as before"
    reduced = plan.task in (Task.COUNT, Task.CLASSIFY)
    by_itself = plan.group_by in (GroupBy.IMAGE, GroupBy.HOUR, GroupBy.DAY)
    return "newest" if reduced and not by_itself and not plan.archive else "all pictures"


def _days(start: datetime | None, end: datetime | None) -> str:
    if start is None and end is None:
        return ""
    if end is None:
        return f"since {_moment(start)}"
    if start is None:
        return f"before {_moment(end)}"
    whole = start == start.replace(hour=0, minute=0) and end == end.replace(hour=0, minute=0)
    if whole and end - start == timedelta(days=1):
        return f"{start:%a} {start.day} {start:%b}"
    last = end - timedelta(days=1) if whole else end
    if whole:
        return f"{start.day} {start:%b} to {last.day} {last:%b}"
    same_day = start.date() == end.date()
    return f"{_moment(start)} to {end:%H:%M}" if same_day else f"{_moment(start)} to {_moment(end)}"


def _moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    day = f"{moment.day} {moment:%b}"
    return day if moment == moment.replace(hour=0, minute=0) else f"{day} {moment:%H:%M}"


def _hours(hours: tuple[float, float] | None) -> str:
    return "" if hours is None else f"{_clock(hours[0])} to {_clock(hours[1])}"


def _clock(hour: float) -> str:
    return f"{int(hour):02d}:{round(hour % 1 * 60):02d}"


def _group(plan: Plan) -> str:
    group = None if plan.group_by is None else _PLURALS[plan.group_by]
    one = None if group is None else group.removesuffix("s")
    if plan.versus is not None:
        return f"compared with before, by {one}" if one else "compared with before"
    match plan.aggregate:
        case Aggregate.EACH:
            return f"each {one}" if one else "each"
        case Aggregate.MOST | Aggregate.LEAST:
            return f"{one or 'value'} with the {plan.aggregate}"
        case Aggregate.RANK:
            end = "bottom" if plan.lowest else "top"
            return f"{end} {plan.limit} {group}" if plan.limit else f"{group or 'places'} in order"
        case Aggregate.SHARE:
            return f"share of {group}" if group else "share"
        case Aggregate.NONE:
            return f"which {group}" if group else ""
        case _:
            words = _IN_ALL[plan.aggregate]
            return f"{words} by {one}" if one else words


def _condition(condition: Condition) -> str:
    if isinstance(condition.value, tuple):
        return f"{condition.value[0]:g} to {condition.value[1]:g}"
    if condition.op is Op.EQ and condition.value == 0:
        return "none"
    return f"{_OPS[condition.op]} {condition.value:g}"
