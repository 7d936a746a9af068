"""What calls really took, in seconds and tokens: the next estimate and the next time-out go by it."""

from __future__ import annotations

import threading
from collections import deque

from analyzer.models.model import Cost

_LATEST = 256
_ENOUGH = 32
_LEAST_PATIENCE_S = 2.0
_GUESSED_CALL_S = 3.0


class Meter:
    """Counts for each detail in which pictures are looked at. Safe from all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds: deque[float] = deque(maxlen=_LATEST)
        self._paid: dict[str, Cost] = {}
        self._reckoned: dict[str, Cost] = {}
        self._longest_s = 0.0

    def answered(self, detail: str, seconds: float) -> None:  # noqa: ARG002 - one server, one queue
        """A call was answered."""
        with self._lock:
            self._seconds.append(seconds)
            self._longest_s = max(self._seconds) if len(self._seconds) % 16 == 0 else max(self._longest_s, seconds)

    def paid(self, detail: str, cost: Cost, estimated: Cost) -> None:
        """A call was paid for that had been reckoned at ``estimated``."""
        with self._lock:
            self._paid[detail] = self._paid.get(detail, Cost()) + cost
            self._reckoned[detail] = self._reckoned.get(detail, Cost()) + estimated

    def mended(self, detail: str, reckoned: Cost) -> tuple[float, float]:
        """Tokens in and out, ``reckoned`` and mended by what such calls turned out to take."""
        with self._lock:
            paid, guessed = self._paid.get(detail), self._reckoned.get(detail)
        if paid is None or guessed is None or not guessed.tokens_in or not guessed.tokens_out or not paid.tokens_in:
            return reckoned.tokens_in, reckoned.tokens_out
        tokens_in = reckoned.tokens_in * paid.tokens_in / guessed.tokens_in
        return tokens_in, reckoned.tokens_out * paid.tokens_out / guessed.tokens_out

    def call_s(self, detail: str) -> float:  # noqa: ARG002
        """Seconds that a call takes."""
        with self._lock:
            return sum(self._seconds) / len(self._seconds) if self._seconds else _GUESSED_CALL_S

    def patience_s(self, most_s: float) -> float:
        """How long to wait for an answer: twice as long as the slowest of the latest, once there are enough of them. A
        call that hangs holds a worker for that long."""
        with self._lock:
            if len(self._seconds) < _ENOUGH:
                return most_s
            return min(max(2 * self._longest_s, _LEAST_PATIENCE_S), most_s)
