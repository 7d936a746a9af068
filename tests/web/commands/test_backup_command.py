"""``flask --app flask_app backup`` and ``restore``, run as a person runs them, beside a Sightline that is at work."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
PICTURES = 240


@dataclass
class Server:
    """A Sightline in a process of its own, whose model only waits."""

    pictures: Path
    data: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    cookie: str = ""
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def start(self, latency_s: float = 0.1) -> None:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]
        words = ["--pictures", self.pictures, "--data", self.data, "--port", self.port, "--latency-s", latency_s]
        command = [sys.executable, "-m", "bench.stub_server", *map(str, words), "--workers", "8"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        page = self._await_page()
        found = re.search(rb'name="csrf-token" content="([^"]+)"', page)
        assert found is not None
        self.headers = {"X-CSRF-Token": found[1].decode(), "Content-Type": "application/json", "Cookie": self.cookie}

    def _await_page(self) -> bytes:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(OSError):
                return self.send("GET", "/ready") and self.send("GET", "/")
            assert self.process is not None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError("the server does not come up")

    def send(self, method: str, path: str, body: Any = None) -> bytes:
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as line:
            line.request(method, path, None if body is None else json.dumps(body), self.headers)
            reply = line.getresponse()
            self.cookie = reply.getheader("Set-Cookie", self.cookie).partition(";")[0]
            content = reply.read()
            assert reply.status < 300 or path == "/ready", content
            return content

    def ask(self, text: str) -> str:
        asked = json.loads(self.send("POST", "/api/v1/questions", {"session_id": None, "text": text}))
        return str(asked["message"]["id"])

    def message(self, message_id: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.send("GET", f"/api/v1/messages/{message_id}"))
        return told

    def follow(self, message_id: str, enough: int) -> dict[str, Any]:
        """Listen until so many of the message's pictures are seen, or its run is over."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(line):
            line.request("GET", "/api/updates")
            with line.getresponse() as stream:
                while True:
                    told = self.message(message_id)
                    over = told["run"]["state"] != "running"
                    if told["run"]["done"] >= enough and (over or enough < PICTURES):
                        return told
                    assert stream.readline()

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for number in range(PICTURES):
        (pictures / f"cam{number % 4}_20260314_10{number // 60:02}{number % 60:02}.jpg").write_bytes(b"%d" % number)
    made = Server(pictures, tmp_path / "data")
    yield made
    if made.process is not None:
        made.kill()


def flask(data: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(data.parent), "DATA_DIR": str(data)}
    command = [sys.executable, "-m", "flask", "--app", "flask_app", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def settled(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != "run"}


def test_a_backup_during_a_run_gives_the_same_answers_elsewhere_after_kill_9(server: Server, tmp_path: Path) -> None:
    server.start()
    first = server.ask("How many people are in each image?")
    answered = server.follow(first, PICTURES)
    server.kill()
    server.start(latency_s=1.0)  # half a minute for all pictures: the backup is over long before the run
    second = server.ask("How many cars are in each image?")
    server.follow(second, PICTURES // 4)
    done = flask(server.data, "backup", tmp_path / "all.zip")
    assert done.returncode == 0, done.stderr
    assert "2 sessions" in done.stdout
    assert server.message(second)["run"]["state"] == "running"  # else the backup was not during it
    server.kill()

    done = flask(tmp_path / "elsewhere", "restore", tmp_path / "all.zip")
    assert done.returncode == 0, done.stderr
    moved = Server(server.pictures, tmp_path / "elsewhere")
    moved.start()
    try:
        assert settled(moved.message(first)) == settled(answered)
        resumed = moved.follow(second, PICTURES)
        calls = resumed["run"]["calls"]
        assert resumed["answer"]["headline"] == answered["answer"]["headline"].replace("people", "cars")
        assert resumed["run"]["counts"]["match"] == PICTURES
        assert calls < PICTURES * 2 - PICTURES // 4  # what the backup held was not asked again
        pictures = json.loads(moved.send("GET", f"/api/v1/messages/{second}/pictures?limit=500"))
        assert len({row["picture_id"] for row in pictures["pictures"]}) == pictures["total"] == PICTURES
    finally:
        moved.kill()


def test_a_stopped_sightline_is_backed_up_by_the_command_itself(tmp_path: Path) -> None:
    done = flask(tmp_path / "data", "backup", tmp_path)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.glob("sightline-*.zip")
    again = flask(tmp_path / "data", "backup", made)
    assert again.returncode == 1
    assert "is there already" in again.stderr
    over = flask(tmp_path / "data", "restore", made)
    assert over.returncode == 1
    assert "There are data here already" in over.stderr
    assert "Traceback" not in over.stderr + again.stderr


def test_a_running_sightline_is_not_restored_into(server: Server, tmp_path: Path) -> None:
    server.start()
    assert flask(server.data, "backup", tmp_path / "all.zip").returncode == 0
    assert server.process is not None
    done = flask(server.data, "restore", tmp_path / "all.zip", "--force")
    assert done.returncode == 1
    assert f"in use by the Sightline with process id {server.process.pid}" in done.stderr
