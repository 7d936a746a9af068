"""Places that are left out: "except North Gate", "everywhere but Wola", "not in Guntur".

A plan names what it is about and has no word for what it isn't: all the other places are named in its stead, by
districts where whole ones are left, else by mandals, locations and cameras.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from analyzer.plan import Scope
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import PLACE, Phrase
from analyzer.planner.places import Place, PlaceKind
from analyzer.scope import PlaceFilter
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


def without(scope: Scope, left_out: Iterable[Place], cameras: Sequence[RegisteredCamera]) -> Scope:
    """``scope`` without the places ``left_out``; as it is where nothing of it would be left, or all of it."""
    gone = [PlaceFilter(_named(Scope(), {str(place.kind): place.names}), cameras) for place in left_out]
    held = PlaceFilter(scope, cameras)
    inside = [camera for camera in cameras if held.holds(camera)]
    kept = [camera for camera in inside if not any(each.holds(camera) for each in gone)]
    if not kept or len(kept) == len(inside):
        return scope
    for cover in (_mixed, _by_location, _by_camera):
        found = _named(scope, cover(kept, cameras))
        covers = PlaceFilter(found, cameras)
        if [camera for camera in cameras if covers.holds(camera)] == kept:
            return found
    return scope


_Named = dict[str, tuple[str, ...]]


def _named(scope: Scope, names: _Named) -> Scope:
    """``scope`` about these places and no others."""
    districts, mandals, locations, cameras = (
        names.get(level, ()) for level in ("districts", "mandals", "locations", "cameras")
    )
    return replace(scope, districts=districts, mandals=mandals, locations=locations, cameras=cameras)


def _mixed(kept: Sequence[RegisteredCamera], cameras: Sequence[RegisteredCamera]) -> _Named:
    """The largest wholes first."""
    names: _Named = {}
    left = list(kept)
    levels: tuple[tuple[str, Callable[[RegisteredCamera], Collection[str | None]]], ...] = (
        ("districts", lambda one: (one.district, one.old_district)),
        ("mandals", lambda one: (one.mandal,)),
        ("locations", lambda one: (one.location,)),
        ("cameras", lambda one: (one.camera,)),
    )
    for level, names_of in levels:
        others = {name for camera in set(cameras) - set(kept) for name in names_of(camera)}
        whole = dict.fromkeys(name for camera in left if (name := next(iter(names_of(camera)))) and name not in others)
        names[level] = tuple(whole)
        left = [camera for camera in left if not set(names_of(camera)) & set(whole)]
    return names


def _by_location(kept: Sequence[RegisteredCamera], cameras: Sequence[RegisteredCamera]) -> _Named:
    del cameras
    return {"locations": tuple(dict.fromkeys(camera.location for camera in kept if camera.location))}


def _by_camera(kept: Sequence[RegisteredCamera], cameras: Sequence[RegisteredCamera]) -> _Named:
    del cameras
    return {"cameras": tuple(camera.camera for camera in kept if camera.camera)}
