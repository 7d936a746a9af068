"""What was computed for a picture and serves the next question: tiles on disk, states in memory. Both within limits.

Encoding a picture is nine tenths of the price of a first answer. On disk lies what the eyes made of it (float16, 123
kB a tile for 500M); in memory the model's state after reading it (2.9 MB), with which another question costs a
twentieth.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from analyzer.models.smolvlm.tiles import TileShape

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger(__name__)
_GRID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the eyes made of a picture: ``values`` float16 of shape (tiles, tokens, width), in ``rows`` by ``columns``
    tiles and the whole picture last; without tiles the whole picture alone."""

    rows: int
    columns: int
    values: NDArray[np.float16]


class TileStore:
    """Encoded pictures as files of float16 rows; the least recently used leave first once ``limit_bytes`` is reached.

    ``kind`` names model, version and preparation, so that rows of one are never taken for another's; the limit is for
    all kinds together, or each model that was ever tried would keep its share of the disk. Safe to share by the threads
    of one process, not by two processes.
    """

    def __init__(self, folder: Path, kind: str, width: int, limit_bytes: int, tokens: int = TileShape().tokens) -> None:
        self._folder = folder
        self._kind = kind
        self._tile = (tokens, width)
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._folder.mkdir(parents=True, exist_ok=True)
        oldest_first = sorted(self._found(), key=lambda found: found[2])
        self._sizes = OrderedDict((name, size) for name, size, _ in oldest_first)
        self._total = sum(self._sizes.values())

    @property
    def size_bytes(self) -> int:
        """Bytes on disk now."""
        with self._lock:
            return self._total

    def __len__(self) -> int:
        with self._lock:
            return len(self._sizes)

    def get(self, digest: str) -> Encoded | None:
        """What is kept of the picture with these bytes; ``None`` where there is nothing, or it is damaged."""
        with self._lock:
            if self._name(digest) not in self._sizes:
                return None
            self._sizes.move_to_end(self._name(digest))
        path = self._folder / self._name(digest)
        try:
            raw = path.read_bytes()
            os.utime(path)  # the order survives a restart
        except OSError:
            return None
        return self._load(raw)

    def put(self, digest: str, encoded: Encoded) -> None:
        """Keep an encoded picture."""
        raw = np.array([encoded.rows, encoded.columns], np.uint16).tobytes() + encoded.values.tobytes()
        name = self._name(digest)
        try:
            _write(self._folder / name, raw)
        except OSError as error:  # a full disk costs time, and no answer
            log.warning("an encoded picture can't be kept: %s", error)
            return
        with self._lock:
            self._total += len(raw) - self._sizes.pop(name, 0)
            self._sizes[name] = len(raw)
            leaving = list(self._leaving())
        for left in leaving:
            (self._folder / left).unlink(missing_ok=True)

    def _load(self, raw: bytes) -> Encoded | None:
        rows, columns = (int(number) for number in np.frombuffer(raw[:_GRID_BYTES].ljust(_GRID_BYTES), np.uint16))
        values = np.frombuffer(raw[_GRID_BYTES:], np.uint8)
        tiles = rows * columns + 1
        if values.size != tiles * math.prod(self._tile) * 2:
            return None
        return Encoded(rows, columns, values.view(np.float16).reshape(tiles, *self._tile))

    def _leaving(self) -> Iterator[str]:
        while self._total > self._limit_bytes and len(self._sizes) > 1:
            name, size = self._sizes.popitem(last=False)
            self._total -= size
            yield name

    def _found(self) -> Iterator[tuple[str, int, float]]:
        for path in self._folder.glob("*/??/*"):
            if path.suffix == ".part":  # of a process that died while writing
                path.unlink(missing_ok=True)
                continue
            status = path.stat()
            yield str(path.relative_to(self._folder)), status.st_size, status.st_mtime

    def _name(self, digest: str) -> str:
        return f"{self._kind}/{digest[:2]}/{digest}"


def _write(path: Path, raw: bytes) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        part.write_bytes(raw)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class State:
    """The model's state after reading a picture, and how many positions that took."""

    data: bytes
    tokens: int


class StateCache:
    """States by picture, the least recently used leaving first; for one thread."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._states: OrderedDict[str, State] = OrderedDict()
        self.size_bytes = 0

    def __contains__(self, digest: str) -> bool:
        return digest in self._states

    def get(self, digest: str) -> State:
        """A state that is here."""
        self._states.move_to_end(digest)
        return self._states[digest]

    def put(self, digest: str, state: State) -> None:
        """Keep a state, if it fits at all."""
        if len(state.data) > self._limit_bytes:
            return
        before = self._states.pop(digest, None)
        self.size_bytes += len(state.data) - (len(before.data) if before else 0)
        self._states[digest] = state
        while self.size_bytes > self._limit_bytes:
            _, left = self._states.popitem(last=False)
            self.size_bytes -= len(left.data)
