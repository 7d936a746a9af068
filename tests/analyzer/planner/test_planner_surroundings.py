"""Chips, starters, and whatever people may type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.ask import Ask
from analyzer.plan import GroupBy, Kind, Plan
from analyzer.planner import Chip, Planner, chips, starters
from analyzer.planner.words import Speller
from core.errors import UnplannableQuestion
from storage.register import EMPTY_REGISTER, Register


def test_chips_say_what_where_when_how_and_on_which_condition(ask: Callable[..., Plan]) -> None:
    plan = ask("Which locations in Guntur had more than five cars yesterday between 6 and 9 pm?")
    assert chips(plan) == [
        Chip("what", "find · cars"),
        Chip("where", "Guntur"),
        Chip("when", "Fri 13 Mar 18:00 to 21:00"),
        Chip("group", "which locations"),
        Chip("condition", "more than 5"),
    ]


def test_a_plain_question_has_chips_for_all_places_and_the_newest_pictures(ask: Callable[..., Plan]) -> None:
    assert [chip.label for chip in chips(ask("How many cars are visible?"))] == [
        "count · cars",
        "all places",
        "newest",
        "in total",
    ]


@pytest.mark.parametrize(
    ("question", "pictures"),
    [
        ("How many cars are at each location?", "newest"),
        ("How many cars are in each image?", "all pictures"),
        ("Which locations have cars?", "all pictures"),
        ("Find images with dogs", "all pictures"),
    ],
)
def test_the_chip_of_time_says_which_pictures_count(ask: Callable[..., Plan], question: str, pictures: str) -> None:
    assert [chip.label for chip in chips(ask(question)) if chip.kind == "when"] == [pictures]


def test_starters_name_real_places_and_only_what_the_model_can_answer(own_register: Register) -> None:
    def people_only(plan: Plan) -> bool:
        return plan.target in ("people", "dark", "blurred", "blocked")

    questions = starters(own_register, people_only)
    assert 3 <= len(questions) <= 4
    assert questions[0] == "How many people are at each location?"
    everything = starters(own_register, lambda plan: True)
    assert len(everything) == 4
    assert any("NTR" in question for question in everything)
    assert len(starters(EMPTY_REGISTER, lambda plan: True)) == 4


@pytest.mark.parametrize(
    ("question", "ask_of_each", "group"),
    [
        ("Are the pictures blurry?", "Is this picture blurry?", GroupBy.IMAGE),
        ("are some of my photos too dark", "Is this picture too dark?", GroupBy.IMAGE),
        ("Are the cameras blocked?", "Is this picture blocked?", GroupBy.CAMERA),
    ],
)
def test_whether_the_pictures_are_so_asks_which_of_them_are(
    ask: Callable[..., Plan], question: str, ask_of_each: str, group: GroupBy
) -> None:
    plan = ask(question)
    assert (plan.ask, plan.group_by) == (ask_of_each, group)
    assert not any(word in (plan.target or "") for word in ("picture", "photo", "camera"))


def test_starters_without_a_register_speak_of_pictures_only() -> None:
    """Somebody's holiday pictures were taken by no camera that has a name, at no location."""
    asked = " ".join(starters(EMPTY_REGISTER, lambda plan: True))
    assert asked.count("pictures") >= 3
    assert not any(word in asked.lower() for word in ("camera", "location", "image", "two-wheeler"))


@pytest.fixture(scope="module")
def bare_planner() -> Planner:
    return Planner(EMPTY_REGISTER, ZoneInfo("UTC"), Speller())


_TYPED = (
    "how many cars between 5 and 10 pm on 31 february in Guntur at each location no of those map 30/02/2026 2025-13-45 "
    "half past twenty last -3 hours more than top 0 share % þ0 ː | ( [ \\ ” 99:99 25:00 am 1e9 𝟓 １２ ² the"
)
_PIECES = st.sampled_from(_TYPED.split())


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=20).map(" ".join)))
def test_whatever_is_typed_gives_a_plan_or_a_sentence(bare_planner: Planner, text: str) -> None:
    now = datetime(2026, 3, 14, 9, 30)  # noqa: DTZ001 - local site time
    try:
        plan = bare_planner.plan(text, ["Count cars at each location"], now)
    except UnplannableQuestion as error:
        assert error.sentence
        return
    assert Plan.from_stored(plan.to_stored()) == plan
    if plan.kind is Kind.LOOK:
        assert Ask.of(plan).text
    assert chips(plan)
