"""Every number that a text speaks of, in digits or in words. What can't be read for certain has no value (NaN), so that
it equals no figure. Plain English in plain signs: anything else is refused before (:mod:`analyzer.report.check`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


def lexicon(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


_UNITS = {word: float(value) for value, word in enumerate(
    ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
     "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"))}  # fmt: skip
_TENS = {word: 20.0 + 10 * place for place, word in enumerate(
    ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"))}  # fmt: skip
_SCALES = {"hundred": 1e2, "thousand": 1e3, "lakh": 1e5, "million": 1e6, "crore": 1e7, "billion": 1e9, "dozen": 12.0}
_ORDINALS = {word: 1.0 + place for place, word in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
     "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
     "nineteenth"))} | {word[:-1] + "ieth": value for word, value in _TENS.items()}  # fmt: skip
_PARTS = {"half": 2.0, "halves": 2.0, "quarter": 4.0, "quarters": 4.0} | {
    f"{word}s": value for word, value in _ORDINALS.items() if value > 2
}
# Words for a quantity that no figure settles.
VAGUE = lexicon(
    """several many few numerous countless umpteen plenty lots loads scores dozens tens hundreds thousands lakhs
    millions crores billions trillion trillions majority minority handful couple couples pair pairs duo trio quartet
    quintet twin once twice thrice double doubles doubled doubling triple triples tripled tripling treble trebled
    quadruple quadrupled quintuple halved halving multiple multiples manifold times fold folds minus negative plus k
    m bn mn x cr gross score point points hundredth thousandth millionth percentile exceed exceeds exceeding
    infinity infinite increase increased increasing decrease decreased decreasing rose fell grew dropped"""
)
_GLUED = re.compile(
    rf"(?:{'|'.join((*_TENS, *list(_UNITS)[1:], 'hundred', 'thousand', 'million'))})"
    rf"(?:{'|'.join((*list(_UNITS)[1:], *_ORDINALS, *_TENS, *_SCALES, 'fold', 'some', 'ish', 'th', 'ths', 's'))})+"
)
_TOKEN = re.compile(r"[0-9](?:[0-9.,]*[0-9])?|[A-Za-z]+|[^\s\0–—-]")
_WHOLE = re.compile(r"(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{2,3})*,\d{3})(?:\.\d{1,6})?", re.ASCII)
_BEFORE, _AFTER = " \t\n\0(“‘\"'–—-", " \t\n\0.,;:!?)”’\"'–—-%"


class Sort(StrEnum):
    """What a number is."""

    COUNT = "count"
    PERCENT = "percent"
    FRACTION = "fraction"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a text and where it stands; a ``PERCENT`` is 0 to 100, a ``FRACTION`` 0 to 1. ``decimals`` is how
    many it is written with."""

    start: int
    end: int
    value: float
    sort: Sort = Sort.COUNT
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str


def quantities(text: str) -> list[Quantity]:
    """All of them, in their order."""
    tokens = [_Token(found.start(), found.end(), found.group().lower()) for found in _TOKEN.finditer(text)]
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        quantity, at = _read(text, tokens, at)
        if quantity is not None:
            found.append(quantity)
    return list(_apart(text, found))


def _apart(text: str, found: Sequence[Quantity]) -> list[Quantity]:
    """Two numbers with nothing but a blank between them may be meant as one: neither is certain."""
    doubtful: set[int] = set()
    for index, (one, next_one) in enumerate(pairwise(found)):
        if not text[one.end : next_one.start].strip(" \t\n\0"):
            doubtful |= {index, index + 1}
    return [
        Quantity(one.start, one.end, math.nan, one.sort) if index in doubtful else one
        for index, one in enumerate(found)
    ]


def _read(text: str, tokens: Sequence[_Token], at: int) -> tuple[Quantity | None, int]:
    """The number that begins at a token, if one does, and where to go on."""
    token = tokens[at]
    word = token.text
    if word == "%":
        return Quantity(token.start, token.end, math.nan, Sort.PERCENT), at + 1
    if word in VAGUE or _GLUED.fullmatch(word):
        return Quantity(token.start, token.end, math.nan), at + 1
    if word in _PARTS or word in _ORDINALS:
        return _part(tokens, at), at + 1
    value, decimals, after = _cardinal(text, tokens, at)
    if after == at:
        return None, at + 1
    return _completed(text, tokens, at, after, value, decimals)


def _part(tokens: Sequence[_Token], at: int) -> Quantity:
    """Half, a third, the third; after "and" it belongs to a number before, and nobody reckons with such."""
    token, before = tokens[at], [token.text for token in tokens[max(at - 2, 0) : at]]
    article = before[-1:] in (["a"], ["an"])
    if "and" in (before[:1] if article else before[-1:]):
        return Quantity(token.start, token.end, math.nan)
    if token.text in _PARTS or article:
        by = _PARTS.get(token.text) or _ORDINALS[token.text]
        return Quantity(token.start, token.end, 1 / by, Sort.FRACTION)
    return Quantity(token.start, token.end, _ORDINALS[token.text])


def _completed(
    text: str, tokens: Sequence[_Token], at: int, after: int, value: float, decimals: int
) -> tuple[Quantity, int]:
    """The cardinal from ``at`` to ``after`` with what makes it a share, a part or an ordinal."""
    start, end = tokens[at].start, tokens[after - 1].end
    following = [token.text for token in tokens[after : after + 2]]
    if following[:1] in (["%"], ["percent"]):
        return Quantity(start, tokens[after].end, value, Sort.PERCENT, decimals), after + 1
    if following == ["per", "cent"]:
        return Quantity(start, tokens[after + 1].end, value, Sort.PERCENT, decimals), after + 2
    joined = bool(following) and text[end : tokens[after].start] in ("", " ", "-")
    if joined and (part := _PARTS.get(following[0]) or _ordinal_part(following[0], value)):
        return Quantity(start, tokens[after].end, value / part, Sort.FRACTION), after + 1
    if joined and following[0] in _ORDINALS:  # twenty-first
        unit = _ORDINALS[following[0]]
        whole = value + unit if value in _TENS.values() and unit < 10 else math.nan
        return Quantity(start, tokens[after].end, whole), after + 1
    if joined and following[0] in ("times", "fold", "x"):
        return Quantity(start, tokens[after].end, math.nan), after + 1
    return Quantity(start, end, value, Sort.COUNT, decimals), after


def _ordinal_part(word: str, value: float) -> float | None:
    """One third: a part, where "third" by itself is a place in a row."""
    return _ORDINALS.get(word) if value == 1 and _ORDINALS.get(word, 0) > 2 else None


def _cardinal(text: str, tokens: Sequence[_Token], at: int) -> tuple[float, int, int]:
    """Value, decimals and end of the cardinal that begins at a token; the end is ``at`` where none does."""
    total, part, decimals, place = 0.0, 0.0, 0, at
    while place < len(tokens) and (place == at or _goes_on(text, tokens, place)):
        joint = place > at and tokens[place].text == "and"
        value, digits, after = _below_hundred(text, tokens, place + joint)
        if after == place + joint:
            if joint or tokens[after].text not in _SCALES:
                break
            value = 1.0  # a hundred
        part, decimals, place = part + value, max(decimals, digits), after
        while place < len(tokens) and (scale := _SCALES.get(tokens[place].text)):
            total, part = (total, part * scale) if scale <= 100 else (total + part * scale, 0.0)
            place += 1
        if place == after:
            break
    return total + part, decimals, place


def _goes_on(text: str, tokens: Sequence[_Token], place: int) -> bool:
    """Whether what stands at ``place`` may belong to the number before: five hundred and two."""
    if text[tokens[place - 1].end : tokens[place].start].strip(" -"):
        return False
    if tokens[place].text == "and":
        place += 1
    return place < len(tokens) and (tokens[place].text in _UNITS or tokens[place].text in _TENS)


def _below_hundred(text: str, tokens: Sequence[_Token], at: int) -> tuple[float, int, int]:
    word = tokens[at].text
    if word[0].isdigit():
        value, decimals = _digits(text, tokens, at)
        suffix = tokens[at + 1].text if at + 1 < len(tokens) else ""
        ordinal = suffix in ("st", "nd", "rd", "th") and tokens[at + 1].start == tokens[at].end
        return value, decimals, at + 1 + ordinal
    if word in _TENS:
        unit = tokens[at + 1].text if at + 1 < len(tokens) else ""
        if 1 <= _UNITS.get(unit, 0) < 10:
            return _TENS[word] + _UNITS[unit], 0, at + 2
        return _TENS[word], 0, at + 1
    if word in _UNITS:
        return _UNITS[word], 0, at + 1
    return 0.0, 0, at


def _digits(text: str, tokens: Sequence[_Token], at: int) -> tuple[float, int]:
    """The value of digits and how many of them are decimals; NaN where they are part of something else."""
    token = tokens[at]
    run, end = token.text, token.end
    before = text[token.start - 1] if token.start else " "
    after = text[end] if end < len(text) else " "
    if text[end : end + 3].lower()[:2] in ("st", "nd", "rd", "th"):
        after = text[end + 2] if end + 2 < len(text) else " "
    if before not in _BEFORE or after not in _AFTER or not _WHOLE.fullmatch(run):
        return math.nan, 0
    value = float(run.replace(",", ""))
    negative = before in "-–" and (token.start < 2 or not text[token.start - 2].isalnum())
    return -value if negative else value, len(run.partition(".")[2])
