"""The whole program as a person starts it: a process of its own, started, asked, stopped, refused."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@dataclass
class Program:
    """``python flask_app.py`` over a small folder of pictures."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.folder / "data"),
            "IMAGES_DIR": str(self.folder / "pictures"),
            "MODELS_DIR": str(ROOT.parent / "shared" / "models"),
            "MODEL": "opencv",
            "PORT": str(self.port),
            "SITE_TIMEZONE": "UTC",
        }
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | own | self.settings

    def start(self) -> None:
        self.port = self.port or free_port()
        self.process = subprocess.Popen(
            [sys.executable, "flask_app.py"],
            cwd=ROOT,
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def end(self, number: int) -> tuple[int, float, str]:
        """Send a signal: exit status, seconds that it took, what was logged."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, time.monotonic() - began, said

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request("GET", path, headers={"Connection": "close"})
            with line.getresponse() as reply:
                return reply.status, reply.read()

    def memory_kb(self) -> int:
        """What it holds in memory now."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0])

    def listen(self) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """An open event stream."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        line.request("GET", "/api/updates")
        return line, line.getresponse()

    def wait(self, path: str, seconds: float = 60) -> float:
        """Until ``path`` is answered with 200; how long that took."""
        began = time.monotonic()
        assert self.process is not None
        while time.monotonic() < began + seconds:
            with contextlib.suppress(OSError):
                if self.get(path)[0] == 200:
                    return time.monotonic() - began
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=0.01)
                raise AssertionError(self.process.communicate()[1])
        raise AssertionError(f"{path} is not answered")


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (640, 360), "navy").save(tmp_path / "pictures" / "cam1_20260314_101500.jpg")
    made = Program(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
    if made.process is not None and made.process.stderr is not None:
        made.process.wait()
        made.process.stderr.close()


def refused(program: Program) -> str:
    """What a program says that must not start."""
    program.port = program.port or free_port()
    ended = subprocess.run(
        [sys.executable, "flask_app.py"], cwd=ROOT, env=program.environment, capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_it_starts_answers_and_leaves_at_once_when_told_even_with_listeners(program: Program) -> None:
    """Parity S2.9 among them: what is well says so."""
    program.start()
    assert program.wait("/") < 5  # a loaded machine; alone it is half a second
    program.wait("/ready")
    health = json.loads(program.get("/health")[1])
    assert (health["status"], health["stores"]) == ("healthy", "open")
    state = json.loads(program.get("/api/v1/state")[1])
    assert {model["name"] for model in state["models"]} >= {"opencv"}
    assert not state["source"]["sample"]
    listeners = [program.listen() for _ in range(3)]
    status, seconds, said = program.end(signal.SIGTERM)
    assert status == 0, said
    assert seconds < 3, said
    assert "still running" not in said
    assert "stopping on SIGTERM" in said
    for line, reply in listeners:
        assert b"listening" in reply.read()  # it ends and does not hang
        reply.close()
        line.close()


class Browser:
    """Loads the page, keeps its cookie and token, sends changes with them."""

    def __init__(self, port: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
        self.line.request("GET", "/")
        reply = self.line.getresponse()
        found = re.search(rb'name="csrf-token" content="([^"]+)"', reply.read())
        assert found is not None
        self.headers |= {"X-CSRF-Token": found[1].decode(), "Cookie": reply.headers["Set-Cookie"].split(";")[0]}

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        self.line.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        reply = self.line.getresponse()
        content = reply.read()
        return reply.status, json.loads(content) if reply.headers.get_content_type() == "application/json" else content


def told(reply: http.client.HTTPResponse) -> Iterator[tuple[str, Any]]:
    """The events of a stream: type and data."""
    kind = ""
    for line in iter(reply.readline, b""):
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name == "event":
            kind = value
        if name == "data":
            yield kind, json.loads(value)


def test_a_question_is_asked_heard_and_looked_into(program: Program) -> None:
    sound = (program.folder / "pictures" / "cam1_20260314_101500.jpg").read_bytes()
    (program.folder / "pictures" / "cam2_20260314_101500.jpg").write_bytes(sound[: len(sound) // 2])
    program.start()
    program.wait("/ready")
    line, stream = program.listen()
    browser = Browser(program.port)
    status, asked = browser.call("POST", "/api/v1/questions", {"text": "How many people are in each image?"})
    assert status == 202
    message_id, session_id = asked["message"]["id"], asked["session"]["id"]
    heard: list[dict[str, Any]] = []
    for kind, data in told(stream):
        heard += data["pictures"] if kind == "seen" else []
        if kind == "message" and data["message"]["run"]["state"] == "finished" and data["message"]["answer"]:
            break
    stream.close()
    line.close()
    heard.sort(key=lambda row: str(row["name"]))
    assert [row["outcome"] == "unreadable" for row in heard] == [False, True]
    status, page = browser.call("GET", f"/api/v1/messages/{message_id}/pictures")
    assert (status, page["total"]) == (200, 2)
    assert sorted(page["pictures"], key=lambda row: str(row["name"])) == heard
    for row in page["pictures"]:
        for path in (f"/media/{row['picture_id']}", f"/media/{row['picture_id']}/thumbnail"):
            assert browser.call("GET", path)[0] == (422 if row["outcome"] == "unreadable" else 200)
    assert len(browser.call("GET", f"/api/v1/messages/{message_id}/places")[1]["places"]) == 2
    assert browser.call("POST", f"/api/v1/runs/{asked['message']['run']['id']}/stop", {})[0] == 409
    assert browser.call("PATCH", f"/api/v1/sessions/{session_id}", {"title": "Evening"})[1]["title"] == "Evening"
    assert browser.call("DELETE", f"/api/v1/sessions/{session_id}", {}) == (200, {"deleted": True})
    assert browser.call("GET", f"/api/v1/sessions/{session_id}")[0] == 404
    assert browser.call("POST", f"/api/v1/sessions/{session_id}/restore", {})[1]["title"] == "Evening"
    assert browser.call("DELETE", f"/api/v1/sessions/{session_id}?for_good=true", {})[0] == 200
    assert browser.call("GET", f"/api/v1/messages/{message_id}")[0] == 404
    browser.line.close()


def test_after_kill_9_it_starts_again_on_the_same_data(program: Program) -> None:
    program.start()
    program.wait("/ready")
    assert program.end(signal.SIGKILL)[0] == -signal.SIGKILL
    program.start()
    program.wait("/ready")


def test_a_second_owner_of_the_data_is_refused_with_the_first_ones_pid(program: Program) -> None:
    program.start()
    program.wait("/health")
    assert program.process is not None
    second = Program(program.folder)
    assert f"in use by the Sightline with process id {program.process.pid}" in refused(second)
    assert program.get("/health")[0] == 200


def test_a_door_open_to_others_is_refused(program: Program) -> None:
    """Threat row 51."""
    program.settings["HOST"] = "0.0.0.0"
    said = refused(program)
    assert "no user is set up" in said
    assert "flask --app flask_app user add" in said
    program.settings |= {"HOST": "127.0.0.1", "TRUSTED_PROXIES": "1"}
    assert "no user is set up" in refused(program)


PASSWORD = "seven green doors"


def test_a_door_with_people_behind_it_opens_and_each_must_sign_in(program: Program) -> None:
    """Threat rows 40, 45, 51 and 52. Parity S1.2."""
    program.settings |= {"HOST": "0.0.0.0", "APP_USERNAME": "desk", "APP_PASSWORD": PASSWORD, "TRUSTED_PROXIES": "1"}
    program.settings |= {"FLASK_DEBUG": "1", "DEBUG": "1", "FLASK_ENV": "development"}
    program.settings["SECRET_KEY"] = "change-me-change-me-change-me-change-me"
    assert "SECRET_KEY can be guessed" in refused(program)
    del program.settings["SECRET_KEY"]
    program.start()
    program.wait("/ready")
    assert program.get("/api/v1/state")[0] == 401
    assert program.get("/console")[0] == 401
    assert flask_command(program, "user", "list").stdout.startswith("desk\toperator")
    token = flask_command(program, "user", "token", "desk", "--label", "job").stdout.strip()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", program.port, timeout=30)) as line:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers["X-Forwarded-For"] = "198.51.100.1, 203.0.113.9"
        line.request("POST", "/api/v1/sessions", "{}", headers)
        assert line.getresponse().status == 201
    assert program.process is not None
    said_to_all = Path(f"/proc/{program.process.pid}/cmdline").read_bytes()
    status, _, said = program.end(signal.SIGTERM)
    assert status == 0, said
    kept = [path.read_bytes() for path in (program.folder / "data").rglob("*") if path.is_file()]
    assert not [content for content in [said.encode(), said_to_all, *kept] if PASSWORD.encode() in content]
    assert not [content for content in [said.encode(), said_to_all, *kept] if token.encode() in content]
    audit = (program.folder / "data" / "logs" / "audit.log").read_text(encoding="utf-8")
    assert 'person="desk" from=203.0.113.9 action=api.create_session subject=' in audit
    assert (program.folder / "data" / "state.db").stat().st_mode & 0o077 == 0  # threat row 43


def test_the_development_server_is_refused(program: Program) -> None:
    """Threat row 52."""
    for words in (("run", "--port", "0"), ("--debug", "run", "--port", "0")):
        ended = flask_command(program, *words)
        assert ended.returncode == 1
        assert "Serve with: python flask_app.py" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_a_weak_password_in_the_settings_stops_the_start_and_is_not_shown(program: Program) -> None:
    program.settings |= {"APP_USERNAME": "desk", "APP_PASSWORD": "abc123"}
    said = refused(program)
    assert "A password has 10 to 256 characters." in said
    assert "abc123" not in said
    program.settings["APP_PASSWORD"] = ""
    assert "go together" in refused(program)


def test_a_port_in_use_is_named(program: Program) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        program.port = other.getsockname()[1]
        assert f"Port {program.port} on 127.0.0.1 can't be used" in refused(program)


def test_a_wrong_setting_is_one_line(program: Program) -> None:
    program.settings["MAX_STREAMS"] = "many"
    said = refused(program)
    assert "MAX_STREAMS is 'many'" in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /api/v1/questions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n", b"413"),
        (
            b"POST /api/v1/questions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 1100,
            b"413",
        ),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    ],
    ids=["huge body", "endless body", "huge header", "two hosts", "no host", "forwarded host", "TLS"],
)
def test_what_is_no_request_of_ours_is_refused_at_the_door(program: Program, sent: bytes, status: bytes) -> None:
    """Threat rows 47 and 53. The server's memory stays what it was."""
    program.start()
    program.wait("/ready")
    before_kb = program.memory_kb()
    with socket.create_connection(("127.0.0.1", program.port), timeout=10) as line:
        with contextlib.suppress(OSError):  # it may hang up before all is said
            line.sendall(sent)
        assert line.recv(100).split()[1] == status
    assert program.get("/health")[0] == 200
    assert program.memory_kb() - before_kb < 16_000


def flask_command(program: Program, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", *words],
        cwd=ROOT,
        env=program.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_command_opens_no_database_and_writes_nothing(program: Program) -> None:
    ended = flask_command(program, "plan", "How many cars are visible?")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["target"] == "cars"
    assert not (program.folder / "data").exists()


def test_a_command_under_wrong_settings_says_so_in_a_line(program: Program) -> None:
    program.settings["PORT"] = "99999999"
    ended = flask_command(program, "plan", "How many cars are visible?")
    assert ended.returncode == 1
    assert "PORT is" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_commands_are_listed(program: Program) -> None:
    said = flask_command(program, "--help").stdout
    assert all(name in said for name in ("plan", "register", "docs"))


def test_importing_the_app_brings_nothing_heavy(program: Program) -> None:
    heavy = ["pandas", "numpy", "cv2", "onnxruntime", "chdb", "clickhouse_connect", "sqlalchemy", "PIL", "wtforms"]
    code = (
        "import sys, flask_app; from config import Settings;"
        " app = flask_app.create_app(Settings.load({}));"
        f" print([name for name in {heavy!r} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=program.environment, capture_output=True, text=True, timeout=60
    )
    assert ended.stdout.strip() == "[]", ended.stderr
