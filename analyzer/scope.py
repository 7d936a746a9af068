"""Which pictures a plan concerns: its places by the register, its times on the site's clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from analyzer.plan import Scope
from core.picture import Picture
from storage.register import RegisteredCamera


class Placed(Protocol):
    """Anything that stands somewhere: a camera of the register, a viewpoint."""

    @property
    def camera(self) -> str | None: ...
    @property
    def location(self) -> str | None: ...
    @property
    def district(self) -> str | None: ...
    @property
    def old_district(self) -> str | None: ...
    @property
    def mandal(self) -> str | None: ...


class PlaceFilter:
    """Whether something stands in the places that a scope names.

    Names of one level add up; levels narrow each other ("Clock Tower in Palnadu") unless nothing of ``known`` stands in
    all of them: then they add up too ("Guntur and Benz Circle").
    """

    def __init__(self, scope: Scope, known: Iterable[Placed]) -> None:
        self._levels = tuple(
            (fields, _folded(names))
            for fields, names in (
                (("district", "old_district"), scope.districts),
                (("mandal",), scope.mandals),
                (("location",), scope.locations),
                (("camera",), scope.cameras),
            )
            if names
        )
        self._narrow = len(self._levels) > 1 and any(all(self._each(place)) for place in known)

    @property
    def is_all(self) -> bool:
        """Whether no place is named."""
        return not self._levels

    def holds(self, place: Placed) -> bool:
        """Whether ``place`` is in scope; everything is where no place is named."""
        if not self._levels:
            return True
        return all(self._each(place)) if self._narrow else any(self._each(place))

    def holds_camera(self, camera: str | None) -> bool:
        """The same for a camera that the register does not know."""
        if not self._levels:
            return True
        return not self._narrow and any(
            fields == ("camera",) and _fold(camera) in names for fields, names in self._levels
        )

    def _each(self, place: Placed) -> list[bool]:
        return [any(_fold(getattr(place, field)) in names for field in fields) for fields, names in self._levels]


class ScopeFilter:
    """Tells for each picture whether a question concerns it.

    ``previous`` are the ids of the pictures that a follow-up is limited to, or ``None``. A question that names a time
    leaves out pictures whose time nobody knows; one that names a place leaves out pictures without one.
    """

    def __init__(
        self,
        scope: Scope,
        timezone: ZoneInfo,
        previous: Collection[str] | None = None,
        known: Iterable[Placed] = (),
    ) -> None:
        self._scope = scope
        self._timezone = timezone
        self._previous = previous
        self._places = PlaceFilter(scope, known)

    @property
    def is_all(self) -> bool:
        """Whether every picture is in scope, whatever it is."""
        return self._previous is None and self._places.is_all and not self._scope.names_time

    def holds(self, picture: Picture, entry: RegisteredCamera | None) -> bool:
        """Whether ``picture``, taken by the camera ``entry``, is in scope."""
        if self._previous is not None and picture.id not in self._previous:
            return False
        in_place = self._places.holds_camera(picture.camera) if entry is None else self._places.holds(entry)
        return in_place and self._in_time(picture.taken_at)

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
