"""The least that an event stream under waitress can be: a queue and a thread for each listener; nothing is stored.

    python -m bench.bare_stream --port N --told FILE [--threads 564]

What :mod:`bench.viewers` compares with. Tells of ten pictures a second, in events as long as the real ones.
"""

from __future__ import annotations

import argparse
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import waitress

EVERY_S = 0.1
PADDING = "x" * 1200


class Listeners:
    """One queue each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: set[queue.SimpleQueue[bytes]] = set()

    def talk(self, told: Path) -> None:
        """Announce for ever, and write down when."""
        number = 0
        while True:
            time.sleep(EVERY_S)
            number += 1
            piece = f"id: {number}\nevent: seen\ndata: {PADDING}\n\n".encode()
            with told.open("a") as file:
                file.write(f"{number} {time.time():.6f}\n")
            with self._lock:
                for one in self._queues:
                    one.put(piece)

    def hear(self) -> Iterator[bytes]:
        """All pieces from now on."""
        own: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        with self._lock:
            self._queues.add(own)
        try:
            while True:
                yield own.get()
        finally:
            with self._lock:
                self._queues.discard(own)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="python -m bench.bare_stream", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--told", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=564)
    options = parser.parse_args(arguments)
    listeners = Listeners()
    threading.Thread(target=listeners.talk, args=[options.told], name="talk", daemon=True).start()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "text/event-stream")])
        return iter([b"ready"]) if environ["PATH_INFO"] == "/ready" else listeners.hear()

    waitress.serve(
        app,
        host="127.0.0.1",
        port=options.port,
        threads=options.threads,
        connection_limit=4096,
        asyncore_use_poll=True,
        _quiet=True,
    )


if __name__ == "__main__":
    main()
