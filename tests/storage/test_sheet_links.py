"""Cells of a workbook that show one thing and lead to another, and addresses as people write them."""

from __future__ import annotations

import time
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from core.errors import AddressRefused
from storage.picture_address import read_picture_address, without_secrets
from storage.reading import Reading
from storage.sheet import read_sheet

SIGNED = (
    "https://storage.googleapis.com/city/gate/1.jpg?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=" + "ab" * 300
)


def read(tmp_path: Path, head: list[str], *rows: list[str], links: dict[str, str] | None = None) -> Reading:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (head, *rows):
        sheet.append(row)
    for cell, target in (links or {}).items():
        sheet[cell].hyperlink = target
        sheet[cell].value = sheet[cell].value or None
    book.save(tmp_path / "fleet.xlsx")
    return read_sheet(tmp_path / "fleet.xlsx")


def addresses(reading: Reading) -> list[str | None]:
    return [camera.picture_url for camera in reading.register.cameras]


def test_a_cell_that_shows_a_word_is_the_address_to_which_it_leads(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        ["Camera", "Location", "Picture"],
        ["gate", "North", "View"],
        ["yard", "South", "https://shown.example/2.jpg"],
        ["hall", "East", '=HYPERLINK("https://cdn.example/3.jpg?a=1&b=2","View")'],
        ["shed", "West", "View"],
        links={
            "C2": "https://cdn.example/1.jpg?sig=a&b=2",
            "C3": "https://cdn.example/other.jpg",
            "B2": "https://maps.example/north",
            "C5": "mailto:desk@example.org",
        },
    )
    assert addresses(reading) == [
        "https://cdn.example/1.jpg?sig=a&b=2",
        "https://shown.example/2.jpg",  # what is shown is what was meant
        "https://cdn.example/3.jpg?a=1&b=2",
        None,
    ]
    assert [camera.location for camera in reading.register.cameras] == ["North", "South", "East", "West"]
    assert [problem.code for problem in reading.register.problems if problem.row == 5] == ["bad_url"]


def test_a_link_over_several_cells_and_a_large_sheet_of_links_are_read_in_time(tmp_path: Path) -> None:
    rows = 3000
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Camera", "Image"])
    for number in range(rows):
        sheet.append([f"c{number}", "View"])
        sheet.cell(number + 2, 2).hyperlink = f"https://cdn.example/{number}.jpg"
    book.save(tmp_path / "many.xlsx")
    began = time.monotonic()
    found = addresses(read_sheet(tmp_path / "many.xlsx"))
    assert found == [f"https://cdn.example/{number}.jpg" for number in range(rows)]
    assert time.monotonic() - began < 10


def test_a_column_of_pictures_addresses_is_known_by_them_whatever_it_is_called(tmp_path: Path) -> None:
    for heading in ("Adresse", "Ficheiro", "ลิงก์", "Location"):
        reading = read(
            tmp_path,
            ["Kamera", heading, "Website"],
            ["k1", "https://cdn.example/1.jpg", "https://town.example/"],
            ["k2", "https://cdn.example/2.JPG?x=1", "https://town.example/a"],
        )
        assert addresses(reading) == ["https://cdn.example/1.jpg", "https://cdn.example/2.JPG?x=1"], heading
    linked = read(tmp_path, ["Kamera", "Wo"], ["k1", "Ansicht"], links={"B2": "https://cdn.example/1.png"})
    assert addresses(linked) == ["https://cdn.example/1.png"]


@pytest.mark.parametrize(
    "heading", ["Link", "Lien", "Enlace", "Ссылка", "Bild-URL", "URL de la imagen", "图片链接", "画像URL"]
)
def test_a_heading_in_another_language_is_known(tmp_path: Path, heading: str) -> None:
    reading = read(tmp_path, ["Camera", heading], ["gate", "http://192.168.1.4/snapshot.cgi"])
    assert addresses(reading) == ["http://192.168.1.4/snapshot.cgi"]


def test_a_signed_address_is_long_and_stays_whole(tmp_path: Path) -> None:
    assert len(SIGNED) > 600
    reading = read(tmp_path, ["Camera", "Image URL"], ["gate", SIGNED], ["yard", f"https://x.example/{'a' * 4200}"])
    assert addresses(reading) == [SIGNED, None]
    assert "longer than" in reading.register.problems[-1].message


def test_a_row_whose_address_cant_be_used_is_listed_with_the_reason(tmp_path: Path) -> None:
    """Rows 2, 5 of section 7: the fleet takes none of these, so the sheet must say so."""
    bad = [
        "https://me:geheim@x.example/1.jpg",
        "http://2852039166/1.jpg",
        "http://x.example:0/1.jpg",
        "http://a b/1.jpg",
    ]
    good = ["https://x.example/gate 1.jpg", "https://bücher.example/1.jpg"]
    reading = read(tmp_path, ["Camera", "Image URL"], *([f"c{n}", url] for n, url in enumerate(bad + good)))
    assert addresses(reading) == [None] * 4 + good
    told = [problem for problem in reading.register.problems if problem.code == "bad_url"]
    assert [problem.row for problem in told] == [2, 3, 4, 5]
    assert "names a user" in told[0].message
    assert "geheim" not in repr(reading)
    assert read_picture_address(good[0]).url == "https://x.example/gate%201.jpg"
    assert read_picture_address("gs://city/a b#1?.jpg").url == "https://storage.googleapis.com/city/a%20b%231%3F.jpg"
    with pytest.raises(AddressRefused):
        read_picture_address(bad[0])


def test_what_stands_behind_a_question_mark_is_not_in_what_is_shown_of_a_sheet(tmp_path: Path) -> None:
    """Negative test 41: neither a preview of the first rows nor a problem shows a signature."""
    secret = "https://x.example/1.jpg?auth=geheim&sv=2#geheim"
    reading = read(tmp_path, ["Camera", "Image URL", "More"], ["gate", secret, secret], ["yard", f"f{secret}", secret])
    assert "geheim" not in repr((reading.sample, reading.register.problems))
    assert reading.sample[0][1][1] == "https://x.example/1.jpg?…"
    assert without_secrets("see gs://b/a.jpg?k=1 and 2") == "see gs://b/a.jpg?… and 2"


def test_one_address_for_two_cameras_is_told(tmp_path: Path) -> None:
    same = "https://x.example/1.jpg"
    reading = read(tmp_path, ["Camera", "Image URL"], ["gate", same], ["Gate", same], ["yard", same])
    told = [(problem.row, problem.code) for problem in reading.register.problems if problem.code == "duplicate_url"]
    assert told == [(4, "duplicate_url")]
