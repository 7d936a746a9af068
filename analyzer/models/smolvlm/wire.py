"""What the app and the model process say to each other, over one socket: a JSON line, and a picture's bytes after it.

JSON and not pickle: the child runs native code over pictures from outside, and nothing that it says may be run here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.tiles import Splitting
from storage.decoding import MAX_PIXELS

MOST_MESSAGE_BYTES = 64 * 1024 * 1024


class Word(StrEnum):
    """What the child reports."""

    READY = "ready"
    BEGUN = "begun"
    ALIVE = "alive"
    PART = "part"
    ANSWER = "answer"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a model process is started with."""

    text: Path
    mmproj: Path
    tiles_dir: Path
    kind: str
    tuning: Tuning = field(default_factory=Tuning)
    splitting: Splitting = Splitting.ONE
    tiles_limit_bytes: int = 2_000_000_000
    states_limit_bytes: int = 512_000_000
    max_pixels: int = MAX_PIXELS

    def dump(self) -> str:
        """As one argument of a command line."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def load(cls, text: str) -> Setup:
        """Back from :meth:`dump`."""
        values = json.loads(text)
        paths = {name: Path(values[name]) for name in ("text", "mmproj", "tiles_dir")}
        tuning, splitting = Tuning(**values["tuning"]), Splitting(values["splitting"])
        return cls(**(values | paths | {"tuning": tuning, "splitting": splitting}))


@dataclass(frozen=True, slots=True)
class Request:
    """One question on its way. ``alone`` asks for it to be answered in a group of its own."""

    number: int
    digest: str
    query: Query
    content: bytes = field(repr=False)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What the child says, about one request or about itself."""

    word: Word
    numbers: tuple[int, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)


def send_request(connection: Connection, request: Request) -> None:
    """Hand a question to the child."""
    head = {"number": request.number, "digest": request.digest, "alone": request.alone, "query": asdict(request.query)}
    connection.send_bytes(json.dumps(head).encode())
    connection.send_bytes(request.content)


def receive_request(connection: Connection) -> Request:
    """The next question; ``EOFError`` when the app is gone."""
    head = json.loads(connection.recv_bytes(MOST_MESSAGE_BYTES))
    content = connection.recv_bytes(MOST_MESSAGE_BYTES)
    asked = head.pop("query")
    earlier = tuple((question, answer) for question, answer in asked["earlier"])
    asked |= {"form": Form(asked["form"]), "choices": tuple(asked["choices"]), "earlier": earlier}
    return Request(**head, query=Query(**asked), content=content)


def send_report(connection: Connection, word: Word, *numbers: int, **values: Any) -> None:
    """Tell the app."""
    connection.send_bytes(json.dumps([word, numbers, values]).encode())


def receive_report(connection: Connection) -> Report:
    """The child's next word; ``EOFError`` when it is gone."""
    word, numbers, values = json.loads(connection.recv_bytes(MOST_MESSAGE_BYTES))
    return Report(Word(word), tuple(numbers), values)


def reading_values(reading: Reading) -> dict[str, Any]:
    """A reading as plain values."""
    return asdict(reading)
