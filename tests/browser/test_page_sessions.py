"""The pane of sessions in a real browser: several tabs that agree, the bin and its undo, search, long lists, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, Program

pytestmark = pytest.mark.browser
MAKE = """async ([count, titles]) => {
    const token = document.querySelector('meta[name="csrf-token"]').content;
    const headers = {'X-CSRF-Token': token, 'Content-Type': 'application/json'};
    const send = async (method, path, body) =>
        (await fetch(`/api/v1/sessions${path}`, {method, headers, body: JSON.stringify(body)})).json();
    for (let number = 0; number < count; number += 1) {
        const made = await send('POST', '', {});
        await send('PATCH', `/${made.id}`, {title: titles[number % titles.length].replace('#', number)});
    }
}"""


@pytest.fixture
def desk(city: Path, tmp_path: Path) -> Iterator[Program]:
    """A program of its own: what other tests asked would be in the list."""
    served = Program(
        tmp_path, {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(city / "cameras.xlsx"), "MODEL": "opencv"}
    )
    served.start()
    yield served
    served.stop()


def make(page: Page, *titles: str, count: int | None = None) -> None:
    """Sessions with these titles, the last one made first in the list."""
    page.locator("#line[data-state=open]").wait_for()
    page.evaluate(MAKE, [count or len(titles), list(titles)])


def row(page: Page, title: str) -> Locator:
    return page.locator(
        "#sessions .session-row", has=page.locator(".session-title", has_text=re.compile(f"^{re.escape(title)}$"))
    )


def titles(page: Page) -> list[str]:
    return page.locator("#sessions .session-title").all_inner_texts()


def test_tabs_agree_on_what_is_renamed_thrown_away_and_taken_back(desk: Program, open_page: OpenPage) -> None:
    """Parity S2.22: two tabs of one browser, and another browser."""
    page = open_page(desk.url)
    make(page, "Morning", "Evening")
    expect(row(page, "Evening")).to_be_visible()
    tab = page.context.new_page()
    tab.goto(desk.url, wait_until="domcontentloaded")
    other = open_page(desk.url)
    for each in (tab, other):
        row(each, "Evening").locator("a").click()
        expect(each).to_have_url(re.compile("/s/"))

    row(page, "Evening").locator("a").focus()
    page.keyboard.press("F2")
    page.keyboard.type("Evening crowd")
    page.keyboard.press("Enter")
    for each in (page, tab, other):
        expect(row(each, "Evening crowd")).to_be_visible()

    row(page, "Evening crowd").hover()
    row(page, "Evening crowd").get_by_role("button", name="Delete").click()
    for each in (page, tab, other):
        expect(row(each, "Evening crowd")).to_have_count(0)
    for each in (tab, other):
        expect(each).to_have_url(f"{desk.url}/")
    expect(page.locator("#undo")).to_contain_text("In the bin: “Evening crowd”")  # a long title cuts no verb off
    expect(page.locator("#undo")).to_have_attribute("role", "status")
    page.locator("#undo").get_by_role("button", name="Undo").click()
    for each in (page, tab, other):
        expect(row(each, "Evening crowd")).to_be_visible()


def test_the_keyboard_renames_deletes_and_takes_back(desk: Program, open_page: OpenPage) -> None:
    page = open_page(desk.url)
    make(page, "One", "Two", "Three")
    row(page, "Two").locator("a").focus()
    page.keyboard.press("F2")
    page.keyboard.type("Something else")
    page.keyboard.press("Escape")
    expect(row(page, "Two").locator("a")).to_be_focused()
    page.keyboard.press("Delete")
    expect(row(page, "Two")).to_have_count(0)
    expect(row(page, "One").locator("a")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(row(page, "Two")).to_be_visible()
    expect(page.locator("#undo")).to_be_hidden()
    assert titles(page) == ["Three", "Two", "One"]


def test_the_open_session_comes_back_with_its_answer(desk: Program, open_page: OpenPage) -> None:
    """Parity S2.22: delete, with an undo."""
    page = open_page(desk.url)
    page.locator("#question").fill("Which pictures are dark?")
    page.keyboard.press("Enter")
    page.locator(".followup").first.wait_for(timeout=60_000)
    headline = page.locator(".headline").inner_text()
    matched = page.locator(".tallies [data-outcome=match] b").first.inner_text()
    expect(page.locator(".session-matched")).to_have_text(matched)
    here = page.url
    page.locator(".session-row").hover()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".card-message")).to_have_count(0)
    expect(page.locator("#sessions .nothing")).to_contain_text("No session yet")
    page.locator("#undo .link").click()
    expect(page.locator(".headline")).to_have_text(headline)
    expect(page).to_have_url(here)


def test_the_bin_restores_and_forgets(desk: Program, open_page: OpenPage) -> None:
    page = open_page(desk.url)
    make(page, "Kept", "Restored", "Forgotten")
    for title in ("Restored", "Forgotten"):
        row(page, title).locator("a").focus()
        page.keyboard.press("Delete")
        expect(row(page, title)).to_have_count(0)
    page.locator(".session-menu summary").click()
    page.locator("#bin").click()
    expect(page.locator("#sessions h2")).to_have_text("Bin")
    expect(row(page, "Restored")).to_contain_text("kept for 7 days")
    row(page, "Restored").get_by_role("button", name="Restore").click()
    expect(row(page, "Restored")).to_have_count(0)
    row(page, "Forgotten").get_by_role("button", name="Delete for good").click()
    row(page, "Forgotten").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#sessions .nothing")).to_contain_text("The bin is empty.")
    page.locator("#back").click()
    assert sorted(titles(page)) == ["Kept", "Restored"]


def test_a_search_shows_where_it_found_the_words_and_nothing_as_markup(desk: Program, open_page: OpenPage) -> None:
    page = open_page(desk.url)
    make(page, "Café Łódź", "<img src=x onerror=alert(1)> dogs", "Evening")
    box = page.locator("#sessions [type=search]")
    box.fill("CAFE lodz")
    expect(page.locator(".session-row")).to_have_count(1)
    expect(row(page, "Café Łódź")).to_be_visible()
    expect(page.locator(".session-status")).to_have_text("1 session found")
    box.fill("img dogs")
    expect(row(page, "<img src=x onerror=alert(1)> dogs")).to_be_visible()
    box.fill("nobody asked this")
    expect(page.locator("#sessions .nothing")).to_contain_text("Nothing here has all of these words.")
    box.press("Escape")
    expect(page.locator(".session-row")).to_have_count(3)
    page.locator("#question").fill("Which pictures are dark?")
    page.keyboard.press("Enter")
    page.locator(".headline").wait_for(timeout=60_000)
    row(page, "Which pictures are dark?").locator("a").focus()
    page.keyboard.press("F2")
    page.keyboard.type("Night")
    page.keyboard.press("Enter")
    box.fill("dark")
    expect(row(page, "Night").locator("mark").first).to_have_text("dark")


def test_a_long_list_comes_a_page_at_a_time(desk: Program, open_page: OpenPage) -> None:
    page = open_page(desk.url)
    make(page, "Session #", count=60)
    page.reload(wait_until="domcontentloaded")
    page.locator(".session-row").nth(49).wait_for(state="attached")
    assert page.locator(".session-row").count() == 50
    expect(page.locator(".session-day")).to_have_text(["Today"])
    page.locator(".session-row").nth(49).scroll_into_view_if_needed()
    expect(page.locator(".session-row")).to_have_count(60)
    expect(page.locator(".session-more")).to_have_count(0)
    assert titles(page) == [f"Session {number}" for number in range(59, -1, -1)]


def test_a_telephone_has_the_sessions_on_a_screen_of_their_own(desk: Program, open_page: OpenPage) -> None:
    page = open_page(desk.url, width=390, height=844, is_mobile=True, has_touch=True)
    make(page, "Morning", "Evening")
    page.locator("header [data-screen=sessions]").click()
    expect(row(page, "Evening")).to_be_visible()
    row(page, "Evening").get_by_role("button", name="Delete").click()
    undo = page.locator("#undo .link")
    expect(undo).to_be_in_viewport()
    undo.click()
    row(page, "Evening").locator("a").click()
    expect(page.locator("#question")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
