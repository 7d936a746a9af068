"""Rows of a sheet become cameras with places. Whatever is wrong with a row is listed; none is dropped in silence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from core.redaction import Redactor
from storage.coordinates import is_possible, read_angle, read_pair
from storage.headings import Headings
from storage.register import Problem, RegisteredCamera, camera_key

_LONGEST = 500  # characters of a text that are kept
_SHOWN = 120  # characters of a cell that a problem shows
_TOTAL = re.compile(
    r"(?:(?:grand|sub|over\s?all)[\s-]*)?(?:totals?|sum)\b[^a-z]*(?:(?:no\.?|number)?\s*(?:of)?\s*(?:cameras?|rows?|count)?)?"
    r"|(?:gesamt|summe|insgesamt|totaal|totale|कुल|మొత్తం)\b.*",
    re.IGNORECASE,
)
_WORST_LATITUDE = 72  # hardly any camera of the world stands nearer to a pole
_FEW = 3  # rows below which a sheet says nothing about its columns
_ENOUGH = 10  # placed rows from which one can say where a sheet lies
_TEXTS = ("location", "district", "old_district", "mandal", "camera_type", "analytics_type", "picture_url")
_URL = _TEXTS.index("picture_url")
_SCHEMES = frozenset({"http", "https", "gs"})
_redact = Redactor()


@dataclass(slots=True)
class _Draft:
    row: int
    camera: str
    texts: list[str | None]  # in the order of _TEXTS
    latitude: float | None
    longitude: float | None
    written: str
    problem: bool  # one about its place is listed already


class Placing:
    """Takes a sheet's rows one by one and makes the register's cameras of them at the end."""

    def __init__(self, headings: Headings, mend: bool = True) -> None:
        """``mend`` allows columns to be exchanged on the evidence of plausibility; a person's own choice forbids it."""
        self._headings = headings
        self._mend = mend
        self._camera = headings.of.get("camera")
        self._latitude = headings.of.get("latitude")
        self._longitude = headings.of.get("longitude")
        self._pair = headings.of.get("pair")
        self._texts = [headings.of.get(field) for field in _TEXTS]
        self._coordinates = self._pair is not None or (self._latitude is not None and self._longitude is not None)
        self._drafts: list[_Draft] = []
        self._first_rows: dict[str, int] = {}
        self._kept: dict[str, str] = {}  # equal texts are one object: 100,000 rows name few districts
        self.problems: list[Problem] = []
        self.rows = 0

    def add(self, row: int, cells: Sequence[Any]) -> None:
        """Take one row; ``cells`` may be shorter than the headings."""
        self.rows += 1
        camera = self._text(row, cells, self._camera)
        if self._is_total(row, cells, camera):
            return
        texts = [self._text(row, cells, column) or None for column in self._texts]
        latitude, longitude, written, problem = self._place(row, cells)
        self._drafts.append(_Draft(row, camera, texts, latitude, longitude, written, problem))
        if self._camera is not None:
            self._check_key(row, camera)
        if texts[_URL]:
            self._check_url(row, texts)

    def finish(self) -> tuple[tuple[RegisteredCamera, ...], tuple[Problem, ...]]:
        """All cameras in the sheet's order, and all problems by row."""
        self._check_columns()
        if self._coordinates:
            self._check_places()
        if self._camera is None:
            self._drafts.clear()
        cameras = tuple(map(_camera, self._drafts))
        return cameras, tuple(sorted(self.problems, key=lambda problem: problem.row))

    def _text(self, row: int, cells: Sequence[Any], column: int | None) -> str:
        if column is None or column >= len(cells):
            return ""
        cell = cells[column]
        if type(cell) is str:
            kept = self._kept.get(cell)
            if kept is not None:
                return kept
        if isinstance(cell, float) and math.isfinite(cell) and cell.is_integer():
            cell = int(cell)  # a spreadsheet knows no whole numbers; a camera's number is one
        text = " ".join(str(cell).split())
        if len(text) > _LONGEST:
            self._report(
                row, column, "text_cut", text, f"The text is longer than {_LONGEST} characters; the rest is left out."
            )
            text = text[:_LONGEST]
        return self._kept.setdefault(text, text)

    def _is_total(self, row: int, cells: Sequence[Any], camera: str) -> bool:
        if camera and not self._is_unplaced(cells):
            return False
        words = [cell for cell in cells if isinstance(cell, str) and cell]
        if not words:
            return False
        telling = [words[0], camera] if camera else words
        if not any(word[:1].isalpha() and len(word) < 60 and _TOTAL.fullmatch(word) for word in telling):
            return False
        shown = next(word for word in telling if _TOTAL.fullmatch(word))
        column = next((index for index, cell in enumerate(cells) if cell == shown), self._camera)
        self._report(row, column, "total_row", shown, "This is a row of totals, not a camera.")
        return True

    def _is_unplaced(self, cells: Sequence[Any]) -> bool:
        return all(_cell(cells, column) == "" for column in (self._latitude, self._longitude, self._pair))

    def _check_key(self, row: int, camera: str) -> None:
        if not camera:
            self._report(row, self._camera, "empty_key", "", "The row names no camera, so no picture can belong to it.")
            return
        first = self._first_rows.setdefault(camera_key(camera), row)
        if first != row:
            self._report(
                row, self._camera, "duplicate_key", camera, f"Row {first} names this camera already; that one counts."
            )

    def _check_url(self, row: int, texts: list[str | None]) -> None:
        url = texts[_URL] or ""
        reason = _wrong_url(url)
        if reason:
            self._report(row, self._headings.of["picture_url"], "bad_url", url, reason)
            texts[_URL] = None

    def _place(self, row: int, cells: Sequence[Any]) -> tuple[float | None, float | None, str, bool]:
        """Coordinates as written, what stood there, and whether a problem is listed already."""
        if not self._coordinates:
            return None, None, "", False
        if self._pair is not None:
            return self._from_one(row, cells, self._pair)
        first, second = _cell(cells, self._latitude), _cell(cells, self._longitude)
        if type(first) is float and type(second) is float and math.isfinite(first) and math.isfinite(second):
            return first, second, f"{first}, {second}", False
        if first == "" and second == "":
            self._report(row, self._latitude, "no_coordinates", "", "The row has no coordinates.")
            return None, None, "", True
        return self._from_two(row, first, second)

    def _from_one(self, row: int, cells: Sequence[Any], column: int) -> tuple[float | None, float | None, str, bool]:
        cell = _cell(cells, column)
        pair = read_pair(cell)
        if pair is not None:
            return *pair, str(cell), False
        if cell == "":
            self._report(row, column, "no_coordinates", "", "The row has no coordinates.")
        else:
            self._report(row, column, "not_a_coordinate", cell, "These are not a latitude and a longitude.")
        return None, None, str(cell), True

    def _from_two(self, row: int, first: Any, second: Any) -> tuple[float | None, float | None, str, bool]:
        written = f"{first}, {second}"
        latitude, longitude = read_angle(first), read_angle(second)
        if latitude is not None and longitude is not None:
            if latitude.axis == "lon" or longitude.axis == "lat":  # the hemisphere letters say so themselves
                if latitude.axis == longitude.axis or "" in (latitude.axis, longitude.axis):
                    self._report(
                        row,
                        self._latitude,
                        "not_a_coordinate",
                        written,
                        "The hemisphere letters contradict the headings.",
                    )
                    return None, None, written, True
                self._report_exchange(row, written)
                return longitude.degrees, latitude.degrees, written, True
            return latitude.degrees, longitude.degrees, written, False
        pair = _pair_in(first, second)
        if pair is not None:
            return *pair, written, False
        for column, cell, angle in ((self._latitude, first, latitude), (self._longitude, second, longitude)):
            if cell == "":
                self._report(row, column, "no_coordinates", "", "One of the two coordinates is missing.")
            elif angle is None:
                self._report(row, column, "not_a_coordinate", cell, "This is not a coordinate.")
        return None, None, written, True

    def _check_columns(self) -> None:
        row = self._headings.row
        if self._camera is None:
            self._report(row, None, "no_camera_column", "", "No column names the cameras; choose one.")
        if not self._coordinates:
            self._report(row, None, "no_coordinate_columns", "", "No columns hold latitude and longitude; choose them.")
        elif self._mend and self._pair is None and self._are_columns_exchanged():
            for draft in self._drafts:
                draft.latitude, draft.longitude = draft.longitude, draft.latitude
            written = f"{self._headings.header('latitude')}, {self._headings.header('longitude')}"
            message = (
                "The columns of latitude and longitude hold each other's values; they are read the other way round."
            )
            self._report(row, self._latitude, "columns_swapped", written, message)

    def _are_columns_exchanged(self) -> bool:
        read = [(d.latitude, d.longitude) for d in self._drafts if d.latitude is not None and d.longitude is not None]
        if len(read) < _FEW:
            return False
        most, few = 0.8 * len(read), 0.2 * len(read)
        as_written = sum(is_possible(latitude, longitude) for latitude, longitude in read)
        other_way = sum(is_possible(longitude, latitude) for latitude, longitude in read)
        if as_written <= few and other_way >= most:
            return True
        polar = sum(abs(latitude) > _WORST_LATITUDE >= abs(longitude) for latitude, longitude in read)
        return polar >= most and other_way >= most

    def _check_places(self) -> None:
        home = _home(self._drafts)
        for draft in self._drafts:
            if draft.latitude is None or draft.longitude is None:
                continue
            possible = is_possible(draft.latitude, draft.longitude)
            if draft.latitude == 0 and draft.longitude == 0:
                self._unplace(
                    draft, "zero_zero", "0, 0 lies in the sea off Africa: the coordinates were never filled in."
                )
            elif (
                home and not home.holds(draft.latitude, draft.longitude) and home.holds(draft.longitude, draft.latitude)
            ):
                draft.latitude, draft.longitude = draft.longitude, draft.latitude
                self._report_exchange(draft.row, draft.written)
            elif not possible:
                self._unplace(draft, "out_of_range", "Latitude goes from -90 to 90, longitude from -180 to 180.")

    def _unplace(self, draft: _Draft, code: str, message: str) -> None:
        column = self._latitude if self._pair is None else self._pair
        if code == "out_of_range" and draft.latitude is not None and abs(draft.latitude) <= 90:
            column = self._longitude if self._pair is None else self._pair
        self._report(draft.row, column, code, draft.written, message)
        draft.latitude = draft.longitude = None

    def _report_exchange(self, row: int, written: str) -> None:
        message = "Latitude and longitude were exchanged in this row; they are read the other way round."
        self._report(row, self._latitude if self._pair is None else self._pair, "row_swapped", written, message)

    def _report(self, row: int, column: int | None, code: str, value: object, message: str) -> None:
        heading = None if column is None or column >= len(self._headings.written) else self._headings.written[column]
        text = str(value)
        shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
        self.problems.append(Problem(row, heading, code, _redact(shown), message))


@dataclass(frozen=True, slots=True)
class _Home:
    """Where nearly all of a sheet's cameras stand, with a margin."""

    south: float
    north: float
    west: float
    east: float

    def holds(self, latitude: float, longitude: float) -> bool:
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


def _home(drafts: Sequence[_Draft]) -> _Home | None:
    places = [
        (d.latitude, d.longitude)
        for d in drafts
        if d.latitude is not None and d.longitude is not None and is_possible(d.latitude, d.longitude)
    ]
    if len(places) < _ENOUGH:
        return None
    south, north = _span([latitude for latitude, _ in places])
    west, east = _span([longitude for _, longitude in places])
    return _Home(south, north, west, east)


def _span(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    low, high = ordered[len(ordered) // 20], ordered[-1 - len(ordered) // 20]
    margin = 1 + (high - low) / 2
    return low - margin, high + margin


def _camera(draft: _Draft) -> RegisteredCamera:
    location, district, old_district, mandal, camera_type, analytics_type, picture_url = draft.texts
    place = (draft.latitude, draft.longitude)
    described = (camera_type, analytics_type, picture_url)
    return RegisteredCamera(draft.row, draft.camera, location, district, old_district, mandal, *place, *described)


def _cell(cells: Sequence[Any], column: int | None) -> Any:
    return "" if column is None or column >= len(cells) else cells[column]


def _pair_in(first: object, second: object) -> tuple[float, float] | None:
    """Both coordinates in the cell of one, the other empty or the same."""
    if second in ("", first):
        return read_pair(first)
    return read_pair(second) if first == "" else None


def _wrong_url(url: str) -> str:
    """Why ``url`` can't be a picture's, or nothing."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "This is not a URL."
    if parts.scheme.lower() not in _SCHEMES:
        return "A picture's URL begins with http://, https:// or gs://."
    if not host or " " in url or "\\" in url or not url.isprintable():
        return "This is not a URL."
    return ""


def columns_found(headings: Headings | None) -> Mapping[str, str]:
    """Our field names with the headings found, without those that were not."""
    if headings is None:
        return {}
    fields = ("camera", "latitude", "longitude", *_TEXTS)
    return {field: written for field in fields if (written := headings.header(field)) is not None}
