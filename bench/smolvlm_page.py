"""How soon the page shows SmolVLM's first match, and whether its time left can be believed; for :mod:`bench.smolvlm`.

The real program over a folder of pictures, its model chosen by the settings, and a real Chromium. The question asks for
words, since random weights match nothing by name: a described picture is a match, and costs a reading and the writing
of it, which is more than a yes would.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.serving import ARGUMENTS, CHROMIUM, served
from config import Settings

_DESCRIBE, _FIND = "Describe each picture", "Which pictures show a person?"
_LEFT = re.compile(r"about (\d+) (s|minutes?) left|a few seconds left")
_PATIENCE_MS = 300_000


def measure(shape: str, models: Path, data: Path, pictures: Sequence[bytes]) -> dict[str, float]:
    """Seconds from Enter to the first match in the page and to the end, how far the time left was off (as a share of
    what was truly left, in the middle of all times that it was looked at), and the same question's successor."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        for number, content in enumerate(pictures):
            (Path(folder) / f"cam{number}_20260314_101500.jpg").write_bytes(content)
        places = ("--model", shape, "--models", str(models), "--data", str(data), "--pictures", folder)
        with served("bench.smolvlm_page", *places, quietly=True) as (_, port):
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.locator(".model-line", has_text=f"SmolVLM {shape.upper()} is ready").wait_for(timeout=_PATIENCE_MS)
            first_s, whole_s, off = _ask(page, _DESCRIBE, "match")
            second_s, second_whole_s, _ = _ask(page, _FIND, "")
            browser.close()
    return {
        "page_first_match_s": first_s,
        "page_whole_s": whole_s,
        "page_time_left_off": off,
        "page_second_first_s": second_s,
        "page_second_whole_s": second_whole_s,
    }


def _ask(page: Any, question: str, outcome: str) -> tuple[float, float, float]:
    page.locator("#question").fill(question)
    began = time.monotonic()
    page.keyboard.press("Enter")
    page.locator(".is-running").last.wait_for(timeout=_PATIENCE_MS)
    tally = page.locator(f".filters .tally[data-outcome='{outcome}'] b")
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
