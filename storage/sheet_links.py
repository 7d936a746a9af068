"""Where the cells of an .xlsx lead that show something else ("View"): calamine gives what is shown, and nothing beside.

Part of the process that opens a stranger's sheet (:mod:`storage.sheet_child`), and like it alone with the standard
library. Nothing is parsed as XML: what is looked for is found by its tag, in pieces, so that no part is whole in
memory.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import chain

_PIECE_BYTES = 262_144
_MAX_PART_BYTES = 16_000_000
# No pattern reads beyond the next "<": a part made of beginnings costs no more than one of text.
_SCHEMES = ("http://", "https://", "gs://")
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^<>]*?\w:id=["']([^"']+)["']""")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)>")
_ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*["']([^"']*)["']""")
# A link is an entry after all rows that names its cells, and by an id its target; or it is a formula in its cell.
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\s([^<>]*)>")
_CELLS = re.compile(rb"([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?")
_FORMULA = re.compile(
    rb"""<c\s[^<>]*?\br=["']([A-Z]{1,3})([0-9]{1,7})["'][^<>]*>\s*<f[^<>]*>\s*HYPERLINK\(\s*(?:"|&quot;)"""
    rb"""([^"<&]*(?:&amp;[^"<&]*)*)"""
)


def linked_cells(content: bytes, index: int) -> Iterator[tuple[int, int, str]]:
    """Row, column (from 0) and address of each linked cell in the sheet that is the file's ``index``-th."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        path = _path(archive, index)
        if path not in archive.namelist():
            return
        folder, _, name = path.rpartition("/")
        targets = _targets(archive, f"{folder}/_rels/{name}.rels")
        for piece in _pieces(archive, path):
            for row, column, target in chain(_formulas(piece), _entries(piece, targets)):
                if target.lower().startswith(_SCHEMES):
                    yield row, column, target


def _path(archive: zipfile.ZipFile, index: int) -> str:
    ids = _SHEET.findall(_part(archive, "xl/workbook.xml"))
    target = _targets(archive, "xl/_rels/workbook.xml.rels").get(ids[index], "") if index < len(ids) else ""
    return target[1:] if target.startswith("/") else f"xl/{target}"


def _formulas(piece: bytes) -> Iterator[tuple[int, int, str]]:
    for letters, row, target in _FORMULA.findall(piece) if b"HYPERLINK" in piece else ():
        yield int(row), _column(letters), _text(target)


def _entries(piece: bytes, targets: Mapping[bytes, str]) -> Iterator[tuple[int, int, str]]:
    for written in _LINK.findall(piece) if targets and b"hyperlink" in piece else ():
        told = dict(_ATTRIBUTE.findall(written))
        cells = _CELLS.fullmatch(told.get(b"ref", b""))
        target = targets.get(told.get(b"id", b""))
        if cells is not None and target:
            left, top, right, bottom = cells.groups()
            for row in range(int(top), int(bottom or top) + 1):
                for column in range(_column(left), _column(right or left) + 1):
                    yield row, column, target


def _pieces(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """A part in pieces that end behind a cell or an entry."""
    rest = b""
    with archive.open(path) as part:
        while more := part.read(_PIECE_BYTES):
            piece = rest + more
            end = max(piece.rfind(b"</c>") + 4, piece.rfind(b"/>") + 2, len(piece) - _PIECE_BYTES)
            yield piece[:end]
            rest = piece[end:]
    yield rest


def _targets(archive: zipfile.ZipFile, path: str) -> Mapping[bytes, str]:
    """What the ids of a part's relations stand for."""
    found = {}
    for written in _RELATION.findall(_part(archive, path)):
        told = dict(_ATTRIBUTE.findall(written))
        if b"Id" in told and b"Target" in told:
            found[told[b"Id"]] = _text(told[b"Target"])
    return found


def _part(archive: zipfile.ZipFile, path: str) -> bytes:
    """A part's bytes; none where there is no such part."""
    try:
        with archive.open(path) as part:
            return part.read(_MAX_PART_BYTES)
    except KeyError:
        return b""


def _text(written: bytes) -> str:
    return html.unescape(written.decode("utf-8", "replace"))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
