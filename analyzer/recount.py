"""The reduction over time once more, in plain Python: what :mod:`storage.figures` says in SQL.

Nobody who is answered waits for this. It is here so that figures can be checked without the database that made them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from analyzer.groups import judged
from analyzer.scope import Placed
from core.states import Outcome
from storage.figures import Viewpoint
from storage.slices import Slice

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CERTAIN = (Outcome.MATCH, Outcome.NO_MATCH)


class Seen(Placed, Protocol):
    """What is needed of an observation; ``taken_at`` is aware."""

    @property
    def picture_id(self) -> str: ...
    @property
    def observation_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...
    @property
    def taken_at(self) -> datetime | None: ...
    @property
    def identity(self) -> str: ...
    @property
    def outcome(self) -> Outcome: ...
    @property
    def count(self) -> int | None: ...
    @property
    def text(self) -> str | None: ...


def recount(observations: Iterable[Seen], wanted: Slice) -> list[Viewpoint]:
    """One row for each viewpoint and bucket, in the order of :meth:`storage.figures.FigureStore.viewpoints`."""
    zone = ZoneInfo(wanted.timezone)
    heaps: dict[tuple[str, int | str | None], _Heap] = {}
    for seen in observations:
        moment = seen.taken_at.astimezone(zone) if seen.taken_at else None
        if _counts(moment, wanted):
            key = (seen.camera or seen.picture_id, _bucket(moment, wanted.bucket))
            heaps.setdefault(key, _Heap()).add(seen, wanted)
    return [heaps[key].viewpoint(*key) for key in sorted(heaps, key=_order)]


def _order(key: tuple[str, int | str | None]) -> tuple[str, bool, int | str]:
    """What has no bucket stands last."""
    name, bucket = key
    return name, bucket is None, 0 if bucket is None else bucket


def _counts(moment: datetime | None, wanted: Slice) -> bool:
    """Whether a picture taken at ``moment``, by the site's clock, is one of those that are asked for."""
    if wanted.start is None and wanted.end is None and wanted.hours is None:
        return True
    if moment is None:
        return False
    naive = moment.replace(tzinfo=None, microsecond=0)
    if (wanted.start is not None and naive < wanted.start) or (wanted.end is not None and naive >= wanted.end):
        return False
    if wanted.hours is None:
        return True
    begin, finish = wanted.hours
    hour = naive.hour + naive.minute / 60
    return begin <= hour < finish if begin <= finish else hour >= begin or hour < finish


def _bucket(moment: datetime | None, bucket: str | None) -> int | str | None:
    if bucket is None or moment is None:
        return None
    return moment.hour if bucket == "hour" else moment.date().isoformat()


@dataclass
class _Heap:
    """What one viewpoint's pictures come to so far."""

    first: Any = None
    tally: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    with_target: int = 0
    counts: list[int] = field(default_factory=list)
    newest: tuple[tuple[bool, datetime, str], Any] | None = None
    looks: list[tuple[str, datetime | None]] = field(default_factory=list)
    watched: bool = False

    def add(self, seen: Seen, wanted: Slice) -> None:
        self.first = self.first or seen
        self.watched = wanted.watched
        if seen.outcome is not Outcome.UNREADABLE:
            self.looks.append((seen.identity, seen.taken_at))
        self.tally[judged(seen.outcome, seen.count, wanted.threshold)] += 1
        self.with_target += seen.outcome is Outcome.MATCH
        if seen.count is not None and seen.outcome in _CERTAIN:
            self.counts.append(seen.count)
        rank = (seen.outcome is not Outcome.UNREADABLE, seen.taken_at or _EPOCH, seen.name)
        if self.newest is None or rank > self.newest[0]:
            self.newest = (rank, seen)

    def viewpoint(self, name: str, bucket: int | str | None) -> Viewpoint:
        place, (rank, newest) = self.first, self.newest or ((False, _EPOCH, ""), self.first)
        readable, counts = rank[0], self.counts
        return Viewpoint(
            viewpoint=name,
            bucket=bucket,
            camera=place.camera,
            location=place.location,
            district=place.district,
            old_district=place.old_district,
            mandal=place.mandal,
            latitude=place.latitude,
            longitude=place.longitude,
            pictures=sum(self.tally.values()),
            match=self.tally[Outcome.MATCH],
            no_match=self.tally[Outcome.NO_MATCH],
            unsure=self.tally[Outcome.UNSURE],
            unreadable=self.tally[Outcome.UNREADABLE],
            with_target=self.with_target,
            newest=newest.count if readable and newest.outcome is not Outcome.UNSURE else None,
            mean=sum(counts) / len(counts) if counts else None,
            peak=max(counts, default=None),
            counted=len(counts),
            text=newest.text if readable else None,
            picture_id=newest.picture_id,
            observation_id=newest.observation_id,
            taken_at=newest.taken_at and newest.taken_at.astimezone(UTC),
            alike=self._alike(),
            name=newest.name,
        )

    def _alike(self) -> int:
        """How many readable pictures there are, where they are three or more, of different times, and all the same."""
        identities = {identity for identity, _ in self.looks}
        moments = {moment for _, moment in self.looks if moment is not None}
        still = self.watched and len(identities) == 1 and "" not in identities and len(moments) > 1
        return len(self.looks) if still and len(self.looks) > 2 else 0
