"""How many long replies may be open at once: each holds a thread for as long as somebody listens."""

from __future__ import annotations

import threading


class Seats:
    """A counted number of places; nobody waits for one."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are taken now."""
        return self._taken

    def take(self) -> bool:
        """Take one; ``False`` when all are taken."""
        with self._lock:
            if self._taken >= self._number:
                return False
            self._taken += 1
            return True

    def free(self) -> None:
        """Give one back."""
        with self._lock:
            self._taken -= 1
