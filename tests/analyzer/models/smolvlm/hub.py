"""A server on this machine that speaks the Hugging Face hub's protocol for files, and misbehaves on order."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Hub:
    """``files`` by path (repository/resolve/main/name). ``cut_after`` breaks the line after so many bytes of the next
    download, once; ``lies`` makes every byte sent a zero; ``status`` answers with that; ``halfway`` is waited for in
    the middle of every download; ``ranged`` is false where all is sent again each time; ``page`` comes in the place of
    a file's content; ``breaks`` ends every download before its first byte; ``elsewhere`` is a server that has the
    contents, for which this one only speaks."""

    files: dict[str, bytes]
    cut_after: int | None = None
    lies: bool = False
    status: int = 200
    halfway: threading.Event | None = None
    ranged: bool = True
    page: str = ""
    breaks: bool = False
    elsewhere: str = ""
    sent_bytes: int = 0
    ranges: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Serve ``hub`` on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

        def _answer(self, *, body: bool) -> None:
            content = hub.files.get(self.path.lstrip("/").split("?")[0])
            if hub.status != 200 or content is None:
                self.send_response(hub.status if hub.status != 200 else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if body and hub.page:
                self._page(hub.page.encode())
                return
            start = self._start(content)
            self.send_response(302 if hub.elsewhere else 206 if start else 200)
            if hub.elsewhere:
                self.send_header("Location", hub.elsewhere + self.path)
            self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Linked-Size", str(len(content)))
            self.send_header("X-Repo-Commit", "a" * 40)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", "0" if hub.elsewhere else str(len(content) - start))
            self.end_headers()
            if body and not hub.elsewhere:
                self._send(content[start:])

        def _page(self, page: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def _start(self, content: bytes) -> int:
            asked = self.headers.get("Range", "")
            if not asked:
                return 0
            hub.ranges.append(asked)
            if not hub.ranged:
                return 0
            return int(asked.removeprefix("bytes=").split("-")[0]) % len(content)

        def _send(self, content: bytes) -> None:
            cut, hub.cut_after = (0 if hub.breaks else hub.cut_after), None
            part = content[:cut]
            hub.sent_bytes += len(part)
            part = b"\0" * len(part) if hub.lies else part
            half = len(part) // 2
            with contextlib.suppress(OSError):  # whoever fetched has gone
                self.wfile.write(part[:half])
                if hub.halfway is not None:
                    hub.halfway.wait(60)
                self.wfile.write(part[half:])
            if cut is not None:
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="hub")
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
