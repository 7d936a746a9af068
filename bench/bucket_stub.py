"""A bucket of made-up pictures that lists by pages as Google does, each after a wait, and gives pictures by URL.

    python -m bench.bucket_stub --objects N [--page-s 0.1] [--port N]

It prints its address. Every picture's bytes repeat ``MARK``, so that whoever counts bytes knows a picture's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

MARK = b"\xff\xd8\xff<picture bytes>"
PICTURE = MARK * 2000
PAGE = 1000


def name_of(number: int) -> str:
    """The name of an object; names sort as numbers do."""
    return f"cam-{number // 20_000:02}/{number:08}_20260314_101500.jpg"


def serve(objects: int, page_s: float, port: int) -> None:
    """Serve until told to stop."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes: held back by Nagle's algorithm, the second would come 40 ms late.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            path = urlsplit(self.path)
            if path.path.endswith("/o"):
                time.sleep(page_s)
                self._send(_page(parse_qs(path.query), objects), "application/json")
            elif path.path.startswith("/storage/"):
                self._send(b"{}", "application/json")
            else:
                self._send(PICTURE, "image/jpeg")

        def _send(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


def _page(query: dict[str, list[str]], objects: int) -> bytes:
    first, last = (query.get(name, [""])[0] for name in ("startOffset", "endOffset"))
    objects = bisect_left(range(objects), last, key=name_of) if last else objects
    begin = int(query.get("pageToken", ["0"])[0]) or bisect_left(range(objects), first, key=name_of)
    end = min(begin + int(query.get("maxResults", [PAGE])[0]), objects)
    more = {} if "fields" in query else {"bucket": "city", "storageClass": "STANDARD", "metageneration": "1"}
    items = [
        {"name": name_of(n), "size": "34000", "md5Hash": f"{n:024}", "crc32c": "AAAAAA==", "generation": str(n)}
        | {"updated": "2026-03-14T10:15:00.000Z"}
        | more
        for n in range(begin, end)
    ]
    token = {"nextPageToken": str(end)} if end < objects else {}
    return json.dumps({"items": items} | token).encode()


@contextmanager
def bucket_stub(objects: int, page_s: float) -> Iterator[str]:
    """The stub in a process of its own; yields its address."""
    command = [sys.executable, "-m", "bench.bucket_stub", "--objects", str(objects), "--page-s", str(page_s)]
    stub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert stub.stdout is not None
    try:
        yield stub.stdout.readline().strip()
    finally:
        stub.terminate()
        stub.wait()
        stub.stdout.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.bucket_stub")
    parser.add_argument("--objects", type=int, required=True)
    parser.add_argument("--page-s", type=float, default=0.1)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    serve(options.objects, options.page_s, options.port)
