"""Sessions thrown away, restored and deleted for good; several people at once; what other tabs are told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from core.bus import Event
from core.clock import ManualClock
from core.errors import NotFound
from core.states import RunState
from sessions.questions import TITLE_LENGTH, title_of
from storage.database import Database
from storage.session_list import SessionsWanted
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk

PICTURES = 24
LONG = "How many people, dogs and cars wait at the old gate now"
THINGS = ("people", "dogs", "cars", "buses", "trucks", "bicycles")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 14, 12, tzinfo=UTC))


@pytest.fixture
def open_it(tmp_path: Path, database: Database, clock: ManualClock, state_url: str) -> Iterator[Callable[..., Desk]]:
    """Opens a desk over a model; everything is closed afterwards."""
    database.command("TRUNCATE TABLE sights")
    opened: list[Desk] = []

    def opening(see: Callable[[Material, Ask], int] = lambda *_: 1) -> Desk:
        model = ScriptedModel(see, workers=2)
        opened.append(
            open_desk(tmp_path, MemorySource(PICTURES), model, database=database, clock=clock, state_url=state_url)
        )
        return opened[-1]

    yield opening
    for desk in opened:
        desk.close()


def hear(desk: Desk, wanted: Callable[[Event], bool], act: Callable[[], object]) -> Event:
    """The first event that is ``wanted`` once ``act`` is under way."""
    with desk.bus.subscribe() as heard:
        act()
        while True:
            event = heard.receive(20)
            assert event is not None, "nothing more was announced"
            if wanted(event):
                return event


def rested(event: Event) -> bool:
    """Whether a session is told of that has a question and no run under way."""
    session = event.data.get("session", {})
    return event.type == "session" and session["questions"] > 0 and not session["running"]


def asked(desk: Desk, text: str = "How many people are visible?") -> str:
    """A session with an answered question."""
    event = hear(desk, rested, lambda: desk.conversations.ask(text))
    return str(event.data["session"]["id"])


def binned(desk: Desk) -> list[str]:
    return [view.id for view in desk.conversations.find(SessionsWanted(binned=True), None, 50).sessions]


def test_what_is_thrown_away_can_be_restored_with_all_its_answers(open_it: Callable[..., Desk]) -> None:
    """Parity S2.22: delete, with an undo."""
    desk = open_it()
    session_id = asked(desk)
    before = desk.conversations.open(session_id).as_json()["messages"]
    told = hear(desk, lambda event: event.type == "session", lambda: desk.conversations.delete(session_id))
    assert told.data["session"]["deleted"] is True
    assert desk.conversations.sessions() == []
    assert binned(desk) == [session_id]
    with pytest.raises(NotFound, match="in the bin"):
        desk.conversations.open(session_id)
    with pytest.raises(NotFound, match="in the bin"):
        desk.conversations.ask("And dogs?", session_id)
    with pytest.raises(NotFound, match="in the bin"):
        desk.conversations.rename(session_id, "Other")

    told = hear(desk, lambda event: event.type == "session", lambda: desk.conversations.restore(session_id))
    assert "deleted" not in told.data["session"]
    assert told.data["session"]["matched"] == PICTURES
    assert desk.conversations.open(session_id).as_json()["messages"] == before
    assert binned(desk) == []


def test_a_run_is_stopped_with_its_session_and_continued_after_it_is_restored(open_it: Callable[..., Desk]) -> None:
    gate = threading.Event()
    looked: list[int] = []

    def held(picture: Material, _: Ask) -> int:
        looked.append(int(picture.content or b""))
        if len(looked) > 2:
            gate.wait(0.2)
        return 1

    desk = open_it(held)
    first = hear(desk, lambda event: event.type == "seen", lambda: desk.conversations.ask("How many people are there?"))
    assert first.session_id is not None
    message = desk.conversations.open(first.session_id).messages[0]
    desk.conversations.delete(first.session_id)
    gate.set()
    run = desk.conversations.message(message.id).run
    assert run is not None
    assert run.state is RunState.STOPPED
    with pytest.raises(NotFound, match="in the bin"):
        desk.conversations.continue_(run.id)
    desk.conversations.restore(first.session_id)
    hear(desk, rested, lambda: desk.conversations.continue_(run.id))
    again = desk.conversations.message(message.id).run
    assert again is not None
    assert (again.state, again.done) == (RunState.FINISHED, PICTURES)


def test_deleted_for_good_is_gone_with_its_observations(open_it: Callable[..., Desk]) -> None:
    """Parity S2.22."""
    desk = open_it()
    session_id = asked(desk)
    message = desk.conversations.open(session_id).messages[0]
    told = hear(
        desk,
        lambda event: event.type == "session",
        lambda: desk.conversations.delete(session_id, for_good=True),
    )
    assert (told.data["session"]["deleted"], told.data["session"]["for_good"]) == (True, True)
    for gone in (desk.conversations.restore, desk.conversations.open, desk.conversations.delete):
        with pytest.raises(NotFound, match="no such session"):
            gone(session_id)
    with pytest.raises(NotFound):
        desk.conversations.message(message.id)
    assert list(desk.observations.all(message.row.run_id or "")) == []


def test_observations_leave_with_their_session_and_its_time_in_the_bin_does_not_begin_anew(
    open_it: Callable[..., Desk], clock: ManualClock
) -> None:
    desk = open_it()
    session_id = asked(desk)
    run_id = desk.conversations.open(session_id).messages[0].row.run_id or ""
    desk.conversations.delete(session_id)
    thrown = clock.now()
    clock.advance(3600)
    desk.conversations.delete(session_id)
    desk.conversations.empty_bin(thrown)
    assert binned(desk) == [session_id]
    assert len(list(desk.observations.all(run_id))) == PICTURES
    desk.conversations.empty_bin(thrown + timedelta(seconds=1))
    assert binned(desk) == []
    assert list(desk.observations.all(run_id)) == []


def test_the_bin_is_emptied_up_to_a_moment(open_it: Callable[..., Desk], clock: ManualClock) -> None:
    desk = open_it()
    early, late = desk.conversations.create("early").id, desk.conversations.create("late").id
    desk.conversations.delete(early)
    clock.advance(60)
    desk.conversations.delete(late)
    desk.conversations.empty_bin(clock.now() - timedelta(seconds=30))
    assert binned(desk) == [late]


def test_several_people_at_once_do_not_mix(open_it: Callable[..., Desk]) -> None:
    """Parity S2.21: earlier programs had one session for everybody."""
    desk = open_it()
    together = desk.conversations.create("Shared").id
    started = threading.Barrier(len(THINGS))
    own: dict[str, str] = {}

    def person(thing: str) -> None:
        started.wait(10)
        view, _ = desk.conversations.ask(f"How many {thing} are there?")
        for _ in range(3):
            desk.conversations.ask("Which district has the most?", view.id)
            desk.conversations.ask(f"How many {thing} are there?", together)
        own[thing] = view.id

    people = [threading.Thread(target=person, args=[thing]) for thing in THINGS]
    for one in people:
        one.start()
    for one in people:
        one.join(60)
    assert len(set(own.values())) == len(THINGS)
    for thing, session_id in own.items():
        first, *rest = desk.conversations.open(session_id).messages
        assert first.row.text == f"How many {thing} are there?"
        assert [message.row.rests_on for message in rest] == [first.id] * 3
        assert {message.row.session_id for message in (first, *rest)} == {session_id}
    texts = [message.row.text for message in desk.conversations.open(together).messages]
    assert sorted(texts) == sorted(f"How many {thing} are there?" for thing in THINGS for _ in range(3))


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Are  there\nany dogs?", "Are there any dogs?"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 59 + "…"),
        (f"{LONG}, now or later?", f"{LONG}…"),
        (f"{'word ' * 11}exact", f"{'word ' * 11}exact"),
        (f"{'word ' * 12}more", f"{('word ' * 12).strip()}…"),
    ],
)  # fmt: skip
def test_a_title_is_cut_at_a_word(question: str, title: str) -> None:
    assert title_of(question) == title
    assert len(title) <= TITLE_LENGTH
