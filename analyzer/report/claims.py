"""What a sentence claims beside its numbers: none, only, most, more than, the same. Simple checks; what they can't
settle is not believed, since the template says as much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.report.facts import Facts, Spot
from analyzer.report.numbers import lexicon
from analyzer.report.sentences import Place, Sentence
from core.states import Outcome

_NOT = lexicon("""no none nothing nobody nowhere zero nil nought naught neither nor without never cannot not""")
_EMPTY = lexicon("no none nothing nobody nowhere zero nil nought naught")
_OF_KNOWING = lexicon("read told tell certain known know unsure unreadable uncertain counted")
_MOST = lexicon(
    """most highest largest greatest biggest busiest top maximum max peak peaks lead leads leading led foremost
    heaviest topping tops"""
)
_LEAST = lexicon("""least fewest lowest smallest minimum min quietest bottom emptiest lightest trails trailing""")
_MORE = lexicon("more higher larger greater bigger busier heavier ahead above outnumbers surpasses tops")
_LESS = lexicon("fewer less lower smaller quieter lighter behind below")
_SAME = lexicon("tie ties tied same equal equals equally alike identical")
_ALL = lexicon("all every everywhere everything everyone everybody entire entirely whole always any")
_ONLY = lexicon("only alone solely exclusively except apart just besides")
_ROUGH = lexicon(
    """about around over under nearly almost approximately roughly circa some than least most beyond above below just
    maybe perhaps"""
)
_GUESSING = lexicon(
    """because due likely unlikely probably presumably suggests suggest suggesting indicates perhaps maybe might
    expected cause caused causes therefore"""
)
_SHOWING = lexicon("show shows showed has have had match matches contain contains see sees")
_ENDED = {"unsure": Outcome.UNSURE, "uncertain": Outcome.UNSURE, "unreadable": Outcome.UNREADABLE}
# Every word that a check looks at: none of them is hidden by a place of that name.
WORDS = _NOT | _MOST | _LEAST | _MORE | _LESS | _SAME | _ALL | _ONLY | _ROUGH | _GUESSING | _SHOWING | {*_ENDED, "both"}


def unfounded(sentence: Sentence, facts: Facts) -> Iterator[str]:
    """The words of a sentence that claim what its places and the figures do not bear out."""
    has = sentence.has
    spots = [spot for place in sentence.subjects for spot in place.spots]
    denial = has & _NOT or {word for word in has if word.endswith("n't")}
    if denial and not _denies_rightly(sentence, facts, spots):
        yield min(denial)
    if not denial and not sentence.quantities and not _shows_rightly(has, spots):
        yield min(has & (_SHOWING | _ENDED.keys()))
    if guess := has & _GUESSING:
        yield min(guess)
    yield from _roughly(sentence)
    yield from _extremes(sentence)
    yield from _compared(sentence)
    yield from _together(sentence, facts, spots)


def _denies_rightly(sentence: Sentence, facts: Facts, spots: Sequence[Spot]) -> bool:
    has = sentence.has
    if has & _OF_KNOWING:
        if sentence.subjects:
            lost = bool(spots) and all(spot.outcome in (Outcome.UNSURE, Outcome.UNREADABLE) for spot in spots)
            # "It could not be read" may point to the only picture, and not to a place before.
            return lost or (not sentence.places and facts.readable == 0)
        if not has & _EMPTY:
            return True
        ended = [_ENDED[word] for word in has if word in _ENDED]
        return all(facts.counts[one] == 0 for one in ended) if ended else facts.readable == 0
    if sentence.subjects:
        return bool(spots) and all(spot.outcome is Outcome.NO_MATCH or spot.value == 0 for spot in spots)
    return facts.counts[Outcome.MATCH] == 0 and not facts.overall_matches


def _shows_rightly(has: frozenset[str], spots: Sequence[Spot]) -> bool:
    """A place that is said to show it, or to be unsure, is so."""
    ended = {_ENDED[word] for word in has if word in _ENDED}
    if ended:
        return all(spot.outcome in ended for spot in spots)
    return not has & _SHOWING or all(spot.outcome is Outcome.MATCH for spot in spots)


def _roughly(sentence: Sentence) -> Iterator[str]:
    """Words right before a number that make it another one."""
    for quantity in sentence.quantities:
        before = [word for word in sentence.words if word.end <= quantity.start]
        if not before or sentence.rest[before[-1].end : quantity.start].strip():
            continue
        if before[-1].text in _ROUGH or [word.text for word in before[-2:]] in (["up", "to"], ["close", "to"]):
            yield before[-1].text


def _extremes(sentence: Sentence) -> Iterator[str]:
    for word in sentence.words:
        if word.text in _MOST | _LEAST:
            nearest = _before(sentence, word.start) or _after(sentence, word.start)
            spots = nearest.spots if nearest else ()
            if not any(spot.highest if word.text in _MOST else spot.lowest for spot in spots):
                yield word.text


def _compared(sentence: Sentence) -> Iterator[str]:
    for word in sentence.words:
        if word.text not in _MORE | _LESS and word.text != "followed":
            continue
        one, other = _before(sentence, word.start), _after(sentence, word.start)
        values = [spot.value for place in (one, other) if place for spot in place.spots[:1] if spot.value is not None]
        if len(values) < 2 or not _goes(word.text, *values):
            yield word.text


def _goes(word: str, one: float, other: float) -> bool:
    if word == "followed":
        return one >= other
    return one > other if word in _MORE else one < other


def _together(sentence: Sentence, facts: Facts, spots: Sequence[Spot]) -> Iterator[str]:
    """Claims about all places at once, or about no others."""
    has = sentence.has
    if (same := has & _SAME) and (len(spots) < 2 or len({spot.value for spot in spots}) > 1):
        yield min(same)
    if "both" in has and len(sentence.places) != 2:
        yield "both"
    certain = facts.pictures - facts.counts[Outcome.UNSURE] - facts.counts[Outcome.UNREADABLE]
    if (every := has & _ALL) and not ("read" in has and certain == facts.pictures):
        yield min(every)
    alone = len(spots) == facts.overall_matches and all(spot.outcome is Outcome.MATCH for spot in spots)
    if (only := has & _ONLY) and sentence.subjects and not alone:
        yield min(only)


def _before(sentence: Sentence, at: int) -> Place | None:
    return next((place for place in reversed(sentence.places) if place.end <= at), None)


def _after(sentence: Sentence, at: int) -> Place | None:
    return next((place for place in sentence.places if place.start >= at), None)
