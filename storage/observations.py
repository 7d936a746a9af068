"""Observations at rest: what was seen (sights) and what that meant for a run's ask (observations).

A sight is kept under what was looked at (the picture's identity) and how (model, version, what it sees), and serves
every later question. An observation belongs to one run and one picture: writing it again replaces it, so a repeat
after a crash can't count twice. All ClickHouse SQL about them is in this file and in :mod:`storage.figures`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from core.observation import Box, Sight
from core.states import Outcome
from storage.database import Database
from storage.slices import KEYS, LOCAL, Among, Slice, chosen

SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS sights (
        model LowCardinality(String), model_version LowCardinality(String), sees String,
        identity_kind LowCardinality(String), identity String, sight String, seen_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(seen_at) ORDER BY (model, model_version, sees, identity)
    """,
    """
    CREATE TABLE IF NOT EXISTS observations (
        run_id String, picture_id String, observation_id String,
        source LowCardinality(String), name String, camera Nullable(String),
        location LowCardinality(Nullable(String)), district LowCardinality(Nullable(String)),
        old_district LowCardinality(Nullable(String)), mandal LowCardinality(Nullable(String)),
        latitude Nullable(Float64), longitude Nullable(Float64), taken_at Nullable(DateTime64(3, 'UTC')),
        identity_kind LowCardinality(String), identity String,
        model LowCardinality(String), model_version LowCardinality(String),
        outcome LowCardinality(String), count Nullable(Int32), text Nullable(String), score Nullable(Float64),
        reason Nullable(String), boxes String, width UInt32, height UInt32,
        elapsed_ms Float64, cost_usd Float64, reused Bool, failed Bool, observed_at DateTime64(3, 'UTC')
    ) ENGINE = ReplacingMergeTree(observed_at) ORDER BY (run_id, picture_id)
    """,
)


@dataclass(frozen=True, slots=True)
class Observation:
    """One picture's outcome in one run, with the place as the register had it when the run began.

    ``failed`` marks an ``unreadable`` that is the model's fault, not the picture's: continuing the run asks again.
    """

    run_id: str
    picture_id: str
    observation_id: str
    source: str
    name: str
    camera: str | None
    location: str | None
    district: str | None
    old_district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None
    taken_at: datetime | None
    identity_kind: str
    identity: str
    model: str
    model_version: str
    outcome: Outcome
    count: int | None
    text: str | None
    score: float | None
    reason: str | None
    boxes: tuple[Box, ...]
    width: int
    height: int
    elapsed_ms: float
    cost_usd: float
    reused: bool
    failed: bool
    observed_at: datetime

    def as_json(self) -> dict[str, Any]:
        """The row as the page and the exports show it."""
        return {
            "observation_id": self.observation_id,
            "picture_id": self.picture_id,
            "name": self.name,
            "camera": self.camera,
            "location": self.location,
            "district": self.district,
            "mandal": self.mandal,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "taken_at": _iso(self.taken_at),
            "outcome": str(self.outcome),
            "count": self.count,
            "text": self.text,
            "score": self.score,
            "reason": self.reason,
            "boxes": [box_row(box) for box in self.boxes],
            "width": self.width,
            "height": self.height,
            "model": self.model,
            "model_version": self.model_version,
            "elapsed_ms": round(self.elapsed_ms, 1),
            "reused": self.reused,
            "observed_at": _iso(self.observed_at.replace(microsecond=0)),
        }


@dataclass(frozen=True, slots=True)
class SightKey:
    """How a picture was looked at: by which model, in which version, for what."""

    model: str
    model_version: str
    sees: str


class OtherSide(StrEnum):
    """Of a difference: the answer before, or both."""

    BEFORE = "before"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class PictureFilter:
    """Which of a run's observations are wanted; ``None`` means all. ``NO_LOCATION`` as ``location`` or ``district``
    means those without one. ``places`` keeps to the places (hours, days) of the answer that ended so. ``least`` hides
    what has a lower score; what has none stays. ``side`` is for a difference."""

    outcome: Outcome | None = None
    camera: str | None = None
    location: str | None = None
    district: str | None = None
    least: float | None = None
    places: Outcome | None = None
    side: OtherSide | None = None


@dataclass(frozen=True, slots=True)
class ObservationPage:
    """Some of a run's observations. ``following`` is the cursor of the next page, ``total`` how many there are on all
    pages, ``hidden`` how many more there are below the least score, ``scores`` the lowest and highest of all these."""

    rows: Sequence[Observation] = ()
    following: str | None = None
    total: int = 0
    hidden: int = 0
    scores: tuple[float, float] | None = None

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "pictures": [row.as_json() for row in self.rows],
            "next": self.following,
            "total": self.total,
            "hidden": self.hidden,
            "scores": None if self.scores is None else [round(score, 3) for score in self.scores],
        }


NO_LOCATION = "no location"
# The order of an export, and how a place in it is bound.
_PLACE_ORDER = (
    ("coalesce(location, '')", "String"),
    ("coalesce(camera, '')", "String"),
    ("toUnixTimestamp64Milli(coalesce(taken_at, toDateTime64(0, 3, 'UTC')))", "Int64"),
    ("picture_id", "String"),
)
_STRETCH = 2000
# By one thread and in small blocks: as quick where little is read at a time, and in a sixth of the memory.
STREAMED = "max_threads = 1, max_block_size = 4096"
_COLUMNS = tuple(field.name for field in fields(Observation))
_JUDGED = ", ".join("said" if name == "outcome" else name for name in _COLUMNS)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM observations FINAL"  # noqa: S608  (names of our own fields)


class ObservationStore:
    """Writes and reads sights and observations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, observations: Sequence[Observation]) -> None:
        """Store a batch; acknowledged rows survive the death of the process."""
        self._database.insert("observations", _COLUMNS, [_to_row(o) for o in observations])

    def add_sights(self, key: SightKey, sights: Sequence[tuple[str, str, Sight]], seen_at: datetime) -> None:
        """Keep ``(identity kind, identity, sight)`` for later questions."""
        rows = [
            (key.model, key.model_version, key.sees, kind, identity, _dump_sight(sight), seen_at)
            for kind, identity, sight in sights
        ]
        columns = ("model", "model_version", "sees", "identity_kind", "identity", "sight", "seen_at")
        self._database.insert("sights", columns, rows)

    def has_sights(self, key: SightKey) -> bool:
        """Whether anything was ever looked at in this way."""
        sql = (
            "SELECT 1 FROM sights WHERE model = {model:String} AND model_version = {model_version:String}"
            " AND sees = {sees:String} LIMIT 1"
        )
        return bool(self._database.select(sql, asdict(key)))

    def sights(
        self, key: SightKey, identities: Collection[str], since: datetime, urls_since: datetime
    ) -> Mapping[str, Sight]:
        """The sights already made of ``identities`` no earlier than ``since``, nor than ``urls_since`` where only a URL
        tells which picture it was: that may show another one by now."""
        sql = (
            "SELECT identity, sight FROM sights FINAL WHERE model = {model:String}"
            " AND model_version = {model_version:String} AND sees = {sees:String}"
            " AND identity IN {identities:Array(String)} AND seen_at >= {since:DateTime64(3)}"
            " AND (identity_kind != 'url' OR seen_at >= {urls_since:DateTime64(3)})"
        )
        parameters = asdict(key) | {"identities": list(identities), "since": since, "urls_since": urls_since}
        return {identity: _load_sight(sight) for identity, sight in self._database.select(sql, parameters)}

    def settled(self, run_id: str) -> set[str]:
        """Ids of the run's pictures that need not be asked again."""
        sql = "SELECT picture_id FROM observations FINAL WHERE run_id = {run_id:String} AND NOT failed"
        return {row[0] for row in self._database.select(sql, {"run_id": run_id})}

    def matched(self, run_id: str) -> set[str]:
        """Ids of the run's pictures in which the target was seen."""
        sql = "SELECT picture_id FROM observations FINAL WHERE run_id = {run_id:String} AND outcome = 'match'"
        return {row[0] for row in self._database.select(sql, {"run_id": run_id})}

    def tally(self, run_id: str) -> Tally:
        """How many of the run's pictures ended how, and what that cost."""
        sql = (
            "SELECT outcome, count(), countIf(reused), sum(cost_usd) FROM observations FINAL"
            " WHERE run_id = {run_id:String} GROUP BY outcome"
        )
        counts = dict.fromkeys(Outcome, 0)
        reused, cost_usd = 0, 0.0
        for outcome, number, again, cost in self._database.select(sql, {"run_id": run_id}):
            counts[Outcome(outcome)] = number
            reused += again
            cost_usd += cost
        return Tally(counts, reused, cost_usd)

    def page(
        self, of: Slice, wanted: PictureFilter, after: str | None, limit: int, among: Among | None = None
    ) -> ObservationPage:
        """One page of the observations that ``of`` counts, newest picture first, their outcomes by its condition.
        ``after`` is the cursor that the page before gave; ``among`` are the groups that ``wanted.places`` comes to."""
        where, parameters = chosen(of)
        where = " AND ".join([where, *_conditions(wanted, parameters)])
        if among is not None:
            where += f" AND {KEYS[among.by]} IN {{among:Array(String)}}"
            parameters["among"] = ["\x1f".join(key) for key in among.keys]
        parameters["least"] = -1e18 if wanted.least is None else wanted.least
        shown = "(score IS NULL OR score >= {least:Float64})"
        facts = f"{LOCAL} SELECT countIf({shown}), count(), min(score), max(score) FROM local WHERE {where}"  # noqa: S608
        total, either, lowest, highest = self._database.select(facts, parameters)[0]
        start = int(after) if after and after.isdecimal() else 0
        sql = (  # every text in it is fixed
            f"{LOCAL} SELECT {_JUDGED} FROM local WHERE {where} AND {shown}"  # noqa: S608
            " ORDER BY taken_at DESC NULLS LAST, name, picture_id LIMIT {limit:UInt32} OFFSET {start:UInt32}"
        )
        rows = self._database.select(sql, parameters | {"limit": limit, "start": start})
        following = start + len(rows)
        return ObservationPage(
            [_from_row(row) for row in rows],
            str(following) if following < total else None,
            total,
            either - total,
            None if lowest is None else (lowest, highest),
        )

    def some(self, run_id: str, picture_ids: Sequence[str]) -> list[Observation]:
        """What came of these pictures in a run, as far as it is stored."""
        sql = f"{_SELECT} WHERE run_id = {{run_id:String}} AND picture_id IN {{picture_ids:Array(String)}}"
        parameters = {"run_id": run_id, "picture_ids": list(picture_ids)}
        return [_from_row(row) for row in self._database.select(sql, parameters)]

    def all(self, run_id: str) -> Iterator[Observation]:
        """Every observation of a run by place, camera and time, read a page at a time, so that a hundred thousand take
        no more memory than the first two thousand."""
        after: list[Any] = []
        while True:
            rows = self._stretch(run_id, after)
            for row in rows:
                yield _from_row(row[len(_PLACE_ORDER) :])
            if len(rows) < _STRETCH:
                return
            after = list(rows[-1][: len(_PLACE_ORDER)])

    def _stretch(self, run_id: str, after: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows that follow the one whose place in the order is ``after``. Not by OFFSET, which would count through
        all that was read before."""
        order = ", ".join(expression for expression, _ in _PLACE_ORDER)
        bounds = ", ".join(f"{{after{index}:{kind}}}" for index, (_, kind) in enumerate(_PLACE_ORDER))
        beyond = f" AND ({order}) > ({bounds})" if after else ""
        sql = (
            f"SELECT {order}, {', '.join(_COLUMNS)} FROM observations FINAL"  # noqa: S608
            f" WHERE run_id = {{run_id:String}}{beyond} ORDER BY {order} LIMIT {_STRETCH}"
            f" SETTINGS {STREAMED}"
        )
        parameters = {"run_id": run_id} | {f"after{index}": value for index, value in enumerate(after)}
        return self._database.select(sql, parameters)

    def forget(self, run_ids: Sequence[str]) -> None:
        """Delete the observations of runs; their sights stay, since other questions may use them."""
        self._database.delete(
            "DELETE FROM observations WHERE run_id IN {run_ids:Array(String)}", {"run_ids": list(run_ids)}
        )

    def has_sights_before(self, moment: datetime) -> bool:
        """Whether any sight is older than ``moment``."""
        sql = "SELECT 1 FROM sights WHERE seen_at < {moment:DateTime64(3)} LIMIT 1"
        return bool(self._database.select(sql, {"moment": moment}))

    def forget_sights(self, before: datetime) -> None:
        """Delete what was seen before ``before``: a later question looks at those pictures again. Answers stay."""
        if self.has_sights_before(before):  # deleting writes even where there is nothing to delete
            self._database.delete("DELETE FROM sights WHERE seen_at < {moment:DateTime64(3)}", {"moment": before})


@dataclass(frozen=True, slots=True)
class Tally:
    """A run's outcomes in numbers."""

    counts: Mapping[Outcome, int]
    reused: int
    cost_usd: float


def _conditions(wanted: PictureFilter, parameters: dict[str, Any]) -> list[str]:
    clauses = []
    for name, column in (("outcome", "said"), ("camera",) * 2, ("location",) * 2, ("district",) * 2):
        value = getattr(wanted, name)
        if value == NO_LOCATION:
            clauses.append(f"{column} IS NULL")
        elif value is not None:
            clauses.append(f"{column} = {{wanted_{name}:String}}")
            parameters[f"wanted_{name}"] = str(value)
    return clauses


def box_row(box: Box) -> list[float | str]:
    """A box as a short JSON row: four fractions, the label, the score."""
    return [round(box.x0, 4), round(box.y0, 4), round(box.x1, 4), round(box.y1, 4), box.label, round(box.score, 3)]


def _to_row(observation: Observation) -> list[Any]:
    row = [getattr(observation, name) for name in _COLUMNS]
    row[_COLUMNS.index("outcome")] = str(observation.outcome)
    row[_COLUMNS.index("boxes")] = _dump_boxes(observation.boxes)
    return row


def _from_row(row: Sequence[Any]) -> Observation:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["outcome"] = Outcome(values["outcome"])
    values["boxes"] = tuple(Box(*box) for box in json.loads(values["boxes"]))
    values["taken_at"] = _aware(values["taken_at"])
    values["observed_at"] = _aware(values["observed_at"])
    return Observation(**values)


def _dump_boxes(boxes: Sequence[Box]) -> str:
    return json.dumps([box_row(box) for box in boxes], separators=(",", ":"))


def _dump_sight(sight: Sight) -> str:
    # In full precision: a sight judged again must give the same answer to the last box.
    values = asdict(sight) | {"boxes": [astuple(box) for box in sight.boxes], "facts": dict(sight.facts)}
    return json.dumps(values, separators=(",", ":"))


def _load_sight(text: str) -> Sight:
    values = json.loads(text)
    return Sight(**(values | {"boxes": tuple(Box(*box) for box in values["boxes"])}))


def _aware(moment: datetime | None) -> datetime | None:
    """ClickHouse columns are UTC and come back naive."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
