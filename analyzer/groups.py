"""The reduction over space: from viewpoints to the places, hours or days that a figure belongs to.

Time is reduced before space (:mod:`storage.figures`): a camera has one figure, and places add up their cameras.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.plan import Aggregate, Condition, GroupBy, Kind, Op, Plan, Scope, Task
from analyzer.scope import PlaceFilter
from core.states import Outcome
from storage.figures import Period, Viewpoint
from storage.slices import Places, Slice, Threshold

UNBOUNDED = 1e18
# What an answer is made of: cameras, or hours and days with the figures of all cameras in them.
Part = Viewpoint | Period


@dataclass(frozen=True, slots=True)
class Group:
    """A place, an hour or a day, with its figure. ``value`` is ``None`` where no certain number is known; ``counts``
    are its pictures by outcome; ``missing`` is how many of its cameras have no figure; ``key`` names it.
    """

    label: str
    kind: GroupBy
    outcome: Outcome
    value: float | None
    counts: Mapping[Outcome, int]
    filter: Mapping[str, str]
    missing: int = 0
    latitude: float | None = None
    longitude: float | None = None
    text: str | None = None
    key: tuple[str, ...] = ()


def threshold(condition: Condition | None) -> Threshold | None:
    """A condition as closed bounds on a whole number of things."""
    if condition is None:
        return None
    if isinstance(condition.value, tuple):
        return Threshold(*condition.value)
    value = condition.value
    match condition.op:
        case Op.GT:
            return Threshold(value + 1 if value == int(value) else value, UNBOUNDED)
        case Op.GE:
            return Threshold(value, UNBOUNDED)
        case Op.LT:
            return Threshold(-UNBOUNDED, value - 1 if value == int(value) else value)
        case Op.LE:
            return Threshold(-UNBOUNDED, value)
        case _:
            return Threshold(value, value)


def slice_of(plan: Plan, run_id: str, timezone: str, *, bucketed: bool = True) -> Slice:
    """Which of a run's observations ``plan`` counts; ``bucketed``: kept apart by hour or day where it asks for that."""
    by_time = bucketed and plan.group_by in (GroupBy.HOUR, GroupBy.DAY)
    return Slice(
        run_id=run_id,
        timezone=timezone,
        start=plan.scope.start,
        end=plan.scope.end,
        hours=plan.scope.hours,
        bucket=str(plan.group_by) if by_time else None,
        threshold=threshold(plan.condition),
        watched=plan.kind is Kind.LOOK and not by_time,
        places=Places(plan.scope.districts, plan.scope.mandals, plan.scope.locations, plan.scope.cameras),
    )


def judged(outcome: Outcome, count: int | None, bounds: Threshold | None) -> Outcome:
    """One picture's outcome after the question's condition: what :mod:`storage.slices` says in SQL."""
    if bounds is None or outcome in (Outcome.UNSURE, Outcome.UNREADABLE):
        return outcome
    number = 0 if count is None and outcome is Outcome.NO_MATCH else count
    if number is not None:
        return Outcome.MATCH if bounds.low <= number <= bounds.high else Outcome.NO_MATCH
    if bounds.high < 1:
        return Outcome.NO_MATCH
    return Outcome.MATCH if bounds.low <= 1 and bounds.high >= UNBOUNDED else Outcome.UNSURE


def asks_absence(condition: Condition | None) -> bool:
    """Whether the condition is "none at all"."""
    return condition is not None and condition.op is Op.EQ and condition.value == 0


def within(viewpoints: Sequence[Viewpoint], scope: Scope) -> Iterator[Viewpoint]:
    """The viewpoints that lie in the named places, as :mod:`storage.slices` says it in SQL."""
    places = PlaceFilter(scope, viewpoints)
    return (viewpoint for viewpoint in viewpoints if places.holds(viewpoint))


def grouped(seen: Sequence[Part], kind: GroupBy, plan: Plan, task: Task | None) -> list[Group]:
    """One group for each place, hour or day, in the order of their labels; what has no place is left out."""
    members: dict[tuple[str, ...], list[Part]] = {}
    for part in seen:
        key = _key(part, kind)
        if key is not None:
            members.setdefault(key, []).append(part)
    repeated = _repeated(key[0] for key in members)
    return [
        _group(key, kind, members[key], plan, task, ambiguous=key[0] in repeated)
        for key in sorted(members, key=lambda key: [part.casefold() for part in key])
    ]


def unplaced(seen: Iterable[Part], kind: GroupBy) -> list[Part]:
    """What belongs to no group of this kind."""
    return [part for part in seen if _key(part, kind) is None]


def figure_of(viewpoint: Viewpoint, plan: Plan) -> float | None:
    """A camera's figure: its newest readable picture's count, or over time the mean, or the peak; the peak too where
    single pictures are ranked, since any of them may lead."""
    if plan.peak or (plan.group_by is GroupBy.IMAGE and plan.aggregate in (Aggregate.MOST, Aggregate.RANK)):
        return viewpoint.peak if viewpoint.counted else None
    if plan.spans_time or plan.group_by in (GroupBy.HOUR, GroupBy.DAY):
        return viewpoint.mean if viewpoint.counted else None
    return viewpoint.newest


def most_seen(viewpoint: Viewpoint, condition: Condition | None) -> float | None:
    """The number beside a find, which any one picture settles: the most in one of them where there is a condition."""
    if condition is None:
        return viewpoint.newest
    return viewpoint.peak if viewpoint.counted else None


def place_outcome(counts: Mapping[Outcome, int], condition: Condition | None) -> Outcome:
    """A place matches if any of its readable pictures does. "No X" needs every readable picture to be without X and at
    least one readable; one with X settles that it has X; else nobody can be sure."""
    if asks_absence(condition):
        if counts[Outcome.NO_MATCH]:
            return Outcome.NO_MATCH
        return Outcome.MATCH if counts[Outcome.MATCH] and not counts[Outcome.UNSURE] else Outcome.UNSURE
    for outcome in (Outcome.MATCH, Outcome.UNSURE, Outcome.NO_MATCH):
        if counts[outcome]:
            return outcome
    return Outcome.UNREADABLE


def _key(part: Part, kind: GroupBy) -> tuple[str, ...] | None:
    if isinstance(part, Period) or kind in (GroupBy.HOUR, GroupBy.DAY):
        if part.bucket is None:
            return None
        return (f"{int(part.bucket):02d}:00" if kind is GroupBy.HOUR else str(part.bucket),)
    if kind is GroupBy.LOCATION:
        return (part.location, part.district or "") if part.location else None
    if kind is GroupBy.DISTRICT:
        return (part.district,) if part.district else None
    return (part.camera or part.viewpoint,)


def _figures(part: Part, plan: Plan, *, counting: bool) -> Sequence[float | None]:
    """A camera's figure, or those of all cameras in an hour or a day."""
    if isinstance(part, Period):
        return part.means if counting and not plan.peak else part.peaks
    return (figure_of(part, plan) if counting else most_seen(part, plan.condition),)


def _repeated(labels: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    return {label for label in labels if label in seen or seen.add(label)}  # type: ignore[func-returns-value]


def _group(
    key: tuple[str, ...], kind: GroupBy, members: Sequence[Part], plan: Plan, task: Task | None, *, ambiguous: bool
) -> Group:
    counts = {
        Outcome.MATCH: sum(member.match for member in members),
        Outcome.NO_MATCH: sum(member.no_match for member in members),
        Outcome.UNSURE: sum(member.unsure for member in members),
        Outcome.UNREADABLE: sum(member.unreadable for member in members),
    }
    counting = task is Task.COUNT or plan.condition is None
    figures = [figure for member in members for figure in _figures(member, plan, counting=counting)]
    known = [figure for figure in figures if figure is not None]
    value = (sum(known) if counting else max(known)) if known else None
    outcome = place_outcome(counts, plan.condition if task is not Task.COUNT else None)
    if task is Task.COUNT:
        outcome = _count_outcome(value, counts, plan.condition)
    placed = next((member for member in members if member.latitude is not None), None)
    filters = {"camera": key[0]} if kind in (GroupBy.CAMERA, GroupBy.IMAGE) else {}
    if kind is GroupBy.LOCATION:
        filters = {"location": key[0]} | ({"district": key[1]} if key[1] else {})
    elif kind is GroupBy.DISTRICT:
        filters = {"district": key[0]}
    newest = max(members, key=lambda member: member.pictures).text if task is Task.CLASSIFY else None
    return Group(
        label=f"{key[0]}, {key[1]}" if ambiguous and len(key) > 1 and key[1] else _label(key[0], members[0]),
        kind=GroupBy.CAMERA if kind is GroupBy.IMAGE else kind,  # single pictures are shown as such, not as groups
        outcome=outcome,
        value=value,
        counts=counts,
        filter=filters,
        missing=len(figures) - len(known),
        latitude=placed.latitude if placed else None,
        longitude=placed.longitude if placed else None,
        text=newest,
        key=key,
    )


def _label(name: str, part: Part) -> str:
    """What a group is called. A camera with its place, since few know its address; a picture that is a viewpoint of its
    own by its file."""
    if not isinstance(part, Viewpoint) or name not in (part.camera, part.viewpoint):
        return name
    if part.camera is None:
        return part.name.rpartition("/")[2] or name
    if part.location and part.location.casefold() != part.camera.casefold():
        return f"{part.location} ({part.camera})"
    return name


def _count_outcome(value: float | None, counts: Mapping[Outcome, int], condition: Condition | None) -> Outcome:
    if value is None:
        return Outcome.UNSURE if counts[Outcome.UNSURE] else Outcome.UNREADABLE
    held = condition.holds(value) if condition else value > 0
    return Outcome.MATCH if held else Outcome.NO_MATCH


def aggregates_places(plan: Plan) -> bool:
    """Whether the answer is about places rather than single pictures."""
    return (plan.group_by is not None and plan.group_by is not GroupBy.IMAGE) or plan.aggregate in (
        Aggregate.MOST,
        Aggregate.LEAST,
        Aggregate.RANK,
    )
