"""Cameras whose pictures say less than they seem to: those that are far behind the others, those that are frozen, and
those of the register that have no picture at all.

Their figures count as any other's. That a figure is three months old, or that a camera has sent one picture all day, is
for the person to know and to weigh.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from analyzer.groups import Part
from analyzer.phrases import counted, listed
from analyzer.plan import GroupBy, Kind, Plan, Task
from analyzer.scope import PlaceFilter
from storage.figures import Viewpoint
from storage.register import RegisteredCamera

_BEHIND = timedelta(days=1)
_NAMED = 3
# Where each picture, hour or day stands for itself.
_APART = (GroupBy.IMAGE, GroupBy.HOUR, GroupBy.DAY)


def doubts(plan: Plan, seen: Sequence[Part]) -> list[str]:
    """A sentence on the cameras that are behind and one on those that are frozen, if any. Only for a look:
    what follows from it rests on the same pictures."""
    if plan.kind is not Kind.LOOK:
        return []
    cameras = [part for part in seen if isinstance(part, Viewpoint) and part.camera]
    return [*_unknown(plan, seen), *_behind(plan, cameras), *_frozen(cameras)]


def without_pictures(plan: Plan, known: Sequence[RegisteredCamera], seen: Collection[str]) -> tuple[str, ...]:
    """A sentence on the cameras of the register that a look is about and that gave it no picture, if any; ``seen`` are
    the keys of those that did. Who goes on from an earlier answer was told there."""
    if plan.kind is not Kind.LOOK or plan.scope.previous is not None:
        return ()
    places = PlaceFilter(plan.scope, known)
    lacking = [camera for camera in known if camera.camera not in seen and places.holds(camera)]
    if not lacking:
        return ()
    one = len(lacking) == 1
    who = f"{len(lacking):,} registered camera{'' if one else 's'}{' there' if plan.scope.names_place else ''}"
    when = " of that time" if plan.scope.names_time else ""
    told = f"{who} {'has' if one else 'have'} no picture{when} and {'is' if one else 'are'} in no figure"
    return (f"{told}: {_places(lacking)}." if len(lacking) <= _NAMED else f"{told}.",)


def _unknown(plan: Plan, seen: Sequence[Part]) -> list[str]:
    """Figures are added up over cameras: where nobody knows which took a picture, one view may count several times.
    Pictures kept apart by time are not asked whose they are."""
    loose = sum(isinstance(part, Viewpoint) and part.camera is None for part in seen)
    if loose < 2 or plan.task is not Task.COUNT or plan.group_by in _APART:
        return []
    return [f"Which cameras took {loose:,} of the pictures is not known, so each of these counts by itself."]


def _behind(plan: Plan, cameras: Sequence[Viewpoint]) -> list[str]:
    """Told where the newest picture of each camera is what counts, and not the pictures of a time that was named."""
    if plan.spans_time or plan.group_by in _APART:
        return []
    taken = [(camera, camera.taken_at) for camera in cameras if camera.taken_at is not None]
    newest = max((moment for _, moment in taken), default=None)
    late = [(camera, newest - moment) for camera, moment in taken if newest is not None and newest - moment > _BEHIND]
    if not late:
        return []
    most = max(lag for _, lag in late)
    who = _named([camera for camera, _ in late])
    if len(late) == 1:
        return [f"The newest picture of {who} is {_days(most)} older than the newest of all."]
    return [f"The newest pictures of {who} are up to {_days(most)} older than the newest of all."]


def _frozen(cameras: Sequence[Viewpoint]) -> list[str]:
    """Noise alone makes two pictures of one view differ: the same bytes again and again are no new view."""
    same = [camera for camera in cameras if camera.alike]
    if not same:
        return []
    if len(same) == 1:
        return [f"All {same[0].alike} pictures of {_named(same)} are one and the same: the camera may be frozen."]
    return [f"{_named(same)} each give one and the same picture again and again: they may be frozen."]


def _named(cameras: Sequence[Viewpoint]) -> str:
    """By place while they are few, else by number."""
    if len(cameras) > _NAMED:
        return counted(len(cameras), GroupBy.CAMERA)
    return _places(cameras)


def _places(cameras: Iterable[Viewpoint | RegisteredCamera]) -> str:
    return listed([camera.location or camera.camera or "a camera" for camera in cameras])


def _days(lag: timedelta) -> str:
    if lag.days > 730:
        return f"{lag.days // 365} years"
    return f"{lag.days:,} day{'' if lag.days == 1 else 's'}"
