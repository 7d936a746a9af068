"""Where the cameras of a sheet stand: coordinates row by row, then what only the whole sheet can tell.

Exchanged coordinates are put right where the evidence leaves no doubt, and always reported: when nearly all rows are
impossible as written, or would stand where hardly any camera does, or when one row lies far from the others and
exactly among them the other way round. Everything else that can't be a place is listed and left off the map.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from storage.coordinates import Angle, is_possible, read_angle, read_pair, with_letter_o
from storage.headings import Headings, plain
from storage.problems import ProblemList, as_shown

_WORST_LATITUDE = 72  # hardly any camera of the world stands nearer to a pole
_FEWEST_POLAR = 3  # rows below which standing near a pole proves nothing
_ENOUGH = 20  # placed rows from which the middle nine tenths say where a sheet lies
_FEW = 3  # that lie close together, from which one can say it of a shorter sheet, more carefully
_CLOSE = 5.0  # degrees; two towns of one country may well be each other's mirror image, as Cairo and Alexandria are
# The letter O behind a longitude is east in some languages and west in others; the heading's tells.
_O_IS_EAST = frozenset({"lange", "laenge", "langengrad", "laengengrad", "lengte", "lengtegraad", "koordinaten"})
_O_IS_WEST = frozenset({"longitud", "longitudine", "coordenadas", "coordonnees"})
_EXCHANGED = "Latitude and longitude were exchanged in this row; they are read the other way round."


@dataclass(slots=True)
class Place:
    """Coordinates of one row, or ``None``, and the cells they were read from."""

    row: int
    first: Any
    second: Any
    latitude: float | None = None
    longitude: float | None = None


class Siting:
    """Reads places and lists what is wrong with them in ``problems``.

    ``mend`` allows whole columns to be exchanged on plausibility; where a person chose the columns, nothing does.
    """

    def __init__(self, headings: Headings, problems: ProblemList, mend: bool) -> None:
        self._headings = headings
        self._problems = problems
        self._mend = mend
        pair = headings.of.get("pair")
        self._pair = pair
        self._first = headings.of.get("latitude") if pair is None else pair
        self._second = headings.of.get("longitude") if pair is None else pair
        self._backwards = pair is not None and plain(headings.written[pair]).startswith(("lon", "lng", "x "))
        self._letter_o = _meaning_of_o(headings.header("longitude") or "")
        self.readable = self._first is not None and self._second is not None

    def is_empty(self, cells: Sequence[Any]) -> bool:
        """Whether nothing stands in the columns of coordinates."""
        return bool(cell(cells, self._first) == "" == cell(cells, self._second))

    def read(self, row: int, cells: Sequence[Any]) -> Place:
        """The place of one row as written; ranges are checked by :meth:`settle`."""
        first, second = cell(cells, self._first), cell(cells, self._second)
        place = Place(row, first, second)
        if not self.readable:
            return place
        if self._pair is None and _is_number(first) and _is_number(second):  # nearly every row of nearly every sheet
            place.latitude, place.longitude = first, second
        elif first == "" and second == "":
            self._problems.add(row, self._first, "no_coordinates", "", "The row has no coordinates.")
        elif self._pair is not None:
            self._read_one(place, with_letter_o(first, self._letter_o))
        else:
            self._read_two(place, first, with_letter_o(second, self._letter_o))
        return place

    def settle(self, places: Sequence[Place]) -> None:
        """Judge all places of the sheet together; what can't be one loses its coordinates and is listed."""
        if not self.readable:
            message = "No columns hold latitude and longitude; choose them."
            self._problems.add(max(self._headings.row, 1), None, "no_coordinate_columns", "", message)
            return
        if self._mend and _are_exchanged(places):
            self._exchange_all(places)
        home = _home(places)
        for place in places:
            if place.latitude is not None and place.longitude is not None:
                self._judge(place, place.latitude, place.longitude, home)

    def _read_one(self, place: Place, written: object) -> None:
        pair = read_pair(written)
        if pair is None:
            message = "These are not a latitude and a longitude."
            self._problems.add(place.row, self._first, "not_a_coordinate", place.first, message)
            return
        self._set(place, pair)
        if self._backwards:
            place.latitude, place.longitude = place.longitude, place.latitude

    def _read_two(self, place: Place, first: object, second: object) -> None:
        latitude, longitude = read_angle(first), read_angle(second)
        if latitude is not None and longitude is not None:
            self._read_angles(place, latitude, longitude)
            return
        pair = _pair_in(first, second)
        if pair is not None:
            self._set(place, pair)
            return
        for column, written, angle in ((self._first, place.first, latitude), (self._second, place.second, longitude)):
            if written == "":
                self._problems.add(place.row, column, "no_coordinates", "", "One of the two coordinates is missing.")
            elif angle is None:
                self._problems.add(place.row, column, "not_a_coordinate", written, "This is not a coordinate.")

    def _read_angles(self, place: Place, latitude: Angle, longitude: Angle) -> None:
        """Two numbers; their hemisphere letters, where they have any, outdo the headings."""
        if latitude.axis != "lon" and longitude.axis != "lat":
            self._set(place, (latitude.degrees, longitude.degrees))
        elif (latitude.axis, longitude.axis) == ("lon", "lat"):
            self._set(place, (longitude.degrees, latitude.degrees))
            self._problems.add(place.row, self._first, "row_swapped", _both(place), _EXCHANGED)
        else:
            message = "The hemisphere letters contradict the headings."
            self._problems.add(place.row, self._first, "not_a_coordinate", _both(place), message)

    def _set(self, place: Place, pair: tuple[float, float]) -> None:
        place.latitude, place.longitude = pair

    def _exchange_all(self, places: Sequence[Place]) -> None:
        for place in places:
            place.latitude, place.longitude = place.longitude, place.latitude
        headings = dict.fromkeys((self._headings.header("latitude"), self._headings.header("longitude")))
        message = "Latitudes stand where longitudes should and the other way round; they are read so in all rows."
        value = ", ".join(heading for heading in headings if heading)
        self._problems.add(max(self._headings.row, 1), self._first, "columns_swapped", value, message)

    def _judge(self, place: Place, latitude: float, longitude: float, home: _Home | None) -> None:
        if latitude == 0 and longitude == 0:
            message = "0, 0 lies in the sea off Africa: the coordinates were never filled in."
            self._problems.add(place.row, self._first, "zero_zero", _both(place), message)
        elif home is not None and home.is_far(latitude, longitude) and home.holds(longitude, latitude):
            place.latitude, place.longitude = longitude, latitude
            self._problems.add(place.row, self._first, "row_swapped", _both(place), _EXCHANGED)
            return
        elif is_possible(latitude, longitude):
            return
        else:
            self._report_range(place, latitude, longitude)
        place.latitude = place.longitude = None

    def _report_range(self, place: Place, latitude: float, longitude: float) -> None:
        code = "out_of_range"
        if abs(latitude) > 90:
            self._problems.add(place.row, self._first, code, place.first, "A latitude goes from -90 to 90.")
        if abs(longitude) > 180 and (self._pair is None or abs(latitude) <= 90):
            self._problems.add(place.row, self._second, code, place.second, "A longitude goes from -180 to 180.")


@dataclass(frozen=True, slots=True)
class _Home:
    """Where nearly all of a sheet's cameras stand, with a margin; what lies ``beyond`` it by so much is far away."""

    south: float
    north: float
    west: float
    east: float
    beyond: float = 0.0

    def holds(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east

    def is_far(self, latitude: float, longitude: float) -> bool:
        return not (
            self.south - self.beyond <= latitude <= self.north + self.beyond
            and self.west - self.beyond <= longitude <= self.east + self.beyond
        )


def _meaning_of_o(heading: str) -> str:
    words = set(plain(heading).split())
    return "E" if words & _O_IS_EAST else "W" if words & _O_IS_WEST else "O"


def cell(cells: Sequence[Any], column: int | None) -> Any:
    """What stands in a column; rows end with their last filled cell."""
    return "" if column is None or column >= len(cells) else cells[column]


def _is_number(written: Any) -> bool:
    return type(written) is float and math.isfinite(written)


def _are_exchanged(places: Sequence[Place]) -> bool:
    read = [(p.latitude, p.longitude) for p in places if p.latitude is not None and p.longitude is not None]
    if len(read) < 2:
        return False
    most, few = 0.8 * len(read), 0.2 * len(read)
    if sum(is_possible(longitude, latitude) for latitude, longitude in read) < most:
        return False
    if sum(is_possible(latitude, longitude) for latitude, longitude in read) <= few:
        return True
    polar = sum(abs(latitude) > _WORST_LATITUDE >= abs(longitude) for latitude, longitude in read)
    return len(read) >= _FEWEST_POLAR and polar >= most


def _home(places: Sequence[Place]) -> _Home | None:
    read = [
        (p.latitude, p.longitude)
        for p in places
        if p.latitude is not None and p.longitude is not None and is_possible(p.latitude, p.longitude)
    ]
    few = len(read) < _ENOUGH
    if few:
        read = _together(read)
    if len(read) < _FEW:
        return None
    south, north = _span([latitude for latitude, _ in read])
    west, east = _span([longitude for _, longitude in read])
    return _Home(south, north, west, east, _CLOSE if few else 0.0)


def _together(read: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Of few rows those that lie close together, where these are two thirds of all; else none."""
    if not read:
        return []
    latitude, longitude = statistics.median(y for y, _ in read), statistics.median(x for _, x in read)
    near = [(y, x) for y, x in read if abs(y - latitude) <= _CLOSE and abs(x - longitude) <= _CLOSE]
    return near if 3 * len(near) >= 2 * len(read) else []


def _span(values: list[float]) -> tuple[float, float]:
    """The middle nine tenths of the values, with half as much again on either side."""
    values.sort()
    low, high = values[len(values) // 20], values[-1 - len(values) // 20]
    margin = 1 + (high - low) / 2
    return low - margin, high + margin


def _pair_in(first: object, second: object) -> tuple[float, float] | None:
    """Both coordinates in the cell of one, the other empty or the same."""
    if second in ("", first):
        return read_pair(first)
    return read_pair(second) if first == "" else None


def _both(place: Place) -> str:
    first, second = as_shown(place.first), as_shown(place.second)
    return first if place.first is place.second else f"{first}, {second}"
