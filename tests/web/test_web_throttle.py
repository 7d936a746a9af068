"""How often one may try to sign in. Threat row 49."""

from __future__ import annotations

import pytest

from core.clock import ManualClock
from web.throttle import Throttle, TooManyAttempts


@pytest.fixture
def throttle(clock: ManualClock) -> Throttle:
    return Throttle(clock)


def tries(throttle: Throttle, number: int, account: str = "asha", address: str = "10.0.0.1", **more: str) -> int:
    """How many of ``number`` attempts at one moment are let through."""
    through = 0
    for _ in range(number):
        try:
            throttle.attempt(account, address, **more)
        except TooManyAttempts:
            continue
        through += 1
    return through


def test_five_attempts_and_then_one_waits_longer_each_time(throttle: Throttle, clock: ManualClock) -> None:
    assert tries(throttle, 1000) == 5
    waits = []
    for _ in range(8):
        with pytest.raises(TooManyAttempts) as refused:
            throttle.attempt("asha", "10.0.0.1")
        waits.append(refused.value.wait_s)
        clock.advance(refused.value.wait_s)
        throttle.attempt("asha", "10.0.0.1")
    assert waits == [16, 31, 61, 121, 241, 481, 901, 901]


def test_a_thousand_a_minute_for_many_names_are_thirty(throttle: Throttle) -> None:
    assert sum(tries(throttle, 1, account=f"name{number}") for number in range(1000)) == 30


def test_a_thousand_a_minute_from_many_places_are_sixty_for_one_name(throttle: Throttle) -> None:
    places = [f"10.0.{number // 250}.{number % 250}" for number in range(1000)]
    assert sum(tries(throttle, 1, address=place) for place in places) == 60


def test_a_house_with_many_addresses_is_one(throttle: Throttle) -> None:
    houses = [f"2001:db8:1:2::{number:x}" for number in range(100)]
    assert sum(tries(throttle, 1, address=house) for house in houses) == 5
    assert tries(throttle, 9, account="ben", address="::ffff:10.0.0.9") == 5
    assert tries(throttle, 9, account="ben", address="10.0.0.9") == 0
    assert tries(throttle, 9, account="ben", address="no address") == 5


def test_a_browser_that_has_been_let_in_before_is_not_locked_out_by_others(throttle: Throttle) -> None:
    for number in range(200):
        tries(throttle, 1, address=f"10.0.0.{number}")
    assert tries(throttle, 1, address="10.9.9.9") == 0
    assert tries(throttle, 100, address="10.9.9.9", known_browser="s1") == 5


def test_whoever_gets_in_starts_again_and_makes_nobody_else_freer(throttle: Throttle) -> None:
    for _ in range(50):
        throttle.attempt("asha", "10.0.0.1")
        throttle.succeeded("asha", "10.0.0.1")
    assert tries(throttle, 10) == 5
    assert tries(throttle, 10, account="ben") == 5
    throttle.attempt("cai", "10.0.0.1")
    throttle.succeeded("cai", "10.0.0.1")
    assert sum(tries(throttle, 1, account=f"name{number}") for number in range(100)) == 20


def test_failures_are_forgotten_after_an_hour(throttle: Throttle, clock: ManualClock) -> None:
    assert tries(throttle, 10) == 5
    clock.advance(3601)
    assert tries(throttle, 10) == 5


def test_a_flood_of_names_fills_no_memory_and_frees_nobody(clock: ManualClock) -> None:
    throttle = Throttle(clock, most_kept=100)
    assert tries(throttle, 1000, address="10.0.0.1") == 5
    for number in range(1000):
        tries(throttle, 1, account=f"name{number}", address="10.0.0.1")
    assert len(throttle) <= 100
    assert tries(throttle, 10, address="10.0.0.1") == 0
