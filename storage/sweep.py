"""Every object of a bucket by ranges of names at once: for a full count, where pages one after another take minutes.

How names are spread is not known before. A range is walked page by page; whenever there is room for another walker, the
one that has just read a page hands on parts of what lies before it. Where it cuts is guessed from the names of that
page: a bad guess makes a range with nothing in it, which costs a request and loses nothing, since the parts are always
all of the range.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

AT_ONCE = 5  # more would take the processor from whoever asks meanwhile
_LAST_SIGN = 0x10FFFF
_USUAL_END = ord("z") + 1


class Named(Protocol):
    """What is listed."""

    @property
    def name(self) -> str: ...


Object = TypeVar("Object", bound=Named)
# Pages of the names from the first one on and before the second (empty: to the end), each with whether more follow.
Pages = Callable[[str, str], Iterator[tuple[Sequence[Object], bool]]]


class Sweep(Generic[Object]):
    """One walk through everything that ``pages`` lists under ``prefix``, by at most ``at_once`` threads.

    ``take`` is given each object once, a page at a time and one page after another, in no promised order. What a server
    lists outside of the range that it was asked for is passed over there, and taken where it belongs.
    """

    def __init__(
        self,
        pages: Pages[Object],
        take: Callable[[Sequence[Object]], None],
        stopped: Callable[[], bool],
        prefix: str = "",
        at_once: int = AT_ONCE,
    ) -> None:
        self._pages = pages
        self._take = take
        self._stopped = stopped
        self._prefix = prefix
        self._at_once = at_once
        self._lock = threading.Lock()
        self._under_way = 0
        self._ended = threading.Event()
        self._error: Exception | None = None

    def run(self) -> None:
        """Return when all is taken, or soon after ``stopped`` says so. Raises what stopped a listing."""
        with ThreadPoolExecutor(self._at_once, "sweep") as threads:
            self._threads = threads
            self._begin("", "")
            self._ended.wait()
        if self._error is not None:
            raise self._error

    def _begin(self, start: str, end: str) -> None:
        self._under_way += 1
        self._threads.submit(self._root, start, end)

    def _root(self, start: str, end: str) -> None:
        try:
            self._walk(start, end)
        except Exception as error:  # noqa: BLE001  (the root of a thread: handed on to who waits)
            with self._lock:
                self._error = self._error or error
        with self._lock:
            self._under_way -= 1
            if not self._under_way:
                self._ended.set()

    def _walk(self, start: str, end: str) -> None:
        for page, more in self._pages(start, end):
            inside = [one for one in page if start <= one.name and (not end or one.name < end)]
            with self._lock:
                if inside:
                    self._take(inside)
                if self._error is not None or self._stopped():
                    return
                # The listing still goes to where the range ended at first.
                if end and page and page[-1].name >= end:
                    return
                if more and inside:
                    end = self._hand_on(inside[0].name, inside[-1].name, end)

    def _hand_on(self, first: str, last: str, end: str) -> str:
        """Give parts of what lies between ``last`` and ``end`` to others, as far as there is room; the new end."""
        room = self._at_once - self._under_way
        cuts = spread(cuts_between(first, last, end, len(self._prefix)), room) if room > 0 else []
        bounds = [*cuts, end]
        for begin, until in pairwise(bounds):
            self._begin(begin, until)
        return bounds[0]


def cuts_between(first: str, last: str, end: str, fixed: int = 0) -> list[str]:
    """Names, in order, at which what lies between ``last`` and ``end`` may be cut. ``first`` and ``last`` are a page's;
    the first ``fixed`` signs of all names are the same.

    Signs that change within the page are no use: the next page will be beyond them. Each sign before is raised: by one,
    and to half of what may stand there.
    """
    cuts = set()
    for place in range(fixed, min(_alike(first, last) + 1, len(last))):
        sign = ord(last[place])
        limit = _USUAL_END if sign < ord("z") else _LAST_SIGN + 1
        if len(end) > place and end.startswith(last[:place]):
            limit = ord(end[place]) + 1
        for raised in (sign + 1, (sign + limit) // 2):
            if sign < raised <= _LAST_SIGN:
                cut = last[:place] + _sign(raised)
                if last < cut and (not end or cut < end):
                    cuts.add(cut)
    return sorted(cuts)


def spread(cuts: Sequence[str], most: int) -> list[str]:
    """At most ``most`` of ``cuts``, the last one among them and the others far from each other."""
    if len(cuts) <= most:
        return list(cuts)
    return sorted(cuts[len(cuts) - 1 - index * len(cuts) // most] for index in range(most))


def _alike(one: str, other: str) -> int:
    """How many signs both begin with."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _sign(code: int) -> str:
    """The sign itself, or the next that may stand in a name: halves of signs and line ends may not."""
    if 0xD800 <= code <= 0xDFFF:
        return "\ue000"
    return chr(code + 1 if code in (0x0A, 0x0D) else code)
