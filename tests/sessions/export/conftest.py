"""An answered desk: three gates, twenty-four pictures, one of them broken; and what its exports read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from core.bus import Event
from sessions.export.extract import Extract
from sessions.views import MessageView
from storage.database import Database
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk

ADDRESS = "http://127.0.0.1:5000"


def by_number(picture: Material, ask: Ask) -> int:
    """As many of the target as the picture's number, modulo 3."""
    assert picture.content is not None
    return int(picture.content) % 3


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    model = ScriptedModel(by_number, workers=4)
    opened = open_desk(tmp_path, MemorySource(24, broken=[23]), model, database=database)
    yield opened
    opened.close()


@pytest.fixture
def answered(desk: Desk) -> Callable[..., MessageView]:
    """Ask, and wait on the bus until the answer is announced."""

    def ask(text: str, session_id: str | None = None) -> MessageView:
        with desk.bus.subscribe() as heard:
            _, message = desk.conversations.ask(text, session_id)

            def over(event: Event) -> bool:
                told = event.data.get("message", {})
                return bool(event.type == "message" and told["id"] == message.id and told["run"]["state"] != "running")

            while message.run is not None:
                event = heard.receive(20)
                assert event is not None, "nothing more was announced"
                if over(event):
                    break
        return desk.conversations.message(message.id)

    return ask


@pytest.fixture
def extract(desk: Desk, answered: Callable[..., MessageView]) -> Extract:
    """One answered count."""
    return desk.exports.answer(answered("Count people at each location").id, "Northside", ADDRESS)
