"""Announcing: an event is logged under an id, then published, in one order for everybody."""

from __future__ import annotations

import threading
from bisect import bisect_right
from datetime import datetime
from typing import Any

from core.bus import Bus, Event
from core.clock import Clock
from storage.event_log import EventLog

# What is kept at hand: minutes of a run's events, for pages whose line was lost for a moment.
_MOST_EVENTS = 2000
_MOST_BYTES = 8 * 1024 * 1024


class Tail:
    """The newest events of a log, from the one after ``since`` on. One thread adds; any may read meanwhile."""

    def __init__(self, since: int) -> None:
        self._size_bytes = 0
        # Replaced as a whole, never changed: a reader needs no lock and sees both parts as they belong together.
        self._kept: tuple[int, tuple[Event, ...]] = (since, ())

    @property
    def last_id(self) -> int:
        """The id of the newest event."""
        since, events = self._kept
        return events[-1].id if events else since

    def add(self, event: Event) -> None:
        """Keep one more; when it is too much, the older half goes."""
        since, events = self._kept
        events = (*events, event)
        self._size_bytes += len(event.encoded)
        if len(events) > _MOST_EVENTS or self._size_bytes > _MOST_BYTES:
            half = (len(events) + 1) // 2
            since, events = events[half - 1].id, events[half:]
            self._size_bytes = sum(len(kept.encoded) for kept in events)
        self._kept = (since, events)

    def after(self, event_id: int, limit: int) -> list[Event] | None:
        """What came after ``event_id``; ``None`` when that lies outside of what is kept."""
        since, events = self._kept
        if not since <= event_id <= (events[-1].id if events else since):
            return None
        first = bisect_right(events, event_id, key=lambda event: event.id)
        return list(events[first : first + limit])


class Announcer:
    """Logs and publishes events. What an event tells of is stored before it is announced."""

    def __init__(self, log: EventLog, bus: Bus, clock: Clock) -> None:
        self._log = log
        self._bus = bus
        self._clock = clock
        self._lock = threading.Lock()
        self._tail = Tail(log.last_id())

    def __call__(self, kind: str, session_id: str | None, data: dict[str, Any]) -> None:
        """Announce one event; subscribers get events in the order of their ids."""
        with self._lock:
            event = self._log.append(kind, session_id, data, self._clock.now())
            self._tail.add(event)
            self._bus.publish(event)

    def last_id(self) -> int:
        """The id of the newest event."""
        return self._tail.last_id

    def forget(self, before: datetime) -> None:
        """Drop what was announced before ``before``."""
        self._log.forget(before)

    def after(self, event_id: int, limit: int) -> list[Event] | None:
        """What was announced after ``event_id``; ``None`` when the log no longer reaches back that far, or never came
        that far."""
        recent = self._tail.after(event_id, limit)
        return recent if recent is not None else self._log.after(event_id, limit)
