"""What a report may speak of: an answer with all that stands behind it, and which numbers belong to what.

The light part (counts, chips) is all that the template needs; what a drafted report is held against is worked out when
it is asked for, since an answer over many places is computed often and its report checked once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from analyzer.answer import Answer, groups_of
from analyzer.groups import Group, Part, grouped
from analyzer.phrases import PLURALS, target_with
from analyzer.plan import GroupBy, Plan
from analyzer.planner.chips import chips
from analyzer.report.names import Key, key_of
from core.states import Outcome
from storage.figures import Viewpoint

PICTURES = "pictures"
READABLE = "readable"
NOT_A_NO = "not counted as a no"
_T = TypeVar("_T")
_SEEN = (Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNSURE)


@dataclass
class Measures:
    """Numbers by what they count: a noun in the plural ("pictures"; empty for things that are looked for) and an
    outcome (empty for all); ``parts`` has parts and wholes by the same."""

    values: dict[tuple[str, str], set[float]] = field(default_factory=dict)
    parts: dict[tuple[str, str], set[tuple[float, float]]] = field(default_factory=dict)

    def add(self, value: float | None, noun: str = "", outcome: str = "") -> None:
        """Keep a number as it is, and as it is written with one decimal or two."""
        if value is not None:
            self.values.setdefault((noun, outcome), set()).update((value, round(value, 1), round(value, 2)))

    def tally(self, counts: Mapping[Outcome, int], noun: str) -> None:
        """Keep what ended how, what of it could be read, and the shares."""
        total, readable = sum(counts.values()), sum(counts[outcome] for outcome in _SEEN)
        self.add(total, noun)
        self.add(readable, noun, READABLE)
        self.add_part(readable, total, noun, READABLE)
        for outcome, number in counts.items():
            self.add(number, noun, str(outcome))
            self.add_part(number, total, noun, str(outcome))
            if outcome in _SEEN:
                self.add_part(number, readable, noun, str(outcome))

    def add_part(self, part: float, whole: float, noun: str = "", outcome: str = "") -> None:
        """Keep that ``part`` is out of ``whole``."""
        self.parts.setdefault((noun, outcome), set()).add((part, whole))

    def has(self, value: float, noun: str | None = None, outcome: str | None = None) -> bool:
        """Whether ``value`` counts such nouns with such an outcome; ``None`` stands for any."""
        return any(value in values for values in _of(self.values, noun, outcome))

    def has_part(self, part: float, whole: float) -> bool:
        """Whether ``part`` is known to be out of ``whole``."""
        return any((part, whole) in pairs for pairs in self.parts.values())

    def shares(self, noun: str | None = None, outcome: str | None = None) -> Iterator[float]:
        """The shares of such nouns with such an outcome, 0 to 1; ``None`` stands for any."""
        return (part / whole for pairs in _of(self.parts, noun, outcome) for part, whole in pairs if whole)


def _of(kept: Mapping[tuple[str, str], set[_T]], noun: str | None, outcome: str | None) -> Iterator[set[_T]]:
    return (found for (of, ended), found in kept.items() if noun in (None, of) and outcome in (None, ended))


@dataclass(frozen=True)
class Spot:
    """A place of the answer: its figure, how it ended, what may be said of it in numbers; ``highest`` and ``lowest``
    are among places of its kind."""

    label: str
    value: float | None
    outcome: Outcome
    measures: Measures
    highest: bool
    lowest: bool


@dataclass(frozen=True)
class Facts:
    """An answer, the plans it answers, and what was seen."""

    question: str
    plan: Plan
    looked: Plan
    answer: Answer
    seen: Sequence[Part]

    @cached_property
    def chips(self) -> tuple[str, ...]:
        """The plan in short words."""
        return tuple(chip.label for chip in chips(self.plan))

    @cached_property
    def counts(self) -> Mapping[Outcome, int]:
        """The pictures by outcome."""
        return {outcome: sum(getattr(part, str(outcome)) for part in self.seen) for outcome in Outcome}

    @property
    def pictures(self) -> int:
        """How many pictures there are."""
        return sum(self.counts.values())

    @property
    def readable(self) -> int:
        """How many of them could be read."""
        return sum(self.counts[outcome] for outcome in _SEEN)

    @property
    def viewpoints(self) -> Sequence[Viewpoint]:
        """What was seen, camera by camera; nothing where the answer is by hour or day."""
        if self.plan.group_by in (GroupBy.HOUR, GroupBy.DAY):
            return ()
        return [part for part in self.seen if isinstance(part, Viewpoint)]

    @cached_property
    def cameras(self) -> int | None:
        """How many cameras took them; ``None`` where hours or days are told apart, or some camera is not known."""
        cameras = {part.camera for part in self.viewpoints}
        return None if None in cameras else len(cameras) or None

    @property
    def target(self) -> str:
        """What was looked for."""
        return self.looked.target or self.plan.target or "what was asked for"

    @property
    def phrases(self) -> tuple[str, ...]:
        """What code says already, or the person did: a report may repeat it word by word."""
        answer, scope = self.answer, self.plan.scope
        left_out = set(() if scope.names_place else self.chips[1:2]) | set(() if scope.names_time else self.chips[2:3])
        chosen = (chip for chip in self.chips if chip not in left_out)  # "all places" is no choice, but a claim
        wanted = (self.target, target_with(self.target, self.plan.condition), self.plan.target or "")
        return (answer.headline, *answer.findings, self.question, *chosen, *wanted, NOT_A_NO)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The places that are spoken of: those of the figures, those that were asked for, and districts."""
        scope = self.plan.scope
        asked = (*scope.districts, *scope.mandals, *scope.locations, *scope.cameras)
        of_parts = (name for part in self.seen for place in part.places for name in place if name)
        return tuple(dict.fromkeys((*(group.label for group in self._groups), *asked, *of_parts)))

    @cached_property
    def ordinary(self) -> frozenset[str]:
        """Words that code uses for this answer in small letters, and so are no names."""
        said = " ".join((self.target, PLURALS[self.answer.group_by or GroupBy.IMAGE], "is it may many what where when"))
        return frozenset(word for word in said.split() if word.islower())

    @cached_property
    def keys(self) -> frozenset[Key]:
        """The same, as they are looked for."""
        return frozenset(key_of(name) for name in self.names)

    @cached_property
    def overall_matches(self) -> int:
        """How many of the answer's places, hours or days match."""
        return sum(group.outcome is Outcome.MATCH for group in self._groups)

    @cached_property
    def spots(self) -> Mapping[Key, tuple[Spot, ...]]:
        """The places that have figures, by the key of their names."""
        found: dict[Key, tuple[Spot, ...]] = {}
        for groups in (self._groups, self._districts):
            for spot in _spots(groups):
                key = key_of(spot.label)
                found[key] = (*found.get(key, ()), spot)
        return found

    @cached_property
    def overall(self) -> Measures:
        """The numbers that belong to no place: those of the pictures, of all groups, and the answer's figures."""
        known = Measures()
        known.tally(self.counts, PICTURES)
        groups = self._groups
        kind = self.answer.group_by or GroupBy.IMAGE
        noun = PLURALS[GroupBy.CAMERA if kind is GroupBy.IMAGE else kind]  # single pictures are no groups
        known.tally({one: sum(group.outcome is one for group in groups) for one in Outcome}, noun)
        values = [group.value for group in groups if group.value is not None]
        known.add(len(values), noun)
        known.add(len(self.answer.groups), noun)
        known.add(self.cameras, PLURALS[GroupBy.CAMERA])
        known.add(len(self._districts) or None, PLURALS[GroupBy.DISTRICT])
        if values:
            known.add(sum(values))
            known.add(sum(values) / len(values))
        for figure in self.answer.figures:
            outcome = figure.filter.get("places", figure.filter.get("outcome", ""))
            known.add(figure.value, figure.unit if figure.filter else "", outcome)
            if figure.of:
                known.add_part(figure.value, figure.of, figure.unit if figure.filter else "", outcome)
        return known

    @cached_property
    def _groups(self) -> Sequence[Group]:
        return groups_of(self.plan, self.looked, self.seen)[1] if self.seen else ()

    @cached_property
    def _districts(self) -> Sequence[Group]:
        """By district as well, where the answer is by something smaller."""
        if self.answer.group_by is GroupBy.DISTRICT:
            return ()
        return grouped(self.viewpoints, GroupBy.DISTRICT, self.plan, self.plan.judged_as(self.looked))


def _spots(groups: Sequence[Group]) -> Iterable[Spot]:
    known = [group.value for group in groups if group.value is not None]
    most, least, total = max(known, default=None), min(known, default=None), sum(known)
    for group in groups:
        measures = Measures()
        measures.tally(group.counts, PICTURES)
        measures.add(group.value)
        if group.value is not None:
            measures.add_part(group.value, total)
        yield Spot(
            group.label, group.value, group.outcome, measures,
            highest=group.value is not None and group.value == most,
            lowest=group.value is not None and group.value == least,
        )  # fmt: skip
