"""Links: what one shows, what it never shows, and that it ends when it is taken back. On both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from analyzer.models.scripted import ScriptedModel
from core.clock import ManualClock
from core.errors import Conflict, NotFound
from core.ids import Ids
from sessions.views import MessageView
from storage.conversations import ConversationStore
from storage.database import Database
from storage.links import LinkStore
from storage.session_list import SessionRow
from storage.state import open_state
from tests.conftest import MORNING, MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.export import conftest as answers

answered = answers.answered


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    opened = open_desk(tmp_path, MemorySource(8), ScriptedModel(lambda picture, ask: 2), database=database)
    yield opened
    opened.close()


def test_a_link_shows_what_stood_there_when_it_was_made(desk: Desk, answered: Callable[..., MessageView]) -> None:
    first = answered("Count people at each location")
    session = first.row.session_id
    second = answered("Which district has the most?", session)
    link, secret = desk.links.make(session, None, None)
    answered("How many people in total?", session)
    assert [message.id for message in desk.links.open(secret).messages] == [first.id, second.id]
    assert desk.links.of_session(session) == [desk.links.open(secret).link]
    assert secret not in repr(link)


def test_a_link_to_one_answer_shows_no_other(desk: Desk, answered: Callable[..., MessageView]) -> None:
    first = answered("Count people at each location")
    second = answered("Which district has the most?", first.row.session_id)
    _, secret = desk.links.make(first.row.session_id, second.id, None)
    opened = desk.links.open(secret)
    assert [message.id for message in opened.messages] == [second.id]
    with pytest.raises(NotFound):
        opened.message(first.id)


def test_its_pictures_are_those_behind_its_answers(desk: Desk, answered: Callable[..., MessageView]) -> None:
    first = answered("Count people at each location")
    recall = answered("Which district has the most?", first.row.session_id)
    _, secret = desk.links.make(first.row.session_id, recall.id, None)
    source = MemorySource(9)
    desk.links.require_picture(secret, source.picture(7).id)
    with pytest.raises(NotFound):
        desk.links.require_picture(secret, source.picture(8).id)


def test_a_link_that_is_taken_back_leads_nowhere(desk: Desk, answered: Callable[..., MessageView]) -> None:
    message = answered("Count people at each location")
    link, secret = desk.links.make(message.row.session_id, None, None)
    desk.links.take_back(message.row.session_id, link.id)
    with pytest.raises(NotFound) as gone:
        desk.links.open(secret)
    with pytest.raises(NotFound) as never:
        desk.links.open("x" * 43)
    assert gone.value.as_json() == never.value.as_json()
    with pytest.raises(NotFound):
        desk.links.take_back(message.row.session_id, link.id)


def test_a_link_rests_while_its_session_lies_in_the_bin(desk: Desk, answered: Callable[..., MessageView]) -> None:
    message = answered("Count people at each location")
    _, secret = desk.links.make(message.row.session_id, None, None)
    desk.conversations.delete(message.row.session_id)
    with pytest.raises(NotFound, match="leads nowhere"):
        desk.links.open(secret)
    desk.conversations.restore(message.row.session_id)
    assert desk.links.open(secret).messages
    desk.conversations.delete(message.row.session_id, for_good=True)
    with pytest.raises(NotFound):
        desk.links.open(secret)


def test_only_answers_can_be_shared(desk: Desk, answered: Callable[..., MessageView]) -> None:
    failed = answered("How many people are in Atlantis?")
    with pytest.raises(Conflict):
        desk.links.make(failed.row.session_id, None, None)
    other = answered("Count people at each location")
    with pytest.raises(NotFound):
        desk.links.make(failed.row.session_id, other.id, None)


def test_the_secret_is_kept_nowhere_and_its_use_is_told_to_the_minute(state_url: str) -> None:
    engine, clock = open_state(state_url), ManualClock(MORNING)
    ConversationStore(engine).add_session(SessionRow("s" * 26, "T", MORNING, MORNING))
    links = LinkStore(engine, clock, Ids(clock))
    link, secret = links.add("s" * 26, None, "m" * 26, None)
    assert (len(secret), links.open(secret).used_at) == (43, None)
    clock.advance(timedelta(seconds=30).total_seconds())
    assert links.open(secret).used_at == MORNING
    clock.advance(timedelta(minutes=2).total_seconds())
    links.open(secret)
    assert links.of_session("s" * 26)[0].used_at == MORNING + timedelta(minutes=2, seconds=30)
    with engine.connect() as connection:
        assert secret not in str(connection.execute(text("SELECT * FROM links")).all())
    assert links.of_session("s" * 26)[0].id == link.id
    engine.dispose()
