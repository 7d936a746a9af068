"""Cameras of the register that gave a look no picture are told with its answer: "not seen" is not "no"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.models.scripted import ScriptedModel
from core.states import RunState
from storage.database import Database
from storage.register import EMPTY_REGISTER, Register, RegisteredCamera
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import answered, by_number

Open = Callable[[Register], Desk]


def sheet(*more: tuple[str, str, str]) -> Register:
    """The four cameras that have pictures, and ``more`` as camera, location and district."""
    rows = [(f"cam-{n}", f"Gate {n}", "Northside") for n in range(4)] + list(more)
    return Register("cameras.xlsx", "1", {}, tuple(RegisteredCamera(n + 2, *row) for n, row in enumerate(rows)))


@pytest.fixture
def desk(tmp_path: Path, database: Database, request: pytest.FixtureRequest) -> Open:
    def open_it(register: Register) -> Desk:
        model = ScriptedModel(by_number, workers=4)
        opened = open_desk(tmp_path, MemorySource(24), model, database=database, register=register)
        request.addfinalizer(opened.close)
        return opened

    return open_it


def lacking(desk: Desk, text: str, session_id: str | None = None) -> tuple[str, ...]:
    return tuple(note for note in answered(desk, text, session_id).row.notes if "no picture" in note)


def test_few_are_named(desk: Open) -> None:
    few = sheet(("cam-8", "Mill Road", "Southside"))
    assert lacking(desk(few), "Which locations have people?") == (
        "1 registered camera has no picture and is in no figure: Mill Road.",
    )


def test_many_are_counted(desk: Open) -> None:
    many = sheet(*((f"far-{n}", f"Road {n}", "Southside") for n in range(7)))
    assert lacking(desk(many), "Which locations have people?") == (
        "7 registered cameras have no picture and are in no figure.",
    )


def test_only_those_that_the_question_is_about_are_told(desk: Open) -> None:
    register = sheet(("cam-8", "Mill Road", "Southside"), ("cam-9", "Fort", "Northside"))
    assert lacking(desk(register), "Which locations in Northside have people?") == (
        "1 registered camera there has no picture and is in no figure: Fort.",
    )


def test_a_named_time_is_said_with_it(desk: Open) -> None:
    found = lacking(desk(sheet(("cam-8", "Mill Road", "Southside"))), "How many people were there on 14 March 2026?")
    assert found == ("1 registered camera has no picture of that time and is in no figure: Mill Road.",)


def test_nothing_is_told_where_none_is_lacking_or_there_is_no_sheet(desk: Open) -> None:
    assert lacking(desk(sheet()), "Which locations have people?") == ()
    assert lacking(desk(EMPTY_REGISTER), "Which cameras have people?") == ()


def test_a_follow_up_does_not_repeat_it(desk: Open) -> None:
    open_now = desk(sheet(("cam-8", "Mill Road", "Southside")))
    first = answered(open_now, "Count people at each location")
    assert lacking(open_now, "Which district has the most?", first.row.session_id) == ()
    assert lacking(open_now, "Which of these are crowded with people?", first.row.session_id) == ()


def test_a_look_that_was_stopped_does_not_say_it(desk: Open) -> None:
    """What was not listed yet may well be there."""
    register = sheet(("cam-8", "Mill Road", "Southside"))
    open_now = desk(register)
    message = answered(open_now, "Which locations have people?")
    assert message.run is not None
    answers, stopped = open_now.conversations._answers, replace(message.run, state=RunState.STOPPED)
    assert answers.without_pictures(message.row, message.run, register) != ()
    assert answers.without_pictures(message.row, stopped, register) == ()
