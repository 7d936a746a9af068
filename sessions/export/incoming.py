"""Reads a file of sessions that came from elsewhere (S2.21, S2.22): a zip of the spine's folders, or the JSON export.

Nothing is unpacked to disk. A file that could do harm is refused whole, with the reason, before any of it is used.
"""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from core.errors import InvalidRequest

MOST_BYTES = 64 * 1024 * 1024
_MOST_UNPACKED = 96 * 1024 * 1024
_MOST_ENTRIES = 2000
# A picture's row repeats its neighbour, so that a real export packs well; zeros pack a thousandfold.
_MOST_RATIO = 200
_FREE_BYTES = 1024 * 1024
_INFO, _CONVERSATION = "session_info.json", "conversation.json"
_HINT = "Give the JSON of an export, or a zip of the folder sessions/."
_ENTRY_SIGN = b"PK\x01\x02"  # what every entry of a zip's directory begins with
_DRIVE = re.compile(r"[A-Za-z]:")


class ImportRefused(InvalidRequest):
    """A file that is no export of sessions, or that could do harm."""

    code = "import_refused"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One session as its file has it, unchecked."""

    info: Mapping[str, Any]
    conversation: Mapping[str, Any]


def read_sessions(content: bytes) -> list[Incoming]:
    """The sessions of a file. Raises :class:`ImportRefused`."""
    if len(content) > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES // 2**20} MiB.", "Import its sessions one by one.")
    if not content.strip():
        raise ImportRefused("The file is empty.", _HINT)
    found = list(_from_zip(content) if content.startswith(b"PK") else _from_json(content))
    if not found:
        raise ImportRefused("The file holds no session.", _HINT)
    return found


def _from_json(content: bytes) -> Iterator[Incoming]:
    document = _object(content, "The file")
    info, conversation = document.get("session_info"), document.get("conversation")
    if isinstance(info, dict) and isinstance(conversation, dict):
        yield Incoming(info, conversation)
    elif isinstance(document.get("queries"), list):  # a conversation.json by itself
        yield Incoming({}, document)


def _from_zip(content: bytes) -> Iterator[Incoming]:
    # Counted before the directory is read: a million entries would fill the memory on the way to the count.
    if content.count(_ENTRY_SIGN) > _MOST_ENTRIES:
        raise ImportRefused(f"The zip holds more than {_MOST_ENTRIES:,} files.", _HINT)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise ImportRefused("The zip is broken.", "Make it again.") from error
    with archive:
        entries = archive.infolist()
        for entry in entries:
            _check(entry)
        if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
            raise ImportRefused(f"The zip unpacks to more than {_MOST_UNPACKED // 2**20} MiB.", _HINT)
        named = {entry.filename: entry for entry in entries}
        for name in sorted(named):
            folder, _, file = name.rpartition("/")
            if file == _CONVERSATION:
                info = named.get(f"{folder}/{_INFO}" if folder else _INFO)
                told = _object(_unpacked(archive, info), _INFO) if info else {}
                yield Incoming(told, _object(_unpacked(archive, named[name]), name))


def _check(entry: zipfile.ZipInfo) -> None:
    """Raises for an entry that no export has. Others than the two files are left alone."""
    # ``orig_filename``: the name as the file has it, before it is cut at a NUL or its signs are turned.
    for name in (entry.filename, entry.orig_filename):
        if name.startswith(("/", "\\")) or _DRIVE.match(name) or "\\" in name or "\0" in name:
            raise ImportRefused("The zip holds a file with an absolute or unusual name.", _HINT)
        if ".." in PurePosixPath(name).parts:
            raise ImportRefused("The zip holds a file that points out of its folder.", _HINT)
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImportRefused("The zip holds a link to another file.", _HINT)
    if entry.flag_bits & 0x1:
        raise ImportRefused("The zip is locked with a password.", "Make it without one.")
    if entry.filename.lower().endswith((".zip", ".gz", ".7z", ".rar", ".tar")):
        raise ImportRefused("The zip holds another archive.", "Import that one by itself.")
    if entry.file_size > _FREE_BYTES and entry.file_size > _MOST_RATIO * max(entry.compress_size, 1):
        raise ImportRefused("The zip unpacks to far more than it holds.", _HINT)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """An entry's bytes; never more than its directory says, whatever lies in it."""
    try:
        with archive.open(entry) as file:
            content = file.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError) as error:
        raise ImportRefused("The zip is broken.", "Make it again.") from error
    if len(content) > entry.file_size:
        raise ImportRefused("The zip unpacks to more than it says.", _HINT)
    return content


def _object(content: bytes, name: str) -> dict[str, Any]:
    # The spine wrote what its sheet lacked as NaN, which is no JSON: it is nothing.
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=lambda _: None)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ImportRefused(f"{name} is no JSON that can be read.", _HINT) from error
    if not isinstance(found, dict):
        raise ImportRefused(f"{name} is no JSON object.", _HINT)
    return found
