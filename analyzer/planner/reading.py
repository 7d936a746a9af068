"""One question taken apart, and the plan it makes by itself. What earlier questions do to it is ``conversation``'s."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Plan, Scope, Task, View
from analyzer.planner.figures import Figures
from analyzer.planner.place import Place
from analyzer.planner.targets import Sought, ask_for
from analyzer.planner.times import When


@dataclass(frozen=True, slots=True)
class Reading:
    """One question taken apart, before it is read against earlier ones."""

    sought: Sought
    scope: Scope
    figures: Figures
    condition: Condition | None
    view: View
    when: When
    elliptical: bool
    pronoun: bool
    pictures_view: bool
    copula: bool
    differs: bool = False
    left_out: tuple[Place, ...] = ()

    @property
    def asks_figures(self) -> bool:
        return self.figures.aggregate is not None or self.condition is not None or self.figures.group_by is not None

    @property
    def names_scope(self) -> bool:
        return self.scope.names_place or self.scope.names_time


def look_plan(reading: Reading) -> Plan:
    sought, figures = reading.sought, reading.figures
    aggregate = figures.aggregate or _plain_aggregate(sought.task)
    if sought.task in (Task.CLASSIFY, Task.DESCRIBE) and figures.aggregate is None:
        aggregate = Aggregate.NONE
    counted_anywhere = figures.places and sought.task is Task.COUNT and figures.aggregate is None
    group = None if counted_anywhere else figures.group_by or implied_group(reading, aggregate)
    ask = sought.ask
    if sought.task is Task.FIND and reading.condition is not None and reading.condition.needs_number:
        ask = ask_for(Task.COUNT, sought.target)
    view = View.IMAGES if reading.pictures_view and figures.group_by is GroupBy.IMAGE else reading.view
    return Plan(
        kind=Kind.LOOK,
        task=sought.task,
        target=sought.target,
        ask=ask,
        scope=reading.scope,
        aggregate=aggregate,
        group_by=group,
        condition=reading.condition,
        limit=figures.limit,
        view=view,
        choices=sought.choices,
        archive=reading.when.archive,
        peak=figures.peak or (aggregate is Aggregate.MOST and group is None),
        lowest=figures.lowest and figures.aggregate is Aggregate.RANK,
    )


def _plain_aggregate(task: Task | None) -> Aggregate:
    return Aggregate.TOTAL if task is Task.COUNT else Aggregate.NONE


def implied_group(reading: Reading, aggregate: Aggregate) -> GroupBy | None:
    """What is compared where no noun says it, and where "the most" is."""
    scope = reading.scope
    if aggregate in (Aggregate.COMPARE, Aggregate.EACH):
        if reading.when.parts:
            return GroupBy.HOUR
        if reading.when.periods > 1:
            return GroupBy.DAY
        named = (
            (scope.districts, GroupBy.DISTRICT),
            (scope.mandals, GroupBy.LOCATION),
            (scope.locations, GroupBy.LOCATION),
            (scope.cameras, GroupBy.CAMERA),
        )
        return next(
            (group for names, group in named if len(names) > 1),
            GroupBy.DISTRICT if scope.districts else GroupBy.LOCATION,
        )
    if aggregate in (Aggregate.MOST, Aggregate.LEAST, Aggregate.RANK):
        over_time = aggregate is Aggregate.MOST and reading.figures.one and scope.names_time
        return None if over_time or (reading.figures.peak and not reading.figures.busiest) else GroupBy.LOCATION
    return None


def names_only(reading: Reading) -> bool:
    """Only a new thing to look for: no asking words of its own."""
    return reading.sought.task is Task.FIND and not reading.figures.places
