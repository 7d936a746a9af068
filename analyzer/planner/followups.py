"""A question read against the ones before it: what it repeats, what it carries over, what is already covered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from analyzer.plan import Kind, Plan, Previous, Scope, Task
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import Phrase

_SYNONYMS = (
    (r"two[- ]wheelers?|2[- ]?wheelers?|twowheelers?", "two-wheelers"),
    (r"automobiles?|motor ?cars?|autos? cars?", "car"),
    (r"persons?|humans?|individuals?|human beings?|folks?|peoples", "people"),
    (r"pedestrians?|walkers|people on foot|people walking", "pedestrian"),
    (r"street ?-?lights?|street ?-?lamps?|streetlamps?|lamp ?posts?", "street light"),
    (r"lorry|lorries|trucks?|hgvs?", "truck"),
    (r"bicycles?|push ?bikes?|cycles?", "bicycle"),
    (r"motor ?cycles?|motor ?bikes?", "motorcycle"),
    (
        r"traffic (?:jams?|congestion)|congestion|heavy traffic|congested (?:junctions?|areas?|roads?)|"
        r"traffic (?:snarls?|blocks?)|gridlock",
        "congestion",
    ),
    (r"auto ?-?rickshaws?|autos?|tuk-?tuks?|three[- ]wheelers?", "auto"),
    (r"accidents?|crash(?:es)?|collisions?|road accidents?", "accident"),
    (r"rubbish|garbage|trash|litter|waste", "garbage"),
    (r"water ?logg(?:ing|ed)|flood(?:s|ed|ing)?|water on the roads?", "flooding"),
    (r"customers?|shoppers?", "customer"),
    (r"kids?|child(?:ren)?", "child"),
    (r"cyclists?|people (?:on|riding) bicycles?", "cyclist"),
    (r"(?:foggy|fog|mist|misty)", "fog"),
)
_THOSE = (
    r"\b(?:(?:out |from |in )?(?:of|among|amongst|out of|from|within|in) (?:all )?(?:(?:those|these|"
    r"the above|the same)(?: (?:places|locations|cameras|pictures|images|areas|junctions|spots|sites|"
    r"photos|frames|ones|shops|stores|districts|feeds|stations))?|them|that lot|the ones? (?:found|"
    r"that matched)|the matches|the matching ones)|(?:the )?(?:matching|matched) (?:ones|pictures|images|"
    r"locations|places|cameras)|the matches)\b"
)
_BARE = (
    r"(?:at|in|on|for|from|do|are|have|about|with|near)? ?\b(?:those|these|them)\b(?: (?:places|locations|"
    r"cameras|pictures|images|areas|junctions|spots|sites|photos|frames|ones|shops|stores|districts|feeds|"
    r"streams|stations))?"
)
_SAME = (
    r"\b(?:(?:in|at|on|from|for|of|over|during|with|across) )?(?:the )?(?:very )?same (?:places?|"
    r"locations?|cameras?|pictures?|images?|areas?|junctions?|spots?|sites?|photos?|frames?|shops?|"
    r"stores?|districts?|feeds?|set|scope|period|time|day|ones|scenes?|stations?|crossings?)\b|"
    r"\b(?:(?:on|during|over|in) )?(?:those|these|that) (?:days?|dates?|weeks?|weekends?|hours)\b"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Which pictures of the question before are meant, and whether a pronoun stood for its target."""

    previous: Previous | None = None
    pronoun: bool = False


def take_reference(phrase: Phrase) -> Reference:
    """ "of those", "the same places", "them"; taken out of the text."""
    # "places with nobody in them": the pronoun stands for what is named in the same breath
    phrase.take(
        rf"(?P<a>\b{ANY_NOUN}\b(?: (?!and\b|or\b)[^|\s]+)+) (?:in|on|at|inside|near|around|by) (?:them|it|each)\b",
        leave=r"\g<a>",
    )
    if phrase.take(_SAME) is not None:
        return Reference(Previous.ALL)
    if phrase.take(_THOSE) is not None:
        return Reference(Previous.MATCHES, pronoun=True)
    if phrase.search(
        r"\b(?:in|at|on|for|from|do|are|have|near) (?:those|these|them)\b|\b(?:those|these) (?:places|"
        r"locations|cameras|pictures|images|areas|junctions|spots|sites|photos|frames|shops|stores|districts|"
        r"stations)\b(?! (?:which|that|where|who|with|having|whose|in which|at which))"
    ):
        phrase.take(_BARE)
        return Reference(Previous.MATCHES, pronoun=True)
    return Reference()


def canonical(target: str | None) -> str:
    """One word for all ways to say it, so that a repeated target is known."""
    text = (target or "").lower()
    for pattern, word in _SYNONYMS:
        text = re.sub(rf"\b(?:{pattern})\b", word, text)
    return " ".join(_singular(word) for word in re.split(r"[ -]", text) if word not in ("the", "a", "an", "visible"))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")) or word == "buses":
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def answered(target: str, task: Task | None, counting: bool, after: Sequence[Plan]) -> Plan | None:
    """The latest look whose observations answer for ``target``: a count answers "are there any", not the reverse."""
    wanted = canonical(target)
    for plan in reversed(after):
        if plan.kind is not Kind.LOOK or canonical(plan.target) != wanted:
            continue
        if plan.task is Task.COUNT and task in (Task.COUNT, Task.FIND):
            return plan
        if plan.task is task or (plan.task is Task.FIND and task is Task.COUNT and not counting):
            return plan
    return None


def look_of(plan: Plan, after: Sequence[Plan]) -> Plan | None:
    """The look whose observations ``plan`` (a recall) stands on."""
    if plan.kind is Kind.LOOK:
        return plan
    looks = [other for other in after if other.kind is Kind.LOOK]
    same = [other for other in looks if canonical(other.target) == canonical(plan.target)]
    return next(reversed(same or looks), None)


def carried(new: Scope, old: Scope) -> Scope:
    """``new`` with whatever of place or time it does not name taken from ``old``."""
    scope = new
    if not new.names_place:
        scope = replace(
            scope,
            districts=old.districts,
            mandals=old.mandals,
            locations=old.locations,
            cameras=old.cameras,
            unknown=old.unknown,
        )
    if not new.names_time:
        scope = replace(scope, start=old.start, end=old.end, hours=old.hours)
    elif new.hours is not None and new.start is None and new.end is None:
        scope = replace(scope, start=old.start, end=old.end)
    return replace(scope, previous=new.previous or old.previous)


def set_against(new: Scope, old: Scope, now: datetime) -> Scope:
    """The scope of "compare that with Krishna" or "with yesterday": what is named, beside what was asked before."""
    if new.names_place:
        named = [*new.districts, *new.mandals, *new.locations, *new.cameras, *new.unknown]
        return carried(new if len(named) > 1 else _beside(new, old), old)
    if new.start is not None and new.end is not None and new.end - new.start <= timedelta(days=1):
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start, end = old.start or today, old.end or today + timedelta(days=1)
        return carried(replace(new, start=min(new.start, start), end=max(new.end, end)), old)
    return carried(new, old)


def _beside(new: Scope, old: Scope) -> Scope:
    return replace(
        new,
        districts=tuple(dict.fromkeys((*old.districts, *new.districts))),
        mandals=tuple(dict.fromkeys((*old.mandals, *new.mandals))),
        locations=tuple(dict.fromkeys((*old.locations, *new.locations))),
        cameras=tuple(dict.fromkeys((*old.cameras, *new.cameras))),
    )


class Coverage:
    """Whether earlier looks have covered a scope. ``rows`` gives the register's rows of a named place."""

    def __init__(self, after: Sequence[Plan], rows: Callable[[str, str], frozenset[int]]) -> None:
        self._after = after
        self._rows = rows

    def holds(self, look: Plan) -> bool:
        """Whether some earlier look with the same target covers ``look``'s scope."""
        return any(
            plan.kind is Kind.LOOK
            and canonical(plan.target) == canonical(look.target)
            and plan.task in (look.task, Task.COUNT)
            and self._covers(plan.scope, look.scope)
            for plan in self._after
        )

    def _covers(self, old: Scope, new: Scope) -> bool:
        if old.previous is Previous.MATCHES and new.previous is not Previous.MATCHES:
            return False
        return self._covers_place(old, new) and _covers_time(old, new)

    def _covers_place(self, old: Scope, new: Scope) -> bool:
        if not old.names_place:
            return True
        if not new.names_place or not set(new.unknown) <= set(old.unknown):
            return False
        return self._all_rows(new) <= self._all_rows(old)

    def _all_rows(self, scope: Scope) -> frozenset[int]:
        """Names of one level add up, levels narrow each other: a location in a district."""
        levels = [
            frozenset().union(*(self._rows(level, name) for name in names))
            for level, names in (
                ("districts", scope.districts),
                ("mandals", scope.mandals),
                ("locations", scope.locations),
                ("cameras", scope.cameras),
            )
            if names
        ]
        return frozenset.intersection(*levels) if levels else frozenset()


def _covers_time(old: Scope, new: Scope) -> bool:
    if old.start is not None and (new.start is None or new.start < old.start):
        return False
    if old.end is not None and (new.end is None or new.end > old.end):
        return False
    if old.hours is None:
        return True
    return new.hours is not None and _hours_within(new.hours, old.hours)


def _hours_within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    start, end = outer[0], outer[1] + (24 if outer[1] <= outer[0] else 0)
    first, last = inner[0], inner[1] + (24 if inner[1] <= inner[0] else 0)
    return any(start <= first + shift and last + shift <= end for shift in (0, 24))
