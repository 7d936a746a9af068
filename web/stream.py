"""The one event stream of a browser: what it missed, then what happens, each event once and in order.

The bus is subscribed to before the log is read, so nothing falls between the two; what comes twice is known by its
id. A reader that can't keep up is ended by the bus, comes back with its Last-Event-ID and reads the rest from the log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from flask import Blueprint, Response, request

from core.bus import Bus, Event, Subscription
from core.errors import TooMany
from web.access import admission, current_person, owner
from web.seats import Seats
from web.services import services

_EVENT_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_RETRY_MS = 1000
# Said at once, so that the browser knows that it is connected; waitress sends each piece as it comes.
_GREETING = f"retry: {_RETRY_MS}\n: listening\n\n".encode()
_HEARTBEAT = b": still here\n\n"
_MOST_AT_ONCE = 200
# As much as is handed to the server at once: it waits with the next piece until the reader has taken some of this.
_PIECE_BYTES = 64 * 1024
# Each write wakes a thread. So many of them at once would leave the run that they tell of no turn; each stream rests
# after a write for as long as all of them need, and takes up together what came meanwhile.
_REST_EACH_S, _LONGEST_REST_S = 0.0005, 0.25
# After a sign-out a stream may go on for this long, and for as long as it takes to ask.
_ADMITTED_FOR_S = 3.0

blueprint = Blueprint("stream", __name__)


class Log(Protocol):
    """The stored events, as :class:`~sessions.conversations.Conversations` gives them."""

    def last_event_id(self) -> int: ...
    def events_after(self, event_id: int, limit: int) -> list[Event] | None: ...


@blueprint.get("/api/updates")
def updates() -> Response:
    """Events after ``Last-Event-ID``, else after ``?after``, else from now on; open until somebody leaves."""
    house, person = services(), current_person()
    log, audience = house.conversations, house.door.get().audience
    heard = _asked_for() or str(log.last_event_id())
    listener = Listener(owner(), lambda event: audience.told(person, event), admission())
    if not house.seats.take(listener.id):
        raise TooMany("Too many pages are listening.", "Close a tab, or raise MAX_STREAMS.")
    limits = house.limits
    listening = Listening(log, house.bus, house.seats, heard, limits.replay_events, limits.heartbeat_s, listener)
    reply = Response(listening, mimetype="text/event-stream")
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["X-Accel-Buffering"] = "no"
    return reply


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens. ``told`` gives an event as they may hear it, or ``None``; ``is_admitted`` says whether they would
    still be let in, as nobody is any more who has signed out."""

    id: str | None = None
    told: Callable[[Event], Event | None] = lambda event: event
    is_admitted: Callable[[], bool] = lambda: True


_ANYBODY = Listener()


class Listening:
    """One open stream, from the event after ``heard``.

    It is an object with ``close`` and no generator: a generator that was never begun runs no ``finally``, and a
    browser that leaves at once would keep its seat for ever.
    """

    def __init__(
        self,
        log: Log,
        bus: Bus,
        seats: Seats,
        heard: str,
        page: int,
        heartbeat_s: float,
        listener: Listener = _ANYBODY,
    ) -> None:
        self._log = log
        self._bus = bus
        self._seats = seats
        self._heard = heard
        self._page = page
        self._heartbeat_s = heartbeat_s
        self._listener = listener
        self._admitted_s = time.monotonic()
        self._subscription: Subscription | None = bus.subscribe()
        self._last = 0

    def __iter__(self) -> Iterator[bytes]:
        subscription = self._subscription
        if subscription is None:
            return
        yield _GREETING
        yield from self._catch_up()
        wrote_s, patience_s = time.monotonic(), min(self._heartbeat_s, _ADMITTED_FOR_S)
        while self._is_admitted() and (events := _next(subscription, patience_s)) is not None:
            for piece in self._told(events):
                yield piece
                wrote_s = time.monotonic()
            if time.monotonic() - wrote_s >= self._heartbeat_s:
                yield _HEARTBEAT
                wrote_s = time.monotonic()
            time.sleep(min(len(self._bus) * _REST_EACH_S, _LONGEST_REST_S))

    def close(self) -> None:
        """Give the seat back, once; werkzeug and the server may both call."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            self._bus.unsubscribe(subscription)
            self._seats.free(self._listener.id)

    def _catch_up(self) -> Iterator[bytes]:
        """What was missed; or a resync, when what the browser last heard means nothing to this log."""
        heard = int(self._heard) if _EVENT_ID.fullmatch(self._heard) else None
        if heard is None or heard > self._log.last_event_id():
            yield self._resync()
            return
        self._last = heard
        while self._is_admitted() and (missed := self._log.events_after(self._last, self._page)) != []:
            if missed is None:
                yield self._resync()
                return
            yield from self._told(missed)

    def _is_admitted(self) -> bool:
        """Whether the listener is still let in; asked again every few seconds."""
        if time.monotonic() - self._admitted_s >= _ADMITTED_FOR_S:
            self._admitted_s = time.monotonic()
            return self._listener.is_admitted()
        return True

    def _resync(self) -> bytes:
        self._last = self._log.last_event_id()
        return _piece(Event(self._last, "resync", None, {}))

    def _told(self, events: Sequence[Event]) -> Iterator[bytes]:
        """Those of ``events`` that were not told yet, as they go over the line."""
        ready = b""
        for event in events:
            if event.id > self._last:
                self._last = event.id
                told = self._listener.told(event)
                ready += _piece(told) if told is not None else b""
                if len(ready) >= _PIECE_BYTES:
                    yield ready
                    ready = b""
        if ready:
            yield ready


def _next(subscription: Subscription, timeout_s: float) -> list[Event] | None:
    """What has come since, at once and at most so much that a browser can follow: nothing after ``timeout_s``,
    ``None`` when the stream is over."""
    events: list[Event] = []
    event = subscription.receive(0 if subscription.ended else timeout_s)
    while event is not None:
        events.append(event)
        event = subscription.receive(0) if len(events) < _MOST_AT_ONCE else None
    return None if subscription.ended and not events else events


def _piece(event: Event) -> bytes:
    """One event as it goes over the line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.id, event.type.encode(), event.encoded)


def _asked_for() -> str | None:
    """The id of the last event that the browser heard; what it says itself after a dropped line wins."""
    return request.headers.get("Last-Event-ID") or request.args.get("after")
