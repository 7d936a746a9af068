"""How the page behaves: errors, keys, drafts, colours, a narrow screen, a lost line, hostile names."""

from __future__ import annotations

import fcntl
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenPage, Program

pytestmark = pytest.mark.browser
HOSTILE = '<img src=x onerror="document.title=1">\u202e"</script>'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A small site whose every name is an attack."""
    folder = tmp_path_factory.mktemp("hostile")
    pictures = folder / "<b>pictures<b>"
    for camera in ("10.0.0.1", "<script>alert(1)<script>"):
        (pictures / camera).mkdir(parents=True)
        for number in range(3):
            Image.new("RGB", (320, 240), (9 * number, 5, 5)).save(pictures / camera / f"<i>{number}.jpg")
    sheet = folder / "cameras.csv"
    quoted = HOSTILE.replace('"', '""')
    sheet.write_text(
        "CAMERA IP,NEW DISTRICT,MANDAL,Location Name,LATITUDE,LONGITUDE\n"
        f'10.0.0.1,"{quoted}","{quoted}","{quoted}",16.3,80.4\n10.0.0.2,A,B,"{"x" * 5000}",16.4,"{quoted}"\n',
        encoding="utf-8",
    )
    settings = {"IMAGES_DIR": str(pictures), "EXCEL_FILE": str(sheet), "MODEL": "opencv", "SITE_NAME": "<b>Site</b>"}
    served = Program(tmp_path_factory.mktemp("hostile-data"), settings)
    served.start()
    yield served
    served.stop()


def test_names_from_outside_are_shown_as_text(hostile: Program, open_page: OpenPage) -> None:
    page = open_page(hostile.url)
    for question in ("Which pictures are dark?", f"How many people are there? {HOSTILE}"):
        page.locator("#question").fill(question)
        page.keyboard.press("Enter")
    expect(page.locator(".card-message:not(.is-running)")).to_have_count(2)
    expect(page.locator(".session-row")).to_have_count(1)
    page.locator(".ledger").first.click()
    page.locator(".picture").first.wait_for()
    expect(page.locator(".camera-place", has_text="<img src=x").first).to_be_visible()
    page.locator(".problems summary").click()
    expect(page.locator(".problems")).to_contain_text("<img src=x")
    for tab in ("table", "chart", "map"):
        page.locator(f"#tab-{tab}").click()
    page.locator(".picture").first.click()
    expect(page.locator("#viewer dl")).to_contain_text("<i>")
    page.keyboard.press("Escape")
    page.locator(".session-title").first.wait_for()
    assert page.title() == "Sightline"
    assert (
        page.evaluate("document.querySelectorAll('img[src=x], b > b, i:not(.bi), script:not([src],[type])').length")
        == 0
    )


def test_a_lost_line_is_said_quietly_and_comes_back(hostile: Program, open_page: OpenPage) -> None:
    page = open_page(hostile.url, forgive="Failed to load resource")
    expect(page.locator("#line")).to_have_text("live")
    hostile.stop(signal.SIGKILL)
    expect(page.locator("#lost")).to_contain_text("The connection is lost")
    expect(page.locator("#lost")).to_contain_text(re.compile("trying again (in \\d+ s|now)"))
    page.locator("#question").fill("Which pictures are dark?")
    page.keyboard.press("Enter")
    for needs_the_server in ("#send", ".starter >> nth=0", ".camera-sheet"):
        expect(page.locator(needs_the_server)).to_be_disabled()
    page.locator("#tab-chart").click()  # its script never came
    expect(page.locator("#chart")).to_contain_text("The server does not answer")
    page.locator("#tab-map").click()
    expect(page.locator("#question")).to_have_value("Which pictures are dark?")
    hostile.start()
    expect(page.locator("#line")).to_have_text("live", timeout=30_000)
    expect(page.locator("#lost")).to_be_hidden()
    page.locator("#question").press("Enter")
    page.locator(".followup").first.wait_for(timeout=30_000)
    expect(page.locator(".card-message")).to_have_count(1)
    page.locator("#tab-chart").click()
    expect(page.locator("#chart h3")).to_be_visible()
    expect(page.locator("#chart")).not_to_contain_text("does not answer")


def test_a_map_whose_script_did_not_arrive_says_so_and_comes_by_hand_or_with_the_line(
    hostile: Program, open_page: OpenPage
) -> None:
    for comes in ("by hand", "with the line"):
        page = open_page(
            hostile.url,
            forgive="Failed to load resource",
            prepare=lambda page: page.route("**/static/map/leaflet.js", lambda route: route.abort()),
        )
        expect(page.locator("#line")).to_have_text("live")
        expect(page.locator(".map-fault")).to_contain_text("The map did not arrive. It comes when the server answers")
        page.unroute("**/static/map/leaflet.js")
        if comes == "by hand":
            page.locator(".map-fault [data-part=again]").click()
        else:
            hostile.stop(signal.SIGKILL)
            expect(page.locator("#lost")).to_be_visible()
            hostile.start()
        page.locator(".map-canvas.leaflet-container").wait_for()
        expect(page.locator(".map-fault")).to_be_hidden()


def test_a_question_that_did_not_reach_the_server_is_tried_again_from_its_card(
    hostile: Program, open_page: OpenPage
) -> None:
    page = open_page(hostile.url, forgive="Failed to load resource")
    page.route("**/api/v1/questions", lambda route: route.abort(), times=1)
    page.locator("#question").fill("Which pictures are dark?")
    page.keyboard.press("Enter")
    expect(page.locator(".card-message .fault")).to_contain_text("The server does not answer")
    page.locator(".card-message .fault button:visible").click()
    page.locator(".followup").first.wait_for(timeout=30_000)
    expect(page.locator(".card-message")).to_have_count(1)


def test_a_question_that_can_not_be_understood_says_so_on_its_card(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, forgive="Failed to load resource")
    page.locator("#question").fill("???")
    page.keyboard.press("Enter")
    fault = page.locator(".card-message .fault")
    expect(fault).to_be_visible()
    assert len(fault.inner_text().split(".")) > 1
    expect(page.locator("#question")).to_be_enabled()


def test_the_keyboard_reaches_everything(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    page.locator(".starter").first.wait_for()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#forget").focus()
    expect(page.locator("#forget")).to_have_css("outline-style", "solid")  # Bootstrap's own ring is hardly seen
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("Which locations")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("are dark?")
    assert page.locator("#question").input_value() == "Which locations\nare dark?"
    page.reload(wait_until="domcontentloaded")
    assert page.locator("#question").input_value() == "Which locations\nare dark?", "the draft survives a reload"
    page.locator("#question").press("Enter")
    page.locator(".followup").first.wait_for(timeout=180_000)
    page.locator("#question").press("ArrowUp")
    assert "are dark?" in page.locator("#question").input_value()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".picture").nth(1)).to_be_focused()
    page.keyboard.press("t")
    expect(page.locator("#tab-table")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("m")
    expect(page.locator("#map")).to_be_visible()


def test_escape_stops_a_run_and_keeps_what_it_found(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    page.locator("#question").fill("How many people are in each picture, all in all?")
    page.keyboard.press("Enter")
    page.locator(".picture").first.wait_for()
    if page.locator(".steer:visible", has_text="Stop").count():
        page.keyboard.press("Escape")
        expect(page.locator(".ledger")).to_contain_text(re.compile("stopped after|opencv · \\d+ pictures"))
    assert page.locator(".picture").count() > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system_before_the_first_paint(program: Program, open_page: OpenPage, scheme: str) -> None:
    page = open_page(program.url, color_scheme=scheme)
    theme = "document.documentElement.getAttribute('data-bs-theme')"
    assert page.evaluate(theme) == scheme
    page.locator("#theme").click()
    page.locator("#theme").click()
    assert page.evaluate(theme) == "dark"
    page.reload(wait_until="commit")
    page.locator("body").wait_for()
    assert page.evaluate(theme) == "dark", "the choice is remembered"


def test_a_telephone_shows_one_column_with_a_bar_at_the_bottom(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url, width=390, height=844, is_mobile=True, has_touch=True)
    page.locator(".starter").first.click()
    page.locator(".card-message .tallies").wait_for()
    for screen, root in (("results", "#results"), ("cameras", "#cameras"), ("ask", "#question")):
        page.locator(f".bottom [data-screen={screen}]").click()
        expect(page.locator(root)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = """() => [...document.querySelectorAll('button')]
        .filter((each) => each.checkVisibility({visibilityProperty: true})).map((each) => each.getBoundingClientRect())
        .filter((box) => box.width && Math.min(box.width, box.height) < 24).length"""
    assert page.evaluate(small) == 0, "every target is at least 24 pixels"


def test_a_low_window_keeps_a_map_and_pictures_that_can_be_used(program: Program, open_page: OpenPage) -> None:
    """A browser at 200 % on a small screen."""
    page = open_page(program.url, width=720, height=450)
    page.locator("#question").fill("How many people are at each location?")
    page.keyboard.press("Enter")
    page.locator(".picture").first.wait_for(timeout=180_000)
    stage, tools = page.locator("#map").bounding_box(), page.locator(".map-tools").bounding_box()
    assert stage is not None
    assert tools is not None
    assert tools["y"] + tools["height"] <= stage["y"] + stage["height"], "the map's buttons lie on the map"
    page.locator(".picture").first.scroll_into_view_if_needed()
    expect(page.locator(".picture").first).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_wrong_address_looks_like_the_rest(program: Program, open_page: OpenPage, scheme: str) -> None:
    page = open_page(program.url, forgive="404", color_scheme=scheme)
    page.goto(f"{program.url}/nothing", wait_until="domcontentloaded")
    expect(page.locator("h1")).to_have_text("There is nothing at this address.")
    assert page.locator("html").get_attribute("data-bs-theme") == scheme
    page.get_by_role("link", name="To the start page").click()
    expect(page.locator("#question")).to_be_visible()


def test_the_rows_of_the_sheet_that_need_a_look_are_listed(program: Program, open_page: OpenPage) -> None:
    page = open_page(program.url)
    summary = page.locator(".problems summary")
    expect(summary).to_contain_text(re.compile("rows? needs? a look"))
    summary.click()
    expect(page.locator(".problems li").first).to_contain_text(re.compile(r"Row \d+ · LONGITUDE"))


def test_an_unknown_session_is_a_sentence_with_a_way_out(program: Program, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"{program.url}/s/01j00000000000000000000000", forgive="Failed to load resource")
    page.locator(".starter", has_text="Start a new session").click()
    expect(page.locator(".starter")).to_have_count(4)


def test_an_engine_being_built_is_said_below_the_question(city: Path, tmp_path: Path, open_page: OpenPage) -> None:
    """Held as the installer holds it: by its lock."""
    with (tmp_path / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        served = Program(tmp_path, {"IMAGES_DIR": str(city / "pictures"), "MODEL": "opencv"})
        served.start()
        page = open_page(served.url)
        expect(page.locator("#building")).to_contain_text("SmolVLM's engine is being built")
        page.close()
        served.stop()


def test_what_is_wrong_at_the_server_is_one_quiet_line(hostile: Program, open_page: OpenPage) -> None:
    def full(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json=told | {"warnings": ["The disk with the data is nearly full: 1.1 GB are left."]})

    page = open_page(hostile.url, prepare=lambda page: page.route("**/api/v1/state", full))
    line = page.locator("#warned")
    expect(line).to_have_text("The disk with the data is nearly full: 1.1 GB are left.")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "it makes room for itself"
    line.get_by_role("button", name="Put this away").click()
    expect(line).to_be_hidden()
    assert open_page(hostile.url).locator("#warned").is_hidden()
