"""How many pictures a source has, counted beside the answering: nobody waits for a number on the start page."""

from __future__ import annotations

import logging
import threading

from core.clock import Clock
from core.errors import SightlineError
from storage.left_out import LeavesOut, LeftOut
from storage.source import ImageSource

_log = logging.getLogger(__name__)
_FRESH_S = 60.0


class Census:
    """Counts in a thread of its own when it is asked and its last count is a minute old; tells the last count."""

    def __init__(self, source: ImageSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._counted_at_s: float | None = None
        self._closed = False
        self.pictures: int | None = None
        self.error: SightlineError | None = None
        self.left_out: tuple[LeftOut, ...] = ()

    def start(self) -> None:
        """Count again, unless that is under way or was done just now."""
        with self._lock:
            counting = self._thread is not None and self._thread.is_alive()
            if self._closed or counting or not self._is_old():
                return
            self._thread = threading.Thread(target=self._count, name="census", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop counting."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            thread.join()

    def _is_old(self) -> bool:
        return self._counted_at_s is None or self._clock.monotonic() - self._counted_at_s >= _FRESH_S

    def _count(self) -> None:
        number = 0
        try:
            for page in self._source.pages():
                number += len(page)
                if self._closed:
                    return
        except SightlineError as error:
            self.error = error
            self.pictures = None
        except Exception:  # noqa: BLE001  (the root of a thread)
            _log.exception("counting the pictures failed")
        else:
            self.error = None
            self.pictures = number
            self.left_out = self._source.left_out if isinstance(self._source, LeavesOut) else ()
        self._counted_at_s = self._clock.monotonic()
