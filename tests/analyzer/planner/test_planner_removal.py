"""A chip taken away: what may go, what the question is then, and when pictures must be looked at for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Previous, Scope, Task, View
from analyzer.planner import chips, leave_out, removable
from core.errors import InvalidRequest

MAY = datetime.fromisoformat("2026-05-01")  # the site's clock has no zone of its own
LOOK = Plan(
    Kind.LOOK,
    Task.COUNT,
    "people",
    "How many people?",
    Scope(districts=("Northside",), start=MAY, hours=(18.0, 20.0)),
    Aggregate.MOST,
    GroupBy.DISTRICT,
    Condition(Op.GT, 3),
    view=View.TABLE,
)
BARE = Plan(Kind.LOOK, Task.FIND, "people", "Are there people?")


def test_only_what_the_question_said_can_be_taken_away() -> None:
    assert [chip.kind for chip in chips(LOOK) if removable(LOOK, chip.kind)] == [
        "where", "when", "group", "condition", "view"
    ]  # fmt: skip
    assert [chip.kind for chip in chips(BARE) if removable(BARE, chip.kind)] == []
    assert not removable(replace(BARE, group_by=GroupBy.IMAGE), "group")
    assert not removable(Plan(Kind.SHOW, view=View.MAP), "view")
    assert removable(replace(BARE, scope=Scope(previous=Previous.MATCHES)), "where")


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        ("where", {"scope": Scope(start=MAY, hours=(18.0, 20.0))}),
        ("when", {"scope": Scope(districts=("Northside",))}),
        ("group", {"aggregate": Aggregate.TOTAL, "group_by": None}),
    ],
)
def test_what_widens_a_look_is_a_look_again(kind: str, left: dict[str, Any]) -> None:
    assert leave_out(LOOK, [kind], LOOK, seen=True) == replace(LOOK, **left)


@pytest.mark.parametrize(("kind", "left"), [("condition", {"condition": None}), ("view", {"view": View.ANSWER})])
def test_what_narrowed_no_picture_is_answered_from_the_store_once_all_were_seen(
    kind: str, left: dict[str, Any]
) -> None:
    assert leave_out(LOOK, [kind], LOOK, seen=True) == replace(LOOK, kind=Kind.RECALL, task=None, ask=None, **left)
    assert leave_out(LOOK, [kind], LOOK, seen=False) == replace(LOOK, **left)


def test_a_recall_narrower_than_its_look_needs_no_new_one() -> None:
    base = replace(LOOK, scope=Scope(), group_by=None)
    recall = Plan(Kind.RECALL, target="people", scope=Scope(districts=("Northside",)), group_by=GroupBy.DISTRICT)
    assert leave_out(recall, ["where", "group"], base, seen=True) == Plan(Kind.RECALL, target="people")
    wider = leave_out(recall, ["where"], LOOK, seen=True)
    assert (wider.kind, wider.task, wider.ask, wider.scope) == (Kind.LOOK, Task.COUNT, LOOK.ask, Scope())


@pytest.mark.parametrize("kinds", [[], ["what"], ["view", "view", "nonsense"], ["condition"]])
def test_nothing_else_can_be_left_out(kinds: list[str]) -> None:
    with pytest.raises(InvalidRequest):
        leave_out(BARE, kinds, BARE, seen=True)
