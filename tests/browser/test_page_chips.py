"""Chips that are changed, after a question is answered and before it is asked; by keyboard, and at no call for what is
known."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Request, expect

from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_exports import answered
from tests.browser.test_page_story import calls

pytestmark = pytest.mark.browser


def test_a_place_is_put_in_place_of_another_and_no_picture_is_asked(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    page.locator(".card-message:last-child .chip-where .chip-words").focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Where")
    expect(sheet.get_by_label("Find a place")).to_be_focused()
    district = sheet.locator(".place-list label", has_text="district").first
    name = district.locator("bdi").inner_text()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(sheet.locator("[role=status]")).to_have_text("1 chosen")
    page.keyboard.press("Enter")
    expect(page.locator(".card-message")).to_have_count(2)
    card = page.locator(".card-message:last-child")
    expect(card.locator(".notes")).to_contain_text(f"Asked with “{name}” in place of “all places”.")
    expect(card.locator(".badge-look")).to_have_text("From before")
    expect(card.locator(".chip-where")).to_contain_text(name)
    assert calls(page) == asked


def test_a_condition_is_added_and_the_grouping_is_changed(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    page.get_by_role("button", name="Add a condition").click()
    sheet = page.get_by_role("dialog", name="Only those with")
    sheet.get_by_label("Number", exact=True).fill("2")
    sheet.get_by_role("button", name="Apply").click()
    expect(page.locator(".card-message:last-child .chip-condition")).to_contain_text("at least 2")
    page.locator(".card-message:last-child .chip-group .chip-words").click()
    page.get_by_role("dialog", name="How to group").get_by_label("Figures").select_option(label="each district")
    page.get_by_role("dialog", name="How to group").get_by_role("button", name="Apply").click()
    expect(page.locator(".card-message:last-child .chip-group")).to_contain_text("each district")
    expect(page.locator(".card-message:last-child .chip-condition")).to_contain_text("at least 2")
    assert calls(page) == asked


def test_escape_and_a_press_elsewhere_leave_all_as_it_was(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    words = page.locator(".card-message:last-child .chip-when .chip-words")
    words.click()
    expect(page.get_by_role("dialog", name="When")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="When")).to_be_hidden()
    expect(words).to_be_focused()
    words.click()
    page.get_by_label("From hour").fill("08:00")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("alert").filter(has_text="Give both hours, or none.")).to_be_visible()
    page.locator("h2.question").first.click()
    expect(page.get_by_role("dialog", name="When")).to_be_hidden()
    expect(page.locator(".card-message")).to_have_count(1)


def test_a_question_is_understood_and_altered_before_it_is_asked(program: Program, open_page: OpenPage) -> None:
    sent: list[dict[str, object]] = []

    def heard(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/v1/questions"):
            sent.append(json.loads(request.post_data or "{}"))

    page = open_page(program.url, prepare=lambda page: page.on("request", heard))
    page.locator("#question").fill("which locations have more than 3 people")
    understood = page.locator("#understood")
    expect(understood.locator(".chip-condition")).to_contain_text("more than 3")
    expect(understood).to_contain_text("opencv would look.")
    understood.get_by_role("button", name="Ask without “more than 3”").click()
    expect(understood.locator(".chip-add")).to_be_visible()
    understood.locator(".chip-where .chip-words").click()
    page.get_by_role("dialog", name="Where").locator(".place-list label").first.click()
    page.get_by_role("button", name="Apply").click()
    expect(understood.locator(".chip-where")).not_to_contain_text("all places")
    assert sent == []
    page.locator("#question").press("Enter")
    expect(understood).to_be_hidden()
    card = page.locator(".card-message:last-child")
    expect(card.locator(".notes")).to_contain_text("Asked without “more than 3”.")
    expect(card.locator(".notes")).to_contain_text("in place of “all places”")
    assert sent[0]["text"] == "which locations have more than 3 people"
    page.locator("#question").fill("zz")
    expect(understood).to_be_hidden()
