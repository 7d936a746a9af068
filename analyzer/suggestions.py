"""What may be asked next: two or three questions that follow from what is stored, cost nothing and find something.

A test asks every one that is offered, after many kinds of answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from analyzer.plan import Aggregate, GroupBy, Task, View
from analyzer.sentences import Subject
from core.states import Outcome
from storage.figures import Viewpoint

_FIGURES, _MOST = 2, 3
_FEW = 5
_EXTREMES = (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK)
_BY_TIME = (GroupBy.HOUR, GroupBy.DAY)


def suggestions(subject: Subject) -> tuple[str, ...]:
    """The most telling first: at most two about figures, then another view."""
    figures = list(_about_figures(subject))[:_FIGURES]
    return tuple([*figures, *_views(subject)][:_MOST])


def _about_figures(subject: Subject) -> Iterator[str]:
    """Nothing where nothing was found: every figure would be none."""
    plan = subject.plan
    if not subject.pictures(Outcome.MATCH):
        return
    places = {place for part in subject.seen for place in part.places}
    districts = {district for _, district in places if district}
    locations = {place for place in places if place[0]}
    if len(districts) > 1 and plan.aggregate not in _EXTREMES:
        yield "Which district has the most?"
    if plan.aggregate in _EXTREMES and subject.task is Task.COUNT:
        yield "And the total?"
    if len(locations) > _FEW and plan.aggregate is not Aggregate.RANK and subject.task is Task.COUNT:
        yield "Top 5 locations"
    if len(locations) > 1 and plan.aggregate is not Aggregate.SHARE and subject.task is Task.FIND:
        yield "What share of locations?"
    hours = {part.taken_at.hour for part in subject.seen if isinstance(part, Viewpoint) and part.taken_at}
    if len(hours) > 1 and subject.kind not in _BY_TIME and subject.task is Task.COUNT:
        yield "By hour?"


def _views(subject: Subject) -> Iterator[str]:
    placed = any(part.latitude is not None for part in subject.seen)
    view = subject.plan.view
    if subject.kind in _BY_TIME and view is not View.CHART:
        yield "Show as a chart"
    if placed and subject.pictures(Outcome.MATCH):
        yield "Give me the coordinates" if view is View.MAP else "Show me on a map"
    if view is not View.TABLE:
        yield "Show me the table"
    if view is not View.IMAGES:
        yield "Show the pictures"
