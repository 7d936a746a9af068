"""A full disk stops a run with a sentence, loses nothing that was acknowledged, and room lets it go on (section 8)."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from core.errors import StoreUnavailable
from core.states import RunState
from sessions.views import MessageView
from storage.room import Room
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import await_event, headline

PICTURES = 240
HEADLINE = "3 of 3 readable locations show people."


def ended(desk: Desk, message_id: str) -> MessageView:
    """Wait for the run's end as whoever stops it would; the bus may have nothing to tell on a full disk."""
    message = desk.conversations.message(message_id)
    assert message.run is not None
    held = desk.conversations._runs._find(message.run.id)
    if held is not None:
        assert held.wait(60)
    return desk.conversations.message(message_id)


def go_on(desk: Desk, message: MessageView) -> MessageView:
    assert message.run is not None
    with desk.bus.subscribe() as heard:
        desk.conversations.continue_(message.run.id)
        await_event(
            heard.receive,
            lambda event: event.type == "message" and event.data["message"]["run"]["state"] != "running",
        )
    return desk.conversations.message(message.id)


def test_a_run_stops_while_there_is_room_to_keep_what_it_found(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    left, once = [10**12], list[int]()
    room = Room(tmp_path, lambda _: left[0])

    def fill(picture: Material, ask: Ask) -> int:
        number = int(picture.content or b"")
        if number == PICTURES // 2 and not once:
            once.append(number)
            left[0] = 10_000_000
        return number % 3

    model = ScriptedModel(fill, workers=4)
    desk = open_desk(tmp_path, MemorySource(PICTURES), model, check_room=room.check)
    request.addfinalizer(desk.close)
    _, asked = desk.conversations.ask("Which locations have people?")
    message = ended(desk, asked.id)
    assert message.run is not None
    assert message.run.state is RunState.FAILED
    assert "DATA_DIR is full: 10 MB are left" in (message.run.error or "")
    assert 0 < message.run.done < PICTURES
    left[0] = 10**12
    message = go_on(desk, message)
    assert headline(message) == HEADLINE
    assert message.run is not None
    assert (message.run.state, message.run.done) == (RunState.FINISHED, PICTURES)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB of its own."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting needs root")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_disk_that_is_really_full_corrupts_nothing(small_disk: Path, request: pytest.FixtureRequest) -> None:
    stop, filler = threading.Event(), small_disk / "filler"

    def fill(picture: Material, ask: Ask) -> int:
        number = int(picture.content or b"")
        if number == PICTURES // 2 and not stop.is_set():
            stop.set()
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(b"\0" * 65536):
                        pass
                except OSError:
                    pass
        return number % 3

    desk = open_desk(small_disk, MemorySource(PICTURES), ScriptedModel(fill, workers=4))
    request.addfinalizer(desk.close)
    _, asked = desk.conversations.ask("Which locations have people?")
    with suppress(StoreUnavailable):  # while the disk is full, chDB may not even read
        ended(desk, asked.id)
    filler.unlink()
    message = ended(desk, asked.id)
    assert message.run is not None
    assert message.run.state is RunState.FAILED
    assert "full" in (message.run.error or "")
    assert "Make room" in (message.run.error or "")
    message = go_on(desk, message)
    assert message.run is not None
    assert (message.run.state, message.run.done) == (RunState.FINISHED, PICTURES)
    stored = [one.picture_id for one in desk.observations.all(message.run.id)]
    assert len(stored) == len(set(stored)) == PICTURES
