from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.names import read_name

KOLKATA = ZoneInfo("Asia/Kolkata")
AT_NINE = datetime(2026, 1, 31, 9, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stem", "address"),
    [
        ("Main_Gate_10_0_7_12_20260131_093005", "10.0.7.12"),
        ("Ward_12_10_0_7_12_20260131_093005", "10.0.7.12"),
        ("Road_No_5_Sector_9_192_168_001_010_20260131_093005", "192.168.1.10"),
        ("10_0_7_12_20260131_093005", "10.0.7.12"),
        ("Built_19991231_235959_10_0_7_12_20260131_093005", "10.0.7.12"),
        ("చార్మినార్_10_0_7_12_20260131_093005", "10.0.7.12"),
        ("Gate_10.0.7.12_20260131_093005", "10.0.7.12"),
        ("Gate-10-0-7-12-20260131-093005", "10.0.7.12"),
        ("10.0.7.12_01_20260131093005123_TIMING", "10.0.7.12"),
        ("10.0.7.12_main gate_2026-01-31T09-30-05", "10.0.7.12"),
        ("20260131_093005_10.0.7.12", "10.0.7.12"),
        ("Ward_12_10.0.7.12_5_20260131_093005", "10.0.7.12"),
    ],
)
def test_the_address_and_the_time_are_read_from_the_right(stem: str, address: str) -> None:
    """S2.17: location, four parts of an address, date, time."""
    parts = read_name(stem, UTC)
    assert parts.address == address
    assert parts.taken_at is not None
    assert parts.taken_at.replace(microsecond=0) == AT_NINE


@pytest.mark.parametrize("stem", ["Gate_10_0_7_12", "10.0.7.12", "Gate 10-0-7-12 snapshot"])
def test_an_address_alone_is_read_where_it_can_mean_only_one_thing(stem: str) -> None:
    assert read_name(stem, UTC).address == "10.0.7.12"
    assert read_name(stem, UTC).taken_at is None


@pytest.mark.parametrize(
    "stem",
    [
        "Ward_12_10_0_7_12",  # five numbers, no date: which four?
        "Gate_10_0_300_12_20260131_093005",
        "Gate_5_10_0_7_300_20260131_093005",  # sliding left would take the location's 5
        "Gate_0_0_7_12_20260131_093005",
        "v1.2.3.4.5",
        "IMG_1234",
        "Gate_20260131_093005",
        "１０.０.７.１２",  # digits, but no address's
    ],
)
def test_what_could_be_misread_gives_no_address(stem: str) -> None:
    assert read_name(stem, UTC).address is None


@pytest.mark.parametrize(
    "stem",
    ["IMG_20260131_093005", "2026-01-31 09.30.05", "cam 20260131T093005Z", "20260131093005", "a_2026.01.31_09.30.05"],
)
def test_a_time_alone_is_read(stem: str) -> None:
    assert read_name(stem, UTC).taken_at == AT_NINE


@pytest.mark.parametrize(
    "stem",
    ["a_20260230_093005", "a_20260131_253005", "a_20260131", "a_120260131_093005", "a_18990131_093005", "1706693405"],
)
def test_what_no_calendar_has_gives_no_time(stem: str) -> None:
    assert read_name(stem, UTC).taken_at is None


def test_a_wrong_date_does_not_take_the_address_away() -> None:
    assert read_name("Gate_10_0_7_12_20260230_093005", UTC).address == "10.0.7.12"


def test_the_clock_of_the_name_is_the_sites_unless_it_says_utc() -> None:
    assert read_name("Gate_20260131_093005", KOLKATA).taken_at == datetime(2026, 1, 31, 4, 0, 5, tzinfo=UTC)
    assert read_name("Gate_20260131T093005Z", KOLKATA).taken_at == AT_NINE


def test_of_an_hour_that_happens_twice_the_first_is_taken() -> None:
    parts = read_name("Gate_20251026_023000", ZoneInfo("Europe/Berlin"))
    assert parts.taken_at == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_the_label_is_what_stands_before_address_and_time() -> None:
    assert read_name("Ward_12_10_0_7_12_20260131_093005", UTC).label == "Ward_12"
    assert read_name("CAM-007_20260131_093005", UTC).label == "CAM-007"


@given(
    location=st.text(st.characters(blacklist_characters="/\0", blacklist_categories=["Cs"]), max_size=40),
    octets=st.tuples(st.integers(1, 255), *[st.integers(0, 255)] * 3),
    moment=st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001 - a name has no zone
)
def test_the_rule_is_read_back_whatever_the_location_is(
    location: str, octets: tuple[int, int, int, int], moment: datetime
) -> None:
    stem = f"{location}_{'_'.join(map(str, octets))}_{moment:%Y%m%d_%H%M%S}"
    parts = read_name(stem, UTC)
    assert parts.address == ".".join(map(str, octets))
    assert parts.taken_at == moment.replace(microsecond=0, tzinfo=UTC)


@given(st.text(max_size=80))
def test_any_name_is_read_without_an_error(stem: str) -> None:
    read_name(stem, KOLKATA)
