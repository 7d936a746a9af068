"""An OpenAI-compatible server on loopback that sees nothing and misbehaves on order: the peer of tests and benches.

    python -m bench.openai_server [--port N] [--latency-s 1] [--lots '{"server_error": 0.01}'] [--per-minute 7200]

It speaks ``POST /v1/chat/completions``: answers what the schema that comes with a call allows, counts tokens, fetches
the pictures that are given as URLs, keeps a limit, and does what it is ordered to instead. ``GET /figures`` says what
came.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import random
import threading
import urllib.error
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from bench.openai_deeds import FAILURES, Deed, Order, error_body

_REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
_HANG_S = 3600.0


@dataclass(frozen=True, slots=True)
class Call:
    """What one request said."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        """All text of the messages."""
        return "\n".join(part["text"] for part in self._parts() if part.get("type") == "text")

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """The pictures: ``url`` and ``detail`` each."""
        return [part["image_url"] for part in self._parts() if part.get("type") == "image_url"]

    def _parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = []
        for message in self.body.get("messages", []):
            content = message.get("content")
            parts += [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        return parts


def fitting(schema: Mapping[str, Any]) -> Any:
    """The plainest value that ``schema`` allows."""
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return fitting(schema["anyOf"][0])
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: fitting(part) for name, part in schema.get("properties", {}).items()}
    plain: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True, "array": [], "null": None}
    return plain.get(kind, "something")


@dataclass
class OpenAiServer:
    """The server, in a thread of its own. ``orders`` are used up by the calls that come, first come first served;
    ``lots`` are the shares of all others that meet with a deed. ``answer`` makes an answer's value from a call;
    ``fetch`` says whether pictures are fetched from their URLs. What came stands in ``calls`` and ``tally``."""

    latency_s: float = 0.0
    lots: Mapping[str, float] = field(default_factory=dict)
    per_minute: int = 0
    burst: int = 16
    tell_limit: bool = True
    seed: int = 7
    answer: Callable[[Call], Any] | None = None
    fetch: bool = True
    keep: bool = True
    port: int = 0

    def __post_init__(self) -> None:
        self.orders: deque[Order] = deque()
        self.calls: list[Call] = []
        self.fetched: list[str] = []
        self.tally: Counter[str] = Counter()
        self.in_flight = self.most_in_flight = 0
        self._chance = random.Random(self.seed)
        self._allowance, self._filled_at = float(self.burst), 0.0
        self._fetchers = ThreadPoolExecutor(8, thread_name_prefix="stub-fetch")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="openai-server", daemon=True)
        self._up = threading.Event()
        self._lines: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """What is set as ``OPENAI_BASE_URL``."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> OpenAiServer:
        """Serve; returns when the port is open."""
        self._thread.start()
        self._up.wait(10)
        return self

    def close(self) -> None:
        """Break every connection and end."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._fetchers.shutdown()

    def __enter__(self) -> OpenAiServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._line, "127.0.0.1", self.port, limit=2**26, backlog=512)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._filled_at = self._loop.time()
        self._up.set()
        self._loop.run_forever()
        server.close()
        for line in self._lines:
            line.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._lines, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side went, or the server ends
        finally:
            self._lines.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        if method == "GET" and path == "/figures":
            figures = {"tally": dict(self.tally), "most_in_flight": self.most_in_flight}
            return await self._reply(writer, 200, figures)
        if not path.endswith("/chat/completions"):
            return await self._reply(writer, 404, error_body(f"Unknown request URL: {method} {path}"))
        call = Call(path, headers, json.loads(content))
        if self.keep:
            self.calls.append(call)
        self.in_flight += 1
        self.most_in_flight = max(self.in_flight, self.most_in_flight)
        try:
            return await self._meet(call, self._fate(), writer)
        finally:
            self.in_flight -= 1

    def _fate(self) -> Order:
        if self.orders:
            return self.orders.popleft()
        if self.per_minute and not self._admitted():
            return Order(Deed.RATE_LIMIT, retry_after="1")
        drawn = self._chance.random()
        for deed, share in self.lots.items():
            drawn -= share
            if drawn < 0:
                return Order(Deed(deed))
        return Order()

    def _admitted(self) -> bool:
        now = self._loop.time()
        self._allowance = min(self.burst, self._allowance + (now - self._filled_at) * self.per_minute / 60)
        self._filled_at = now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    async def _meet(self, call: Call, order: Order, writer: asyncio.StreamWriter) -> bool:
        self.tally[order.deed] += 1
        if order.deed is Deed.RATE_LIMIT:
            error = error_body("Rate limit reached for requests", "rate_limit_exceeded", "requests")
            return await self._reply(writer, 429, error, {"Retry-After": order.retry_after or "1"})
        if order.deed is Deed.HANG:
            await asyncio.sleep(_HANG_S)
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if order.deed is Deed.DRIP:
            return await _drip(writer)
        if order.deed is Deed.RESET:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            await writer.drain()
            writer.transport.abort()
            return False
        if order.deed is Deed.NO_BODY:
            return await self._send(writer, 200, b"<html>504</html>", {})
        if order.deed in FAILURES:
            status, error = FAILURES[order.deed]
            return await self._reply(writer, status, error)
        if self.fetch and (problem := await self._fetch(call)):
            return await self._reply(writer, 400, problem)
        return await self._reply(writer, 200, self._completion(call, order))

    async def _fetch(self, call: Call) -> dict[str, Any] | None:
        """Fetch the call's pictures as the real one would; the error that it would give."""
        for picture in call.pictures:
            url = picture["url"]
            if url.startswith("data:"):
                continue
            try:
                await self._loop.run_in_executor(self._fetchers, _fetched, url)
            except (OSError, ValueError) as error:
                reason = "Timeout while downloading" if isinstance(error, TimeoutError) else "Error while downloading"
                return error_body(f"{reason} {url}.", "invalid_image_url")
            self.fetched.append(url)
        return None

    def _completion(self, call: Call, order: Order) -> dict[str, Any]:
        message: dict[str, Any] = {"role": "assistant", "content": self._content(call, order), "refusal": None}
        finish = order.finish_reason
        if order.deed is Deed.REFUSAL:
            message = {"role": "assistant", "content": None, "refusal": "I'm sorry, I can't help with that."}
        if order.deed is Deed.CONTENT_FILTER:
            message["content"], finish = None, "content_filter"
        choices = [{"index": 0, "message": message, "finish_reason": finish}]
        asked = len(call.text.split()) * 4 // 3 + sum(_tokens_of(picture) for picture in call.pictures)
        asked += len(json.dumps(call.body.get("response_format", ""))) // 5
        written = max(len(message["content"] or "") // 4, 1)
        return {
            "id": f"chatcmpl-{sum(self.tally.values())}",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": call.body.get("model", ""),
            "choices": [] if order.deed is Deed.EMPTY_CHOICES else choices,
            "usage": {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written},
        }

    def _content(self, call: Call, order: Order) -> str:
        if order.content is not None:
            return order.content
        if order.deed is Deed.BROKEN_JSON:
            return '{"answer": yes, '
        if order.deed is Deed.WRONG_SCHEMA:
            return '{"verdict": "certainly"}'
        schema = call.body.get("response_format", {}).get("json_schema", {}).get("schema")
        value = self.answer(call) if self.answer is not None else fitting(schema) if schema else "I see a street."
        text = value if isinstance(value, str) else json.dumps(value)
        return text[: len(text) // 2] if order.deed is Deed.TRUNCATED else text

    async def _reply(
        self, writer: asyncio.StreamWriter, status: int, value: Any, headers: Mapping[str, str] | None = None
    ) -> bool:
        return await self._send(writer, status, json.dumps(value).encode(), headers or {})

    async def _send(self, writer: asyncio.StreamWriter, status: int, body: bytes, headers: Mapping[str, str]) -> bool:
        limits = {}
        if self.per_minute and self.tell_limit:
            limits = {
                "x-ratelimit-limit-requests": str(self.per_minute),
                "x-ratelimit-remaining-requests": str(int(self._allowance)),
            }
        everything = {"Content-Type": "application/json", "Content-Length": str(len(body))} | limits | dict(headers)
        lines = "".join(f"{name}: {value}\r\n" for name, value in everything.items())
        writer.write(f"HTTP/1.1 {status} {_REASONS.get(status, 'Error')}\r\n{lines}\r\n".encode() + body)
        await writer.drain()
        return True


async def _drip(writer: asyncio.StreamWriter) -> bool:
    """A byte now and then, for ever: no single wait is long."""
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)
    return False


def _fetched(url: str) -> bytes:
    # Loopback only: this machine's proxy has no part in it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=2) as reply:
        return bytes(reply.read())


def _tokens_of(picture: Mapping[str, Any]) -> int:
    """What a picture costs at GPT-4o: 85, and for high detail 170 more for each 512-pixel tile of what is left after
    fitting it into 2,048 pixels with a shorter side of at most 768."""
    if picture.get("detail") == "low":
        return 85
    width, height = _size_of(picture["url"])
    shrink = min(1.0, 2048 / max(width, height))
    shrink *= min(1.0, 768 / (min(width, height) * shrink))
    return 85 + 170 * ceil(width * shrink / 512) * ceil(height * shrink / 512)


def _size_of(url: str) -> tuple[int, int]:
    if not url.startswith("data:"):
        return 1024, 768
    from io import BytesIO

    from PIL import Image

    try:
        with Image.open(BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
            return picture.size
    except OSError:  # tests of other things send what is no picture
        return 1024, 768


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m bench.openai_server", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-s", type=float, default=0.0)
    parser.add_argument("--lots", type=json.loads, default={})
    parser.add_argument("--per-minute", type=int, default=0)
    parser.add_argument("--untold", action="store_true", help="keep the limit, and do not say so in headers")
    options = parser.parse_args(arguments)
    server = OpenAiServer(
        latency_s=options.latency_s,
        lots=options.lots,
        per_minute=options.per_minute,
        burst=max(options.per_minute // 60, 1),
        tell_limit=not options.untold,
        port=options.port,
        keep=False,
    ).start()
    print(server.url, flush=True)
    try:
        threading.Event().wait()
    finally:
        server.close()


if __name__ == "__main__":
    main()
