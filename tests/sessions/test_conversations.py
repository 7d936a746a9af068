"""Conversations: asked, answered, followed up, stopped, continued; nothing is lost and follow-ups cost nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import ScriptedModel
from analyzer.planner import Alteration
from core.bus import Event
from core.errors import Conflict, InvalidRequest, NotFound, UnplannableQuestion
from core.states import Outcome
from sessions.views import MessageView
from storage.database import Database
from storage.observations import PictureFilter
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk


def by_number(picture: Material, ask: Ask) -> int:
    """As many of the target as the picture's number, modulo 3."""
    assert picture.content is not None
    return int(picture.content) % 3


@pytest.fixture
def model() -> ScriptedModel:
    return ScriptedModel(by_number, workers=4)


@pytest.fixture
def source() -> MemorySource:
    return MemorySource(24, broken=[23])


@pytest.fixture
def desk(
    tmp_path: Path, database: Database, model: ScriptedModel, source: MemorySource, state_url: str
) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    opened = open_desk(tmp_path, source, model, database=database, state_url=state_url)
    yield opened
    opened.close()


def answered(desk: Desk, text: str, session_id: str | None = None, **options: object) -> MessageView:
    """Ask, and wait on the bus until the answer is announced."""
    with desk.bus.subscribe() as heard:
        _, message = desk.conversations.ask(text, session_id, **options)  # type: ignore[arg-type]
        if message.run is None:
            return message

        await_event(heard.receive, lambda event: _is_over(event, message.id))
    return desk.conversations.message(message.id)


def without(desk: Desk, message: MessageView, *kinds: str) -> MessageView:
    """Ask again without some parts, and wait for the answer."""
    with desk.bus.subscribe() as heard:
        _, asked = desk.conversations.alter(message.id, message.row.session_id, Alteration(kinds))
        if asked.run is not None:
            await_event(heard.receive, lambda event: _is_over(event, asked.id))
    return desk.conversations.message(asked.id)


def _is_over(event: Event, message_id: str) -> bool:
    told = event.data.get("message", {})
    return bool(event.type == "message" and told["id"] == message_id and told["run"]["state"] != "running")


def await_event(receive: Callable[[float], Event | None], wanted: Callable[[Event], bool]) -> Event:
    while True:
        event = receive(20)
        assert event is not None, "nothing more was announced"
        if wanted(event):
            return event


def headline(message: MessageView) -> str:
    assert message.answer is not None, message.row.error
    return str(message.answer["headline"])


def test_a_question_is_answered_from_every_picture(desk: Desk) -> None:
    message = answered(desk, "How many people are at each location?")
    assert message.run is not None
    assert message.run.as_json()["counts"] == {"match": 15, "no_match": 8, "unsure": 0, "unreadable": 1}
    assert headline(message) == "3 people at 3 locations. 1 of 24 pictures is unreadable."


def test_follow_ups_call_no_model_and_read_no_picture(desk: Desk, model: ScriptedModel, source: MemorySource) -> None:
    """S2.23: follow-ups are answered from what is stored."""
    first = answered(desk, "Count people at each location")
    session_id, asked, read = first.row.session_id, len(model.asked), source.reads
    for text in ("Show me on a map", "Give me the coordinates", "Which district has the most?", "And the total?"):
        message = answered(desk, text, session_id)
        assert message.row.rests_on == first.id
        assert message.run is None
        assert message.answer is not None
        assert message.answer["calls"] == 0
    assert (len(model.asked), source.reads) == (asked, read)


def test_a_second_look_at_the_same_thing_calls_no_model(desk: Desk, model: ScriptedModel) -> None:
    answered(desk, "How many people are visible?")
    asked = len(model.asked)
    again = answered(desk, "Count the people")
    assert len(model.asked) == asked
    assert again.run is not None
    assert again.run.reused == 23


def test_asking_again_looks_at_every_picture_afresh(desk: Desk, model: ScriptedModel) -> None:
    answered(desk, "How many people are visible?")
    answered(desk, "How many people are visible?", again=True)
    assert len(model.asked) == 46


def test_a_follow_up_to_nothing_is_refused_and_makes_no_session(desk: Desk) -> None:
    with pytest.raises(UnplannableQuestion):
        desk.conversations.ask("Show me on a map")
    assert desk.conversations.sessions() == []


def test_a_place_that_nobody_knows_is_said_to_be_unknown_and_costs_nothing(desk: Desk, model: ScriptedModel) -> None:
    message = answered(desk, "How many people are in Atlantis?")
    assert message.row.error is not None
    assert message.row.error["message"] == "The register has no place called “Atlantis”."
    assert model.asked == []


def test_a_stand_in_is_offered_and_taken_only_when_chosen(tmp_path: Path, database: Database) -> None:
    near = Ability(Fit.STAND_IN, "More than 10 vehicles in the picture, in place of congestion.", sees="objects")
    model = ScriptedModel(by_number, name="finder", ability=near)
    desk = open_desk(tmp_path, MemorySource(6), model, database=database)
    offered = answered(desk, "Which locations have congestion?")
    assert offered.row.error is not None
    assert offered.row.error["code"] == "stand_in_offered"
    assert offered.row.error["offer"] == {"model": "finder", "label": near.sentence}
    assert model.asked == []
    taken = answered(desk, "Which locations have congestion?", offered.row.session_id, model="finder")
    assert len(model.asked) == 6
    assert near.sentence in taken.row.notes
    desk.close()


def test_the_first_question_names_the_session(desk: Desk) -> None:
    """Parity S2.21: title from the first question, cut with an ellipsis."""
    session, _ = desk.conversations.ask("How many people are standing at the northern gate of the old market today?")
    assert session.row.title == "How many people are standing at the northern gate of the…"
    empty = desk.conversations.create()
    titled, _ = desk.conversations.ask("Are there any dogs?", empty.id)
    assert titled.row.title == "Are there any dogs?"


def test_sessions_do_not_mix(desk: Desk) -> None:
    """S2.21: earlier programs had one session for everybody."""
    one = answered(desk, "How many people are visible?")
    two = answered(desk, "Which locations have people?")
    follow = answered(desk, "Which district has the most?", one.row.session_id)
    assert follow.row.rests_on == one.id != two.id
    assert [message.id for message in desk.conversations.open(one.row.session_id).messages] == [one.id, follow.id]


def test_a_stopped_run_keeps_its_answer_and_continues_without_asking_twice(tmp_path: Path, database: Database) -> None:
    """S2.10: closing or stopping loses no paid answer."""
    database.command("TRUNCATE TABLE sights")
    gate = threading.Event()

    def held(picture: Material, ask: Ask) -> int:
        if len(slow.asked) > 12:
            gate.wait(10)
        return 1

    slow = ScriptedModel(held, workers=2)
    desk = open_desk(tmp_path, MemorySource(40), slow, database=database)
    with desk.bus.subscribe() as heard:
        _, message = desk.conversations.ask("How many people are visible?")
        assert message.row.run_id is not None
        await_event(heard.receive, lambda event: event.type == "seen")
        threading.Timer(0.1, gate.set).start()
        stopped = desk.conversations.stop(message.row.run_id)
    assert 0 < stopped.done < 40
    assert headline(desk.conversations.message(message.id)).endswith("people at 4 cameras.")
    with pytest.raises(Conflict):
        desk.conversations.stop(message.row.run_id)
    with desk.bus.subscribe() as heard:
        desk.conversations.continue_(message.row.run_id)
        await_event(heard.receive, lambda event: event.type == "run" and event.data["run"]["state"] == "finished")
    assert len(slow.asked) == 40
    assert len({picture.content for picture in slow.asked}) == 40
    desk.close()


def test_events_are_stored_before_they_are_told_and_can_be_heard_again(desk: Desk) -> None:
    before = desk.conversations.last_event_id()
    with desk.bus.subscribe() as heard:
        answered(desk, "How many people are visible?")
        told: list[Event] = []

        def last(event: Event) -> bool:
            """The session that is no longer running is the last thing told of a question."""
            told.append(event)
            return event.type == "session" and event.data["session"]["questions"] == 1 and answer_told()

        def answer_told() -> bool:
            messages = [event.data["message"] for event in told if event.type == "message"]
            return bool(messages) and messages[-1]["run"]["state"] == "finished"

        await_event(heard.receive, last)
    again = desk.conversations.events_after(before, 1000)
    assert again is not None
    assert [event.id for event in again] == [event.id for event in told]
    assert [event.id for event in told] == sorted({event.id for event in told})
    pictures = [row["picture_id"] for event in again if event.type == "seen" for row in event.data["pictures"]]
    assert len(pictures) == len(set(pictures)) == 24


def test_a_question_without_one_of_its_parts_asks_only_the_pictures_that_are_new(
    desk: Desk, model: ScriptedModel
) -> None:
    first = answered(desk, "How many people are at each location in Northside?")
    asked = len(model.asked)
    session_id = first.row.session_id
    wider = without(desk, first, "where")
    assert wider.row.instead_of == first.id
    assert wider.row.text == first.row.text
    assert wider.row.notes == ("Asked without “Northside”.",)
    assert wider.run is not None
    assert sum(wider.run.counts.values()) == 24
    assert wider.run.reused == asked > 0
    assert len(model.asked) + wider.run.counts[Outcome.UNREADABLE] == 24
    assert [row["removable"] for row in wider.as_json()["chips"]] == [False, False, False, True]
    assert len(desk.conversations.open(session_id).messages) == 2


def test_a_part_that_narrowed_no_picture_is_left_out_without_a_look(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "Which locations have more than 1 person?")
    asked = len(model.asked)
    plain = without(desk, first, "condition")
    assert (plain.run, plain.row.rests_on, len(model.asked)) == (None, first.id, asked)
    assert plain.answer != first.answer


def test_what_can_not_be_left_out_is_refused_and_nothing_is_asked(desk: Desk) -> None:
    first = answered(desk, "How many people are visible?")
    other = answered(desk, "How many people are visible?")
    for kinds, session_id in ((["what"], first.row.session_id), (["where"], first.row.session_id),
                              (["nonsense"], first.row.session_id), (["group"], other.row.session_id)):  # fmt: skip
        with pytest.raises(InvalidRequest):
            desk.conversations.alter(first.id, session_id, Alteration(kinds))
    assert len(desk.conversations.open(first.row.session_id).messages) == 1


def test_an_unknown_place_can_be_left_out(desk: Desk) -> None:
    lost = answered(desk, "How many people are in Atlantis?")
    found = without(desk, lost, "where")
    assert found.run is not None
    assert sum(found.run.counts.values()) == 24


def test_an_unknown_place_in_a_follow_up_can_be_left_out_too(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "How many people are at each location?")
    asked = len(model.asked)
    lost = answered(desk, "Which locations have more than 1 person in Atlantis?", first.row.session_id)
    assert lost.row.error is not None
    found = without(desk, lost, "where")
    assert (found.row.error, found.row.rests_on, len(model.asked)) == (None, first.id, asked)


def test_a_question_asked_anew_is_understood_in_its_old_place_and_ends_the_run_of_the_old(desk: Desk) -> None:
    first = answered(desk, "How many people are in Northside?")
    second = answered(desk, "And in Southside?", first.row.session_id)
    anew = answered(desk, "How many cars are there?", first.row.session_id, instead_of=first.id)
    assert anew.row.instead_of == first.id
    assert anew.row.plan["scope"]["districts"] == []
    with pytest.raises(InvalidRequest):
        desk.conversations.ask("How many people are visible?", None, instead_of=second.id)


def test_asking_anew_ends_the_run_it_replaces(tmp_path: Path, database: Database) -> None:
    gate = threading.Event()

    def slow(picture: Material, ask: Ask) -> int:
        gate.wait(20)
        return 1

    desk = open_desk(tmp_path, MemorySource(24), ScriptedModel(slow, workers=1), database=database)
    session, first = desk.conversations.ask("How many people are visible?", again=True)
    threading.Timer(0.2, gate.set).start()
    anew = answered(desk, "How many people are visible?", session.id, instead_of=first.id)
    assert anew.run is not None
    old = desk.conversations.message(first.id)
    assert old.run is not None
    assert (old.run.state, anew.run.state) == ("stopped", "finished")
    desk.close()


def test_a_rating_is_kept_told_and_taken_back(desk: Desk) -> None:
    first = answered(desk, "How many people are visible?")
    with desk.bus.subscribe() as heard:
        for rating in (1, -1, None):
            assert desk.conversations.rate(first.id, rating).row.rating == rating
            event = await_event(heard.receive, lambda event: event.type == "message")
            assert event.data["message"]["rating"] == rating
    with pytest.raises(NotFound):
        desk.conversations.rate("01j00000000000000000000000", 1)


def test_a_least_score_hides_and_says_how_many(desk: Desk) -> None:
    first = answered(desk, "How many people are visible?")
    everything = desk.conversations.pictures(first.id, PictureFilter(), None, 100)
    sure = desk.conversations.pictures(first.id, PictureFilter(least=1.1), None, 100)
    assert (everything.total, everything.hidden, everything.scores) == (24, 0, (1.0, 1.0))
    assert (sure.total, sure.hidden) == (9, 15)
    assert all(row.score is None for row in sure.rows)


def test_the_pictures_and_places_behind_an_answer_can_be_opened(desk: Desk) -> None:
    message = answered(desk, "Which locations have people?")
    page = desk.conversations.pictures(message.id, PictureFilter(outcome=Outcome.UNREADABLE), None, 10)
    assert [one.reason for one in page.rows] == ["The file is empty."]
    first = desk.conversations.pictures(message.id, PictureFilter(), None, 10)
    rest = desk.conversations.pictures(message.id, PictureFilter(), first.following, 100)
    assert (len(first.rows), len(rest.rows), rest.following, rest.total) == (10, 14, None, 24)
    places = {place.viewpoint.camera: place for place in desk.conversations.places(message.id)}
    assert set(places) == {"cam-0", "cam-1", "cam-2", "cam-3"}
    assert places["cam-3"].viewpoint.latitude is None


def test_of_those_looks_at_the_matches_only(desk: Desk, model: ScriptedModel) -> None:
    first = answered(desk, "How many people are visible?")
    asked = len(model.asked)
    follow = answered(desk, "Of those, which also have dogs?", first.row.session_id)
    assert follow.run is not None
    assert follow.run.listed == 15
    assert len(model.asked) <= asked + 15
