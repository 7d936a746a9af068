"""Thumbnails: by content, made once, and never the reason that a picture is not shown."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from core.errors import PictureUnreadable
from storage.thumbnails import Thumbnails, content_tag, content_type


def picture(form: str, size: tuple[int, int] = (1000, 500)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "expected"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("BMP", "image/bmp")]
)
def test_the_type_is_what_the_bytes_are(form: str, expected: str, tmp_path: Path) -> None:
    content = picture(form)
    assert content_type(content) == expected
    made = Image.open(io.BytesIO(Thumbnails(tmp_path).of(content)))
    assert (made.format, made.size) == ("JPEG", (480, 240))


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"GIF89a" + bytes(50), picture("JPEG")[:500], b"%PDF-1.7"])
def test_what_is_no_whole_picture_is_unreadable(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable):
        content_type(content)
    with pytest.raises(PictureUnreadable):
        Thumbnails(tmp_path).of(content)
    assert list(tmp_path.rglob("*.jpg")) == []


def test_one_is_made_and_kept_for_equal_content(tmp_path: Path) -> None:
    made = Thumbnails(tmp_path)
    content = picture("PNG")
    made.of(content)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in kept] == [f"{content_tag(content)}.jpg"]
    kept[0].write_bytes(b"kept")
    assert made.of(content) == b"kept"


def test_a_disk_that_takes_nothing_costs_no_picture(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert Thumbnails(tmp_path / "file").of(picture("JPEG")).startswith(b"\xff\xd8")


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    made = Image.open(io.BytesIO(Thumbnails(tmp_path).of(picture("JPEG", (64, 32)))))
    assert made.size == (64, 32)


def test_a_larger_picture_than_is_allowed_is_refused_and_allowed_where_it_is(tmp_path: Path) -> None:
    content = picture("PNG", (40, 40))
    with pytest.raises(PictureUnreadable, match="MAX_PICTURE_PIXELS"):
        Thumbnails(tmp_path, max_pixels=1000).of(content)
    with pytest.raises(PictureUnreadable, match="MAX_PICTURE_PIXELS"):
        content_type(content, 1000)
    assert Thumbnails(tmp_path, max_pixels=1600).of(content)
    assert content_type(content, 1600) == "image/png"
