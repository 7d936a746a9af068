"""What left, by the site's days and by question, as each person may know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from analyzer.outgoing import OutgoingLog, Way
from core.clock import ManualClock
from core.ids import Ids
from core.people import Person, Role
from core.picture import Picture
from core.states import RunState
from sessions.outgoing import About, Outgoing
from storage.belongings import Belongings
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.session_list import SessionRow
from tests.conftest import MemorySource

EVENING = datetime(2026, 3, 14, 18, 0, tzinfo=UTC)  # 23:30 in Kolkata
ASHA, RAVI = (Person(letter * 26, name, Role.OPERATOR) for letter, name in (("a", "Asha"), ("r", "Ravi")))


@dataclass
class Office:
    """A log that is written to, the store that knows the questions, and what is told of both."""

    log: OutgoingLog
    clock: ManualClock
    store: ConversationStore
    ids: Ids
    outgoing: Outgoing

    def asked(self, text: str, owner: str | None = None, *, shared: bool = False) -> RunRow:
        """A run for a question in a session of its own."""
        now = self.clock.now()
        message, session = self.ids.new(), self.ids.new()
        self.store.add_session(SessionRow(session, "t", now, now, owner=owner))
        if shared:
            self.store.share_session(session, True)
        run = RunRow(self.ids.new(), message, RunState.FINISHED, "memory://", "openai", "1", "people", False, now)
        self.store.add_message(MessageRow(message, session, text, now, {}, run_id=run.id), run)
        return run

    def sent(self, run: str, pictures: int, *, by_url: bool = True, size_bytes: int = 0) -> None:
        for number in range(pictures):
            self.log.sent(picture(number), run, "api.example", "gpt-4o 1", by_url=by_url, bytes_sent=size_bytes)
            self.clock.advance(1)


def picture(number: int) -> Picture:
    return MemorySource(1).picture(number)


@pytest.fixture
def office(tmp_path: Path, engine: Engine, ids: Ids) -> Office:
    clock = ManualClock(EVENING)
    outgoing = Outgoing(tmp_path / "logs", Belongings(engine), ZoneInfo("Asia/Kolkata"))
    return Office(OutgoingLog(tmp_path / "logs", clock), clock, ConversationStore(engine), ids, outgoing)


def test_nothing_has_left_where_there_is_no_log(office: Office) -> None:
    found = office.outgoing.sent(None, None, 10)
    assert (found.days, found.sent, found.more) == ([], [], False)
    assert list(office.outgoing.lines(None, None)) == []


def test_what_left_is_summed_up_by_the_sites_day_question_and_way(office: Office) -> None:
    run = office.asked("How many cars?")
    office.sent(run.id, 3)
    office.clock.advance(3600)  # after midnight there
    office.sent(run.id, 2, by_url=False, size_bytes=1000)
    office.log.asked("Wie viele Autos?", "api.example", "gpt-4o", bytes_sent=900)
    found = office.outgoing.sent(None, None, 10)
    assert found.days == [("2026-03-15", 3), ("2026-03-14", 3)]
    told = [(one.day, one.way, one.number, one.size_bytes, one.question, one.message_id) for one in found.sent]
    assert told == [
        ("2026-03-15", Way.TEXT, 1, 900, "Wie viele Autos?", None),
        ("2026-03-15", Way.BYTES, 2, 2000, "How many cars?", run.message_id),
        ("2026-03-14", Way.URL, 3, 0, "How many cars?", run.message_id),
    ]
    first = found.sent[2]
    assert datetime.fromisoformat(first.last_at) - datetime.fromisoformat(first.first_at) == timedelta(seconds=2)
    one_day = office.outgoing.sent(None, "2026-03-14", 10)
    assert (len(one_day.sent), one_day.days) == (1, found.days)
    assert [line.sending.named for line in office.outgoing.lines(None, "2026-03-14")] == ["0.jpg", "1.jpg", "2.jpg"]


def test_only_so_many_are_listed_and_that_there_are_more_is_said(office: Office) -> None:
    runs = [office.asked(f"Question {number}?") for number in range(5)]
    for run in runs:
        office.sent(run.id, 1)
    found = office.outgoing.sent(None, None, 3)
    assert [one.question for one in found.sent] == ["Question 4?", "Question 3?", "Question 2?"]
    assert found.more
    assert not office.outgoing.sent(None, None, 5).more


def test_anothers_question_is_hidden_and_a_deleted_one_is_told_as_such(office: Office) -> None:
    own, others, shown = (
        office.asked("Mine?", ASHA.id),
        office.asked("Ravi's?", RAVI.id),
        office.asked("Shared?", RAVI.id, shared=True),
    )
    for run_id in (own.id, others.id, shown.id, "0" * 26):
        office.sent(run_id, 1)
    office.log.asked("Somebody's?", "api.example", "gpt-4o", bytes_sent=9)
    told = [(one.about, one.question, one.session_id is None) for one in office.outgoing.sent(ASHA, None, 10).sent]
    assert told == [
        (About.HIDDEN, None, True),
        (About.DELETED, None, True),
        (About.ASKED, "Shared?", False),
        (About.HIDDEN, None, True),
        (About.ASKED, "Mine?", False),
    ]
    lines = [line.question for line in office.outgoing.lines(ASHA, None)]
    assert lines == ["Mine?", None, "Shared?", None, None]
    assert "Somebody's?" in [line.question for line in office.outgoing.lines(None, None)]
