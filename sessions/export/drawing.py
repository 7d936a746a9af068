"""The map of a report: places drawn from their coordinates alone, without tiles, so that it opens anywhere.

Projected onto a plane around their middle (equirectangular, true at the middle's latitude), which for a city or a state
is off by less than a mark's width.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.states import Outcome
from sessions.views import Place

WIDTH = 760.0
_FLATTEST, _TALLEST = 0.42, 0.78  # height by width
_MARGIN = 34.0
_KM_PER_DEGREE = 111.195
_LEAST_SPAN_KM = 0.4
_LABELS = 14
_LETTER, _LINE = 6.1, 15.0
# What matters most is drawn last and so lies on top.
_ON_TOP = (Outcome.NO_MATCH, Outcome.UNREADABLE, Outcome.UNSURE, Outcome.MATCH)


@dataclass(frozen=True, slots=True)
class Mark:
    """One place on the drawing. ``figure`` stands in it, ``name`` is told when it is pointed at."""

    x: float
    y: float
    outcome: str
    figure: str
    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A place's name beside its mark."""

    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the grid with its degrees."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template draws, in the drawing's own units."""

    width: float
    height: float
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    meridians: tuple[Line, ...]
    parallels: tuple[Line, ...]
    scale_width: float
    scale_text: str


def draw(places: Sequence[Place]) -> Drawing | None:
    """The drawing of ``places``, the most telling first; ``None`` where none of them stands anywhere."""
    spots = [(place, *where) for place in places if (where := _where(place)) is not None]
    if not spots:
        return None
    plane = _Plane([latitude for _, latitude, _ in spots], [longitude for _, _, longitude in spots])
    marks = [_mark(place, *plane.point(latitude, longitude)) for place, latitude, longitude in spots]
    labels = tuple(_labels(marks))
    marks.sort(key=lambda mark: _ON_TOP.index(Outcome(mark.outcome)))
    scale_km = _round_down(plane.km(WIDTH) / 4)
    return Drawing(
        width=WIDTH,
        height=plane.height,
        marks=tuple(marks),
        labels=labels,
        meridians=tuple(Line(plane.point(plane.south, at)[0], _degrees(at, "E", "W")) for at in plane.meridians()),
        parallels=tuple(Line(plane.point(at, plane.west)[1], _degrees(at, "N", "S")) for at in plane.parallels()),
        scale_width=round(WIDTH * scale_km / plane.km(WIDTH), 1),
        scale_text=f"{scale_km:g} km" if scale_km >= 1 else f"{scale_km * 1000:g} m",
    )


class _Plane:
    """The plane that all places fit on, with a margin."""

    def __init__(self, latitudes: Sequence[float], longitudes: Sequence[float]) -> None:
        middle = (min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2
        self._shrink = max(math.cos(math.radians(middle[0])), 0.05)
        least = _LEAST_SPAN_KM / _KM_PER_DEGREE
        wide = max((max(longitudes) - min(longitudes)) * self._shrink, least)
        high = max(max(latitudes) - min(latitudes), least)
        inner = WIDTH - 2 * _MARGIN
        self.height = round(min(max(inner * high / wide + 2 * _MARGIN, WIDTH * _FLATTEST), WIDTH * _TALLEST), 1)
        self._unit = max(wide / inner, high / (self.height - 2 * _MARGIN))  # degrees of latitude to a unit
        self.west = middle[1] - self._unit * WIDTH / 2 / self._shrink
        self.north = middle[0] + self._unit * self.height / 2
        self.south = self.north - self._unit * self.height

    def point(self, latitude: float, longitude: float) -> tuple[float, float]:
        x = (longitude - self.west) * self._shrink / self._unit
        return round(x, 1), round((self.north - latitude) / self._unit, 1)

    def km(self, units: float) -> float:
        return units * self._unit * _KM_PER_DEGREE

    def meridians(self) -> Iterator[float]:
        span = self._unit * WIDTH / self._shrink
        return _steps(self.west, self.west + span, _round_down(span / 3))

    def parallels(self) -> Iterator[float]:
        return _steps(self.south, self.north, _round_down((self.north - self.south) / 2))


def _where(place: Place) -> tuple[float, float] | None:
    latitude, longitude = place.viewpoint.latitude, place.viewpoint.longitude
    return None if latitude is None or longitude is None else (latitude, longitude)


def _mark(place: Place, x: float, y: float) -> Mark:
    spot = place.viewpoint
    value = place.as_json()["value"]
    figure = f"{value:g}" if place.outcome is Outcome.MATCH and value is not None and 0 < value < 1000 else ""
    return Mark(x, y, str(place.outcome), figure, spot.location or spot.camera or "")


def _labels(marks: Sequence[Mark]) -> Iterator[Label]:
    """Names of the first matches, where they cover neither a mark nor each other."""
    taken = [(mark.x - 10, mark.y - 10, mark.x + 10, mark.y + 10) for mark in marks if mark.outcome != Outcome.NO_MATCH]
    told: set[str] = set()
    for mark in marks:
        text = mark.name[:28]
        if len(told) == _LABELS or mark.outcome != Outcome.MATCH or not text or text in told:
            continue
        width = len(text) * _LETTER
        for left, anchor in ((mark.x + 14, "start"), (mark.x - 14 - width, "end")):
            box = (left, mark.y - _LINE / 2, left + width, mark.y + _LINE / 2)
            if box[0] >= 4 and box[2] <= WIDTH - 4 and not any(_meet(box, other) for other in taken):
                taken.append(box)
                told.add(text)
                yield Label(mark.x + 14 if anchor == "start" else mark.x - 14, mark.y + 4, text, anchor)
                break


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _round_down(value: float) -> float:
    """The 1, 2 or 5 of its decade that is not above ``value``."""
    decade: float = 10.0 ** math.floor(math.log10(value))
    return next(step * decade for step in (5, 2, 1) if step * decade <= value * 1.000001)


def _steps(low: float, high: float, step: float) -> Iterator[float]:
    for index in range(math.ceil(low / step), math.floor(high / step) + 1):
        yield index * step


def _degrees(value: float, positive: str, negative: str) -> str:
    return f"{abs(value):.4f}".rstrip("0").rstrip(".") + "°" + (positive if value >= 0 else negative)
