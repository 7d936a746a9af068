"""The register of locations out of a spreadsheet or a CSV, whoever made it.

The file is opened in a process of its own (:mod:`storage.sheet_child`) that has 160 MB and little time; what comes back
is plain cells, and everything that is decided about them is decided here.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

from core.errors import RegisterUnreadable
from storage.headings import Headings, find_headings
from storage.placing import Placing, columns_found
from storage.register import Problem, Register

MAX_FILE_BYTES = 32_000_000
SUFFIXES = frozenset({".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"})
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_CHILD = Path(__file__).with_name("sheet_child.py")
_PREVIEW = 40  # filled rows among which the headings are looked for
_SAVE_AGAIN = "Open it in a spreadsheet program and save it as .xlsx or .csv."
_REFUSALS = {
    "empty": ("The file is empty.", "Choose the file that has the cameras in it."),
    "encrypted": ("The file is protected by a password.", "Save it without one."),
    "corrupt": ("The file is damaged or is no spreadsheet.", _SAVE_AGAIN),
    "markup": ("The file is a web page or XML, whatever its name says.", _SAVE_AGAIN),
    "not_a_sheet": ("The file is no spreadsheet.", "Sightline reads .xlsx, .xls, .xlsb, .ods and .csv."),
    "bomb": ("The file unpacks to far more than a sheet of cameras holds, so it is not opened.", _SAVE_AGAIN),
    "too_wide": ("The sheet has more than 1,024 columns.", "Save only the columns of the cameras."),
    "too_long": ("The sheet has more than 300,000 rows.", "Split it."),
    "open_quote": ("A quotation mark is opened in the file and never closed.", "Close it, or save the sheet as .xlsx."),
}
_KILLED = ("The file can't be read within the memory and time that a sheet of cameras needs.", _SAVE_AGAIN)


def read_register(path: Path, columns: Mapping[str, str] | None = None) -> Register:
    """Read the sheet of ``path`` that has the cameras. ``columns`` gives headings by our field name where a person
    chose them; the others are recognised. Raises :class:`RegisterUnreadable` where there is nothing to understand."""
    with _open(path) as file:
        version = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        choice = _Choice(columns or {})
        for line in _lines(file, path.suffix.lower() in _TEXT_SUFFIXES):
            choice.take(line)
    return choice.register(path.name, version)


def _open(path: Path) -> BufferedReader:
    if path.suffix.lower() not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES - {".tsv", ".txt"}))
        raise RegisterUnreadable(f"{path.name} has none of the endings that can be read: {known}.", _SAVE_AGAIN)
    try:
        # O_NONBLOCK: opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is none"
        raise RegisterUnreadable(f"{path.name} can't be opened: {reason}.", "EXCEL_FILE names the file.") from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE_BYTES:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise RegisterUnreadable(f"{path.name} is not a file.", "EXCEL_FILE names the file.")
    raise RegisterUnreadable(f"{path.name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.", "Split it.")


def _lines(file: BufferedReader, is_text: bool) -> Iterator[Any]:
    """What the child reads in ``file``. Ends after its last line; raises where there was none."""
    # -I: neither the folder nor the environment of whoever started us decides what the child imports.
    command = [sys.executable, "-I", str(_CHILD), *(["text"] if is_text else [])]
    with subprocess.Popen(  # noqa: S603 - our own program, no word of it from outside
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, close_fds=True
    ) as child:
        assert child.stdout is not None  # noqa: S101 - told to mypy
        try:
            for line in child.stdout:
                said = json.loads(line)
                if isinstance(said, dict) and "refused" in said:
                    raise RegisterUnreadable(*_REFUSALS[said["refused"]])
                if said == {"end": True}:
                    return
                yield said
        finally:
            child.kill()
    raise RegisterUnreadable(*_KILLED)


class _Choice:
    """Follows the sheets of one file and keeps the one that looks most like a register."""

    def __init__(self, chosen: Mapping[str, str]) -> None:
        self._chosen = chosen
        self._best: _Sheet | None = None
        self._current: _Sheet | None = None
        self._others: list[str] = []

    def take(self, line: Any) -> None:
        """A sheet's head, or some of its rows."""
        if isinstance(line, dict):
            self._close()
            self._current = _Sheet(line["sheet"], line["visible"], self._chosen)
        elif self._current is not None:
            self._current.take(line)

    def register(self, name: str, version: str) -> Register:
        """The register, once all was taken."""
        self._close()
        if self._best is None:
            raise RegisterUnreadable(*_REFUSALS["empty"])
        headings, placing = self._best.headings, self._best.placing
        if self._chosen and not headings.of:
            names = ", ".join(f"“{heading}”" for heading in self._chosen.values())
            raise RegisterUnreadable(f"No row of the sheet has all of the chosen headings: {names}.", "Choose again.")
        cameras, problems = placing.finish()
        return Register(
            name=name,
            version=version,
            columns=columns_found(headings),
            cameras=cameras,
            problems=(*map(self._left_out, self._others), *problems),
            rows=placing.rows,
            headings=tuple(heading for heading in headings.written if heading),
        )

    def _close(self) -> None:
        """The current sheet has ended: is it the best so far?"""
        sheet, self._current = self._current, None
        if sheet is None or not sheet.ended():
            return
        if self._best is None or sheet.rank > self._best.rank:
            sheet, self._best = self._best, sheet
        if sheet is not None and sheet.is_register and sheet.placing.rows:
            self._others.append(sheet.name)

    def _left_out(self, sheet: str) -> Problem:
        message = f"The sheet “{sheet}” looks like a register too and is not read; put all cameras into one sheet."
        return Problem(1, None, "other_sheet", sheet[:120], message)


class _Sheet:
    """One sheet while it is read: its first rows wait until the headings are found among them."""

    headings: Headings
    placing: Placing

    def __init__(self, name: str, visible: bool, chosen: Mapping[str, str]) -> None:
        self.name = name
        self._visible = visible
        self._chosen = chosen
        self._first_rows: list[tuple[int, list[Any]]] | None = []

    def take(self, rows: Sequence[tuple[int, list[Any]]]) -> None:
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
    def rank(self) -> tuple[bool, bool, bool, bool, int]:
        """The highest of a file's sheets is read; of equals the first."""
        of = self.headings.of
        return (self.is_register, "camera" in of, self._visible, self.placing.rows > 0, len(of))

    def _begin(self, rows: list[tuple[int, list[Any]]]) -> None:
        self._first_rows = None
        found = find_headings(rows[:_PREVIEW], self._chosen)
        if found is None:  # the first row is shown to the person, who may say what the columns are
            number, cells = rows[0]
            found = Headings(number, tuple(str(cell) for cell in cells), {})
        self.headings = found
        self.placing = Placing(found, mend=not self._chosen)
        for number, cells in rows:
            if number > found.row:
                self.placing.add(number, cells)
