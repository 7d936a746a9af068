"""A cloud model's calls at full width: our run beside AsyncOpenAI and plain threads of the openai package, same server.

Used by :mod:`bench.pool`. The server (:mod:`bench.openai_server`) runs in a process of its own and only waits.
"""

from __future__ import annotations

import asyncio
import base64
import json
import queue
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from analyzer.ask import Ask
from analyzer.models.openai.asking import SYSTEM, form_of
from analyzer.models.openai.client import Server
from analyzer.models.openai.supply import Cloud, cloud_model
from analyzer.plan import Task
from config import Settings
from core.states import Outcome
from flask_app import create_app
from web.services import EXTENSION, Services

IN_FLIGHT = 128
FAULTS = {"rate_limit": 0.05, "hang": 0.01, "server_error": 0.01, "broken_json": 0.01}


@contextmanager
def serving(latency_s: float, lots: Mapping[str, float] | None = None, per_minute: int = 0) -> Iterator[str]:
    """The server in a process of its own; yields its base URL."""
    command = [sys.executable, "-m", "bench.openai_server", "--latency-s", str(latency_s), "--untold"]
    command += ["--lots", json.dumps(dict(lots or {})), "--per-minute", str(per_minute)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def tally(base_url: str) -> dict[str, int]:
    """What the server did with how many calls."""
    line = HTTPConnection(urlsplit(base_url).netloc, timeout=10)
    line.request("GET", "/figures")
    told: dict[str, Any] = json.loads(line.getresponse().read())
    line.close()
    return dict(told["tally"])


def our_run(base_url: str, folder: Path, pictures: int) -> tuple[float, float]:
    """Seconds and processor seconds of a whole run over ``folder``: listed, asked, stored, announced."""
    with tempfile.TemporaryDirectory() as data:
        model = cloud_model(Cloud(Server(base_url, "", "gpt-4o", timeout_s=60.0)))
        app = create_app(
            Settings.load({"IMAGES_DIR": str(folder), "DATA_DIR": data, "MAX_WORKERS": str(IN_FLIGHT)}), [model]
        )
        house: Services = app.extensions[EXTENSION]
        house.opening.get()
        house.conversations.starters()  # as the page has asked for them before anybody asks a question
        with house.bus.subscribe() as heard:
            before, began = _processor_s(), time.perf_counter()
            house.conversations.ask("How many people are in each image?")
            run: dict[str, Any] = {"state": "running"}
            while run["state"] == "running":
                event = heard.receive(120)
                if event is None:
                    raise SystemExit("The run announced nothing more.")
                run = event.data["run"] if event.type == "run" else run
            seconds, processor_s = time.perf_counter() - began, _processor_s() - before
        house.opening.close()
        model.close()
        if run["state"] != "finished" or run["done"] != pictures or run["counts"][Outcome.MATCH] != pictures:
            raise SystemExit(f"Not every picture was answered: {run}")
        return seconds, processor_s


def threads_of_openai(base_url: str, content: bytes, calls: int) -> tuple[float, float]:
    """The same calls by the openai package, from as many threads."""
    import openai

    client = openai.OpenAI(api_key="none", base_url=base_url)
    jobs: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(calls):
        jobs.put(number)

    def work() -> None:
        while True:
            try:
                jobs.get_nowait()
            except queue.Empty:
                return
            client.chat.completions.create(**body(content))

    before, began = _processor_s(), time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    client.close()
    return time.perf_counter() - began, _processor_s() - before


def async_openai(base_url: str, content: bytes, calls: int) -> tuple[float, float]:
    """The same calls by AsyncOpenAI, as many at once."""

    async def all_of_them() -> None:
        import openai

        width = asyncio.Semaphore(IN_FLIGHT)
        async with openai.AsyncOpenAI(api_key="none", base_url=base_url) as client:

            async def one() -> None:
                async with width:
                    await client.chat.completions.create(**body(content))

            await asyncio.gather(*(one() for _ in range(calls)))

    before, began = _processor_s(), time.perf_counter()
    asyncio.run(all_of_them())
    return time.perf_counter() - began, _processor_s() - before


def body(content: bytes) -> dict[str, Any]:
    """The request that our client sends for one picture."""
    form = form_of(Ask(Task.COUNT, "people", "How many people are visible?"))
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    schema = {"name": form.schema.name, "strict": True, "schema": dict(form.schema.schema)}
    picture = {"type": "image_url", "image_url": {"url": url, "detail": form.detail}}
    return {
        "model": "gpt-4o",
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": [{"type": "text", "text": form.text}, picture]},
        ],
        "max_completion_tokens": 400,
        "response_format": {"type": "json_schema", "json_schema": schema},
    }


def cloud_figures(folder: Path, calls: int, *, quick: bool) -> dict[str, float]:
    """Measure and print everything; the shares of the ideal by name."""
    content = next(folder.iterdir()).read_bytes()
    figures: dict[str, float] = {}
    for latency_s in (1.0, 0.2):
        ideal = calls / IN_FLIGHT * latency_s
        with serving(latency_s) as url:
            ways = {
                "run": our_run(url, folder, calls),
                "openai_threads": threads_of_openai(url, content, calls),
                "async_openai": async_openai(url, content, calls),
            }
        for name, (seconds, processor_s) in ways.items():
            figures[f"{name}_share_{latency_s:g}s"] = ideal / seconds
            print(
                f"{calls} calls, {IN_FLIGHT} in flight, {latency_s:g} s each, {name}: {seconds:.2f} s, ideal "
                f"{ideal:.2f} s, share {ideal / seconds:.3f}, {processor_s / calls * 1000:.2f} ms of processor a call"
            )
    figures["run_share_faults"] = _with_faults(folder, calls, FAULTS, 0)
    if not quick:
        limit = IN_FLIGHT * 0.95
        lots = {deed: share for deed, share in FAULTS.items() if deed != "rate_limit"}
        figures["run_share_limit"] = _with_faults(folder, calls, lots, int(limit * 60))
    return figures


def _with_faults(folder: Path, calls: int, lots: Mapping[str, float], per_minute: int) -> float:
    """Our run against a server that fails: its share of what the limit and the calls that fail allow."""
    with serving(1.0, lots, per_minute) as url:
        seconds, _ = our_run(url, folder, calls)
        told = tally(url)
    answered = told["answer"]
    if answered != calls:
        raise SystemExit(f"{calls} pictures, and {answered} good answers were paid for.")
    paid = answered + told.get("server_error", 0) + told.get("broken_json", 0)
    ideal = max(paid / IN_FLIGHT, paid * 60 / per_minute if per_minute else 0.0)
    print(f"{calls} calls with {told}: {seconds:.2f} s, ideal {ideal:.2f} s, share {ideal / seconds:.3f}")
    return ideal / seconds


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
