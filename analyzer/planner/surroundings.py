"""What stands around the name of a place: the words that lead to one, that follow one, that forbid one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analyzer.planner.phrase import PLACE
from analyzer.planner.vocabulary import words
from analyzer.planner.words import Token

LEADS = words(
    "in at near from for around outside inside within across on to of by opposite and or vs versus "
    "than behind along between towards about "
)

_AFTER_A_PLACE = LEADS | words(
    "since until before after during today yesterday now last this is are was were have has had please with "
    "without each every per who which that other over under through throughout except excluding apart besides "
    "barring minus compared if when while only alone too i we you it then instead busier quieter emptier fuller more "
    "less fewer got get gets see sees combined together altogether total"
)

_LEADING_UP = words(
    "and just only now what how about for in at then the ok okay so but not except everything everywhere alone please "
    "excluding without same again instead from on of ones one actually leave out skip ignore drop remove exclude hide "
    "oops no i mean meant sorry wait nope"
)

_NOT_BEFORE_A_NAME = words(
    "a an any some no every each many another of to by with without few several lots more other wearing holding "
    "carrying using reading eating selling this that my our your his her their its"
)

GROUPING = words("each every per which what")
# What is worn, held or read is no place.
NO_PLACE_AFTER = words("wearing holding carrying using reading eating selling wear hold carry use")

# "all levels of the car park", but not "a picture of the car park".
_PARTS = re.compile(
    r"(?:levels?|floors?|parts?|sides?|ends?|rest|whole|most|all|each|areas?|corners?|entrances?|exits?|summary|"
    r"overview|descriptions?|situation|state|status|report|rundown)"
)

STRONG_LEADS = words("in at near from around outside inside within across except excluding barring besides minus")


def continues_a_list(marked: Sequence[Token]) -> bool:
    """After "Guntur and", "Guntur vs"."""
    return (
        len(marked) > 1
        and marked[-1].word in ("and", ",", "or", "vs", "versus", "&")
        and (marked[-2].word.startswith(PLACE))
    )


def stands_alone(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether several everyday words that are a whole name can be meant as such: "compare food court and main hall",
    but not "a food court" and not "food court trays"."""
    before = tokens[at - 1].word if at else ""
    of = next((at - back for back in (1, 2) if at > back and tokens[at - back].word == "of"), None)
    if of is not None and (of == at - 1 or before == "the"):
        return bool(_PARTS.fullmatch(tokens[of - 1].word)) and ends_here(tokens, end)
    if before in ("with", "to") and any(token.word.startswith("compar") for token in tokens[:at]):
        return ends_here(tokens, end)
    return before not in _NOT_BEFORE_A_NAME and ends_here(tokens, end)


def heads(tokens: Sequence[Token], at: int, end: int) -> bool:
    """ "Library: empty or busy?" """
    return at == 0 and end < len(tokens) and tokens[end].word == ":"


def is_counted(tokens: Sequence[Token], at: int, end: int) -> bool:
    """ "How many trailers", "trailers in row A": a thing, though a place may be called so."""
    if end - at > 1 or tokens[at].capital or not tokens[at].word.endswith("s"):
        return False
    before = tokens[at - 1].word if at else ""
    begins = at == 0 and end < len(tokens) and tokens[end].word in ("in", "at", "on", "near")
    return begins or before in ("many", "more", "fewer", "any", "no", "count", "most", "least")


def all_that_is_said(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether an everyday word that is a name is all that a follow-up says ("just inbound"), or is set against another
    ("inbound versus outbound")."""
    beside = (tokens[at - 1].word if at else "", tokens[end].word if end < len(tokens) else "")
    if any(word in ("vs", "versus", "v") for word in beside):
        return True
    around = [token.word for token in (*tokens[:at], *tokens[end:]) if token.word.isalpha()]
    return (bool(at) or not around) and all(word in _LEADING_UP for word in around)


def ends_here(tokens: Sequence[Token], end: int) -> bool:
    """Whether no noun follows that the words before could belong to."""
    return end == len(tokens) or not tokens[end].word.isalpha() or tokens[end].word in _AFTER_A_PLACE


def word_before(tokens: Sequence[Token], at: int) -> str:
    """The word before, past "the", "old" and "new"."""
    before = at - 1
    while before >= 0 and tokens[before].word in ("the", "old", "new", "both", "only", "just"):
        before -= 1
    return tokens[before].word if before >= 0 else ""
