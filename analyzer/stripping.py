"""Taking out of a picture's file what is not the picture (where it was taken, by which device, remarks, a second
picture behind it), before the file leaves this machine. The pixels stay as they are wherever that is possible.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from analyzer.painting import paint_over
from storage.header import Header, orientation

_KEPT_SEGMENTS = frozenset((0xE0, 0xEE))  # JFIF, and Adobe's: how colours are to be understood
_COLOURS = b"ICC_PROFILE\0"
_OTHERS = frozenset((0xFE, *range(0xE0, 0xF0)))
_BARE = frozenset((0x01, *range(0xD0, 0xD8)))
_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_PNG_WORDS = frozenset((b"tEXt", b"zTXt", b"iTXt", b"tIME"))
_WEBP_HAS_MORE = 0x0C  # flags of VP8X: EXIF, XMP


def stripped(content: bytes, header: Header) -> bytes:
    """``content``, which has that ``header``, without what is not the picture. One that is turned by its metadata, or
    can't be taken apart, is drawn anew, upright. Raises :class:`~core.errors.PictureUnreadable`."""
    try:
        if header.format == "JPEG" and orientation(header.exif) == 1:
            return b"\xff\xd8" + b"".join(_segments(content))
        if header.format == "PNG":
            chunks = list(_chunks(content))
            if all(kind != b"eXIf" for kind, _ in chunks):
                return content[:8] + b"".join(whole for kind, whole in chunks if kind not in _PNG_WORDS)
        if header.format == "WEBP" and not (content[12:16] == b"VP8X" and content[20] & _WEBP_HAS_MORE):
            return content[: 8 + int.from_bytes(content[4:8], "little")]
    except (struct.error, IndexError):
        pass
    return paint_over(content, ())


def _segments(content: bytes) -> Iterator[bytes]:
    """What of a JPEG makes up the picture, to the end of the first one."""
    at, marker = 2, 0
    while marker != 0xD9:
        if content[at] != 0xFF:
            raise struct.error("there is no marker")
        while content[at] == 0xFF:
            at += 1
        marker, begin = content[at], at + 1
        end = begin
        if marker != 0xD9 and marker not in _BARE:
            (length,) = struct.unpack_from(">H", content, begin)
            end += length
        if marker == 0xDA:
            after = _AFTER_SCAN.search(content, end)
            end = after.start() if after else len(content)
        is_colours = marker == 0xE2 and content.startswith(_COLOURS, begin + 2)
        if marker not in _OTHERS or marker in _KEPT_SEGMENTS or is_colours:
            yield b"\xff" + content[at:end]
        at = end


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The kind of each chunk of a PNG, and the whole of it, to the end of the picture."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at : at + 12 + length]
        at += 12 + length
