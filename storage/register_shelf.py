"""The sheets that were ever in force, each a file under its version, with what a person said of its columns.

A run keeps the register it began with, also across the death of the process, so a sheet stays here as long as a run
may go on with it; and the latest few stay, so that what was said of their columns is remembered.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from core.clock import Clock
from core.errors import NotFound, RegisterUnreadable, StoreUnavailable
from core.states import RunState
from storage.reading import Choice, Reading, Remembered, in_short
from storage.sheet import read_sheet
from storage.state import registers, runs

_KEPT = 5
_REMEMBERED = 20


@dataclass(frozen=True, slots=True)
class ShelvedSheet:
    """A sheet on the shelf."""

    version: str
    name: str
    choice: Choice


class RegisterShelf:
    """Sheets under ``folder``, told apart by the version of their register."""

    def __init__(self, folder: Path, engine: Engine, clock: Clock) -> None:
        self._folder = folder
        self._engine = engine
        self._clock = clock

    def keep(self, sheet: Path, reading: Reading, *, current: bool) -> None:
        """Put a copy of ``sheet`` on the shelf as what ``reading`` made of it; ``current`` puts it in force. Raises
        :class:`RegisterUnreadable` where the file is no longer the one that was read."""
        register = reading.register
        self._copy(sheet, self.path(register.version, register.name), reading.digest)
        row = {
            "version": register.version,
            "name": register.name,
            "columns": dict(reading.choice.columns),
            "sheet": reading.choice.sheet,
            "headings": list(in_short(reading.headings)),
            "added_at": self._clock.now().isoformat(),
            "current": current,
        }
        with self._engine.begin() as connection:
            connection.execute(delete(registers).where(registers.c.version == register.version))
            if current:
                connection.execute(update(registers).values(current=False))
            connection.execute(insert(registers).values(row))

    def current(self) -> ShelvedSheet | None:
        """The sheet that was put in force, unless none was or it was put back."""
        with self._engine.connect() as connection:
            row = connection.execute(select(registers).where(registers.c.current)).first()
        return None if row is None else _shelved(row)

    def put_back(self) -> None:
        """Let no sheet of the shelf be in force; all stay here."""
        with self._engine.begin() as connection:
            connection.execute(update(registers).values(current=False))

    def read(self, version: str) -> Reading:
        """Read a sheet of the shelf as it was read before. Raises :class:`NotFound` for one that is not here."""
        with self._engine.connect() as connection:
            row = connection.execute(select(registers).where(registers.c.version == version)).first()
        if row is None:
            raise NotFound("That register is no longer kept.", "Ask the question again.")
        shelved = _shelved(row)
        return read_sheet(self.path(version, shelved.name), shelved.choice, shelved.name)

    def remembered(self) -> list[Remembered]:
        """What was said of the columns of sheets, the latest first."""
        query = select(registers.c.headings, registers.c.columns).order_by(registers.c.added_at.desc())
        with self._engine.connect() as connection:
            rows = [row for row in connection.execute(query.limit(_REMEMBERED)) if row.columns]
        return [Remembered(tuple(row.headings), row.columns) for row in rows]

    def prune(self, in_force: str) -> None:
        """Let go of sheets that nothing needs: not ``in_force``, nor of a run that may go on, nor of the latest few."""
        unfinished = select(runs.c.register).where(runs.c.state != str(RunState.FINISHED), runs.c.register.is_not(None))
        with self._engine.begin() as connection:
            rows = connection.execute(select(registers).order_by(registers.c.added_at.desc())).all()
            needed = {row.register for row in connection.execute(unfinished.distinct())} | {in_force}
            gone = [row for row in rows[_KEPT:] if row.version not in needed and not row.current]
            if gone:
                versions = [row.version for row in gone]
                connection.execute(delete(registers).where(registers.c.version.in_(versions)))
        for row in gone:
            self.path(row.version, row.name).unlink(missing_ok=True)

    def path(self, version: str, name: str) -> Path:
        """Where a sheet lies, if it is here."""
        return self._folder / f"{version}{Path(name).suffix.lower()}"

    def _copy(self, sheet: Path, target: Path, digest: str) -> None:
        if target.exists():
            return
        part = target.with_name(f"{target.name}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sheet, part)
        except OSError as error:
            part.unlink(missing_ok=True)
            sentence = f"The sheet can't be kept: {error.strerror or type(error).__name__}."
            raise StoreUnavailable(sentence, "Is the disk of DATA_DIR full?") from error
        with part.open("rb") as copy:
            same = hashlib.file_digest(copy, "sha256").hexdigest() == digest
            os.fsync(copy.fileno())
        if not same:
            part.unlink()
            raise RegisterUnreadable(f"{sheet.name} changed while it was read.", "Try again.")
        part.replace(target)


def _shelved(row: Row[Any]) -> ShelvedSheet:
    return ShelvedSheet(row.version, row.name, Choice(row.columns, row.sheet))
