"""The answer: time before space, what a figure is out of, and sentences that read naturally in every corner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.answer import Answer, compose
from analyzer.groups import threshold, within
from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task, View
from core.ids import stable_id
from core.states import Outcome
from storage.database import Database
from storage.figures import FigureStore, Viewpoint
from storage.observations import Observation, ObservationStore
from storage.slices import Slice

NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
RUNS: Iterator[int] = count()
LOOK = Plan(Kind.LOOK, Task.COUNT, "people", "How many people?", aggregate=Aggregate.EACH, group_by=GroupBy.LOCATION)
FIND = Plan(Kind.LOOK, Task.FIND, "cars", "Any cars?", group_by=GroupBy.LOCATION)
NONE_AT_ALL = Condition(Op.EQ, 0)

MATCH, NO, UNSURE, UNREADABLE = Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNSURE, Outcome.UNREADABLE
Seen = tuple[str, int, Outcome, int | None]  # camera, minute, outcome, count


def observation(run_id: str, seen: Seen, number: int, **changes: Any) -> Observation:
    camera, minute, outcome, value = seen
    place = camera.split("/") if "/" in camera else [None, None, camera]
    row = Observation(
        run_id=run_id,
        picture_id=stable_id(run_id, str(number)),
        observation_id=stable_id("o", run_id, str(number)),
        source="memory://",
        name=f"{number}.jpg",
        camera=camera,
        location=place[1],
        district=place[0],
        old_district=None,
        mandal=None,
        latitude=10.0 if place[1] else None,
        longitude=20.0 if place[1] else None,
        taken_at=NOON + timedelta(minutes=minute),
        identity_kind="content",
        identity=str(number),
        model="m",
        model_version="1",
        outcome=outcome,
        count=value,
        text=None,
        score=None,
        reason=None,
        boxes=(),
        width=640,
        height=480,
        elapsed_ms=1.0,
        cost_usd=0.0,
        reused=False,
        failed=False,
        observed_at=NOON,
    )
    return replace(row, **changes)


class Desk:
    """Stores what was seen and answers from it."""

    def __init__(self, database: Database) -> None:
        self.observations = ObservationStore(database)
        self.figures = FigureStore(database)

    def seen(self, *seen: Seen, **changes: Any) -> str:
        run_id = f"run-{next(RUNS)}"
        self.observations.add([observation(run_id, one, number, **changes) for number, one in enumerate(seen)])
        return run_id

    def viewpoints(self, run_id: str, plan: Plan) -> list[Viewpoint]:
        scope = plan.scope
        bucket = str(plan.group_by) if plan.group_by in (GroupBy.HOUR, GroupBy.DAY) else None
        watched = plan.kind is Kind.LOOK and bucket is None
        wanted = Slice(run_id, "UTC", scope.start, scope.end, scope.hours, bucket, threshold(plan.condition))
        wanted = replace(wanted, watched=watched)
        return list(within(self.figures.viewpoints(wanted), scope))

    def answer(self, run_id: str, plan: Plan, looked: Plan = LOOK) -> Answer:
        return compose(plan, looked, self.viewpoints(run_id, plan))

    def values(self, run_id: str, plan: Plan, looked: Plan = LOOK) -> dict[str, float | None]:
        return {group.label: group.value for group in self.answer(run_id, plan, looked).groups}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def ten_frames_of_three_cameras() -> list[Seen]:
    """Counts 0..9, 10..19 and 20..29, a minute apart; cameras a and b share a place. The newest of c can't be read."""
    frames: list[Seen] = []
    for number, camera in enumerate(("D1/Gate/a", "D1/Gate/b", "D2/Hall/c")):
        frames += [(camera, minute, MATCH, 10 * number + minute) for minute in range(10)]
    frames[-1] = ("D2/Hall/c", 9, UNREADABLE, None)
    frames[0] = ("D1/Gate/a", 0, NO, 0)
    return frames


def test_a_question_about_now_takes_each_cameras_newest_readable_picture_then_adds_up(desk: Desk) -> None:
    run = desk.seen(*ten_frames_of_three_cameras())
    assert desk.values(run, LOOK) == {"Gate": 9 + 19, "Hall": 28}
    assert desk.answer(run, replace(LOOK, group_by=None, aggregate=Aggregate.TOTAL)).headline == (
        "56 people at 3 cameras. 1 of 30 pictures is unreadable."
    )


def test_a_question_that_spans_time_takes_each_cameras_mean_then_adds_up(desk: Desk) -> None:
    run = desk.seen(*ten_frames_of_three_cameras())
    midnight = datetime(2026, 3, 14)  # noqa: DTZ001  (plans hold site times)
    yesterday = replace(LOOK, scope=Scope(start=midnight, end=midnight + timedelta(days=1)))
    assert desk.values(run, yesterday) == {"Gate": 4.5 + 14.5, "Hall": 24.0}
    assert desk.values(run, replace(LOOK, archive=True)) == {"Gate": 19.0, "Hall": 24.0}
    assert desk.values(run, replace(LOOK, peak=True)) == {"Gate": 28.0, "Hall": 28.0}


def test_pictures_of_one_camera_are_never_summed(desk: Desk) -> None:
    run = desk.seen(*[("D/P/cam", minute, MATCH, 5) for minute in range(40)])
    for plan in (LOOK, replace(LOOK, archive=True), replace(LOOK, peak=True)):
        assert desk.values(run, plan) == {"P": 5.0}


def test_each_image_reduces_nothing(desk: Desk) -> None:
    run = desk.seen(("D/P/a", 0, MATCH, 2), ("D/P/a", 1, NO, 0), ("D/P/a", 2, UNREADABLE, None))
    answer = desk.answer(run, replace(LOOK, group_by=GroupBy.IMAGE))
    assert answer.headline == "1 of 2 readable pictures shows people (1 unreadable): 1 on average, at most 2."


def test_a_camera_whose_newest_picture_is_unsure_has_no_figure_rather_than_an_old_one(desk: Desk) -> None:
    run = desk.seen(("D/P/a", 0, MATCH, 7), ("D/P/a", 1, UNSURE, 3), ("D/Q/b", 0, MATCH, 2))
    answer = desk.answer(run, LOOK)
    assert {group.label: (group.value, group.outcome) for group in answer.groups} == {
        "P": (None, UNSURE),
        "Q": (2, MATCH),
    }
    assert answer.headline == "2 people at 1 location (1 unsure)."


def test_loose_photographs_without_a_camera_are_viewpoints_of_their_own(desk: Desk) -> None:
    run = desk.seen(("x", 0, MATCH, 2), ("x", 1, MATCH, 3), camera=None, location=None, district=None)
    answer = desk.answer(run, replace(LOOK, group_by=None, aggregate=Aggregate.TOTAL))
    assert answer.headline.startswith("5 people in 2 pictures")


def test_a_place_matches_if_any_of_its_readable_pictures_does(desk: Desk) -> None:
    run = desk.seen(
        ("D/Any/a", 0, NO, 0), ("D/Any/a", 1, MATCH, 1), ("D/Any/a", 2, UNREADABLE, None),
        ("D/None/b", 0, NO, 0), ("D/Dim/c", 0, NO, 0), ("D/Dim/c", 1, UNSURE, None), ("D/Gone/d", 0, UNREADABLE, None),
    )  # fmt: skip
    answer = desk.answer(run, FIND, FIND)
    assert {group.label: group.outcome for group in answer.groups} == {
        "Any": MATCH, "None": NO, "Dim": UNSURE, "Gone": UNREADABLE,
    }  # fmt: skip
    assert answer.headline == (
        "1 of 3 readable locations shows cars (1 unsure, 1 unreadable). 2 of 7 pictures are unreadable."
    )


def test_no_x_needs_every_readable_picture_to_be_without_it(desk: Desk) -> None:
    run = desk.seen(
        ("D/Clean/a", 0, NO, 0), ("D/Clean/a", 1, UNREADABLE, None), ("D/Once/b", 0, NO, 0), ("D/Once/b", 1, MATCH, 1),
        ("D/Dim/c", 0, NO, 0), ("D/Dim/c", 1, UNSURE, None), ("D/Blind/d", 0, UNREADABLE, None),
    )  # fmt: skip
    answer = desk.answer(run, replace(FIND, condition=NONE_AT_ALL), FIND)
    assert {group.label: group.outcome for group in answer.groups} == {
        "Clean": MATCH, "Once": NO, "Dim": UNSURE, "Blind": UNSURE,
    }  # fmt: skip
    assert "show" in answer.headline
    assert "no cars" in answer.headline


def test_a_condition_is_applied_to_the_count_of_each_picture(desk: Desk) -> None:
    run = desk.seen(("D/Six/a", 0, MATCH, 6), ("D/Five/b", 0, MATCH, 5), ("D/Yes/c", 0, MATCH, None))
    more_than_five = replace(FIND, condition=Condition(Op.GT, 5))
    groups = {group.label: group.outcome for group in desk.answer(run, more_than_five, FIND).groups}
    # A plain yes does not say whether there are more than five.
    assert groups == {"Six": MATCH, "Five": NO, "Yes": UNSURE}
    at_least_one = replace(FIND, condition=Condition(Op.GE, 1))
    assert {group.outcome for group in desk.answer(run, at_least_one, FIND).groups} == {MATCH}
    between = replace(FIND, condition=Condition(Op.BETWEEN, (5, 6)))
    groups = {group.label: group.outcome for group in desk.answer(run, between, FIND).groups}
    assert groups == {"Six": MATCH, "Five": MATCH, "Yes": UNSURE}


MOST = Plan(Kind.RECALL, target="people", aggregate=Aggregate.MOST, group_by=GroupBy.DISTRICT)


def test_the_most_names_ties_and_says_out_of_what(desk: Desk) -> None:
    one = desk.seen(("North/P/a", 0, MATCH, 3), ("South/Q/b", 0, MATCH, 2), ("South/R/c", 0, MATCH, 4))
    assert desk.answer(one, MOST).headline == "South has the most people: 6 of 9."
    tie = desk.seen(("North/P/a", 0, MATCH, 3), ("South/Q/b", 0, MATCH, 3))
    assert desk.answer(tie, MOST).headline == "North and South tie for the most people, with 3 each."
    none = desk.seen(("North/P/a", 0, NO, 0), ("South/Q/b", 0, NO, 0))
    assert desk.answer(none, MOST).headline == "No district shows any people."
    blind = desk.seen(("North/P/a", 0, UNREADABLE, None))
    assert desk.answer(blind, MOST).headline == "No district has a certain count of people (1 unreadable)."


def test_after_a_find_the_district_with_the_most_has_the_most_matching_locations(desk: Desk) -> None:
    run = desk.seen(("N/P/a", 0, MATCH, 9), ("S/Q/b", 0, MATCH, 1), ("S/R/c", 0, MATCH, 1))
    answer = desk.answer(run, replace(MOST, target="cars"), FIND)
    assert answer.headline == "S has the most locations with cars: 2 of 3."


def test_two_that_are_compared_are_told_with_what_lies_between_them(desk: Desk) -> None:
    compared = replace(MOST, aggregate=Aggregate.COMPARE)
    run = desk.seen(("North/P/a", 0, MATCH, 9), ("South/Q/b", 0, MATCH, 2))
    assert desk.answer(run, compared).headline == "People: North has 9, 7 more than South with 2."
    tie = desk.seen(("North/P/a", 0, MATCH, 3), ("South/Q/b", 0, MATCH, 3))
    assert desk.answer(tie, compared).headline == "People: North and South have 3 each."


def test_cameras_outside_the_register_are_told_and_not_counted(desk: Desk) -> None:
    run = desk.seen(("N/P/a", 0, MATCH, 3), ("stray", 0, MATCH, 2))
    (said,) = desk.answer(run, LOOK).findings
    assert said == "1 camera has no location in the register and is not in these figures; it shows people."
    run = desk.seen(("N/P/a", 0, MATCH, 3), ("stray", 0, NO, 0), ("other", 0, MATCH, 1))
    (said,) = desk.answer(run, LOOK).findings
    assert said == ("2 cameras have no location in the register and are not in these figures; 1 of them shows people.")
    run = desk.seen(("N/P/a", 0, MATCH, 3), ("stray", 0, NO, 0))
    (said,) = desk.answer(run, LOOK).findings
    assert said == "1 camera has no location in the register and is not in these figures."


def test_all_unreadable_and_nothing_in_scope_read_naturally(desk: Desk) -> None:
    run = desk.seen(("D/P/a", 0, UNREADABLE, None), ("D/Q/b", 0, UNREADABLE, None))
    assert desk.answer(run, LOOK).headline == "None of the 2 locations could be read."
    assert desk.answer(run, FIND, FIND).headline == "None of the 2 locations could be read."
    elsewhere = replace(FIND, scope=Scope(districts=("Nowhere",)))
    assert desk.answer(run, elsewhere, FIND).headline == "There is no picture of that place."
    then = replace(FIND, scope=Scope(start=datetime(2020, 1, 1), end=datetime(2020, 1, 2)))  # noqa: DTZ001
    assert desk.answer(run, then, FIND).headline == "There is no picture of that time."
    both = replace(then, scope=replace(then.scope, districts=("Nowhere",)))
    assert desk.answer(run, both, FIND).headline == "There is no picture of that place and time."
    assert desk.answer(run, both, FIND).findings == ("Ask without one of them, or name another.",)


def test_s2_23_the_three_follow_ups_are_answered_from_what_is_stored(desk: Desk) -> None:
    """S2.23: "Show me on a map", "Give me the coordinates", "Which district has the most?"."""
    run = desk.seen(("N/P/a", 0, MATCH, 3), ("S/Q/b", 0, NO, 0))
    on_map = desk.answer(run, Plan(Kind.SHOW, view=View.MAP))
    assert (on_map.view, on_map.headline) == (View.MAP, "1 location on the map shows people.")
    coordinates = desk.answer(run, Plan(Kind.SHOW, view=View.COORDINATES))
    assert [(group.latitude, group.longitude) for group in coordinates.groups] == [(10.0, 20.0), (10.0, 20.0)]
    assert desk.answer(run, MOST).headline == "N has the most people: 3 of 3."


def test_hours_and_days_are_those_of_the_site(desk: Desk) -> None:
    run = desk.seen(("D/P/a", 0, MATCH, 2), ("D/P/a", 30, MATCH, 4), ("D/P/a", 61, MATCH, 9))
    wanted = Slice(run, "Asia/Kolkata", bucket="hour")
    assert {spot.bucket: spot.mean for spot in desk.figures.viewpoints(wanted)} == {17: 2.0, 18: 6.5}
    answer = desk.answer(run, replace(LOOK, group_by=GroupBy.HOUR))
    assert answer.headline == "13:00 has the most people: 9 on average, of 2 hours."
    assert "people" not in {figure.label for figure in answer.figures}, "hours are never added up"
    late = Slice(run, "Asia/Kolkata", hours=(18.5, 2.0))
    assert [spot.newest for spot in desk.figures.viewpoints(late)] == [9]


cameras = st.sampled_from(["N/P/a", "N/P/b", "N/Q/c", "S/R/d", "S/R/e"])
outcomes = st.sampled_from([MATCH, NO, UNSURE, UNREADABLE])
tables = st.lists(st.tuples(cameras, st.integers(0, 5000), outcomes, st.integers(1, 9)), min_size=1, max_size=40)


def recomputed(table: list[Seen], over_time: bool) -> dict[str, float | None]:
    """The figures by location in plain Python, straight from PLAN.md."""
    by_camera: dict[str, list[tuple[int, str, Outcome, int | None]]] = {}
    for number, (camera, minute, outcome, value) in enumerate(table):
        by_camera.setdefault(camera, []).append((minute, f"{number}.jpg", outcome, value))
    places: dict[str, float | None] = {}
    for camera, pictures in by_camera.items():
        readable = sorted(one for one in pictures if one[2] is not UNREADABLE)
        certain = [one[3] for one in readable if one[2] is not UNSURE]
        figure: float | None = None
        if over_time:
            figure = sum(value or 0 for value in certain) / len(certain) if certain else None
        elif readable and readable[-1][2] is not UNSURE:
            figure = readable[-1][3]
        place = camera.split("/")[1]
        known = places.get(place)
        places[place] = known if figure is None else (known or 0) + figure
    return places


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables, over_time=st.booleans())
def test_every_figure_equals_a_recomputation_in_plain_python(
    desk: Desk, table: list[tuple[str, int, Outcome, int]], over_time: bool
) -> None:
    seen: list[Seen] = [
        (camera, minute, outcome, {MATCH: value, NO: 0, UNSURE: value}.get(outcome))
        for camera, minute, outcome, value in table
    ]
    found = desk.values(desk.seen(*seen), replace(LOOK, archive=over_time))
    expected = recomputed(seen, over_time)
    assert found.keys() == expected.keys()
    for place, value in expected.items():
        assert found[place] == (None if value is None else pytest.approx(value))


def test_a_camera_that_is_far_behind_the_others_is_named(desk: Desk) -> None:
    day = 24 * 60
    run = desk.seen(("N/Gate/a", 90 * day, MATCH, 2), ("N/Yard/b", 0, MATCH, 3), ("N/Hall/c", 89 * day + 1, MATCH, 1))
    assert "The newest picture of Yard is 90 days older than the newest of all." in desk.answer(run, LOOK).findings
    recalled = replace(LOOK, kind=Kind.RECALL, aggregate=Aggregate.TOTAL)
    assert not [said for said in desk.answer(run, recalled).findings if "older" in said]
    asked_of_a_time = replace(LOOK, scope=Scope(start=NOON.replace(tzinfo=None) - timedelta(days=1)))
    assert not [said for said in desk.answer(run, asked_of_a_time).findings if "older" in said]


def test_many_cameras_that_are_behind_are_counted(desk: Desk) -> None:
    late = [(f"N/Old {number}/o{number}", 0, MATCH, 1) for number in range(5)]
    run = desk.seen(("N/Gate/a", 3 * 24 * 60, MATCH, 2), *late)
    said = desk.answer(run, LOOK).findings
    assert "The newest pictures of 5 cameras are up to 3 days older than the newest of all." in said


def test_a_camera_that_gives_one_picture_again_and_again_is_named(desk: Desk) -> None:
    run = desk.seen(*[("N/Gate/a", minute, MATCH, 2) for minute in range(4)], identity="same")
    assert "All 4 pictures of Gate are one and the same: the camera may be frozen." in desk.answer(run, LOOK).findings
    twice = desk.seen(*[("N/Gate/a", minute, MATCH, 2) for minute in range(2)], identity="same")
    at_once = desk.seen(*[("N/Gate/a", 0, MATCH, 2) for _ in range(4)], identity="same")
    unread = desk.seen(*[("N/Gate/a", minute, UNREADABLE, None) for minute in range(4)], identity="same")
    moving = desk.seen(*[("N/Gate/a", minute, MATCH, 2) for minute in range(4)])
    for other in (twice, at_once, unread, moving):
        assert not [said for said in desk.answer(other, LOOK).findings if "frozen" in said]


def test_loose_pictures_are_called_by_their_files_and_are_no_cameras(desk: Desk) -> None:
    run = desk.seen(("x", 0, MATCH, 2), ("x", 1, MATCH, 3), camera=None, location=None, district=None)
    answer = desk.answer(run, replace(LOOK, group_by=None, aggregate=Aggregate.TOTAL))
    assert "Most: 1.jpg, 3." in answer.findings
    assert "Which cameras took 2 of the pictures is not known, so each of these counts by itself." in answer.findings
    most = replace(LOOK, group_by=GroupBy.IMAGE, aggregate=Aggregate.MOST)
    assert desk.answer(run, most).headline == "1.jpg has the most people: 3 in one picture."


def test_the_picture_with_the_most_need_not_be_the_newest(desk: Desk) -> None:
    run = desk.seen(("N/Gate/a", 0, MATCH, 9), ("N/Gate/a", 1, MATCH, 1), ("N/Hall/b", 0, MATCH, 4))
    most = replace(LOOK, group_by=GroupBy.IMAGE, aggregate=Aggregate.MOST)
    assert desk.answer(run, most).headline == "Gate (N/Gate/a) has the most people: 9 in one picture."


def test_hours_are_never_added_up_to_say_what_one_of_them_is_part_of(desk: Desk) -> None:
    run = desk.seen(("N/Gate/a", 0, MATCH, 5), ("N/Gate/a", 60, MATCH, 8), ("N/Gate/a", 120, MATCH, 1))
    by_hour = replace(LOOK, group_by=GroupBy.HOUR, aggregate=Aggregate.LEAST)
    assert desk.answer(run, by_hour).headline == "14:00 has the fewest people: 1 on average, of 3 hours."
    peak = replace(by_hour, aggregate=Aggregate.MOST, peak=True)
    assert desk.answer(run, peak).headline == "13:00 has the most people: 8 at most, of 3 hours."


@pytest.mark.parametrize(
    ("target", "condition", "outcome", "said"),
    [
        ("cars", None, MATCH, "Gate shows cars."),
        ("cars", None, NO, "Gate does not show cars."),
        ("cars", None, UNSURE, "Whether Gate shows cars is not certain (1 unsure)."),
        ("cars", None, UNREADABLE, "None of the 1 location could be read."),
        ("cat", None, MATCH, "Gate shows a cat."),
        ("dark", None, MATCH, "Gate is dark."),
        ("dark", None, NO, "Gate is not dark."),
        ("cars", NONE_AT_ALL, NO, "Gate shows no cars."),
        ("cars", NONE_AT_ALL, MATCH, "Gate shows cars."),
    ],
)
def test_of_one_place_it_is_said_whether(
    desk: Desk, target: str, condition: Condition | None, outcome: Outcome, said: str
) -> None:
    run = desk.seen(("N/Gate/a", 0, outcome, {MATCH: 2, NO: 0}.get(outcome)))
    plan = replace(FIND, target=target, condition=condition)
    assert desk.answer(run, plan, plan).headline == said


def test_what_a_picture_is_reads_as_such(desk: Desk) -> None:
    run = desk.seen(("N/Gate/a", 0, MATCH, None), ("N/Hall/b", 0, MATCH, None), ("N/Yard/c", 0, NO, None))
    dark = replace(FIND, target="dark")
    assert desk.answer(run, dark, dark).headline == "2 of 3 readable locations are dark."


def test_a_class_is_counted_by_cameras_where_pictures_were_asked_for(desk: Desk) -> None:
    run = desk.seen(*[("N/Gate/a", minute, MATCH, None) for minute in range(3)], text="day")
    which = Plan(Kind.LOOK, Task.CLASSIFY, "time of day", "Day or night?")
    assert desk.answer(run, which, which).headline == "Gate (N/Gate/a): day."


def test_where_no_place_is_known_the_map_says_so(desk: Desk) -> None:
    run = desk.seen(("x", 0, MATCH, 2), ("x", 1, MATCH, 3), camera=None, location=None, district=None)
    shown = replace(LOOK, kind=Kind.SHOW, view=View.MAP, group_by=GroupBy.IMAGE)
    assert desk.answer(run, shown).headline == "2 pictures show people; none has coordinates."


def test_of_one_picture_it_is_said_whether(desk: Desk) -> None:
    run = desk.seen(("N/Gate/a", 0, MATCH, 2))
    plan = replace(FIND, group_by=GroupBy.IMAGE)
    assert desk.answer(run, plan, plan).headline == "Gate (N/Gate/a) shows cars."
