"""SmolVLM in the page: its files are fetched there, what its process does is said, and it answers. On a tiny model."""

from __future__ import annotations

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from analyzer.models.smolvlm.files import DEFAULT, RELEASES
from tests.analyzer.models.smolvlm.conftest import Weights, engine_is_here, weights  # noqa: F401 - fixtures
from tests.analyzer.models.smolvlm.hub import Hub, serving
from tests.browser.conftest import OpenPage, Program

RELEASE = RELEASES[DEFAULT]
FIRST_WITHIN_S = 3.0
LOOK_UNTIL_RESTARTING = """() => {
    document.dispatchEvent(new Event('visibilitychange'));
    const line = document.querySelector('#building .model-line');
    return line.dataset.activity === 'restarting' && line.querySelector('.model-words').textContent;
}"""


@pytest.fixture
def hub(weights: Weights) -> Iterator[Hub]:  # noqa: F811
    root = f"{RELEASE.repository}/resolve/main"
    files = {f"{root}/{path.name}": path.read_bytes() for path in (weights.text, weights.mmproj)}
    with serving(Hub(files)) as served:
        yield served


def serve(city: Path, folder: Path, **settings: str) -> Program:
    """The program without its detector; random weights would not pass the self-test."""
    own = {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(city / "cameras.xlsx"), "SMOLVLM_SELF_TEST": "no"}
    served = Program(folder, own | {"SMOLVLM_THREADS": "1"} | settings)
    served.start()
    return served


@pytest.fixture
def fetching(city: Path, hub: Hub, tmp_path: Path) -> Iterator[Program]:
    served = serve(city, tmp_path / "data", HF_ENDPOINT=hub.url, MODEL="opencv")
    yield served
    served.stop()


@pytest.fixture
def small(city: Path, weights: Weights, tmp_path: Path) -> Iterator[Program]:  # noqa: F811
    folder = tmp_path / "models"
    folder.mkdir()
    for path in (weights.text, weights.mmproj):
        shutil.copy(path, folder)
    served = serve(city, tmp_path / "data", MODELS_DIR=str(folder), MODEL="smolvlm")
    yield served
    served.stop()


def test_its_files_are_fetched_in_the_page_with_a_bar_that_can_be_stopped_and_goes_on(
    fetching: Program, hub: Hub, open_page: OpenPage
) -> None:
    hub.halfway = threading.Event()
    page = open_page(fetching.url)
    told = page.locator("#building")
    expect(told).to_contain_text("Its files (636 MB) are missing")
    button = told.get_by_role("button", name="Fetch its files")
    button.focus()
    page.keyboard.press("Enter")
    bar = told.get_by_role("progressbar", name="SmolVLM 500M, files fetched")
    expect(bar).to_have_attribute("value", re.compile(r"\d"))
    expect(told).to_contain_text("0 of 0 MB")
    told.get_by_role("button", name="Stop").click()
    hub.halfway.set()
    expect(told).to_contain_text("goes on at the next try")
    hub.halfway = None
    button.click()
    expect(page.locator("#model option", has_text="SmolVLM")).to_be_enabled()
    expect(told).to_be_hidden()


def test_a_hub_that_is_away_is_said_and_tried_again_by_the_button(
    fetching: Program, hub: Hub, open_page: OpenPage
) -> None:
    hub.status = 503
    page = open_page(fetching.url)
    button = page.locator("#building").get_by_role("button", name="Fetch its files")
    button.click()
    expect(page.locator("#building")).to_contain_text("The hub answered 503")
    expect(page.locator("#status")).to_contain_text("The hub answered 503")
    hub.status = 200
    button.click()
    expect(page.locator("#model option", has_text="SmolVLM")).to_be_enabled()


def test_chosen_it_is_loaded_answers_at_once_and_says_what_it_does(small: Program, open_page: OpenPage) -> None:
    page = open_page(small.url)
    told = page.locator("#building .model-line")
    expect(told).to_contain_text(re.compile(r"SmolVLM 500M is ready; it takes \d+ MB of memory\."))
    page.locator("#question").fill("Which pictures show a car?")
    page.keyboard.press("Enter")
    began = time.monotonic()
    expect(page.locator(".filters .tally[data-outcome=''] b")).to_have_text(re.compile("[1-9]"))
    assert time.monotonic() - began < FIRST_WITHIN_S
    expect(page.locator(".feed")).to_contain_text(re.compile("(seconds|s|minutes?) left"))
    expect(told).to_contain_text("SmolVLM 500M is busy")
    expect(page.locator("#status")).to_contain_text("Answer ready")
    expect(told).to_contain_text("SmolVLM 500M is ready")


def test_a_wrong_file_is_said_before_any_question(
    city: Path,
    weights: Weights,  # noqa: F811
    tmp_path: Path,
    open_page: OpenPage,
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(weights.mmproj, folder)
    (folder / weights.text.name).write_bytes(weights.text.read_bytes()[:100_000])
    served = serve(city, tmp_path / "data", MODELS_DIR=str(folder))
    told = open_page(served.url).locator("#building .model-line")
    expect(told).to_contain_text("SmolVLM 500M: SmolVLM-500M-Instruct-Q8_0.gguf is cut short")
    expect(told).to_contain_text("models pull smolvlm-500m")
    expect(told.get_by_role("button", name="Fetch its files")).to_be_hidden()
    served.stop()


def test_killed_it_says_that_it_starts_again(small: Program, open_page: OpenPage) -> None:
    page = open_page(small.url)
    told = page.locator("#building .model-line")
    expect(told).to_contain_text("is ready")
    assert small.process is not None
    (child,) = [
        one for one in psutil.Process(small.process.pid).children() if "analyzer.models.smolvlm.worker" in one.cmdline()
    ]
    os.kill(child.pid, signal.SIGKILL)
    said = page.wait_for_function(LOOK_UNTIL_RESTARTING, polling=100).json_value()  # else it looks every 15 s
    assert said == "SmolVLM 500M is starting again. It was killed; memory may have been short."
    expect(page.locator("#status")).to_contain_text("starting again")
    expect(told).to_contain_text("is ready")
    assert not child.is_running()
