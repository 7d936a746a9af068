"""Making an installation again from a backup, which may come from anywhere and is trusted in nothing.

Names, sizes and checksums are looked at before anything is written. Then everything is built beside what is there, in a
folder of its own; only when the last row is in its place do the new data take the place of the old ones, which are
kept under another name.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from core.errors import Conflict, InvalidRequest, StoreUnavailable
from storage import state
from storage.backup import FORMAT, MANIFEST, SHEET_NAME, VERSION, Part, Summary
from storage.holdings import Holdings
from storage.migrations import NEWEST
from storage.parquet import TABLES, read_parquet
from storage.state import metadata

_MOST_PARTS = 10_000
_MANIFEST_BYTES = 8 * 1024 * 1024
_LINE_BYTES = 64 * 1024 * 1024
# Text packs well, but not a thousandfold: that is what a bomb does.
_MOST_TIMES_LARGER = 250
_CHUNK_BYTES = 1024 * 1024
_ROWS_AT_ONCE = 500
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
_STATE_NAME = re.compile(r"state/([a-z_]{1,60})\.jsonl")
_HINT = "Nothing was changed. Take another copy of the backup."


class BackupUnusable(InvalidRequest):
    """A file that is no backup of ours, is damaged, or is of a later version."""

    code = "backup_unusable"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and where the data that stood there before are kept, if there were any."""

    summary: Summary
    replaced: Path | None


def check_backup(path: Path) -> Summary:
    """Look at every byte of a backup and write none. Raises :class:`BackupUnusable`."""
    with _opened(path) as archive:
        summary = _read_manifest(archive)
        _check_names(archive, summary)
        for part in summary.parts:
            _check_part(archive, part)
    return summary


def restore(path: Path, to: Holdings, now: datetime, *, force: bool = False) -> Restored:
    """Make ``to`` what the backup holds. Nobody else may be using it.

    Raises :class:`~core.errors.Conflict` where there are data already, unless ``force`` says to put them aside."""
    summary = check_backup(path)
    _check_room(summary, to)
    if not force and _is_in_use(to):
        raise Conflict(
            "There are data here already; nothing was changed.",
            "Restore into an empty DATA_DIR, or say --force: what is there is put aside, not deleted.",
        )
    workshop = to.folder / ".restoring"
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True, mode=0o700)
    built = replace(to, folder=workshop)
    try:
        with _opened(path) as archive:
            _fill_observations(archive, built)
            _fill_registers(archive, summary, built)
            _fill_state(archive, summary, built)
        replaced = _put_in_place(built, to, now)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return Restored(summary, replaced)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BackupUnusable(f"{path} can't be read: {error.strerror}.", "Nothing was changed.") from error
    except (zipfile.BadZipFile, ValueError) as error:
        raise BackupUnusable(f"{path} is no backup, or its end is missing.", _HINT) from error
    with archive:
        yield archive


def _read_manifest(archive: zipfile.ZipFile) -> Summary:
    try:
        return _summary(archive)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, *_DAMAGED) as error:
        raise BackupUnusable("This file is no backup of Sightline.", _HINT) from error


def _summary(archive: zipfile.ZipFile) -> Summary:
    if len(archive.infolist()) > _MOST_PARTS or archive.getinfo(MANIFEST).file_size > _MANIFEST_BYTES:
        raise ValueError("too much of it")
    told = json.loads(archive.read(MANIFEST))
    if told["format"] != FORMAT:
        raise ValueError("another program's")
    program, state_version = _short(told["program"]), _short(told["state"])
    if told["version"] > VERSION or state_version > NEWEST:
        raise BackupUnusable(
            f"This backup was taken by a later version of Sightline: {program}.",
            "Nothing was changed. Install that version or a newer one first.",
        )
    return Summary(_short(told["taken_at"]), program, tuple(_part(entry) for entry in told["parts"]), state_version)


def _part(entry: Mapping[str, Any]) -> Part:
    size_bytes, rows = entry["size_bytes"], entry["rows"]
    if type(size_bytes) is not int or type(rows) is not int or min(size_bytes, rows) < 0:
        raise ValueError("no size")
    return Part(_short(entry["name"]), size_bytes, _short(entry["sha256"]), rows)


def _short(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 300 or not value.isprintable():
        raise ValueError("no text")
    return value


def _check_names(archive: zipfile.ZipFile, summary: Summary) -> None:
    """The archive holds what the manifest lists, each once, under names that we ourselves give."""
    inside = sorted(entry.filename for entry in archive.infolist())
    if inside != sorted([MANIFEST, *(part.name for part in summary.parts)]):
        raise BackupUnusable("The backup holds other files than it lists.", _HINT)
    for part in summary.parts:
        if not _is_ours(part.name):
            raise BackupUnusable(f"The backup holds a file that is none of ours: {part.name[:80]!r}.", _HINT)


def _is_ours(name: str) -> bool:
    found = _STATE_NAME.fullmatch(name)
    if found:
        return found[1] in metadata.tables
    folder, _, file = name.partition("/")
    if folder == "observations":
        return file in {f"{table}.parquet" for table in TABLES}
    return folder == "registers" and SHEET_NAME.fullmatch(file) is not None


def _check_part(archive: zipfile.ZipFile, part: Part) -> None:
    entry = archive.getinfo(part.name)
    plain = entry.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} and not entry.flag_bits & 1
    bomb = part.size_bytes > _MOST_TIMES_LARGER * max(entry.compress_size, 1000)
    if not plain or bomb or entry.file_size != part.size_bytes:
        raise BackupUnusable(f"{part.name} in the backup is not as large as it says.", _HINT)
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
    except (OSError, *_DAMAGED) as error:
        raise BackupUnusable(f"{part.name} in the backup is damaged.", _HINT) from error
    if (size_bytes, digest.hexdigest()) != (part.size_bytes, part.sha256):
        raise BackupUnusable(f"{part.name} in the backup is damaged: its checksum is another.", _HINT)


def _check_room(summary: Summary, to: Holdings) -> None:
    to.folder.mkdir(parents=True, exist_ok=True)
    needed = 2 * sum(part.size_bytes for part in summary.parts)
    free = shutil.disk_usage(to.folder).free
    if needed > free:
        raise StoreUnavailable(
            f"Restoring needs about {needed / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free.", "Make room first."
        )


def _is_in_use(holdings: Holdings) -> bool:
    """Whether something would be lost: a state with a session, a person or a register in it, or observations."""
    if holdings.observations_folder.exists():
        return True
    if holdings.state_file is not None:
        return holdings.state_file.exists()
    engine = holdings.open_state()
    try:
        with engine.connect() as connection:
            return any(connection.execute(select(table).limit(1)).first() for table in metadata.sorted_tables)
    finally:
        engine.dispose()


def _fill_observations(archive: zipfile.ZipFile, built: Holdings) -> None:
    database = built.observations()
    try:
        database.open()
        for table in TABLES:
            path = built.folder / f"{table}.parquet"
            with archive.open(f"observations/{path.name}") as packed, path.open("xb") as file:
                shutil.copyfileobj(packed, file, _CHUNK_BYTES)
            read_parquet(database, table, path)
            path.unlink()
    finally:
        database.close()


def _fill_registers(archive: zipfile.ZipFile, summary: Summary, built: Holdings) -> None:
    built.registers_folder.mkdir()
    for part in summary.parts:
        folder, _, name = part.name.partition("/")
        if folder == "registers":
            with archive.open(part.name) as packed, (built.registers_folder / name).open("xb") as file:
                shutil.copyfileobj(packed, file, _CHUNK_BYTES)


def _fill_state(archive: zipfile.ZipFile, summary: Summary, built: Holdings) -> None:
    """Put the backup's rows in the place of all that are there, in one transaction."""
    given = {part.name for part in summary.parts}
    engine = built.open_state()
    try:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
            for table in metadata.sorted_tables:
                name = f"state/{table.name}.jsonl"
                if name in given:
                    with archive.open(name) as file:
                        _insert_rows(connection, table, file)
            _go_on_numbering(connection)
    finally:
        engine.dispose()


def _insert_rows(connection: Connection, table: Table, file: IO[bytes]) -> None:
    names = {column.name for column in table.columns}
    lines = iter(lambda: file.readline(_LINE_BYTES), b"")
    while some := [_row(line, names) for line in islice(lines, _ROWS_AT_ONCE)]:
        try:
            connection.execute(insert(table), some)
        except SQLAlchemyError as error:
            raise BackupUnusable(f"The backup's {table.name} don't fit together.", _HINT) from error


def _row(line: bytes, names: Collection[str]) -> dict[str, Any]:
    """A row of ours; what a table does not have, or no longer has, is left out."""
    try:
        return {name: value for name, value in json.loads(line).items() if name in names}
    except (ValueError, AttributeError, RecursionError) as error:
        raise BackupUnusable("The backup holds a row that can't be read.", _HINT) from error


def _go_on_numbering(connection: Connection) -> None:
    """PostgreSQL numbers events by a sequence, which ids that are given do not move."""
    newest = connection.execute(select(func.max(state.events.c.id))).scalar()
    if connection.dialect.name == "postgresql" and newest is not None:
        connection.execute(text("SELECT setval(pg_get_serial_sequence('events', 'id'), :newest)"), {"newest": newest})


def _put_in_place(built: Holdings, to: Holdings, now: datetime) -> Path | None:
    """Exchange the folders' contents. What stood there before is kept in a folder of that moment's name."""
    names = ["observations", "registers"]
    if to.state_file is not None:
        names += ["state.db", "state.db-wal", "state.db-shm"]
    replaced = to.folder / f"replaced-{now:%Y%m%d-%H%M%S}"
    for name in names:
        if (to.folder / name).exists():
            replaced.mkdir(exist_ok=True, mode=0o700)
            (to.folder / name).rename(replaced / name)
    for name in names:
        if (built.folder / name).exists():
            (built.folder / name).rename(to.folder / name)
    return replaced if replaced.exists() else None
