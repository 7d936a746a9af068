"""Makes questions and observations of what a file of sessions says. Nothing is believed that a figure could rest on:
plans are rebuilt or checked field by field, and answers are worked out anew from the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from analyzer.plan import Kind, Plan, Scope, Task
from analyzer.planner import Planner
from core.errors import SightlineError
from core.ids import stable_id
from core.observation import Box
from core.states import Outcome
from sessions.export import fields
from storage.names import read_name
from storage.observations import Observation

_MOST_COUNT = 100_000
_MOST_BOXES = 500
_UNSAID = "The file does not say what was seen."
_BROKEN = "The file says that this picture could not be read."


@dataclass(frozen=True, slots=True)
class Ground:
    """What rows are made into: of which run, source and time zone, and the time where none is given."""

    run_id: str
    source: str
    zone: tzinfo
    at: datetime
    model: str
    model_version: str


def observations(rows: Sequence[Any], ground: Ground) -> list[Observation]:
    """One for each row that is one; a picture that stands twice is two pictures."""
    found: dict[str, Observation] = {}
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            continue
        made = _observation(row, number, ground)
        if made.picture_id in found:
            again = stable_id(ground.run_id, made.picture_id, str(number))
            made = replace(made, picture_id=again, observation_id=stable_id(ground.run_id, again))
        found[made.picture_id] = made
    return list(found.values())


def _observation(row: Mapping[str, Any], number: int, ground: Ground) -> Observation:
    name = fields.text(row, "filename", 1000) or f"row {number + 1}"
    parts = read_name(name.rpartition(".")[0] or name, ground.zone)
    outcome = _outcome(row)
    latitude, longitude = fields.number(row, "latitude", -90, 90), fields.number(row, "longitude", -180, 180)
    placed = latitude is not None and longitude is not None
    picture_id = fields.identifier(row, "picture_id") or stable_id(ground.source, name)
    count = fields.whole(row, "number" if "number" in row else "count", _MOST_COUNT)
    return Observation(
        run_id=ground.run_id,
        picture_id=picture_id,
        observation_id=stable_id(ground.run_id, picture_id),
        source=ground.source,
        name=name,
        camera=fields.known(row, "camera_ip"),
        location=fields.known(row, "location_name"),
        district=fields.known(row, "new_district"),
        old_district=fields.known(row, "old_district"),
        mandal=fields.known(row, "mandal"),
        latitude=latitude if placed else None,
        longitude=longitude if placed else None,
        taken_at=fields.moment(row, "taken_at", ground.zone) if "taken_at" in row else parts.taken_at,
        identity_kind="",
        identity="",
        model=fields.known(row, "model", 64) or ground.model,
        model_version=fields.known(row, "model_version", 64) or ground.model_version,
        outcome=outcome,
        count=None if outcome is Outcome.UNREADABLE else count,
        text=(fields.text(row, "text") or None) if "outcome" in row else fields.known(row, "description", 10_000),
        score=fields.number(row, "score", -1e6, 1e6),
        reason=_reason(row, outcome),
        boxes=tuple(box for each in fields.sequence(row, "boxes", _MOST_BOXES) if (box := _box(each))),
        width=fields.whole(row, "width", 1_000_000) or 0,
        height=fields.whole(row, "height", 1_000_000) or 0,
        elapsed_ms=fields.number(row, "elapsed_ms", 0, 1e9) or 0.0,
        cost_usd=fields.number(row, "cost_usd", 0, 1e6) or 0.0,
        reused=fields.flag(row, "reused") or False,
        failed=fields.flag(row, "failed") or False,
        observed_at=fields.moment(row, "timestamp", ground.zone) or ground.at,
    )


def _outcome(row: Mapping[str, Any]) -> Outcome:
    """Ours where the row has it. The spine's "no" of a picture that failed is none."""
    own = row.get("outcome")
    if isinstance(own, str) and own in set(Outcome):
        return Outcome(own)
    if fields.text(row, "status", 20).casefold() == "error" or fields.known(row, "error"):
        return Outcome.UNREADABLE
    said = fields.flag(row, "match")
    return Outcome.UNSURE if said is None else Outcome.MATCH if said else Outcome.NO_MATCH


def _reason(row: Mapping[str, Any], outcome: Outcome) -> str | None:
    told = fields.known(row, "reason", 2000) or (None if "outcome" in row else fields.known(row, "error", 2000))
    if told is None and outcome is Outcome.UNREADABLE:
        return _BROKEN
    return _UNSAID if told is None and outcome is Outcome.UNSURE else told


def _box(found: Any) -> Box | None:
    if not isinstance(found, list) or len(found) != 6 or not isinstance(found[4], str):
        return None
    sides = [fields.number({"at": at}, "at", 0, 1) for at in found[:4]]
    score = fields.number({"score": found[5]}, "score", -1e6, 1e6)
    x0, y0, x1, y1 = sides
    if x0 is None or y0 is None or x1 is None or y1 is None or score is None:
        return None
    return Box(x0, y0, x1, y1, fields.text({"label": found[4]}, "label", 100), score)


def plan_of(query: Mapping[str, Any], planner: Planner, after: Sequence[Plan], now: datetime) -> Plan:
    """The plan of a question that stands in a file: its own where that is sound, else what its words say now."""
    own = sound_plan(fields.mapping(query, "plan"))
    if own is not None:
        return own
    text = fields.text(query, "user_query", 2000)
    try:
        plan = planner.plan(text, after=after, now=now)
    except SightlineError:
        plan = None
    rows = fields.sequence(query, "results", 1_000_000)
    if plan is not None and plan.kind is not Kind.LOOK and not rows:
        return plan
    counted = any(isinstance(row, dict) and fields.whole(row, "count", _MOST_COUNT) is not None for row in rows)
    task = Task.COUNT if counted else Task.FIND
    target = plan.target if plan is not None and plan.target else text[:80] or "it"
    # The rows are what was asked for: they are not narrowed a second time.
    looked = plan if plan is not None and plan.kind is Kind.LOOK else Plan(Kind.LOOK)
    return replace(looked, task=task, target=target, ask=text, scope=Scope(), condition=None)


def sound_plan(stored: Mapping[str, Any]) -> Plan | None:
    """The plan that a file states, if every part of it is what it must be."""
    try:
        plan = Plan.from_stored(dict(stored))
        again = plan.to_stored()
    except (KeyError, ValueError, TypeError, AttributeError, IndexError):
        return None
    if any(again[name] != stored.get(name) for name in again if name not in ("scope", "condition", "lowest")):
        return None
    return plan if _is_sound(plan) else None


def _is_sound(plan: Plan) -> bool:
    scope, condition = plan.scope, plan.condition
    names = (scope.districts, scope.mandals, scope.locations, scope.cameras, scope.unknown, plan.choices)
    texts = [plan.target, plan.ask, *(name for some in names for name in some)]
    value: Any = condition.value if condition else ()
    bounds = value if isinstance(value, tuple) else (value,)
    numbers = [*bounds, *(scope.hours or ())]
    return (
        all(text is None or (isinstance(text, str) and len(text) <= 2000) for text in texts)
        and all(fields.number({"n": value}, "n", -1e9, 1e9) is not None for value in numbers)
        and (scope.hours is None or (len(scope.hours) == 2 and all(0 <= hour <= 24 for hour in scope.hours)))
        and (plan.limit is None or fields.whole({"n": plan.limit}, "n", 100_000) is not None)
        and all(isinstance(value, bool) for value in (plan.archive, plan.peak, plan.lowest))
        and all(moment is None or moment.tzinfo is None for moment in (scope.start, scope.end))
        and (plan.kind is not Kind.LOOK or (plan.task is not None and bool(plan.target) and plan.ask is not None))
    )
