"""Sheets that somebody gave in the page and looks at before they are used. Until then the register in force stays."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from core.clock import Clock
from core.errors import NotFound, StoreUnavailable
from core.ids import Ids
from sessions.registers import Registers
from sessions.site import Site
from storage.headings import letter
from storage.picture_index import PictureIndex
from storage.reading import NOTHING_SAID, Choice, Reading
from storage.register import Register
from storage.sheet import SUFFIXES, read_sheet
from storage.sources import Fleet

PICTURES_MATCHED = 5000  # at most, when a sheet is shown
_KEPT = 8
_PATIENCE = timedelta(hours=1)
_CHUNK = 256 * 1024
_PROBLEMS = 200
_POINTS = 2000
_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Matching:
    """How many of the pictures that were ever listed belong to a camera of a register, and to how many cameras."""

    cameras: int
    pictures: int
    of_pictures: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A sheet as it was understood; it waits for somebody to use it or to say more of its columns."""

    id: str
    path: Path
    at: datetime
    reading: Reading
    matching: Matching

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        reading, register = self.reading, self.reading.register
        taken = {column.column for column in reading.columns}
        headings = [_named(column, heading) for column, heading in enumerate(reading.headings[:_COLUMNS])]
        return {
            "upload_id": self.id,
            "name": register.name,
            "sheet": reading.sheet,
            "sheets": [{"name": s.name, "rows": s.rows, "is_register": s.is_register} for s in reading.sheets],
            "columns": headings,
            "headings": [
                {"field": found.field, "column": _named(found.column, found.heading), "how": str(found.how)}
                for found in reading.columns
            ],
            "unmatched_columns": [one for column, one in enumerate(headings) if column not in taken],
            "remembered": reading.from_memory,
            "rows": register.rows,
            "placed": register.placed,
            "cameras": len(register.known),
            "problems": [problem.as_json() for problem in register.problems[:_PROBLEMS]],
            "problem_counts": dict(Counter(problem.code for problem in register.problems)),
            "sample": [{"row": row, "cells": list(cells[:_COLUMNS])} for row, cells in reading.sample],
            "points": _points(register),
            "cameras_matching_pictures": {
                "cameras": self.matching.cameras,
                "of": len(register.known),
                "pictures": self.matching.pictures,
                "of_pictures": self.matching.of_pictures,
            },
        }


class Uploads:
    """The sheets that wait, at most eight and for an hour; safe to use from any thread."""

    def __init__(
        self,
        registers: Registers,
        folder: Path,
        match: Callable[[Register], Matching],
        settle: Callable[[Site], None],
        ids: Ids,
        clock: Clock,
    ) -> None:
        """``folder`` is for the files that wait; what an ended process left there is removed. ``settle`` puts a site in
        force."""
        self.registers = registers
        self._folder = folder
        self._match = match
        self._settle = settle
        self._ids = ids
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, Upload] = {}
        for left in folder.glob("sheet-*"):
            left.unlink()

    def receive(self, name: str, stream: IO[bytes]) -> Upload:
        """Read an uploaded sheet. Raises :class:`RegisterUnreadable`, and then nothing of it stays."""
        upload_id = self._ids.new()
        path = self._folder / f"sheet-{upload_id}{_suffix(name)}"
        try:
            self._write(path, stream)
            reading = read_sheet(path, NOTHING_SAID, name, self.registers.remembered())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return self._keep(upload_id, path, reading)

    def of_register_in_force(self) -> Upload:
        """The sheet in force once more, so that its columns can be chosen anew."""
        reading = self.registers.read_again()
        if reading is None:
            raise NotFound("There is no sheet in force.", "Choose a file.")
        upload_id = self._ids.new()
        kept = self.registers.path(reading)
        path = self._folder / f"sheet-{upload_id}{kept.suffix}"
        with kept.open("rb") as file:
            self._write(path, file)
        return self._keep(upload_id, path, reading)

    def choose(self, upload_id: str, choice: Choice) -> Upload:
        """Read a waiting sheet once more, with what a person said of it."""
        upload = self._find(upload_id)
        reading = read_sheet(upload.path, choice, upload.reading.register.name)
        changed = replace(upload, reading=reading, matching=self._match(reading.register))
        with self._lock:
            self._waiting[upload_id] = changed
        return changed

    def use(self, upload_id: str) -> Register:
        """Put a waiting sheet in force. Questions under way keep the register they began with."""
        upload = self._find(upload_id)
        self._settle(self.registers.adopt(upload.path, upload.reading))
        with self._lock:
            self._waiting.pop(upload_id, None)
        upload.path.unlink(missing_ok=True)
        return upload.reading.register

    def put_back(self) -> None:
        """Use the settings' file again."""
        self._settle(self.registers.put_back())

    def _find(self, upload_id: str) -> Upload:
        with self._lock:
            upload = self._waiting.get(upload_id)
        if upload is None:
            raise NotFound("This sheet is no longer waiting.", "Choose the file again.")
        return upload

    def _keep(self, upload_id: str, path: Path, reading: Reading) -> Upload:
        now = self._clock.now()
        upload = Upload(upload_id, path, now, reading, self._match(reading.register))
        with self._lock:
            self._waiting[upload_id] = upload
            old = [each for each in self._waiting.values() if now - each.at > _PATIENCE]
            old += list(self._waiting.values())[:-_KEPT]
            for each in old:
                self._waiting.pop(each.id, None)
        for each in old:
            each.path.unlink(missing_ok=True)
        return upload

    def _write(self, path: Path, stream: IO[bytes]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, _CHUNK)
        except OSError as error:
            sentence = f"The sheet can't be kept: {error.strerror or type(error).__name__}."
            raise StoreUnavailable(sentence, "Is the disk of DATA_DIR full?") from error


def matching(register: Register, pictures: Sequence[str], camera_of: Callable[[str], str | None]) -> Matching:
    """How well ``register`` fits pictures, by their names; ``camera_of`` says whose a picture is."""
    found = [entry.camera for name in pictures if (entry := register.find(camera_of(name))) is not None]
    return Matching(len(set(found)), len(found), len(pictures))


def matched_so_far(index: PictureIndex, look: Callable[[Register], Fleet], register: Register) -> Matching:
    """How many of the pictures listed so far belong to cameras of ``register``; ``look`` lists them under it."""
    source = look(register)
    return matching(register, index.names(source.name, PICTURES_MATCHED), source.camera_of)


def _suffix(name: str) -> str:
    """The ending of a stranger's file name, if it is one that can be read; its other signs never reach the disk."""
    suffix = Path(name).suffix.lower()
    return suffix if suffix in SUFFIXES else ".unknown"


def _named(column: int, heading: str) -> str:
    return heading or f"column {letter(column)}"


def _points(register: Register) -> list[list[float]]:
    """Some of the places, spread over the sheet, for a small map."""
    placed = [[entry.latitude, entry.longitude] for entry in register.known if entry.latitude is not None]
    step = -(-len(placed) // _POINTS) or 1
    return [[round(one, 5) for one in place if one is not None] for place in placed[::step]]
