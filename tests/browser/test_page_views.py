"""The views of an answer, by words and by click, and what is taken along of each."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from storage.sheet import read_register
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_exports import answered
from tests.browser.test_page_story import ask, calls, ended

pytestmark = pytest.mark.browser


def rows(page: Page, words: str, folder: Path) -> list[dict[str, str]]:
    """A table that the page saves."""
    with page.expect_download() as coming:
        page.locator("button:visible", has_text=words).click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("words", "tab"),
    [
        ("Show me on a map", "map"),
        ("show as chart", "chart"),
        ("give me the coordinates", "coordinates"),
        ("show me the pictures", "pictures"),
        ("show me the table", "table"),
    ],
)
def test_a_view_is_had_by_words_at_no_call(program: Program, open_page: OpenPage, words: str, tab: str) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    page.locator("#tab-table" if tab == "map" else "#tab-map").click()
    ask(page, words)
    expect(page.locator(f"#tab-{tab}")).to_have_attribute("aria-selected", "true")
    expect(page.locator(f"#{tab}")).to_be_visible()
    assert calls(page) == asked


def test_coordinates_are_those_of_the_register_and_are_taken_along(
    program: Program, open_page: OpenPage, city: Path, tmp_path: Path
) -> None:
    page = answered(program, open_page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#tab-coordinates").click()
    page.get_by_label("Which places").select_option("")
    told = page.request.get(f"{program.url}/api/v1/messages/{page.url.split('?')[0].split('/')[-1]}/places")
    places = told.json()["places"]
    known = {f"{each['latitude']}, {each['longitude']}" for each in places if each["latitude"] is not None}
    assert set(page.locator(".coordinate-list code").all_inner_texts()) == known
    page.locator(".coordinate-list .icon-button").first.click()
    assert page.evaluate("navigator.clipboard.readText()") in known
    page.get_by_role("button", name="Copy all").click()
    expect(page.locator("#coordinates [role=status]")).to_contain_text("Copied")
    assert set(page.evaluate("navigator.clipboard.readText()").split("\n")) == known
    saved = rows(page, "Save as CSV", tmp_path)
    assert {f"{row['latitude']}, {row['longitude']}" for row in saved} == known


def test_a_chart_is_drawn_by_something_else_at_no_call_and_saved(
    program: Program, open_page: OpenPage, tmp_path: Path
) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    page.locator(".card-message:last-child [data-tab=chart]").click()
    expect(page.locator("#chart h3")).to_have_text("people by location")
    page.get_by_label("Figures by").select_option("district")
    expect(page.locator("#chart h3")).to_have_text("people by district")
    districts = rows(page, "Save as CSV", tmp_path)
    assert [row["district"] for row in districts] == page.locator(".chart-label bdi").all_inner_texts()
    page.get_by_label("Figures by").select_option("hour")
    expect(page.locator("#chart svg circle").first).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("button", name="Save as SVG").click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    drawn = ElementTree.parse(path).getroot()
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert "How many people are at each location?" in "".join(drawn.itertext())
    page.get_by_label("Form of the chart").select_option("bars")
    expect(page.locator("#chart .chart-row").first).to_be_visible()
    assert calls(page) == asked
    # What a find saw is counted, not the places that it is about: "locations by location" says nothing.
    page.keyboard.press("n")
    page.locator("#question").fill("Which locations have people?")
    page.keyboard.press("Enter")
    page.locator(".followup").first.wait_for(timeout=60_000)
    page.get_by_label("Figures by").select_option("")
    expect(page.locator("#chart h3")).to_have_text("people by location")


def test_the_table_is_searched_and_what_it_shows_is_saved(
    program: Program, open_page: OpenPage, tmp_path: Path
) -> None:
    page = answered(program, open_page)
    page.locator("#tab-table").click()
    district = page.locator("#table tbody tr td:nth-child(4)").first.inner_text()
    every = page.locator("#table tbody tr").count()
    page.get_by_label("Find in this table").fill(district.lower())
    shown = page.locator("#table tbody tr")
    expect(shown).not_to_have_count(every)
    assert {row["district"] for row in rows(page, "Save as CSV", tmp_path)} == {district}
    page.get_by_label("Find in this table").fill("no such place")
    expect(page.locator("#table")).to_contain_text("No place has these words.")


def test_a_view_is_in_the_address(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    page.locator("#tab-coordinates").click()
    page.wait_for_url("**view=coordinates**")
    page.reload()
    ended(page)
    expect(page.locator(".coordinate-list code").first).to_be_visible()


def test_what_is_offered_next_is_answered_by_a_click_at_no_call(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    offers = page.locator(".card-message:first-child .followup")
    for number in range(offers.count()):
        offers.nth(number).click()
        expect(page.locator(".card-message")).to_have_count(number + 2)
        card = page.locator(".card-message:last-child")
        expect(card.locator(".badge-look")).to_have_text("From before")
        expect(card.locator(".headline")).not_to_be_empty()
        expect(card.locator(".fault")).to_be_hidden()
    assert calls(page) == asked


def test_a_difference_is_told_at_no_call_and_each_side_opens_its_pictures(
    program: Program, open_page: OpenPage, city: Path
) -> None:
    page = answered(program, open_page)
    ask(page, "Is that more than before?")
    expect(page.locator(".card-message:last-child .fault")).to_contain_text("There is nothing to compare with")
    district = next(each.district for each in read_register(city / "cameras.xlsx").cameras if each.district)
    ask(page, f"And in {district}?")
    ended(page)
    asked = calls(page)
    ask(page, "How has that changed?")
    ended(page)
    card = page.locator(".card-message:last-child")
    expect(card.locator(".headline")).to_contain_text("fewer than the")
    expect(card.locator(".chip-group")).to_contain_text("compared with before")
    expect(card.locator(".findings")).to_contain_text("Set against “How many people are at each location?”.")
    before = card.locator(".figures button", has_text="before")
    with page.expect_response(lambda reply: "/pictures?side=before" in reply.url) as told:
        before.focus()
        page.keyboard.press("Enter")
    assert told.value.json()["total"] > 0
    assert calls(page) == asked
