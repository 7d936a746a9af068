"""What is not the picture does not leave with it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from analyzer.stripping import stripped
from storage.decoding import check, decode


def drawn(kind: str, turn: int = 1, **more: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "near the harbour", turn
    pixels = np.random.default_rng(5).integers(0, 255, (40, 80, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, exif=exif, **more)
    return file.getvalue()


@pytest.mark.parametrize("more", [{}, {"progressive": True}, {"restart_marker_blocks": 1}, {"comment": b"harbour"}])
def test_a_jpeg_loses_its_metadata_and_no_pixel(more: dict[str, Any]) -> None:
    whole = drawn("JPEG", icc_profile=b"colours" * 100, **more)
    left = stripped(whole, check(whole))
    assert b"harbour" in whole
    assert b"harbour" not in left
    assert b"colours" in left
    assert (decode(left) == decode(whole)).all()


def test_a_picture_that_lies_on_its_side_is_sent_upright() -> None:
    """A model that does not read EXIF would see it lying; redaction counts from the upright one too."""
    for turn in (3, 6, 8):
        whole = drawn("JPEG", turn)
        left = stripped(whole, check(whole))
        assert b"harbour" not in left
        assert decode(left).shape == decode(whole).shape


def test_a_second_picture_or_a_film_behind_the_first_stays_here() -> None:
    whole = drawn("JPEG")
    for behind in (whole, b"ftypmp42 harbour \xff\xd9"):
        left = stripped(whole + behind, check(whole + behind))
        assert left == stripped(whole, check(whole))


def test_words_in_a_png_and_a_webp_are_left_out() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "near the harbour")
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, "PNG", pnginfo=info)
    for whole in (file.getvalue(), drawn("PNG"), drawn("WEBP")):
        left = stripped(whole, check(whole))
        assert b"harbour" in whole
        assert b"harbour" not in left
        assert decode(left).shape == decode(whole).shape
    plain = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(plain, "WEBP", lossless=True)
    assert stripped(plain.getvalue(), check(plain.getvalue())) == plain.getvalue()


def test_a_file_that_cant_be_taken_apart_is_drawn_anew() -> None:
    whole = drawn("JPEG")
    odd = whole[:2] + b"\xff\xd0" + whole[2:20] + whole[20:]  # a marker where none should be
    left = stripped(odd, check(odd))
    assert b"harbour" not in left
    assert decode(left).shape == (40, 80, 3)
