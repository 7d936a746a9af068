"""Figures out of plain Python: the same as those of the SQL, whatever was seen and whichever part of it counts."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.answer import compose
from analyzer.groups import slice_of, within
from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task
from analyzer.recount import recount
from core.states import Outcome
from storage.database import Database
from storage.figures import FigureStore, Period
from storage.observations import Observation, ObservationStore
from storage.slices import Places, Slice, Threshold
from tests.analyzer.test_answer import NOON, observation

RUNS = count()
rows = st.tuples(
    st.sampled_from(["N/P/a", "N/Q/c", "S/R/d", None]),
    st.one_of(st.none(), st.integers(-3000, 3000)),
    st.sampled_from(list(Outcome)),
    st.one_of(st.none(), st.integers(0, 9)),
)
moments = st.one_of(
    st.none(), st.integers(-50, 50).map(lambda hours: NOON.replace(tzinfo=None) + timedelta(hours=hours))
)
by_time = st.builds(
    Plan,
    kind=st.just(Kind.LOOK),
    task=st.sampled_from([Task.COUNT, Task.FIND, Task.CLASSIFY]),
    target=st.just("cars"),
    ask=st.just("Any cars?"),
    group_by=st.sampled_from([GroupBy.HOUR, GroupBy.DAY]),
    aggregate=st.sampled_from([Aggregate.NONE, Aggregate.MOST, Aggregate.AVERAGE, Aggregate.SHARE]),
    condition=st.sampled_from([None, Condition(Op.GT, 3), Condition(Op.EQ, 0), Condition(Op.LE, 4)]),
    scope=st.sampled_from([Scope(), Scope(districts=("N",)), Scope(hours=(18.0, 5.5))]),
    peak=st.booleans(),
)
slices = st.builds(
    Slice,
    run_id=st.just(""),
    timezone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
    start=moments,
    end=moments,
    hours=st.sampled_from([None, (6.0, 18.5), (22.0, 5.0)]),
    bucket=st.sampled_from([None, "hour", "day"]),
    places=st.sampled_from(
        [
            Places(),
            Places(("N",)),
            Places(("n",), locations=("P",)),
            Places(("S",), locations=("P",)),
            Places(cameras=("S/R/d",)),
        ]
    ),
    watched=st.booleans(),
    threshold=st.sampled_from([None, Threshold(3, 1e18), Threshold(-1e18, 2), Threshold(0, 0), Threshold(1, 1e18)]),
)


def laid(table: list[tuple[str | None, int | None, Outcome, int | None]], run_id: str) -> list[Observation]:
    return [
        observation(
            run_id, (camera or "x", 0, outcome, value), number, camera=camera,
            taken_at=None if minute is None else NOON + timedelta(minutes=minute, milliseconds=7), text=str(number),
            identity=str(value or 0),
        )
        for number, (camera, minute, outcome, value) in enumerate(table)
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(rows, min_size=1, max_size=30), wanted=slices)
def test_it_says_what_the_sql_says(
    database: Database, table: list[tuple[str | None, int | None, Outcome, int | None]], wanted: Slice
) -> None:
    wanted = replace(wanted, run_id=f"recount-{next(RUNS)}")
    seen = laid(table, wanted.run_id)
    ObservationStore(database).add(seen)
    stored = [asdict(row) for row in FigureStore(database).viewpoints(wanted)]
    named = wanted.places
    scope = Scope(named.districts, named.mandals, named.locations, named.cameras)
    again = [asdict(row) for row in within(recount(seen, wanted), scope)]
    for one in (*stored, *again):
        one["mean"] = None if not one["counted"] else pytest.approx(one["mean"])
        one["peak"] = one["peak"] if one["counted"] else None
    assert again == stored


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.lists(rows, min_size=1, max_size=30), plan=by_time)
def test_an_answer_by_time_is_the_same_of_hours_and_days_as_of_their_cameras(
    database: Database, table: list[tuple[str | None, int | None, Outcome, int | None]], plan: Plan
) -> None:
    wanted = slice_of(plan, f"recount-{next(RUNS)}", "Asia/Kolkata")
    ObservationStore(database).add(laid(table, wanted.run_id))
    figures = FigureStore(database)
    periods, cameras = figures.seen(wanted), figures.viewpoints(wanted)
    assert compose(plan, plan, periods) == compose(plan, plan, cameras)
    assert len(periods) == len({one.bucket for one in cameras})
    assert sum(one.pictures for one in periods) == sum(one.pictures for one in cameras)


def test_a_day_is_told_by_the_camera_with_most_pictures_and_its_peaks_are_no_means(database: Database) -> None:
    plan = Plan(Kind.LOOK, Task.CLASSIFY, "cars", "Any cars?", group_by=GroupBy.DAY)
    wanted = slice_of(plan, f"recount-{next(RUNS)}", "UTC")
    seen = [("N/P/a", 0, Outcome.MATCH, 1), ("S/R/d", 1, Outcome.MATCH, 2), ("S/R/d", 2, Outcome.MATCH, 5)]
    ObservationStore(database).add(laid(list(seen), wanted.run_id))
    (day,) = FigureStore(database).seen(wanted)
    assert isinstance(day, Period)
    assert (day.text, list(day.means), list(day.peaks)) == ("2", [1.0, 3.5], [1, 5])
