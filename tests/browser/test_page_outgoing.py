"""The sheet of what left this machine: by day and question, found by words, taken along as CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_story import ask

pytestmark = pytest.mark.browser

RUN = """async () => {
    const session = await fetch(`/api/v1/sessions/${location.pathname.split('/')[2]}`);
    return (await session.json()).messages[0].run.id;
}"""

SENT = {"to": "api.example", "model": "gpt-4o 1", "as": "url", "picture": "gate.jpg", "bytes": 0}


@pytest.fixture
def log(program: Program) -> Iterator[Path]:
    path = program.data / "logs" / "outgoing.log"
    yield path
    path.unlink(missing_ok=True)


def written(path: Path, *lines: dict[str, Any]) -> None:
    path.write_text("\n".join(json.dumps(SENT | line) for line in lines), encoding="utf-8")


def opened(page: Page) -> Any:
    page.locator("#new").focus()
    page.keyboard.press("s")
    page.get_by_role("button", name="What left this machine").press("Enter")
    return page.locator("#outgoing-sheet")


def test_nothing_has_left_and_the_sheet_says_what_would_stand_there(program: Program, open_page: OpenPage) -> None:
    sheet = opened(open_page(program.url))
    expect(sheet.get_by_role("status")).to_contain_text("Nothing has left this machine.")
    expect(sheet.get_by_label("Day")).to_be_hidden()
    expect(sheet.get_by_role("link", name="CSV")).to_be_hidden()


def test_what_left_is_found_by_day_and_words_and_leads_to_its_question(
    program: Program, open_page: OpenPage, log: Path, tmp_path: Path
) -> None:
    page = open_page(program.url, accept_downloads=True, forgive="Failed to load resource")
    ask(page, "Which pictures show people?")
    page.wait_for_url("**/s/**")
    run = page.evaluate(RUN)
    page.keyboard.press("Escape")
    written(
        log,
        {"at": "2026-03-13T09:00:00.000Z", "run": "0" * 26, "as": "bytes", "bytes": 40_000},
        {"at": "2026-03-14T09:00:00.000Z", "run": run},
        {"at": "2026-03-14T09:01:00.000Z", "run": run, "picture": "yard.jpg"},
        {"at": "2026-03-14T09:02:00.000Z", "as": "text", "question": "<b>Wie viele</b> Autos?"},
    )
    sheet = opened(page)
    entries = sheet.locator("li")
    expect(entries).to_have_count(3)
    expect(entries.nth(0)).to_contain_text("<b>Wie viele</b> Autos?")
    expect(entries.nth(1)).to_contain_text("2 pictures by URL to api.example (gpt-4o 1)")
    expect(entries.nth(2)).to_contain_text("A question that was deleted")
    expect(entries.nth(2)).to_contain_text("1 picture as bytes, 40 kB, to api.example")
    expect(sheet.locator("h3").first).to_contain_text("14 Mar 2026 · 3 in all")

    sheet.get_by_label("Find a question or a server").fill("show people")
    expect(entries).to_have_count(1)
    sheet.get_by_label("Find a question or a server").fill("tigers")
    expect(sheet.get_by_role("status")).to_contain_text("Nothing that left fits these words")
    sheet.get_by_label("Find a question or a server").fill("")
    sheet.get_by_label("Day").select_option("2026-03-13")
    expect(entries).to_have_count(1)
    with page.expect_download() as download:
        sheet.get_by_role("link", name="CSV").click()
    download.value.save_as(tmp_path / "outgoing.csv")
    assert (tmp_path / "outgoing.csv").read_text(encoding="utf-8-sig").count("gate.jpg") == 1

    page.route("**/api/v1/outgoing?*", lambda route: route.fulfill(status=503, body="{}"))
    sheet.get_by_label("Day").select_option("2026-03-14")
    expect(sheet.get_by_role("alert")).to_contain_text("can’t be read")
    page.unroute("**/api/v1/outgoing?*")
    sheet.get_by_label("Day").select_option("")
    expect(sheet.get_by_role("alert")).to_be_hidden()
    page.locator("#new").evaluate("(button) => { document.querySelector('#outgoing-sheet').close(); button.click(); }")
    opened(page).get_by_role("button", name="Which pictures show people?").press("Enter")
    expect(sheet).to_be_hidden()
    expect(page.locator(".card-message")).to_contain_text("Which pictures show people?")
