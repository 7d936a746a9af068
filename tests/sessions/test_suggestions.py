"""What is offered next is asked, every one of it: it is understood, costs nothing, and finds something. The same for
the questions to begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.models.scripted import ScriptedModel
from core.states import Outcome, RunState
from sessions.views import MessageView
from storage.database import Database
from storage.register import Register, RegisteredCamera
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import answered, by_number

TOWN = Register(
    "cameras.xlsx", "1", {},
    tuple(
        RegisteredCamera(
            n + 2, f"cam-{n}", f"Gate {n}", ("Northside", "Southside", "Harbour")[n % 3], None, None, 10.0 + n, 20.0
        )
        for n in range(9)
    ),
)  # fmt: skip
QUESTIONS = (
    "How many people are at each location?",
    "How many people are visible?",
    "Which district has the most people?",
    "Top 5 locations by people",
    "Which locations have people?",
    "Find images with people",
    "Which locations have more than 1 person?",
    "Which locations have no people?",
    "How many people are there per hour?",
    "What share of locations has people?",
    "How many people are at each location in Harbour?",
    "Which cameras have more than 900 people?",
)


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    # A picture a minute: an hour and a half, so that there are hours to compare.
    source = MemorySource(90, cameras=9, broken=[23])
    opened = open_desk(tmp_path, source, ScriptedModel(by_number, workers=4), database=database, register=TOWN)
    yield opened
    opened.close()


def offered(message: MessageView) -> list[str]:
    assert message.answer is not None, message.row.error
    return [each["text"] for each in message.answer["followups"]]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_that_is_offered_next_finds_something_at_no_call(desk: Desk, question: str) -> None:
    first = answered(desk, question)
    assert first.run is not None and first.run.state is RunState.FINISHED
    assert len(offered(first)) in (2, 3)
    assert len(set(offered(first))) == len(offered(first))
    for text in offered(first):
        second = answered(desk, text, first.row.session_id)
        assert (second.run, second.row.error) == (None, None), text
        assert second.answer is not None and second.answer["pictures"] > 0, text
        for third in offered(second):
            last = answered(desk, third, first.row.session_id)
            assert (last.run, last.row.error) == (None, None), f"{text} {third}"
            assert last.answer is not None and last.answer["pictures"] > 0, f"{text} {third}"


def test_what_was_just_asked_is_not_offered_again(desk: Desk) -> None:
    message = answered(desk, "How many people are at each location?")
    for text in (
        "Which district has the most?",
        "Top 5 locations",
        "By hour?",
        "Show me the table",
        "Show me on a map",
    ):
        message = answered(desk, text, message.row.session_id)
        assert text not in offered(message)


def test_every_question_to_begin_with_is_answered(desk: Desk) -> None:
    begins = desk.conversations.starters()
    assert len(begins) >= 3
    for text in begins:
        message = answered(desk, text)
        assert message.row.error is None and message.run is not None, text
        assert sum(message.run.counts[outcome] for outcome in Outcome) > 0, text
