"""Questions that lean on the ones before, and questions that only look as if they did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Previous, Task, View
from analyzer.planner import Planner
from core.errors import UnplannableQuestion

SATURDAY = datetime(2026, 3, 14, 9, 30)  # noqa: DTZ001 - local site time


@pytest.mark.parametrize("question", ["", "  ", "?!", "And in Krishna?", "Show me on a map", "Which has the most?"])
def test_nothing_to_go_by_is_unplannable(ask: Callable[..., Plan], question: str) -> None:
    with pytest.raises(UnplannableQuestion):
        ask(question)


def test_2000_characters_are_planned_and_2001_are_not(ask: Callable[..., Plan]) -> None:
    assert ask(("How many cars " * 200)[:2000]).kind is Kind.LOOK
    with pytest.raises(UnplannableQuestion):
        ask("c" * 2001)


def test_a_scope_change_carries_everything_it_does_not_name(ask: Callable[..., Plan]) -> None:
    plan = ask("And in Krishna?", "Which locations in Guntur had more than five cars yesterday?")
    assert (plan.kind, plan.task, plan.target) == (Kind.LOOK, Task.FIND, "cars")
    assert plan.condition == Condition(Op.GT, 5)
    assert plan.group_by is GroupBy.LOCATION
    assert plan.scope.districts == ("Krishna",)
    assert plan.scope.start is not None


@pytest.mark.parametrize(
    ("before", "question", "kind"),
    [
        ("Count cars", "And in Krishna?", Kind.RECALL),
        ("Count cars in Guntur", "And in Krishna?", Kind.LOOK),
        ("Count cars in Guntur", "And in Tenali mandal?", Kind.RECALL),
        ("Count cars yesterday", "And today?", Kind.LOOK),
        ("Count cars yesterday", "And yesterday evening?", Kind.RECALL),
        ("Count cars between 6 and 10 pm", "And between 7 and 8 pm?", Kind.RECALL),
        ("Count cars between 6 and 8 pm", "And between 7 and 9 pm?", Kind.LOOK),
    ],
)
def test_what_was_covered_is_recalled(ask: Callable[..., Plan], before: str, question: str, kind: Kind) -> None:
    assert ask(question, before).kind is kind


def test_stored_observations_may_cover_more_than_the_questions(own_planner: Planner) -> None:
    asked: list[Plan] = []

    def covered(look: Plan) -> bool:
        asked.append(look)
        return True

    plan = own_planner.plan("And in Krishna?", ["Count cars in Guntur"], SATURDAY, covered)
    assert plan.kind is Kind.RECALL
    assert (asked[0].kind, asked[0].task, asked[0].scope.districts) == (Kind.LOOK, Task.COUNT, ("Krishna",))


@pytest.mark.parametrize(
    "question",
    [
        "Find locations with accidents",
        "Is it raining?",
        "Find people looking at a map",
        "Are they carrying bags of rice?",
    ],
)
def test_a_new_thing_is_a_look_whatever_words_are_in_it(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question, "Count cars at each location").kind is Kind.LOOK


def test_of_those_looks_at_the_matches_within_the_earlier_scope(ask: Callable[..., Plan]) -> None:
    plan = ask("Of those, which also have buses?", "Which locations in Guntur have cars?")
    assert (plan.kind, plan.target) == (Kind.LOOK, "buses")
    assert plan.scope.previous is Previous.MATCHES
    assert plan.scope.districts == ("Guntur",)


def test_a_count_answers_whether_there_are_any_and_not_the_reverse(ask: Callable[..., Plan]) -> None:
    assert ask("Are there any cars?", "How many cars are visible?").kind is Kind.RECALL
    assert ask("How many cars are visible?", "Are there any cars?").kind is Kind.LOOK


def test_other_words_for_an_answered_thing_are_a_recall(ask: Callable[..., Plan]) -> None:
    plan = ask("number of automobiles per district", "How many cars are visible?")
    assert (plan.kind, plan.aggregate, plan.group_by) == (Kind.RECALL, Aggregate.EACH, GroupBy.DISTRICT)


def test_a_figure_after_a_threshold_forgets_the_threshold(ask: Callable[..., Plan]) -> None:
    plan = ask("And the total?", "Count cars at each location", "Only those above five")
    assert (plan.aggregate, plan.condition) == (Aggregate.TOTAL, None)


def test_earlier_plans_may_be_given_instead_of_texts(ask: Callable[..., Plan]) -> None:
    stored = Plan.from_stored(ask("Count cars at each location").to_stored())
    plan = ask("Show me on a map", stored)
    assert (plan.kind, plan.view) == (Kind.SHOW, View.MAP)


def test_bottom_five_begins_at_the_bottom(ask: Callable[..., Plan]) -> None:
    plan = ask("bottom 5 junctions by pedestrians")
    assert (plan.aggregate, plan.limit, plan.lowest) == (Aggregate.RANK, 5, True)
    assert Plan.from_stored(plan.to_stored()) == plan


def test_another_language_goes_to_the_model_as_it_is(ask: Callable[..., Plan]) -> None:
    plan = ask("గుంటూరులో ఎన్ని కార్లు ఉన్నాయి?")
    assert (plan.kind, plan.task, plan.ask) == (Kind.LOOK, Task.DESCRIBE, "గుంటూరులో ఎన్ని కార్లు ఉన్నాయి?")


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Menschen sind am Bus Stand?",
        "Combien de personnes à Guntur ?",
        "Cuántos coches hay en Guntur",
        "quantas pessoas estão na Krishna",
        "Quante persone sono a Guntur?",
        "hoeveel auto's zijn er nu in Guntur",
        "Guntur mein kitne log hai",
    ],
)
def test_another_language_is_told_by_its_little_words_also_beside_a_known_place(
    ask: Callable[..., Plan], question: str
) -> None:
    plan = ask(question)
    assert (plan.kind, plan.task, plan.ask) == (Kind.LOOK, Task.DESCRIBE, question)


@pytest.mark.parametrize(
    "question",
    [
        "how many persones are at the den",
        "is there hay on the road",
        "show the wo men at the gate",
        "any dove on the roof of the library",
        "visa office queue now",
        "Que at the counter?",
    ],
)
def test_an_english_question_with_a_word_of_another_language_stays_one(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question).ask != question


@pytest.mark.parametrize(
    "question",
    [
        *("thanks", "Thank you so much!", "hello", "Hi there", "good morning team", "help", "What can you do?"),
        *("How does this work?", "How many cameras do we have?", "how many pictures are registered"),
    ],
)
def test_what_asks_nothing_of_a_picture_is_told_so_and_repeats_no_answer(
    ask: Callable[..., Plan], question: str
) -> None:
    for earlier in ((), ("How many cars are visible?",)):
        with pytest.raises(UnplannableQuestion) as told:
            ask(question, *earlier)
        assert told.value.hint


@pytest.mark.parametrize("question", ["What can you see?", "what do you see here"])
def test_what_is_there_to_be_seen_is_asked_of_the_pictures(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question).kind is Kind.LOOK


@pytest.mark.parametrize(
    "question", ["thanks, and the total?", "hello how many cars are there", "help needed: any fire?"]
)
def test_politeness_around_a_question_leaves_it_one(ask: Callable[..., Plan], question: str) -> None:
    assert ask(question, "How many people are there?").kind is not None
