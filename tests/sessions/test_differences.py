"""The difference to an earlier question: exact, from what is stored, at no call; a plain word where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.ask import Ask
from analyzer.difference import figure_plan_before
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task, Versus
from analyzer.progress import RunProgress
from core.states import Outcome, RunState
from sessions.answers import Answers
from sessions.differences import Answered
from sessions.site import Site, Sites
from storage.conversations import MessageRow
from storage.database import Database
from storage.figures import FigureStore
from storage.observations import ObservationStore, OtherSide, PictureFilter
from storage.register import EMPTY_REGISTER
from tests.analyzer.test_answer import NOON, observation
from tests.conftest import MemorySource
from tests.sessions.desk import ZONE, Desk, open_desk
from tests.sessions.test_conversations import answered, headline
from tests.sessions.test_evidence import Plain, scopes, tables

RUNS = count()


class Growing:
    """As many as the picture's number, and one more at every look."""

    def __init__(self) -> None:
        self.more = 0

    def __call__(self, picture: Material, ask: Ask) -> int:
        assert picture.content is not None
        return int(picture.content) % 3 + self.more


@pytest.fixture
def growing() -> Growing:
    return Growing()


@pytest.fixture
def model(growing: Growing) -> ScriptedModel:
    return ScriptedModel(growing, workers=4)


@pytest.fixture
def desk(tmp_path: Path, database: Database, model: ScriptedModel) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    opened = open_desk(tmp_path, MemorySource(24, broken=[23]), model, database=database)
    yield opened
    opened.close()


def test_the_two_answers_and_their_difference_are_told_with_their_pictures(
    desk: Desk, model: ScriptedModel, growing: Growing
) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    session_id = first.row.session_id
    growing.more = 2
    answered(desk, "How many people are at Gate 1?", session_id)
    calls = len(model.asked)
    difference = answered(desk, "How many more than before?", session_id)
    assert len(model.asked) == calls and difference.run is None
    assert difference.answer is not None, difference.row.error
    now, before, gap = difference.answer["figures"]
    assert (now["label"], before["label"], gap["label"]) == ("now", "before", "difference")
    assert gap["value"] == now["value"] - before["value"]
    assert difference.answer["findings"][0] == "Set against “How many people are at Gate 0?”."
    newer = desk.conversations.pictures(difference.id, PictureFilter(**now["filter"]), None, 100)
    older = desk.conversations.pictures(difference.id, PictureFilter(side=OtherSide.BEFORE), None, 100)
    both = desk.conversations.pictures(difference.id, PictureFilter(side=OtherSide.BOTH), None, 100)
    assert {row.location for row in newer.rows} == {"Gate 1"}
    assert {row.location for row in older.rows} == {"Gate 0"}
    assert [row.observation_id for row in both.rows] == [row.observation_id for row in (*newer.rows, *older.rows)]
    assert len(desk.conversations.workings(difference.id)) == 2


def test_the_pages_of_both_sides_follow_each_other(desk: Desk) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    answered(desk, "How many people are at Gate 1?", first.row.session_id)
    difference = answered(desk, "than before?", first.row.session_id)
    wanted, after, found = PictureFilter(side=OtherSide.BOTH), None, []
    for _ in range(20):
        page = desk.conversations.pictures(difference.id, wanted, after, 3)
        found += [row.observation_id for row in page.rows]
        if (after := page.following) is None:
            break
    whole = desk.conversations.pictures(difference.id, wanted, None, 100)
    assert found == [row.observation_id for row in whole.rows] and len(found) == whole.total > 3


def test_the_earlier_answer_of_the_same_place_is_preferred(desk: Desk, growing: Growing) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    session_id = first.row.session_id
    answered(desk, "How many people are at Gate 1?", session_id)
    growing.more = 2
    answered(desk, "How many people are at Gate 0 between 0:00 and 24:00?", session_id)
    found = answered(desk, "how has that changed?", session_id)
    assert found.answer is not None, found.row.error
    assert found.answer["findings"][0] == "Set against “How many people are at Gate 0?”."


@pytest.mark.parametrize(
    ("before", "sentence"),
    [
        (
            "How many people are at each location?",
            "There is nothing to compare with: nothing like it was asked before.",
        ),
        ("Describe what is happening", "only what is counted or found can be set against"),
    ],
)
def test_without_an_earlier_answer_that_is_said_with_a_way_on(desk: Desk, before: str, sentence: str) -> None:
    first = answered(desk, before)
    difference = answered(desk, "Is that more than last time?", first.row.session_id)
    assert difference.answer is None and difference.row.error is not None
    assert sentence in difference.row.error["message"]
    assert "“And yesterday?”" in difference.row.error["hint"]


def test_a_time_that_no_earlier_answer_is_of_is_said(desk: Desk) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    answered(desk, "How many people are at Gate 1?", first.row.session_id)
    difference = answered(desk, "Is that more than yesterday's answer?", first.row.session_id)
    assert difference.row.error is not None
    assert "no earlier answer is of that time" in difference.row.error["message"]
    today = answered(desk, "Is that more than today's answer?", first.row.session_id)
    assert today.answer is not None, today.row.error


def test_another_view_between_the_two_is_no_answer_to_compare_with(desk: Desk) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    session_id = first.row.session_id
    answered(desk, "How many people are at Gate 1?", session_id)
    answered(desk, "Show me on a map", session_id)
    difference = answered(desk, "by how much did that change?", session_id)
    assert difference.answer is not None and "before" in headline(difference)
    again = answered(desk, "is that fewer than before?", session_id)
    assert again.answer is not None
    assert headline(again) == headline(difference)


def test_a_difference_comes_out_of_a_file_again(desk: Desk) -> None:
    first = answered(desk, "How many people are at Gate 0?")
    answered(desk, "How many people are at Gate 1?", first.row.session_id)
    difference = answered(desk, "than before?", first.row.session_id)
    content = b"".join(desk.exports.session(first.row.session_id).document())
    (session,) = desk.imports.take(content, "kept.json").sessions
    again = desk.conversations.open(session.id).messages[-1]
    assert again.answer is not None
    assert headline(again) == headline(difference)
    assert again.answer["figures"] == difference.answer["figures"]  # type: ignore[index]


@st.composite
def differences(draw: st.DrawFn) -> tuple[Plan, Plan, Plan]:
    """A question for the difference, the earlier plan, and the look that both rest on."""
    task = draw(st.sampled_from([Task.COUNT, Task.FIND]))
    looked = Plan(Kind.LOOK, task, "cars", "Any cars?", group_by=draw(st.sampled_from([*GroupBy])))
    condition = draw(st.sampled_from([None, Condition(Op.GT, 3), Condition(Op.EQ, 0)]))
    group = draw(st.sampled_from([GroupBy.LOCATION, GroupBy.CAMERA, None]))
    plan = replace(
        looked, kind=Kind.RECALL, aggregate=Aggregate.COMPARE, group_by=group, condition=condition,
        scope=draw(scopes), peak=draw(st.booleans()), versus=Versus(mean=draw(st.booleans())),
    )  # fmt: skip
    return plan, replace(looked, scope=draw(scopes), archive=draw(st.booleans())), looked


def plain_value(plain: Plain) -> tuple[float | None, set[str]]:
    """What one side comes to, and the ids of the rows behind it."""
    counting = plain.counting and plain.plan.condition is None
    if counting:
        values = [value for value in map(plain.value, plain.groups.values()) if value is not None]
        mean = plain.plan.versus is not None and plain.plan.versus.mean
        total = (sum(values) / (len(values) if mean else 1)) if values else None
        return total, {row.observation_id for row in plain.rows}
    if all(row.outcome is Outcome.UNREADABLE for row in plain.rows):
        return None, set()
    value, ids = plain.behind(Outcome.MATCH)
    return float(value), ids


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=tables, second=tables, question=differences())
def test_both_figures_and_their_difference_are_those_of_plain_python_and_stand_on_exactly_their_rows(
    database: Database,
    first: list[tuple[str, int, Outcome, int]],
    second: list[tuple[str, int, Outcome, int]],
    question: tuple[Plan, Plan, Plan],
) -> None:
    plan, earlier, looked = question
    answers = Answers(Sites(Site(MemorySource(0), EMPTY_REGISTER, ZONE)), FigureStore(database))
    store = ObservationStore(database)
    runs = [f"difference-{next(RUNS)}" for _ in range(2)]
    sides = []
    for run_id, table in zip(runs, (first, second), strict=True):
        rows = [
            observation(
                run_id,
                (camera, minute, outcome, {Outcome.NO_MATCH: 0, Outcome.UNREADABLE: None}.get(outcome, value)),
                number,
            )
            for number, (camera, minute, outcome, value) in enumerate(table)
        ]
        store.add(rows)
        sides.append(rows)
    before_plan = figure_plan_before(plan, earlier)
    look, old = (MessageRow(name, "s", "?", NOON, looked.to_stored(), run_id=run_id)
                 for name, run_id in zip(("look", "old"), runs, strict=True))  # fmt: skip
    row = MessageRow("recall", "s", "?", NOON, plan.to_stored(), rests_on="look")
    before = Answered(replace(old, plan=before_plan.to_stored()), old)
    progress = RunProgress(runs[0], RunState.FINISHED, {}, 0, False, 0, 0, 0.0, None, 0.0, None)
    answer = answers.of(row, look, progress, before)
    figures = {figure["label"]: figure for figure in answer["figures"]}
    ground = replace(looked, group_by=None)
    kept = replace(plan, group_by=plan.group_by or (None if looked.task is Task.COUNT else GroupBy.IMAGE))
    value, ids = plain_value(Plain(sides[0], kept, ground))
    other, other_ids = plain_value(
        Plain(sides[1], replace(kept, scope=before_plan.scope, archive=before_plan.archive), ground)
    )
    _hold(figures.get("now"), value, ids, behind(answers, store, row, look))
    _hold(figures.get("before"), other, other_ids, behind(answers, store, before.row, old))
    assert ("difference" in figures) == (value is not None and other is not None)
    if value is not None and other is not None:
        assert figures["difference"]["value"] == pytest.approx(value - other, abs=0.021)


def behind(answers: Answers, store: ObservationStore, row: MessageRow, looked: MessageRow) -> Any:
    def ids(given: dict[str, str]) -> set[str]:
        outcomes: dict[str, Any] = {name: Outcome(given[name]) for name in ("outcome", "places") if name in given}
        wanted = PictureFilter(**outcomes)
        among = answers.among(row, looked, wanted.places) if wanted.places else None
        counted = answers.counted(row, looked)
        assert counted is not None
        return {seen.observation_id for seen in store.page(counted, wanted, None, 500, among).rows}

    return ids


def _hold(figure: dict[str, Any] | None, value: float | None, ids: set[str], found: Any) -> None:
    if figure is None:
        assert value is None
        return
    assert figure["value"] == pytest.approx(value, abs=0.011)
    assert found(figure["filter"]) == ids


def test_a_find_is_told_out_of_what_could_be_read_on_either_side(database: Database) -> None:
    looked = Plan(Kind.LOOK, Task.FIND, "flooding", "Any flooding?", group_by=GroupBy.LOCATION)
    plan = replace(looked, kind=Kind.RECALL, aggregate=Aggregate.COMPARE, versus=Versus())
    answers = Answers(Sites(Site(MemorySource(0), EMPTY_REGISTER, ZONE)), FigureStore(database))
    store, runs = ObservationStore(database), [f"difference-{next(RUNS)}" for _ in range(2)]
    told = ((Outcome.MATCH, Outcome.MATCH, Outcome.NO_MATCH), (Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNREADABLE))
    for run_id, outcomes in zip(runs, told, strict=True):
        store.add([observation(run_id, (f"N/{place}/a", 1, outcome, None), number)
                   for number, (place, outcome) in enumerate(zip("PQR", outcomes, strict=True))])  # fmt: skip
    look, old = (MessageRow(run_id, "s", "Any flooding?", NOON - timedelta(hours=1), looked.to_stored(), run_id=run_id)
                 for run_id in runs)  # fmt: skip
    row = MessageRow("recall", "s", "?", NOON, plan.to_stored(), rests_on=look.id)
    progress = RunProgress(runs[0], RunState.FINISHED, {}, 0, False, 0, 0, 0.0, None, 0.0, None)
    answer = answers.of(
        row, look, progress, Answered(replace(old, plan=figure_plan_before(plan, looked).to_stored()), old)
    )
    assert answer["headline"] == (
        "2 of 3 readable locations show flooding, 1 more than the 1 of 2 before; left out before (1 unreadable)."
    )


def test_counts_of_another_kind_are_not_compared(desk: Desk) -> None:
    """Yes and no on one side, a number on the other."""
    first = answered(desk, "Which locations have people?")
    answered(desk, "How many people are at Gate 1 between 0:00 and 24:00?", first.row.session_id)
    plan = Plan(Kind.RECALL, target="people", versus=Versus(), scope=Scope())
    assert desk.conversations.set_against(MessageRow("~", first.row.session_id, "?", NOON, plan.to_stored())) is None
