"""Rows of a sheet become cameras with places. Whatever is wrong with a row is listed; none is dropped in silence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import AddressRefused
from storage.headings import Headings, plain
from storage.picture_address import read_picture_address
from storage.problems import ProblemList, as_shown
from storage.register import Problem, RegisteredCamera, camera_key
from storage.siting import Place, Siting, cell

_LONGEST = 500  # characters of a text that are kept
_LONGEST_URL = 4200  # a signed one is long; web_address says how long it may be
_TOTAL = re.compile(
    r"(?:(?:grand|sub|over\s?all)[\s-]*)?(?:totals?|sum)\b[^a-z]*(?:(?:no\.?|number)?\s*(?:of|de)?\s*"
    r"(?:c[aáâ]m[ae]ras?|rows?|count)?)?[\s:=\d.,]*"
    r"|(?:gesamt|summe|insgesamt|totaal|totale|कुल|మొత్తం)\b.*",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"\*|(?:note|n\.?b|remark|source|quelle|hinweis|legend|prepared|generated|end of)\b|.{60}", re.IGNORECASE
)
_NOTHING = frozenset({"", "-", "--", "---", ".", "na", "n/a", "n.a.", "#n/a", "nil", "none", "null", "tbd", "?"})
_TEXTS = ("location", "district", "old_district", "mandal", "camera_type", "analytics_type", "picture_url")
FIELDS = ("camera", "latitude", "longitude", *_TEXTS)  # all that a person may point a column to
_URL, _LOCATION = _TEXTS.index("picture_url"), _TEXTS.index("location")
# They show nothing and make two equal names differ. The joiners of Indic scripts are not among them.
_INVISIBLE = str.maketrans(dict.fromkeys("\u200b\u2060\ufeff", ""))


# Where cells lead that are links, by their row and column.
Links = Mapping[tuple[int, int], str]
NO_LINKS: Links = {}


@dataclass(slots=True)
class _Draft:
    row: int
    camera: str
    texts: list[str | None]  # in the order of _TEXTS
    place: Place
    lone: str = ""  # the only cell of a row that has no other


class Placing:
    """Takes a sheet's rows one by one and makes the register's cameras of them at the end. ``links`` are where cells
    lead that are links, by row and column."""

    def __init__(self, headings: Headings, mend: bool = True, links: Links = NO_LINKS) -> None:
        self._headings = headings
        self._problems = ProblemList(headings.written)
        self._siting = Siting(headings, self._problems, mend)
        self._links = links
        self._camera = headings.of.get("camera")
        self._texts = [(slot, headings.of[field]) for slot, field in enumerate(_TEXTS) if field in headings.of]
        self._drafts: list[_Draft] = []
        self._first_rows: dict[str, int] = {}
        self._first_urls: dict[str, tuple[int, str]] = {}
        self._kept: dict[str, str] = {}  # equal texts are one object: 100,000 rows name few districts
        self.rows = 0

    def add(self, row: int, cells: Sequence[Any]) -> None:
        """Take one row; ``cells`` may be shorter than the headings."""
        self.rows += 1
        camera = self._text(row, cells, self._camera)
        if self._is_no_camera(row, cells, camera):
            return
        texts: list[str | None] = [None] * len(_TEXTS)
        for slot, column in self._texts:
            longest = _LONGEST_URL if slot == _URL else _LONGEST
            texts[slot] = self._text(row, cells, column, longest) or None
            if slot == _URL and (target := self._links.get((row, column))) and _wrong_url(texts[slot] or ""):
                texts[slot] = target
        self._drafts.append(_Draft(row, camera, texts, self._siting.read(row, cells), self._lone(cells)))
        if self._camera is not None:
            self._check_key(row, camera, bool(texts[_URL]))
        if texts[_URL]:
            self._check_url(row, camera, texts)

    def finish(self) -> tuple[tuple[RegisteredCamera, ...], tuple[Problem, ...]]:
        """All cameras in the sheet's order, and all problems by row."""
        named = self._camera is not None or self._name_by_place()
        if not named:
            message = "No column names the cameras; choose one."
            self._problems.add(max(self._headings.row, 1), None, "no_camera_column", "", message)
        self._leave_notes()
        self._siting.settle([draft.place for draft in self._drafts])
        drafts = self._drafts if named else []
        return tuple(map(_registered, drafts)), self._problems.by_row()

    def _name_by_place(self) -> bool:
        """In a sheet of pictures' addresses without a column of cameras, a camera is known by its place, else by its
        picture. Whether it is such a sheet."""
        if "picture_url" not in self._headings.of:
            return False
        for draft in self._drafts:
            draft.camera = draft.camera or draft.texts[_LOCATION] or _last_part(draft.texts[_URL] or "")
        return True

    def _lone(self, cells: Sequence[Any]) -> str:
        if len(cells) > 3 or not self._siting.is_empty(cells):  # nearly all rows; those of notes end early
            return ""
        filled = [written for written in cells if written != ""]
        return filled[0] if len(filled) == 1 and isinstance(filled[0], str) else ""

    def _leave_notes(self) -> None:
        """Sentences below the cameras, one to a row, are no cameras: where a gap or their own words tell them."""
        begin = len(self._drafts)
        while begin and " " in self._drafts[begin - 1].lone:
            begin -= 1
        notes = self._drafts[begin:]
        gap = bool(notes) and begin > 0 and notes[0].place.row > self._drafts[begin - 1].place.row + 1
        if not self._siting.readable or not (gap or all(_NOTE.match(draft.lone) for draft in notes)):
            return
        del self._drafts[begin:]
        for draft in reversed(notes):
            self._problems.drop(draft.row)
        for draft in notes:
            message = "This is a note below the cameras, not a camera."
            self._problems.add(draft.row, None, "note_row", draft.lone, message)

    def _text(self, row: int, cells: Sequence[Any], column: int | None, longest: int = _LONGEST) -> str:
        if column is None or column >= len(cells):
            return ""
        written = cells[column]
        if type(written) is str and (kept := self._kept.get(written)) is not None:
            return kept
        shown = as_shown(written)
        text = " ".join((shown if shown.isascii() else shown.translate(_INVISIBLE)).split())
        if text.casefold() in _NOTHING:
            return ""
        if len(text) > longest:
            message = f"The text is longer than {longest} characters; the rest is left out."
            self._problems.add(row, column, "text_cut", text, message)
            text = text[:longest]
        return self._kept.setdefault(text, text)

    def _is_no_camera(self, row: int, cells: Sequence[Any], camera: str) -> bool:
        """A row of totals, or the headings once more, as at the head of each printed page."""
        if camera and not self._siting.is_empty(cells):
            if self._camera is None or camera != self._headings.written[self._camera] or not self._is_heading(cells):
                return False
            self._problems.add(row, self._camera, "repeated_headings", camera, "These are the headings once more.")
            return True
        words = [written for written in cells if isinstance(written, str) and written]
        telling = [words[0], camera] if camera and words else words
        for word in telling:
            if len(word) < 60 and _TOTAL.fullmatch(word):
                column = next((index for index, written in enumerate(cells) if written == word), self._camera)
                self._problems.add(row, column, "total_row", word, "This is a row of totals, not a camera.")
                return True
        return False

    def _is_heading(self, cells: Sequence[Any]) -> bool:
        columns = self._headings.of.values()
        return all(plain(str(cell(cells, column))) == plain(self._headings.written[column]) for column in columns)

    def _check_key(self, row: int, camera: str, has_picture: bool) -> None:
        if not camera:
            message = "The row names no camera, so no picture can belong to it."
            self._problems.add(row, self._camera, "empty_key", "", message)
            return
        first = self._first_rows.setdefault(camera_key(camera), row)
        if first != row and not has_picture:  # with one, it is a further picture of the same camera
            message = f"Row {first} names this camera already; that one counts."
            self._problems.add(row, self._camera, "duplicate_key", camera, message)

    def _check_url(self, row: int, camera: str, texts: list[str | None]) -> None:
        url, column = texts[_URL] or "", self._headings.of["picture_url"]
        if reason := _wrong_url(url):
            self._problems.add(row, column, "bad_url", url, reason)
            texts[_URL] = None
            return
        whose = camera_key(camera or texts[_LOCATION] or "")
        first, others = self._first_urls.setdefault(url, (row, whose))
        if others != whose:
            message = f"Row {first} gives this address to another camera already; the picture counts there."
            self._problems.add(row, column, "duplicate_url", url, message)


def columns_found(headings: Headings) -> Mapping[str, str]:
    """Our field names with the headings found, without those that were not."""
    return {field: written for field in FIELDS if (written := headings.header(field)) is not None}


def _registered(draft: _Draft) -> RegisteredCamera:
    location, district, old_district, mandal, camera_type, analytics_type, picture_url = draft.texts
    place = (draft.place.latitude, draft.place.longitude)
    described = (camera_type, analytics_type, picture_url)
    return RegisteredCamera(draft.row, draft.camera, location, district, old_district, mandal, *place, *described)


def _last_part(url: str) -> str:
    return url.partition("?")[0].rstrip("/").rpartition("/")[2]


def _wrong_url(url: str) -> str:
    """Why ``url`` can't be a picture's, or nothing."""
    try:
        read_picture_address(url)
    except AddressRefused as refused:
        return f"{refused.sentence} {refused.hint}".strip()
    return ""
