"""A bucket walked by ranges at once: the same objects as page after page, whatever they are called."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sweep import AT_ONCE, Sweep, cuts_between, spread

# What may stand in a name: anything but halves of signs and line ends.
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")
ANY = st.text(SIGNS, min_size=1, max_size=8)
NARROW = st.text("ab/0z{\U0010ffff\ud7ff\ue000 ", min_size=1, max_size=6)
COUNTED = st.integers(0, 99_999).map(lambda number: f"deep/folder/cam-{number % 7}/{number:08}.jpg")
NAMES = st.one_of(*(st.sets(one, max_size=120) for one in (ANY, NARROW, COUNTED)))


@dataclass(frozen=True)
class Thing:
    name: str


class Shelf:
    """Lists names as Google does, ``size`` a page; one that is ``deaf`` lists all whatever range is asked for."""

    def __init__(self, names: Sequence[str], size: int, *, deaf: bool = False) -> None:
        self.names = sorted(names)
        self.size = size
        self.deaf = deaf
        self.asked: list[tuple[str, str]] = []

    def pages(self, start: str, end: str) -> Iterator[tuple[Sequence[Thing], bool]]:
        names = self.names
        if not self.deaf:
            names = names[bisect.bisect_left(names, start) : bisect.bisect_left(names, end) if end else None]
        for begin in range(0, max(len(names), 1), self.size):
            self.asked.append((start, end))
            yield [Thing(name) for name in names[begin : begin + self.size]], begin + self.size < len(names)


def swept(shelf: Shelf, prefix: str = "", at_once: int = 10) -> list[str]:
    taken: list[str] = []
    Sweep(
        shelf.pages, lambda page: taken.extend(one.name for one in page), lambda: False, prefix, at_once
    ).run()  # fmt: skip
    return sorted(taken)


@given(names=NAMES, size=st.integers(1, 20), at_once=st.integers(1, 12), deaf=st.booleans())
def test_every_object_is_taken_once_whatever_they_are_called(
    names: set[str], size: int, at_once: int, deaf: bool
) -> None:
    assert swept(Shelf(sorted(names), size, deaf=deaf), at_once=at_once) == sorted(names)


@given(first=ANY, last=ANY, end=st.one_of(st.just(""), ANY))
def test_cuts_lie_strictly_between_and_in_order(first: str, last: str, end: str) -> None:
    first, last = min(first, last), max(first, last)
    cuts = cuts_between(first, last, end)
    assert cuts == sorted(set(cuts))
    assert all(last < cut and (not end or cut < end) for cut in cuts)
    for cut in cuts:
        cut.encode()
        assert not {"\r", "\n"} & (set(cut) - set(last))


def test_the_last_cut_is_among_those_that_are_chosen() -> None:
    assert spread(list("abcdefghij"), 3) == ["d", "g", "j"]
    assert spread(list("ab"), 3) == ["a", "b"]


@pytest.mark.parametrize(
    "names",
    [
        [f"IMG_{number:08}.jpg" for number in range(20_000)],
        [f"one/deep/folder/{number}.jpg" for number in range(20_000)],
        [f"cam-{number % 50:02}/{number:06}_20260314.jpg" for number in range(20_000)],
        [f"{chr(0x900 + number % 80)}{chr(0x4E00 + number // 80)}/{number}.jpg" for number in range(20_000)],
    ],
    ids=["counter", "deep", "cameras", "unicode"],
)
def test_the_walk_is_shared_out_whatever_the_names_look_like(names: list[str]) -> None:
    """200 pages: most of them must not be one walker's, and guesses must not cost more than the pages."""
    shelf = Shelf(names, 100)
    walkers: dict[str, int] = {}
    gate = threading.Barrier(1)

    def take(page: Sequence[Thing]) -> None:
        gate.wait()
        walker = threading.current_thread().name
        walkers[walker] = walkers.get(walker, 0) + 1

    def slow(start: str, end: str) -> Iterator[tuple[Sequence[Thing], bool]]:
        for page in shelf.pages(start, end):
            threading.Event().wait(0.002)  # a network's time, so that others get their turn
            yield page

    Sweep(slow, take, lambda: False).run()
    assert len(walkers) == AT_ONCE
    assert max(walkers.values()) < 100
    assert len(shelf.asked) < 450


def test_it_ends_soon_after_it_is_told_to() -> None:
    shelf, stop = Shelf([f"{number:06}" for number in range(10_000)], 10), threading.Event()

    def take(_: Sequence[Thing]) -> None:
        if len(shelf.asked) > 50:
            stop.set()

    Sweep(shelf.pages, take, stop.is_set).run()
    assert len(shelf.asked) < 100


def test_what_stops_a_listing_is_raised_and_the_others_end() -> None:
    shelf = Shelf([f"{number:06}" for number in range(10_000)], 10)

    def failing(start: str, end: str) -> Iterator[tuple[Sequence[Thing], bool]]:
        for number, page in enumerate(shelf.pages(start, end)):
            if start and number == 2:
                raise ConnectionError("gone")
            yield page

    with pytest.raises(ConnectionError, match="gone"):
        Sweep(failing, lambda _: None, lambda: False).run()
    assert len(shelf.asked) < 500
    assert not [one for one in threading.enumerate() if one.name.startswith("sweep")]


def test_signs_before_the_prefix_are_never_tried() -> None:
    shelf = Shelf([f"cameras/2026/{number:04}.jpg" for number in range(500)], 20)
    assert len(swept(shelf, "cameras/2026/")) == 500
    assert all(start.startswith("cameras/2026/") for start, _ in shelf.asked if start)
