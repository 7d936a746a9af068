"""Which of a run's observations count for a question, and what the question's condition makes of each, in SQL.

Every statement is fixed and every value is bound. What the chosen observations come to is :mod:`storage.figures`'
business, reading them one by one :mod:`storage.observations`'.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Threshold:
    """A condition on one picture's count, as SQL can bind it: ``low <= count <= high``; 1e18 stands for no bound."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Places:
    """Names as in the register. Names of one level add up; levels narrow each other (a location in a district), unless
    nothing lies in all of them: then they add up too ("Guntur and Benz Circle")."""

    districts: tuple[str, ...] = ()
    mandals: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Which of a run's observations count, and how finely time is kept apart.

    ``start`` and ``end`` are naive site times (inclusive, exclusive); ``hours`` may wrap midnight; ``bucket`` is
    ``hour``, ``day`` or ``None``; ``threshold`` narrows a match to counts within it, without which a match is a match;
    ``watched``: cameras that give one picture again and again are looked for.
    """

    run_id: str
    timezone: str
    start: datetime | None = None
    end: datetime | None = None
    hours: tuple[float, float] | None = None
    bucket: str | None = None
    threshold: Threshold | None = None
    places: Places = Places()
    watched: bool = False


# `said` is the outcome after the question's condition. A model that answers yes or no gives no count: its "no" is a
# count of 0, its "yes" is at least 1, and where that does not settle the condition the picture is unsure.
LOCAL = """
WITH local AS (
    SELECT *, toTimeZone(taken_at, {timezone:String}) AS moment,
        multiIf(outcome IN ('unsure', 'unreadable') OR NOT {bounded:Bool}, outcome,
                coalesce(count, if(outcome = 'no_match', 0, NULL)) BETWEEN {low:Float64} AND {high:Float64}, 'match',
                count IS NOT NULL OR outcome = 'no_match' OR {high:Float64} < 1, 'no_match',
                {low:Float64} <= 1 AND {high:Float64} >= 1e17, 'match', 'unsure') AS said
    FROM observations FINAL WHERE run_id = {run_id:String}
)
"""
_LEVELS = {
    "districts": (
        "(lowerUTF8(coalesce(district, '')) IN {districts:Array(String)}"
        " OR lowerUTF8(coalesce(old_district, '')) IN {districts:Array(String)})"
    ),
    "mandals": "lowerUTF8(coalesce(mandal, '')) IN {mandals:Array(String)}",
    "locations": "lowerUTF8(coalesce(location, '')) IN {locations:Array(String)}",
    "cameras": "lowerUTF8(coalesce(camera, '')) IN {cameras:Array(String)}",
}


# What tells one group from another in an answer by location, district, and so on; its parts joined by a unit separator.
KEYS = {
    "image": "coalesce(camera, picture_id)",
    "camera": "coalesce(camera, picture_id)",
    "location": "concat(location, '\\x1f', coalesce(district, ''))",
    "district": "district",
    "hour": "formatDateTime(moment, '%H:00')",
    "day": "toString(toDate(moment))",
}


@dataclass(frozen=True, slots=True)
class Among:
    """Some groups of an answer: ``by`` is what they group by, each of ``keys`` one group's."""

    by: str
    keys: tuple[tuple[str, ...], ...]


def chosen(wanted: Slice) -> tuple[str, dict[str, Any]]:
    """The condition on a row of ``local`` and the parameters of both."""
    threshold = wanted.threshold
    parameters: dict[str, Any] = {
        "run_id": wanted.run_id,
        "timezone": wanted.timezone,
        "bounded": threshold is not None,
        "low": threshold.low if threshold else 0.0,
        "high": threshold.high if threshold else 0.0,
    }
    clauses = _in_time(wanted, parameters)
    if place := _in_place(wanted.places, clauses, parameters):
        clauses.append(place)
    return " AND ".join(clauses) or "1", parameters


def _in_time(wanted: Slice, parameters: dict[str, Any]) -> list[str]:
    """Site times are naive, and a date written as one number is in the order of time."""
    clauses = []
    for name, moment, sign in (("start", wanted.start, ">="), ("end", wanted.end, "<")):
        if moment is not None:
            clauses.append(f"toYYYYMMDDhhmmss(moment) {sign} {{{name}:UInt64}}")
            parameters[name] = int(moment.strftime("%Y%m%d%H%M%S"))
    if wanted.hours is not None:
        begin, finish = wanted.hours
        joiner = "AND" if begin <= finish else "OR"
        hour = "(toHour(moment) + toMinute(moment) / 60)"
        clauses.append(f"({hour} >= {{begin:Float64}} {joiner} {hour} < {{finish:Float64}})")
        parameters |= {"begin": begin, "finish": finish}
    return clauses


def _in_place(places: Places, timed: list[str], parameters: dict[str, Any]) -> str:
    named = [level for level in _LEVELS if getattr(places, level)]
    for level in named:
        parameters[level] = [name.lower() for name in getattr(places, level)]
    if len(named) < 2:
        return "".join(_LEVELS[level] for level in named)
    every = " AND ".join(_LEVELS[level] for level in named)
    either = " OR ".join(_LEVELS[level] for level in named)
    there = " AND ".join([*timed, every])
    return f"if((SELECT count() FROM local WHERE {there}) > 0, {every}, {either})"  # noqa: S608  (fixed texts)
