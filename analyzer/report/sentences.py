"""A draft taken apart: its sentences, with the places, the numbers and the words that each is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer.report.facts import Facts, Spot
from analyzer.report.names import Names, without
from analyzer.report.numbers import Quantity, lexicon, quantities

_END = re.compile(r"(?<=[.!?;])\s+")
_WORD = re.compile(r"[A-Za-z]+(?:[’'][A-Za-z]+)?")
# What a sentence speaks of that begins with one of these was named in the sentence before.
_POINTING = lexicon("it its there they them their this that these those here former latter he she")


@dataclass(frozen=True, slots=True)
class Place:
    """A place that is named, and what is known of it: nothing where it has no figure of its own."""

    start: int
    end: int
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that is no name; ``text`` is in lower case."""

    start: int
    end: int
    text: str
    capital: bool


@dataclass(frozen=True)
class Sentence:
    """``rest`` is the text with what is known word by word blotted out; places and numbers stand in it by position."""

    text: str
    rest: str
    places: Sequence[Place]
    pointed: Sequence[Place]
    quantities: Sequence[Quantity]
    words: Sequence[Word]

    @property
    def has(self) -> frozenset[str]:
        """Its words."""
        return frozenset(word.text for word in self.words)

    @property
    def subjects(self) -> Sequence[Place]:
        """The places that it speaks of: those it names, else those that it points back to."""
        return self.places or self.pointed


def sentences(parts: Sequence[str], facts: Facts, known: Names) -> Iterator[Sentence]:
    """All sentences of ``parts``; ``known`` are the names and phrases that ``facts`` has."""
    for part in parts:
        before: Sequence[Place] = ()
        mentions = known.mentions(part)
        named = {mention.start: mention for mention in mentions}
        blotted = without(part, mentions)
        for start, end in _spans(blotted):
            rest = blotted[start:end]
            places = tuple(
                Place(one.start - start, one.end - start, facts.spots.get(one.key, ()))
                for one in named.values()
                if start <= one.start < end and (one.key in facts.spots or one.key in facts.keys)
            )
            words = tuple(_words(rest))
            pointed = before if not places and any(word.text in _POINTING for word in words) else ()
            found = Sentence(part[start:end], rest, places, pointed, quantities(rest), words)
            before = found.subjects
            yield found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for end in _END.finditer(text):
        yield at, end.start()
        at = end.end()
    if at < len(text):
        yield at, len(text)


def _words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        word = found.group()
        yield Word(found.start(), found.end(), word.lower().replace("’", "'"), word[0].isupper())
