"""The tables of observations as Parquet files, which other programs read too: how a backup carries them."""

from __future__ import annotations

from pathlib import Path

from storage.database import Database

TABLES = ("sights", "observations")
# One thread and small groups of rows: a copy must not need the memory and the cores that a run is using.
_MODEST = (
    "SETTINGS max_threads = 1, output_format_parquet_parallel_encoding = 0,"
    " output_format_parquet_row_group_size = 50000, output_format_parquet_compression_method = 'zstd'"
)


def write_parquet(database: Database, table: str, path: Path) -> int:
    """Write the rows that ``table`` has at this moment to ``path``, which must not exist; returns how many."""
    where = {"path": str(path.resolve())}
    database.command(
        f"INSERT INTO FUNCTION file({{path:String}}, 'Parquet') SELECT * FROM {_known(table)} {_MODEST}",  # noqa: S608
        where,
    )
    return int(database.select("SELECT count() FROM file({path:String}, 'Parquet')", where)[0][0])


def read_parquet(database: Database, table: str, path: Path) -> int:
    """Add the rows in ``path`` to ``table``, by the names of their columns; returns how many rows the table has.

    Columns that the file lacks take their default: it may be of an older version."""
    name = _known(table)
    columns = _columns(database, f"TABLE {name}")
    given = _columns(database, "(SELECT * FROM file({path:String}, 'Parquet'))", path)
    both = ", ".join(column for column in columns if column in given)
    database.command(
        f"INSERT INTO {name} ({both}) SELECT {both} FROM file({{path:String}}, 'Parquet') SETTINGS max_threads = 1",  # noqa: S608  (names of our own columns)
        {"path": str(path.resolve())},
    )
    return int(database.select(f"SELECT count() FROM {name}")[0][0])  # noqa: S608  (one of our own tables)


def _columns(database: Database, what: str, path: Path | None = None) -> list[str]:
    parameters = {"path": str(path.resolve())} if path else {}
    return [row[0] for row in database.select(f"DESCRIBE {what}", parameters)]


def _known(table: str) -> str:
    if table not in TABLES:
        raise ValueError(table)
    return table
