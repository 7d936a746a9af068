"""A server of a bench's own, in a process of its own, and the browser that looks at it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]  # fmt: skip


@contextmanager
def served(
    module: str, *arguments: str, within_s: float = 60, quietly: bool = False
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``python -m module arguments --port PORT`` once it is ready, with its port; told to stop and waited for at the
    end. One that is not ready ``within_s`` ends the bench; ``quietly`` drops its log."""
    port = free_port()
    command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
    with running(command, port, "/ready", within_s, quietly=quietly) as server:
        yield server, port


@contextmanager
def running(
    command: Sequence[str], port: int, path: str, within_s: float, *, quietly: bool
) -> Iterator[subprocess.Popen[bytes]]:
    """``command`` once it answers ``path`` on ``port``."""
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL if quietly else None)
    try:
        deadline = time.monotonic() + within_s
        while not _ready(port, path):
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start to serve.")
            time.sleep(0.1)
        yield server
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _ready(port: int, path: str) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()
