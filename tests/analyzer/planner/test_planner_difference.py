"""What sets an answer against an earlier one, and what only looks so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, Versus

COUNTS = ("How many cars were at Benz Circle yesterday?", "How many cars are at Benz Circle today?")


@pytest.mark.parametrize(
    "question",
    [
        "Is that more than before?",
        "how has that changed",
        "compared to last time?",
        "are there more cars than last time",
        "what's the difference from the previous answer",
        "has it gone up or down",
        "any change since then",
        "than before?",
    ],
)
def test_a_difference_is_a_recall_of_two_answers(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, *COUNTS)
    assert (plan.kind, plan.aggregate, plan.target, plan.versus) == (Kind.RECALL, Aggregate.COMPARE, "cars", Versus())
    assert plan.scope.locations == ("Benz Circle",) and plan.scope.start == datetime(2026, 3, 14)  # noqa: DTZ001


@pytest.mark.parametrize("question", ["how many more than yesterday", "is that more than yesterday's answer"])
def test_a_day_that_was_asked_about_names_the_earlier_answer(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, *COUNTS)
    assert plan.kind is Kind.RECALL and plan.versus is not None
    assert plan.versus.start == datetime(2026, 3, 13)  # noqa: DTZ001


def test_the_grouping_of_the_answer_is_kept_and_a_plan_comes_out_of_its_store(ask: Callable[..., Plan]) -> None:
    plan = ask("how has that changed", "Count cars at each location", "What about yesterday?", "and the average?")
    assert plan.versus == Versus(mean=True)
    assert Plan.from_stored(plan.to_stored()) == plan
    assert ask("is that more than before", "Count cars at each location").group_by is GroupBy.LOCATION


@pytest.mark.parametrize(
    ("question", "aggregate"),
    [
        ("Are there more buses than before?", None),
        ("has anyone moved the barrier since before the match", None),
        ("How has the number of cars changed over the day?", Aggregate.EACH),
        ("How does that compare with Clock Tower?", Aggregate.COMPARE),
    ],
)
def test_what_only_looks_like_a_difference_is_none(
    ask: Callable[..., Plan], question: str, aggregate: Aggregate | None
) -> None:
    plan = ask(question, *COUNTS)
    assert plan.versus is None
    assert aggregate is None or plan.aggregate is aggregate


def test_which_places_have_more_is_the_same_question_first_and_as_a_follow_up(ask: Callable[..., Plan]) -> None:
    """A place matches a find where any of its readable pictures does, whenever that is asked."""
    first = ask("Which locations have more than six cars?")
    named = ask("Which locations have more than six cars?", "Count cars at each location")
    short = ask("Which locations have more than six?", "Count cars at each location")
    looked = ask("Count cars at each location")
    assert first.task is named.judged_as(looked) is short.judged_as(looked) is Task.FIND
    assert first.condition == named.condition == short.condition
    assert ask("only those above six", "Count cars at each location").judged_as(looked) is Task.COUNT
