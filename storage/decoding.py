"""From a file's bytes to pixels, and to thumbnails. Bytes from outside are hostile: sizes are checked before decoding.

A picture that can't be decoded whole is unreadable: half a picture would be counted as if the other half were empty.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from core.errors import PictureUnreadable
from storage.header import Header, orientation, read_header, unreadable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[np.uint8]

# 8K is 33 million; decoding 50 million takes 150 MB, which two workers can afford on a small machine.
MAX_PIXELS = 50_000_000
# Real progressive JPEGs have about ten scans; each one repeats the work of decoding, so thousands are an attack.
_MAX_SCANS = 100
_ENDS_EARLY = "The file ends before the picture does."
_DAMAGED = "The picture's data is damaged."
# What Pillow's decoders raise on damaged files; DecompressionBomb* cannot occur, since we measure first.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)


def decode(content: bytes, max_pixels: int = MAX_PIXELS) -> Pixels:
    """The picture as it should be looked at: BGR, ``uint8``, shape ``(height, width, 3)``, upright, opaque.

    Raises :class:`PictureUnreadable` whose sentence says why.
    """
    header = check(content, max_pixels)
    if header.format == "JPEG" and header.channels in (1, 3):
        pixels = _decode_jpeg(content)
        if not header.progressive and _closed_early(content, pixels):
            raise unreadable(_ENDS_EARLY)
        return _upright(pixels, orientation(header.exif))
    return _decode_other(content, header)


def check(content: bytes, max_pixels: int = MAX_PIXELS) -> Header:
    """The header of a picture that may be decoded. Raises :class:`PictureUnreadable`, before any pixel is."""
    header = read_header(content)
    if header.format == "WEBP" and len(content) < 8 + int.from_bytes(content[4:8], "little"):
        raise unreadable(_ENDS_EARLY)
    if header.width_px * header.height_px > max_pixels:
        raise unreadable(
            f"The picture is too large: {header.width_px:,} by {header.height_px:,} pixels, and "
            f"{max_pixels / 1e6:,.0f} million are allowed (MAX_PICTURE_PIXELS)."
        )
    if header.animated:
        raise unreadable("The file is an animation, not a picture.")
    if header.format == "JPEG":
        _check_jpeg(content)
    return header


def thumbnail(content: bytes, max_width: int, max_pixels: int = MAX_PIXELS) -> bytes:
    """A JPEG of at most ``max_width`` pixels, upright and without any metadata. Raises :class:`PictureUnreadable`."""
    import cv2

    header = check(content, max_pixels)
    if header.format == "JPEG" and header.channels in (1, 3):
        pixels = _upright(_decode_jpeg(content, _reduction(header, max_width)), orientation(header.exif))
    else:
        pixels = _decode_other(content, header)
    height, width = pixels.shape[:2]
    if width > max_width:
        size = (max_width, max(1, round(height * max_width / width)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes())


def _check_jpeg(content: bytes) -> None:
    """Decoders fill what is missing with grey and say nothing, so the end is looked for here.

    A thumbnail inside the EXIF block has an end of its own: the one that counts stands after the last scan's start.
    """
    if content.count(b"\xff\xda") > _MAX_SCANS:
        raise unreadable("The JPEG has far more scans than a camera would write.")
    if content.rfind(b"\xff\xd9") <= content.rfind(b"\xff\xda"):  # both -1: it ends before any scan
        raise unreadable(_ENDS_EARLY)


def _closed_early(content: bytes, pixels: Pixels) -> bool:
    """Whether a JPEG was cut and then closed with an end marker, as some recorders do when the line drops.

    The decoder fills what is missing with grey 128 and says nothing. Without its last two bytes a picture that truly
    ends in grey changes in that corner only, a cut one changes at the cut. The second decoding is paid for only where
    the last corner is exactly that grey. (A progressive picture comes in scans: cut, it is blurred, not grey.)
    """
    if not (pixels[-16:, -128:] == 128).all():
        return False
    end = content.rfind(b"\xff\xd9")
    changed = (_decode_jpeg(content[: end - 2] + b"\xff\xd9") != pixels).any(axis=2)
    changed[-18:, -130:] = False  # two pixels more: colour is smoothed across the blocks' edges
    return bool(changed.any())


def _reduction(header: Header, max_width: int) -> int:
    """The largest of libjpeg's own reductions (1/2, 1/4, 1/8) that still leaves enough pixels for ``max_width``."""
    narrow = min(header.width_px, header.height_px) // max(1, max_width)
    return next((factor for factor in (8, 4, 2) if narrow >= factor), 1)


def _decode_jpeg(content: bytes, reduction: int = 1) -> Pixels:
    """libjpeg-turbo through OpenCV: bit for bit Pillow's pixels, at 1080p in less than half the time, since Pillow
    copies twice on the way to an array. EXIF is left to us, so that hostile blocks meet one parser."""
    import cv2
    import numpy as np

    colour = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4}
    flags = colour.get(reduction, cv2.IMREAD_REDUCED_COLOR_8) | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise unreadable(_DAMAGED)
    return pixels  # type: ignore[return-value]


def _decode_other(content: bytes, header: Header) -> Pixels:
    """PNG, WebP, BMP and CMYK JPEGs, through Pillow, which is strict about files that end early."""
    import cv2
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(content), formats=[header.format]) as image:
            if image.size != (header.width_px, header.height_px):
                raise unreadable(_DAMAGED)
            image.load()
            turn = orientation(image.info.get("exif") or header.exif)
            rgb = np.asarray(_as_rgb(image))
    except PictureUnreadable:
        raise
    except _DECODER_ERRORS as error:
        raise unreadable(_reason(error)) from None
    return _upright(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), turn)  # type: ignore[arg-type]


def _as_rgb(image: Image.Image) -> Image.Image:
    """Eight bits and three colours; what is see-through lies on white, as a browser would show it."""
    from PIL import Image

    if image.mode.startswith("I"):  # 16 bits of grey: Pillow's own conversion would clip, not scale
        image = _from_16_bits(image)
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_16_bits(image: Image.Image) -> Image.Image:
    import numpy as np
    from PIL import Image

    grey: Any = np.asarray(image).astype(np.int64)
    return Image.fromarray(np.clip(grey >> 8, 0, 255).astype(np.uint8))


def _reason(error: Exception) -> str:
    said = str(error).casefold()
    if "truncated" in said or "ended" in said or "unexpected end" in said or isinstance(error, EOFError):
        return _ENDS_EARLY
    return _DAMAGED


def _upright(pixels: Pixels, turn: int) -> Pixels:
    """Apply an EXIF orientation: 2-4 mirror and turn in place, 5-8 change width and height."""
    import numpy as np

    if turn >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if turn in (2, 3, 6, 7):  # read from the right
        pixels = pixels[:, ::-1]
    if turn in (3, 4, 7, 8):  # read from the bottom
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
