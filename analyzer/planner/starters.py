"""Questions to begin with, made from the register at hand and only of what the model at hand can answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from analyzer.plan import Plan
from analyzer.planner.planner import Planner
from analyzer.planner.words import Speller
from storage.register import EMPTY_REGISTER, Register

_MOST = 4
_CLOCK = datetime(2000, 1, 1, 12)  # noqa: DTZ001 - local site time; no starter names a time


def starters(register: Register, able: Callable[[Plan], bool], planner: Planner | None = None) -> list[str]:
    """Three or four questions over ``register`` for which ``able`` says that a model can answer their plan."""
    ready = planner or Planner(register or EMPTY_REGISTER, ZoneInfo("UTC"), Speller())
    chosen: list[str] = []
    asked: set[str | None] = set()
    for question in _candidates(register):
        plan = ready.plan(question, now=_CLOCK)
        if able(plan) and plan.ask not in asked:
            chosen.append(question)
            asked.add(plan.ask)
        if len(chosen) == _MOST:
            break
    return chosen


def _candidates(register: Register) -> Iterator[str]:
    """Most telling first; a place is named only where the register has cameras in it, and no camera where there is no
    register: holiday pictures have none."""
    district = _commonest(entry.district or entry.old_district for entry in register.cameras)
    placed = any(entry.location for entry in register.cameras)
    each = "at each location" if placed else "in each picture"
    them = "locations" if placed else "cameras" if register.cameras else "pictures"
    yield f"How many people are {each}?"
    if district:
        yield f"Which locations in {district} have cars?"
    yield f"Which {them} are dark?"
    if register.cameras:
        yield f"Count two-wheelers {each}"
        yield "Which locations have heavy traffic?" if placed else "Find pictures with heavy traffic"
        yield "Find pictures with buses"
        yield "Which cameras are blurred?"
        yield "Which cameras are blocked?"
    yield "Find pictures with cars"
    yield "Which pictures are blurred?"
    yield "Find pictures with dogs"
    yield "How many people are visible?"


def _commonest(names: Iterator[str | None]) -> str | None:
    counted = Counter(name for name in names if name)
    return counted.most_common(1)[0][0] if counted else None
