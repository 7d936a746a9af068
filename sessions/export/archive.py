"""Zips: written piece by piece, and read without trusting them. What lies in them is their users' business."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from io import RawIOBase
from pathlib import PurePosixPath
from typing import IO, Any

from core.errors import InvalidRequest

# A picture's row repeats its neighbour, so that a real export packs well; zeros pack a thousandfold.
_MOST_RATIO = 200
_FREE_BYTES = 1024 * 1024
_ENTRY_SIGN = b"PK\x01\x02"  # what every entry of a zip's directory begins with
_DRIVE = re.compile(r"[A-Za-z]:")
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar")


class ImportRefused(InvalidRequest):
    """A file that is no export of ours, or that could do harm."""

    code = "import_refused"


def zipped(files: Mapping[str, Callable[[], Iterator[bytes]]], at: datetime) -> Iterator[bytes]:
    """A zip of ``files``, written as their contents come."""
    out = _Collected()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as file:  # the size is not known beforehand
                for piece in content():
                    file.write(piece)
                    yield out.taken()
    yield out.taken()


def open_zip(content: bytes, most_entries: int, most_bytes: int, hint: str) -> zipfile.ZipFile:
    """A zip of which every entry has been looked at: none leads out, is a link, is locked, or unpacks to far more than
    it holds. ``hint`` is what to do instead. Raises :class:`ImportRefused`; the caller closes it."""
    # Counted before the directory is read: a million entries would fill the memory on the way to the count.
    if content.count(_ENTRY_SIGN) > most_entries:
        raise ImportRefused(f"The zip holds more than {most_entries:,} files.", hint)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise ImportRefused("The zip is broken.", "Make it again.") from error
    entries = archive.infolist()
    for entry in entries:
        _check(entry, hint)
    if sum(entry.file_size for entry in entries) > most_bytes:
        raise ImportRefused(f"The zip unpacks to more than {most_bytes // 2**20} MiB.", hint)
    return archive


@contextmanager
def opened(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    """An entry's bytes, to be read; what is wrong with them is :class:`ImportRefused`."""
    try:
        with archive.open(entry) as file:
            yield file
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise ImportRefused("The zip is broken.", "Make it again.") from error


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes; never more than its directory says, whatever lies in it."""
    with opened(archive, entry) as file:
        content = file.read(entry.file_size + 1)
    if len(content) > entry.file_size:
        raise ImportRefused("The zip unpacks to more than it says.", "Make it again.")
    return content


def _check(entry: zipfile.ZipInfo, hint: str) -> None:
    """Raises for an entry that no export has."""
    # ``orig_filename``: the name as the file has it, before it is cut at a NUL or its signs are turned.
    for name in (entry.filename, entry.orig_filename):
        if name.startswith(("/", "\\")) or _DRIVE.match(name) or "\\" in name or "\0" in name:
            raise ImportRefused("The zip holds a file with an absolute or unusual name.", hint)
        if ".." in PurePosixPath(name).parts:
            raise ImportRefused("The zip holds a file that points out of its folder.", hint)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImportRefused("The zip holds a link to another file.", hint)
    if entry.flag_bits & 0x1:
        raise ImportRefused("The zip is locked with a password.", "Make it without one.")
    if entry.filename.lower().endswith(_ARCHIVES):
        raise ImportRefused("The zip holds another archive.", "Import that one by itself.")
    if entry.file_size > _FREE_BYTES and entry.file_size > _MOST_RATIO * max(entry.compress_size, 1):
        raise ImportRefused("The zip unpacks to far more than it holds.", hint)


class _Collected(RawIOBase):
    """A place to write to that can't go back; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
