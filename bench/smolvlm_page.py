"""How soon the page shows SmolVLM's first match, and whether its time left can be believed; for :mod:`bench.smolvlm`.

The real program over a folder of pictures, its model chosen by the settings, and a real Chromium. Random weights know
no names: what is looked for is the thing to which they say yes, in frames of the scene of which they do so most firmly.
So what is timed is the way of a match to the page, not the luck of the weights. Then each picture is described, from
what was kept of it.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import tempfile
import time
from collections.abc import Sequence
from io import BytesIO
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from analyzer.ask import Ask
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import query
from analyzer.models.smolvlm.reading import YES
from analyzer.models.smolvlm.tuning import Choice
from analyzer.models.smolvlm.wire import Setup
from analyzer.plan import Task
from analyzer.planner.targets import ask_for
from bench.serving import ARGUMENTS, CHROMIUM, served
from config import Settings

FIGURES = (
    "page_first_match_s",
    "page_whole_s",
    "page_time_left_off",
    "page_described_first_s",
    "page_described_whole_s",
)
PICTURES = 24
_DESCRIBE = "Describe each picture"
# Things to look for; random weights say yes to some of them.
_THINGS = ("person", "bus", "car", "dog", "tree", "bicycle", "truck", "boat", "door", "fence", "sign", "horse")
_LEFT = re.compile(r"about (\d+) (s|minutes?) left|a few seconds left")
_PATIENCE_MS = 300_000


def measure(shape: str, models: Path, data: Path, chosen: Choice, pictures: Sequence[bytes]) -> dict[str, float]:
    """Seconds from Enter to the first match in the page and to the end, how far the time left was off (as a share of
    what was truly left, in the middle of all times that it was looked at), and the same of a description of each."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        shown, kept = Path(folder) / "pictures", Path(folder) / "data"
        shown.mkdir()
        thing, scene = _affirmed(Setup(chosen.text, chosen.mmproj, Path(folder), "bench", chosen.tuning), pictures)
        for number in range(PICTURES):
            (shown / f"cam{number}_20260314_101500.jpg").write_bytes(_frame(scene, number))
        _as_set_up(data, kept)
        places = ("--model", shape, "--models", str(models), "--data", str(kept), "--pictures", str(shown))
        with served("bench.smolvlm_page", *places, quietly=True) as (_, port):
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.locator(".model-line", has_text=f"SmolVLM {shape.upper()} is ready").wait_for(timeout=_PATIENCE_MS)
            first_s, whole_s, off = _ask(page, f"Which pictures show a {thing}?")
            described_s, described_whole_s, _ = _ask(page, _DESCRIBE)
            browser.close()
    return dict(zip(FIGURES, (first_s, whole_s, off, described_s, described_whole_s), strict=True))


def _affirmed(setup: Setup, pictures: Sequence[bytes]) -> tuple[str, bytes]:
    """The thing and the picture of which the model says yes most firmly."""
    process = ModelProcess(setup)

    def yes(pair: tuple[str, bytes]) -> float:
        thing, content = pair
        asked = query(Ask(Task.FIND, thing, ask_for(Task.FIND, thing)))
        return process.ask(content, hashlib.sha256(content).hexdigest(), asked).shares[YES]

    found = max(product(_THINGS, pictures), key=yes)
    process.close()
    return found


def _frame(scene: bytes, number: int) -> bytes:
    """The scene a moment later: a small mark in it is elsewhere."""
    frame, out = Image.open(BytesIO(scene)), BytesIO()
    frame.paste((40, 40, 40), (16 * number, 8, 16 * number + 8, 16))
    frame.save(out, "JPEG")
    return out.getvalue()


def _as_set_up(data: Path, kept: Path) -> None:
    """A data folder in which the model was set up and no picture was seen."""
    (kept / "smolvlm").mkdir(parents=True)
    for made in (data / "smolvlm").iterdir():
        if made.name != "tiles":
            (kept / "smolvlm" / made.name).symlink_to(made)


def _ask(page: Any, question: str) -> tuple[float, float, float]:
    page.locator("#question").fill(question)
    began = time.monotonic()
    page.keyboard.press("Enter")
    page.locator(".is-running").last.wait_for(timeout=_PATIENCE_MS)
    tally = page.locator(".filters .tally[data-outcome='match'] b")
    tally.get_by_text(re.compile("^[1-9]")).wait_for(timeout=_PATIENCE_MS)
    first_s, told = time.monotonic() - began, []
    while page.locator(".is-running").count():
        said = _LEFT.search(page.locator(".feed").inner_text())
        if said:
            told.append((time.monotonic(), _seconds(said)))
        page.wait_for_timeout(500)
    ended = time.monotonic()
    offs = [abs(left_s - (ended - at)) / max(ended - at, 5.0) for at, left_s in told]
    return first_s, ended - began, median(offs) if offs else 1.0


def _seconds(said: re.Match[str]) -> float:
    if said[1] is None:
        return 3.0
    return float(said[1]) * (1 if said[2] == "s" else 60)


def main() -> None:
    """Serve, for :func:`measure`."""
    from flask_app import run_server

    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("models", "data", "pictures"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    run_server(
        Settings(
            images_dir=given.pictures,
            models_dir=given.models,
            data_dir=given.data,
            port=given.port,
            model="smolvlm",
            smolvlm_model=f"smolvlm-{given.model}",
            smolvlm_self_test=False,
        )
    )


if __name__ == "__main__":
    main()
