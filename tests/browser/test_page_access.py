"""The page for who sees little, hears it read, or has no mouse: audited by axe-core, measured, and listened to."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, Program

pytestmark = pytest.mark.browser
# Rules beyond WCAG that ask for another layout than an application has.
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}
SMALL = """() => [...document.querySelectorAll('button, a[href], input, select, summary, [role=tab], [tabindex="0"]')]
    .filter((each) => each.checkVisibility({visibilityProperty: true, opacityProperty: false}))
    .filter((each) => !each.closest('.visually-hidden, .split, .leaflet-pane, .skip, label'))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && Math.min(box.width, box.height) < 23.9)
    .map(([each, {width, height}]) => `${each.outerHTML.slice(0, 80)} ${width}x${height}`)"""


def answered(page: Page) -> None:
    page.locator("#question").fill("How many people are at each location?")
    page.keyboard.press("Enter")
    page.locator(".followup").first.wait_for(timeout=180_000)
    page.locator(".details summary", has_text="Details").click()


def faults(page: Page) -> list[str]:
    """What axe-core finds. The line between two panes belongs to neither of their landmarks."""
    found = Axe().run(page, options=RULES).response["violations"]
    nodes = [(one["id"], node) for one in found for node in one["nodes"][:5]]
    return [
        f"{rule}: {node['target']} {node['failureSummary'][:300]}"
        for rule, node in nodes
        if not (rule == "region" and "#split-" in node["target"][0])
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_a_screen_reader(program: Program, open_page: OpenPage, scheme: str) -> None:
    page = open_page(program.url, color_scheme=scheme, reduced_motion="reduce")
    page.locator(".starter").first.wait_for()
    assert faults(page) == []
    answered(page)
    assert faults(page) == []
    for tab in ("table", "chart", "pictures"):
        page.locator(f"#tab-{tab}").click()
        assert faults(page) == []
    page.locator(".picture").first.click()
    page.locator("#viewer h2").wait_for()
    assert faults(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    assert faults(page) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_no_target_is_smaller_than_24_pixels(program: Program, open_page: OpenPage, width: int) -> None:
    page = open_page(program.url, width=width, height=844)
    page.locator(".starter").first.wait_for()
    assert page.evaluate(SMALL) == []
    answered(page)
    assert page.evaluate(SMALL) == []


def test_under_a_finger_what_is_pressed_is_larger(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, width=390, height=844, has_touch=True, is_mobile=True)
    page.locator(".starter").first.wait_for()
    answered(page)
    pressed = page.locator(".answer :is(.action, .tally, .chip-words, .opinion button), .followup, .asked button")
    heights = {each.inner_text(): each.bounding_box() for each in pressed.all() if each.is_visible()}
    assert [words for words, box in heights.items() if box is None or box["height"] < 34] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_one_voice_says_how_far_it_is_and_that_the_answer_is_ready(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    page.locator(".starter").first.wait_for()
    page.evaluate("""() => { window.said = [];
        new MutationObserver(() => window.said.push([performance.now(), document.querySelector('#status').textContent]))
        .observe(document.querySelector('#status'), {childList: true, characterData: true, subtree: true}); }""")
    page.evaluate("""() => { window.others = [];
        for (const each of document.querySelectorAll('[role=status]:not(#status)')) new MutationObserver(() =>
            each.textContent && window.others.push(each.outerHTML))
            .observe(each, {childList: true, subtree: true}); }""")
    assert page.locator(".feed").locator("xpath=ancestor-or-self::*[@aria-live]").count() == 0
    page.locator("#question").fill("How many people are at each location?")
    page.keyboard.press("Enter")
    page.locator(".followup").first.wait_for(timeout=180_000)
    assert page.locator(".answer[aria-busy=true]").count() == 0
    expect(page.locator("#status")).to_have_text(re.compile("^Answer ready. "))
    assert page.evaluate("window.others") == []
    said = page.evaluate("window.said")
    progress = [at for at, text in said if not text.startswith("Answer ready")]
    assert all(later - before > 9_900 for before, later in pairwise(progress))


def test_the_first_paint_is_under_a_second(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    page.locator(".starter").first.wait_for()
    page.reload(wait_until="domcontentloaded")
    page.locator(".starter").first.wait_for()
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert paint < 1000
