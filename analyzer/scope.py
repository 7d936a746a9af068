"""Which pictures a plan concerns: its places by the register, its times on the site's clock."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from analyzer.plan import Scope
from core.picture import Picture
from storage.register import RegisteredCamera


class ScopeFilter:
    """Tells for each picture whether a question concerns it.

    ``previous`` are the ids of the pictures that a follow-up is limited to, or ``None``. A question that names a time
    leaves out pictures whose time nobody knows; one that names a place leaves out pictures without one.
    """

    def __init__(self, scope: Scope, timezone: ZoneInfo, previous: Collection[str] | None = None) -> None:
        self._scope = scope
        self._timezone = timezone
        self._previous = previous
        self._districts = _folded(scope.districts)
        self._mandals = _folded(scope.mandals)
        self._locations = _folded(scope.locations)
        self._cameras = _folded(scope.cameras)

    def holds(self, picture: Picture, entry: RegisteredCamera | None) -> bool:
        """Whether ``picture``, taken by the camera ``entry``, is in scope."""
        if self._previous is not None and picture.id not in self._previous:
            return False
        return self._in_place(picture.camera, entry) and self._in_time(picture.taken_at)

    def _in_place(self, camera: str | None, entry: RegisteredCamera | None) -> bool:
        if not (self._districts or self._mandals or self._locations or self._cameras):
            return True
        if _fold(camera) in self._cameras:
            return True
        return entry is not None and (
            _fold(entry.district) in self._districts
            or _fold(entry.old_district) in self._districts
            or _fold(entry.mandal) in self._mandals
            or _fold(entry.location) in self._locations
        )

    def _in_time(self, taken_at: datetime | None) -> bool:
        scope = self._scope
        if not scope.names_time:
            return True
        if taken_at is None:
            return False
        local = taken_at.astimezone(self._timezone).replace(tzinfo=None)
        if scope.start is not None and local < scope.start:
            return False
        if scope.end is not None and local >= scope.end:
            return False
        return scope.hours is None or _in_hours(local, scope.hours)


def _in_hours(local: datetime, hours: tuple[float, float]) -> bool:
    hour = local.hour + local.minute / 60
    begin, finish = hours
    return begin <= hour < finish if begin <= finish else hour >= begin or hour < finish


def _fold(name: str | None) -> str | None:
    return None if name is None else name.casefold()


def _folded(names: Collection[str]) -> frozenset[str | None]:
    return frozenset(name.casefold() for name in names)
