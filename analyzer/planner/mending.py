"""Unknown words of a question made known: names of the register or English, by what stands around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.planner.place_names import other_names
from analyzer.planner.places import PlaceIndex
from analyzer.planner.surroundings import STRONG_LEADS, word_before
from analyzer.planner.vocabulary import DOMAIN
from analyzer.planner.words import Speller, Token


def mended(tokens: Sequence[Token], speller: Speller, index: PlaceIndex) -> list[Token]:
    """Each unknown word mended: to a name after "in" or with a capital, else to an English word first."""
    better: list[Token] = []
    for at, token in enumerate(tokens):
        better += _mended(token, tokens, at, speller, index)
    return better


def _mended(token: Token, tokens: Sequence[Token], at: int, speller: Speller, index: PlaceIndex) -> list[Token]:
    word = token.word
    if "-" in word and all(index.holds(part) for part in word.split("-")):
        return [token]
    after = tokens[at + 1].word if at + 1 < len(tokens) else ""
    place_like = token.capital or word_before(tokens, at) in STRONG_LEADS or after.startswith(("dist", "mandal"))
    rare = speller.frequency(word) <= 60
    if index.holds(word) or (speller.known(word) and not (rare and place_like) and not other_names(word)):
        return [replace(token, word=speller.mend(word))] if not index.holds(word) else [token]
    name = index.nearest(word)
    if name in other_names(word):
        return [replace(token, word=name)]
    if name is not None and (place_like or speller.mend(word) == word):
        return [replace(token, word=name)]
    if token.capital and word not in DOMAIN and speller.mend(word) not in DOMAIN:
        return [token]
    return [replace(token, word=part) for part in speller.mend(word).split()]
