"""Files out of the page and into it, in a real browser against the real program."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, OpenPage, Program
from tests.browser.test_page_story import ask, calls, ended, number

pytestmark = pytest.mark.browser

OUTCOMES = ("match", "no_match", "unsure", "unreadable")


def saved(page: Page, form: str, folder: Path) -> Path:
    """A file by the newest card's menu."""
    menu = page.locator(".card-message:last-child [data-part=export]")
    menu.locator("summary").click()
    with page.expect_download() as coming:
        menu.locator(f"[data-form={form}]").click()
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    expect(menu).not_to_have_attribute("open", "")
    return path


def answered(program: Program, open_page: OpenPage, forgive: str = "") -> Page:
    page = open_page(program.url, accept_downloads=True, forgive=forgive)
    ask(page, "How many people are at each location?")
    # One worker, and the first look of this program: the later ones know the pictures.
    page.locator(".card-message:last-child .followup").first.wait_for(timeout=180_000)
    ended(page)
    return page


def test_an_answer_is_saved_by_the_menu_and_the_files_say_what_the_page_says(
    program: Program, open_page: OpenPage, chromium: Browser, tmp_path: Path
) -> None:
    """Parity S2.22, S2.26: the same figures in the page, in Excel, in CSV and in a report that opens anywhere."""
    page = answered(program, open_page)
    counts = {outcome: number(page, outcome) for outcome in OUTCOMES}
    headline = page.locator(".headline").inner_text()

    book = openpyxl.load_workbook(saved(page, "xlsx", tmp_path))
    rows = list(book["Observations"].iter_rows(min_row=2, values_only=True))
    assert {outcome: sum(row[0] == outcome for row in rows) for outcome in OUTCOMES} == counts
    assert headline in [row[1] for row in book["Answer"].iter_rows(values_only=True)]

    with saved(page, "csv", tmp_path).open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.DictReader(lines))
    assert len(table) == sum(counts.values())
    assert table[0]["picture"].startswith(f"{program.url}/media/")
    assert page.request.get(next(row["picture"] for row in table if row["outcome"] == "match")).ok

    found = json.loads(saved(page, "json", tmp_path).read_text(encoding="utf-8"))
    assert found["message"]["answer"]["headline"] == headline
    features = json.loads(saved(page, "geojson", tmp_path).read_text(encoding="utf-8"))["features"]
    assert len(features) == len(found["places"])

    report = saved(page, "html", tmp_path)
    context = chromium.new_context(java_script_enabled=False)
    offline = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    offline.on("request", lambda request: asked.append(request.url))
    offline.on("console", lambda line: said.append(line.text))
    offline.goto(report.as_uri())
    assert offline.locator(".headline").inner_text() == headline
    told = {row.split("\n")[0]: row.split("\n")[-1] for row in offline.locator(".tally > div").all_inner_texts()}
    assert told == {outcome.replace("_", " "): str(count) for outcome, count in counts.items()}
    assert offline.locator(".pictures img").count() == min(counts["match"], 36) + min(counts["unsure"], 12)
    assert offline.evaluate("[...document.images].every((each) => each.naturalWidth > 0)")
    assert offline.locator(".map use, .map .s-match").count() > 0
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == [], "the report keeps its own policy"
    context.close()


def test_the_menu_works_by_keyboard_and_says_what_goes_wrong(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page, forgive="Failed to load resource")
    menu = page.locator(".card-message:last-child [data-part=export]")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.locator("[data-form=xlsx]")).to_be_visible()  # the menu is fetched when it is first opened
    page.keyboard.press("Tab")
    expect(menu.locator("[data-form=xlsx]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu.locator("summary")).to_be_focused()
    expect(menu).not_to_have_attribute("open", "")
    page.route("**/export.csv", lambda route: route.abort())
    menu.locator("summary").click()
    menu.locator("[data-form=csv]").click()
    expect(menu.locator(".menu-said")).to_contain_text("The server does not answer.")


def test_asking_for_a_file_offers_it(program: Program, open_page: OpenPage) -> None:
    page = answered(program, open_page)
    asked = calls(page)
    ask(page, "Export that to Excel")
    offer = page.locator(".card-message:last-child .ready button")
    expect(offer).to_have_text("Save as Excel workbook")
    with page.expect_download() as coming:
        offer.click()
    assert coming.value.suggested_filename.endswith(".xlsx")
    assert calls(page) == asked


def test_the_evidence_of_an_answer_is_saved_and_agrees_with_itself(
    program: Program, open_page: OpenPage, tmp_path: Path
) -> None:
    page = answered(program, open_page)
    headline = page.locator(".headline").inner_text()
    evidence = saved(page, "zip", tmp_path)
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", "bundle", "verify", str(evidence)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert headline in ran.stdout


def test_a_session_goes_out_and_comes_in_again(program: Program, open_page: OpenPage, tmp_path: Path) -> None:
    """Parity S2.21."""
    page = answered(program, open_page, forgive="Failed to load resource")
    headline = page.locator(".headline").inner_text()
    menu = page.locator(".session-menu")
    menu.locator("summary").click()
    with page.expect_download() as coming:
        menu.get_by_text("as folder").click()
    path = tmp_path / coming.value.suggested_filename
    coming.value.save_as(path)
    first = page.url

    menu.locator("summary").click()
    menu.locator("input[type=file]").set_input_files(path)
    expect(menu.locator(".menu-said")).to_contain_text("1 session with 1 question")
    sheet = menu.locator(".menu-sheet").bounding_box()
    assert sheet is not None and sheet["x"] >= 0  # a sentence makes it no wider than the page
    page.wait_for_url(lambda url: url != first)
    expect(page.locator(".headline")).to_have_text(headline)
    expect(page.locator(".notes")).to_contain_text("Imported:")
    expect(page.locator(".session-row.is-open")).to_contain_text("imported")
    page.locator(".picture").first.wait_for()

    wrong = tmp_path / "notes.json"
    wrong.write_text("[]", encoding="utf-8")
    menu.locator("input[type=file]").set_input_files(wrong)
    expect(menu.locator(".menu-said")).to_contain_text("no JSON object")
