"""Hostile input of every kind that the papers list has a test that names its row."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parent
# Files, paths and sheets; secrets, requests, sign-ins and browsers.
ROWS = {*range(18, 32), *range(33, 40), *range(40, 61)}


def _rows_named_in(text: str) -> set[int]:
    """``Threat row 23``, ``threat rows 18 and 20``, ``threat rows 1-6``."""
    named: set[int] = set()
    for told in re.findall(r"threat rows? ((?:\d+(?:-\d+)?(?:, and |, | and )?)+)", text, re.IGNORECASE):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", told):
            named |= set(range(int(first), int(last or first) + 1))
    return named


def test_rows_are_read_as_people_write_them() -> None:
    assert _rows_named_in("Threat row 23.") == {23}
    assert _rows_named_in("Parity S2.8; threat rows 18 and 20.") == {18, 20}
    assert _rows_named_in("Threat rows 1-3, 5, and 11: by a server.") == {1, 2, 3, 5, 11}


def test_every_row_of_what_is_built_has_a_test_that_names_it() -> None:
    named = {row for path in TESTS.rglob("test_*.py") for row in _rows_named_in(path.read_text(encoding="utf-8"))}
    assert sorted(ROWS - named) == []
