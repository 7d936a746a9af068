"""The way to ClickHouse: what it costs to open, and what is said when it can't be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from storage.database import Database

ROOT = Path(__file__).resolve().parents[2]


def test_opening_and_inserting_bring_no_pandas(tmp_path: Path) -> None:
    """It would cost 48 MB of the server's memory, for nothing."""
    code = (
        "import sys; from pathlib import Path; from storage.database import Database;"
        "made = Database(Path(sys.argv[1]), ['CREATE TABLE t (a UInt8) ENGINE = Memory']);"
        "made.insert('t', ['a'], [[1]]); assert made.select('SELECT a FROM t') == [(1,)];"
        "made.close(); print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "False\n", done.stderr


def test_the_engines_errors_are_told_in_a_line(database: Database) -> None:
    with pytest.raises(StoreUnavailable, match="The store of observations refused") as refused:
        database.select("SELECT 1 FROM no_such_table")
    assert "\n" not in refused.value.sentence
