"""Pictures are looked at before they are used, and the line that takes them is one that .env reads back."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from config import Settings
from core.errors import NotFound, SightlineError, SourceUnavailable
from core.web_address import Reach
from storage.google_cloud import Access
from storage.sources import Pictures
from storage.trial import try_pictures
from tests.storage.test_google_cloud import stub, told

GIVEN = Pictures("file:///elsewhere", ZoneInfo("UTC"), 1_000_000, Reach(), Access())


def drawn(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(folder / name)
    return folder


@pytest.mark.parametrize("called", ["pictures", "my pictures", "o'clock # 5 \\ é"])
def test_a_folder_is_counted_and_its_line_is_read_back(tmp_path: Path, called: str) -> None:
    folder = drawn(tmp_path / called, "gate/1.jpg", "gate/2.jpg", "yard/1.png")
    found = try_pictures(GIVEN, str(folder))
    assert (found.pictures, found.more, found.cameras) == (3, False, 2)
    assert found.example in {"gate/1.jpg", "gate/2.jpg", "yard/1.png"}
    (tmp_path / ".env").write_text(found.line, encoding="utf-8")
    assert Settings.load({}, tmp_path / ".env").pictures_from == f"file://{folder}"


def test_a_bucket_is_counted_as_far_as_two_seconds_go() -> None:
    with stub([told(f"gate/{number:05}.jpg") for number in range(7000)]) as (endpoint, asked):
        given = Pictures("file:///x", ZoneInfo("UTC"), 1_000_000, Reach(), Access(endpoint=endpoint))
        found = try_pictures(given, "gs://city/gate/")
        assert found.more
        assert 5000 <= found.pictures < 7000
        assert found.line == "PICTURES_FROM=gs://city/gate/"
        assert len(asked) <= 7
    with stub([], status=403) as (endpoint, _):
        given = Pictures("file:///x", ZoneInfo("UTC"), 1_000_000, Reach(), Access(endpoint=endpoint))
        with pytest.raises(SourceUnavailable, match="not public"):
            try_pictures(given, "gs://city")


def test_a_sheet_of_addresses_is_a_fleet(tmp_path: Path) -> None:
    sheet = tmp_path / "fleet.csv"
    sheet.write_text("Camera,Image URL\ncam1,https://a.example/1.jpg\ncam2,https://a.example/2.jpg\n", encoding="utf-8")
    found = try_pictures(GIVEN, f"sheet://{sheet}")
    assert (found.pictures, found.cameras, found.line) == (2, 2, f"PICTURES_FROM=sheet://{sheet}")


@pytest.mark.parametrize(
    ("name", "says"),
    [("plan.pdf", "is a file"), ("pictures.zip", "is a file"), ("cameras.xlsx", "is a sheet"), (None, "no folder")],
)
def test_what_is_no_folder_is_told_in_the_words_of_who_tries(tmp_path: Path, name: str | None, says: str) -> None:
    path = tmp_path / (name or "none")
    if name:
        path.write_bytes(b"x")
    with pytest.raises(NotFound, match=says) as told_so:
        try_pictures(GIVEN, str(path))
    assert "IMAGES_DIR" not in told_so.value.sentence + told_so.value.hint


def test_pictures_of_a_kind_that_is_not_read_are_the_reason_why_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(b"x")
    found = try_pictures(GIVEN, str(tmp_path))
    assert (found.pictures, found.left_out) == (0, "This kind of picture is not read: save it as JPEG or PNG.")


def test_an_empty_folder_has_no_pictures(tmp_path: Path) -> None:
    assert try_pictures(GIVEN, str(tmp_path)).pictures == 0


@pytest.mark.parametrize(
    "where",
    [
        "",
        "pictures",
        "../up",
        "ftp://x/y",
        "gs://",
        "sheet://",
        "sheet:///none.xlsx",
        "/a\nB=1",
        "/a\0b",
        "file://",
        "gs://A",
        "gs://..",
        "gs://a b/c",
    ],
)
def test_what_is_no_address_is_a_sentence(where: str) -> None:
    with pytest.raises(NotFound):
        try_pictures(GIVEN, where)


def test_a_disk_without_a_picture_is_not_searched_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.trial._PATIENCE_S", -1.0)
    for number in range(20):
        (tmp_path / str(number)).mkdir()
    drawn(tmp_path, "0/1.jpg")
    found = try_pictures(GIVEN, str(tmp_path))
    assert (found.pictures, found.more) == (0, True)


def test_what_cant_be_opened_is_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "fleet.xlsx"
    broken.write_bytes(b"PK\x03\x04nothing")
    for where in (str(tmp_path / "none"), f"sheet://{broken}"):
        with pytest.raises(SightlineError) as refused:
            try_pictures(GIVEN, where)
        assert refused.value.sentence
