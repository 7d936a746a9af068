"""A real HTTP server on loopback that gives what it is told to, however badly, and counts what it gave."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Peer:
    """Where it listens, what lies where, and what it was asked for. Answers may be added while it runs."""

    host: str
    port: int
    answers: dict[str, Answer]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def gives(content: bytes, kind: str = "image/jpeg", status: int = 200, **headers: str) -> Answer:
    """Answer with ``content``."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def sends_on(target: str, status: int = 302) -> Answer:
    """Answer with a redirect."""
    return gives(b"", status=status, Location=target)


def raw(content: bytes) -> Answer:
    """Answer with bytes that need not be HTTP."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(content)

    return answer


def drips(first: bytes, drop: bytes, ended: Callable[[], threading.Event]) -> Answer:
    """Answer with ``first``, then a drop every 20 ms until nobody takes it."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(first)
        while not ended().wait(0.02):
            handler.wfile.write(drop)

    return answer


@contextmanager
def web_peer(answers: Mapping[str, Answer], host: str = "127.0.0.1") -> Iterator[Peer]:
    """Serve ``answers`` by path while the block runs."""
    peer = Peer(host, 0, dict(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            peer.asked.append((self.path, dict(self.headers)))
            answer = peer.answers.get(self.path.partition("?")[0], gives(b"", status=404))
            with suppress(OSError):  # the other side may have had enough
                answer(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    server = Server((host, 0), Handler)
    peer.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="web-peer")
    thread.start()
    try:
        yield peer
    finally:
        peer.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])
