"""Places that are left out: "except North Gate", "everywhere but Wola", "not in Guntur".

A plan names what it is about and has no word for what it isn't: all the other places are named in its stead, by
districts where whole ones are left, else by mandals, locations and cameras.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from analyzer.plan import Scope
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import PLACE, Phrase
from analyzer.planner.place import Place, PlaceKind
from storage.register import RegisteredCamera

_LEFT_OUT = (
    r"(?:except(?:ing)?(?: for)?|excluding|excludes?|excepted|apart from|aside from|other than|besides|barring|bar|"
    r"(?:but|just|and) not|but|not (?:counting|including)|without (?:counting|including)|not|minus|save(?: for)?|"
    r"(?:leav(?:e|ing)|tak(?:e|ing)|miss(?:ing)?) (?:out|aside|off)|"
    r"(?:ignor|skipp?|omitt?|dropp?|remov|disregard)(?:e|ing)?|"
    r"forget(?:ting)?(?: about)?|without|outside of|outside)"
)
_EVERYWHERE = (
    r"(?:(?:(?:in|at|on|across|from|for) )?(?:everywhere|anywhere)(?: else)?|"
    rf"(?:(?:in|at|on|across|from|for) )?all(?: of)?(?: the| our| my)?(?: other)? {ANY_NOUN}|all|every(?:thing|one))"
)
_NAMED = rf"(?P<p>{PLACE}\d+(?:(?: ?, ?(?:and )?| and | or | nor )(?:(?:in|at|the) )*{PLACE}\d+)*)"
_PATTERN = (
    rf"(?:\b(?P<all>{_EVERYWHERE}),? )?\b(?P<word>{_LEFT_OUT})(?: (?:for|in|at|on|from|the|those|any|anything|places|"
    rf"ones|cameras|of|out))* {_NAMED}(?: (?:out|aside|off)\b)?"
)


def take_exceptions(phrase: Phrase, places: Sequence[Place]) -> tuple[int, ...]:
    """The indices of the places that are left out, taken out of the text with the words that say so."""
    left_out: list[int] = []
    while (found := _next(phrase, places)) is not None:
        left_out += _indices(found["p"])
        rest = f"{phrase.text[: found.start()]} {phrase.text[found.end() :]}"
        phrase.text = " ".join(rest.split()).strip(" ,")
    return tuple(left_out)


def _next(phrase: Phrase, places: Sequence[Place]) -> re.Match[str] | None:
    for found in re.finditer(_PATTERN, phrase.text):
        kinds = {places[index].kind for index in _indices(found["p"])}
        beside = found["word"] == "outside" and PlaceKind.LOCATION in kinds  # "outside the market" is by its door
        bare = found["word"] == "but" and not found["all"]  # "the same but for Gadag"
        had = found["word"] in ("without", "bar", "but", "not") and re.search(
            r"\b(?:a|an|the|or) $", found.string[: found.start("word")]
        )
        if not beside and not bare and not had:
            return found
    return None


def _indices(marks: str) -> list[int]:
    return [int(index) for index in re.findall(rf"{PLACE}(\d+)", marks)]


class Remainders:
    """What is left of a register's places without some of them. Indexed when it is first asked."""

    def __init__(self, cameras: Sequence[RegisteredCamera]) -> None:
        self._cameras = cameras
        self._rows: dict[str, dict[str, set[int]]] = {}
        self._spelt: dict[str, dict[str, str]] = {}  # of old and new districts, the new ones

    def without(self, scope: Scope, left_out: Iterable[Place]) -> Scope:
        """``scope`` without the places ``left_out``; as it is where nothing of it would be left, or all of it."""
        gone = set().union(*(self._of(_named(Scope(), {str(place.kind): place.names})) for place in left_out))
        inside = self._of(scope)
        kept = inside - gone
        if not kept or kept == inside:
            return scope
        for levels in (_LEVELS, ("locations",), ("cameras",)):
            found = _named(scope, self._cover(kept, levels))
            if self._of(found) == kept:
                return found
        return scope

    def _cover(self, kept: set[int], levels: Sequence[str]) -> _Named:
        """The names of ``levels``, largest wholes first, that together are the rows ``kept``."""
        names: _Named = {}
        left = kept
        for level in levels:
            index, spelt = self._index()[level], self._spelt[level]
            few = len(left) < len(spelt)  # then their names are sooner looked through than all
            near = (
                {name.casefold() for row in left if (name := _NAMES_OF[level](self._cameras[row])[0])} if few else spelt
            )
            whole = [(name, index[key]) for key, name in spelt.items() if key in near and index[key] <= kept]
            names[level] = tuple(name for name, _ in whole)
            left = left.difference(*(rows for _, rows in whole))
        return names

    def _of(self, scope: Scope) -> set[int]:
        """The rows of a scope: what :class:`analyzer.scope.PlaceFilter` lets through."""
        index = self._index()
        levels = [
            set().union(*(index[level].get(name.casefold(), set()) for name in getattr(scope, level)))
            for level in _LEVELS
            if getattr(scope, level)
        ]
        if not levels:
            return set(range(len(self._cameras)))
        return set.intersection(*levels) or set().union(*levels)

    def _written(self, level: str) -> dict[str, str]:
        names = (_NAMES_OF[level](camera)[0] for camera in self._cameras)
        return {name.casefold(): name for name in names if name}

    def _index(self) -> dict[str, dict[str, set[int]]]:
        if not self._rows:
            rows: dict[str, dict[str, set[int]]] = {level: defaultdict(set) for level in _LEVELS}
            for row, camera in enumerate(self._cameras):
                for level, names_of in _NAMES_OF.items():
                    for name in filter(None, names_of(camera)):
                        rows[level][name.casefold()].add(row)
            self._spelt = {level: self._written(level) for level in _LEVELS}
            self._rows = rows
        return self._rows


_Named = dict[str, tuple[str, ...]]
_NAMES_OF: dict[str, Callable[[RegisteredCamera], tuple[str | None, ...]]] = {
    "districts": lambda one: (one.district, one.old_district),
    "mandals": lambda one: (one.mandal,),
    "locations": lambda one: (one.location,),
    "cameras": lambda one: (one.camera,),
}
_LEVELS = tuple(_NAMES_OF)


def _named(scope: Scope, names: _Named) -> Scope:
    """``scope`` about these places and no others."""
    districts, mandals, locations, cameras = (names.get(level, ()) for level in _LEVELS)
    return replace(scope, districts=districts, mandals=mandals, locations=locations, cameras=cameras)
