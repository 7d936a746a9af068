"""A fleet of addresses in a real browser: asked by URL of a cloud model, shown from where it lies, and never copied."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from bench.openai_server import OpenAiServer
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_exports import saved
from tests.browser.test_page_story import ask, ended, number
from tests.storage.web_peer import Peer, gives, web_peer

pytestmark = pytest.mark.browser

PICTURES = 50
KEY = "sk-never-to-be-seen-1234567890"
SIGNATURE = "s3cr3tsignature"


@dataclass
class Fleet:
    """The program over a sheet, where the pictures lie, and the model that fetches them itself."""

    program: Program
    peer: Peer
    model: OpenAiServer


@pytest.fixture
def fleet(city: Path, tmp_path: Path) -> Iterator[Fleet]:
    drawn = next(path for path in sorted((city / "pictures").rglob("*.jpg")) if path.stat().st_size > 5000).read_bytes()
    sheet = tmp_path / "fleet.csv"
    with web_peer({f"/{n}.jpg": gives(drawn) for n in range(PICTURES)}) as peer, OpenAiServer() as model:
        rows = [
            f"cam{n},Place {n},{17 + n / 100},{78 + n / 100},{peer.origin}/{n}.jpg?X-Goog-Signature={SIGNATURE}{n}"
            for n in range(PICTURES)
        ]
        sheet.write_text("\n".join(["Camera,Location,Latitude,Longitude,Image URL", *rows]), encoding="utf-8")
        told = {"PICTURES_FROM": f"sheet://{sheet}", "MODEL": "openai", "OPENAI_BASE_URL": model.url}
        told |= {"OPENAI_API_KEY": KEY, "CONFIRM_ABOVE_USD": "1000", "SITE_NAME": "Velmarra"}
        program = Program(tmp_path / "data", told)
        program.start()
        yield Fleet(program, peer, model)
        program.stop()


def loaded(page: Page) -> int:
    """Pictures on the page that the browser has really got."""
    script = "() => [...document.querySelectorAll('.picture img')].filter((one) => one.naturalWidth > 100).length"
    return int(page.evaluate(script))


def test_a_sheet_of_addresses_from_the_question_to_the_export(
    fleet: Fleet, open_page: OpenPage, tmp_path: Path
) -> None:
    """Parity S2.19; negative test 41."""
    page = open_page(fleet.program.url, foreign=(fleet.peer.origin,), accept_downloads=True)
    ask(page, "How many people are at each location?")
    ended(page)
    assert number(page, "match") == PICTURES
    assert len(fleet.model.fetched) == PICTURES

    page.wait_for_function("() => [...document.querySelectorAll('.picture img')].some((one) => one.naturalWidth > 100)")
    assert loaded(page) > 0
    referers = [headers.get("Referer") for _, headers in fleet.peer.asked]
    assert referers == [None] * len(referers)
    expect(page.locator(".pin, .leaflet-marker-icon, canvas").first).to_be_visible()

    seen = [page.content(), page.url]
    menu = page.locator(".card-message:last-child [data-part=export]")
    menu.locator("summary").click()
    menu.locator("[data-form=json]").wait_for()
    menu.locator("summary").click()
    forms = [form for form in ("xlsx", "csv", "html", "json") if menu.locator(f"[data-form={form}]").count()]
    seen += [saved(page, form, tmp_path).read_bytes().decode("latin-1") for form in forms]
    assert len(seen) > 3
    logs = [path.read_text("utf-8") for path in (fleet.program.data / "logs").rglob("*") if path.is_file()]
    for text in (*seen, *logs):
        assert not re.search(f"{SIGNATURE}|{KEY}", text)
    held = [path for path in fleet.program.data.rglob("*") if path.is_file() and b"\xff\xd8\xff" in path.read_bytes()]
    assert held == []


def test_the_number_of_pictures_grows_on_the_page_while_it_is_counted(program: Program, open_page: OpenPage) -> None:
    """A bucket of millions takes a while; what is told of it is told by a stand-in."""
    steps = iter([(None, True), (64, True), (120_000, True), (1_000_000, False)])

    def tell(route: Route) -> None:
        state = route.fetch().json()
        state["source"]["pictures"], state["source"]["counting"] = next(steps, (1_000_000, False))
        route.fulfill(json=state)

    page = open_page(program.url, prepare=lambda page: page.route("**/api/v1/state", tell))
    intro = page.locator(".empty-intro, [data-part=intro]").first
    expect(intro).to_contain_text("64 pictures so far in “")
    expect(intro).to_contain_text("120,000 pictures so far in “")
    expect(intro).to_contain_text("1,000,000 pictures in “")
    assert next(steps, None) is None


def test_ones_own_pictures_are_looked_at_and_the_line_that_takes_them_is_said(
    program: Program, open_page: OpenPage, city: Path, tmp_path: Path
) -> None:
    page = open_page(program.url, forgive="Failed to load resource")
    page.get_by_text("Use your own pictures").click()
    fold = page.locator(".own")
    expect(fold.get_by_role("button", name="Look")).to_be_enabled()  # not before its script is there
    fold.get_by_label("Where your pictures are").select_option("bucket")
    expect(fold.get_by_label("Its path or address")).to_have_attribute("placeholder", "gs://bucket/prefix")
    fold.get_by_label("Where your pictures are").select_option("folder")
    where = fold.get_by_label("Its path or address")
    where.fill(str(tmp_path / "none"))
    where.press("Enter")
    expect(fold.get_by_role("alert")).to_contain_text("There is no folder")
    where.fill(str(city / "pictures"))
    fold.get_by_role("button", name="Look").click()
    expect(fold.get_by_role("status")).to_contain_text(re.compile(r"36 pictures .*such as .*\.env"))
    expect(fold.locator(".own-line")).to_have_text(f"PICTURES_FROM={city / 'pictures'}")
    expect(fold.get_by_role("alert")).to_be_hidden()
    (tmp_path / "IMG_0001.HEIC").write_bytes(b"from a telephone")
    where.fill(str(tmp_path))
    where.press("Enter")
    expect(fold.get_by_role("status")).to_contain_text("no pictures that can be read. This kind of picture is not read")
    expect(fold.locator(".own-line")).to_be_hidden()
