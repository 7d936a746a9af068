"""What a place is: its kind, its names, and the words that tell its kind ("Guntur district")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzer.planner.place_names import key_of
from analyzer.planner.words import Token


class PlaceKind(StrEnum):
    """In order of preference when one name is several things."""

    DISTRICT = "districts"
    MANDAL = "mandals"
    LOCATION = "locations"
    CAMERA = "cameras"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """What was named. ``names`` are as in the register; several where a part of a name fits several. ``said`` is how
    the question has it."""

    kind: PlaceKind
    names: tuple[str, ...]
    said: str = ""

    @property
    def in_full(self) -> bool:
        """Whether the question has the name as the register has it."""
        return self.kind is not PlaceKind.UNKNOWN and any(key_of(name) == key_of(self.said) for name in self.names)


KIND_WORDS = {
    PlaceKind.DISTRICT: r"(?:districts?|dist|distt|dt)",
    PlaceKind.MANDAL: r"(?:mandals?|mdl|taluk|taluka|tehsil)",
    PlaceKind.CAMERA: r"(?:cameras?|cams?|cctv)",
}


def past_kind_word(tokens: Sequence[Token], end: int, place: Place) -> int:
    """Past what kind of place it is: "Guntur dist.", "Benz Circle junction", "Guntur old district"."""
    words = r"districts?|dist|distt|dt|mandals?|mdl|taluk|tehsil|district's|city|town|village|region|county"
    if place.kind in (PlaceKind.LOCATION, PlaceKind.UNKNOWN):
        words += "|junction|jn|signal|area|circle|locality"
    elif place.kind is not PlaceKind.CAMERA:
        words += "|area|section"
    while end < len(tokens) and tokens[end].word in ("old", "new") and end + 1 < len(tokens):
        if not re.fullmatch(words, tokens[end + 1].word):
            return end
        end += 1
    if end < len(tokens) and re.fullmatch(words, tokens[end].word):
        end += 1
        if end < len(tokens) and tokens[end].word == "." and end + 1 < len(tokens):
            end += 1
    return end
