"""Sheets made to hurt: each is refused in one line, within two seconds and 200 MB. Threat row 23."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from core.errors import RegisterUnreadable
from storage.sheet import read_register

ROOT = Path(__file__).parent.parent.parent
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ROW = b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>'


def xlsx(rows: bytes = ROW, strings: bytes = b"<si><t>x</t></si>", sheets: int = 1, prolog: bytes = b"") -> bytes:
    """A workbook of hand-written parts."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for index in range(1, sheets):
        book.create_sheet(f"S{index}")
    book.worksheets[0]["A1"] = "x"
    book.save(out)
    changed = {
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
        + rows
        + b"</sheetData></worksheet>",
        "xl/sharedStrings.xml": prolog + f'<sst xmlns="{MAIN}">'.encode() + strings + b"</sst>",
    }
    return repacked(out.getvalue(), changed)


def repacked(archive: bytes, changed: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changed}:
            new.writestr(name, changed.get(name) or old.read(name))
    return out.getvalue()


def ods(content: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        new.writestr("META-INF/manifest.xml", "<manifest/>")
        office = "urn:oasis:names:tc:opendocument:xmlns:"
        new.writestr(
            "content.xml",
            f'<office:document-content xmlns:office="{office}office:1.0" xmlns:table="{office}table:1.0" '
            f'xmlns:text="{office}text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{content}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file (MS-CFB) with these streams: the shell of .xls and of encrypted workbooks."""
    none, last = 0xFFFFFFFF, 0xFFFFFFFE
    fat, body, entries = [0xFFFFFFFD, last], b"", b""
    for index, (name, content) in enumerate({"Root Entry": b"", **streams}.items()):
        sectors = -(-len(content) // 512)
        start = len(fat) if sectors else last
        fat += [*range(len(fat) + 1, len(fat) + sectors), last] if sectors else []
        body += content.ljust(sectors * 512, b"\0")
        raw = name.encode("utf-16-le")
        links = (none, index + 1 if 0 < index < len(streams) else none, none if index or not streams else 1)
        entries += raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw) + 2, 2 if index else 5, 1, *links)
        entries += bytes(36) + struct.pack("<IQ", start, len(content))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H6x10I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, last, 0, last, 0, 0)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(512, b"\xff")
    return header.ljust(512, b"\xff") + table + entries.ljust(512, b"\0") + body


def old_workbook() -> bytes:
    """An .xls (BIFF8) with one camera, record by record."""

    def record(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    begin, end = struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0), record(0x0A, b"")
    sheet = record(0x0809, begin)
    for column, text in enumerate(("Camera", "Lat", "Lon")):
        sheet += record(0x0204, struct.pack("<HHHHB", 0, column, 0, len(text), 0) + text.encode())
    sheet += record(0x0204, struct.pack("<HHHHB", 1, 0, 0, 1, 0) + b"a")
    for column, number in enumerate((17.5, 78.25), 1):
        sheet += record(0x0203, struct.pack("<HHHd", 1, column, 0, number))
    head = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x05, 0, 0, 0, 0))
    place = len(head) + 4 + 6 + 2 + 1 + len(end)
    head += record(0x0085, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"S") + end
    return compound({"Workbook": (head + sheet + end).ljust(4096, b"\0")})


def binary_workbook() -> bytes:
    """An .xlsb (BIFF12) with one camera, record by record."""

    def record(kind: int, content: bytes = b"") -> bytes:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        return number + bytes([len(content)]) + content

    def wide(text: str) -> bytes:
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")

    def word(column: int, text: str) -> bytes:
        return record(6, struct.pack("<II", column, 0) + wide(text))

    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("S"))
    rows = record(0, struct.pack("<I", 0) + bytes(13)) + b"".join(map(word, range(3), ("Camera", "Lat", "Lon")))
    rows += record(0, struct.pack("<I", 1) + bytes(13)) + word(0, "a")
    rows += b"".join(record(5, struct.pack("<IId", at, 0, value)) for at, value in ((1, 17.5), (2, 78.25)))
    sheet = record(129) + record(148, struct.pack("<4I", 0, 1, 0, 2)) + record(145) + rows + record(146) + record(130)
    office = "http://schemas.openxmlformats.org"
    relations = f'<Relationships xmlns="{office}/package/2006/relationships"><Relationship Id="rId1" '
    worksheet = f'Type="{office}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.bin"/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("xl/workbook.bin", book + record(144) + record(132))
        new.writestr("xl/_rels/workbook.bin.rels", f"{relations}{worksheet}</Relationships>")
        new.writestr("xl/worksheets/sheet1.bin", sheet)
    return out.getvalue()


def lying() -> bytes:
    """An archive whose directory says that 200 MB are 1,000 bytes."""
    content = xlsx(strings=b"<si><t>" + b"A" * 200_000_000 + b"</t></si>")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        truth = archive.getinfo("xl/sharedStrings.xml").file_size
    return content.replace(struct.pack("<I", truth), struct.pack("<I", 1000))


def many_entries() -> bytes:
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        for index in range(20_000):
            archive.writestr(f"xl/media/{index}", b"")
    return out.getvalue()


def good() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["Camera", "Lat", "Lon"], ["a", 1, 2]):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha">' + b"".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">'.encode() for i in range(9)
) + b"]>"  # fmt: skip
REACHING = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
LONG = b"<si><t>" + b"A" * 1_000_000 + b"</t></si>"
CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a cell of 300 MB": ("a.xlsx", lambda: xlsx(strings=b"<si><t>" + b"A" * 300_000_000 + b"</t></si>")),
    "an inline cell of 30 MB": (
        "a.xlsx",
        lambda: xlsx(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"A" * 30_000_000 + b"</t></is></c></row>"),
    ),
    "a million columns": ("a.xlsx", lambda: xlsx(b"<row>" + b"<c><v>1</v></c>" * 1_000_000 + b"</row>")),
    "two corners of the largest sheet": (
        "a.xlsx",
        lambda: xlsx(ROW + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
    ),
    "one long text in many cells": (
        "a.xlsx",
        lambda: xlsx(b"".join(b'<row><c t="s"><v>0</v></c></row>' for _ in range(200_000)), LONG),
    ),
    "two million texts": ("a.xlsx", lambda: xlsx(strings=b"<si><t/></si>" * 2_300_000)),
    "billion laughs": ("a.xlsx", lambda: xlsx(strings=b"<si><t>&j;</t></si>", prolog=LAUGHS)),
    "an entity that reaches out": ("a.xlsx", lambda: xlsx(strings=b"<si><t>&a;</t></si>", prolog=REACHING)),
    "a directory that lies": ("a.xlsx", lying),
    "twenty thousand entries": ("a.xlsx", many_entries),
    "two hundred sheets": ("a.xlsx", lambda: xlsx(sheets=200)),
    "deep nesting": ("a.xlsx", lambda: xlsx(b"<row><c><is>" + b"<r>" * 2_000_000)),
    "a billion repeated rows": (
        "a.ods",
        lambda: ods(
            '<table:table-row table:number-rows-repeated="1000000000"><table:table-cell office:value-type="float" '
            'office:value="1" table:number-columns-repeated="16384"/></table:table-row>'
        ),
    ),
    "32 MB of separators": ("a.csv", lambda: b"," * 31_000_000),
    "32 MB of quotation marks": ("a.csv", lambda: b'"' * 31_000_001),
    "a quotation mark never closed": ("a.csv", lambda: b'Camera,Lat,Lon\na,"1,2\n' + b"b,1,2\n" * 1000),
    "a cell of 2 MB in a CSV": ("a.csv", lambda: b"Camera,Lat,Lon\n" + b"A" * 2_000_000 + b",1,2\n"),
    "a file too large": ("a.csv", lambda: b"a,b,c\n" * 6_000_000),
    "noise as a workbook": ("a.xlsx", lambda: b"PK\x03\x04" + os.urandom(5000)),
    "noise as an old workbook": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + os.urandom(5000)),
    "a picture as a CSV": ("a.csv", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 50),
    "half a workbook": ("a.xlsx", lambda: good()[:-3000]),
    "an archive that is no workbook": ("a.xlsx", lambda: repacked(good(), {"[Content_Types].xml": b"x"})[:60] + b"x"),
    "an empty compound file": ("a.xls", lambda: compound({})),
    "an encrypted workbook": (
        "a.xlsx",
        lambda: compound({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(5000)}),
    ),
    "a web page named .xls": ("a.xls", lambda: b"<html><body><table><tr><td>Camera</td></tr></table></body></html>"),
    "a web page named .csv": ("a.csv", lambda: b"\xef\xbb\xbf\n <!DOCTYPE html><html></html>"),
    "XML of 2003 named .xls": ("a.xls", lambda: b'<?xml version="1.0"?><Workbook/>'),
    "text named .xlsx": ("a.xlsx", lambda: b"Camera,Lat,Lon\na,1,2\n"),
    "nothing at all": ("a.xlsx", lambda: b""),
    "blanks": ("a.csv", lambda: b" \n\n \n"),
    "a workbook of empty sheets": ("a.xlsx", lambda: xlsx(rows=b" ")),
    "a sheet with macros": ("a.xlsm", good),
    "another ending": ("a.pdf", good),
}
MEASURED = """
import json, re, resource, sys, time
from pathlib import Path
from core.errors import RegisterUnreadable
from storage.sheet import read_register
try:
    register = read_register(Path(sys.argv[1]))
    said = f"read: {register.rows} rows"
except RegisterUnreadable as error:
    said = error.sentence
took_s = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
# Not ru_maxrss for ourselves: that is inherited from whoever started us.
own_kb = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
kb = own_kb + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"said": said, "s": took_s, "mb": kb // 1024}))
"""


def measured(path: Path) -> dict[str, Any]:
    """What reading ``path`` said, took and needed, in a process of its own: ``{"said", "s", "mb"}``.

    The seconds are the processor's, start of Python included: those on the wall of a machine that does nothing else.
    """
    done = subprocess.run([sys.executable, "-c", MEASURED, path], cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_sheet_is_refused_in_time_and_memory(case: str, tmp_path: Path) -> None:
    name, make = CASES[case]
    path = tmp_path / name
    path.write_bytes(make())
    result = measured(path)
    assert not result["said"].startswith("read"), result
    assert "\n" not in result["said"]
    assert result["s"] < 2
    assert result["mb"] <= 200


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("a cell of 300 MB", "unpacks to far more"),
        ("billion laughs", "unpacks to far more"),
        ("an encrypted workbook", "protected by a password"),
        ("a web page named .xls", "web page"),
        ("half a workbook", "damaged"),
        ("text named .xlsx", "no spreadsheet"),
        ("nothing at all", "empty"),
    ],
)
def test_the_one_line_says_what_is_the_matter(case: str, sentence: str, tmp_path: Path) -> None:
    name, make = CASES[case]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(RegisterUnreadable, match=sentence):
        read_register(tmp_path / name)


def test_a_sheet_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegisterUnreadable, match=r"can't be opened"):
        read_register(tmp_path / "a.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    with pytest.raises(RegisterUnreadable, match="not a file"):
        read_register(tmp_path / "folder.xlsx")
    os.mkfifo(tmp_path / "pipe.xlsx")
    with pytest.raises(RegisterUnreadable, match="not a file"):
        read_register(tmp_path / "pipe.xlsx")


def test_a_workbook_under_another_spreadsheets_ending_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(good())
    assert read_register(tmp_path / "a.xls").placed == 1


def test_an_old_workbook_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(old_workbook())
    (camera,) = read_register(tmp_path / "a.xls").cameras
    assert (camera.row, camera.camera, camera.latitude, camera.longitude) == (2, "a", 17.5, 78.25)


def test_a_binary_workbook_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.xlsb").write_bytes(binary_workbook())
    (camera,) = read_register(tmp_path / "a.xlsb").cameras
    assert (camera.row, camera.camera, camera.latitude, camera.longitude) == (2, "a", 17.5, 78.25)


def test_an_open_document_is_read(tmp_path: Path) -> None:
    def row(*cells: str) -> str:
        return "<table:table-row>" + "".join(cells) + "</table:table-row>"

    def word(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    def number(value: float) -> str:
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    blank = '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
    rows = blank + row(*map(word, ("Camera", "Lat", "Lon"))) + row(word("a"), number(17.5), number(78.25))
    (tmp_path / "a.ods").write_bytes(ods(rows))
    (camera,) = read_register(tmp_path / "a.ods").cameras
    assert (camera.row, camera.camera, camera.latitude, camera.longitude) == (5, "a", 17.5, 78.25)


def test_an_environment_cannot_change_what_the_child_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit")
    (tmp_path / "a.xlsx").write_bytes(good())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read_register(tmp_path / "a.xlsx").placed == 1


@pytest.mark.parametrize(
    "behind",
    [
        b'<hyperlinks><hyperlink ref="A1:XFD1048576" r:id="r1"/></hyperlinks>',
        b"<!--" + b"<c " * 1_000_000 + b"HYPERLINK-->",
        b"<hyperlinks>" + b"<hyperlink " * 300_000,
        b'<hyperlinks><hyperlink ref="ZZZ99999999:A1" r:id="r1"/><hyperlink ref="B9:A1" r:id="r1"/></hyperlinks>',
    ],
)
def test_links_made_to_hurt_cost_no_more_than_a_sheet(tmp_path: Path, behind: bytes) -> None:
    """Row 23: none of them may grow with the cells that it names, or be looked through again and again."""
    rels = b'<Relationships><Relationship Id="r1" Target="https://cdn.example/1.jpg"/></Relationships>'
    rows = b'<row r="1"><c r="A1" t="inlineStr"><is><t>Camera</t></is></c></row></sheetData>' + behind + b"<sheetData>"
    path = tmp_path / "links.xlsx"
    path.write_bytes(repacked(xlsx(rows), {"xl/worksheets/_rels/sheet1.xml.rels": rels}))
    result = measured(path)
    assert result["said"] == "read: 0 rows"
    assert result["s"] < 2
    assert result["mb"] <= 200
