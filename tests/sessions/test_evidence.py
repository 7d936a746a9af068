"""What stands behind the figures: every figure of every answer anew in plain Python, and exactly the rows it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task
from analyzer.progress import RunProgress
from core.states import Outcome, RunState
from sessions.answers import Answers
from sessions.site import Site, Sites
from storage.conversations import MessageRow
from storage.database import Database
from storage.figures import FigureStore
from storage.observations import Observation, ObservationStore, PictureFilter
from storage.register import EMPTY_REGISTER
from tests.analyzer.test_answer import NOON, observation
from tests.conftest import MemorySource
from tests.sessions.desk import ZONE

MATCH, NO, UNSURE, UNREADABLE = Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNSURE, Outcome.UNREADABLE
RUNS = count()
tables = st.lists(
    st.tuples(
        st.sampled_from(["N/P/a", "N/P/b", "N/Q/c", "S/R/d", "S/P/e"]),
        st.integers(0, 2000),
        st.sampled_from([MATCH, MATCH, NO, UNSURE, UNREADABLE]),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:2],
)
conditions = st.sampled_from(
    [None, Condition(Op.GT, 3), Condition(Op.EQ, 0), Condition(Op.BETWEEN, (2, 5)), Condition(Op.LE, 4)]
)
scopes = st.sampled_from(
    [Scope(), Scope(districts=("N",)), Scope(districts=("N",), locations=("P",)), Scope(hours=(18.0, 5.5))]
)
groupings = st.sampled_from([*GroupBy])


@st.composite
def asked(draw: st.DrawFn) -> tuple[Plan, Plan]:
    """A question and the look it rests on: a look of its own, or a recall after one."""
    task = draw(st.sampled_from([Task.COUNT, Task.FIND]))
    group = draw(groupings)
    looked = Plan(Kind.LOOK, task, "cars", "Any cars?", group_by=group)
    plan = replace(looked, condition=draw(conditions), scope=draw(scopes))
    if task is Task.COUNT:
        plan = replace(plan, archive=draw(st.booleans()), peak=draw(st.booleans()), finds=draw(st.booleans()))
    return (replace(plan, kind=Kind.RECALL) if draw(st.booleans()) else plan), looked


class Plain:
    """The figures and what is behind them, straight from PLAN.md, with nothing of the program's."""

    def __init__(self, rows: Iterable[Observation], plan: Plan, looked: Plan) -> None:
        self.plan = plan
        self.counting = looked.task is Task.COUNT and not plan.finds
        self.rows = self.in_scope(list(rows))
        self.groups: dict[tuple[str, ...], list[Observation]] = {}
        for row in self.rows:
            self.groups.setdefault(self.key(row), []).append(row)

    def in_scope(self, rows: list[Observation]) -> list[Observation]:
        """A location in a district is that location; where it is in none of them, both were meant."""
        scope = self.plan.scope
        if scope.hours:
            hours = [row.taken_at.astimezone(ZONE) for row in rows if row.taken_at]
            clock = [local.hour + local.minute / 60 for local in hours]
            return [
                row for row, hour in zip(rows, clock, strict=True) if hour >= scope.hours[0] or hour < scope.hours[1]
            ]
        named = [(row.district in scope.districts, row.location in scope.locations) for row in rows]
        levels = [bool(scope.districts), bool(scope.locations)]
        if not any(levels):
            return rows
        every = [all(fits for fits, wanted in zip(one, levels, strict=True) if wanted) for one in named]
        either = [any(fits for fits, wanted in zip(one, levels, strict=True) if wanted) for one in named]
        return [row for row, fits in zip(rows, every if any(every) else either, strict=True) if fits]

    def key(self, row: Observation) -> tuple[str, ...]:
        local = row.taken_at.astimezone(ZONE)  # type: ignore[union-attr]
        keys: dict[GroupBy | None, tuple[Any, ...]] = {
            GroupBy.LOCATION: (row.location, row.district), GroupBy.DISTRICT: (row.district,),
            GroupBy.HOUR: (f"{local.hour:02d}:00",), GroupBy.DAY: (local.date().isoformat(),),
        }  # fmt: skip
        return keys.get(self.plan.group_by, (row.camera,))

    def said(self, row: Observation) -> Outcome:
        if self.plan.condition is None or row.outcome in (UNSURE, UNREADABLE):
            return row.outcome
        return MATCH if self.plan.condition.holds(row.count or 0) else NO

    def camera(self, rows: list[Observation]) -> float | None:
        certain = [row.count for row in rows if row.outcome in (MATCH, NO)]
        numbers = [number for number in certain if number is not None]
        ranked = self.plan.aggregate in (Aggregate.MOST, Aggregate.RANK)
        if self.plan.peak or (self.plan.group_by is GroupBy.IMAGE and ranked):
            return max(numbers, default=None)
        if self.plan.archive or self.plan.scope.hours or self.plan.group_by in (GroupBy.HOUR, GroupBy.DAY):
            return sum(numbers) / len(numbers) if numbers else None
        readable = sorted((row for row in rows if row.outcome is not UNREADABLE), key=lambda row: str(row.taken_at))
        return readable[-1].count if readable and readable[-1].outcome is not UNSURE else None

    def value(self, rows: list[Observation]) -> float | None:
        if not self.counting and self.plan.condition is not None:
            return max(
                (row.count for row in rows if row.outcome in (MATCH, NO) and row.count is not None), default=None
            )
        cameras: dict[str | None, list[Observation]] = {}
        for row in rows:
            cameras.setdefault(row.camera, []).append(row)
        figures = [figure for figure in map(self.camera, cameras.values()) if figure is not None]
        return sum(figures) if figures else None

    def outcome(self, rows: list[Observation]) -> Outcome:
        said = {self.said(row) for row in rows}
        condition = self.plan.condition
        if self.counting:
            value = self.value(rows)
            if value is None:
                return UNSURE if UNSURE in said else UNREADABLE
            return MATCH if (condition.holds(value) if condition else value > 0) else NO
        if condition == Condition(Op.EQ, 0):
            return NO if NO in said else MATCH if MATCH in said and UNSURE not in said else UNSURE
        return next(outcome for outcome in (MATCH, UNSURE, NO, UNREADABLE) if outcome in said)

    def matching_locations(self, rows: list[Observation]) -> int:
        """The figure of a district after a find."""
        by_location: dict[str | None, list[Observation]] = {}
        for row in rows:
            by_location.setdefault(row.location, []).append(row)
        return sum(self.outcome(theirs) is MATCH for theirs in by_location.values())

    def behind(self, outcome: Outcome) -> tuple[int, set[str]]:
        """How many end so, and the ids of the rows that this counts."""
        if self.plan.group_by is GroupBy.IMAGE:
            rows = [row for row in self.rows if self.said(row) is outcome]
            return len(rows), {row.observation_id for row in rows}
        groups = [rows for rows in self.groups.values() if self.outcome(rows) is outcome]
        every = self.counting or self.plan.condition == Condition(Op.EQ, 0)
        ids = {row.observation_id for rows in groups for row in rows if every or self.said(row) is outcome}
        return len(groups), ids


@pytest.fixture
def worked(
    database: Database,
) -> Callable[[list[Observation], Plan, Plan], tuple[dict[str, Any], Callable[..., set[str]]]]:
    """Answers a question over a table, and tells the ids behind a filter."""
    answers = Answers(Sites(Site(MemorySource(0), EMPTY_REGISTER, ZONE)), FigureStore(database))
    store = ObservationStore(database)

    def work(rows: list[Observation], plan: Plan, looked: Plan) -> tuple[dict[str, Any], Callable[..., set[str]]]:
        run_id = rows[0].run_id
        store.add(rows)
        progress = RunProgress(run_id, RunState.FINISHED, {}, 0, False, 0, 0, 0.0, None, 0.0, None)
        look = MessageRow("look", "s", "?", NOON, looked.to_stored(), run_id=run_id)
        row = look if plan.kind is Kind.LOOK else MessageRow("recall", "s", "?", NOON, {}, rests_on="look")
        row = replace(row, plan=plan.to_stored())

        def behind(**given: Any) -> set[str]:
            outcomes: dict[str, Any] = {
                name: Outcome(given.pop(name)) for name in ("outcome", "places") if name in given
            }
            wanted = replace(PictureFilter(**given), **outcomes)
            among = answers.among(row, look, wanted.places) if wanted.places else None
            counted = answers.counted(row, look)
            assert counted is not None
            return {seen.observation_id for seen in store.page(counted, wanted, None, 500, among).rows}

        return answers.of(row, look, progress), behind

    return work


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=tables, question=asked())
def test_every_figure_is_that_of_plain_python_and_stands_on_exactly_the_rows_it_counts(
    worked: Any, table: list[tuple[str, int, Outcome, int]], question: tuple[Plan, Plan]
) -> None:
    plan, looked = question
    run_id = f"evidence-{next(RUNS)}"
    rows = [
        observation(run_id, (camera, minute, outcome, {NO: 0, UNREADABLE: None}.get(outcome, value)), number)
        for number, (camera, minute, outcome, value) in enumerate(table)
    ]
    plain = Plain(rows, plan, looked)
    answer, behind = worked(rows, plan, looked)
    if not plain.rows:
        assert answer["figures"] == answer["groups"] == []
        return
    for figure in answer["figures"]:
        ids = behind(**figure["filter"])
        if "outcome" in figure["filter"] or "places" in figure["filter"]:
            value, expected = plain.behind(Outcome(figure["filter"].get("places") or figure["filter"]["outcome"]))
            assert (figure["value"], ids) == (value, expected), figure
        else:
            known = [value for value in map(plain.value, plain.groups.values()) if value is not None]
            assert figure["value"] == pytest.approx(sum(known), abs=0.011)
            assert ids == {row.observation_id for row in plain.rows}
    _hold_groups(answer, plain, behind)


def _hold_groups(answer: dict[str, Any], plain: Plain, behind: Callable[..., set[str]]) -> None:
    narrowed = plain.counting and plain.plan.kind is Kind.RECALL and plain.plan.condition is not None
    expected = {key: rows for key, rows in plain.groups.items() if not narrowed or plain.outcome(rows) is MATCH}
    assert len(answer["groups"]) == len(expected)
    by_name = {", ".join(key): rows for key, rows in expected.items()} | {
        key[0]: rows for key, rows in expected.items() if sum(key[0] == other[0] for other in plain.groups) == 1
    }
    if plain.plan.group_by not in (GroupBy.LOCATION, GroupBy.DISTRICT, GroupBy.HOUR, GroupBy.DAY):
        by_name |= {
            f"{rows[0].location} ({key[0]})": rows for key, rows in expected.items()
        }  # a camera, with its place
    for group in answer["groups"]:
        rows = by_name[group["label"]]
        value = plain.value(rows)
        if plain.plan.kind is Kind.RECALL and plain.plan.group_by is GroupBy.DISTRICT and not plain.counting:
            value = plain.matching_locations(rows)
        assert group["value"] == (None if value is None else pytest.approx(value, abs=0.011))
        assert Outcome(group["outcome"]) is plain.outcome(rows)
        assert group["counts"] == {str(one): sum(plain.said(row) is one for row in rows) for one in Outcome}
        if group["filter"]:
            assert behind(**group["filter"]) == {row.observation_id for row in rows}
