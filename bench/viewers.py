"""How a running question reaches many open pages: each event once, in order, soon; while some of them die and return.

    python -m bench.viewers [--quick]

The server is the real one in a process of its own; a model that only waits makes its run announce ten pictures a
second. The viewers are event streams over sockets of their own, held by this process with one selector, so that the
bench itself costs little. Every second some of them end by RST and come back half a second later with the id of the
last event they heard whole. A delay runs from the moment an event is announced (or, for what was missed, from the
moment the viewer came back) until it is read. Then the same viewers listen to the least that waitress can do,
``bench.bare_stream``: a queue and a thread for each, nothing stored, nothing to come back to.
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from bench.pool import write_pictures
from bench.report import finish, versions
from bench.serving import served

EVENTS_PER_S, AWAY_S, LOOK_S = 10, 0.5, 0.1
RESET = struct.pack("ii", 1, 0)


@dataclass
class Plan:
    """How many viewers listen, how many die each second, and for how long."""

    viewers: int
    dying: int
    seconds: float


class Viewer:
    """One open page: what it heard, and from when on it could have."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[int] = []
        self.last: int | None = None
        self.came_s = 0.0
        self.line: socket.socket | None = None
        self.rest = b""

    def come(self, selector: selectors.BaseSelector) -> None:
        """Connect, or come back from where it was."""
        self.line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        last = "" if self.last is None else f"Last-Event-ID: {self.last}\r\n"
        self.line.sendall(f"GET /api/updates HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n{last}\r\n".encode())
        self.line.setblocking(False)
        self.rest, self.came_s = b"", time.time()
        selector.register(self.line, selectors.EVENT_READ, self)

    def die(self, selector: selectors.BaseSelector) -> None:
        """End as a process does that is killed: by RST."""
        if self.line is None:
            return
        selector.unregister(self.line)
        self.line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.line.close()
        self.line = None

    def read(self) -> Iterator[int]:
        """The ids of the events that are whole by now."""
        if self.line is None:
            return
        try:
            data = self.line.recv(262144)
        except OSError as error:
            raise SystemExit(f"A viewer was cut off: {error}.") from error
        if not data:
            raise SystemExit(f"The server ended a stream: {self.rest[:300]!r}")
        *blocks, self.rest = (self.rest + data).split(b"\n\n")
        for block in blocks:
            start = block.find(b"id: ")
            if start >= 0:
                yield int(block[start + 4 : block.index(b"\n", start)])


@dataclass
class Crowd:
    """All viewers, and what they read when: the event, the moment, and since when its viewer listens."""

    viewers: list[Viewer]
    read: list[tuple[int, float, float]] = field(default_factory=list)
    returns: int = 0

    def watch(self, selector: selectors.BaseSelector, until: float, *, measured: bool) -> None:
        """Read whatever comes until ``until``."""
        while (left := until - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                viewer: Viewer = key.data
                now = time.time()
                for event_id in viewer.read():
                    viewer.heard.append(event_id)
                    viewer.last = event_id
                    if measured:
                        self.read.append((event_id, now, viewer.came_s))

    def delays_s(self, told: Path) -> list[float]:
        """In ascending order; ``told`` is where the server wrote down when it announced what."""
        announced = {int(number): float(at) for number, at in map(str.split, told.read_text().splitlines())}
        return sorted(now - max(announced.get(number, 0.0), came) for number, now, came in self.read)


def listen(port: int, plan: Plan) -> Crowd:
    """Let all viewers come, hear, die and return, and at the end hear the rest."""
    crowd = Crowd([Viewer(port) for _ in range(plan.viewers)])
    with selectors.DefaultSelector() as selector:
        for viewer in crowd.viewers:
            viewer.come(selector)
        began = time.monotonic()
        crowd.watch(selector, began + 2, measured=False)
        for second in range(int(plan.seconds)):
            first = second * plan.dying % plan.viewers
            fated = [crowd.viewers[(first + number) % plan.viewers] for number in range(plan.dying)]
            for viewer in fated:
                viewer.die(selector)
            crowd.watch(selector, began + 2 + second + AWAY_S, measured=True)
            for viewer in fated:
                viewer.come(selector)
            crowd.returns += len(fated)
            crowd.watch(selector, began + 3 + second, measured=True)
        for viewer in crowd.viewers:
            viewer.die(selector)
    return crowd


def faults(crowd: Crowd) -> tuple[int, int]:
    """Events that a viewer missed, and events that came twice or out of order. Each is compared with what came to
    anybody between the first and the last that it heard."""
    everything = sorted({event_id for viewer in crowd.viewers for event_id in viewer.heard})
    place = {event_id: number for number, event_id in enumerate(everything)}
    missed = wrong = 0
    for viewer in crowd.viewers:
        if not viewer.heard:
            return len(everything), 0
        steps = [place[after] - place[before] for before, after in zip(viewer.heard, viewer.heard[1:], strict=False)]
        missed += sum(step - 1 for step in steps if step > 1)
        wrong += sum(step < 1 for step in steps)
    return missed, wrong


@dataclass(frozen=True)
class Usage:
    """What a process has used."""

    cpu_s: float
    memory_mb: float
    threads: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        """Read from /proc."""
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
        cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return cls(cpu_s, int(pss.split()[1]) / 1024, int(fields[17]))


def measure(
    name: str, server: subprocess.Popen[bytes], port: int, plan: Plan, told: Path
) -> tuple[Crowd, dict[str, float]]:
    """The crowd before one server, and its figures."""
    before, began = Usage.of(server.pid), time.monotonic()
    crowd = listen(port, plan)
    # Its threads are still there; those who just left are seen to be gone at the next event.
    after, took = Usage.of(server.pid), time.monotonic() - began
    delays = crowd.delays_s(told)
    share = {f"p{part:g}": delays[min(int(len(delays) * part / 100), len(delays) - 1)] for part in (50, 95, 99)}
    heard = sum(len(viewer.heard) for viewer in crowd.viewers)
    cpu = (after.cpu_s - before.cpu_s) / took
    print(
        f"{name}: {plan.viewers} viewers, {crowd.returns} returns, {heard} deliveries in {took:.0f} s; delay "
        + ", ".join(f"{key} {value * 1000:.0f} ms" for key, value in share.items())
        + f", max {delays[-1] * 1000:.0f} ms; CPU {cpu:.0%} of a core; memory {before.memory_mb:.0f} -> "
        f"{after.memory_mb:.0f} MB; {before.threads} -> {after.threads} threads"
    )
    return crowd, {
        "p50_s": share["p50"],
        "p95_s": share["p95"],
        "p99_s": share["p99"],
        "max_s": delays[-1],
        "cpu_us_per_delivery": (after.cpu_s - before.cpu_s) / heard * 1e6,
        "memory_mb": after.memory_mb - before.memory_mb,
        "threads": after.threads,
    }


def ask(port: int) -> None:
    """Begin a run over all pictures, as the page would."""
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/")
    page = line.getresponse()
    cookie, text = page.getheader("Set-Cookie", "").split(";")[0], page.read().decode()
    token = text.split('name="csrf-token" content="')[1].split('"')[0]
    headers = {"Content-Type": "application/json", "X-CSRF-Token": token, "Cookie": cookie}
    body = {"session_id": None, "text": "How many people are in each image?", "model": None, "again": False}
    line.request("POST", "/api/v1/questions", json.dumps(body), headers)
    reply = line.getresponse()
    if reply.status != 202:
        raise SystemExit(f"The question was refused: {reply.read().decode()}")
    line.close()


def run(plan: Plan) -> Mapping[str, float]:
    """Both sides, the real one first."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        write_pictures(folder, int((plan.seconds + 20) * EVENTS_PER_S))
        told = Path(place, "told")
        look = ("--latency-s", str(LOOK_S), "--workers", "1", "--told", str(told))
        with served("bench.stub_server", "--pictures", str(folder), "--data", str(Path(place, "data")), *look) as (
            server,
            port,
        ):
            ask(port)
            crowd, figures = measure("Sightline", server, port, plan, told)
        missed, wrong = faults(crowd)
        print(f"missed {missed}, twice or out of order {wrong}")
        told = Path(place, "told_barely")
        with served("bench.bare_stream", "--threads", str(plan.viewers + 64), "--told", str(told)) as (server, port):
            _, bare = measure("bare waitress", server, port, plan, told)
    ratios = {
        "p99_to_bare": figures["p99_s"] / bare["p99_s"],
        "cpu_to_bare": figures["cpu_us_per_delivery"] / bare["cpu_us_per_delivery"],
    }
    beside = {f"bare_{key}": value for key, value in bare.items()}
    return figures | beside | ratios | {"missed": missed, "wrong": wrong}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.viewers", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="100 viewers for five seconds")
    options = parser.parse_args(arguments)
    versions("waitress", "flask", "SQLAlchemy")
    plan = Plan(100, 10, 5) if options.quick else Plan(500, 50, 30)
    figures = run(plan)
    return finish("viewers", figures, {"p99_s": ("<=", 0.5), "missed": ("<=", 0), "wrong": ("<=", 0)})


if __name__ == "__main__":
    sys.exit(main())
