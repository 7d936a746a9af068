"""When a picture says that it was taken: EXIF's DateTimeOriginal, out of the header alone.

Only the few bytes that lead to the tag are read, so that listing a large folder stays quick and a hostile picture costs
nothing; the picture itself is never decoded here. Formats: Exif 2.32 (CIPA DC-008), TIFF 6.0, PNG's ``eXIf`` and WebP's
``EXIF`` chunk.
"""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import BinaryIO

_MAX_BLOCK_BYTES = 65536  # a JPEG segment can't be longer, and the tags sit at the front of it
_MAX_STEPS = 64  # segments or chunks looked at before giving up
_EXIF_IFD, _DATE_ORIGINAL, _DATE_CHANGED, _OFFSET_ORIGINAL = 0x8769, 0x9003, 0x0132, 0x9011
_WHEN = re.compile(rb"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(rb"([+-])(\d\d):(\d\d)")


def taken_at(stream: BinaryIO, zone: tzinfo) -> datetime | None:
    """The time of capture in aware UTC, or ``None`` where the header doesn't tell. The camera's clock is taken to be
    in ``zone`` unless the picture names its own offset."""
    try:
        block = _exif_block(stream)
    except (OSError, struct.error):
        return None
    if block is None:
        return None
    try:
        return _read_block(block, zone)
    except (struct.error, ValueError, OverflowError):  # a damaged block says nothing
        return None


def _exif_block(stream: BinaryIO) -> bytes | None:
    """The TIFF structure that holds the tags, from its byte order mark on."""
    head = stream.read(12)
    if head.startswith(b"\xff\xd8"):
        stream.seek(2)
        return _in_jpeg(stream)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        stream.seek(8)
        return _in_chunks(stream, b"eXIf", ">I4s", size_first=True, trailer_bytes=4)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _in_chunks(stream, b"EXIF", "<4sI", size_first=False, trailer_bytes=0)
    return None


def _in_jpeg(stream: BinaryIO) -> bytes | None:
    for _ in range(_MAX_STEPS):
        prefix, marker, length = struct.unpack(">BBH", stream.read(4))
        if prefix != 0xFF or marker == 0xDA:  # the picture's data begins
            return None
        if marker == 0xE1 and length >= 8:
            block = stream.read(length - 2)
            if block.startswith(b"Exif\0\0"):
                return block[6:]
        else:
            stream.seek(length - 2, 1)
    return None


def _in_chunks(stream: BinaryIO, wanted: bytes, layout: str, *, size_first: bool, trailer_bytes: int) -> bytes | None:
    """PNG's and WebP's chunks: a name, a size, content; WebP pads content to an even length."""
    for _ in range(_MAX_STEPS):
        first, second = struct.unpack(layout, stream.read(8))
        size_bytes, name = (first, second) if size_first else (second, first)
        if name == wanted:
            return stream.read(min(size_bytes, _MAX_BLOCK_BYTES)).removeprefix(b"Exif\0\0")
        stream.seek(size_bytes + (trailer_bytes or size_bytes % 2), 1)
    return None


def _read_block(block: bytes, zone: tzinfo) -> datetime | None:
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return None
    tags = _tags(block, order, struct.unpack_from(order + "I", block, 4)[0])
    pointer = tags.get(_EXIF_IFD)
    if pointer is not None:
        tags |= _tags(block, order, struct.unpack(order + "I", pointer)[0])
    when = _WHEN.match(tags.get(_DATE_ORIGINAL) or tags.get(_DATE_CHANGED) or b"")
    if when is None:
        return None
    year, month, day, hour, minute, second = map(int, when.groups())
    own_zone = _own_zone(tags.get(_OFFSET_ORIGINAL, b"")) or zone
    return datetime(year, month, day, hour, minute, second, tzinfo=own_zone).astimezone(UTC)


def _tags(block: bytes, order: str, start: int) -> dict[int, bytes]:
    """The wanted tags of one directory: text as it stands, a pointer as its four bytes."""
    (count,) = struct.unpack_from(order + "H", block, start)
    found = {}
    for index in range(min(count, 512)):
        tag, kind, length, value = struct.unpack_from(order + "HHI4s", block, start + 2 + index * 12)
        if tag == _EXIF_IFD:
            found[tag] = value
        elif kind == 2 and tag in {_DATE_ORIGINAL, _DATE_CHANGED, _OFFSET_ORIGINAL}:
            at = struct.unpack(order + "I", value)[0]
            found[tag] = value[:length] if length <= 4 else block[at : at + min(length, 64)]
    return found


def _own_zone(text: bytes) -> tzinfo | None:
    match = _OFFSET.match(text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    return timezone(timedelta(minutes=-minutes if match[1] == b"-" else minutes))
