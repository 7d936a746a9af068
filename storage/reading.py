"""The cells of a file become a register: which sheet has the cameras, which row the headings, and how each was found.

Opening the file is :mod:`storage.sheet`'s business, single rows are :mod:`storage.placing`'s.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedReader
from typing import Any

from core.errors import RegisterUnreadable
from storage.headings import Headings, How, Row, find_headings, likely_headings, plain, with_values
from storage.picture_address import is_picture_address, without_secrets
from storage.placing import FIELDS, Placing, columns_found
from storage.problems import as_shown
from storage.register import Problem, Register

_PREVIEW = 40  # filled rows among which the headings are looked for
_SAMPLE = 5  # rows that are shown to a person as they are written
_SHOWN = 120  # characters of a cell in them


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person said of a file: headings by our field (an empty one: it has no such column), and the sheet."""

    columns: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything was chosen at all."""
        return bool(self.columns) or self.sheet is not None


@dataclass(frozen=True, slots=True)
class Remembered:
    """A choice for every sheet with these headings, in the form in which headings are compared."""

    headings: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """The column taken for one of our fields."""

    field: str
    column: int
    heading: str
    how: How


@dataclass(frozen=True, slots=True)
class SheetSeen:
    """One sheet of a file: how many rows it has below its headings, and whether they name cameras and places."""

    name: str
    rows: int
    is_register: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A register with how it was understood. ``headings`` are those of all columns, ``sample`` is the first rows as
    they are written, ``digest`` the file's, and ``choice`` what was obeyed: just made, or ``from_memory``."""

    register: Register
    digest: str
    choice: Choice
    from_memory: bool
    sheet: str
    sheets: tuple[SheetSeen, ...]
    columns: tuple[FoundColumn, ...]
    headings: tuple[str, ...]
    sample: tuple[tuple[int, tuple[str, ...]], ...]


NOTHING_SAID = Choice()


def fingerprint(file: BufferedReader) -> str:
    """The SHA-256 of a file's bytes."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def version_of(digest: str, choice: Choice) -> str:
    """What tells two registers apart: the bytes, and what a person said of them."""
    if not choice.says_something:
        return digest
    said = json.dumps([digest, sorted(choice.columns.items()), choice.sheet], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def in_short(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings in the form by which a sheet is recognised again."""
    return tuple(plain(heading) for heading in headings if heading)


class Search:
    """Follows the sheets of one file and keeps the one that looks most like a register."""

    def __init__(self, choice: Choice, remembered: Sequence[Remembered]) -> None:
        self._choice = choice
        self._remembered = () if choice.columns else remembered
        self._best: _Sheet | None = None
        self._current: _Sheet | None = None
        self._seen: list[SheetSeen] = []

    def take(self, line: Any) -> None:
        """A sheet's head, where some of its cells lead, or some of its rows."""
        if isinstance(line, dict) and "links" in line:
            if self._current is not None:
                self._current.links.update(((row, column), target) for row, column, target in line["links"])
        elif isinstance(line, dict):
            self._close()
            chosen = self._choice.sheet is not None and line["sheet"] == self._choice.sheet
            self._current = _Sheet(line["sheet"], line["visible"], chosen, self._choice.columns, self._remembered)
        elif self._current is not None:
            self._current.take(line)

    def reading(self, name: str, digest: str) -> Reading:
        """What was understood, once all was taken."""
        self._close()
        best = self._best
        if best is None:
            raise RegisterUnreadable("The file is empty.", "Choose the file that has the cameras in it.")
        if self._choice.sheet is not None and not best.chosen:
            raise RegisterUnreadable(f"The file has no sheet “{self._choice.sheet}” with rows.", "Choose another.")
        if not best.obeyed:
            names = ", ".join(f"“{heading}”" for heading in self._choice.columns.values() if heading)
            raise RegisterUnreadable(f"No row of the sheet has all of the chosen headings: {names}.", "Choose again.")
        choice = Choice(best.columns, self._choice.sheet)
        return Reading(
            register=self._register(best, name, version_of(digest, choice)),
            digest=digest,
            choice=choice,
            from_memory=best.from_memory,
            sheet=best.name,
            sheets=tuple(self._seen),
            columns=_found(best.headings),
            headings=best.headings.written,
            sample=tuple(best.sample),
        )

    def _register(self, best: _Sheet, name: str, version: str) -> Register:
        cameras, problems = best.placing.finish()
        others = () if self._choice.sheet is not None else [seen for seen in self._seen if seen.is_register]
        return Register(
            name=name,
            version=version,
            columns=columns_found(best.headings),
            cameras=cameras,
            problems=(*(_left_out(seen.name) for seen in others if seen.name != best.name and seen.rows), *problems),
            rows=best.placing.rows,
            headings=tuple(heading for heading in best.headings.written if heading),
        )

    def _close(self) -> None:
        """The current sheet has ended: is it the best so far?"""
        sheet, self._current = self._current, None
        if sheet is None or not sheet.ended():
            return
        self._seen.append(SheetSeen(sheet.name, sheet.placing.rows, sheet.is_register))
        if self._best is None or sheet.rank > self._best.rank:
            self._best = sheet


class _Sheet:
    """One sheet while it is read: its first rows wait until the headings are found among them."""

    headings: Headings
    placing: Placing

    def __init__(
        self, name: str, visible: bool, chosen: bool, columns: Mapping[str, str], remembered: Sequence[Remembered]
    ) -> None:
        self.name = name
        self.chosen = chosen
        self.columns = columns
        self.from_memory = False
        self.obeyed = True
        self.links: dict[tuple[int, int], str] = {}
        self.sample: list[tuple[int, tuple[str, ...]]] = []
        self._visible = visible
        self._remembered = remembered
        self._first_rows: list[Row] | None = []

    def take(self, rows: Sequence[Row]) -> None:
        if self._first_rows is not None:
            self._first_rows.extend(rows)
            if len(self._first_rows) >= _PREVIEW:
                self._begin(self._first_rows)
            return
        for number, cells in rows:
            self.placing.add(number, cells)

    def ended(self) -> bool:
        """No row follows. False for a sheet without any."""
        if self._first_rows is not None:
            if not self._first_rows:
                return False
            self._begin(self._first_rows)
        return True

    @property
    def is_register(self) -> bool:
        """Whether its headings name cameras and their places."""
        return "camera" in self.headings.of and self.headings.header("latitude") is not None

    @property
    def rank(self) -> tuple[bool, bool, bool, bool, bool, bool, int]:
        """The highest of a file's sheets is read; of equals the first."""
        of = self.headings.of
        filled = self.placing.rows > 0
        return (self.chosen, self.obeyed, self.is_register, "camera" in of, self._visible, filled, len(of))

    def _begin(self, rows: list[Row]) -> None:
        self._first_rows = None
        self.headings = self._find(rows[:_PREVIEW])
        self.placing = Placing(self.headings, not {"latitude", "longitude"} & set(self.columns), self.links)
        for number, cells in rows:
            if number > self.headings.row:
                self.placing.add(number, cells)
                if len(self.sample) < _SAMPLE:
                    self.sample.append((number, tuple(without_secrets(as_shown(cell))[:_SHOWN] for cell in cells)))

    def _find(self, rows: Sequence[Row]) -> Headings:
        for known in self._remembered:
            found = find_headings(rows, known.columns)
            if found is not None and in_short(found.written) == known.headings:
                self.columns, self.from_memory = known.columns, True
                return with_values(found, self._led(rows), self.columns)
        found = find_headings(rows, self.columns)
        self.obeyed = found is not None or not any(self.columns.values())
        return with_values(found or likely_headings(rows), self._led(rows), self.columns)

    def _led(self, rows: Sequence[Row]) -> Sequence[Row]:
        """``rows`` with the pictures' addresses to which cells lead, in their place."""
        led = {at: target for at, target in self.links.items() if is_picture_address(target)}
        return [(n, [led.get((n, at), cell) for at, cell in enumerate(cells)]) for n, cells in rows] if led else rows


def _found(headings: Headings) -> tuple[FoundColumn, ...]:
    columns = ((name, headings.column(name)) for name in FIELDS)
    return tuple(
        FoundColumn(
            name, column, headings.written[column], headings.how.get(name) or headings.how.get("pair", How.ALIAS)
        )
        for name, column in columns
        if column is not None
    )


def _left_out(sheet: str) -> Problem:
    message = f"The sheet “{sheet}” looks like a register too and is not read; choose it, or put all into one sheet."
    return Problem(1, None, "other_sheet", sheet[:120], message)
