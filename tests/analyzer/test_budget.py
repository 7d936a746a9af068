"""The money of a day and of a run at its edges."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from analyzer.budget import Budget, Purse
from core.clock import ManualClock
from core.errors import Standstill

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
GREENWICH, AUCKLAND, HONOLULU = map(ZoneInfo, ("UTC", "Pacific/Auckland", "Pacific/Honolulu"))


def budget(tmp_path: Path, clock: ManualClock, zone: ZoneInfo = GREENWICH, most_usd: float = 1.0) -> Budget:
    return Budget(tmp_path / "cloud.json", most_usd, clock, zone)


def test_a_restart_in_the_middle_of_a_day_goes_on_with_what_is_left(tmp_path: Path) -> None:
    clock = ManualClock(NOON)
    first = budget(tmp_path, clock)
    assert first.set_aside(0.9)
    first.book(0.9, 0.9)
    again = budget(tmp_path, clock)  # not even closed
    assert again.left_usd == pytest.approx(0.1)
    with pytest.raises(Standstill, match="MAX_USD_PER_DAY"):
        again.set_aside(0.2)


def test_another_time_zone_does_not_give_a_days_money_twice(tmp_path: Path) -> None:
    clock = ManualClock(NOON)
    there = budget(tmp_path, clock, AUCKLAND)  # tomorrow already
    there.book(0.0, 1.0)
    there.close()
    here = budget(tmp_path, clock, HONOLULU)
    assert here.left_usd == 0.0
    clock.advance(timedelta(days=2).total_seconds())
    assert here.left_usd == 1.0


def test_a_clock_that_was_years_ahead_for_a_while_does_not_end_asking_for_years(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2099, 1, 1, tzinfo=UTC))
    ahead = budget(tmp_path, clock)
    ahead.book(0.0, 1.0)
    ahead.close()
    right = ManualClock(NOON)
    again = budget(tmp_path, right)
    assert again.left_usd == 0.0
    right.advance(timedelta(days=1).total_seconds())
    assert again.left_usd == 1.0


@pytest.mark.parametrize("written", ["NaN", "Infinity", '"much"', "[1]"])
def test_a_book_with_no_sum_in_it_never_means_money_without_end(tmp_path: Path, written: str) -> None:
    (tmp_path / "cloud.json").write_text(f'{{"day": "2026-03-14", "usd": {written}}}')
    damaged = budget(tmp_path, ManualClock(NOON))
    with pytest.raises(Standstill):
        damaged.set_aside(1.1)


def test_two_runs_at_once_share_the_day(tmp_path: Path) -> None:
    day = budget(tmp_path, ManualClock(NOON))
    one, other = Purse(day, 5.0), Purse(day, 5.0)
    assert one.set_aside(0.6)
    assert not other.set_aside(0.6)  # held by the other run; it may turn out cheaper
    one.book(0.6, 0.6)
    with pytest.raises(Standstill, match="MAX_USD_PER_DAY"):
        other.set_aside(0.6)
    assert json.loads((tmp_path / "cloud.json").read_text())["usd"] == 0.6


def test_calls_that_cost_far_more_than_expected_go_over_a_cap_by_one_of_them_at_most(tmp_path: Path) -> None:
    purse, most_usd, spent_usd, in_flight = Purse(budget(tmp_path, ManualClock(NOON), most_usd=9.0), 1.0), 0.1, 0.0, 0
    with pytest.raises(Standstill):
        for _ in range(10_000):
            if purse.set_aside(0.01, most_usd):
                in_flight += 1
            else:  # the eldest comes back, as dear as can be
                purse.book(most_usd, most_usd)
                spent_usd, in_flight = spent_usd + most_usd, in_flight - 1
    assert in_flight == 0
    assert spent_usd <= 1.0 + most_usd - 0.01
