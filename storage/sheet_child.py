"""The process that opens a stranger's sheet: run as a program, never imported by the server.

It is given the open file as standard input and gives back lines of JSON. Whatever the file does to it (a bomb, a crash
in native code, an endless loop) ends here: the kernel holds its memory and its time, and it can neither write nor fork.
It stands alone (standard library and calamine) because it must start in hundredths of a second: pandas, whose calamine
engine this is, takes over a second and 110 MB to import, which is most of what a hostile sheet may cost altogether.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import itertools
import json
import resource
import signal
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

_MEMORY_BYTES = 160 * 1024 * 1024
_BASE_S, _S_PER_MB = 1.6, 0.25
_PATIENCE_S = 60  # by the clock on the wall, should it wait rather than work
_MAX_ENTRIES = 300
_SMALL_BYTES = 8_000_000  # unpacked; what is smaller is read whatever its ratio
_MAX_UNPACKED_BYTES = 400_000_000
_MAX_RATIO = 100  # a sheet of 100,000 quite regular rows reaches about 15
_MAX_SHEETS = 100
_MAX_COLUMNS = 1024
_MAX_ROWS = 300_000
_MAX_CELL = 1_000_000
_KEPT_CELL = 4200  # an address is longer than 4,096 characters, or whole
_MAX_NEWLINES = 60  # in one cell of a CSV: more, and a quotation mark was never closed
_CHUNK = 400
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SEPARATORS = ",;\t|"


class Refused(Exception):
    """The file is not read; ``code`` says why (the parent has the sentences)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def main() -> None:
    """Read standard input, write its sheets: a line ``{"sheet", "visible"}`` each, then ``[[row, [cells]], ...]``."""
    _limit(_BASE_S)
    try:
        for line in _read(sys.stdin.buffer.read()):
            _say(line)
        _say({"end": True})
    except Refused as refused:
        _say({"refused": refused.code})
    except MemoryError:
        _say({"refused": "bomb"})
    except BaseException:  # noqa: BLE001 - the root of the process; calamine's panics are no Exceptions
        _say({"refused": "corrupt"})


def _limit(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, _PATIENCE_S)
    _deadline(seconds)


def _deadline(seconds: float) -> None:
    # Of the processor's time, so that a busy machine refuses no good sheet. The signals' default action ends the
    # process, even inside native code that never returns to Python.
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _say(line: object) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=True, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _read(content: bytes) -> Iterator[object]:
    if not content.strip():
        raise Refused("empty")
    if content.startswith(b"PK\x03\x04"):
        _deadline(_BASE_S + _S_PER_MB * _check_archive(content) / 1e6)
        return _read_workbook(content)
    _deadline(_BASE_S + _S_PER_MB * len(content) / 1e6)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _read_workbook(content)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Refused("markup")
    if sys.argv[1:] != ["text"]:
        raise Refused("not_a_sheet")
    return _read_text(content)


def _check_archive(content: bytes) -> int:
    """The unpacked size in bytes, after what no sheet needs has been refused unopened."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused("corrupt") from error
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    bomb = unpacked > _SMALL_BYTES and unpacked > _MAX_RATIO * len(content)
    if len(entries) > _MAX_ENTRIES or unpacked > _MAX_UNPACKED_BYTES or bomb:
        raise Refused("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("encrypted")
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels")):
            _check_markup(archive, entry)
    return unpacked


def _check_markup(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """No spreadsheet program writes a document type; entities that grow and reach out begin with one."""
    try:
        with archive.open(entry) as part:
            head = part.read(4096)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError) as error:
        raise Refused("corrupt") from error
    if b"<!" in head.replace(b"\0", b"").replace(b"<!--", b""):
        raise Refused("bomb")


def _read_workbook(content: bytes) -> Iterator[object]:
    import python_calamine as calamine

    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise Refused("encrypted") from error
    except calamine.CalamineError as error:
        raise Refused("encrypted" if _ENCRYPTED in content else "corrupt") from error
    if len(workbook.sheets_metadata) > _MAX_SHEETS:
        raise Refused("bomb")
    filled = 0
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            yield {"sheet": sheet.name, "visible": sheet.visible == calamine.SheetVisibleEnum.Visible}
            yield from _links(content, index)
            for chunk in _chunks(_rows_of(workbook, index)):
                filled += len(chunk)
                if filled > _MAX_ROWS:
                    raise Refused("too_long")
                yield chunk


def _rows_of(workbook: Any, index: int) -> Iterable[list[Any]]:
    import python_calamine as calamine

    try:
        sheet = workbook.get_sheet_by_index(index)
    except calamine.CalamineError as error:
        raise Refused("corrupt") from error
    if sheet.width > _MAX_COLUMNS:
        raise Refused("too_wide")
    if sheet.start is None:  # nothing in it
        return []
    left = sheet.start[1]
    rows = _merged(sheet.iter_rows(), sheet.merged_cell_ranges or (), left)
    return ([""] * left + cells for cells in rows) if left else rows  # so that a column's letter is the spreadsheet's


def _links(content: bytes, index: int) -> Iterator[object]:
    """Where cells lead that are links. Loaded by its path, for no folder is searched for what this process imports."""
    if content.startswith(b"PK"):
        sys.dont_write_bytecode = True
        spec = importlib.util.spec_from_file_location("sheet_links", Path(__file__).with_name("sheet_links.py"))
        assert spec is not None and spec.loader is not None  # noqa: S101 - told to mypy
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found = itertools.islice(module.linked_cells(content, index), _MAX_ROWS)
        while chunk := list(itertools.islice(found, _CHUNK)):
            yield {"links": chunk}


def _merged(rows: Iterable[list[Any]], ranges: Iterable[Any], left: int) -> Iterator[list[Any]]:
    """Cells merged downwards say the same in each row, as a reader sees it; a row of nothing else stays empty."""
    begins: dict[int, list[tuple[int, int]]] = {}
    for (top, column), (bottom, _) in ranges:
        if bottom > top and column >= left:
            begins.setdefault(top, []).append((column - left, bottom))
    open_now: dict[int, tuple[Any, int]] = {}
    for number, cells in enumerate(rows):
        if open_now and any(cell != "" for cell in cells):
            for column, (value, bottom) in open_now.items():
                if number <= bottom and column < len(cells) and cells[column] == "":
                    cells[column] = value
        for column, bottom in begins.get(number, ()):
            if column < len(cells):
                open_now[column] = (cells[column], bottom)
        yield cells


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[object]]:
    """Rows that hold anything, with the number that a spreadsheet program shows."""
    chunk: list[object] = []
    for number, cells in enumerate(rows, 1):
        kept = [cell if type(cell) is float else _plain(cell) for cell in cells]
        while kept and kept[-1] == "":
            kept.pop()
        if kept:
            chunk.append((number, kept))
        if len(chunk) >= _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _plain(cell: object) -> str | float:
    if isinstance(cell, str):
        if len(cell) > _KEPT_CELL:
            if len(cell) > _MAX_CELL:
                raise Refused("bomb")
            cell = cell[:_KEPT_CELL]
        return cell.strip()
    if isinstance(cell, int | float):
        return cell
    return str(cell)  # dates and times


def _read_text(content: bytes) -> Iterator[object]:
    text = _decode(content)
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:  # Excel's own hint; it shows no row for it
        separator, text = first[4], rest
    else:
        separator = _separator(text)
    csv.field_size_limit(_MAX_CELL)
    yield {"sheet": "", "visible": True}
    yield from _chunks(_text_rows(text, separator))


def _text_rows(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for cells in reader:
            if len(cells) > _MAX_COLUMNS:
                raise Refused("too_wide")
            if any(cell.count("\n") > _MAX_NEWLINES for cell in cells):
                raise Refused("open_quote")
            yield cells
    except csv.Error as error:
        raise Refused("bomb") from error


def _decode(content: bytes) -> str:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _decoded(content, encoding)
    head = content[:4000]
    if head.count(0) > len(head) // 4:  # text of two bytes a character without its mark
        return _decoded(content, "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be")
    try:
        return _decoded(content, "utf-8")
    except UnicodeDecodeError:
        return _decoded(content, _code_page(content[:65536]), errors="replace")


def _code_page(head: bytes) -> str:
    """Which of the old code pages: East Asian ones write two bytes a sign; Cyrillic words are of high bytes alone; of
    the others, the one with the fewest signs that are no letters amid letters."""
    for told_by, encoding, tells in _EAST_ASIAN:
        text = _east_asian(head, told_by)
        if len(text) >= _FEWEST_SIGNS and sum(map(tells, text)) >= 0.9 * len(text):
            return encoding
    high = sum(byte >= 0xC0 for byte in head)
    paired = sum(one >= 0xC0 and two >= 0xC0 for one, two in pairwise(head))
    if high >= _FEWEST_SIGNS and paired >= 0.6 * high:  # accents stand among plain letters
        return "cp1251"

    return min(("cp1252", "cp1250"), key=lambda encoding: _oddities(head.decode(encoding, "replace")))


def _east_asian(head: bytes, encoding: str) -> str:
    """The signs beyond ASCII, or nothing where ``head`` is not written so; its last line may be cut."""
    try:
        return "".join(sign for sign in head[: head.rfind(b"\n") + 1].decode(encoding) if sign > "\x7f")
    except UnicodeDecodeError:
        return ""


def _is_ideograph(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff" or "\u3000" <= sign <= "\u303f" or "\uff00" <= sign <= "\uffef"


def _is_hangul(sign: str) -> bool:
    return "\uac00" <= sign <= "\ud7a3"


def _is_japanese(sign: str) -> bool:
    return _is_ideograph(sign) or "\u3040" <= sign <= "\u30ff"


def _is_common_chinese(sign: str) -> bool:
    return _is_ideograph(sign) and sign.encode("gb2312")[0] <= _LAST_COMMON_GB2312


def _is_common_taiwanese(sign: str) -> bool:
    return _is_ideograph(sign) and sign.encode("big5")[0] <= _LAST_COMMON_BIG5


def _oddities(text: str) -> int:
    """How often a sign that is no letter, and not of ASCII, stands between two letters."""
    triples = zip(text, text[1:], text[2:], strict=False)
    return sum(sign > "\x7f" and not sign.isalpha() and one.isalpha() and two.isalpha() for one, sign, two in triples)


def _decoded(content: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        text = content.decode(encoding, errors)
    except UnicodeDecodeError:
        if encoding == "utf-8":
            raise
        raise Refused("not_a_sheet") from None
    if "\0" in text:
        raise Refused("not_a_sheet")
    return text


def _separator(text: str) -> str:
    """The sign that parts the first rows into the same number of cells, most often and into most."""
    lines = "\n".join(text.splitlines()[:60])
    return max(_SEPARATORS, key=lambda sign: _agreement(lines, sign))


def _agreement(lines: str, separator: str) -> tuple[float, int]:
    try:
        widths = [len(cells) for cells in csv.reader(io.StringIO(lines, newline=""), delimiter=separator) if cells]
    except csv.Error:
        return (0.0, 0)
    parted = [width for width in widths if width > 1]
    if not parted:
        return (0.0, 0)
    usual = max(set(parted), key=parted.count)
    return (parted.count(usual) / len(widths), usual)


# Below so many signs a word of another script may pass for these by chance.
_FEWEST_SIGNS = 6
# Leading bytes above are of rare signs, and of the small letters of Cyrillic and Western code pages.
_LAST_COMMON_GB2312, _LAST_COMMON_BIG5 = 0xD7, 0xC6
# What it must decode as, what it is then read as, and which signs it must be made of; in this order, for Korean would
# pass for Chinese.
_EAST_ASIAN = (
    ("euc_kr", "cp949", _is_hangul),
    ("gb2312", "gb18030", _is_common_chinese),
    ("shift_jis", "cp932", _is_japanese),
    ("big5", "cp950", _is_common_taiwanese),
)

if __name__ == "__main__":
    main()
