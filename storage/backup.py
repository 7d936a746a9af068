"""A backup: one file from which an installation can be made again elsewhere, taken while it works.

Everything that was learnt or said is in it: state (sessions, people, the index of pictures), observations and sights,
and the sheets that were uploaded. Left out are the pictures, which are the person's own; the thumbnails, which are made
again; the key that signs cookies, since a copy of it would let the reader of a backup sign in as anybody; and the log
of events, of which only the newest is kept, so that numbering goes on from it.

**Consistent while running.** A run stores what it saw before it says so, and only grows. So the state is copied first,
as it is at one moment, and the observations after it: everything that the copied state refers to is there. What came
in between belongs to runs that the copied state takes for unfinished; they go on after the restore and find it.
Deleting is the one thing that does not grow, and waits (:attr:`storage.database.Database.deleting`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from core.errors import Conflict, StoreUnavailable
from storage.database import Database
from storage.migrations import NEWEST
from storage.parquet import TABLES, write_parquet
from storage.state import events, metadata

FORMAT = "sightline-backup"
VERSION = 1
MANIFEST = "manifest.json"
SHEET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_CHUNK_BYTES = 1024 * 1024
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One file in a backup. ``rows`` is 0 for what has none."""

    name: str
    size_bytes: int
    sha256: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds; ``as_json`` is also its manifest."""

    taken_at: str
    program: str
    parts: tuple[Part, ...]
    state: str = NEWEST

    def as_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "version": VERSION, **asdict(self)}

    def rows(self, name: str) -> int:
        """Rows of a part, 0 where there is none."""
        return next((part.rows for part in self.parts if part.name == name), 0)


class Backup:
    """Takes backups of open stores. ``stopping`` is asked between the parts, so that a server can end meanwhile."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        registers: Path,
        program: str,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._engine = engine
        self._database = database
        self._registers = registers
        self._program = program
        self._stopping = stopping

    def write(self, path: Path, now: datetime) -> Summary:
        """Write a backup to ``path``, readable by its owner only; it is there whole or not at all.

        Raises :class:`~core.errors.Conflict` where there is a file already."""
        if path.exists():
            raise Conflict(f"{path} is there already.", "Name another file.")
        try:
            with _workshop(path.parent) as folder:
                unfinished = folder / "backup"
                summary = self._fill(unfinished, folder, now)
                unfinished.chmod(0o600)
                _to_disk(unfinished)
                unfinished.rename(path)
        except OSError as error:
            raise StoreUnavailable(
                f"The backup {path} can't be written: {error.strerror}.", "Name a file in a folder with enough room."
            ) from error
        return summary

    def _fill(self, unfinished: Path, folder: Path, now: datetime) -> Summary:
        with zipfile.ZipFile(unfinished, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            with self._database.deleting:
                parts = list(self._state(archive))
                parts += self._observations(archive, folder)
            parts += self._sheets(archive)
            summary = Summary(now.isoformat(), self._program, tuple(parts))
            archive.writestr(MANIFEST, json.dumps(summary.as_json(), indent=1))
        return summary

    def _state(self, archive: zipfile.ZipFile) -> Iterator[Part]:
        with one_moment(self._engine) as connection:
            for table in metadata.sorted_tables:
                query = select(table)
                if table is events:
                    query = query.order_by(events.c.id.desc()).limit(1)
                found = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
                lines = (_line(dict(row._mapping)) for row in found)
                yield self._part(archive, f"state/{table.name}.jsonl", lines)

    def _observations(self, archive: zipfile.ZipFile, folder: Path) -> Iterator[Part]:
        for table in TABLES:
            path = folder / f"{table}.parquet"
            rows = write_parquet(self._database, table, path)
            yield self._part(archive, f"observations/{path.name}", _chunks(path), rows=rows, packed=True)
            path.unlink()

    def _sheets(self, archive: zipfile.ZipFile) -> Iterator[Part]:
        if not self._registers.is_dir():
            return
        for path in sorted(self._registers.iterdir()):
            if SHEET_NAME.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                yield self._part(archive, f"registers/{path.name}", _chunks(path), rows=0)

    def _part(
        self,
        archive: zipfile.ZipFile,
        name: str,
        chunks: Iterator[bytes],
        rows: int | None = None,
        *,
        packed: bool = False,
    ) -> Part:
        """Write a part; a chunk counts as a row where nobody else has counted."""
        digest, size_bytes, number = hashlib.sha256(), 0, 0
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o600 << 16
        with archive.open(entry, "w", force_zip64=True) as file:
            for chunk in chunks:
                if self._stopping():
                    raise StoreUnavailable("The backup was broken off: Sightline is stopping.", "Take it again.")
                digest.update(chunk)
                size_bytes += file.write(chunk)
                number += 1
        return Part(name, size_bytes, digest.hexdigest(), number if rows is None else rows)


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever others write meanwhile."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql(
                "BEGIN"
            )  # the driver itself would begin at the first change, of which none comes
            yield connection
            connection.rollback()
        return
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection
        connection.rollback()


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A folder of our own on the same disk, so that finishing is a matter of a name."""
    folder = Path(tempfile.mkdtemp(prefix=".sightline-backup-", dir=beside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _line(row: Mapping[str, Any]) -> bytes:
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
