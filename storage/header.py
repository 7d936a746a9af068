"""What a picture's first bytes say, read without decoding a pixel.

Everything here is read from hostile bytes with plain slices: nothing is allocated by a number that the file names.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from core.errors import PictureUnreadable

_NOT_A_PICTURE = "The file isn't a picture in a format that can be read here (JPEG, PNG, WebP or BMP)."
_HINT = "Replace the file, or take it out of the folder."
# Start-of-frame markers; C4, C8 and CC share the range and are something else (ITU-T T.81, table B.1).
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD8)))


@dataclass(frozen=True, slots=True)
class Header:
    """``format`` is Pillow's name of it; ``channels`` is 0 where only the decoder knows. ``exif`` is the TIFF block
    of a JPEG, without its ``Exif\\0\\0``; the other formats leave it to Pillow."""

    format: str
    width_px: int
    height_px: int
    channels: int = 0
    exif: bytes = b""
    animated: bool = False
    progressive: bool = False


def unreadable(sentence: str) -> PictureUnreadable:
    """The one error of this room's decoders, with the hint that fits them all."""
    return PictureUnreadable(sentence, _HINT)


def read_header(content: bytes) -> Header:
    """The header of ``content``. Raises :class:`PictureUnreadable` with the reason."""
    if not content:
        raise unreadable("The file is empty.")
    try:
        header = _parse(content)
    except (struct.error, IndexError):
        raise unreadable("The file ends before the picture does.") from None
    if header.width_px < 1 or header.height_px < 1:
        raise unreadable("The file says that the picture has no width or no height.")
    return header


def _parse(content: bytes) -> Header:
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    if content.startswith(b"BM"):
        return _bmp(content)
    raise unreadable(_NOT_A_PICTURE)


def _jpeg(content: bytes) -> Header:
    """Walk the segments up to the start of frame."""
    at, exif = 2, b""
    while True:
        at, marker = _next_marker(content, at)
        if marker in _BARE_MARKERS:
            continue
        (length,) = struct.unpack_from(">H", content, at)
        if marker in _FRAME_MARKERS:
            height, width, channels = struct.unpack_from(">HHB", content, at + 3)
            return Header("JPEG", width, height, channels, exif, progressive=marker == 0xC2)
        if marker in (0xD9, 0xDA) or length < 2:
            raise unreadable("The JPEG's header is damaged: it never says how large the picture is.")
        if marker == 0xE1 and not exif and content[at + 2 : at + 8] == b"Exif\0\0":
            exif = content[at + 8 : at + length]
        at += length


def _next_marker(content: bytes, at: int) -> tuple[int, int]:
    """Where the next segment's length stands, and the marker before it; fill bytes of FF are allowed."""
    if content[at] != 0xFF:
        raise unreadable("The JPEG's header is damaged.")
    while content[at] == 0xFF:
        at += 1
    return at + 1, content[at]


def _png(content: bytes) -> Header:
    width, height = struct.unpack_from(">II", content, 16)
    if content[12:16] != b"IHDR":
        raise unreadable("The PNG's header is damaged.")
    return Header("PNG", width, height, animated=_png_is_animated(content))


def _png_is_animated(content: bytes) -> bool:
    """Whether an ``acTL`` chunk with more than one frame stands before the pixels (the APNG specification).

    Chunks are stepped over by their length, and each is at least 12 bytes of file, so this ends.
    """
    at = 8
    while at + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if kind == b"acTL":
            return bool(struct.unpack_from(">I", content, at + 8)[0] > 1)
        if kind in (b"IDAT", b"IEND"):
            return False
        at += 12 + length
    return False


def _webp(content: bytes) -> Header:
    kind = content[12:16]
    if kind == b"VP8X":
        flags = content[20]
        width = 1 + int.from_bytes(content[24:27], "little")
        height = 1 + int.from_bytes(content[27:30], "little")
        return Header("WEBP", width, height, animated=bool(flags & 0x02))
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return Header("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", content, 26)
        return Header("WEBP", width & 0x3FFF, height & 0x3FFF)
    raise unreadable("The WebP's header is damaged.")


def _bmp(content: bytes) -> Header:
    (size,) = struct.unpack_from("<I", content, 14)
    if size == 12:  # the header of OS/2 has 16-bit sizes
        width, height = struct.unpack_from("<HH", content, 18)
    else:
        width, height = struct.unpack_from("<ii", content, 18)
    return Header("BMP", width, abs(height))  # a negative height means that rows run from the top


def orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or the block is damaged.

    ``exif`` is a TIFF block; only its first directory is read (EXIF 2.32, 4.6.4, tag 0x0112).
    """
    exif = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, first)
        for entry in range(min(entries, 256)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, first + 2 + 12 * entry)
            if tag == 0x0112:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1
