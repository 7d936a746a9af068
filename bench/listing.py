"""A bucket of a million pictures: how soon the first is asked, what listing them all costs in memory, and how long a
full count takes.

    python -m bench.listing [--quick]

Against a stub that takes 100 ms a page, each measure in a process of its own; ``list_blobs`` as its documentation shows
it, into a list, stands beside ours. Counting by ranges of names at once stands beside counting page by page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psutil

from bench.bucket_stub import bucket_stub
from bench.report import finish, versions

if TYPE_CHECKING:
    from storage.bucket import BucketSource

FIRST_LOOKS = 5  # each in a process of its own; the median counts
PAGE_S = 0.1
QUICK, FULL = 60_000, 1_000_000


def ours(address: str) -> dict[str, float]:
    """Every picture of the bucket through our source, page by page."""
    next(iter(_source(address).pages()))  # what is imported and connected stands in neither figure
    return _measured(sum(map(len, _source(address).pages())) for _ in [0])


def counted(address: str) -> dict[str, float]:
    """Their number alone, as the start page wants it: by ranges at once."""
    next(iter(_source(address).pages()))
    so_far: list[int] = []

    def count() -> int:
        _source(address).count(so_far.append, lambda: False)
        return so_far[-1]

    return _measured(count() for _ in [0])


def _source(address: str) -> BucketSource:
    from core.clock import SystemClock
    from storage.bucket import BucketSource, Listing
    from storage.google_cloud import Access, CloudBucket

    bucket = CloudBucket("city", Access(endpoint=address))
    return BucketSource(Listing(bucket, "", SystemClock()), ZoneInfo("UTC"), lambda _: None, 1_000_000)


def plain(address: str) -> dict[str, float]:
    """The same by ``list_blobs``."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import storage

    client = storage.Client("city", AnonymousCredentials(), client_options={"api_endpoint": address})  # type: ignore[no-untyped-call]
    next(iter(client.list_blobs("city")))
    kept: list[Any] = []

    def every() -> int:
        kept.extend(client.list_blobs("city"))
        return len(kept)

    return _measured(every() for _ in [0])


def _measured(work: Any) -> dict[str, float]:
    process, most, ended = psutil.Process(), 0, threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.02):
            most = max(most, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    listed = next(iter(work))
    took = time.perf_counter() - began
    ended.set()
    watcher.join()
    return {"listed": listed, "took_s": took, "grown_mb": (max(most, before) - before) / 1e6}


def first_look(address: str) -> dict[str, float]:
    """Milliseconds from a run's first word to its source, and from the question, to the first picture that a model is
    given; through the whole program."""
    from analyzer.models.scripted import ScriptedModel
    from config import Settings
    from flask_app import create_app
    from storage.bucket import BucketSource

    looked = threading.Event()
    at: list[float] = []
    started: list[float] = []
    pages = BucketSource.pages

    def noted(source: BucketSource) -> Any:
        if threading.current_thread().name.startswith("feed"):
            started.append(time.perf_counter())
        return pages(source)

    BucketSource.pages = noted  # type: ignore[method-assign,assignment]

    def seen(*_: object) -> int:
        at.append(time.perf_counter())
        looked.set()
        return 1

    with tempfile.TemporaryDirectory() as data:
        told = {"PICTURES_FROM": "gs://city", "STORAGE_EMULATOR_HOST": address, "DATA_DIR": data}
        app = create_app(Settings.load(told), [ScriptedModel(seen, takes="url")])
        house = app.extensions["sightline"]
        conversations = house.stores.conversations
        conversations.starters()  # the planner is there
        next(iter(conversations._sites.now.source.pages()))  # and so is the connection
        began = time.perf_counter()
        conversations.ask("How many people are in each image?")
        looked.wait(60)
        house.opening.close()
    return {"first_ms": (at[0] - started[0]) * 1000, "from_question_ms": (at[0] - began) * 1000}


MEASURES = {"ours": ours, "counted": counted, "plain": plain, "first": first_look}


def apart(measure: str, address: str) -> dict[str, float]:
    """A measure in a process of its own."""
    command = [sys.executable, "-m", "bench.listing", "--measure", measure, "--address", address]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, timeout=900)
    told: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.listing", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--measure", choices=list(MEASURES))
    parser.add_argument("--address")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(MEASURES[options.measure](options.address)))
        return 0
    versions("google-cloud-storage")
    objects = QUICK if options.quick else FULL
    with bucket_stub(objects, PAGE_S) as address:
        tries = [apart("first", address) for _ in range(FIRST_LOOKS)]
        told = sorted(tries, key=lambda one: one["first_ms"])[FIRST_LOOKS // 2]
        first = told["first_ms"]
        print(f"first picture handed to a model {first:.0f} ms after the run began,")
        print(f"{told['from_question_ms']:.0f} ms after the question; one page takes {PAGE_S * 1000:.0f} ms")
        found = {name: apart(name, address) for name in ("ours", "counted", "plain")}
    for name, one in found.items():
        print(f"{name}: {one['listed']:,.0f} listed in {one['took_s']:.1f} s, memory grew by {one['grown_mb']:.1f} MB")
    if found["counted"]["listed"] != found["ours"]["listed"]:
        raise SystemExit("Counting by ranges found another number.")
    quicker = found["ours"]["took_s"] / found["counted"]["took_s"]
    print(f"a full count by ranges at once takes {1 / quicker:.2f} of the time that page by page takes")
    figures = {
        "objects": float(objects),
        "first_ms_after_a_page": first - PAGE_S * 1000,
        "grown_mb": found["ours"]["grown_mb"],
        "list_blobs_grown_mb": found["plain"]["grown_mb"],
        "count_quicker": quicker,
        "count_grown_mb": found["counted"]["grown_mb"],
    }
    goals = {"first_ms_after_a_page": ("<=", 50.0), "grown_mb": ("<=", 32.0), "count_grown_mb": ("<=", 32.0)}
    return finish("listing", figures, goals)


if __name__ == "__main__":
    sys.exit(main())
