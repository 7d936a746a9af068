"""An answer as an Excel workbook: the answer, its observations and its places, each on a sheet of its own.

Written row by row: what is done lies in temporary files, not in memory. Text is written as text, whatever it begins
with; nothing in the workbook is a formula.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from sessions.export.cells import OBSERVATIONS, PLACES, Value, clean
from sessions.export.extract import Extract

_ROWS = 1_048_576  # of a sheet, the headings included
_LONGEST_CELL = 32_767
# A link costs a workbook memory, and Excel takes 65,530 of a sheet; those below are addresses as text.
_LINKS = 5_000
_READ_BYTES = 256 * 1024


class Heading(Protocol):
    """What a sheet needs to know of a column."""

    @property
    def heading(self) -> str: ...

    @property
    def width(self) -> int: ...


def workbook(extract: Extract, folder: Path) -> Iterator[bytes]:
    """The file. It is made in ``folder``, whole, before its first piece comes, and is gone when the last has."""
    folder.mkdir(parents=True, exist_ok=True)
    room = Path(tempfile.mkdtemp(prefix="export-", dir=folder))
    try:
        path = room / "answer.xlsx"
        _write(extract, path, room)
        with path.open("rb") as file:
            while piece := file.read(_READ_BYTES):
                yield piece
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _write(extract: Extract, path: Path, room: Path) -> None:
    options = {"constant_memory": True, "tmpdir": str(room), "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": clean(extract.question)[:200], "comments": "Made by Sightline."})
        pen = _Pen(book)
        _write_answer(extract, pen)
        _write_sheets(
            pen,
            "Observations",
            OBSERVATIONS,
            ([column.value(extract, seen) for column in OBSERVATIONS] for seen in extract.observations()),
        )
        _write_sheets(
            pen, "Places", PLACES, ([column.value(extract, place) for column in PLACES] for place in extract.places())
        )


class _Pen:
    """Writes values as what they are."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 14, "text_wrap": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.link = book.get_default_url_format()

    def value(self, sheet: Worksheet, row: int, column: int, value: Value, style: Any = None) -> None:
        """One cell; ``None`` leaves it empty. Excel's times have no zone: they are the site's."""
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value, style)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, style)
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, value.replace(tzinfo=None), style)
        elif value is not None:
            sheet.write_string(row, column, _fitting(value), style)

    def address(self, sheet: Worksheet, row: int, column: int, address: str) -> None:
        """An address that can be clicked, as far down as links go."""
        if row <= _LINKS:
            sheet.write_url(row, column, address, self.link)
        else:
            sheet.write_string(row, column, address)


def _write_sheets(pen: _Pen, name: str, columns: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> None:
    """``rows`` under their headings; what does not fit into a sheet goes on in the next."""
    sheet, at, number = _begin(pen, name, columns), 1, 1
    for row in rows:
        if at == _ROWS:
            _end(sheet, columns, at)
            number += 1
            sheet, at = _begin(pen, f"{name} {number}", columns), 1
        for index, value in enumerate(row):
            if columns[index].heading == "picture":
                pen.address(sheet, at, index, str(value))
            else:
                pen.value(sheet, at, index, value)
        at += 1
    _end(sheet, columns, at)


def _begin(pen: _Pen, name: str, columns: Sequence[Heading]) -> Worksheet:
    sheet = pen.book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column.heading, pen.bold)
    return sheet


def _end(sheet: Worksheet, columns: Sequence[Heading], rows: int) -> None:
    sheet.autofilter(0, 0, max(rows - 1, 1), len(columns) - 1)


def _write_answer(extract: Extract, pen: _Pen) -> None:
    sheet = pen.book.add_worksheet("Answer")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 4, 16)
    row = 0
    for label, value in _facts(extract):
        sheet.write_string(row, 0, label, pen.bold)
        pen.value(sheet, row, 1, value, pen.title if label == "Headline" else None if _plain(value) else pen.wrap)
        row += 1
    sections: list[tuple[Sequence[str], Iterable[Sequence[Value]]]] = [
        (("Pictures by outcome", "count"), [(str(outcome), number) for outcome, number in extract.counts.items()]),
        (("Figures", "value", "of", "unit"), _figures(extract)),
        (("Groups", "value", "outcome", "pictures"), _groups(extract)),
    ]
    for headings, lines in sections:
        row += 1
        for index, heading in enumerate(headings):
            sheet.write_string(row, index, heading, pen.bold)
        for line in lines:
            row += 1
            for index, value in enumerate(line):
                pen.value(sheet, row, index, value)
        row += 1


def _facts(extract: Extract) -> Iterator[tuple[str, Value]]:
    model = extract.looked.row.model or {}
    yield "Question", extract.question
    yield "Headline", extract.headline
    for finding in extract.answer.get("findings", ()):
        yield "Finding", finding
    report = extract.answer.get("report")
    if report:
        yield "Report", "\n".join((report["introduction"], *report["findings"], report["conclusion"]))
        yield "Report by", report["note"]
    yield "Understood as", " · ".join(extract.chips)
    yield "Asked of each picture", extract.asked
    yield "Model", extract.model
    yield "Why this model", model.get("why")
    for note in extract.message.row.notes:
        yield "Note", note
    yield "Pictures", extract.run.done
    yield "State of the run", str(extract.run.state)
    yield f"Asked at ({extract.timezone})", extract.local(extract.message.row.asked_at)
    yield f"Exported at ({extract.timezone})", extract.local(extract.exported_at)
    yield "Site", extract.site
    yield "Session", extract.session_title
    yield "Page", extract.page


def _figures(extract: Extract) -> Iterator[Sequence[Value]]:
    for figure in extract.answer.get("figures", ()):
        yield figure["label"], figure["value"], figure["of"], figure["unit"]


def _groups(extract: Extract) -> Iterator[Sequence[Value]]:
    for group in extract.answer.get("groups", ()):
        yield group["label"], group["value"], group["outcome"], sum(group["counts"].values())


def _plain(value: Value) -> bool:
    return not isinstance(value, str)


def _fitting(text: str) -> str:
    text = clean(text)
    return text if len(text) <= _LONGEST_CELL else f"{text[: _LONGEST_CELL - 1]}…"
