"""A place name that could be several places: which it may be, as the question to ask for each.

A name that the register has in several districts is not ambiguous where the question, or what it follows up, says
which; a name that is both a district and something smaller is settled by :mod:`analyzer.planner.places`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.phrases import listed
from analyzer.plan import Scope
from analyzer.planner.place import Place, PlaceKind
from analyzer.planner.places import PlaceIndex

MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the places that may be meant; ``text`` is the question that means it and no other."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A name of the question that could be several places."""

    name: str
    choices: tuple[Choice, ...]


def unclear(question: str, places: list[Place], scope: Scope, index: PlaceIndex) -> Unclear | None:
    """The first name in ``question`` that could be several of the places in ``scope``, if there is one."""
    for place in places:
        if not place.said or not set(place.names) & {*scope.districts, *scope.mandals, *scope.locations}:
            continue
        choices = list(_parted(question, place) if len(place.names) > 1 else _districts(question, place, scope, index))
        if len(choices) > 1:
            return Unclear(place.said, (*choices[:MOST_CHOICES], _all_of(question, place, choices)))
    return None


def _parted(question: str, place: Place) -> Iterator[Choice]:
    """ "Gandhi", where there is a Gandhi Nagar and a Gandhi Road."""
    for name in place.names:
        yield Choice(name, _put(question, place, name))


def _districts(question: str, place: Place, scope: Scope, index: PlaceIndex) -> Iterator[Choice]:
    """ "Clock Tower", where there is one in each of two districts and none of these is named."""
    if place.kind is not PlaceKind.LOCATION or scope.districts or scope.mandals:
        return
    for district in index.districts_of(place.names[0]):
        yield Choice(f"{place.names[0]}, {district}", _put(question, place, f"{place.names[0]} in {district} district"))


def _all_of(question: str, place: Place, choices: list[Choice]) -> Choice:
    """Every one of them, said in full."""
    if len(place.names) > 1:
        return Choice("All of them", _put(question, place, listed(place.names)))
    districts = listed([choice.label.removeprefix(f"{place.names[0]}, ") for choice in choices])
    return Choice("All of them", _put(question, place, f"{place.names[0]} in {districts} districts"))


def _put(question: str, place: Place, name: str) -> str:
    """``question`` with the full name where the short one stands."""
    said = r"\W+".join(re.escape(word) for word in re.findall(r"\w+", place.said))
    text, times = re.subn(rf"(?<!\w){said}(?!\w)", lambda _: name, question, count=1, flags=re.IGNORECASE)
    return text if times else f"{question.rstrip(' ?.!')} in {name}"
