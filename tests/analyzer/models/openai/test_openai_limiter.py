"""The limiter against a server's limit, all of it on a clock that is moved by hand."""

from __future__ import annotations

import heapq
import itertools
import random
from datetime import UTC, datetime

import pytest

from analyzer.models.openai.limiter import Limiter, Turn
from core.clock import ManualClock


class World:
    """Workers that call a server with a limit for some seconds; ``told`` says whether it tells the limit in headers."""

    told_per_minute = 0  # what is told instead of the limit

    def __init__(self, per_s: float, *, told: bool = False, workers: int = 64, latency_s: float = 0.2) -> None:
        self.clock = ManualClock(datetime(2026, 3, 14, tzinfo=UTC))
        self.limiter = Limiter(self.clock)
        self.per_s, self.told, self.workers, self.latency_s = per_s, told, workers, latency_s
        self.chance = random.Random(7)
        self.answered: list[float] = []
        self.refused: list[float] = []
        self.allowance, self.filled_s = per_s / 4, 0.0

    def run(self, seconds: float) -> None:
        numbers = itertools.count()
        waiting: list[tuple[float, int, float | None, bool]] = [
            (0.0, next(numbers), None, False) for _ in range(self.workers)
        ]
        while waiting[0][0] < seconds:
            at, _, booked, done = heapq.heappop(waiting)
            self.clock.advance(max(at - self.clock.monotonic(), 0.0))
            per_minute = self.told_per_minute or int(self.per_s * 60)
            now, headers = self.clock.monotonic(), {"x-ratelimit-limit-requests": str(per_minute)}
            if done:
                self.answered.append(now)
                self.limiter.answered(headers if self.told else {})
            turn = self.limiter.reserve(0.0, booked)
            if turn is not None:
                heapq.heappush(waiting, (turn.at_s, next(numbers), turn.at_s if turn.kept else None, False))
            elif self.admits(now):
                heapq.heappush(waiting, (now + self.latency_s, next(numbers), None, True))
            else:
                self.refused.append(now)
                self.limiter.refused(headers if self.told else {}, 1.0)
                heapq.heappush(waiting, (now + 1.0, next(numbers), None, False))

    def admits(self, now: float) -> bool:
        self.allowance = min(self.per_s / 4, self.allowance + (now - self.filled_s) * self.per_s)
        self.filled_s = now
        if self.allowance < 1:
            return False
        self.allowance -= 1
        return True

    def share(self, since_s: float, until_s: float) -> float:
        return sum(1 for at in self.answered if since_s <= at < until_s) / (until_s - since_s) / self.per_s

    def refusals(self, since_s: float) -> float:
        late = sum(1 for at in self.refused if at >= since_s)
        return late / (late + sum(1 for at in self.answered if at >= since_s))


@pytest.mark.parametrize("per_s", [8.0, 40.0, 200.0])
def test_an_untold_limit_is_found_to_95_percent_within_30_seconds(per_s: float) -> None:
    world = World(per_s)
    world.run(90)
    assert world.share(30, 90) >= 0.95
    assert world.refusals(30) <= 0.05


def test_a_limit_that_is_told_is_kept_from_the_first_answer_on() -> None:
    world = World(50.0, told=True)
    world.run(30)
    assert world.share(2, 30) >= 0.95
    assert world.refusals(2) == 0


def test_a_limit_that_is_told_and_is_not_the_servers_is_found_all_the_same() -> None:
    """Some gateways tell the requests of a day where OpenAI tells those of a minute."""

    class Wrong(World):
        told_per_minute = 14_400

    world = Wrong(8.0, told=True)
    world.run(90)
    assert world.share(40, 90) >= 0.9
    assert world.refusals(40) <= 0.05


def test_a_limit_that_falls_and_rises_is_followed() -> None:
    world = World(100.0)
    world.run(30)
    world.per_s = 30.0
    world.run(60)
    assert world.share(45, 60) >= 0.9
    assert world.refusals(45) <= 0.05
    world.per_s = 100.0
    world.run(240)
    assert world.share(200, 240) >= 0.6


def test_without_any_limit_nobody_waits() -> None:
    limiter = Limiter(ManualClock(datetime(2026, 3, 14, tzinfo=UTC)))
    assert [limiter.reserve() for _ in range(1000)] == [None] * 1000


def test_tokens_a_minute_hold_back_too() -> None:
    clock = ManualClock(datetime(2026, 3, 14, tzinfo=UTC))
    limiter = Limiter(clock)
    limiter.answered({"x-ratelimit-limit-tokens": "60000"})
    turns = [limiter.reserve(1000.0) for _ in range(2)]
    assert turns[0] is None
    assert turns[1] == Turn(1.0, kept=False)
    clock.advance(1.1)
    assert limiter.reserve(1000.0) is None


def test_a_long_wait_that_the_server_asks_for_holds_everybody() -> None:
    clock = ManualClock(datetime(2026, 3, 14, tzinfo=UTC))
    limiter = Limiter(clock)
    limiter.reserve()
    limiter.refused({}, 90.0)
    turn = limiter.reserve()
    assert turn is not None
    assert turn.at_s >= 90.0
    clock.advance(turn.at_s)
    assert limiter.reserve() is None


def test_a_server_that_only_fails_is_probed_by_one_call_at_a_time() -> None:
    clock = ManualClock(datetime(2026, 3, 14, tzinfo=UTC))
    limiter = Limiter(clock)
    for _ in range(12):
        assert limiter.reserve() is None
        limiter.failed()
    probes = 0
    for _ in range(60):
        clock.advance(1.0)
        going = [limiter.reserve() for _ in range(20)]
        probes += going.count(None)
        if None in going:
            limiter.failed()
    assert 4 <= probes <= 8
    assert limiter.silent_s >= 60
    clock.advance(30.0)
    limiter.answered({})
    assert limiter.silent_s == 0
    assert limiter.reserve() is None


def test_nonsense_in_headers_is_no_limit() -> None:
    limiter = Limiter(ManualClock(datetime(2026, 3, 14, tzinfo=UTC)))
    for text in ("-1", "0", "many", "1e9", "9" * 40, ""):
        limiter.answered({"x-ratelimit-limit-requests": text, "x-ratelimit-limit-tokens": text})
    limiter.answered({"x-ratelimit-limit-tokens": "1"})  # no call would ever go
    assert limiter.pace is None
    assert [limiter.reserve(1000.0) for _ in range(100)] == [None] * 100


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_refusals_by_chance_do_not_slow_all_calls_down(share: float) -> None:
    """A server that refuses every twentieth call whatever the pace has no limit that could be found."""

    class Moody(World):
        def admits(self, now: float) -> bool:
            return self.chance.random() >= share

    world = Moody(320.0)
    world.run(40)
    waiting = 1 / (1 + share * 1.0 / world.latency_s)  # here a worker waits out the second that a refusal asks for
    assert world.share(10, 40) >= 0.95 * waiting
