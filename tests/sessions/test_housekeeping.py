"""What is old leaves as the settings say, and nothing leaves while the clock is in doubt (threats, section 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from analyzer.models.scripted import ScriptedModel
from core.clock import ManualClock
from sessions.housekeeping import Housekeeper, Keeping
from storage.database import Database
from storage.event_log import EventLog
from storage.session_list import SessionsWanted
from storage.state import open_state
from tests.conftest import MORNING, MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import answered, by_number

DAY_S = 86_400.0
KEEPING = Keeping(bin_days=7, sessions_days=30, sights_days=90)


@pytest.fixture
def desk(tmp_path: Path, database: Database, clock: ManualClock) -> Iterator[Desk]:
    database.command("TRUNCATE TABLE sights")
    opened = open_desk(tmp_path, MemorySource(8), ScriptedModel(by_number), database=database, clock=clock)
    yield opened
    opened.close()


Keep = Callable[..., Housekeeper]


@pytest.fixture
def keep(desk: Desk, tmp_path: Path, clock: ManualClock) -> Keep:
    def make(keeping: Keeping = KEEPING) -> Housekeeper:
        return Housekeeper(desk.conversations, desk.observations, keeping, tmp_path / "housekeeping.json", clock)

    return make


def pass_days(keeper: Housekeeper, clock: ManualClock, days: int) -> None:
    """Days in which the housekeeper went its rounds."""
    for _ in range(days):
        clock.advance(DAY_S)
        keeper.go_round()


def listed(desk: Desk, *, binned: bool = False) -> int:
    return len(desk.conversations.find(SessionsWanted(binned=binned), None, 50).as_json()["sessions"])


def test_an_old_session_goes_into_the_bin_and_then_for_good(desk: Desk, keep: Keep, clock: ManualClock) -> None:
    answered(desk, "How many people are visible?")
    keeper = keep()
    keeper.go_round()
    pass_days(keeper, clock, 30)
    assert (listed(desk), listed(desk, binned=True)) == (1, 0)
    pass_days(keeper, clock, 1)
    assert (listed(desk), listed(desk, binned=True)) == (0, 1)
    pass_days(keeper, clock, 8)
    assert (listed(desk), listed(desk, binned=True)) == (0, 0)


def test_for_ever_is_for_ever(desk: Desk, keep: Keep, clock: ManualClock, database: Database) -> None:
    message = answered(desk, "How many people are visible?")
    desk.conversations.delete(desk.conversations.create("thrown away").id)
    keeper = keep(Keeping(bin_days=0))
    keeper.go_round()
    clock.advance(400 * DAY_S)
    keeper.go_round(confirmed=True)
    assert (listed(desk), listed(desk, binned=True)) == (1, 1)
    assert len(list(desk.observations.all(message.row.run_id or ""))) == 8
    assert database.select("SELECT count() FROM sights FINAL") == [(8,)]


def test_old_sights_leave_and_answers_stay(desk: Desk, keep: Keep, clock: ManualClock, database: Database) -> None:
    message = answered(desk, "How many people are visible?")
    keeper = keep(Keeping(sights_days=90))
    keeper.go_round()
    clock.advance(91 * DAY_S)
    keeper.go_round(confirmed=True)
    assert database.select("SELECT count() FROM sights FINAL") == [(0,)]
    assert len(list(desk.observations.all(message.row.run_id or ""))) == 8


def test_old_events_leave(desk: Desk, keep: Keep, clock: ManualClock, tmp_path: Path) -> None:
    desk.conversations.create("early")
    early = desk.conversations.last_event_id()
    keeper = keep()
    keeper.go_round()
    pass_days(keeper, clock, 3)
    desk.conversations.create("late")
    pass_days(keeper, clock, 1)
    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    assert EventLog(engine).after(early - 1, 10) is None
    assert EventLog(engine).last_id() > early
    engine.dispose()


@pytest.mark.parametrize("jump", [timedelta(days=400), timedelta(days=-20_000)], ids=["ahead", "1970"])
def test_a_clock_that_jumped_deletes_nothing_until_somebody_confirms(
    jump: timedelta, desk: Desk, keep: Keep, clock: ManualClock
) -> None:
    desk.conversations.delete(desk.conversations.create("thrown away").id)
    answered(desk, "How many people are visible?")
    keeper = keep()
    keeper.go_round()
    clock.advance(jump.total_seconds())
    for _ in range(3):  # it does not take the new time for granted after a while
        clock.advance(3600)
        keeper.go_round()
    assert (listed(desk), listed(desk, binned=True)) == (1, 1)
    if jump > timedelta(0):
        assert keeper.warning is not None
        assert "days have passed by the clock" in keeper.warning
    keeper.go_round(confirmed=True)
    assert keeper.warning is None
    assert (listed(desk), listed(desk, binned=True)) == ((0, 1) if jump > timedelta(0) else (1, 1))
    clock.advance(3600)
    keeper.go_round()
    assert keeper.warning is None


def test_a_clock_that_comes_back_to_its_senses_needs_nobody(desk: Desk, keep: Keep, clock: ManualClock) -> None:
    """A Pi without a battery boots in 1970 until its time server answers."""
    desk.conversations.delete(desk.conversations.create("thrown away").id)
    keep().go_round()
    clock.advance(-20_000 * DAY_S)
    restarted = keep()
    restarted.go_round()
    clock.advance(20_000 * DAY_S + 3600)
    restarted.go_round()
    assert restarted.warning is None
    assert listed(desk, binned=True) == 1
    pass_days(restarted, clock, 8)
    assert listed(desk, binned=True) == 0


def test_days_of_absence_are_asked_about_only_when_something_would_leave(
    desk: Desk, keep: Keep, clock: ManualClock
) -> None:
    keeper = keep()
    keeper.go_round()
    clock.advance(5 * DAY_S)
    keeper.go_round()
    assert keeper.warning is None
    clock.advance(3600)
    keeper.go_round()
    assert keeper.warning is None


def test_it_ends_when_it_is_told_to_and_survives_a_broken_book(
    desk: Desk, keep: Keep, clock: ManualClock, tmp_path: Path
) -> None:
    (tmp_path / "housekeeping.json").write_text('{"last_round": ')
    keeper = keep()
    keeper.start()
    keeper.close()
    assert MORNING.isoformat() in (tmp_path / "housekeeping.json").read_text()
