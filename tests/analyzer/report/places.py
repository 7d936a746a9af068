"""Small answers for tests of reports: places with a figure each, as the database would hand them over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.answer import compose
from analyzer.plan import Aggregate, GroupBy, Kind, Plan, Scope, Task
from analyzer.report.facts import Facts
from storage.figures import Viewpoint

COUNT = Plan(Kind.LOOK, Task.COUNT, "people", "How many people are visible?", Scope(), Aggregate.EACH, GroupBy.LOCATION)
FIND = replace(COUNT, task=Task.FIND, target="cars", ask="Are cars visible?", aggregate=Aggregate.NONE)


def camera(
    name: str,
    location: str | None,
    district: str | None,
    count: int | None,
    *,
    match: int = 0,
    no_match: int = 0,
    unsure: int = 0,
    unreadable: int = 0,
) -> Viewpoint:
    """One camera's part; ``count`` is its newest picture's, and the others of no_match are empty."""
    certain = match + no_match
    known = count if certain else None
    return Viewpoint(
        name, None, name, location, district, None, None, 16.0, 80.0, certain + unsure + unreadable, match, no_match,
        unsure, unreadable, match, known, known, known, certain, None, f"p-{name}", f"o-{name}",
    )  # fmt: skip


GUNTUR = camera("cam-1", "Clock Tower", "Guntur", 12, match=3, unreadable=1)
BAZAAR = camera("cam-2", "Bazaar", "Guntur", 9, match=2, no_match=1, unsure=1)
KRISHNA = camera("cam-3", "Old Bus Stand", "Krishna", 0, no_match=4)
THREE = (GUNTUR, BAZAAR, KRISHNA)


def facts(
    seen: Sequence[Viewpoint] = THREE, plan: Plan = COUNT, question: str = "", looked: Plan | None = None
) -> Facts:
    """The facts of the answer to ``plan``."""
    looked = looked or plan
    question = question or f"How many {plan.target} are at each location?"
    return Facts(question, plan, looked, compose(plan, looked, seen), seen)
