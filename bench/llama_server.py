"""A ``llama-server`` measured beside SmolVLM's engine, on the same files; for :mod:`bench.smolvlm`.

llama-cpp-python's source carries it and doesn't build it. From that source::

    cmake -S vendor/llama.cpp -B build -DLLAMA_CURL=OFF && cmake --build build --target llama-server

It is started as well as it can be: flash attention, four slots, one tile's worth of tokens for a picture (it encodes
two), and its own cache, which knows a picture again.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench.serving import free_port, running

_SLOTS = 4
_PATIENCE_S = 120


def beside_llama_server(
    program: Path, text: Path, mmproj: Path, pictures: Sequence[bytes], first: str, *further: str
) -> dict[str, float]:
    """Seconds a picture for a first question and the best of ``further`` ones, by as many callers as it has slots."""
    with _served(program, text, mmproj) as port:
        _ask(port, pictures[-1], first)

        def through(question: str) -> float:
            began = time.perf_counter()
            with ThreadPoolExecutor(_SLOTS) as callers:
                list(callers.map(lambda content: _ask(port, content, question), pictures[:-1]))
            return (time.perf_counter() - began) / len(pictures[:-1])

        figures = {"llama_server_first_s": through(first)}
        figures["llama_server_second_s"] = min(through(question) for question in further)
    for name, value in figures.items():
        print(f"{name:<60} {value:8.3f} s a picture", flush=True)
    return figures


@contextmanager
def _served(program: Path, text: Path, mmproj: Path) -> Iterator[int]:
    port = free_port()
    command = [str(program), "-m", str(text), "--mmproj", str(mmproj), "--port", str(port)]
    command += ["-np", str(_SLOTS), "-c", str(_SLOTS * 1024), "-t", str(os.cpu_count() or 1), "-fa", "on"]
    command += ["--image-max-tokens", "64", "--no-warmup"]
    with running(command, port, "/health", _PATIENCE_S, quietly=True):
        yield port


def _ask(port: int, content: bytes, question: str) -> None:
    url = "data:image/jpeg;base64," + base64.b64encode(content).decode()
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    body = {"messages": [{"role": "user", "content": parts}], "max_tokens": 1, "temperature": 0, "cache_prompt": True}
    line = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S)
    line.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    reply = line.getresponse()
    if reply.status != 200:
        raise SystemExit(f"llama-server answers {reply.status}: {reply.read(500)!r}")
    reply.read()
    line.close()
