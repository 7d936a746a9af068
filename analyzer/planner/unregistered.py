"""Places that are named and that the register does not hold, told from their surroundings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from analyzer.planner.place import KIND_WORDS, Place, PlaceKind, past_kind_word
from analyzer.planner.place_names import compact, form_of
from analyzer.planner.surroundings import LEADS, STRONG_LEADS, word_before
from analyzer.planner.vocabulary import CLOTHING, DOMAIN, KNOWN_PLACES, words
from analyzer.planner.words import Speller, Token

_COMPASS = words("new old north south east west upper lower greater san los saint st port fort mount")

_NOT_A_NAME = DOMAIN | CLOTHING | words(
        "which each the per by every any this what that old new a an whole entire same other another all "
        "my our your total whose first mon tue tues wed thu thur thurs fri sat sun jan feb mar apr jun jul aug sep "
        "sept oct nov dec daily hourly weekly i cctv led suv atm usa rtc ok hd id i'm excel csv json pdf gps "
)  # fmt: skip


class Unregistered:
    """Finds them. ``camera_shapes`` are the register's cameras with 0 for their numbers; ``numbered`` are the words of
    its names that a number follows."""

    def __init__(self, speller: Speller, camera_shapes: AbstractSet[str], numbered: AbstractSet[str]) -> None:
        self._speller = speller
        self._camera_shapes = camera_shapes
        self._numbered = numbered

    def at(self, tokens: Sequence[Token], at: int, listed: bool) -> tuple[Place, int, int] | None:
        """A name that the register does not hold: "X district", an address, "in X" with a capital or no word at all."""
        token = tokens[at]
        if re.fullmatch(r"\d{1,3}(?:[._]\d{1,3}){3}", token.word):
            return Place(PlaceKind.UNKNOWN, (token.written,)), at + 1, at
        if at > 0 and self._looks_like_a_camera(token.word, tokens[at - 1].word):
            return Place(PlaceKind.UNKNOWN, (token.written,)), at + 1, at
        if (numbered := self._numbered_at(tokens, at)) is not None:
            return numbered
        end = at
        while end < len(tokens) and self._namelike(tokens, end, first=end == at):
            end += 1
        if end == at:
            return None
        name = " ".join(token.written for token in tokens[at:end]).removesuffix("'s")
        after = tokens[end].word if end < len(tokens) else ""
        if after in CLOTHING or after in ("car", "cars", "bus", "buses", "truck", "trucks", "bike", "bikes"):
            return None  # "in Adidas shoes"
        kind_word = any(re.fullmatch(words, after) for words in list(KIND_WORDS.values())[:2])
        leans = at > 0 and len(tokens) < 5 and word_before(tokens, at) in ("and", "about", "for")
        if kind_word or word_before(tokens, at) in STRONG_LEADS or listed or leans:
            place = Place(PlaceKind.UNKNOWN, (name,))
            return place, past_kind_word(tokens, end, place), at
        return None

    def _looks_like_a_camera(self, word: str, before: str) -> bool:
        """A name with a number after "camera", or one like those of the register's cameras but for the number."""
        if not re.fullmatch(r"[a-z]{1,6}[-_]?\d{1,5}(?:[-_]\w+)*", word):
            return False
        return before in ("camera", "cam", "cctv") or re.sub(r"\d+", "0", compact(word)) in self._camera_shapes

    def _numbered_at(self, tokens: Sequence[Token], at: int) -> tuple[Place, int, int] | None:
        """ "On piste 5", where there is a Piste 7 and a Piste 12, and no other."""
        number = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if (
            not number.isdigit()
            or word_before(tokens, at) not in LEADS
            or form_of(tokens[at].word) not in self._numbered
        ):
            return None
        return Place(PlaceKind.UNKNOWN, (f"{tokens[at].written} {number}",)), at + 2, at

    def _namelike(self, tokens: Sequence[Token], at: int, first: bool) -> bool:
        token = tokens[at]
        word = token.word.removesuffix("'s")
        if word in KNOWN_PLACES:
            return True
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if first and word in _COMPASS and token.capital and after and (after.capital or after.word in KNOWN_PLACES):
            return True
        if not word.isalpha() or word in _NOT_A_NAME or len(word) < 3:
            return False
        if token.capital:
            return True
        by_kind = after and re.fullmatch(
            KIND_WORDS[PlaceKind.DISTRICT] + "|" + KIND_WORDS[PlaceKind.MANDAL], after.word
        )
        return (first or len(word) > 3) and self._speller.frequency(word) < (400 if by_kind and first else 1)
