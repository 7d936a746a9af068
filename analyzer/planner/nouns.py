"""What a register calls its own places: where there is an East Wing and a West Wing, "which wing" asks for districts.

The noun of a name is its last word, before a number or a letter ("Level 2", "Lobby A"), or its first ("Rondo Żaba").
A noun that two names of a level share is a word for that level; everyday ones ("road", "gate") are in the vocabulary.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import PLACE
from analyzer.planner.place import Place, PlaceKind
from analyzer.planner.place_names import Key, key_of
from analyzer.planner.surroundings import ends_here
from analyzer.planner.vocabulary import DOMAIN, words
from analyzer.planner.words import Speller, Token
from storage.register import Register

_GROUPS = {PlaceKind.DISTRICT: "district", PlaceKind.MANDAL: "location", PlaceKind.LOCATION: "location"}
_ASKING = words(
    "which what each every per by all both the any these those our rank compare many busiest quietest across"
)
_PREPOSITIONS = frozenset(["in", "at", "on", "from", "of", "for", "across", "near", "inside", "to", "within", "around"])


@dataclass(frozen=True, slots=True)
class Noun:
    """A word for places of one level, with the names that it is the noun of. ``whole``: all of that level."""

    kind: PlaceKind
    names: tuple[str, ...]
    whole: bool


class PlaceNouns:
    """The nouns of a register's names."""

    def __init__(self, register: Register, speller: Speller) -> None:
        self._speller = speller
        self._nouns: dict[Key, Noun] = {}
        self._heads: dict[str, PlaceKind] = {}
        levels = (
            (PlaceKind.DISTRICT, [entry.district for entry in register.cameras]),
            (PlaceKind.MANDAL, [entry.mandal for entry in register.cameras]),
            (PlaceKind.LOCATION, [entry.location for entry in register.cameras]),
        )
        for kind, named in levels:
            self._learn(kind, tuple(dict.fromkeys(name for name in named if name)))

    def _learn(self, kind: PlaceKind, names: Sequence[str]) -> None:
        shared: dict[Key, list[str]] = defaultdict(list)
        for name in names:
            for noun in set(_nouns_of(key_of(name))):
                shared[noun].append(name)
        for noun, called in shared.items():
            if len(noun) == 1 and not re.fullmatch(ANY_NOUN, noun[0]):
                self._heads.setdefault(noun[0], kind)
            if len(called) > 1 and noun not in self._nouns and not re.fullmatch(ANY_NOUN, noun[-1]):
                self._nouns[noun] = Noun(kind, tuple(called), len(called) == len(names))

    def understood(self, tokens: Sequence[Token], places: list[Place]) -> list[Token]:
        """``tokens`` with such nouns in words that every register has; the names that they stand for are added to
        ``places`` and marked where only some of a level have the noun."""
        read: list[Token] = []
        behind: list[Token] = []
        at = 0
        while at < len(tokens):
            found = self._at(tokens, at)
            if found is None:
                read.append(tokens[at])
                at += 1
                continue
            noun, length, plural = found
            before = tokens[at - 1].word if at else ""
            mark = Token("", f"{PLACE}{len(places)}")
            if before in _PREPOSITIONS or (before in ("both", "all", "the") and self._where(read, before)):
                # one of several may be meant, and is asked back; "both" and "all" mean every one
                said = "" if plural else " ".join(token.written for token in tokens[at : at + length])
                places.append(Place(noun.kind, noun.names, said))
                read.append(mark)
            else:
                group = _GROUPS[noun.kind]
                read.append(Token("", f"{group}s" if plural else group))
                if not noun.whole:
                    places.append(Place(noun.kind, noun.names))
                    behind += [Token("|", "|"), mark]
            at += length
        return read + behind

    def _where(self, read: Sequence[Token], before: str) -> bool:
        """ "in both wings", "at the loading bays": a place, and no grouping."""
        lead = next((token.word for token in reversed(read) if token.word not in ("the", "both", "all", "of")), "")
        return lead in _PREPOSITIONS or (before == "both" and lead not in ("compare", "how"))

    def _at(self, tokens: Sequence[Token], at: int) -> tuple[Noun, int, bool] | None:
        """The noun that begins at ``at``, how many words it has, and whether it is more than one."""
        before = tokens[at - 1].word if at else ""
        for length in (3, 2, 1):
            window = [token.word for token in tokens[at : at + length]]
            if len(window) < length or not all(word.isalpha() for word in window):
                continue
            one = singular(window[-1])
            noun = self._nouns.get((*window[:-1], one))
            plural = one != window[-1]
            follows = tokens[at + length].word if at + length < len(tokens) else ""
            single = noun is not None and length > 1 and not plural and not follows.isdigit()
            if noun is not None and single and _led(tokens, at) and ends_here(tokens, at + length):
                return noun, length, plural  # "at the loading bay", of which there are two
            if noun is None and length == 1 and before in ("each", "every", "per") and one in self._heads:
                noun = Noun(self._heads[one], (), whole=True)  # "sheep per field", where only one is called so
            if noun is None or (not plural and before not in ("which", "what", "each", "every", "per", "by", "any")):
                continue
            if at == 0 and plural and follows in ("with", "where", "that", "which", "having", "without"):
                return noun, length, plural
            if before == "many" and follows in ("in", "at", "on", "near"):
                continue  # "how many trailers in row A": what is counted stands there
            if before in _ASKING or re.fullmatch(r"\d+|top|bottom|busiest|quietest", before):
                return None if follows.isdigit() else (noun, length, plural)
        return None


def singular(word: str) -> str:
    """``word`` without its plural ending, if it has one."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _led(tokens: Sequence[Token], at: int) -> bool:
    before = [token.word for token in tokens[max(0, at - 2) : at]]
    return bool(before) and (before[-1] in _PREPOSITIONS or (before[-1] == "the" and before[0] in _PREPOSITIONS))


def _nouns_of(key: Key) -> Iterable[Key]:
    """The last word with those before it, and the first: "lift lobby" and "lobby" of "Lift Lobby A"."""
    bare = key[:-1] if len(key) > 1 and (len(key[-1]) == 1 or key[-1].isdigit()) else key
    for start in range(max(0, len(bare) - 2), len(bare)):
        noun = bare[start:]
        if noun[-1].isalpha() and len(noun[-1]) > 2 and (len(noun) < len(key)):
            yield noun
    if len(key) > 1 and key[0].isalpha() and len(key[0]) > 3 and key[0] not in DOMAIN:
        yield key[:1]
