"""Names that share a word: "gates 1 and 2" are gate 1 and gate 2, "main and east entrance" are two entrances."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.planner.nouns import singular
from analyzer.planner.place_names import form_of
from analyzer.planner.places import PlaceIndex
from analyzer.planner.words import Token

_JOINTS = frozenset((",", "and", "or", "&", "vs", "versus"))
_TO = frozenset(("to", "till", "until", "through", "thru", "-"))
_MOST = 100
_NO = frozenset(("no", "number", "#"))


def each_in_full(tokens: Sequence[Token], index: PlaceIndex) -> list[Token]:
    """``tokens`` with the shared noun at each of what it belongs to, where the register has names that end so."""
    full: list[Token] = []
    tokens = _counted_up(_numbers_bare(tokens, index), index)
    at = 0
    while at < len(tokens):
        listed = _after_noun(tokens, at, index) or _before_noun(tokens, at, index)
        if listed is None:
            full.append(tokens[at])
            at += 1
            continue
        more, at = listed
        full += more
    return full


def _numbers_bare(tokens: Sequence[Token], index: PlaceIndex) -> list[Token]:
    """ "Gate no 2" as "gate 2", "gates 1-3" as "gates 1 - 3"."""
    bare: list[Token] = []
    for at, token in enumerate(tokens):
        if (
            at
            and re.fullmatch(r"\d+-\d+", token.word)
            and index.ends_with((form_of(singular(tokens[at - 1].word)), token.word.split("-")[0]))
        ):
            first, last = token.word.split("-")
            bare += [Token(first, first), Token("-", "-"), Token(last, last)]
            continue
        between = token.word in _NO and 0 < at < len(tokens) - 1
        if not between or not index.ends_with((form_of(tokens[at - 1].word), form_of(tokens[at + 1].word))):
            bare.append(token)
    return bare


def _counted_up(tokens: Sequence[Token], index: PlaceIndex) -> Sequence[Token]:
    """ "Rooms 12 to 14" as "rooms 12, 13, 14": those of them that the register has."""
    for at in range(1, len(tokens) - 2):
        first, to, last = (token.word for token in tokens[at : at + 3])
        noun = form_of(singular(tokens[at - 1].word))
        if to not in _TO or not (first.isdigit() and last.isdigit()) or not 0 < int(last) - int(first) < _MOST:
            continue
        if index.ends_with((noun, first)) and index.ends_with((noun, last)):
            between = [str(number) for number in range(int(first), int(last) + 1)]
            known = [Token(number, number) for number in between if index.ends_with((noun, number))]
            comma = Token(",", ",")
            listed = [token for one in known for token in (comma, one)][1:]
            return [*tokens[:at], *listed, *tokens[at + 3 :]]
    return tokens


def _after_noun(tokens: Sequence[Token], at: int, index: PlaceIndex) -> tuple[list[Token], int] | None:
    """ "Gates 1, 2 and 3": the names in full, and where their list ends."""
    said = tokens[at].word
    if not said.isalpha() or len(said) < 3:
        return None
    for word in dict.fromkeys((said, singular(said))):
        end = at + 1
        while end < len(tokens) and index.ends_with((form_of(word), form_of(tokens[end].word))):
            end += 1 + (end + 1 < len(tokens) and tokens[end + 1].word in _JOINTS)
            end += end < len(tokens) and tokens[end].word in _JOINTS  # ", and"
        while end > at + 1 and tokens[end - 1].word in _JOINTS:
            end -= 1
        tags = [token for token in tokens[at + 1 : end] if token.word not in _JOINTS]
        if len(tags) > 1:
            noun = Token(word, word)
            more = [[token] if token.word in _JOINTS else [noun, token] for token in tokens[at + 1 : end]]
            return [token for pair in more for token in pair], end
    return None


def _before_noun(tokens: Sequence[Token], at: int, index: PlaceIndex) -> tuple[list[Token], int] | None:
    """ "Main and east entrance"."""
    if at + 3 >= len(tokens) or tokens[at + 1].word not in _JOINTS or not tokens[at + 3].word.isalpha():
        return None
    one, joint, other, said = tokens[at : at + 4]
    for word in dict.fromkeys((said.word, singular(said.word))):
        if all(index.ends_with((form_of(tag.word), form_of(word))) for tag in (one, other)):
            noun = Token(word, word)
            return [one, noun, joint, other, noun], at + 4
    return None
