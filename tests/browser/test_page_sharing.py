"""Links in a real browser: made by one, opened by another who has no account, taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_exports import answered
from tests.browser.test_page_story import ask, ended

pytestmark = pytest.mark.browser


def test_a_link_is_made_read_by_somebody_else_and_taken_back(
    program: Program, open_page: OpenPage, chromium: Browser
) -> None:
    page = answered(program, open_page)
    headline = page.locator(".headline").inner_text()
    share = page.locator(".card-message:last-child [data-part=share]")
    share.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share to look at")
    dialog.get_by_role("button", name="Make a link").click()
    field = dialog.get_by_label("The address of the link")
    expect(field).to_be_focused()
    expect(dialog).to_contain_text("not opened yet")

    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    reader = context.new_page()
    asked, said = [], []
    reader.on("request", lambda request: asked.append(request.url))
    reader.on("console", lambda line: said.append(line.text))
    reader.goto(field.input_value())
    expect(reader.locator(".headline")).to_have_text(headline)
    reader.locator(".pictures img").last.scroll_into_view_if_needed()
    reader.wait_for_function("[...document.images].every((each) => each.complete)")
    assert reader.locator("form, button, input, script").count() == 0
    assert all(url.startswith((field.input_value(), f"{program.url}/static/")) for url in asked)
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []
    reader.locator(".pictures a").first.click()
    assert reader.url.startswith(field.input_value() + "/pictures/")

    dialog.get_by_role("button", name="Take back").click()
    expect(dialog).to_contain_text("The link leads nowhere now.")
    expect(field).to_be_hidden()
    gone = reader.goto(asked[0])
    assert gone is not None and gone.status == 404
    expect(reader.locator("h1")).to_have_text("This link leads nowhere.")
    context.close()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(share).to_be_focused()


def test_a_session_is_shared_as_it_stands(program: Program, open_page: OpenPage, chromium: Browser) -> None:
    page = answered(program, open_page)
    ask(page, "Which district has the most?")
    ended(page)
    page.locator(".card-message:last-child [data-part=share]").click()
    dialog = page.get_by_role("dialog", name="Share to look at")
    dialog.get_by_text("The session as it stands: 2 answers").click()
    dialog.get_by_role("button", name="Make a link").click()
    field = dialog.get_by_label("The address of the link")
    expect(field).to_be_focused()
    address = field.input_value()
    page.keyboard.press("Escape")
    context = chromium.new_context()
    reader = context.new_page()
    reader.goto(address)
    expect(reader.locator("h1")).to_have_text("Which district has the most?")
    reader.get_by_role("link", name="How many people are at each location?").click()
    expect(reader.locator("h1")).to_have_text("How many people are at each location?")
    context.close()
