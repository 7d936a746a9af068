"""Announcing: what was missed is told from memory where it reaches, else from the log; nothing twice, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from core.bus import Bus, Event
from core.clock import SystemClock
from sessions.announcing import Announcer, Tail
from storage.event_log import EventLog
from storage.state import open_state


@pytest.fixture
def engine(state_url: str) -> Iterator[Engine]:
    opened = open_state(state_url)
    yield opened
    opened.dispose()


def ids(events: list[Event] | None) -> list[int] | None:
    return None if events is None else [event.id for event in events]


class CountingLog(EventLog):
    """Counts how often it is read."""

    reads = 0

    def after(self, event_id: int, limit: int) -> list[Event] | None:
        self.reads += 1
        return super().after(event_id, limit)


def test_who_comes_back_costs_no_query_and_who_was_long_away_is_told_all(engine: Engine) -> None:
    first = Announcer(EventLog(engine), Bus(), SystemClock())
    for number in range(5):
        first("run", None, {"number": number})
    log = CountingLog(engine)
    announce = Announcer(log, Bus(), SystemClock())  # another start: memory begins here
    start = announce.last_id()
    assert start == first.last_id()
    for number in range(5, 10):
        announce("run", None, {"number": number})
    assert announce.last_id() == start + 5
    recent = announce.after(start + 2, 2)
    assert ids(recent) == [start + 3, start + 4]
    assert [event.data["number"] for event in recent or ()] == [7, 8]
    assert ids(announce.after(start, 100)) == list(range(start + 1, start + 6))
    assert ids(announce.after(start + 5, 100)) == []
    assert log.reads == 0
    assert [event.data["number"] for event in announce.after(start - 5, 100) or ()] == list(range(10))
    assert announce.after(start + 6, 100) is None
    assert log.reads == 2


def test_the_tail_is_bounded_in_number() -> None:
    tail = Tail(0)
    for number in range(1, 10_001):
        tail.add(Event(number, "run", None, {}))
    assert tail.last_id == 10_000
    assert tail.after(1, 10) is None
    assert ids(tail.after(9_500, 3)) == [9_501, 9_502, 9_503]
    kept = tail.after(9_000, 100_000)
    assert kept is not None
    assert len(kept) == 1000


def test_the_tail_is_bounded_in_bytes() -> None:
    tail = Tail(0)
    for number in range(1, 101):
        tail.add(Event(number, "seen", None, {"padding": "x" * 500_000}))
    held = next(events for first in range(101) if (events := tail.after(first, 1000)) is not None)
    assert 2 <= len(held) <= 16
    tail.add(Event(101, "seen", None, {"padding": "x" * 20_000_000}))
    assert tail.last_id == 101, "one that is larger than all that may be kept still counts"
    assert ids(tail.after(101, 10)) == []


def test_readers_see_every_event_once_while_others_are_added() -> None:
    """No lock: what is kept is replaced as a whole."""
    tail = Tail(0)
    done = threading.Event()
    faults: list[str] = []

    def follow() -> None:
        last = 0
        while not (done.is_set() and last == tail.last_id):
            found = tail.after(last, 50)
            if found is None:
                faults.append(f"fell out after {last}")
                return
            if ids(found) != list(range(last + 1, last + 1 + len(found))):
                faults.append(f"after {last}: {ids(found)}")
            last = found[-1].id if found else last

    readers = [threading.Thread(target=follow) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(1, 2000):
        tail.add(Event(number, "run", None, {}))
    done.set()
    for reader in readers:
        reader.join(30)
    assert faults == []
