"""The report on the card: the template's at once, a language model's when it is written, text whatever it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.openai_server import Call, OpenAiServer
from examples.sample_city import draw_city
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_story import ask, ended

pytestmark = pytest.mark.browser
QUESTION = "Which locations have people?"
HOSTILE = "<img src=http://evil.example/?q= onerror=alert(1)> 4711 people, ![x](http://evil.example/y)"


def model(call: Call) -> Any:
    """Reports by the figures on one question, and as it pleases on the other."""
    told = json.loads(call.body["messages"][1]["content"])
    pictures = told["pictures"]
    finding = HOSTILE if told["question"].startswith("How many") else f"{pictures['match']} pictures match."
    return {
        "introduction": f"{pictures['in scope']} pictures were asked.",
        "findings": [finding],
        "conclusion": f"{pictures['readable']} pictures are readable.",
    }


@pytest.fixture
def reporting(tmp_path: Path) -> Iterator[tuple[Program, OpenAiServer]]:
    city = tmp_path / "city"
    draw_city(city, camera_count=9, per_camera=1)
    with OpenAiServer(answer=model) as server:
        settings = {
            "IMAGES_DIR": str(city / "pictures"),
            "EXCEL_FILE": str(city / "cameras.xlsx"),
            "MODEL": "opencv",
            "OPENAI_BASE_URL": server.url,
        }
        program = Program(tmp_path / "data", settings)
        program.start()
        yield program, server
        program.stop()


def opened(page: Page) -> Any:
    report = page.locator(".card-message:last-child .report")
    report.locator("summary").click()
    return report


def test_s2_15_the_report_is_on_the_card_behind_a_link_and_in_the_file_and_never_an_inventors(
    reporting: tuple[Program, OpenAiServer], open_page: OpenPage, chromium: Browser
) -> None:
    program, server = reporting
    server.latency_s = 2.0
    page = open_page(program.url, forgive="422")  # some pictures of the city are broken, and shown as such
    ask(page, QUESTION)
    ended(page)
    report = opened(page)
    expect(report).to_contain_text("Written from the figures by a template.")
    expect(report).to_contain_text("This report is about people.")
    expect(report.locator("dl dt").first).to_be_visible()
    figure = page.locator(".card-message:last-child .figure").first
    figure.focus()
    note = report.locator(".report-note")
    expect(note).to_have_text("Written by gpt-4o at 127.0.0.1; every number and name was checked against the figures.")
    expect(report.locator("li")).to_have_text(re.compile(r"^\d+ pictures match\.$"))
    expect(figure).to_be_focused()  # what is written later moves nothing but itself
    said = report.locator("p").first.inner_text()
    page.reload()
    expect(opened(page).locator("p").first).to_have_text(said)

    page.locator(".card-message:last-child [data-part=share]").click()
    dialog = page.get_by_role("dialog", name="Share to look at")
    dialog.get_by_role("button", name="Make a link").click()
    field = dialog.get_by_label("The address of the link")
    expect(field).to_have_value(re.compile("/shared/"))
    link = field.input_value()
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    reader = context.new_page()
    reader.goto(link)
    expect(reader.locator(".told")).to_contain_text(said)
    expect(reader.locator(".told")).to_contain_text("Written by gpt-4o at 127.0.0.1")
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
    page.keyboard.press("Escape")
    with page.expect_download() as coming:
        page.locator(".card-message:last-child [data-part=export] summary").click()
        page.get_by_role("button", name=re.compile("^Report")).click()
    assert said in Path(coming.value.path()).read_text(encoding="utf-8")

    # A model that invents is not shown, and the card says so. What was seen is known: no picture is looked at again.
    page = open_page(program.url, width=390, forgive="422")
    ask(page, "How many people are at each location?")
    ended(page)
    report = opened(page)
    expect(report.locator(".report-note")).to_contain_text("What gpt-4o at 127.0.0.1 wrote did not keep to them.")
    expect(report).not_to_contain_text("4711")
    assert page.locator("img[onerror], a[href*=evil]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(server.calls) == 3
