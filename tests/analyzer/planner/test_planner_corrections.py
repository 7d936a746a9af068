"""What people take back, and what they doubt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Task, View
from core.errors import UnplannableQuestion

COUNT = "How many cars are at each location?"


@pytest.mark.parametrize(
    "question",
    [
        "no, I meant vans",
        "i said vans",
        "sorry, vans not cars",
        "vans, not cars",
        "not cars, vans",
        "vans instead of cars",
        "wrong, I wanted vans",
        "actually vans",
    ],
)
def test_a_correction_asks_the_same_of_what_is_meant(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, COUNT)
    assert (plan.kind, plan.task, plan.target) == (Kind.LOOK, Task.COUNT, "vans")
    assert (plan.aggregate, plan.group_by) == (Aggregate.EACH, GroupBy.LOCATION)


@pytest.mark.parametrize("question", ["sorry, Beach Road I mean", "no, I meant Beach Road", "oops beach road"])
def test_a_place_may_be_what_was_meant(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, "Is anyone at Benz Circle?")
    assert (plan.kind, plan.target, plan.scope.locations) == (Kind.LOOK, "people", ("Beach Road",))


def test_what_is_not_done_is_looked_for_and_corrects_nothing(ask: Callable[..., Plan]) -> None:
    assert ask("people not wearing helmets", COUNT).target == "people not wearing helmets"
    assert ask("no parking signs at Benz Circle", COUNT).target == "no parking signs"


@pytest.mark.parametrize(
    "question",
    [
        "show me",
        "let's see them",
        "how sure are you?",
        "are you certain about that",
        "is that right?",
        "why so few?",
        "how did you get that number",
        "explain",
        "which pictures did you look at",
        "show me the photos you used",
    ],
)
def test_who_doubts_an_answer_is_shown_its_pictures(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, COUNT)
    assert (plan.kind, plan.view) == (Kind.SHOW, View.IMAGES)
    with pytest.raises(UnplannableQuestion):
        ask(question)


@pytest.mark.parametrize("question", ["why is the road at Benz Circle closed", "show me people with bags"])
def test_a_thing_to_look_for_is_no_doubt(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question, COUNT).kind is Kind.LOOK


@pytest.mark.parametrize("question", ["vans?", "parked vans", "wow ok. and vans?"])
def test_a_thing_alone_asks_the_same_of_it(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, COUNT)
    assert (plan.task, plan.aggregate, plan.group_by) == (Task.COUNT, Aggregate.EACH, GroupBy.LOCATION)
    assert plan.target in ("vans", "parked vans")
    assert ask("any vans?", COUNT).task is Task.FIND
