"""What is made of a question in a conversation: which place, which language, what was learnt before, which pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.models.model import Ability, Fit
from analyzer.models.scripted import ScriptedModel
from core.clock import ManualClock
from core.errors import UnplannableQuestion
from core.states import Outcome
from sessions.views import MessageView
from storage.database import Database
from storage.observations import PictureFilter
from storage.register import Register, RegisteredCamera
from tests.conftest import MemorySource
from tests.sessions.desk import REGISTER, Desk, open_desk
from tests.sessions.test_conversations import answered, by_number, without

TWICE = Register(
    "cameras.xlsx",
    "2",
    {},
    (
        *(replace(one, location="Clock Tower", mandal="Old Town") for one in REGISTER.cameras if one.row < 4),
        *(replace(one, location="Clock Tower") for one in REGISTER.cameras if one.row == 4),
        RegisteredCamera(9, "cam-3", "Gandhi Road", "Southside", None, None, 13.0, 20.0),
        RegisteredCamera(10, "cam-9", "Gandhi Nagar", "Southside", None, None, 13.0, 20.0),
    ),
)


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(by_number, workers=4)


@pytest.fixture
def desk(tmp_path: Path, database: Database, model: ScriptedModel) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    opened = open_desk(tmp_path, MemorySource(24, broken=[23]), model, database=database)
    yield opened
    opened.close()


@pytest.fixture
def towns(tmp_path: Path, database: Database, model: ScriptedModel) -> Iterator[Desk]:
    """A register in which one name stands in two districts, and two names share their telling word."""
    opened = open_desk(tmp_path, MemorySource(24), model, database=database, register=TWICE)
    yield opened
    opened.close()


def outcomes(desk: Desk, message: MessageView, **wanted: object) -> list[Outcome]:
    page = desk.conversations.pictures(message.id, PictureFilter(**wanted), None, 100)  # type: ignore[arg-type]
    return [row.outcome for row in page.rows]


def test_a_name_that_several_places_have_asks_back_and_no_picture_is_looked_at(
    towns: Desk, model: ScriptedModel
) -> None:
    asked = answered(towns, "How many people are at the Clock Tower?")
    assert asked.row.error is not None
    assert asked.row.error["code"] == "ambiguous_place"
    assert [choice["label"] for choice in asked.row.error["choices"]] == [
        "Clock Tower, Northside", "Clock Tower, Southside", "All of them",
    ]  # fmt: skip
    assert model.asked == []


def test_each_choice_is_a_question_that_is_answered_for_that_place_alone(towns: Desk) -> None:
    asked = answered(towns, "How many people are at the Clock Tower?")
    assert asked.row.error is not None
    counted = {}
    for choice in asked.row.error["choices"]:
        chosen = answered(towns, choice["text"], asked.row.session_id, instead_of=asked.id)
        assert (chosen.row.error, chosen.row.plan["scope"]["locations"]) == (None, ["Clock Tower"])
        counted[choice["label"]] = {place.viewpoint.camera for place in towns.conversations.places(chosen.id)}
    assert counted == {
        "Clock Tower, Northside": {"cam-0", "cam-1"},
        "Clock Tower, Southside": {"cam-2"},
        "All of them": {"cam-0", "cam-1", "cam-2"},
    }


def test_a_part_of_two_names_asks_which_and_a_named_district_settles_it(towns: Desk) -> None:
    asked = answered(towns, "Any people near Gandhi?")
    assert asked.row.error is not None
    assert [choice["text"] for choice in asked.row.error["choices"]] == [
        "Any people near Gandhi Nagar?", "Any people near Gandhi Road?",
        "Any people near Gandhi Nagar and Gandhi Road?",
    ]  # fmt: skip
    settled = answered(towns, "How many people are at the Clock Tower in Southside?")
    assert settled.row.error is None
    assert {place.viewpoint.camera for place in towns.conversations.places(settled.id)} == {"cam-2"}


def test_a_language_that_the_planner_does_not_know_goes_to_the_model_as_it_is_and_the_answer_says_so(
    desk: Desk,
) -> None:
    asked = answered(desk, "कितनी गाड़ियाँ हैं?")
    assert asked.row.plan["ask"] == "कितनी गाड़ियाँ हैं?"
    (note,) = asked.row.notes
    assert note.startswith("The planner does not know the language of this question.")


def test_the_same_question_has_the_same_answer_asked_first_or_after_a_count(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "Which locations have more than 1 person?")
    counted = answered(desk, "How many people are at each location?")
    asked = len(model.asked)
    after = answered(desk, "Which locations have more than 1 person?", counted.row.session_id)
    assert after.row.plan["kind"] == "recall"
    assert first.answer is not None
    assert after.answer is not None
    assert after.answer["headline"] == first.answer["headline"]
    assert after.answer["groups"] == first.answer["groups"]
    assert len(model.asked) == asked


def test_the_pictures_behind_a_figure_are_those_that_meet_the_questions_condition(desk: Desk) -> None:
    found = answered(desk, "Find images with more than 1 person")
    assert found.answer is not None
    (figure,) = [one for one in found.answer["figures"] if one["label"] == "match"]
    shown = desk.conversations.pictures(found.id, PictureFilter(outcome=Outcome.MATCH), None, 100)
    assert 0 < shown.total == figure["value"] == found.answer["counts"]["match"] < 23
    assert all((row.count or 0) > 1 for row in shown.rows)


def test_the_pictures_behind_a_follow_up_are_those_of_its_place(desk: Desk) -> None:
    counted = answered(desk, "How many people are at each location?")
    there = answered(desk, "And in Northside?", counted.row.session_id)
    assert there.row.run_id is None
    page = desk.conversations.pictures(there.id, PictureFilter(), None, 100)
    assert {row.camera for row in page.rows} == {"cam-0", "cam-1"}
    assert there.answer is not None
    assert page.total == there.answer["pictures"]


def test_the_statement_behind_an_answer_can_be_read_and_gives_its_figures(desk: Desk, database: Database) -> None:
    counted = answered(desk, "How many people are at each location?")
    asked = answered(desk, "Which has the most in Northside?", counted.row.session_id)
    (working,) = desk.conversations.workings(asked.id)
    assert working["parameters"]["districts"] == ["northside"]
    rows = database.select(working["sql"], working["parameters"])
    assert asked.answer is not None
    assert sum(row[9] for row in rows) == asked.answer["pictures"]
    assert "northside" not in working["sql"].lower(), "what a person typed is bound, never written into it"


def test_a_chip_taken_away_from_a_recall_keeps_to_how_it_was_judged(desk: Desk) -> None:
    counted = answered(desk, "How many people are at each location?")
    found = answered(desk, "Which locations in Northside have more than 1 person?", counted.row.session_id)
    assert without(desk, found, "where").row.error is None


@pytest.fixture
def told(tmp_path: Path, database: Database) -> Iterator[tuple[Desk, ScriptedModel]]:
    """A model that is told what to look for: each ask is another look, until its answer is known."""
    model = ScriptedModel(
        by_number, name="told", workers=4, ability=lambda ask: Ability(Fit.FULL, "It answers.", sees=ask.key)
    )
    database.command("TRUNCATE TABLE sights")
    opened = open_desk(tmp_path, MemorySource(24), model, database=database)
    yield opened, model
    opened.close()


def test_one_ask_in_other_words_and_what_follows_from_a_count_make_no_call(told: tuple[Desk, ScriptedModel]) -> None:
    desk, model = told
    counted = answered(desk, "How many cars are visible?")
    assert len(model.asked) == 24
    for text in (
        "Count the cars", "number of cars visible", "how many automobiles are there",
        "Are there any cars?", "Which locations have cars?", "Find images with more than 1 car",
        "locations with no cars",
    ):  # fmt: skip
        again = answered(desk, text)
        assert again.run is not None, text
        assert (again.run.reused, again.run.calls, len(model.asked)) == (24, 0, 24), text
    one = answered(desk, "Find images with cars")
    assert counted.answer is not None
    assert one.answer is not None
    assert one.answer["counts"] == counted.answer["counts"]


def test_a_yes_does_not_answer_how_many_and_another_thing_is_looked_for_anew(told: tuple[Desk, ScriptedModel]) -> None:
    desk, model = told
    answered(desk, "Which locations have cars?")
    answered(desk, "How many cars are visible?")
    assert len(model.asked) == 48
    answered(desk, "How many buses are visible?")
    assert len(model.asked) == 72


def test_asking_again_looks_at_every_picture_and_age_alone_does_not_where_content_tells_them(
    tmp_path: Path, database: Database
) -> None:
    model = ScriptedModel(by_number, name="aged", workers=4)
    clock = ManualClock(datetime(2026, 3, 14, 9, 30, tzinfo=UTC))
    database.command("TRUNCATE TABLE sights")
    desk = open_desk(tmp_path, MemorySource(24), model, database=database, clock=clock)
    first = answered(desk, "How many cars are visible?")
    answered(desk, "How many cars are visible?")
    assert len(model.asked) == 24
    answered(desk, "How many cars are visible?", first.row.session_id, again=True, instead_of=first.id)
    assert len(model.asked) == 48
    clock.advance(3601)  # the desk keeps to an hour what only a URL shows
    answered(desk, "How many cars are visible?")
    assert len(model.asked) == 48
    desk.close()


def test_who_doubts_an_answer_is_shown_its_pictures_and_no_model_is_asked(desk: Desk, model: ScriptedModel) -> None:
    counted = answered(desk, "How many people are at each location?")
    asked = len(model.asked)
    for question in ("How sure are you?", "Show me", "why so few?"):
        shown = answered(desk, question, counted.row.session_id)
        assert shown.row.error is None
        assert (shown.row.plan["kind"], shown.row.plan["view"]) == ("show", "images")
        assert shown.answer is not None and counted.answer is not None
        assert shown.answer["groups"] == counted.answer["groups"]
    assert len(model.asked) == asked


def test_which_cameras_are_offline_is_told_to_stand_elsewhere_and_no_model_is_asked(
    desk: Desk, model: ScriptedModel
) -> None:
    with pytest.raises(UnplannableQuestion, match="about the cameras themselves"):
        answered(desk, "Which cameras are offline?")
    assert not model.asked
