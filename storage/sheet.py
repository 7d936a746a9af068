"""The register of locations out of a spreadsheet or a CSV, whoever made it.

The file is opened in a process of its own (:mod:`storage.sheet_child`) that has 160 MB and little time; what comes back
is plain cells; what they mean is decided in :mod:`storage.reading`.
"""

from __future__ import annotations

import gc
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from io import BufferedReader
from pathlib import Path
from typing import Any

from core.errors import RegisterUnreadable
from storage.reading import NOTHING_SAID, Choice, Reading, Remembered, Search, fingerprint
from storage.register import Register

MAX_FILE_BYTES = 32_000_000
SUFFIXES = frozenset({".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv", ".txt"})
TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_CHILD = Path(__file__).with_name("sheet_child.py")
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


class _Uncollected:
    """While sheets are read, the collector of cycles rests: hundreds of thousands of rows hold none, and to go through
    them again and again costs a quarter of the time. What is let go of is still freed at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers = 0

    def __enter__(self) -> None:
        with self._lock:
            self._readers += 1
            gc.disable()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._readers -= 1
            if not self._readers:
                gc.enable()


_without_collecting = _Uncollected()


def read_register(path: Path, columns: Mapping[str, str] | None = None) -> Register:
    """The register in the sheet of ``path``; ``columns`` as in :class:`Choice`. Raises :class:`RegisterUnreadable`."""
    return read_sheet(path, Choice(columns or {})).register


def read_sheet(
    path: Path, choice: Choice = NOTHING_SAID, name: str | None = None, remembered: Sequence[Remembered] = ()
) -> Reading:
    """Read the sheet of ``path`` that has the cameras, and say how it was understood.

    ``choice`` is what a person said of this file; where nothing was said, what was ``remembered`` of a sheet with the
    same headings holds. ``name`` is the file's name where ``path`` isn't under its own. Raises
    :class:`RegisterUnreadable` where there is nothing to understand."""
    name = name or path.name
    with _open(path, name) as file, _without_collecting:
        digest = fingerprint(file)
        file.seek(0)
        search = Search(choice, remembered)
        for line in _lines(file, path.suffix.lower() in TEXT_SUFFIXES):
            search.take(line)
    return search.reading(name, digest)


def _open(path: Path, name: str) -> BufferedReader:
    if path.suffix.lower() not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES - {".tsv", ".txt"}))
        raise RegisterUnreadable(f"{name} has none of the endings that can be read: {known}.", _SAVE_AGAIN)
    try:
        # O_NONBLOCK: opening a pipe would wait for its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is none"
        raise RegisterUnreadable(f"{name} can't be opened: {reason}.", "EXCEL_FILE names the file.") from error
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE_BYTES:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise RegisterUnreadable(f"{name} is not a file.", "EXCEL_FILE names the file.")
    raise RegisterUnreadable(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB.", "Split it.")


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
