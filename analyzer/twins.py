"""Pictures of one identity within a run: one of them is looked at, the others get what was seen in it.

Only those whose source tells their identity are known in time; where a picture must be read to be known, the looker
finds its equal in the store.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from analyzer.look import Seen
from core.observation import Sight
from core.picture import Picture


class Twins:
    """Used by a run's feeder, which holds pictures back, and by its writer, which lets them go. Holds no more than the
    pictures in work and the page that is being fed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Picture]] = {}
        self._seen: dict[str, Sight] = {}

    def turn_page(self) -> None:
        """What was let go so far is in the store, and will be found there from now on."""
        with self._lock:
            self._seen.clear()

    def holds_back(self, picture: Picture) -> bool:
        """Whether an equal picture is being looked at; then this one waits for it. Else others wait for this one."""
        if picture.identity is None:
            return False
        with self._lock:
            waiting = self._waiting.get(picture.identity.value)
            if waiting is not None:
                waiting.append(picture)
                return True
            if picture.identity.value not in self._seen:
                self._waiting[picture.identity.value] = []
            return False

    def sight(self, picture: Picture) -> Sight | None:
        """What was seen in an equal picture since the page was turned."""
        with self._lock:
            return self._seen.get(picture.identity.value) if picture.identity else None

    def let_go(self, seen: Sequence[Seen]) -> list[Seen]:
        """What those that waited for ``seen`` get; call it when that is stored."""
        freed: list[Seen] = []
        with self._lock:
            for one in seen:
                if one.picture.identity is None:
                    continue
                value = one.picture.identity.value
                waited = self._waiting.pop(value, [])
                if not one.failed:
                    self._seen[value] = one.sight
                freed += [replace(one, picture=twin, reused=not one.failed) for twin in waited]
        return freed
