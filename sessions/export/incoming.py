"""Reads a file of sessions that came from elsewhere (S2.21, S2.22): a zip of the spine's folders, or the JSON export.

Nothing is unpacked to disk. A file that could do harm is refused whole, with the reason, before any of it is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sessions.export.archive import ImportRefused, open_zip, unpacked

MOST_BYTES = 64 * 1024 * 1024
_MOST_UNPACKED = 96 * 1024 * 1024
_MOST_ENTRIES = 2000
_INFO, _CONVERSATION = "session_info.json", "conversation.json"
_HINT = "Give the JSON of an export, or a zip of the folder sessions/."


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
    with open_zip(content, _MOST_ENTRIES, _MOST_UNPACKED, _HINT) as archive:
        named = {entry.filename: entry for entry in archive.infolist()}
        for name in sorted(named):
            folder, _, file = name.rpartition("/")
            if file == _CONVERSATION:
                info = named.get(f"{folder}/{_INFO}" if folder else _INFO)
                told = _object(unpacked(archive, info), _INFO) if info else {}
                yield Incoming(told, _object(unpacked(archive, named[name]), name))


def _object(content: bytes, name: str) -> dict[str, Any]:
    # The spine wrote what its sheet lacked as NaN, which is no JSON: it is nothing.
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=lambda _: None)
    except (ValueError, RecursionError, MemoryError) as error:
        raise ImportRefused(f"{name} is no JSON that can be read.", _HINT) from error
    if not isinstance(found, dict):
        raise ImportRefused(f"{name} is no JSON object.", _HINT)
    return found
