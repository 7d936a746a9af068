"""Figures from stored observations: the reduction over time, by ClickHouse. Space is reduced in the answer.

One row comes back for each viewpoint (a camera; a picture of an unknown camera is a viewpoint of its own, since two
loose photographs show two places). Where hours or days are kept apart, each viewpoint is reduced in each of them, and
one row comes back for an hour or a day, which holds the figures of its viewpoints. ``newest`` is the newest readable
picture's count; ``mean`` and ``peak`` are over all readable pictures that have one. An ``unsure`` picture is readable,
but its number is not a figure: a viewpoint whose newest readable picture is unsure has no newest count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.database import Database
from storage.observations import STREAMED
from storage.slices import LOCAL, Slice, chosen


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """What one camera's pictures come to. Counts of pictures by outcome; ``with_target`` counts readable pictures in
    which the target is certainly present, whatever the threshold; ``text`` is what was said of the newest one;
    ``taken_at`` is when the picture ``picture_id`` was taken, in UTC; ``alike`` is how many readable pictures it has
    where these are three or more, of different times, with one and the same content, else 0; ``name`` is that of the
    picture ``picture_id``."""

    viewpoint: str
    bucket: int | str | None
    camera: str | None
    location: str | None
    district: str | None
    old_district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None
    pictures: int
    match: int
    no_match: int
    unsure: int
    unreadable: int
    with_target: int
    newest: int | None
    mean: float | None
    peak: int | None
    counted: int
    text: str | None
    picture_id: str
    observation_id: str
    taken_at: datetime | None = None
    alike: int = 0
    name: str = ""

    @property
    def places(self) -> Sequence[tuple[str, str]]:
        """Its location with its district, as :class:`Period` has them."""
        return ((self.location or "", self.district or ""),)


@dataclass(frozen=True, slots=True)
class Period:
    """What all viewpoints' pictures of one hour or day come to; ``bucket`` is ``None`` where the time is not known.
    Counts are of pictures, by outcome. ``means`` and ``peaks`` hold each viewpoint's own, in the order of their names,
    with ``None`` where it has no certain count; ``text`` is that of the viewpoint with most pictures; the coordinates
    are those of the first that has any; ``places`` are locations with their districts, empty where not known."""

    bucket: int | str | None
    pictures: int
    match: int
    no_match: int
    unsure: int
    unreadable: int
    means: Sequence[float | None]
    peaks: Sequence[int | None]
    text: str | None
    latitude: float | None
    longitude: float | None
    places: Sequence[tuple[str, str]]


_BUCKETS = {
    None: "NULL",
    "hour": "toHour(taken_at, {timezone:String})",
    "day": "toString(toDate(taken_at, {timezone:String}))",
}

# A slice that is not watched does not pay for it: the identities are the widest column.
_ALIKE = """if(countIf(outcome != 'unreadable') > 2 AND minIf(identity, outcome != 'unreadable') != ''
       AND minIf(identity, outcome != 'unreadable') = maxIf(identity, outcome != 'unreadable')
       AND minIf(taken_at, outcome != 'unreadable') < maxIf(taken_at, outcome != 'unreadable'),
       countIf(outcome != 'unreadable'), 0)"""

# `best` is the newest readable picture, or the newest of all where none can be read.
_SQL = """
, argMax(tuple(outcome != 'unreadable', outcome, count, text, picture_id, observation_id, taken_at, name),
         (outcome != 'unreadable', coalesce(taken_at, toDateTime64(0, 3)), name)) AS best
SELECT
    coalesce(camera, picture_id) AS viewpoint, {bucket} AS bucket,
    any(camera), any(location) AS its_location, any(district) AS its_district, any(old_district), any(mandal),
    any(latitude) AS its_latitude, any(longitude) AS its_longitude,
    count() AS pictures,
    countIf(said = 'match') AS matching, countIf(said = 'no_match') AS lacking, countIf(said = 'unsure') AS doubtful,
    countIf(said = 'unreadable') AS lost,
    countIf(outcome = 'match'),
    if(best.1 AND best.2 != 'unsure', best.3, NULL),
    avgIf(count, outcome IN ('match', 'no_match')) AS mean,
    maxIf(count, outcome IN ('match', 'no_match')) AS peak,
    countIf(count IS NOT NULL AND outcome IN ('match', 'no_match')) AS counted,
    if(best.1, best.4, NULL) AS its_text, best.5, best.6, best.7, {alike}, best.8
FROM local WHERE {where}
GROUP BY viewpoint, bucket
"""
# Each viewpoint's figure is handed over, not their sum: numbers that are added up twice must be added in one order.
_PERIODS = """
WITH
    arraySort(one -> one.1, groupArray((viewpoint, if(counted > 0, mean, NULL), if(counted > 0, peak, NULL)))) AS each,
    argMinIf((its_latitude, its_longitude), viewpoint, its_latitude IS NOT NULL) AS spot
SELECT
    bucket, sum(pictures), sum(matching), sum(lacking), sum(doubtful), sum(lost),
    arrayMap(one -> one.2, each), arrayMap(one -> one.3, each),
    argMin(tuple(its_text), (-toInt64(pictures), viewpoint)).1, spot.1, spot.2,
    groupUniqArray((ifNull(toString(its_location), ''), ifNull(toString(its_district), '')))
FROM ({viewpoints}) GROUP BY bucket ORDER BY bucket
"""
_STRETCH = 2000
_NAMES = f"""
SELECT DISTINCT coalesce(camera, picture_id) AS viewpoint FROM observations
WHERE run_id = {{run_id:String}} AND viewpoint > {{after:String}}
ORDER BY viewpoint LIMIT {_STRETCH} SETTINGS {STREAMED}
"""  # noqa: S608  (numbers of our own)


class FigureStore:
    """Reads figures; every statement is fixed and every value is bound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, wanted: Slice) -> list[Viewpoint] | list[Period]:
        """What an answer is made of: hours or days where these are kept apart, else viewpoints."""
        if wanted.bucket is None:
            return self.viewpoints(wanted)
        return [Period(*row) for row in self._database.select(*_by_period(wanted))]

    def viewpoints(self, wanted: Slice) -> list[Viewpoint]:
        """One row for each viewpoint and bucket."""
        sql, parameters = statement(wanted)
        return [_viewpoint(row) for row in self._database.select(sql, parameters)]

    def each_viewpoint(self, wanted: Slice) -> Iterator[Viewpoint]:
        """The same one by one, for a slice without buckets: where every picture is a viewpoint of its own, there may
        be more of them than should be held at once."""
        if wanted.bucket is not None:
            raise ValueError("a slice by time is read whole")
        after = ""
        while True:
            # The names first: grouping is what takes memory, and so it is done for a stretch of them at a time.
            keys = self._database.select(_NAMES, {"run_id": wanted.run_id, "after": after})
            if not keys:
                return
            sql, parameters = statement(wanted, (after, keys[-1][0]))
            for row in self._database.select(sql, parameters):
                yield _viewpoint(row)
            after = keys[-1][0]


def _viewpoint(row: Sequence[Any]) -> Viewpoint:
    """ClickHouse columns are UTC and come back naive."""
    *most, taken_at, alike, name = row
    return Viewpoint(*[*most, taken_at and taken_at.replace(tzinfo=UTC), int(alike or 0), name])


def working(wanted: Slice) -> dict[str, Any]:
    """The statement of a slice and what is bound to its places, as they are shown under an answer."""
    sql, parameters = statement(wanted) if wanted.bucket is None else _by_period(wanted)
    return {"sql": sql.strip(), "parameters": parameters}


def statement(wanted: Slice, stretch: tuple[str, str] | None = None) -> tuple[str, dict[str, Any]]:
    """The statement behind the figures of viewpoints and its parameters. ``stretch`` keeps to the
    viewpoints after its first and up to its second."""
    sql, parameters = _over_time(wanted, stretch)
    settings = f" SETTINGS {STREAMED}" if stretch else ""
    return f"{sql}ORDER BY viewpoint, bucket{settings}\n", parameters


def _by_period(wanted: Slice) -> tuple[str, dict[str, Any]]:
    sql, parameters = _over_time(wanted)
    return _PERIODS.format(viewpoints=sql), parameters


def _over_time(wanted: Slice, stretch: tuple[str, str] | None = None) -> tuple[str, dict[str, Any]]:
    where, parameters = chosen(wanted)
    if stretch is not None:
        where += " AND coalesce(camera, picture_id) > {after:String} AND coalesce(camera, picture_id) <= {until:String}"
        parameters |= {"after": stretch[0], "until": stretch[1]}
    alike = _ALIKE if wanted.watched else "0"
    return LOCAL + _SQL.format(bucket=_BUCKETS[wanted.bucket], where=where, alike=alike), parameters
