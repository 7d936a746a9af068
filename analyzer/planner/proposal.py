"""A plan that a language model proposes: the form that it must have, and what is checked before it is believed.

Nobody is asked here and nothing is mended: a proposal is right in every field, or there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Previous, Scope, Task, View
from analyzer.planner.followups import canonical, carried
from analyzer.planner.planner import Planner
from analyzer.planner.targets import ask_for

_LONGEST_TARGET, _LONGEST_ASK, _LONGEST_NAME, _LONGEST_CHOICE = 120, 300, 80, 40
_MOST_NAMES, _MOST_UNKNOWN, _MOST_CHOICES, _HIGHEST_LIMIT, _HIGHEST_COUNT = 50, 5, 6, 1_000, 10_000
_YEARS = range(1990, 2101)
_NEVER_IN_WORDS = frozenset("<>{}`\\|")
Word = TypeVar("Word", bound=StrEnum)
_BY_PLACE = frozenset({Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK, Aggregate.SHARE, Aggregate.COMPARE})


class Unsound(ValueError):
    """A proposal that is not believed; the message names the field and holds nothing of what came."""


def _object(**properties: Any) -> dict[str, Any]:
    told = {name.rstrip("_"): part for name, part in properties.items()}
    return {"type": "object", "properties": told, "required": list(told), "additionalProperties": False}


def _word(kind: type[StrEnum], *, needed: bool = False) -> dict[str, Any]:
    words: list[str | None] = [str(one) for one in kind]
    return {"type": "string", "enum": words} if needed else {"type": ["string", "null"], "enum": [*words, None]}


_TEXT = {"type": ["string", "null"]}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_NUMBERS = {"type": "array", "items": {"type": "number"}}
FORM: Mapping[str, Any] = _object(
    kind=_word(Kind, needed=True),
    task=_word(Task),
    target=_TEXT,
    ask=_TEXT,
    choices=_TEXTS,
    scope=_object(
        districts=_TEXTS,
        mandals=_TEXTS,
        locations=_TEXTS,
        cameras=_TEXTS,
        unknown=_TEXTS,
        from_=_TEXT,
        to=_TEXT,
        hours={"anyOf": [{"type": "null"}, _NUMBERS]},
        previous=_word(Previous),
    ),
    aggregate=_word(Aggregate, needed=True),
    group_by=_word(GroupBy),
    condition={
        "anyOf": [
            {"type": "null"},
            _object(op=_word(Op, needed=True), value={"anyOf": [{"type": "number"}, _NUMBERS]}),
        ]
    },
    limit={"type": ["integer", "null"]},
    view=_word(View, needed=True),
)


def read_proposal(value: Any, question: str, earlier: Sequence[Plan], planner: Planner) -> Plan:
    """The plan that ``value`` (sound JSON) proposes for ``question`` after the plans ``earlier``. Raises
    :class:`Unsound` for another form, for a place that the register does not hold, and for what can't be meant."""
    told = _fields(value, FORM, "the plan")
    plan = Plan(
        kind=_member(Kind, told["kind"], "kind"),
        task=_member(Task, told["task"], "task") if told["task"] is not None else None,
        target=_words(told["target"], _LONGEST_TARGET, "target", planner),
        ask=_words(told["ask"], _LONGEST_ASK, "ask", planner),
        scope=_scope(_fields(told["scope"], FORM["properties"]["scope"], "scope"), question, planner),
        aggregate=_member(Aggregate, told["aggregate"], "aggregate"),
        group_by=_member(GroupBy, told["group_by"], "group_by") if told["group_by"] is not None else None,
        condition=_condition(told["condition"]),
        limit=_limit(told["limit"]),
        view=_member(View, told["view"], "view"),
        choices=_choices(told["choices"], planner),
    )
    match plan.kind:
        case Kind.LOOK:
            return _look(plan, earlier)
        case Kind.RECALL:
            return _recall(plan, earlier, planner)
        case _:
            return _show(plan, earlier)


def _look(plan: Plan, earlier: Sequence[Plan]) -> Plan:
    if plan.task is None or plan.target is None:
        raise Unsound("a look without task or target")
    target = plan.target.lower()
    plain = plan.task in (Task.COUNT, Task.FIND)
    ask = ask_for(plan.task, target) if plain else plan.ask
    if ask is None:
        raise Unsound("a look without an ask")
    if plan.choices and plan.task is not Task.CLASSIFY:
        raise Unsound("choices for what is not classified")
    aggregate = plan.aggregate if plain else Aggregate.NONE
    if plan.task is Task.COUNT and aggregate is Aggregate.NONE:
        aggregate = Aggregate.TOTAL
    scope = plan.scope
    if scope.previous is not None:
        scope = carried(scope, _looked(earlier)[-1].scope)
    condition = plan.condition if plain else None
    told = replace(plan, target=target, ask=ask, aggregate=aggregate, scope=scope, condition=condition)
    return _grouped(told)


def _recall(plan: Plan, earlier: Sequence[Plan], planner: Planner) -> Plan:
    """Only what an earlier look has covered; else its figures would be of other pictures."""
    if plan.target is None:
        raise Unsound("a recall without target")
    looked = [look for look in _looked(earlier) if canonical(look.target) == canonical(plan.target)]
    if not looked or not planner.covers(looked[-1], replace(plan, task=looked[-1].task)):
        raise Unsound("a recall of what was not looked at")
    return _grouped(replace(plan, task=None, ask=None, target=looked[-1].target, choices=()))


def _show(plan: Plan, earlier: Sequence[Plan]) -> Plan:
    if plan.view is View.ANSWER or not _looked(earlier):
        raise Unsound("a view of nothing")
    return Plan(Kind.SHOW, scope=plan.scope, view=plan.view)


def _grouped(plan: Plan) -> Plan:
    needs = plan.group_by is None and plan.aggregate in _BY_PLACE
    return replace(plan, group_by=GroupBy.LOCATION) if needs else plan


def _looked(earlier: Sequence[Plan]) -> list[Plan]:
    looked = [plan for plan in earlier if plan.kind is Kind.LOOK]
    if not looked:
        raise Unsound("a follow-up to nothing")
    return looked


def _fields(value: Any, form: Mapping[str, Any], what: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(form["properties"]):
        raise Unsound(f"{what} has other fields")
    return value


def _member(kind: type[Word], value: Any, what: str) -> Word:
    if not isinstance(value, str) or value not in set(kind):
        raise Unsound(f"{what} is none of its words")
    return kind(value)


def _line(value: Any, longest: int, what: str) -> str:
    text = " ".join(value.split()) if isinstance(value, str) and len(value) <= longest * 2 else ""
    if not 0 < len(text) <= longest or not text.isprintable() or _NEVER_IN_WORDS & set(text):
        raise Unsound(f"{what} is no short plain text")
    return text


def _words(value: Any, longest: int, what: str, planner: Planner) -> str | None:
    """Words for what is looked for; they name no place, since places are the scope's."""
    if value is None:
        return None
    text = _line(value, longest, what)
    if planner.names_place(text):
        raise Unsound(f"{what} names a place")
    return text


def _listed(value: Any, most: int, what: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise Unsound(f"{what} is no short list")
    return value


def _choices(value: Any, planner: Planner) -> tuple[str, ...]:
    named = (_words(one, _LONGEST_CHOICE, "choices", planner) for one in _listed(value, _MOST_CHOICES, "choices"))
    found = tuple(dict.fromkeys(one.lower() for one in named if one))
    if len(found) == 1:
        raise Unsound("choices is no choice")
    return found


def _scope(told: Mapping[str, Any], question: str, planner: Planner) -> Scope:
    start, end = _moment(told["from"]), _moment(told["to"])
    if start is not None and end is not None and start >= end:
        raise Unsound("scope ends before it begins")
    levels = {level: _names(level, told[level], planner) for level in ("districts", "mandals", "locations", "cameras")}
    previous = _member(Previous, told["previous"], "previous") if told["previous"] is not None else None
    unknown = _unknown(told["unknown"], question)
    return Scope(**levels, unknown=unknown, start=start, end=end, hours=_hours(told["hours"]), previous=previous)


def _names(level: str, value: Any, planner: Planner) -> tuple[str, ...]:
    names = _listed(value, _MOST_NAMES, level)
    if not all(isinstance(name, str) and planner.holds(level, name) for name in names):
        raise Unsound(f"{level} has a name that the register does not hold")
    return tuple(dict.fromkeys(names))


def _unknown(value: Any, question: str) -> tuple[str, ...]:
    """Names that the register does not hold: they must at least stand in the question."""
    said = " ".join(question.split()).casefold()
    names = [_line(name, _LONGEST_NAME, "unknown") for name in _listed(value, _MOST_UNKNOWN, "unknown")]
    if not all(name.casefold() in said for name in names):
        raise Unsound("unknown has a name that was not said")
    return tuple(dict.fromkeys(names))


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 26 else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or moment.year not in _YEARS:
        raise Unsound("from or to is no local time")
    return moment


def _hours(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    start, end = _pair(value, 24, "hours")
    if start == end:
        raise Unsound("hours is empty")
    return start, end


def _condition(value: Any) -> Condition | None:
    if value is None:
        return None
    told = _fields(value, {"properties": ("op", "value")}, "condition")
    op = _member(Op, told["op"], "op")
    if op is not Op.BETWEEN:
        return Condition(op, _count(told["value"], _HIGHEST_COUNT, "condition"))
    low, high = _pair(told["value"], _HIGHEST_COUNT, "condition")
    if low > high:
        raise Unsound("condition is upside down")
    return Condition(op, (low, high))


def _pair(value: Any, most: float, what: str) -> tuple[float, float]:
    two = _listed(value, 2, what)
    if len(two) != 2:
        raise Unsound(f"{what} is no pair")
    return _count(two[0], most, what), _count(two[1], most, what)


def _count(value: Any, most: float, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise Unsound(f"{what} is out of range")
    return value


def _limit(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _HIGHEST_LIMIT:
        raise Unsound("limit is out of range")
    return value
