"""An answer as CSV (RFC 4180): one line for each observation, as they are read.

In UTF-8 with a byte order mark: without it Excel takes the bytes for the machine's old code page and spoils every name
that is not English; LibreOffice and pandas read it either way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from sessions.export.cells import OBSERVATIONS, Value, inert
from sessions.export.extract import Extract

_CHUNK_CHARACTERS = 64 * 1024


def csv_lines(extract: Extract) -> Iterator[bytes]:
    """The file, some tens of kilobytes at a time."""
    held = io.StringIO()
    held.write("\ufeff")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow([column.heading for column in OBSERVATIONS])
    for observation in extract.observations():
        writer.writerow([_cell(column.value(extract, observation)) for column in OBSERVATIONS])
        if held.tell() > _CHUNK_CHARACTERS:
            yield held.getvalue().encode()
            held.seek(0)
            held.truncate()
    yield held.getvalue().encode()


def _cell(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return inert(value) if isinstance(value, str) else value
