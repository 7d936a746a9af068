"""How many pictures a source has, counted beside the answering: nobody waits for a number on the start page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock
from core.errors import SightlineError
from storage.left_out import LeavesOut, LeftOut
from storage.source import Countable, ImageSource

_log = logging.getLogger(__name__)
_FRESH_S = 60.0
# Listing costs requests, and money where there are millions: what took long to count is counted again less often.
_FRESH_FOR_SECONDS = 20.0
_GIVING_WAY_S = 0.1


@dataclass(frozen=True, slots=True)
class Count:
    """Pictures counted; ``whole`` says that these are all."""

    pictures: int
    whole: bool


class Census:
    """Counts in a thread of its own when it is asked and its last count is a minute old; tells the last whole count, or
    until there is one how far it has come."""

    def __init__(self, source: ImageSource, clock: Clock, busy: Callable[[], bool] = lambda: False) -> None:
        """While there is something more urgent (``busy``), counting takes a page now and then."""
        self._source = source
        self._busy = busy
        self._ended = threading.Event()
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._count_again_s = float("-inf")
        self._closed = False
        self.latest: Count | None = None
        self.error: SightlineError | None = None
        self.left_out: tuple[LeftOut, ...] = ()
        self.undated = 0

    @property
    def pictures(self) -> int | None:
        """How many there are, as far as that is known."""
        latest = self.latest
        return None if latest is None else latest.pictures

    @property
    def counting(self) -> bool:
        """Whether the number is not the last word: nobody has counted to the end yet, and somebody is at it."""
        latest, thread = self.latest, self._thread
        return (latest is None or not latest.whole) and thread is not None and thread.is_alive()

    def __enter__(self) -> Census:
        """Begin to count."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Count again, unless that is under way or was done just now."""
        with self._lock:
            under_way = self._thread is not None and self._thread.is_alive()
            if self._closed or under_way or self._clock.monotonic() < self._count_again_s:
                return
            self._thread = threading.Thread(target=self._count, name="census", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop counting."""
        with self._lock:
            self._closed = True
            self._ended.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _count(self) -> None:
        number, began_s = 0, self._clock.monotonic()

        def tell(so_far: int) -> None:
            nonlocal number
            number = so_far
            if self.latest is None or not self.latest.whole:
                self.latest = Count(so_far, whole=False)
            if self._busy():
                self._ended.wait(_GIVING_WAY_S)

        try:
            count(self._source, tell, lambda: self._closed)
        except SightlineError as error:
            self.error = error
            self.latest = None
        except Exception:  # noqa: BLE001  (the root of a thread)
            _log.exception("counting the pictures failed")
        else:
            self.error = None
            if not self._closed:
                self.latest = Count(number, whole=True)
                if isinstance(self._source, LeavesOut):
                    self.left_out, self.undated = self._source.left_out, self._source.undated
        ended_s = self._clock.monotonic()
        self._count_again_s = ended_s + max(_FRESH_S, (ended_s - began_s) * _FRESH_FOR_SECONDS)


def count(source: ImageSource, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
    """Count in the way that the source knows, else page by page; as :class:`Countable` says."""
    if isinstance(source, Countable):
        source.count(tell, stopped)
        return
    number = 0
    for page in source.pages():
        number += len(page)
        tell(number)
        if stopped():
            return
