"""Several people at one Sightline: signing in without scripts, what a viewer sees, what is shared, signing out in every
tab. Each has a browser of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from core.clock import SystemClock
from core.ids import Ids
from core.people import Role
from storage.passwords import Passwords
from storage.people import PeopleStore
from storage.state import open_state
from tests.browser.conftest import OpenPage, Program
from tests.browser.test_page_access import RULES

pytestmark = pytest.mark.browser
PASSWORD = "seven green doors"


@pytest.fixture(scope="module")
def inhabited(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with Asha and Ben, who ask, and Eve, who looks."""
    data = tmp_path_factory.mktemp("inhabited")
    engine = open_state(f"sqlite:///{data / 'state.db'}")
    people = PeopleStore(engine, Passwords(), SystemClock(), Ids(SystemClock()))
    for name, role in (("Asha", Role.OPERATOR), ("Ben", Role.OPERATOR), ("Eve", Role.VIEWER)):
        people.add(name, role, PASSWORD)
    engine.dispose()
    settings = {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(city / "cameras.xlsx"), "MODEL": "opencv"}
    served = Program(data, settings)
    served.start()
    yield served
    served.stop()


def sign_in(page: Page, name: str) -> Page:
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


def test_people_see_their_own_share_it_and_sign_out(inhabited: Program, open_page: OpenPage) -> None:
    """Threat rows 45 and 58, as a person meets them."""
    refused = "status of 401"  # the page of somebody who has signed out asks once more, and is sent to the form
    asha = sign_in(open_page(inhabited.url, forgive=refused), "Asha")
    asha.locator(".starter").first.click()
    expect(asha.locator(".session-row")).to_have_count(1)
    expect(asha).to_have_url(re.compile(r"/s/\w{26}/\w{26}"))
    link = asha.url

    ben = sign_in(open_page(inhabited.url, forgive=refused), "Ben")
    expect(ben.locator(".starter").first).to_be_visible()
    expect(ben.locator(".session-row")).to_have_count(0)
    eve = sign_in(open_page(inhabited.url, forgive="status of 40"), "Eve")
    expect(eve.get_by_text("You may look here, and not ask: your role is viewer.")).to_be_visible()
    expect(eve.get_by_text("Nothing is shared with you yet.")).to_be_visible()
    for change in ("#question", "#new", ".starter", ".camera-sheet"):
        expect(eve.locator(change).first).to_be_hidden()

    asha.locator(".session-row").hover()
    asha.get_by_role("button", name="Share").click()
    for other in (ben, eve):  # told at once, without a reload
        expect(other.locator(".session-row")).to_contain_text("shared with you")
        other.locator(".session-link").click()
        expect(other.locator(".card-message .question")).to_be_visible()
        expect(other.locator("#question")).to_be_hidden()
        expect(other.locator(".steer:visible, [data-part=good]:visible")).to_have_count(0)
    expect(ben.get_by_text("To ask, begin a new one.")).to_be_visible()
    ben.locator("#new").click()
    expect(ben.locator("#question")).to_be_visible()

    asha.get_by_role("button", name="Share").click()
    for other in (ben, eve):
        expect(other.locator(".session-row")).to_have_count(0)
    eve.goto(link)
    expect(eve.get_by_text("no such session")).to_be_visible()

    tab = asha.context.new_page()
    tab.goto(inhabited.url)
    tab.get_by_role("button", name="Account").click()
    expect(tab.locator("#account")).to_contain_text("Asha operator")
    tab.get_by_role("button", name="Sign out", exact=True).click()
    expect(tab).to_have_url(re.compile("/login"))
    expect(asha).to_have_url(re.compile("/login"), timeout=15_000)
    sign_in(asha, "Asha")
    expect(asha).to_have_url(link)


def test_signing_in_and_another_password_need_no_scripts(inhabited: Program, open_page: OpenPage) -> None:
    page = open_page(inhabited.url, java_script_enabled=False, forgive="status of 4")
    page.goto(inhabited.url + "/account")
    page.get_by_label("Name").fill("Ben")
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(re.compile("don't belong together"))
    expect(page.get_by_label("Name")).to_have_value("Ben")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ben")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("eight blue windows")
    page.get_by_label("New password again").fill("eight blue windows")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page).to_have_url(re.compile("/login"))


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_for_signing_in_are_sound_to_an_audit(
    inhabited: Program, open_page: OpenPage, colours: str, width: int
) -> None:
    page = open_page(inhabited.url, width, color_scheme=colours)
    for path in ("/login", "/account"):
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        if path == "/login":
            sign_in(page, "Asha")
            page.goto(inhabited.url + "/account")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
