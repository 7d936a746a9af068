"""Something slow to open (a database, a catalogue of models), opened once beside the serving threads.

A page must come in under a second; a database in process takes longer. Whoever needs it waits for it here, and an
opening that failed is told to each of them as the error that it was.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Generic, TypeVar

from core.errors import SightlineError, StoreUnavailable

_log = logging.getLogger(__name__)
T = TypeVar("T")


class OpeningState(StrEnum):
    """Where an opening stands."""

    WAITING = "waiting"
    OPENING = "opening"
    OPEN = "open"
    FAILED = "failed"
    CLOSED = "closed"


class Opening(Generic[T]):
    """Opens with ``open_it`` in a thread of its own at the first use or at :meth:`start`, whichever comes first."""

    def __init__(self, open_it: Callable[[], T], close_it: Callable[[T], None], patience_s: float = 60.0) -> None:
        self._open_it = open_it
        self._close_it = close_it
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._value: T | None = None
        self._error: SightlineError | None = None
        self._state = OpeningState.WAITING

    @property
    def state(self) -> OpeningState:
        """Where it stands now; never waits."""
        return self._state

    @property
    def error(self) -> SightlineError | None:
        """Why it could not be opened, once it has failed."""
        return self._error

    def start(self) -> None:
        """Begin opening, without waiting for the end of it."""
        with self._lock:
            if self._state is OpeningState.WAITING:
                self._state = OpeningState.OPENING
                self._thread = threading.Thread(target=self._run, name="opening", daemon=True)
                self._thread.start()

    def get(self) -> T:
        """What was opened; waits for it. Raises what stopped it from opening."""
        self.start()
        if not self._done.wait(self._patience_s):
            raise StoreUnavailable("Sightline is still opening its stores.", "Try again in a moment.")
        if self._error is not None:
            raise self._error
        if self._state is not OpeningState.OPEN or self._value is None:
            raise StoreUnavailable("Sightline is stopping.", "Start it again.")
        return self._value

    def close(self) -> None:
        """Close what was opened; an opening under way is waited for, since it can't be broken off half-way."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join()
        with self._lock:
            value, self._value = self._value, None
            self._state = OpeningState.CLOSED
            self._done.set()
        if value is not None:
            self._close_it(value)

    def _run(self) -> None:
        try:
            self._value = self._open_it()
            self._state = OpeningState.OPEN
        except SightlineError as error:
            self._fail(error)
        except Exception:  # noqa: BLE001  (the root of a thread)
            _log.exception("opening the stores failed")
            self._fail(StoreUnavailable("The stores can't be opened.", "The reason is in the log."))
        finally:
            self._done.set()

    def _fail(self, error: SightlineError) -> None:
        _log.error("opening failed: %s %s", error.sentence, error.hint)
        self._error = error
        self._state = OpeningState.FAILED
