"""Pictures from outside: right ones decode right, wrong ones are refused with a reason, none costs much memory."""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.errors import PictureUnreadable
from storage.decoding import decode, thumbnail
from storage.header import orientation, read_header

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
RED, GREEN, BLUE, YELLOW = (220, 30, 20), (20, 200, 40), (30, 40, 210), (230, 220, 10)


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """Four colours, one a corner, so that every turn and mirror shows."""
    image = Image.new("RGB", (width, height))
    for colour, box in (
        (RED, (0, 0, width // 2, height // 2)),
        (GREEN, (width // 2, 0, width, height // 2)),
        (BLUE, (0, height // 2, width // 2, height)),
        (YELLOW, (width // 2, height // 2, width, height)),
    ):
        image.paste(colour, box)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(content: bytes) -> list[tuple[int, ...]]:
    """The colours near the four corners, as RGB: top left, top right, bottom left, bottom right."""
    pixels = decode(content)
    height, width = pixels.shape[:2]
    y, x = height // 4, width // 4
    return [tuple(int(v) for v in pixels[row, col, ::-1]) for row in (y, -y) for col in (x, -x)]


def near(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], by: int = 12) -> bool:
    return all(
        abs(a - b) <= by for one, other in zip(found, wanted, strict=True) for a, b in zip(one, other, strict=True)
    )


def refusal(content: bytes) -> str:
    with pytest.raises(PictureUnreadable) as caught:
        decode(content)
    assert caught.value.hint
    return caught.value.sentence


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(side: int = 25_000) -> bytes:
    """A small PNG that is 625 million pixels of one bit."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
    rows = zlib.compress(b"\0" * ((side + 7) // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + head + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")


def jpeg_header_bomb() -> bytes:
    content = bytearray(encoded(quarters(), "JPEG"))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    return bytes(content)


def animated_webp_header() -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + (9).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def huge_webp_header() -> bytes:
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + (0xFFFFFF).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def animated_png(frames: int = 3) -> bytes:
    return encoded(quarters(), "PNG", save_all=True, append_images=[quarters().rotate(90)] * (frames - 1))


def huge_bmp_header() -> bytes:
    return (
        b"BM" + struct.pack("<IHHI", 100, 0, 0, 54) + struct.pack("<IiiHH", 40, 2**31 - 1, -(2**31), 1, 24) + bytes(24)
    )


BOMBS: dict[str, Callable[[], bytes]] = {
    "a JPEG header of 65,535 by 65,535": jpeg_header_bomb,
    "a small PNG of 625 million pixels": png_bomb,
    "an animated PNG": animated_png,
    "an animated WebP": animated_webp_header,
    "a WebP canvas of 16 million by 16 million": huge_webp_header,
    "a BMP header with the largest numbers": huge_bmp_header,
    "a GIF": lambda: encoded(quarters(), "GIF"),
    "a TIFF": lambda: encoded(quarters(), "TIFF"),
    "an SVG": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "a JPEG of 5,000 scans": lambda: (
        encoded(quarters(), "JPEG", progressive=True)[:-2] + b"\xff\xda\0\2" * 5000 + b"\xff\xd9"
    ),
}


@pytest.mark.parametrize("kind", ["PNG", "BMP", "JPEG", "WEBP"])
def test_the_four_formats_give_the_same_picture(kind: str) -> None:
    content = encoded(quarters(), kind, quality=98) if kind in ("JPEG", "WEBP") else encoded(quarters(), kind)
    pixels = decode(content)
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert near(corners(content), [RED, GREEN, BLUE, YELLOW])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_turned_camera_is_turned_back_as_pillow_does_it(kind: str, turn: int) -> None:
    from PIL import ImageOps

    exif: Any = Image.Exif()
    exif[0x0112] = turn
    content = encoded(quarters(), kind, exif=exif, **({} if kind == "PNG" else {"quality": 98}))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    pixels = decode(content)
    assert pixels.shape[:2] == (upright.height, upright.width)
    difference = np.abs(pixels[:, :, ::-1].astype(int) - np.asarray(upright).astype(int))
    assert difference.mean() < 3


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II",
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff",
        b"\0" * 400,
        b"II*\0\x08\0\0\0\x01\0\x12\x01\3\0\1\0\0\0\x63\0\0\0",
    ],
)
def test_a_damaged_exif_block_leaves_the_picture_as_it_lies(block: bytes) -> None:
    assert orientation(block) == 1


def test_cmyk_jpegs_keep_their_colours() -> None:
    content = encoded(quarters().convert("CMYK"), "JPEG", quality=98)
    assert near(corners(content), [RED, GREEN, BLUE, YELLOW], by=20)


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    content = cv2.imencode(".png", ramp)[1].tobytes()
    assert np.abs(decode(content)[:, :, 0].astype(int) - (ramp >> 8)).max() <= 1


def test_sixteen_bit_colours_are_scaled() -> None:
    deep = (np.asarray(quarters())[:, :, ::-1].astype(np.uint16)) * 257
    assert near(corners(cv2.imencode(".png", deep)[1].tobytes()), [RED, GREEN, BLUE, YELLOW])


def test_what_is_see_through_lies_on_white() -> None:
    image = quarters().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert near(corners(encoded(image)), [(255, 255, 255)] * 4)


def test_palette_grey_and_one_bit_pictures_are_right() -> None:
    assert near(corners(encoded(quarters().quantize(8))), [RED, GREEN, BLUE, YELLOW])
    assert decode(encoded(Image.new("1", (9, 7), 1))).min() == 255
    assert near(corners(encoded(Image.new("L", (20, 20), 77))), [(77, 77, 77)] * 4, by=0)
    assert near(corners(encoded(Image.new("L", (20, 20), 77), "JPEG")), [(77, 77, 77)] * 4, by=1)


def test_a_see_through_palette_colour_lies_on_white() -> None:
    image = Image.new("P", (20, 20), 0)
    image.putpalette([200, 0, 0] + [0] * 765)
    assert near(corners(encoded(image, transparency=0)), [(255, 255, 255)] * 4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_file_cut_short_is_unreadable_and_says_so(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    assert "ends before" in refusal(content[: int(len(content) * share)])


def test_a_jpeg_cut_short_by_its_last_bytes_is_unreadable() -> None:
    content = encoded(quarters(), "JPEG")
    for lost in (1, 2, 10):
        assert "ends before" in refusal(content[:-lost])


def test_a_jpeg_whose_end_was_overwritten_with_zeros_is_unreadable() -> None:
    content = encoded(quarters(640, 480).rotate(3), "JPEG")
    half = len(content) // 2
    assert "ends before" in refusal(content[:half] + bytes(len(content) - half))


def test_a_jpeg_cut_short_and_closed_again_is_unreadable() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    content = encoded(Image.fromarray(noise), "JPEG")
    assert "ends before" in refusal(content[: len(content) // 2] + b"\xff\xd9")


def test_a_grey_picture_is_not_taken_for_a_cut_one() -> None:
    for colour in ((128, 128, 128), (120, 130, 90)):
        assert decode(encoded(Image.new("RGB", (320, 240), colour), "JPEG")).shape == (240, 320, 3)
    half = Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8))
    half.paste((128, 128, 128), (0, 100, 320, 240))
    assert decode(encoded(half, "JPEG")).shape == (240, 320, 3)
    assert decode(encoded(half, "JPEG", progressive=True)).shape == (240, 320, 3)


def test_a_thumbnail_inside_does_not_stand_for_the_picture() -> None:
    small = encoded(quarters(16, 12), "JPEG")
    whole = encoded(Image.fromarray(np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", len(small) + 8) + b"Exif\0\0" + small
    content = whole[:2] + segment + whole[2:]
    assert decode(content).shape == (240, 320, 3)
    assert "ends before" in refusal(content[: len(content) // 2])


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"BM", b"just text", b"\0" * 1000, b"%PDF-1.7"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content: bytes) -> None:
    assert refusal(content).endswith(".")


def test_an_empty_file_is_called_empty() -> None:
    assert refusal(b"") == "The file is empty."


def test_a_picture_with_another_format_behind_it_is_only_the_picture() -> None:
    polyglot = encoded(quarters(), "PNG") + b"PK\x03\x04<script>alert(1)</script>"
    assert near(corners(polyglot), [RED, GREEN, BLUE, YELLOW])
    assert b"script" not in thumbnail(polyglot, 32)


def test_a_colour_profile_that_unpacks_without_end_is_no_harm() -> None:
    plain = encoded(quarters(), "PNG")
    bomb = png_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(100_000_000), 9))
    content = plain[:33] + bomb + plain[33:]
    try:
        assert near(corners(content), [RED, GREEN, BLUE, YELLOW])
    except PictureUnreadable as error:
        assert error.sentence  # refusing it is as good


def test_the_limit_of_pixels_is_the_callers() -> None:
    content = encoded(quarters(), "PNG")
    assert decode(content, max_pixels=64 * 48).shape == (48, 64, 3)
    with pytest.raises(PictureUnreadable, match="too large: 64 by 48"):
        decode(content, max_pixels=64 * 48 - 1)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_decoded(name: str) -> None:
    assert refusal(BOMBS[name]()).endswith(".")
    with pytest.raises(PictureUnreadable):
        thumbnail(BOMBS[name](), 320)


def grown_by_refusing(contents: list[bytes]) -> int:
    """Peak memory in kB that refusing these adds; run in a process of its own, since a peak never falls."""
    decode(encoded(quarters(), "JPEG"))
    decode(encoded(quarters(), "PNG"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for content in contents:
        try:
            decode(content)
        except PictureUnreadable:
            continue
        os._exit(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def test_refusing_bombs_costs_less_than_64_megabytes() -> None:
    bombs = [make() for make in BOMBS.values()]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(grown_by_refusing, (bombs,)) < 64 * 1024


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "BMP"]), st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_damage_anywhere_ends_in_a_picture_or_a_reason(kind: str, seed: int, hits: int) -> None:
    chance = np.random.default_rng(seed)
    content = bytearray(encoded(quarters(), kind))
    for at in chance.integers(0, len(content), hits):
        content[at] = chance.integers(0, 256)
    try:
        pixels = decode(bytes(content), max_pixels=1_000_000)
    except PictureUnreadable as error:
        assert error.sentence.endswith(".")
    else:
        assert pixels.ndim == 3
        assert pixels.dtype == np.uint8


def test_a_thumbnail_is_small_upright_and_without_metadata() -> None:
    exif: Any = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "<script>alert(1)</script>"
    content = encoded(quarters(2000, 1000), "JPEG", exif=exif, quality=95)
    small = thumbnail(content, 320)
    assert decode(small).shape == (640, 320, 3)
    assert b"Exif" not in small
    assert b"script" not in small
    assert near(corners(small), [BLUE, RED, YELLOW, GREEN])


def test_a_thumbnail_never_enlarges() -> None:
    assert decode(thumbnail(encoded(quarters(), "PNG"), 320)).shape == (48, 64, 3)


def test_a_thumbnail_of_a_wide_picture_still_has_a_row() -> None:
    assert decode(thumbnail(encoded(Image.new("RGB", (4000, 2)), "PNG"), 100)).shape == (1, 100, 3)


def test_the_header_is_read_without_decoding() -> None:
    header = read_header(encoded(quarters(), "JPEG"))
    assert (header.format, header.width_px, header.height_px, header.channels) == ("JPEG", 64, 48, 3)


def test_real_photographs_decode_as_pillow_decodes_them() -> None:
    if not DATA.is_dir():
        assert not os.environ.get("CI"), "the real pictures must be there in CI"
        pytest.skip("no real pictures here")
    for path in sorted([*DATA.glob("*.jpg"), *DATA.glob("*.bmp")]):
        with Image.open(path) as image:
            wanted = np.asarray(image.convert("RGB")).astype(int)
        assert np.abs(decode(path.read_bytes())[:, :, ::-1].astype(int) - wanted).max() <= 2, path.name
