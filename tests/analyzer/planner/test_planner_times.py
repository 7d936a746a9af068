"""Times in words, seen from Saturday 14 March 2026, half past nine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from analyzer.plan import Aggregate, GroupBy, Kind, Plan


@pytest.mark.parametrize(
    ("words", "start", "end", "hours"),
    [
        ("yesterday", "2026-03-13T00:00:00", "2026-03-14T00:00:00", None),
        ("this morning", "2026-03-14T05:00:00", "2026-03-14T12:00:00", None),
        ("last night", "2026-03-13T20:00:00", "2026-03-14T05:00:00", None),
        ("last week", "2026-03-07T00:00:00", "2026-03-14T00:00:00", None),
        ("over the weekend", "2026-03-07T00:00:00", "2026-03-09T00:00:00", None),
        ("between 6 and 10 pm", None, None, [18, 22]),
        ("between 10 pm and 5 am", None, None, [22, 5]),
        ("from 10 to 2 pm", None, None, [10, 14]),
        ("yesterday 6-9 pm", "2026-03-13T00:00:00", "2026-03-14T00:00:00", [18, 21]),
        ("between 6:30 and 8 pm", None, None, [18.5, 20]),
        ("from 1800 to 2130 hrs", None, None, [18, 21.5]),
        ("between half past six and eight in the evening", None, None, [18.5, 20]),
        ("after midnight", None, None, [0, 5]),
        ("at night", None, None, [20, 5]),
        ("on Tuesday", "2026-03-10T00:00:00", "2026-03-11T00:00:00", None),
        ("on Saturday", "2026-03-07T00:00:00", "2026-03-08T00:00:00", None),
        ("on Monday night", "2026-03-09T20:00:00", "2026-03-10T05:00:00", None),
        ("on 12 March", "2026-03-12T00:00:00", "2026-03-13T00:00:00", None),
        ("on March 12, 2026", "2026-03-12T00:00:00", "2026-03-13T00:00:00", None),
        ("on 12/03/2026", "2026-03-12T00:00:00", "2026-03-13T00:00:00", None),
        ("on 03/13/2026", "2026-03-13T00:00:00", "2026-03-14T00:00:00", None),
        ("on 05-Mar-2026", "2026-03-05T00:00:00", "2026-03-06T00:00:00", None),
        ("on 20 December", "2025-12-20T00:00:00", "2025-12-21T00:00:00", None),
        ("from 25 Dec to 2 Jan", "2025-12-25T00:00:00", "2026-01-03T00:00:00", None),
        ("between 1 and 5 March", "2026-03-01T00:00:00", "2026-03-06T00:00:00", None),
        ("since Monday", "2026-03-09T00:00:00", None, None),
        ("before 10 March", None, "2026-03-10T00:00:00", None),
        ("in the last 3 hours", "2026-03-14T06:30:00", "2026-03-14T09:30:00", None),
        ("in the past half hour", "2026-03-14T09:00:00", "2026-03-14T09:30:00", None),
        ("two days ago", "2026-03-12T00:00:00", "2026-03-13T00:00:00", None),
        ("in February", "2026-02-01T00:00:00", "2026-03-01T00:00:00", None),
        ("last month", "2026-02-01T00:00:00", "2026-03-01T00:00:00", None),
        ("right now", None, None, None),
    ],
)
def test_words_become_a_span_of_local_time(
    ask: Callable[..., Plan], words: str, start: str | None, end: str | None, hours: list[float] | None
) -> None:
    plan = ask(f"How many cars are there {words}?")
    scope = plan.as_json()["scope"]
    assert (scope["from"], scope["to"], scope["hours"]) == (start, end, hours)
    assert plan.target == "cars"
    assert plan.condition is None


@pytest.mark.parametrize("thing", ["night guards", "morning walkers", "people at the 3rd gate", "may poles"])
def test_a_thing_with_a_time_in_its_name_is_no_time(ask: Callable[..., Plan], thing: str) -> None:
    plan = ask(f"Find {thing}")
    assert plan.target == thing
    assert not plan.scope.names_time


def test_the_day_before_is_seen_from_the_question_before(ask: Callable[..., Plan]) -> None:
    plan = ask("And the day before?", "How many cars on 10 March?")
    assert plan.as_json()["scope"]["from"] == "2026-03-09T00:00:00"


@pytest.mark.parametrize(
    "question",
    [
        "How does 10 March compare with the day before?",
        "Compare 10 March with the previous day",
        "Were there more cars on 10 March than the day before?",
    ],
)
def test_the_day_before_is_seen_from_the_day_beside_it(ask: Callable[..., Plan], question: str) -> None:
    plan = ask(question, "How many cars are at each location?")
    assert (plan.kind, plan.aggregate, plan.group_by) == (Kind.RECALL, Aggregate.COMPARE, GroupBy.DAY)
    scope = plan.as_json()["scope"]
    assert (scope["from"], scope["to"]) == ("2026-03-09T00:00:00", "2026-03-11T00:00:00")


def test_pictures_over_time_are_an_archive_and_a_peak_is_one(ask: Callable[..., Plan]) -> None:
    assert ask("How many cars on average over the archive?").archive
    assert ask("What was the peak number of people yesterday?").peak
    assert not ask("How many cars are visible?").spans_time


def test_till_now_begins_where_it_says(ask: Callable[..., Plan]) -> None:
    assert ask("How many cars were at Benz Circle from 7 till now?").scope.hours == (7.0, 24.0)
    since = ask("How many cars were at Benz Circle from Monday until now?")
    assert (since.target, since.scope.start) == ("cars", datetime(2026, 3, 9))  # noqa: DTZ001


def test_a_range_of_weekdays_is_of_one_week(ask: Callable[..., Plan]) -> None:
    scope = ask("How many cars from Monday to Wednesday?").scope
    assert (scope.start, scope.end) == (datetime(2026, 3, 9), datetime(2026, 3, 12))  # noqa: DTZ001
