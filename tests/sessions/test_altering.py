"""Chips changed, before a question is asked and after: what is looked at for it, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from analyzer.models.scripted import ScriptedModel
from analyzer.plan import Aggregate, Condition, GroupBy, Op
from analyzer.planner import Alteration, Change, Grouping, Places, Times
from core.errors import InvalidRequest
from sessions.views import MessageView
from tests.sessions import test_conversations
from tests.sessions.desk import Desk
from tests.sessions.test_conversations import _is_over, answered, await_event

model, source, desk = test_conversations.model, test_conversations.source, test_conversations.desk


def altered(desk: Desk, message: MessageView, change: Change, *kinds: str) -> MessageView:
    """Ask again with some chips changed, and wait for the answer."""
    with desk.bus.subscribe() as heard:
        _, asked = desk.conversations.alter(message.id, message.row.session_id, Alteration(kinds, change))
        if asked.run is not None:
            await_event(heard.receive, lambda event: _is_over(event, asked.id))
    return desk.conversations.message(asked.id)


def test_a_chip_that_narrows_is_changed_without_a_look(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "How many people are at each location?")
    asked = len(model.asked)
    for change in (
        Change(where=Places(districts=("Northside",))),
        Change(when=Times(hours=(4, 12))),
        Change(group=Grouping(Aggregate.MOST, GroupBy.DISTRICT)),
        Change(condition=Condition(Op.GT, 1)),
    ):
        again = altered(desk, first, change)
        assert (again.run, again.row.rests_on, len(model.asked)) == (None, first.id, asked)
        assert again.answer and again.answer != first.answer
        assert any(note.startswith("Asked with “") for note in again.row.notes)


def test_a_chip_that_widens_looks_at_what_was_not_seen_only(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "How many people are at each location in Northside?")
    asked = len(model.asked)
    again = altered(desk, first, Change(where=Places(districts=("Northside", "Southside"))))
    assert again.run is not None
    assert again.run.reused > 0
    assert again.row.notes == ("Asked with “Northside, Southside” in place of “Northside”.",)
    assert len(model.asked) > asked


def test_another_thing_to_look_for_is_a_look_of_the_same_task(desk: Desk) -> None:
    first = answered(desk, "How many people are at each location?")
    again = altered(desk, first, Change(target="Red cars "))
    assert again.row.plan["target"] == "red cars"
    assert again.row.plan["ask"] == "How many red cars are visible?"
    assert again.row.plan["group_by"] == "location"


def test_a_question_is_altered_before_it_is_asked(desk: Desk) -> None:
    text, change = "How many people are at each location?", Change(where=Places(districts=("Northside",)))
    told = desk.conversations.understand(text, alteration=Alteration((), change)).as_json()
    assert (told["model"], told["plan"]["scope"]["districts"]) == ("scripted", ["Northside"])
    assert desk.conversations.sessions() == []
    asked = answered(desk, text, alteration=Alteration((), change))
    assert asked.row.plan["scope"]["districts"] == ["Northside"]
    assert asked.row.notes == ("Asked with “Northside” in place of “all places”.",)
    again = desk.conversations.understand("And the total?", asked.row.session_id).as_json()
    assert (again["plan"]["kind"], again["model"]) == ("recall", None)
    assert again["notes"] == ["Answered from what was seen: no picture is looked at."]


@pytest.mark.parametrize(
    "change",
    [
        Change(where=Places(districts=("Atlantis",))),
        Change(target=" ?! "),
        Change(when=Times(start=datetime.fromisoformat("2026-05-02"), end=datetime.fromisoformat("2026-05-01"))),
        Change(when=Times(hours=(4, 4))),
        Change(group=Grouping(Aggregate.MOST)),
        Change(condition=Condition(Op.BETWEEN, (9, 1))),
        Change(condition=Condition(Op.GT, -1)),
    ],
)
def test_a_change_that_means_nothing_is_refused_and_nothing_is_asked(desk: Desk, change: Change) -> None:
    first = answered(desk, "How many people are visible?")
    with pytest.raises(InvalidRequest):
        desk.conversations.alter(first.id, first.row.session_id, Alteration((), change))
    assert len(desk.conversations.open(first.row.session_id).messages) == 1


def test_figures_come_by_hour_and_by_district_without_a_look(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "How many people are at each location?")
    asked = len(model.asked)
    hours = desk.conversations.grouped(first.id, GroupBy.HOUR)
    assert (hours["group_by"], hours["unit"]) == ("hour", "people")
    assert [group["label"] for group in hours["groups"]] == ["09:00"]
    districts = desk.conversations.grouped(first.id, GroupBy.DISTRICT)
    assert {group["label"] for group in districts["groups"]} == {"Northside", "Southside"}
    assert len(model.asked) == asked
    lost = answered(desk, "How many people are in Atlantis?")
    assert desk.conversations.grouped(lost.id, GroupBy.HOUR)["groups"] == []
