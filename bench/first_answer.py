"""How long a stranger waits: from a clean clone, by `make run`, with an empty home, to the first answer.

    python -m bench.first_answer [--quick] [--engine] [--goal-s 90]

clones this repository's HEAD into a temporary folder, keeps only pip's cache, and asks the first starter question over
HTTP as the page would. ``--engine`` lets SmolVLM's engine be built beside it, as it is for a person.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bench.report import finish

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 600


@dataclass(frozen=True, slots=True)
class Page:
    """A browser's manners, without the browser: cookies and the page's token."""

    base: str
    jar: CookieJar

    def get(self, path: str) -> str:
        return self._open(Request(self.base + path))

    def ask(self, text: str, token: str) -> dict[str, Any]:
        body = json.dumps({"session_id": None, "text": text, "model": None, "again": False}).encode()
        headers = {"Content-Type": "application/json", "X-CSRF-Token": token}
        reply: dict[str, Any] = json.loads(self._open(Request(self.base + "/api/v1/questions", body, headers)))
        return reply

    def counted(self, message_id: str) -> int:
        """Pictures of which the outcome is known."""
        run = json.loads(self.get(f"/api/v1/messages/{message_id}"))["run"]
        return sum(run["counts"].values()) if run else 0

    def settled(self, message_id: str) -> dict[str, Any] | None:
        """The message once nothing more will come."""
        message: dict[str, Any] = json.loads(self.get(f"/api/v1/messages/{message_id}"))
        over = message["error"] or (message["answer"] and message["run"]["state"] in {"finished", "failed"})
        return message if over else None

    def _open(self, request: Request) -> str:
        with build_opener(HTTPCookieProcessor(self.jar)).open(request, timeout=30) as reply:
            return str(reply.read().decode())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(happened: Callable[[], Any], process: subprocess.Popen[bytes]) -> Any:
    """The first true value of ``happened``; a server that ended, or too long a wait, ends the bench."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"make run ended with {process.returncode}")
        try:
            found = happened()
        except HTTPError as error:
            sys.exit(f"{error.url} answers {error.code}: {error.read(2000).decode(errors='replace')}")
        except (URLError, ConnectionError, TimeoutError):
            found = None
        if found:
            return found
        time.sleep(0.05)
    sys.exit(f"nothing happened for {PATIENCE_S} s")


def stranger(home: Path, port: int) -> dict[str, str]:
    """The environment of somebody who has nothing but Python and pip's cache."""
    cache = subprocess.run([sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=True)
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "LANG", "TZ"} or key.startswith("PIP_")}
    return {"PIP_CACHE_DIR": cache.stdout.strip()} | kept | {"HOME": str(home), "PORT": str(port)}


def measure(clone: Path, home: Path, engine: bool, quick: bool) -> dict[str, float]:
    """Print and return each step's seconds since ``make run``; ``quick`` ends with the first picture."""
    page = Page(f"http://127.0.0.1:{(port := free_port())}", CookieJar())
    command = ["make", "run", f"ENGINE={int(engine)}"]
    began = time.monotonic()

    def say(what: str) -> float:
        elapsed_s = time.monotonic() - began
        sys.stdout.write(f"{elapsed_s:7.1f} s  {what}\n")
        sys.stdout.flush()
        return elapsed_s

    with subprocess.Popen(command, cwd=clone, env=stranger(home, port), start_new_session=True) as process:
        try:
            html = wait_for(lambda: page.get("/"), process)
            page_s = say("the page is there")
            token = re.search(r'name="csrf-token" content="([^"]+)"', html)
            starters = wait_for(lambda: json.loads(page.get("/api/v1/state"))["starters"], process)
            say(f"it offers {len(starters)} questions")
            asked = page.ask(starters[0]["text"], token[1] if token else "")["message"]
            message_id = asked["id"]
            wait_for(lambda: page.counted(message_id), process)
            picture_s = say("first picture looked at")
            if quick:
                return {"page_s": page_s, "first_picture_s": picture_s}
            message = wait_for(lambda: page.settled(message_id), process)
            answer = message["answer"] or {}
            last_s = say(f"{asked['text']!r}: {answer.get('headline') or message['error']}")
            if not answer:
                sys.exit("the first question failed")
            return {"page_s": page_s, "first_picture_s": picture_s, "first_answer_s": last_s}
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="store_true", help="build SmolVLM's engine beside it")
    parser.add_argument("--quick", action="store_true", help="end with the first picture looked at")
    parser.add_argument("--goal-s", type=float, default=90)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone, home = Path(folder) / "sightline", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
        figures = measure(clone, home, options.engine, options.quick)
    last = "first_picture_s" if options.quick else "first_answer_s"
    return finish("first_answer", figures, {last: ("<=", options.goal_s)})


if __name__ == "__main__":
    sys.exit(main())
