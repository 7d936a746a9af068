"""Lists of sessions: what is found, in which order, a page at a time; in SQLite and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from core.errors import NotFound
from core.states import RunState
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.session_list import SessionRow, SessionsWanted
from storage.state import open_state

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


class Sessions:
    """Sessions with ids that sort as they were made, one a minute."""

    def __init__(self, engine: Engine) -> None:
        self.store = ConversationStore(engine)
        self.made = 0

    def make(self, title: str, *questions: str) -> str:
        self.made += 1
        session_id, at = f"s{self.made:025d}", NOON + timedelta(minutes=self.made)
        self.store.add_session(SessionRow(session_id, title, at, at))
        for number, text in enumerate(questions):
            self.store.add_message(MessageRow(f"m{self.made:012d}{number:013d}", session_id, text, at, {}), None)
        return session_id

    def found(self, text: str, *, binned: bool = False) -> list[str]:
        rows, _ = self.store.find_sessions(SessionsWanted(text, binned), None, 50)
        return [row.id for row in rows]


@pytest.fixture
def sessions(state_url: str) -> Iterator[Sessions]:
    engine = open_state(state_url)
    yield Sessions(engine)
    engine.dispose()


def test_all_words_must_occur_wherever_they_stand(sessions: Sessions) -> None:
    one = sessions.make("Evening crowd", "How many people are at the Café Łódź?")
    sessions.make("Street lights", "Which lights are dark?")
    for text in ("people crowd", "CAFE lodz", "café evening", "eveni peop"):
        assert sessions.found(text) == [one], text
    assert sessions.found("people lights") == []


def test_headlines_of_answers_are_found_and_the_rest_of_an_answer_is_not(sessions: Sessions) -> None:
    one = sessions.make("Evening", "How many people?")
    sessions.store.set_answer(f"m{1:012d}{0:013d}", {"headline": "9 of 21 at Old Bus Stand", "view": "chart"})
    assert sessions.found("bus stand 21") == [one]
    assert sessions.found("chart") == []
    sessions.store.set_answer(f"m{1:012d}{0:013d}", {"headline": "10 people", "view": "chart"})
    assert sessions.found("bus") == []


def test_signs_of_the_query_language_are_signs(sessions: Sessions) -> None:
    percent = sessions.make("100% sure")
    under = sessions.make("cam_1 and cam/2")
    sessions.make("1000 sure; camX1")
    assert sessions.found("100%") == [percent]
    assert sessions.found("cam_1") == [under]
    assert sessions.found("cam/2") == [under]
    assert sessions.found("' OR 1=1 --") == []


def test_titles_come_before_questions_and_then_the_latest(sessions: Sessions) -> None:
    titled = sessions.make("Dogs in the park", "Where?")
    asked = sessions.make("Evening", "Any dogs?")
    later = sessions.make("Morning", "Any dogs at all?")
    assert sessions.found("dogs") == [titled, later, asked]


def test_a_found_session_shows_the_line_that_has_most_of_the_words(sessions: Sessions) -> None:
    sessions.make("Evening", "Any dogs?", "Any dogs near cars?", "Any cars?")
    rows, _ = sessions.store.find_sessions(SessionsWanted("cars dogs"), None, 50)
    assert rows[0].snippet == (("Any ", False), ("dogs", True), (" near ", False), ("cars", True), ("?", False))


def test_a_new_title_is_found_and_the_old_one_is_not(sessions: Sessions) -> None:
    one = sessions.make("Evening", "Any dogs?")
    sessions.store.rename_session(one, "Morning", NOON)
    assert sessions.found("morning dogs") == [one]
    assert sessions.found("evening") == []


@pytest.mark.parametrize("text", ["", "dogs"])
def test_pages_hold_every_session_once(sessions: Sessions, text: str) -> None:
    made = [sessions.make("Dogs" if number % 3 else "Evening", "dogs?") for number in range(25)]
    seen: list[str] = []
    after: str | None = None
    for _ in range(4):
        rows, after = sessions.store.find_sessions(SessionsWanted(text), after, 7)
        seen += [row.id for row in rows]
        sessions.make("Made meanwhile, and later than all others")
    assert after is None
    assert sorted(seen) == made
    if not text:
        assert seen == made[::-1]


def test_the_bin_and_the_list_share_no_session(sessions: Sessions) -> None:
    kept, first, second = (sessions.make(f"dogs {number}", "dogs?") for number in range(3))
    sessions.store.bin_session(second, NOON)
    sessions.store.bin_session(first, NOON + timedelta(hours=1))
    assert sessions.found("") == sessions.found("dogs") == [kept]
    assert sessions.found("", binned=True) == [first, second], "the last thrown away first"
    assert sessions.store.binned_before(NOON + timedelta(minutes=1)) == [second]
    sessions.store.bin_session(first, None)
    assert sessions.found("") == [first, kept]


def test_nothing_is_asked_in_a_session_that_was_thrown_away_meanwhile(sessions: Sessions) -> None:
    one = sessions.make("Evening")
    sessions.store.bin_session(one, NOON)
    with pytest.raises(NotFound):
        sessions.store.add_message(MessageRow("m" * 26, one, "Any dogs?", NOON, {}), None)
    assert sessions.store.messages(one) == []


def test_what_the_newest_look_matched_is_counted(sessions: Sessions) -> None:
    one = sessions.make("Evening")
    assert sessions.store.session(one).matched is None
    for number, matched in enumerate((7, 3)):
        message = MessageRow(f"q{number:025d}", one, "dogs?", NOON, {}, run_id=f"r{number:025d}")
        run = RunRow(
            f"r{number:025d}", message.id, RunState.RUNNING, "f", "m", "1", "dogs", False, NOON, matched=matched
        )
        sessions.store.add_message(message, run)
    row = sessions.store.session(one)
    assert (row.questions, row.running, row.matched) == (2, True, 3)


def test_words_go_with_their_session(sessions: Sessions) -> None:
    one = sessions.make("Evening", "dogs?")
    sessions.store.delete_session(one)
    assert sessions.found("dogs") == []
    assert sessions.found("dogs", binned=True) == []
