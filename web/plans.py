"""Plans before they are asked, and the shapes in which chips are altered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint

from analyzer.plan import Aggregate, Condition, GroupBy, Op
from analyzer.planner.editing import Alteration, Change, Grouping, Places, Times
from core.errors import InvalidRequest, NotFound, UnplannableQuestion
from web.access import require_own
from web.described import described
from web.plan_replies import Chip, Plan
from web.services import services
from web.shapes import Id, Span, Text

AlterableChip = Literal["where", "when", "group", "condition", "view"]
Name = Annotated[str, Text(longest=1000)]
Local = Annotated[str, Text(pattern=r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")]
_MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class ChangedPlaces:
    """Names as the register has them; no name at all means everywhere."""

    districts: list[Name] = field(default_factory=list)
    mandals: list[Name] = field(default_factory=list)
    locations: list[Name] = field(default_factory=list)
    cameras: list[Name] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChangedTimes:
    """Local times of the site, ``end`` exclusive, and two hours of the day; nothing at all means whenever."""

    start: Local | None = None
    end: Local | None = None
    hours: list[Annotated[float, Span(0, 24)]] | None = None


@dataclass(frozen=True, slots=True)
class ChangedGroup:
    """How figures become one statement, and of what; a limit counts for a rank."""

    aggregate: Aggregate
    group_by: GroupBy | None = None
    limit: Annotated[int, Span(1, 1000)] | None = None


@dataclass(frozen=True, slots=True)
class ChangedCondition:
    """A threshold on a count; two values for between."""

    op: Op
    value: list[Annotated[float, Span(0, 1_000_000)]]


@dataclass(frozen=True, slots=True)
class ChangedChips:
    """What stands in place of what the question said; what is left out stays."""

    target: Annotated[str, Text(longest=200, shortest=1)] | None = None
    where: ChangedPlaces | None = None
    when: ChangedTimes | None = None
    group: ChangedGroup | None = None
    condition: ChangedCondition | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A question that may be asked, as POST /questions would take it."""

    text: Annotated[str, Text(longest=2000)]
    session_id: Id | None = None
    instead_of: Id | None = None
    without: list[AlterableChip] | None = None
    change: ChangedChips | None = None


class Understood(TypedDict):
    """What asking would mean; the model that would look, null where no picture is looked at or none can."""

    plan: Plan
    chips: list[Chip]
    model: str | None
    notes: list[str]


blueprint = Blueprint("plans", __name__, url_prefix="/api/v1")


@blueprint.post("/plan")
@described(body=Considered, reply=Understood, raises=(UnplannableQuestion, NotFound))
def preview(body: Considered) -> Any:
    """What a question would be understood as. Nothing is asked, looked at or kept."""
    require_own(session_id=body.session_id, message_id=body.instead_of)
    alteration = alteration_of(body.without, body.change)
    found = services().conversations.understand(body.text, body.session_id, alteration, body.instead_of)
    return found.as_json()


def alteration_of(without: list[AlterableChip] | None, change: ChangedChips | None) -> Alteration:
    """What is asked for, as the planner takes it. Raises :class:`InvalidRequest`."""
    return Alteration(tuple(without or ()), _change(change) if change else Change())


def _change(asked: ChangedChips) -> Change:
    where, when, group, condition = asked.where, asked.when, asked.group, asked.condition
    return Change(
        target=asked.target,
        where=_places(where) if where else None,
        when=_times(when) if when else None,
        group=Grouping(group.aggregate, group.group_by, group.limit) if group else None,
        condition=_condition(condition) if condition else None,
    )


def _places(asked: ChangedPlaces) -> Places:
    levels = [tuple(dict.fromkeys(names)) for names in (asked.districts, asked.mandals, asked.locations, asked.cameras)]
    if sum(map(len, levels)) > _MOST_NAMES:
        raise InvalidRequest(f"These are more than {_MOST_NAMES} places.", "Choose their districts.")
    return Places(*levels)


def _times(asked: ChangedTimes) -> Times:
    if asked.hours is not None and len(asked.hours) != 2:
        raise InvalidRequest("hours must be two: from and to.")
    hours = (asked.hours[0], asked.hours[1]) if asked.hours else None
    return Times(_moment(asked.start), _moment(asked.end), hours)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidRequest("There is no such day or time.", "Write it as 2026-03-14T09:30.") from error


def _condition(asked: ChangedCondition) -> Condition:
    wanted = 2 if asked.op is Op.BETWEEN else 1
    if len(asked.value) != wanted:
        raise InvalidRequest(f"This condition needs {wanted} number(s).")
    first = asked.value[0]
    return Condition(asked.op, (first, asked.value[1]) if wanted == 2 else first)
