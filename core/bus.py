"""The in-process bus: what is announced reaches every subscriber of this process, in order.

The bus holds nothing: what must survive a dropped line is read again from the store by its id.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Event:
    """One announcement. ``id`` is its place in the stored log, ascending without gaps being promised."""

    id: int
    type: str
    session_id: str | None
    data: dict[str, Any]

    @cached_property
    def encoded(self) -> bytes:
        """The data as JSON in UTF-8, on one line: made once, however many hear it."""
        text = json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


class Subscription:
    """A bounded queue of events. A subscriber that falls behind by ``size`` events is ended, not waited for:
    it reconnects and reads what it missed from the store."""

    def __init__(self, bus: Bus, size: int) -> None:
        self._bus = bus
        self._queue: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._size = size
        self.ended = False

    def offer(self, event: Event) -> None:
        """Hand over one event; called by the bus."""
        if self.ended:
            return
        if self._queue.qsize() >= self._size:
            self.end()
            return
        self._queue.put(event)

    def end(self) -> None:
        """Wake the reader and let it finish."""
        self.ended = True
        self._queue.put(None)

    def receive(self, timeout_s: float) -> Event | None:
        """The next event, or ``None`` after ``timeout_s`` or when ended (see ``ended``)."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def __enter__(self) -> Subscription:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bus.unsubscribe(self)


class Bus:
    """Publishes events to all subscribers; never blocks the publisher."""

    def __init__(self, size: int = 4096) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    def subscribe(self) -> Subscription:
        """A new subscription; use it as a context manager. On a closed bus it is ended from the start."""
        subscription = Subscription(self, self._size)
        with self._lock:
            if self._closed:
                subscription.end()
            else:
                self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        with self._lock:
            self._subscriptions.discard(subscription)

    def publish(self, event: Event) -> None:
        """Hand ``event`` to every subscriber."""
        for subscription in self._listeners():
            subscription.offer(event)

    def close(self) -> None:
        """End all subscriptions, so that the streams that read them finish at once."""
        with self._lock:
            self._closed = True
        for subscription in self._listeners():
            subscription.end()

    def __len__(self) -> int:
        with self._lock:
            return len(self._subscriptions)

    def _listeners(self) -> Iterator[Subscription]:
        with self._lock:
            return iter(list(self._subscriptions))
