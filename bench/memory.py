"""Resident memory of the server while a zero-download run is under way: pictures are asked by URL, no byte comes here.

    python -m bench.memory [--quick] [--pictures 10000]

The real server, in a process of its own, with a model that only waits and a listing of URLs in the folder's place.
Resident memory (RSS) is what the system shows for a process; proportional memory (PSS) counts what is shared once.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_app
from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import ScriptedModel
from bench.report import finish, versions
from config import Settings
from core.ids import stable_id
from core.picture import Identity, Picture
from storage import sources
from storage.folder import FolderSource
from storage.register import Register
from storage.sources import Pictures

GOAL_MB = 480
WORKERS, LATENCY_S, CAMERAS, PAGE = 64, 0.2, 500, 1000
NEEDLESS = ("cv2", "onnxruntime", "PIL", "pandas")


class Listing(FolderSource):
    """Pictures behind URLs, listed like a bucket's: name, size and a hash, without reading any."""

    count = 0

    def pages(self) -> Iterator[Sequence[Picture]]:
        for first in range(0, self.count, PAGE):
            yield [self._listed_at(number) for number in range(first, min(first + PAGE, self.count))]

    def url(self, picture: Picture) -> str | None:
        return f"https://storage.example.org/{picture.name}?X-Goog-Signature={'0' * 512}"

    def _listed_at(self, number: int) -> Picture:
        camera = f"10.0.{number % CAMERAS // 250}.{number % CAMERAS % 250}"
        moment = datetime(2026, 3, 14, tzinfo=UTC) + timedelta(minutes=number // CAMERAS)
        name = f"{camera}/{moment:%Y%m%d_%H%M%S}.jpg"
        hashed = Identity("md5", stable_id(name))
        return Picture(stable_id(self.name, name), self.name, name, camera, moment, "name", 180_000, hashed)


def serve(pictures: int, data: Path, port: int) -> None:
    """The server under measure; runs until it is told to stop."""

    def listing(named: Pictures, register: Register) -> Listing:
        made = Listing(named.folder or data, named.timezone, register.key, named.max_bytes)
        made.count = pictures
        return made

    def one(picture: Material, ask: Ask) -> int:
        if picture.url is None:
            raise ValueError("a picture came without its URL")
        return len(picture.url + ask.target) % 3

    def able(ask: Ask) -> Ability:
        return Ability(Fit.FULL, "It only waits.", sees=ask.target)

    sources._OPENERS = {"file": listing}
    model = ScriptedModel(one, name="remote", latency_s=LATENCY_S, workers=WORKERS, takes="url", ability=able)
    environment = {"IMAGES_DIR": str(data), "DATA_DIR": str(data), "PORT": str(port), "MAX_WORKERS": str(WORKERS)}
    flask_app.run_server(Settings.load(environment), [model])


class Server:
    """The server in a process of its own."""

    def __init__(self, pictures: int, data: Path, port: int) -> None:
        words = ["--serve", str(data), "--port", str(port), "--pictures", str(pictures)]
        self._process = subprocess.Popen([sys.executable, "-m", "bench.memory", *words], stderr=subprocess.DEVNULL)
        self._port = port
        self._headers = {"Content-Type": "application/json"}

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as line:
            line.request(method, path, None if body is None else json.dumps(body), self._headers)
            reply = line.getresponse()
            if cookie := reply.getheader("Set-Cookie"):
                self._headers["Cookie"] = cookie.partition(";")[0]
            return reply.status, reply.read()

    def wait(self, path: str) -> None:
        """Until ``path`` is answered."""
        while self._process.poll() is None:
            with contextlib.suppress(OSError):
                if self.send("GET", path)[0] == 200:
                    return
            time.sleep(0.02)
        raise SystemExit("The server ended.")

    def ask(self, text: str) -> None:
        """Ask as the page does; the run begins."""
        page = self.send("GET", "/")[1].decode()
        self._headers["X-CSRF-Token"] = re.findall(r'name="csrf-token" content="([^"]+)"', page)[0]
        self.send("POST", "/api/v1/questions", {"session_id": None, "text": text})

    def follow(self) -> dict[str, Any]:
        """Listen as the page does until the run is over."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        line.request("GET", "/api/updates?after=0")
        with contextlib.closing(line), line.getresponse() as stream:
            while True:
                told = stream.readline()
                if not told.startswith(b"data:"):
                    continue
                run = json.loads(told[5:]).get("run")
                if run and run["state"] != "running":
                    return dict(run)

    def memory_mb(self) -> dict[str, float]:
        """Resident and proportional memory now, and the highest resident since :meth:`forget_peak`."""
        said = self._proc("smaps_rollup") + self._proc("status")
        found = dict(re.findall(r"^(Rss|Pss|VmHWM):\s+(\d+) kB", said, re.MULTILINE))
        return {name: int(value) / 1024 for name, value in found.items()}

    def forget_peak(self) -> None:
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def loaded(self) -> list[str]:
        """Which of the heavy packages are mapped into the process, by their native parts."""
        mapped = self._proc("maps")
        return [name for name in NEEDLESS if f"/{name}/" in mapped]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)

    def _proc(self, name: str) -> str:
        return Path(f"/proc/{self._process.pid}/{name}").read_text()


def measure(pictures: int) -> int:
    """Print memory at each stage; 0 when the goal is met."""
    versions("chdb", "clickhouse-connect", "flask", "sqlalchemy")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pictures, Path(folder), port=5990 + os.getpid() % 1000)
        try:
            figures = _stages(server, pictures)
        finally:
            server.close()
    return finish("memory", figures, {"run_peak_mb": ("<=", GOAL_MB)})


def _stages(server: Server, pictures: int) -> dict[str, float]:
    figures: dict[str, float] = {"pictures": pictures}

    def note(stage: str, **more: float) -> None:
        now = server.memory_mb()
        figures.update({f"{stage}_mb": now["Rss"], **more})
        print(f"{stage:10} RSS {now['Rss']:6.1f} MB  PSS {now['Pss']:6.1f} MB  {more or ''}")

    server.wait("/health")
    note("start")
    server.wait("/ready")
    note("opened")
    server.forget_peak()
    began = time.monotonic()
    server.ask("Which locations have people?")
    run = server.follow()
    note("after", run_peak_mb=server.memory_mb()["VmHWM"], seconds=time.monotonic() - began)
    if run["done"] != pictures or run["state"] != "finished":
        raise SystemExit(f"The run did not finish: {run}")
    print("loaded though the model needs none of them:", ", ".join(server.loaded()) or "none")
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, or serve for it."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="1,000 pictures")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.pictures, options.serve, options.port)
        return 0
    return measure(1000 if options.quick else options.pictures)


if __name__ == "__main__":
    sys.exit(main())
