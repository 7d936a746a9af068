"""Counting pictures beside the answering."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from core.clock import ManualClock
from core.errors import SourceUnavailable
from core.picture import Picture
from storage.census import Census, Count
from storage.left_out import LeftOut

PICTURE = Picture("0" * 26, "s", "n", None, None, None, None)


class Pages:
    """A source with as many pages as it is told, each of ten."""

    name = "pages://"

    def __init__(self, number: int) -> None:
        self.number = number
        self.go = threading.Event()
        self.go.set()
        self.listed = 0

    def pages(self) -> Iterator[Sequence[Picture]]:
        if self.number < 0:
            raise SourceUnavailable("The folder is not there.")
        for _ in range(self.number):
            self.go.wait()
            self.listed += 1
            yield [PICTURE] * 10

    def read(self, picture: Picture) -> bytes:
        raise NotImplementedError

    def url(self, picture: Picture) -> str | None:
        raise NotImplementedError


class Steps(Pages):
    """A source that lists a page of ten when it is told to, and ends when it is told to."""

    def __init__(self) -> None:
        super().__init__(0)
        self.listings = 0
        self._told: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._took = threading.Semaphore(0)

    def step(self) -> None:
        """Let one page come, and wait until it was taken."""
        self._told.put(True)
        assert self._took.acquire(timeout=10)

    def end(self) -> None:
        """Let the listing end."""
        self._told.put(False)

    def pages(self) -> Iterator[Sequence[Picture]]:
        self.listings += 1
        while self._told.get():
            yield [PICTURE] * 10
            self._took.release()


def counted(census: Census) -> int | None:
    """The count once the counting thread has ended."""
    census.start()
    for thread in threading.enumerate():
        if thread.name == "census":
            thread.join()
    return census.pictures


def test_nobody_waits_for_the_count() -> None:
    source = Pages(3)
    source.go.clear()
    census = Census(source, ManualClock(datetime.now(UTC)))
    census.start()
    assert census.pictures is None
    source.go.set()
    assert counted(census) == 30
    census.close()


def test_it_counts_again_after_a_minute_and_not_before() -> None:
    source, clock = Pages(2), ManualClock(datetime.now(UTC))
    census = Census(source, clock)
    assert counted(census) == 20
    source.number = 5
    clock.advance(59)
    assert counted(census) == 20
    clock.advance(1)
    assert counted(census) == 50
    census.close()


def test_a_source_that_cant_be_listed_is_told_until_it_can() -> None:
    source, clock = Pages(-1), ManualClock(datetime.now(UTC))
    census = Census(source, clock)
    assert counted(census) is None
    assert census.error is not None
    assert census.error.sentence == "The folder is not there."
    source.number = 1
    clock.advance(60)
    assert counted(census) == 10
    assert census.error is None
    census.close()


def test_closing_does_not_wait_for_the_end_of_a_long_listing() -> None:
    source = Pages(1_000_000_000)
    census = Census(source, ManualClock(datetime.now(UTC)))
    census.start()
    census.close()
    assert source.listed < 1_000_000_000
    census.start()
    assert census.latest is None or not census.latest.whole
    assert not census.counting


def test_the_number_grows_until_it_is_whole_and_then_stands_until_there_is_another() -> None:
    source, clock = Steps(), ManualClock(datetime.now(UTC))
    census = Census(source, clock)
    census.start()
    told = []
    for _ in range(3):
        source.step()
        told.append((census.pictures, census.counting))
    assert told == [(10, True), (20, True), (30, True)]
    source.end()
    assert counted(census) == 30
    assert not census.counting
    clock.advance(60)
    census.start()
    source.step()
    assert census.latest == Count(30, whole=True)
    source.end()
    assert counted(census) == 10
    census.close()


def test_what_took_long_to_count_is_counted_again_later() -> None:
    source, clock = Steps(), ManualClock(datetime.now(UTC))
    census = Census(source, clock)
    census.start()
    source.step()
    clock.advance(10)
    source.end()
    assert counted(census) == 10
    clock.advance(199)
    census.start()
    assert source.listings == 1
    clock.advance(1)
    census.start()
    source.end()
    census.close()
    assert source.listings == 2


class LeavingOut(Pages):
    """A source that can't list all of what it has."""

    left_out = (LeftOut("Videos are not read.", 2, "gate.mp4"),)
    undated = 3


def test_what_was_left_out_is_told_with_the_count() -> None:
    census = Census(LeavingOut(1), ManualClock(datetime.now(UTC)))
    assert not census.left_out
    assert counted(census) == 10
    assert list(census.left_out) == list(LeavingOut.left_out)
    assert census.undated == 3
    census.close()


def test_a_count_gives_way_to_what_is_more_urgent_and_still_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.census._GIVING_WAY_S", 60.0)
    busy = iter([False, True, True])
    source, told = Pages(3), threading.Event()

    def is_busy() -> bool:
        now = next(busy)
        if now:
            told.set()
        return now

    census = Census(source, ManualClock(datetime.now(UTC)), is_busy)
    census.start()
    assert told.wait(10)
    assert census.latest == Count(20, whole=False)
    census.close()
