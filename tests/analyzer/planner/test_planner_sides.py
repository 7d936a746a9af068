"""Places set against each other in one question, and questions that only sound so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Task
from core.errors import UnplannableQuestion

COUNT = "How many cars are at each location?"


@pytest.mark.parametrize(
    "question",
    [
        "Are there more cars at Benz Circle or Beach Road?",
        "are there fewer cars at Benz Circle than at Beach Road",
        "Does Benz Circle have more cars than Beach Road?",
        "is there a longer line of cars at benz circle or at beach road",
        "Which has more cars, Benz Circle or Beach Road?",
        "Benz Circle or Beach Road, which has more cars?",
        "more cars at benz circle or beach road?",
        "do Benz Circle or Beach Road have more cars",
        "are cars more in benz circle or beach road",
        "cars at Benz Circle compared with Beach Road",
    ],
)
def test_which_of_two_places_has_more_counts_at_both(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question)
    assert (plan.kind, plan.task, plan.aggregate, plan.group_by) == (
        Kind.LOOK, Task.COUNT, Aggregate.COMPARE, GroupBy.LOCATION,
    )  # fmt: skip
    assert set(plan.scope.locations) == {"Benz Circle", "Beach Road"}
    assert "cars" in (plan.target or "")


def test_districts_are_set_against_each_other_as_districts(ask: Callable[..., Plan]) -> None:
    plan = ask("Is it busier in Guntur or in Krishna?")
    assert (plan.aggregate, plan.group_by, plan.scope.districts) == (
        Aggregate.COMPARE, GroupBy.DISTRICT, ("Guntur", "Krishna"),
    )  # fmt: skip


def test_three_places_are_compared_too(ask: Callable[..., Plan]) -> None:
    plan = ask("Are there more people at Benz Circle, Beach Road or Clock Tower?")
    assert plan.aggregate is Aggregate.COMPARE and len(plan.scope.locations) == 3


def test_after_a_count_the_same_words_ask_no_picture(ask: Callable[..., Plan]) -> None:
    plan = ask("is it higher in guntur or krishna", COUNT)
    assert (plan.kind, plan.aggregate, plan.target) == (Kind.RECALL, Aggregate.COMPARE, "cars")


def test_a_number_sets_no_places_against_each_other(ask: Callable[..., Plan]) -> None:
    assert ask("Are there more than 5 cars at Benz Circle or Beach Road?").aggregate is not Aggregate.COMPARE


@pytest.mark.parametrize("question", ["Are there more men than women?", "how many more men than women", "men vs women"])
def test_two_things_are_not_counted_as_one(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion, match="one question counts one of them") as refused:
        ask(question)
    assert refused.value.hint == "Ask “How many men are visible?”, then “And women?”."


@pytest.mark.parametrize(
    ("question", "other"),
    [
        ("which cameras show more than 3 trucks and no people", "no people"),
        ("places with at least 3 trucks but no people", "no people"),
        ("locations where at least 2 cars and 1 truck are visible", "1 truck"),
    ],
)
def test_figures_of_two_things_are_two_questions(ask: Callable[..., Plan], question: str, other: str) -> None:
    with pytest.raises(UnplannableQuestion, match="one question counts one of them") as refused:
        ask(question)
    assert f"ask “Which of those show {other}?”." in refused.value.hint


@pytest.mark.parametrize(
    ("question", "group"),
    [
        ("were there more cars yesterday or today", GroupBy.DAY),
        ("more cars this morning or yesterday morning?", GroupBy.DAY),
        ("was it busier on Monday or on Tuesday at Benz Circle", GroupBy.DAY),
        ("cars on thursday afternoon vs friday afternoon", GroupBy.DAY),
        ("cars at 8am vs 5pm", GroupBy.HOUR),
        ("more people in the morning or in the evening?", GroupBy.HOUR),
    ],
)
def test_two_times_are_compared_too(ask: Callable[..., Plan], question: str, group: GroupBy) -> None:
    plan = ask(question)
    assert (plan.task, plan.aggregate, plan.group_by) == (Task.COUNT, Aggregate.COMPARE, group)
    assert plan.target in ("cars", "people", "people and vehicles")


def test_each_of_what_is_named_has_its_figure(ask: Callable[..., Plan]) -> None:
    plan = ask("how many cars on Monday, Tuesday and Wednesday each")
    assert (plan.target, plan.aggregate, plan.group_by) == ("cars", Aggregate.EACH, GroupBy.DAY)


def test_which_place_has_more_with_no_other_named_asks_for_the_most(ask: Callable[..., Plan]) -> None:
    assert ask("which district has more cars").aggregate is Aggregate.MOST
    assert ask("which district has fewer cars").aggregate is Aggregate.LEAST


@pytest.mark.parametrize(
    "question",
    [
        "locations with more than 3 cars but fewer than 10",
        "which locations have more than 3 cars and less than 10",
        "locations with fewer than 10 cars but more than 3",
    ],
)
def test_a_number_between_two_is_no_number_below_the_first(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question)
    assert (plan.target, plan.condition) == ("cars", Condition(Op.BETWEEN, (4, 9)))


def test_the_most_at_any_location_asks_where(ask: Callable[..., Plan]) -> None:
    plan = ask("max number of people at any location")
    assert (plan.target, plan.aggregate, plan.group_by) == ("people", Aggregate.MOST, GroupBy.LOCATION)
    assert ask("how crowded is it at Benz Circle").ask == "How crowded is this place?"
