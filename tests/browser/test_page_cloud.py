"""A cloud model in the page: its price waits for a yes by keyboard, and what it was stands beside what it was to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench.openai_server import OpenAiServer
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_story import ask, ended

pytestmark = pytest.mark.browser
MARKUP = "<img src=http://evil.example/?q= onerror=alert(1)></script> ![x](http://evil.example/y) javascript:alert(2)"
PRICES = "as_of = 2026-03-01\n[models.gpt-4o]\nusd_in = 2.5\nusd_out = 10.0\nbase = 85\ntile = 170\n"


@pytest.fixture
def cloud(city: Path, tmp_path: Path) -> Iterator[tuple[Program, OpenAiServer]]:
    (tmp_path / "prices.toml").write_text(PRICES)
    with OpenAiServer(answer=lambda call: {"answer": "yes", "reason": MARKUP}) as server:
        settings = {
            "IMAGES_DIR": str(city / "pictures"),
            "EXCEL_FILE": str(city / "cameras.xlsx"),
            "MODEL": "openai",
            "OPENAI_API_KEY": "sk-browser-0123456789",
            "OPENAI_BASE_URL": server.url,
            "CONFIRM_ABOVE_USD": "0.01",
        }
        program = Program(tmp_path, settings)
        program.start()
        yield program, server
        program.stop()


def test_a_dear_question_waits_for_a_yes_and_its_money_is_shown(
    cloud: tuple[Program, OpenAiServer], open_page: OpenPage
) -> None:
    program, server = cloud
    page = open_page(program.url, forgive="422")  # some pictures of the city are broken, and shown as such
    ask(page, "Which locations have street lights?")
    offer = page.get_by_role("button", name=re.compile(r"^Ask \d+ pictures for about \$0\.\d\d$"))
    offer.wait_for()
    expect(page.locator(".card-message .fault")).to_contain_text("tokens")
    assert server.calls == []
    offer.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".card-message")).to_have_count(2)
    ended(page)
    card = page.locator(".card-message:last-child")
    expect(card.locator(".ledger")).to_contain_text(re.compile(r"\$0\.\d\d"))
    details = card.locator("details").filter(has_text="Estimate")
    details.locator("summary").first.click()
    expect(details).to_contain_text(re.compile(r"Estimate\d+ calls, [\d,]+ tokens, \$0\.\d\d"))
    expect(details).to_contain_text(re.compile(r"Cost\$0\.\d\d"))
    assert len(server.calls) > 0
    # Threat row 31: what the model writes is text; the page asks no other host, or this test fails.
    page.locator(".picture").first.click()
    expect(page.locator("#viewer")).to_contain_text(MARKUP)
    assert page.locator("#viewer img[onerror], #viewer a[href*=evil]").count() == 0
    page.keyboard.press("Escape")
    assert "sk-browser" not in page.content()
    assert "sk-browser" not in (program.data / "logs" / "outgoing.log").read_text()
