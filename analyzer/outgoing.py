"""The log of what left this machine: written before a call returns, read by the page and by ``outgoing``.

Which question a run was put for is not known here; :mod:`sessions.outgoing` knows.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.picture import Picture

_MOST_LOG_BYTES = 20_000_000
_LONGEST_LINE = 10_000


class Way(StrEnum):
    """In which form something left."""

    URL = "url"
    BYTES = "bytes"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Sending:
    """One line: ``named`` is the picture, or the question that was sent as text; ``run`` is empty for that, and
    ``purpose`` says whether it went for its ``plan`` or for a ``report``.
    ``at`` is UTC as it stands in the file, ``2026-03-14T04:00:00.000Z``."""

    at: str
    to: str
    model: str
    way: Way
    named: str
    run: str
    size_bytes: int
    purpose: str = ""


class OutgoingLog:
    """``DATA_DIR/logs/outgoing.log``: one JSON line for each picture that was sent, with its name and never with its
    URL, and for each question whose text was. The file is kept under 20 MB, with one earlier one."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.path = folder / "outgoing.log"
        self._clock = clock
        self._lock = threading.Lock()
        self._size_bytes: int | None = None

    def sent(self, picture: Picture, run_id: str, to: str, model: str, *, by_url: bool, bytes_sent: int) -> None:
        """Write down that ``picture`` was sent."""
        line = {
            "to": to,
            "model": model,
            "run": run_id,
            "source": picture.source,
            "picture": picture.name,
            "as": Way.URL if by_url else Way.BYTES,
            "bytes": bytes_sent,
        }
        self._write(line)

    def asked(self, question: str, to: str, model: str, *, bytes_sent: int, purpose: str = "plan") -> None:
        """Write down that the text of ``question`` is sent: with names of the register, for its ``plan``; with the
        figures of its answer, for a ``report``."""
        line = {"to": to, "model": model, "question": question, "as": Way.TEXT, "for": purpose, "bytes": bytes_sent}
        self._write(line)

    def _write(self, line: dict[str, Any]) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        text = (json.dumps({"at": at} | line, ensure_ascii=False) + "\n").encode(errors="replace")
        with self._lock:
            self._make_room(len(text))
        # Beside each other: what is appended by one write stays in one piece.
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(descriptor, text)
        finally:
            os.close(descriptor)

    def _make_room(self, size_bytes: int) -> None:
        """Put the file aside when it is full. How large it is is looked up once: with many calls in flight, looking for
        each line would cost more than writing it."""
        if self._size_bytes is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._size_bytes = self.path.stat().st_size if self.path.exists() else 0
        if self._size_bytes > _MOST_LOG_BYTES and self.path.exists():
            self.path.replace(self.path.with_suffix(".log.1"))
            self._size_bytes = 0
        self._size_bytes += size_bytes


def read_sendings(folder: Path) -> Iterator[Sending]:
    """What stands in the log of ``folder`` and in the one before it, oldest first. Lines that can't be read are passed
    over: the last one may be half-written."""
    for path in (folder / "outgoing.log.1", folder / "outgoing.log"):
        if path.is_file():
            with path.open(encoding="utf-8", errors="replace") as file:
                for text in file:
                    if (sending := _sending(text)) is not None:
                        yield sending


def _sending(text: str) -> Sending | None:
    try:
        line = json.loads(text[:_LONGEST_LINE])
        way = Way(line["as"])
        named = line["question" if way is Way.TEXT else "picture"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    words = [line.get("at"), line.get("to"), line.get("model", ""), named, line.get("run", ""), line.get("for", "")]
    size = line.get("bytes", 0)
    if not all(isinstance(one, str) for one in words) or not isinstance(size, int):
        return None
    at, to, model, named, run, purpose = words
    try:
        if datetime.fromisoformat(at).tzinfo is None:
            return None
    except ValueError:
        return None
    return Sending(at, to, model, way, named, run, size, purpose)
