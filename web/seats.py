"""How many long replies may be open at once: each holds a thread for as long as somebody listens."""

from __future__ import annotations

import threading
from collections import Counter


class Seats:
    """A counted number of places; nobody waits for one."""

    def __init__(self, number: int, each: int | None = None) -> None:
        """``number`` in all, and at most ``each`` for one person."""
        self._number = number
        self._each = each
        self._taken: Counter[str | None] = Counter()
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are taken now."""
        return self._taken.total()

    def take(self, person_id: str | None = None) -> bool:
        """Take one; ``False`` when all are taken, or all that one person may have."""
        with self._lock:
            full = person_id is not None and self._each is not None and self._taken[person_id] >= self._each
            if full or self._taken.total() >= self._number:
                return False
            self._taken[person_id] += 1
            return True

    def free(self, person_id: str | None = None) -> None:
        """Give one back."""
        with self._lock:
            self._taken[person_id] -= 1
            if not self._taken[person_id]:
                del self._taken[person_id]
