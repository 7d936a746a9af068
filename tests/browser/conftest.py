"""The real program over a drawn city, and a real Chromium that looks at it. A page that errs, warns or asks any other
host fails its test, whatever else it does."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from examples.sample_city import draw_city

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip
OpenPage = Callable[..., Page]
# What a page owes within a blink it may owe within seconds where many tests share the machine.
expect.set_options(timeout=20_000)


@dataclass
class Program:
    """``python flask_app.py`` with its own data, over ``settings``; can be killed and started again on its port."""

    data: Path
    settings: dict[str, str]
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.port:
            with socket.socket() as door:
                door.bind(("127.0.0.1", 0))
                self.port = door.getsockname()[1]
        own = {"DATA_DIR": str(self.data), "PORT": str(self.port), "SITE_TIMEZONE": "UTC", **self.settings}
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        self.process = subprocess.Popen([sys.executable, "flask_app.py"], cwd=ROOT, env=kept | own)
        deadline = time.monotonic() + 60
        while not self._ready():
            assert time.monotonic() < deadline, "the program is not ready after a minute"
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the program ended with {self.process.wait(0.1)} while it was starting")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def _ready(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/ready")
            return line.getresponse().status == 200
        except OSError:
            return False
        finally:
            line.close()


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small sample city, some of its pictures broken on purpose."""
    folder = tmp_path_factory.mktemp("city")
    draw_city(folder, camera_count=12, per_camera=3)
    return folder


@pytest.fixture(scope="session")
def program(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for all tests: what one of them has seen, the next one's question finds in the store."""
    yield from _slowly_seeing(city, tmp_path_factory.mktemp("data"))


@pytest.fixture
def unseeing(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A program that has seen nothing yet."""
    yield from _slowly_seeing(city, tmp_path_factory.mktemp("unseen"))


def _slowly_seeing(city: Path, data: Path) -> Iterator[Program]:
    """One worker and no detector, so that a run lasts long enough to be watched, stopped and continued."""
    settings = {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(city / "cameras.xlsx"), "MODEL": "opencv"}
    served = Program(data, settings | {"MAX_WORKERS": "1", "SITE_NAME": "Velmarra"})
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="session")
def seeing(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The program with its detector, where the weights are here."""
    weights = ROOT.parent / "shared" / "models"
    if not weights.is_dir():
        if os.environ.get("CI"):
            pytest.fail("CI needs the detector's weights")
        pytest.skip("the detector's weights are not here")
    settings = {"IMAGES_DIR": str(city / "pictures"), "EXCEL_FILE": str(city / "cameras.xlsx")}
    served = Program(tmp_path_factory.mktemp("seeing"), settings | {"MODELS_DIR": str(weights)})
    served.start()
    yield served
    served.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for each module, and none while other rooms are tested.

    Playwright's greenlets upset the interpreter's count of its recursion, and compiling then fails at random
    (SystemError: AST constructor recursion depth mismatch)."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs a Chromium: apt-get install chromium")
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """``open_page(url, width=…, forgive=…)``: a page in a fresh browser profile. ``forgive`` is a word of a console
    line that the test provokes; ``prepare`` is given the page before it goes there; ``foreign`` is where it may ask."""
    contexts, faults = [], []

    def open_it(
        url: str,
        width: int = 1440,
        height: int = 900,
        forgive: str = "",
        prepare: Callable[[Page], None] = lambda _: None,
        foreign: tuple[str, ...] = (),
        **options: Any,
    ) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def heard(line: ConsoleMessage) -> None:
            if line.type in ("error", "warning") and not (forgive and forgive in line.text):
                faults.append(line.text)

        def asked(request: Request) -> None:
            if not request.url.startswith((url.split("/s/")[0], "blob:", "data:", *foreign)):
                faults.append(f"asked {request.url}")

        page.on("console", heard)
        page.on("pageerror", lambda error: faults.append(f"{error}\n{error.stack}"))
        page.on("request", asked)
        prepare(page)
        page.goto(url, wait_until="domcontentloaded")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert faults == []
