"""Asking, waiting and reading, as a person does: docs/page.md says which behaviour each of these tests proves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from storage.sheet import read_register
from tests.browser.conftest import OpenPage, Program
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser
# A look of 36 pictures takes seconds, and minutes where many tests share the machine.
PATIENCE_MS = 180_000
PEOPLE = "How many people are at each location?"


def ask(page: Page, text: str) -> None:
    page.locator("#question").fill(text)
    page.keyboard.press("Enter")


def newest(page: Page) -> Locator:
    return page.locator(".card-message:last-child")


def ended(page: Page) -> Locator:
    card = newest(page)
    expect(card.locator(".followup").first).to_be_visible(timeout=PATIENCE_MS)
    expect(card).not_to_have_class(re.compile("is-running"))
    return card


def again(page: Page, words: str) -> None:
    """One of the ways in which the newest question can be put once more."""
    newest(page).locator("summary", has_text="Ask again").click()
    newest(page).get_by_role("button", name=words).click()


def look_afresh(page: Page) -> Locator:
    """A look under way that asks every picture, whatever was seen by earlier tests."""
    ask(page, PEOPLE)
    ended(page)
    again(page, "Look at every picture again")
    running = page.locator(".card-message.is-running")
    running.locator(".steer", has_text="Stop").wait_for()
    return newest(page)


def calls(page: Page) -> int:
    script = """async () => (await (await fetch('/api/v1/sessions/' + location.pathname.split('/')[2])).json())
        .messages.reduce((sum, message) => sum + (message.run?.calls ?? 0), 0)"""
    return int(page.evaluate(script))


def test_starters_can_be_hidden_and_stay_so(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    expect(page.locator(".starter")).to_have_count(4)
    page.get_by_role("button", name="Hide these questions").click()
    expect(page.locator(".starter")).to_have_count(0)
    page.reload(wait_until="domcontentloaded")
    page.get_by_role("button", name="Show questions to begin with").click()
    page.locator(".starter").first.click()
    expect(page.locator(".card-message")).to_have_count(1)


def test_every_session_keeps_its_own_draft(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, PEOPLE)
    ended(page)
    page.locator("#question").fill("half a question")
    page.keyboard.press("Control+a")
    page.locator("#new").click()
    expect(page.locator("#question")).to_have_value("")
    page.locator("#question").fill("another")
    page.go_back()
    expect(page.locator("#question")).to_have_value("half a question")
    page.reload(wait_until="domcontentloaded")
    expect(page.locator("#question")).to_have_value("half a question")
    page.locator("#question").fill("Which locations are dark?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".card-message")).to_have_count(2)
    expect(page.locator("#question")).to_have_value("")


def test_what_is_typed_during_a_run_waits_and_is_sent_once(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    look_afresh(page)
    for text in ("Show me the table", "a mistake", "Which locations are dark"):
        ask(page, text)
    waiting = page.locator("#queue li")
    expect(waiting).to_have_count(3)
    waiting.nth(1).get_by_role("button", name="Delete this question").click()
    waiting.nth(1).get_by_role("button", name="Change this question").click()
    expect(page.locator("#question")).to_have_value("Which locations are dark")
    page.keyboard.type("?")
    page.keyboard.press("Enter")
    page.reload(wait_until="domcontentloaded")
    expect(waiting).to_have_count(2)
    other = page.context.new_page()
    other.goto(page.url, wait_until="domcontentloaded")
    expect(other.locator("#queue li")).to_have_count(2)
    expect(page.locator(".card-message")).to_have_count(4, timeout=PATIENCE_MS)
    ended(page)
    expect(other.locator(".card-message")).to_have_count(4)
    expect(other.locator("#queue")).to_be_hidden()
    assert page.locator(".question").all_inner_texts()[2:] == ["Show me the table", "Which locations are dark?"]


def test_a_chip_that_is_taken_away_asks_without_it(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which locations have more than 1 person?")
    ended(page)
    asked = calls(page)
    newest(page).get_by_role("button", name="Ask without “more than 1”").click()
    expect(page.locator(".card-message")).to_have_count(2)
    card = ended(page)
    expect(card.locator(".notes")).to_contain_text("Asked without “more than 1”.")
    expect(card.locator(".chips")).not_to_contain_text("more than 1")
    assert calls(page) == asked, "what was seen is used again"


def test_an_earlier_question_is_changed_and_stays_within_reach(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, PEOPLE)
    ended(page)
    ask(page, "Show me the table")
    ended(page)
    first = page.locator(".card-message").first
    first.hover()
    first.get_by_role("button", name="Change this question and ask again").click()
    ask(page, "Which locations are dark?")
    card = ended(page)
    expect(page.locator(".card-message")).to_have_count(3)
    expect(first).to_have_class(re.compile("is-earlier"))
    expect(first.locator(".headline")).to_be_visible()
    expect(first.locator(".tallies")).to_be_hidden()
    card.get_by_role("button", name=f"Earlier: “{PEOPLE}”").click()
    expect(first.locator(".tallies")).to_be_visible()
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(".is-earlier")).to_have_count(1)


def test_an_answer_is_asked_again_with_another_model(seeing: Program, open_page: OpenPage) -> None:
    page = open_page(seeing.url)
    ask(page, PEOPLE)
    card = ended(page)
    used = "detector" if "detector" in card.locator(".ledger").inner_text() else "opencv"
    card.locator("summary", has_text="Ask again").click()
    card.locator(".menu-item").last.click()
    expect(page.locator(".card-message")).to_have_count(2)
    expect(ended(page).locator(".ledger")).not_to_contain_text(used)
    expect(newest(page).locator(".earlier-row")).to_contain_text("The answer before")


def test_progress_is_told_within_300_ms_and_in_figures(program: Program, open_page: OpenPage) -> None:
    """Parity S2.25: progress, a log, matches as they come, and whether pictures were looked at."""
    page = open_page(program.url)
    ask(page, PEOPLE)
    ended(page)
    page.evaluate("""() => { window.lines = []; const began = performance.now();
        new MutationObserver(() => { const line = document.querySelector('.card-message:last-child .ledger');
            window.lines.push([performance.now() - window.pressed, line.innerText]); })
        .observe(document.querySelector('.feed'), {subtree: true, childList: true, characterData: true});
        addEventListener('click', () => { window.pressed = performance.now(); }, true); }""")
    again(page, "Look at every picture again")
    newest(page).locator("summary", has_text="Details").click()
    expect(newest(page).locator(".log li").first).to_contain_text(re.compile("match|unsure|unreadable"))
    ended(page)
    lines = page.evaluate("window.lines.map(([ms, text]) => [ms, text])")
    told = [(ms, text) for ms, text in lines if "Reading the question" in text or "pictures" in text]
    assert told[0][0] < 300
    figures = [text for _, text in lines if re.search(r"\d+ of (at least )?\d+ pictures · \d+ match(es)?", text)]
    assert figures
    assert any("left" in text for text in figures)
    expect(newest(page).locator(".badge-look")).to_have_text("Full look")
    ask(page, "Show me the table")
    expect(ended(page).locator(".badge-look")).to_have_text("From before")


def test_stop_stands_where_send_stood_and_the_run_goes_on_or_anew(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    send = page.locator("#send").bounding_box()
    look_afresh(page)
    card = page.locator(".card-message").nth(1)
    stop = page.locator("#ask").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    assert stop.bounding_box() == send
    page.keyboard.press("Escape")
    expect(card.locator(".ledger")).to_contain_text("stopped after")
    expect(card.get_by_role("button", name="Continue")).to_be_visible()
    card.locator(".steer", has_text="Ask again").click()
    expect(page.locator(".card-message")).to_have_count(3)
    expect(card).to_have_class(re.compile("is-earlier"))
    ended(page)


def test_a_cut_line_loses_nothing(program: Program, open_page: OpenPage) -> None:
    with Wire(program.port) as wire:
        page = open_page(wire.url, forgive="Failed to load resource")
        card = look_afresh(page)
        wire.cut()
        expect(page.locator("#lost")).to_contain_text("The connection is lost")
        expect(card.locator(".steer", has_text="Stop")).to_be_disabled()
        before = int(card.locator("[data-outcome=match] b").first.inner_text())
        wire.mend()
        page.get_by_role("button", name="Try now").click()
        expect(page.locator("#line")).to_have_text("live", timeout=30_000)
        ended(page)
        counts = [int(text) for text in card.locator(".answer .tallies b").all_inner_texts()]
        assert counts[0] >= before
        assert str(sum(counts)) == re.search(r"(\d+) pictures", card.locator(".ledger").inner_text())[1]  # type: ignore[index]
        page.locator(".filters [data-outcome='']").click()
        expect(page.locator(".picture")).to_have_count(sum(counts))


def test_a_question_whose_reply_is_lost_stands_there_once(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, forgive="Failed to load resource")
    ask(page, PEOPLE)
    ended(page)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/v1/questions", lose)
    ask(page, "Which pictures show people?")
    expect(page.locator(".card-message")).to_have_count(2)
    expect(ended(page)).not_to_contain_text("does not answer")
    expect(page.locator(".card-message")).to_have_count(2)


def test_the_view_holds_where_somebody_reads(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, height=620)
    look_afresh(page)
    scroller = page.locator(".scroller")
    scroller.evaluate("(node) => { node.scrollTop = 0; }")
    newer = page.get_by_role("button", name="Newest", exact=True)
    expect(newer).to_be_visible()
    ended(page)
    assert scroller.evaluate("(node) => node.scrollTop") == 0
    newer.click()
    expect(newer).to_be_hidden()
    assert scroller.evaluate("(node) => node.scrollHeight - node.scrollTop - node.clientHeight") < 48


def test_a_threshold_hides_and_says_how_many(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which pictures show people?")
    ended(page)
    slider = page.get_by_label("Sure at least")
    slider.wait_for()
    total = page.locator(".picture").count()
    slider.evaluate("""(node) => { node.value = (Number(node.min) + Number(node.max)) / 2;
        node.dispatchEvent(new Event('input')); }""")
    told = page.locator(".hidden-count")
    expect(told).to_contain_text(re.compile(r"\d+ more below \d\.\d\d"))
    hidden = int(told.inner_text().split()[0])
    expect(page.locator(".picture")).to_have_count(total - hidden)
    assert "least=" in page.url
    page.reload(wait_until="domcontentloaded")
    expect(page.locator(".picture")).to_have_count(total - hidden)
    page.locator("#threshold").get_by_role("button", name="Show all").click()
    expect(page.locator(".picture")).to_have_count(total)
    assert "least=" not in page.url


def test_a_page_of_pictures_that_comes_late_takes_back_nothing(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:
        if late:
            route.continue_()
        else:
            late.append((route, route.fetch()))

    ask(page, "Which pictures show people?")
    ended(page)
    page.route(re.compile(r"/pictures\?"), hold)
    again(page, "Look at every picture again")
    expect(page.locator(".card-message")).to_have_count(2)
    ended(page)
    (route, reply), *_ = late
    known = page.request.get(reply.url).json()
    assert known["total"] > reply.json()["total"], "what is held back must know less than what came since"
    with page.expect_event("requestfinished"):
        route.fulfill(response=reply)
    page.evaluate("() => fetch('/health').then((reply) => reply.json())")  # by now the page has read what came late
    slider = page.get_by_label("Sure at least")
    slider.wait_for()
    assert float(str(slider.get_attribute("max"))) >= known["scores"][1]
    expect(page.locator(".picture")).to_have_count(known["total"])


def test_no_match_says_what_was_searched_and_offers_to_widen(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which locations have more than 900 people?")
    card = ended(page)
    expect(card.locator(".findings")).to_contain_text(re.compile(r"Searched: \d+ pictures · all places"))
    card.get_by_role("button", name="Ask without more than 900").click()
    expect(page.locator(".card-message")).to_have_count(2)
    expect(ended(page).locator(".headline")).not_to_contain_text("more than 900")
    expect(newest(page).locator(".findings")).not_to_contain_text("Searched")


def test_questions_in_quick_succession_are_all_answered(program: Program, open_page: OpenPage) -> None:
    """What follows from what is stored is answered at once, and the next one must not wait for more news of it."""
    page = open_page(program.url)
    ask(page, PEOPLE)
    ended(page)
    for _ in range(4):
        ask(page, "And the total?")
        ask(page, "Top 3 locations")
    expect(page.locator(".card-message")).to_have_count(9)
    expect(page.locator("#queue")).to_be_hidden()


def test_a_question_that_is_too_long_is_told_so_and_not_cut(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, forgive="400")
    ask(page, "people " * 500)
    expect(newest(page).locator(".fault")).to_contain_text("longer than 2,000 characters")
    newest(page).get_by_role("button", name="Change this question").click()
    assert len(page.locator("#question").input_value()) > 3000


@pytest.fixture
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Nobody has put a picture or a sheet there yet, only a video."""
    folder = tmp_path_factory.mktemp("bare")
    (folder / "gate.mp4").write_bytes(b"no picture")
    served = Program(tmp_path_factory.mktemp("bare-data"), {"IMAGES_DIR": str(folder), "MODEL": "opencv"})
    served.start()
    yield served
    served.stop()


def test_without_pictures_or_cameras_there_is_a_sentence_and_a_way_on(bare: Program, open_page: OpenPage) -> None:
    page = open_page(bare.url)
    expect(page.locator(".intro")).to_contain_text("no pictures")
    expect(page.locator(".own pre:not(.own-line)")).to_be_visible()
    expect(page.locator(".camera-list .nothing")).to_contain_text("No cameras yet")
    expect(page.locator(".left-out")).to_contain_text("1 file or folder left out")
    page.locator(".left-out summary").click()
    expect(page.locator(".left-out li")).to_contain_text("gate.mp4")
    expect(page.locator(".intro")).to_contain_text("cut them into pictures")
    expect(page.locator(".starter")).to_have_count(0)  # of no pictures nothing can be asked


@pytest.fixture
def loose(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Three pictures of nobody knows which camera, and no sheet: what somebody tries first."""
    folder = tmp_path_factory.mktemp("loose")
    good = [path for path in sorted((city / "pictures").rglob("*.jpg")) if path.stat().st_size > 5000]
    for number, path in enumerate(good[:3]):
        (folder / f"frame_{number}.jpg").write_bytes(path.read_bytes())
    served = Program(tmp_path_factory.mktemp("loose-data"), {"IMAGES_DIR": str(folder), "MODEL": "opencv"})
    served.start()
    yield served
    served.stop()


def test_pictures_of_no_known_camera_are_called_by_their_files(loose: Program, open_page: OpenPage) -> None:
    page = open_page(loose.url)
    expect(page.locator(".undated")).to_contain_text("3 pictures tell no time")
    expect(page.locator(".empty h2")).to_have_text("Ask about your pictures")
    # Without a sheet there is nothing for the map to show: the pictures stand first.
    expect(page.locator("#tab-pictures")).to_have_attribute("aria-selected", "true")
    ask(page, "How many people are there?")
    expect(page.locator(".tile:visible")).to_have_count(3)
    expect(ended(page).get_by_role("button", name="Show on map")).to_be_hidden()
    expect(ended(page).locator(".headline")).to_contain_text("in 3 pictures")
    expect(page.locator(".nowhere summary")).to_have_text("3 pictures with no location")
    told = """async () => (await import('/static/words.js')).age(new Date(Date.now() - 14.1 * 365.25 * 864e5))"""
    assert page.evaluate(told) == "14 years ago"
    page.locator("#tab-table").click()
    expect(page.locator("#table tbody tr")).to_have_count(3)
    assert sorted(page.locator("#table tbody tr td:nth-child(3)").all_inner_texts()) == [
        "frame_0.jpg", "frame_1.jpg", "frame_2.jpg"
    ]  # fmt: skip


def test_how_an_answer_came_about_is_told_when_asked(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, PEOPLE)
    card = ended(page)
    details = card.locator(".details")
    assert details.evaluate("(node) => node.open") is False
    details.locator("summary").click()
    terms = details.locator("dt").all_inner_texts()
    assert {"Model", "Time", "Pictures", "Calls made", "Cost"} <= set(terms)


def test_an_answer_is_copied_as_text_and_rated_for_all_tabs(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, permissions=["clipboard-read", "clipboard-write"])
    ask(page, PEOPLE)
    card = ended(page)
    headline = card.locator(".headline").inner_text()
    card.get_by_role("button", name="Copy the answer as text").click()
    expect(card.locator(".copied")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(PEOPLE)
    assert headline in text
    assert page.url in text
    other = page.context.new_page()
    other.goto(page.url, wait_until="domcontentloaded")
    card.get_by_role("button", name="A good answer").click()
    expect(other.get_by_role("button", name="A good answer")).to_have_attribute("aria-pressed", "true")
    other.get_by_role("button", name="A good answer").click()
    expect(card.get_by_role("button", name="A good answer")).to_have_attribute("aria-pressed", "false")


def test_the_address_is_the_state(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, "Which pictures show people?")
    ended(page)
    page.locator(".filters [data-outcome=unreadable]").click()
    expect(page).to_have_url(re.compile(r"outcome=unreadable$"))
    page.locator("#tab-pictures").click()
    expect(page).to_have_url(re.compile(r"view=pictures&outcome=unreadable"))
    page.locator(".picture").nth(1).click()
    viewer = page.locator("#viewer .viewer-count")
    expect(viewer).to_have_text(re.compile("^2 of"))
    count = viewer.inner_text().split()[-1]
    page.keyboard.press("ArrowLeft")
    link = page.url
    assert "picture=" in link
    page.go_back()
    expect(page.locator("#viewer")).to_be_hidden()
    page.go_forward()
    expect(page.locator("#viewer .viewer-count")).to_have_text(re.compile("^1 of"))
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("picture="))
    page.go_back()
    expect(page.locator("#tab-map")).to_have_attribute("aria-selected", "true")
    page.go_back()
    expect(page.locator(".filters [data-outcome=match]")).to_have_attribute("aria-pressed", "true")
    other = page.context.new_page()
    other.goto(link, wait_until="domcontentloaded")
    expect(other.locator("#viewer .viewer-count")).to_have_text(f"1 of {count}")
    expect(other.locator("#tab-pictures")).to_have_attribute("aria-selected", "true")


def test_the_look_in_four_figures(program: Program, open_page: OpenPage) -> None:
    """Parity S2.26: pictures, matches, places and match rate; the gallery's thumbnails come as they are needed."""
    page = open_page(program.url)
    ask(page, PEOPLE)
    card = ended(page)
    match, unsure, unreadable, none = (int(text) for text in card.locator(".answer .tallies b").all_inner_texts())
    tiles = page.locator("#tiles .tile")
    readable = match + unsure + none
    expect(tiles.nth(0)).to_contain_text(f"{readable + unreadable}")
    expect(tiles.nth(0)).to_contain_text(f"{readable} readable")
    expect(tiles.nth(1).locator(".tile-value")).to_have_text(str(match))
    expect(tiles.nth(2)).to_contain_text(re.compile(r"of \d+ match"))
    rate = float(tiles.nth(3).locator(".tile-value").inner_text().removesuffix(" %"))
    assert rate == pytest.approx(100 * match / readable, abs=0.06)
    tiles.nth(1).click()
    expect(page.locator("#tab-pictures")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".picture")).to_have_count(match)
    assert page.locator(".picture img").first.get_attribute("loading") == "lazy"
    tiles.nth(2).click()
    expect(page.locator("#table")).to_be_visible()


def test_the_system_sheet_tells_how_machine_and_program_stand(program: Program, open_page: OpenPage) -> None:
    """Parity S1.20 and S2.1: load, memory, disk and boot time; pictures and workers."""
    page = open_page(program.url, forgive="Failed to load resource")
    page.locator("#new").focus()
    page.keyboard.press("s")
    sheet = page.locator("#system-sheet")
    for words in (
        r"\d+ % of \d",
        r"Memory",
        r"free of",
        r"Up since",
        r"Pictures\s*36",
        r"Workers\s*1 at most",
        "no question",
    ):
        expect(sheet).to_contain_text(re.compile(words))
    assert sheet.locator("meter").count() == 3
    page.keyboard.press("s")
    expect(sheet).to_be_hidden()
    page.route("**/api/v1/system", lambda route: route.fulfill(status=503, body="{}"))
    page.get_by_role("button", name="System").click()
    expect(sheet.get_by_role("alert")).to_contain_text("can’t be read")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_colours_and_starters_are_set_in_the_sheet(program: Program, open_page: OpenPage) -> None:
    """Parity S2.24: conversation and results side by side, Ctrl+Enter, help and settings."""
    page = open_page(program.url, color_scheme="light")
    page.locator(".starter").first.wait_for()
    assert page.locator("#conversation").is_visible()
    assert page.locator("#results").is_visible()
    page.keyboard.press("?")
    sheet = page.locator("#keys")
    expect(sheet).to_contain_text("Ctrl+Enter")
    sheet.get_by_label("Dark").check()
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "dark"
    sheet.get_by_label("Questions to begin with").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator(".starter")).to_have_count(0)
    page.keyboard.press("?")
    sheet.get_by_role("button", name="Forget").click()
    page.keyboard.press("Escape")
    expect(page.locator(".starter")).to_have_count(4)
    assert page.evaluate("document.documentElement.getAttribute('data-bs-theme')") == "light"


def test_the_statement_behind_the_figures_can_be_read_under_details(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    ask(page, PEOPLE)
    card = ended(page)
    card.locator(".details summary").click()
    card.get_by_role("button", name="How the figures are worked out").click()
    expect(card.locator(".workings pre")).to_contain_text("FROM observations FINAL WHERE run_id = {run_id:String}")
    expect(card.locator(".workings dt").first).to_have_text("run_id")


def test_a_name_of_two_places_is_asked_back_and_a_button_asks_for_the_one_that_is_meant(
    city: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    lines = ["CAMERA IP,NEW DISTRICT,Location Name,LATITUDE,LONGITUDE"]
    for number, entry in enumerate(read_register(city / "cameras.xlsx").cameras):
        place = "Clock Square" if number < 3 else entry.location
        lines.append(f"{entry.camera},{entry.district},{place},{entry.latitude or ''},{entry.longitude or ''}")
    sheet = tmp_path / "two_squares.csv"
    sheet.write_text("\n".join(lines), encoding="utf-8")
    settings = {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(sheet), "MODEL": "opencv"}
    served = Program(tmp_path / "data", settings)
    served.start()
    try:
        page = open_page(served.url)
        ask(page, "How many people are at Clock Square?")
        expect(newest(page).locator(".fault")).to_contain_text("several places called “Clock Square”")
        buttons = newest(page).locator(".followup")
        expect(buttons).to_have_count(4)
        meant = buttons.first.inner_text()
        buttons.first.focus()
        page.keyboard.press("Enter")
        expect(newest(page).locator(".chip-where")).to_contain_text(meant.split(", ")[1])
        expect(newest(page).locator(".headline")).to_contain_text("people at", timeout=PATIENCE_MS)
        page.close()  # before the server goes, whose lack it would note
    finally:
        served.stop()
