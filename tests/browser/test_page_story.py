"""The story of the first visit, played in a real browser against the real program."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Program

pytestmark = pytest.mark.browser


def number(page: Page, outcome: str) -> int:
    """What the newest card says of an outcome."""
    return int(page.locator(f".card-message:last-child .tallies [data-outcome={outcome}] b").inner_text())


def ask(page: Page, text: str) -> None:
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")


def ended(page: Page) -> None:
    """Wait until the newest card has its answer."""
    last = page.locator(".card-message:last-child")
    expect(last.locator(".followup").first).to_be_visible(timeout=180_000)
    expect(last).not_to_have_class(re.compile("is-running"))


def calls(page: Page) -> int:
    """Model calls of all runs of the open session, by the server's own count."""
    script = """async () => (await (await fetch('/api/v1/sessions/' + location.pathname.split('/')[2])).json())
        .messages.reduce((sum, message) => sum + (message.run?.calls ?? 0), 0)"""
    return int(page.evaluate(script))


def broken(city: Path) -> int:
    """How many pictures of the city are broken on purpose."""
    with (city / "truth.csv").open(encoding="utf-8") as lines:
        return sum(bool(row["broken"]) for row in csv.DictReader(lines))


def test_a_first_visit_from_the_starter_to_the_map(unseeing: Program, city: Path, open_page: OpenPage) -> None:
    page = open_page(unseeing.url)
    page.locator(".starter").first.click()
    expect(page.locator(".card-message")).to_have_count(1, timeout=300)
    page.locator(".picture").first.wait_for()
    expect(page).to_have_url(re.compile(r"/s/\w+/\w+$"))

    page.locator(".steer:visible", has_text="Stop").click()
    expect(page.locator(".ledger")).to_contain_text("stopped after")
    kept = number(page, "match")
    assert kept > 0
    assert page.locator(".picture").count() > 0

    page.locator(".steer:visible", has_text="Continue").click()
    page.locator(".steer:visible", has_text="Stop").wait_for()
    page.reload(wait_until="domcontentloaded")
    page.locator(".card-message").wait_for()
    assert number(page, "match") >= kept, "a reload shows what was found before it"
    ended(page)
    counts = {outcome: number(page, outcome) for outcome in ("match", "no_match", "unsure", "unreadable")}
    assert sum(counts.values()) == len(list((city / "pictures").iterdir()))
    assert counts["unreadable"] >= broken(city) > 0, "what can't be read is never a no"
    assert counts["match"] >= kept

    asked = calls(page)
    for question in ("Which district has the most?", "Show me on a map"):
        ask(page, question)
        ended(page)
        expect(page.locator(".card-message:last-child .ledger")).to_contain_text("no picture asked")
    assert calls(page) == asked
    expect(page.locator("#tab-map")).to_have_attribute("aria-selected", "true")


def test_pins_pictures_rows_and_figures_are_one_selection(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "How many people are at each location?")
    ended(page)

    pin = page.locator(".pin-place:has(.mark-match)").first
    camera = pin.get_attribute("data-camera")
    pin.click()
    chosen = page.locator(".picture.is-chosen")
    chosen.first.wait_for()
    place = page.locator(".map-card strong").inner_text()
    assert set(chosen.locator(".picture-place").all_inner_texts()) == {place}
    expect(page.locator(f'.camera[title*="{camera}"][aria-pressed=true]')).to_have_count(1)

    other = page.locator(".picture:not(.is-chosen)").first
    name = other.locator(".picture-place").inner_text()
    other.focus()
    expect(page.locator(".pin-place:has(.pin.is-chosen)")).to_have_attribute("title", re.compile(re.escape(name)))
    page.keyboard.press("t")
    expect(page.locator("tr.is-chosen")).to_contain_text(name)

    page.locator(".answer .tallies [data-outcome=unreadable]").click()
    expect(page.locator(".filters [data-outcome=unreadable]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".picture")).to_have_count(number(page, "unreadable"))
    expect(page.locator(".picture .no-picture").first).not_to_be_empty()


def test_matches_arrive_without_moving_what_is_there(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    page.evaluate("""() => { window.shifts = 0;
        new PerformanceObserver((list) => { for (const entry of list.getEntries())
        window.shifts += entry.hadRecentInput ? 0 : entry.value; }).observe({ type: 'layout-shift' }); }""")
    ask(page, "Which pictures show people?")
    page.locator(".picture").nth(5).wait_for()
    first = page.locator(".picture").first.get_attribute("data-observation")
    ended(page)
    assert page.locator(".picture").first.get_attribute("data-observation") == first
    assert page.evaluate("window.shifts") < 0.05


def test_two_tabs_of_one_session_agree(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which locations are dark?")
    page.wait_for_url(re.compile(r"/s/\w+/\w+$"))
    other = page.context.new_page()
    other.goto(page.url, wait_until="domcontentloaded")
    ended(page)
    ended(other)
    assert number(page, "match") == number(other, "match")
    ask(other, "Show me the table")
    expect(page.locator(".card-message")).to_have_count(2)


def test_back_goes_to_the_question_before(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which locations are dark?")
    ended(page)
    first = page.url
    ask(page, "Show me the table")
    ended(page)
    assert page.url != first
    page.go_back()
    assert page.url == first
    expect(page.locator(".card-message").first).to_have_class(re.compile("is-selected"))
    page.locator(".brand").click()
    page.locator(".starter").first.wait_for()
    page.go_back(wait_until="domcontentloaded")
    expect(page.locator(".card-message")).to_have_count(2)


def test_a_picture_full_screen(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which pictures show people?")
    ended(page)
    page.locator(".picture").nth(1).click()
    dialog = page.locator("#viewer")
    expect(dialog.locator(".viewer-count")).to_have_text(re.compile(r"^2 of "))
    expect(dialog.locator("rect.box").first).to_be_visible()
    expect(dialog.locator("dl")).to_contain_text("opencv")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".viewer-count")).to_have_text(re.compile(r"^3 of "))
    page.keyboard.press("b")
    expect(dialog.locator("rect.box").first).to_be_hidden()
    page.keyboard.press("+")
    expect(dialog.locator(".stage")).to_have_class(re.compile("is-zoomed"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".picture").nth(2)).to_be_focused()


def test_a_stand_in_is_offered_and_taken_only_by_its_button(seeing: Program, open_page: OpenPage) -> None:
    page = open_page(seeing.url)
    ask(page, "Which areas show heavy traffic?")
    offer = page.get_by_role("button", name="Ask for that instead")
    offer.wait_for()
    expect(page.locator(".card-message .fault")).to_contain_text("In its place: more than 10 vehicles")
    assert calls(page) == 0
    offer.click()
    expect(page.locator(".card-message")).to_have_count(2)
    ended(page)
    expect(page.locator(".card-message:last-child .notes")).to_contain_text("In its place")
