"""Following one question from before it is asked until its run is over, whatever becomes of the line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from core.bus import Bus, Event
from core.states import RunState

if TYPE_CHECKING:  # it brings SQLAlchemy, which the first page need not wait for
    from sessions.views import MessageView

_MISSED_AT_ONCE = 500
# Something is said at least so often, which notices who has left; and after a sign-out a stream may go on for so long.
_HEARTBEAT_S = 3.0


class Log(Protocol):
    """The stored events, as :class:`~sessions.conversations.Conversations` gives them."""

    def last_event_id(self) -> int: ...
    def events_after(self, event_id: int, limit: int) -> list[Event] | None: ...


class Following:
    """Hears everything from now on, for as long as ``is_admitted``; :meth:`close` must be called, once or often, and
    calls ``left``."""

    def __init__(self, bus: Bus, log: Log, is_admitted: Callable[[], bool], left: Callable[[], None]) -> None:
        self._bus = bus
        self._log = log
        self._is_admitted = is_admitted
        self._asked_at_s = time.monotonic()
        self._left = left
        self._last = log.last_event_id()
        self._subscription = bus.subscribe()
        self._is_closed = False

    def until_over(self, message: MessageView) -> Iterator[Event | None]:
        """What is announced of ``message`` or its session, the last of it included; ``None`` when nothing was for a
        while. Ends early only when the server stops, or when whoever listens has signed out."""
        for event in self._events():
            if event is None:
                yield None
            elif _concerns(event, message):
                yield event
                if is_over(event):
                    return

    def close(self) -> None:
        """Hear nothing more."""
        if not self._is_closed:
            self._is_closed = True
            self._bus.unsubscribe(self._subscription)
            self._left()

    def _events(self) -> Iterator[Event | None]:
        while self._may_go_on():
            event = self._subscription.receive(0 if self._subscription.ended else _HEARTBEAT_S)
            if event is not None:
                yield from self._new([event])
            elif not self._subscription.ended:
                yield None
            else:  # too slow, or the server stops: begin again from the log
                self._subscription = self._bus.subscribe()
                if self._subscription.ended:
                    return
                while missed := self._log.events_after(self._last, _MISSED_AT_ONCE):
                    yield from self._new(missed)

    def _may_go_on(self) -> bool:
        now_s = time.monotonic()
        if now_s - self._asked_at_s < _HEARTBEAT_S:
            return True
        self._asked_at_s = now_s
        return self._is_admitted()

    def _new(self, events: Sequence[Event]) -> Iterator[Event]:
        for event in events:
            if event.id > self._last:
                self._last = event.id
                yield event


def is_over(event: Event) -> bool:
    """Whether nothing more will come: the run has ended and its answer is stored, or the session is gone."""
    if event.type == "message":
        run = event.data["message"]["run"]
        return run is None or run["state"] != RunState.RUNNING
    return event.type == "session"


def _concerns(event: Event, message: MessageView) -> bool:
    if event.type == "session":
        return event.session_id == message.row.session_id and bool(event.data["session"].get("deleted"))
    told = event.data["message"]["id"] if event.type == "message" else event.data.get("message_id")
    return bool(told == message.id)
