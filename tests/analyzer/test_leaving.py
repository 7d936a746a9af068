"""What leaves the machine, in which way, and what is painted over before."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analyzer.leaving import Handing, Inline, Leaving, is_indoors, is_loopback
from analyzer.models.model import NO_PAST, UNFETCHABLE, ModelCard, Past
from analyzer.painting import paint_over, read_regions
from core.errors import PictureUnreadable, SettingsError
from core.picture import Picture
from storage.decoding import decode
from tests.conftest import MemorySource

CLOUD = ModelCard("openai", "1", "either", 8, leaves_machine=True, to="api.example", reaches=False)
CORNER = ((0.0, 0.0, 0.5, 0.25),)


def drawn(kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "near the harbour"
    Image.new("RGB", (80, 40), (250, 200, 150)).save(file, kind, exif=exif)
    return file.getvalue()


class Source(MemorySource):
    def __init__(self, url: str | None) -> None:
        super().__init__(1)
        self.address = url

    def read(self, picture: Picture) -> bytes:
        self.reads += 1
        return drawn()

    def url(self, picture: Picture) -> str | None:
        return self.address


def handed(url: str | None, leaving: Leaving, past: Past = NO_PAST) -> tuple[str | None, bytes | None]:
    source = Source(url)
    material = Handing(source, CLOUD, leaving).material(source.picture(0), past)
    return material.url, material.content


FAILED_TWICE = Past((UNFETCHABLE, UNFETCHABLE))


@pytest.mark.parametrize(
    ("url", "inline", "past", "way"),
    [
        ("https://8.8.8.8/1.jpg", Inline.FOLDER, NO_PAST, "url"),
        ("https://8.8.8.8/1.jpg", Inline.NEVER, NO_PAST, "url"),
        ("https://8.8.8.8/1.jpg", Inline.FOLDER, Past((UNFETCHABLE,)), "url"),
        ("https://8.8.8.8/1.jpg", Inline.FOLDER, FAILED_TWICE, "nothing"),
        ("https://8.8.8.8/1.jpg", Inline.ALWAYS, FAILED_TWICE, "bytes"),
        ("http://10.0.0.4/1.jpg", Inline.FOLDER, NO_PAST, "nothing"),
        ("http://10.0.0.4/1.jpg", Inline.ALWAYS, NO_PAST, "bytes"),
        (None, Inline.FOLDER, NO_PAST, "bytes"),
        (None, Inline.NEVER, NO_PAST, "nothing"),
    ],
)
def test_a_picture_goes_the_way_that_the_setting_allows(url: str | None, inline: Inline, past: Past, way: str) -> None:
    if way == "nothing":
        with pytest.raises(PictureUnreadable) as caught:
            handed(url, Leaving(inline), past)
        assert "INLINE_IMAGES" in caught.value.hint
        return
    given, content = handed(url, Leaving(inline), past)
    if way == "url":
        assert (given, content) == (url, None)
        return
    assert given is None
    assert content is not None
    assert (decode(content) == decode(drawn())).all()
    assert b"harbour" not in content  # what else stands in the file stays here


def test_why_a_url_could_not_be_fetched_is_said() -> None:
    past = Past((UNFETCHABLE, UNFETCHABLE), said="The picture's URL answered the server with status 403.")
    with pytest.raises(PictureUnreadable, match=r"twice\. The picture's URL answered the server with status 403"):
        handed("https://8.8.8.8/1.jpg", Leaving(Inline.FOLDER), past)


def test_a_camera_with_regions_is_sent_painted_and_never_by_url() -> None:
    url, content = handed("https://8.8.8.8/1.jpg", Leaving(regions={"cam-0": CORNER}))
    assert url is None
    assert content is not None
    pixels = decode(content)
    assert pixels[:9, :38].max() < 20
    assert pixels[14:, 45:].min() > 100
    assert b"harbour" not in content
    with pytest.raises(PictureUnreadable, match="painted over"):
        handed("https://8.8.8.8/1.jpg", Leaving(Inline.NEVER, regions={"cam-0": CORNER}))


@pytest.mark.parametrize("written", ["CAM-0", " cam-0 ", "Cam-0"])
def test_regions_hold_for_a_camera_however_it_is_spelt(tmp_path: Path, written: str) -> None:
    path = tmp_path / "redaction.toml"
    path.write_text(f'[cameras]\n"{written}" = [[0, 0, 0.5, 0.25]]\n"cam-0" = [[0.5, 0.5, 1, 1]]\n')
    url, content = handed("https://8.8.8.8/1.jpg", Leaving(regions=read_regions(path)))
    assert url is None
    assert content is not None
    pixels = decode(content)
    assert pixels[:9, :38].max() < 20
    assert pixels[22:, 42:].max() < 20


@pytest.mark.parametrize(
    ("turn", "size"), [(1, (80, 40)), (3, (80, 40)), (6, (40, 80)), (8, (400, 800)), (5, (41, 83))]
)
def test_regions_are_those_of_the_picture_as_it_is_seen(turn: int, size: tuple[int, int]) -> None:
    """Turned by EXIF, of an odd size: the upper left is that of whoever looks at it."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = turn
    Image.new("RGB", size if turn < 5 else size[::-1], (250, 200, 150)).save(file, "JPEG", exif=exif)
    seen = decode(file.getvalue())
    assert seen.shape[:2] == size[::-1]
    pixels = decode(paint_over(file.getvalue(), CORNER))
    height, width = pixels.shape[:2]
    assert (height, width) == seen.shape[:2]
    assert pixels[: height // 4 - 1, : width // 2 - 1].max() < 20
    assert pixels[height // 4 + 9 :].min() > 100
    assert pixels[:, width // 2 + 9 :].min() > 100


def test_regions_cover_whole_pixels_and_all_kinds_of_pictures() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        pixels = decode(paint_over(drawn(kind), ((0.001, 0.001, 0.999, 0.999),)))
        assert int(np.max(pixels)) < 20


def test_a_model_of_this_machine_sees_the_whole_picture() -> None:
    source = Source("https://8.8.8.8/1.jpg")
    here = ModelCard("detector", "1", "bytes", 1)
    material = Handing(source, here, Leaving(Inline.NEVER, regions={"cam-0": CORNER})).material(
        source.picture(0), NO_PAST
    )
    assert material.content == drawn()


def test_regions_are_read_and_a_file_that_is_wrong_is_never_taken_for_none(tmp_path: Path) -> None:
    path = tmp_path / "redaction.toml"
    assert read_regions(path) == {}
    path.write_text('[cameras]\n"10.4.12.7" = [[0, 0, 0.5, 0.25]]\n')
    assert read_regions(path) == {"10.4.12.7": CORNER}
    for wrong in ("", "[cameras", '[cameras]\nx = [[0, 0, 2, 1]]', "[cameras]\nx = []", '[cameras]\nx = "all"',
                  "[cameras]\nx = [[0.5, 0, 0.5, 1]]"):  # fmt: skip
        path.write_text(wrong)
        with pytest.raises(SettingsError):
            read_regions(path)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "fe80::1", "camera", "nas.local", "x.lan"])
def test_what_only_this_network_reaches(host: str) -> None:
    assert is_indoors(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700:4700::1111"])
def test_what_the_world_reaches(host: str) -> None:
    assert not is_indoors(host)
    assert not is_loopback(host)
