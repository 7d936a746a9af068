"""The sheet of locations, given in the page: looked at, corrected, used, changed under a question, put back."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from storage.sheet import read_register
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_story import ask, ended

pytestmark = pytest.mark.browser


@pytest.fixture
def placeless(city: Path, tmp_path: Path) -> Iterator[Program]:
    """The program with pictures and no sheet."""
    settings = {"IMAGES_DIR": str(city / "pictures"), "MODEL": "opencv", "MAX_WORKERS": "1"}
    served = Program(tmp_path / "data", settings)
    served.start()
    yield served
    served.stop()


def sheet(city: Path, path: Path, place: str) -> Path:
    """The city's cameras as another town would write them, the first two at ``place``, with three faults."""
    known = read_register(city / "cameras.xlsx").known
    rows = [
        (entry.camera, f"{place} {index}" if index < 2 else entry.location, entry.district, *spot(index))
        for index, entry in enumerate(known)
    ]
    with path.open("w", newline="", encoding="cp1252") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerows([["Standorte der Kameras"], [], ["Zeichen", "Standort", "Bezirk", "Hochwert", "Rechtswert"]])
        writer.writerows([*rows, ("", "ohne", "", "11,1", "63,1"), ("x1", "", "", "unbekannt", "63"), ("Summe", 12)])
    return path


def spot(index: int) -> tuple[str, str]:
    return f"11,4{index:02d}", f"63,2{index:02d}"


def give(page: Page, path: Path) -> None:
    expect(page.locator("#register")).to_be_visible()
    page.locator("#register input[type=file]").set_input_files(path)
    expect(page.locator("#register .register-busy")).to_contain_text(f"{path.name}: ")


def choose(page: Page, **columns: str) -> None:
    for field, heading in columns.items():
        with page.expect_response(re.compile("/register/preview/")):
            page.locator(f"#register [name={field}]").select_option(heading)
        expect(page.locator(f"#how-{field}")).to_have_text("chosen")


def test_a_sheet_is_given_corrected_used_and_changed_under_a_question(
    placeless: Program, city: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    """Parity S2.16."""
    page, other = open_page(placeless.url), open_page(placeless.url)
    expect(page.locator(".camera-facts").first).to_contain_text("the pictures have no place")
    page.locator(".camera-sheet", has_text="Choose a sheet").click()
    expect(page.locator("#register")).to_contain_text("No sheet yet")

    give(page, sheet(city, tmp_path / "march.csv", "Zeppelinplatz"))
    expect(page.locator("#register .problem-group")).to_contain_text(["No column names", "No columns with coord"])
    choose(page, camera="Zeichen", latitude="Hochwert", longitude="Rechtswert")
    placed = len(read_register(city / "cameras.xlsx").known)
    expect(page.locator(".register-figure")).to_have_text(f"{placed} of {placed + 1} cameras on the map")
    expect(page.locator("#register .problem-group")).to_have_count(3)
    page.locator("#register .problem-group summary", has_text="no coordinate").click()
    expect(page.locator("#register .problem-group li:visible")).to_contain_text("unbekannt")
    page.locator("#register button", has_text="Use this sheet").click()
    expect(page.locator("#register")).not_to_be_visible()
    for each in (page, other):  # the other tab hears of it
        expect(each.locator(".camera-list")).to_contain_text("Zeppelinplatz 0")

    ask(page, "How many people are at Zeppelinplatz 1?")
    expect(page.locator(".card-message .chips").last).to_contain_text("Zeppelinplatz 1")
    ended(page)

    page.locator(".camera-sheet").click()
    give(page, sheet(city, tmp_path / "april.csv", "Luisenplatz"))
    expect(page.locator("#register [data-part=memory]")).to_contain_text("same headings")
    expect(page.locator(".register-figure")).to_have_text(f"{placed} of {placed + 1} cameras on the map")
    ask(other, "How many people are in each image?")
    expect(other.locator(".tallies b").first).not_to_have_text("")
    page.locator("#register button", has_text="Use this sheet").click()
    for each in (page, other):
        expect(each.locator(".camera-list")).to_contain_text("Luisenplatz 0")
    ended(other)
    places = other.evaluate("""async () => (await (await fetch('/api/v1/messages/' + location.pathname.split('/')[3]
        + '/places')).json()).places.map((place) => place.location)""")
    assert any(place and place.startswith("Zeppelinplatz") for place in places)
    assert not any(place and place.startswith("Luisenplatz") for place in places)
    ask(page, "How many people are at Luisenplatz 1?")
    expect(page.locator(".card-message .chips").last).to_contain_text("Luisenplatz 1")
    ended(page)


def test_a_file_that_is_no_sheet_is_a_sentence_and_the_sheet_in_force_stays(
    program: Program, tmp_path: Path, open_page: OpenPage
) -> None:
    """Threat row 26."""
    page = open_page(program.url, forgive="400 (BAD REQUEST)")
    page.locator(".camera-sheet", has_text="Change the sheet").press("Enter")
    broken = tmp_path / "cameras.xls"
    broken.write_text("<html><script>alert(1)</script></html>")
    expect(page.locator("#register")).to_be_visible()
    page.locator("#register input[type=file]").set_input_files(broken)
    fault = page.locator("#register [role=alert]")
    expect(fault).to_contain_text("The file is a web page or XML, whatever its name says.")
    expect(page.locator("#register button", has_text="Use this sheet")).to_be_disabled()
    expect(page.locator("#register .in-force")).to_contain_text("cameras.xlsx, named by the settings")
    page.locator("#register").get_by_text("Look at it again").click()
    expect(fault).not_to_be_visible()
    expect(page.locator("#register [name=camera]")).to_have_value("CAMERA IP")
    page.keyboard.press("Escape")
    expect(page.locator("#register")).not_to_be_visible()
    expect(page.locator(".camera-sheet")).to_be_focused()


def test_a_sheet_that_can_not_be_read_or_names_no_camera_is_not_to_be_used(
    program: Program, tmp_path: Path, open_page: OpenPage
) -> None:
    page = open_page(program.url, forgive="400")
    page.locator(".camera-sheet", has_text="Change the sheet").click()
    expect(page.locator("#register")).to_be_visible()
    use, preview = (
        page.locator("#register button", has_text="Use this sheet"),
        page.locator("#register [data-part=figure]"),
    )
    good, bad, nameless = (tmp_path / name for name in ("good.csv", "bad.xlsx", "nameless.csv"))
    good.write_text("Camera,Latitude,Longitude\nZ1,1.5,2.5\n", encoding="utf-8")
    bad.write_text("no spreadsheet", encoding="utf-8")
    nameless.write_text("Latitude,Longitude\n1.5,2.5\n", encoding="utf-8")
    page.set_input_files("#register input[type=file]", good)
    expect(use).to_be_enabled()
    page.set_input_files("#register input[type=file]", bad)
    expect(page.locator("#register .fault")).to_contain_text("no spreadsheet")
    expect(preview).to_be_hidden()
    expect(use).to_be_disabled()
    page.set_input_files("#register input[type=file]", nameless)
    expect(preview).to_be_visible()
    expect(use).to_be_disabled()
    expect(use).to_have_attribute("title", re.compile("which column names them"))


def test_hostile_cells_and_names_are_text_in_the_preview(program: Program, tmp_path: Path, open_page: OpenPage) -> None:
    """Threat row 25."""
    page = open_page(program.url, width=390, height=844)
    page.locator("[data-screen=cameras]").click()
    page.locator(".camera-sheet").click()
    evil = "<img src=x onerror=alert(1)>"
    path = tmp_path / "<b>evil.csv"
    path.write_text(f"Camera,Location,Lat,Lon,{evil}\n'; DROP TABLE x,{evil},\u202ex,2,y\n", encoding="utf-8")
    give(page, path)
    expect(page.locator("#register .rows td").nth(1)).to_have_text(evil)
    assert page.locator("#register img, #register b:has-text('evil')").count() == 0
    wide = page.evaluate("document.querySelector('.register-body').scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
