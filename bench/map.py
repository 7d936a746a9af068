"""How the map bears very many cameras, in a real Chromium: the time until it is there, and every frame while it moves.

    python -m bench.map [--quick] [--cameras 15000]

The register's cameras first, then an answer over all of them (a scripted model, the real stores and routes). A frame
is the time between two calls of requestAnimationFrame; one without work takes 16.7 ms. A machine with other work shows
it here: the median of the longest frames of several moves is the goal, the longest of all stands beside it.
``main_thread`` is the processor time of the page's own thread, which other work does not lengthen.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.report import finish, versions
from bench.serving import ARGUMENTS, CHROMIUM, served

DRAWN = """() => new MutationObserver((_, watch) => {
    if (!document.querySelector(window.awaited ?? '.bunch')) return;
    window.drawn ??= performance.now();
    watch.disconnect();
}).observe(document, {childList: true, subtree: true})"""
MOVE = """async ({x, y, by, wheel, steps}) => {
    const from = document.elementFromPoint(x, y);
    const mouse = (kind, step) => from.dispatchEvent(new MouseEvent(kind, {
        bubbles: true, cancelable: true, clientX: x + by[0] * step, clientY: y + by[1] * step, button: 0, buttons: 1}));
    const frames = [];
    let before = 0;
    const frame = () => new Promise((done) => requestAnimationFrame((now) => {
        frames.push(now - before);
        before = now;
        done();
    }));
    await frame();
    frames.length = 0;
    if (wheel) from.dispatchEvent(new WheelEvent('wheel', {bubbles: true, cancelable: true, clientX: x, clientY: y, deltaY: wheel}));
    else mouse('mousedown', 0);
    for (let step = 1; step <= steps; step += 1) { if (!wheel) mouse('mousemove', step); await frame(); }
    if (!wheel) mouse('mouseup', steps);
    for (let rest = 0; rest < 25; rest += 1) await frame();
    return frames;
}"""  # noqa: E501
PANS = ([9, 0], [0, 7], [-14, -5], [6, 9], [-20, 2], [17, -9])
ZOOMS = (-240, -240, 240, -480, 480, 240)


def opened(browser: Browser, url: str, awaited: str) -> tuple[Page, dict[str, float]]:
    """A page on which ``awaited`` has appeared, when it did, and what its own thread spent on that."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    line = page.context.new_cdp_session(page)
    line.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(f"window.awaited = {awaited!r}; ({DRAWN})()")
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_function("() => window.drawn !== undefined", timeout=120_000)
    drawn_s = page.evaluate("() => window.drawn") / 1000
    spent = {metric["name"]: metric["value"] for metric in line.send("Performance.getMetrics")["metrics"]}
    return page, {"open_s": drawn_s, "main_thread_s": spent["TaskDuration"]}


def moved(page: Page, rounds: int) -> dict[str, float]:
    """Frames of several pans and zooms: the median, the median of each move's longest, and the longest of all."""
    box = page.locator(".map-stage").bounding_box()
    if box is None:
        raise SystemExit("There is no map on the page.")
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "by": [0, 0], "wheel": 0}
    figures: dict[str, float] = {}
    moves: dict[str, list[dict[str, Any]]] = {
        "pan": [middle | {"by": by, "steps": 25} for by in PANS[:rounds]],
        "zoom": [middle | {"wheel": wheel, "steps": 25} for wheel in ZOOMS[:rounds]],
    }
    for name, each in moves.items():
        frames = [page.evaluate(MOVE, move) for move in each]
        figures[f"{name}_median_ms"] = statistics.median(frame for move in frames for frame in move)
        figures[f"{name}_longest_ms"] = statistics.median(max(move) for move in frames)
        figures[f"{name}_longest_of_all_ms"] = max(max(move) for move in frames)
    return figures


def answered(page: Page) -> str:
    """Ask of every camera, wait for the answer, and give its address."""
    page.locator("#question").fill("How many people are at each location?")
    page.keyboard.press("Enter")
    page.locator(".card-message .followup").first.wait_for(timeout=300_000)
    return page.url


def measure(browser: Browser, url: str, awaited: str, rounds: int) -> dict[str, float]:
    """The median of several openings, and the moves on the last of them."""
    tries = []
    for _ in range(rounds):
        page, figures = opened(browser, url, awaited)
        tries.append(figures)
        if len(tries) < rounds:
            page.context.close()
    figures = {key: statistics.median(each[key] for each in tries) for key in tries[0]} | moved(page, 2 * rounds)
    page.context.close()
    return figures


def places(page: Page) -> dict[str, float]:
    """How long the server takes for the answer's places, and how much it sends."""
    script = """async () => {
        const began = performance.now();
        const reply = await fetch(`/api/v1/messages/${location.pathname.split('/')[3]}/places`);
        return [(await reply.text()).length, (performance.now() - began) / 1000];
    }"""
    size, took_s = min((page.evaluate(script) for _ in range(3)), key=lambda each: each[1])
    return {"places_s": took_s, "places_mb": size / 1e6}


def looked_at(browser: Browser, url: str, rounds: int) -> dict[str, float]:
    """The register's cameras, then an answer over all of them."""
    warm, _ = opened(browser, url, ".bunch")
    figures = {f"register_{key}": value for key, value in measure(browser, url, ".bunch", rounds).items()}
    address = answered(warm)
    figures |= {f"answer_{key}": value for key, value in measure(browser, address, ".arc-match", rounds).items()}
    return figures | places(warm)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.map", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one opening and two moves of each kind")
    parser.add_argument("--cameras", type=int, default=15_000)
    options = parser.parse_args(arguments)
    if CHROMIUM is None:
        raise SystemExit("Chromium is not here: apt-get install chromium")
    versions("flask", "waitress", "playwright")
    rounds = 1 if options.quick else 3
    with tempfile.TemporaryDirectory() as place, sync_playwright() as play:
        city = ("--folder", place, "--pictures", "--cameras", str(options.cameras))
        with served("bench.crowded_city", *city, within_s=120, quietly=True) as (_, port):
            browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            figures = looked_at(browser, f"http://127.0.0.1:{port}", rounds)
            browser.close()
    for name, value in figures.items():
        print(f"{name:36} {value:9.3f}")
    goals = {"register_open_s": ("<=", 2.0), "answer_open_s": ("<=", 2.0)}
    goals |= {f"{what}_{move}_longest_ms": ("<=", 100.0) for what in ("register", "answer") for move in ("pan", "zoom")}
    return finish("map", figures, goals)


if __name__ == "__main__":
    sys.exit(main())
