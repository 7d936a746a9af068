"""The event stream: under a real server, over real sockets; what is missed, what comes twice, who gets no seat."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from waitress import wasyncore

import web.stream
from core.bus import Bus, Event
from core.people import Role
from storage.people import PeopleStore
from tests.web.conftest import MESSAGE, SESSION, Visitor
from web.seats import Seats
from web.server import open_server
from web.services import EXTENSION
from web.stream import Listening


class Ear:
    """A browser's EventSource, over a socket of its own."""

    def __init__(self, port: int, path: str = "/api/updates", *, small: bool = False, **headers: str) -> None:
        """``small``: the system takes as little as it can on this end while nobody reads."""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self.line.connect()
        self.socket = self.line.sock
        if small:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.line.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.reply = self.line.getresponse()

    def blocks(self) -> Iterator[str]:
        """Everything that is ended by an empty line."""
        block = ""
        for line in iter(self.reply.readline, b""):
            if line == b"\n":
                yield block
                block = ""
            block += line.decode() if line != b"\n" else ""

    def events(self, number: int) -> list[tuple[int, str, Any]]:
        """The next ``number`` events: id, type and data."""
        found, quiet = [], 0
        for block in self.blocks():
            quiet += block.startswith(":")
            assert quiet < 25, "nothing is told any more"
            parts = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "data" in parts:
                found.append((int(parts["id"]), parts["event"], json.loads(parts["data"])))
            if len(found) == number:
                break
        return found

    def close(self) -> None:
        self.reply.close()
        self.line.close()

    def reset(self) -> None:
        """End as a killed browser does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The app under waitress, as web/server.py sets it up; who reads nothing is cut off sooner."""
    sockets: dict[int, Any] = {}
    served = open_server(app, "127.0.0.1", 0, streams=4, stalled_ms=300, sockets=sockets)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)

    thread = threading.Thread(target=run, name="waitress")
    thread.start()
    app.extensions[EXTENSION].opening.get()
    yield served.effective_port
    app.extensions[EXTENSION].bus.close()
    stopped.set()
    thread.join()
    served.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def wait_for(condition: Any, seconds: float = 5.0) -> None:
    """Until ``condition()`` holds; fails after ``seconds``."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came to be"
        threading.Event().wait(0.005)


def test_the_first_event_is_heard_within_a_tenth_of_a_second(port: int, conversations: Any) -> None:
    ear = Ear(port)
    assert ear.reply.status == 200
    assert ear.reply.getheader("Content-Type", "").startswith("text/event-stream")
    assert ear.reply.getheader("Cache-Control") == "no-store"
    next(ear.blocks())
    began = time.monotonic()
    conversations.announce(number=1)
    assert ear.events(1)[0][1:] == ("session", {"number": 1})
    assert time.monotonic() - began < 0.1
    ear.close()


def test_what_was_missed_comes_first_and_then_what_happens(port: int, conversations: Any) -> None:
    for number in range(1, 1201):  # more than are read from the log at once
        conversations.announce(number=number)
    ear = Ear(port, "/api/updates?after=200")
    assert [event_id for event_id, *_ in ear.events(1000)] == list(range(201, 1201))
    conversations.announce(number=1201)
    assert ear.events(1)[0][0] == 1201
    ear.close()


def test_what_the_browser_heard_itself_wins_over_the_address(port: int, conversations: Any) -> None:
    for _ in range(5):
        conversations.announce()
    ear = Ear(port, "/api/updates?after=1", Last_Event_ID="4")
    assert ear.events(1)[0][0] == 5
    ear.close()


def test_without_an_id_it_begins_now(port: int, conversations: Any) -> None:
    conversations.announce()
    ear = Ear(port)
    next(ear.blocks())
    wait_for(lambda: len(conversations.bus) == 1)
    conversations.announce()
    assert ear.events(1)[0][0] == 2
    ear.close()


@pytest.mark.parametrize("heard", ["-1", "1" + "0" * 30, "999999", "x", "1e3", "٣", "1 or 1=1", "0x1"])
def test_an_id_that_means_nothing_here_is_answered_with_a_resync(port: int, conversations: Any, heard: str) -> None:
    """Threat row 59."""
    for _ in range(3):
        conversations.announce()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    line.putrequest("GET", "/api/updates")
    line.putheader("Last-Event-ID", heard.encode())
    line.endheaders()
    ear = Ear.__new__(Ear)
    ear.line, ear.reply = line, line.getresponse()
    assert ear.events(1) == [(3, "resync", {})]
    conversations.announce()
    assert ear.events(1)[0][0] == 4
    ear.close()


def test_a_log_that_no_longer_reaches_back_is_answered_with_a_resync(port: int, conversations: Any) -> None:
    for _ in range(9):
        conversations.announce()
    conversations.oldest = 5
    ear = Ear(port, "/api/updates?after=2")
    assert ear.events(1) == [(9, "resync", {})]
    ear.close()


def test_a_quiet_line_is_kept_by_a_heartbeat(port: int) -> None:
    ear = Ear(port)
    blocks = ear.blocks()
    next(blocks)
    assert next(blocks).startswith(":")
    assert next(blocks).startswith(":")
    ear.close()


def test_a_reader_that_left_gives_its_seat_back(port: int, app: Flask, conversations: Any) -> None:
    seats = app.extensions[EXTENSION].seats
    ears = [Ear(port) for _ in range(4)]
    assert seats.taken == 4
    for ear in ears:
        ear.close()
    wait_for(lambda: seats.taken == 0 and len(conversations.bus) == 0)


def test_one_listener_too_many_is_told_when_to_come_back(port: int, app: Flask) -> None:
    ears = [Ear(port) for _ in range(4)]
    late = Ear(port)
    assert late.reply.status == 503
    assert int(late.reply.getheader("Retry-After", "")) > 0
    assert json.loads(late.reply.read())["error"]["code"] == "too_many"
    late.close()
    ears[0].close()
    wait_for(lambda: app.extensions[EXTENSION].seats.taken == 3)
    again = Ear(port)
    assert again.reply.status == 200
    for ear in [again, *ears[1:]]:
        ear.close()


def test_readers_who_die_by_reset_give_their_seats_back(port: int, app: Flask, conversations: Any) -> None:
    """Threats, section 8: opened and closed again and again, by RST."""
    seats = app.extensions[EXTENSION].seats
    for _ in range(10):
        ears = [Ear(port) for _ in range(4)]
        for ear in ears:
            ear.reset()
        conversations.announce()
        wait_for(lambda: seats.taken == 0)
    assert len(conversations.bus) == 0


def test_who_reads_nothing_is_cut_off_and_the_others_hear_everything(port: int, app: Flask, conversations: Any) -> None:
    """Threats, section 8: tabs that are open and read nothing. What waits for one of them is bounded."""
    seats = app.extensions[EXTENSION].seats
    deaf = [Ear(port, small=True) for _ in range(3)]
    ear = Ear(port)
    heard: list[tuple[int, str, Any]] = []
    late: list[float] = []
    padding, number = "x" * 20_000, 0
    until = time.monotonic() + 20
    while seats.taken > 1:
        assert time.monotonic() < until, "those who read nothing are still there"
        number += 1
        conversations.announce(number=number, padding=padding)
        told = time.monotonic()
        heard += ear.events(1)
        late.append(time.monotonic() - told)
    assert [event_id for event_id, *_ in heard] == list(range(1, number + 1))
    assert sorted(late)[len(late) * 99 // 100] < 0.5
    assert len(conversations.bus) == 1
    for one in [*deaf, ear]:
        one.close()


def test_an_event_is_encoded_once_for_all_who_hear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[Any] = []
    plain = json.dumps

    def counting(data: Any, **options: Any) -> str:
        encoded.append(data)
        return plain(data, **options)

    bus = Bus()
    log = LogBehindTheBus(bus)
    log.events.append(Event(3, "session", None, {}))
    streams = [iter(Listening(log, bus, Seats(9), "3", 500, 1.0)) for _ in range(5)]
    for pieces in streams:
        next(pieces)
    monkeypatch.setattr("core.bus.json.dumps", counting)
    bus.publish(Event(4, "session", None, {"title": "Łódź"}))
    bus.close()
    told = {b"".join(pieces) for pieces in streams}
    assert encoded == [{"title": "Łódź"}]
    assert told == {'id: 4\nevent: session\ndata: {"title":"Łódź"}\n\n'.encode()}


def test_a_long_past_is_told_in_pieces_that_a_slow_reader_can_take() -> None:
    bus = Bus()
    log = LogBehindTheBus(bus)
    log.events = [Event(number, "seen", None, {"padding": "x" * 9000}) for number in range(1, 200)]
    pieces = iter(Listening(log, bus, Seats(1), "0", 500, 0.01))
    next(pieces)
    sizes: list[int] = []
    while sum(sizes) < 199 * 9000:
        sizes.append(len(next(pieces)))
    assert max(sizes) < 80_000


def test_a_stream_ends_when_the_bus_is_closed(port: int, app: Flask) -> None:
    ear = Ear(port)
    began = time.monotonic()
    app.extensions[EXTENSION].bus.close()
    assert "".join(ear.blocks()).startswith("retry:")
    assert time.monotonic() - began < 0.5
    ear.close()


def test_nothing_is_lost_or_told_twice_while_others_talk(port: int, conversations: Any) -> None:
    """Readers come in at any moment of a talk of two thousand events."""

    def talk() -> None:
        for _ in range(2000):
            conversations.announce()

    speaker = threading.Thread(target=talk)
    speaker.start()
    heard = []
    for _ in range(3):
        ear = Ear(port, "/api/updates?after=0")
        heard.append([event_id for event_id, *_ in ear.events(2000)])
        ear.close()
    speaker.join()
    assert heard == [list(range(1, 2001))] * 3


class LogBehindTheBus:
    """A log that has an event in it only once somebody reads it: the one that comes between subscribing and reading."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.events = [Event(1, "session", None, {}), Event(2, "session", None, {})]

    def last_event_id(self) -> int:
        return self.events[-1].id

    def events_after(self, event_id: int, limit: int) -> list[Event]:
        if len(self.events) == 2:
            self.events.append(Event(3, "session", None, {}))
            self.bus.publish(self.events[-1])
        return [event for event in self.events if event.id > event_id][:limit]


def test_an_event_in_the_log_and_on_the_bus_is_told_once() -> None:
    bus = Bus()
    seats = Seats(1)
    seats.take()
    listening = Listening(LogBehindTheBus(bus), bus, seats, "1", 500, 1.0)
    pieces = iter(listening)
    next(pieces)
    assert next(pieces).count(b"id: ") == 2
    bus.publish(Event(4, "session", None, {}))
    bus.close()
    rest = b"".join(pieces)
    assert rest.count(b"id: ") == 1
    assert b"id: 4" in rest


def test_a_stream_that_was_never_read_gives_its_seat_back_once() -> None:
    bus = Bus()
    seats = Seats(1)
    seats.take()
    listening = Listening(LogBehindTheBus(bus), bus, seats, "0", 500, 1.0)
    listening.close()
    listening.close()
    assert seats.taken == 0
    assert len(bus) == 0
    assert list(listening) == []


def test_a_reader_who_falls_behind_is_ended_and_what_it_had_not_read_is_in_the_log() -> None:
    bus = Bus(size=10)
    log = LogBehindTheBus(bus)
    listening = Listening(log, bus, Seats(1), "3", 500, 30.0)
    pieces = iter(listening)
    next(pieces)
    for number in range(4, 30):
        bus.publish(Event(number, "session", None, {}))
    began = time.monotonic()
    told = b"".join(pieces)
    assert time.monotonic() - began < 5  # it ends by itself, without waiting for a heartbeat
    assert b"id: 13\n" in told
    assert b"id: 14\n" not in told


def cookie(visitor: Visitor) -> str:
    found = visitor.client.get_cookie("sightline_5000", domain="127.0.0.1")
    assert found is not None
    return f"sightline_5000={found.value}"


def test_a_stranger_hears_nothing(port: int, visit: Callable[..., Visitor]) -> None:
    """Threat row 45."""
    visit()
    ear = Ear(port)
    assert ear.reply.status == 401
    ear.close()


def test_each_hears_what_they_may_see_live_and_again(
    port: int, app: Flask, conversations: Any, visit: Callable[..., Visitor], people: PeopleStore
) -> None:
    """Threat rows 21 and 59: also from an id that was another's."""
    asha, ben = visit("Asha"), visit("Ben")
    ears = [Ear(port, Cookie=cookie(each)) for each in (asha, ben)]
    for ear in ears:
        next(ear.blocks())
    conversations.announce("seen", message_id=MESSAGE, number=1)
    conversations.announce("session", session={"id": SESSION, "title": "T", "shared": False, "owner": "x"})
    conversations.log.append(Event(3, "register", None, {}))
    conversations.bus.publish(conversations.log[-1])
    assert [event[:2] for event in ears[0].events(3)] == [(1, "seen"), (2, "session"), (3, "register")]
    assert [event[:2] for event in ears[1].events(1)] == [(3, "register")]
    for heard in ("0", "1", "2"):
        again = Ear(port, Cookie=cookie(ben), Last_Event_ID=heard)
        assert [event[:2] for event in again.events(1)] == [(3, "register")]
        again.close()
        wait_for(lambda: app.extensions[EXTENSION].seats.taken == 2)
    assert ears[0].reply.getheader("Vary") is not None
    for ear in ears:
        ear.close()


@pytest.mark.parametrize("heard", ["-1", "1" + "0" * 30, "1e3", "٣", "[1]", "2.5", "0x1", "' or 1=1", ""])
def test_an_odd_id_is_a_safe_replay_of_what_is_ones_own(
    port: int, conversations: Any, visit: Callable[..., Visitor], heard: str
) -> None:
    """Threat rows 59 and 60."""
    conversations.announce("seen", message_id=MESSAGE)
    for name, shown in (("Asha", "seen"), ("Ben", "register")):
        ear = Ear(port, f"/api/updates?{urlencode({'after': heard})}", Cookie=cookie(visit(name)))
        assert ear.reply.status == 200
        next(ear.blocks())
        conversations.announce("seen", message_id=MESSAGE)
        conversations.log.append(Event(conversations.last_event_id() + 1, "register", None, {}))
        conversations.bus.publish(conversations.log[-1])
        told = ear.events(1)[0][1]
        assert told == "resync" or told == shown
        ear.close()


def test_a_stream_ends_within_five_seconds_of_the_sign_out(
    port: int,
    visit: Callable[..., Visitor],
    conversations: Any,
    people: PeopleStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Threat row 58: by the person, by a command, by another password, and when the person is removed."""
    assert web.stream._ADMITTED_FOR_S < 4
    monkeypatch.setattr(web.stream, "_ADMITTED_FOR_S", 0.3)
    ends: list[Callable[[Visitor], object]] = [
        lambda visitor: visitor.fill_in("/logout"),
        lambda _: people.raise_epoch(people.find("asha").id),
        lambda _: people.change_password(people.find("asha"), "eight blue windows"),
        lambda _: people.remove(people.find("asha")),
    ]
    for number, end in enumerate(ends):
        visitor = visit()
        visitor.sign_in("Asha", "seven green doors" if number < 3 else "eight blue windows")
        ear = Ear(port, Cookie=cookie(visitor))
        next(ear.blocks())
        end(visitor)
        began = time.monotonic()
        conversations.announce("seen", message_id=MESSAGE)
        for _ in ear.blocks():
            pass
        assert time.monotonic() - began < 2
        ear.close()


def test_a_token_that_is_taken_back_ends_its_stream(port: int, visit: Any, people: PeopleStore) -> None:
    visit()
    asha = people.find("asha")
    ear = Ear(port, Authorization=f"Bearer {people.add_token(asha, 'wall')}")
    next(ear.blocks())
    people.remove_token(asha, "wall")
    assert list(ear.blocks()) is not None
    ear.close()


def test_the_first_person_ends_the_streams_of_before(port: int, app: Flask) -> None:
    ear = Ear(port)
    next(ear.blocks())
    app.extensions[EXTENSION].door.get().people.add("Asha", Role.OPERATOR, "seven green doors")
    began = time.monotonic()
    assert "".join(ear.blocks()).count("event:") == 0
    assert time.monotonic() - began < 5
    ear.close()


def test_one_person_takes_not_all_the_places(port: int, visit: Callable[..., Visitor]) -> None:
    """Threat row 58."""
    asha, ben = visit("Asha"), visit("Ben")
    ears = [Ear(port, Cookie=cookie(asha)) for _ in range(3)]
    assert [ear.reply.status for ear in ears] == [200, 200, 200]
    late = Ear(port, Cookie=cookie(asha))
    assert late.reply.status == 503
    other = Ear(port, Cookie=cookie(ben))
    assert other.reply.status == 200
    for ear in [late, other, *ears]:
        ear.close()


def test_a_request_that_drips_is_ended_and_holds_no_place(app: Flask) -> None:
    """Threat row 53. Each byte comes well within the time for idle connections."""
    sockets: dict[int, Any] = {}
    served = open_server(app, "127.0.0.1", 0, streams=4, patience_s=0.3, sockets=sockets)
    with socket.create_connection(("127.0.0.1", served.effective_port), timeout=5) as line:
        line.settimeout(0.01)
        line.sendall(b"POST /api/v1/questions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
        said, until = b"", time.monotonic() + 5
        while not said:
            assert time.monotonic() < until
            line.sendall(b"x")
            wasyncore.loop(timeout=0.01, use_poll=True, map=sockets, count=1)
            with contextlib.suppress(TimeoutError):
                said = line.recv(1000)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert json.loads(said.split(b"\r\n\r\n")[1])["error"]["code"] == "too_slow"
    served.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)
