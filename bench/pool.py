"""How well the pool keeps calls in flight: a model that takes one second, 64 at a time, beside the ideal.

    python -m bench.pool [--quick]

The ideal is pictures / in flight x latency: nothing but waiting. Measured from the question to the end of the run, with
everything listed, stored and announced. Then, where Chromium is, the page is opened, a question typed, and the time
from Enter to the first match on the page taken. Between the two, a cloud model's calls: 5,120 of them, 128 in flight,
beside what the openai package makes of the same; and with a server that refuses, hangs, fails and breaks answers.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from bench.cloud_calls import cloud_figures
from bench.report import finish, versions
from bench.serving import ARGUMENTS, CHROMIUM, served
from bench.stub_server import waiting_model
from config import Settings
from flask_app import create_app
from web.services import EXTENSION, Services

IN_FLIGHT, LATENCY_S = 64, 1.0
THINGS = ("people", "cars", "dogs", "bicycles", "buses")


# The clock runs in the page, so that no message between us and the browser is counted.
STOPWATCH = """() => {
    const begin = () => { window.began = performance.now(); };
    document.querySelector('#question').addEventListener('keydown', begin, {once: true, capture: true});
    new MutationObserver((_, watch) => {
        if (!window.began || !document.querySelector('#pictures .picture-grid li')) return;
        window.took = performance.now() - window.began;
        watch.disconnect();
    }).observe(document.body, {childList: true, subtree: true});
}"""


def write_pictures(folder: Path, count: int) -> None:
    """``count`` small pictures, no two alike."""
    folder.mkdir()
    for number in range(count):
        colour = (number % 256, number // 256, 99)
        Image.new("RGB", (64, 48), colour).save(folder / f"Gate_192_0_2_{number % 200 + 1}_20260314_{number:06d}.png")


def in_process(folder: Path, data: Path, pictures: int, rounds: int) -> list[float]:
    """Seconds of each round, through the application's own wiring."""
    environment = {"IMAGES_DIR": str(folder), "DATA_DIR": str(data), "MAX_WORKERS": str(IN_FLIGHT)}
    model = waiting_model(LATENCY_S, IN_FLIGHT)
    app = create_app(Settings.load(environment), [model])
    house: Services = app.extensions[EXTENSION]
    house.opening.get()
    seconds = []
    for _ in range(rounds):
        with house.bus.subscribe() as heard:
            started = time.perf_counter()
            house.conversations.ask("How many people are in each image?", again=True)
            state = "running"
            while state == "running":
                event = heard.receive(60)
                if event is None:
                    raise SystemExit("The run announced nothing more.")
                state = event.data["run"]["state"] if event.type == "run" else state
            seconds.append(time.perf_counter() - started)
            if event is not None and event.data["run"]["done"] != pictures:
                raise SystemExit(f"Only {event.data['run']['done']} of {pictures} pictures were looked at.")
    house.opening.close()
    return seconds


def first_match(url: str, rounds: int) -> list[float]:
    """Seconds from Enter to the first match on the page, each round with things that nobody asked for before."""
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        for number in range(rounds):
            page.goto(url, wait_until="domcontentloaded")
            page.locator("#line[data-state=open]").wait_for()
            page.locator("#question").fill(f"How many {THINGS[number]} are in each image?")
            page.evaluate(STOPWATCH)
            page.locator("#question").press("Enter")
            page.wait_for_function("() => window.took !== undefined", timeout=30_000)
            seconds.append(page.evaluate("() => window.took") / 1000)
            page.wait_for_timeout(1000)
        browser.close()
    return seconds


def _cloud(place: Path, *, quick: bool) -> tuple[dict[str, float], dict[str, tuple[str, float]]]:
    """Figures of a cloud model's calls, and their goals; few calls end before the last hang is over."""
    calls = 512 if quick else 5120
    write_pictures(place / "many", calls)
    figures = cloud_figures(place / "many", calls, quick=quick)
    if quick:
        return figures, {}
    names = ("run_share_faults", "run_share_limit")
    return figures, {"run_share_1s": (">=", 0.97)} | dict.fromkeys(names, (">=", 0.88))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.pool", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="512 pictures and one round")
    options = parser.parse_args(arguments)
    versions("openai", "chdb", "clickhouse-connect", "SQLAlchemy", "waitress")
    pictures, rounds = (512, 1) if options.quick else (1024, 3)
    ideal = pictures / IN_FLIGHT * LATENCY_S
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        write_pictures(folder, pictures)
        seconds = in_process(folder, Path(place, "data"), pictures, rounds)
        share = statistics.median(ideal / one for one in seconds)
        took = ", ".join(f"{one:.2f}" for one in seconds)
        print(
            f"{pictures} pictures, {IN_FLIGHT} in flight, {LATENCY_S:g} s each: {took} s; "
            f"ideal {ideal:.2f} s, share {share:.3f}"
        )
        cloud, bounds = _cloud(Path(place), quick=options.quick)
        figures = {"ideal_s": ideal, "run_s": statistics.median(seconds), "share_of_ideal": share} | cloud
        goals = {"share_of_ideal": (">=", 0.97)} | bounds
        if CHROMIUM is None:
            print("Chromium is not here: the first match in the browser was not measured.")
            return finish("pool", figures, goals)
        few = Path(place, "few")  # one window full, so that each run is over before the next question
        write_pictures(few, IN_FLIGHT)
        told = ("--pictures", str(few), "--data", str(Path(place, "served")), "--latency-s", str(LATENCY_S))
        with served("bench.stub_server", *told) as (_, port):
            waits = first_match(f"http://127.0.0.1:{port}", 2 if options.quick else 5)
        print("first match on the page after Enter:", ", ".join(f"{one * 1000:.0f} ms" for one in waits))
        figures["first_match_s"] = statistics.median(waits)
        return finish("pool", figures, goals | {"first_match_s": ("<=", LATENCY_S + 0.15)})


if __name__ == "__main__":
    sys.exit(main())
