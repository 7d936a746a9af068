"""Announcing: an event is logged under an id, then published, in one order for everybody."""

from __future__ import annotations

import threading
from typing import Any

from core.bus import Bus, Event
from core.clock import Clock
from storage.event_log import EventLog


class Announcer:
    """Logs and publishes events. What an event tells of is stored before it is announced."""

    def __init__(self, log: EventLog, bus: Bus, clock: Clock) -> None:
        self._log = log
        self._bus = bus
        self._clock = clock
        self._lock = threading.Lock()

    def __call__(self, kind: str, session_id: str | None, data: dict[str, Any]) -> None:
        """Announce one event; subscribers get events in the order of their ids."""
        with self._lock:
            self._bus.publish(self._log.append(kind, session_id, data, self._clock.now()))

    def last_id(self) -> int:
        """The id of the newest event."""
        return self._log.last_id()

    def after(self, event_id: int, limit: int) -> list[Event] | None:
        """What was announced after ``event_id``; ``None`` when the log no longer reaches back that far."""
        return self._log.after(event_id, limit)
