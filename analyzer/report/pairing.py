"""Does each number of a sentence belong to what it stands beside? A place's figure beside another place is wrong,
however right it is elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from analyzer.phrases import PLURALS
from analyzer.plan import GroupBy
from analyzer.report.facts import PICTURES, Facts, Measures
from analyzer.report.numbers import Quantity, Sort
from analyzer.report.sentences import Place, Sentence
from core.states import Outcome

_NOUNS = {"picture": PICTURES, "pictures": PICTURES, "image": PICTURES, "images": PICTURES, "photo": PICTURES,
          "photos": PICTURES, "mandal": "mandals", "mandals": "mandals"} | {
    word: plural for plural in PLURALS.values() for word in (plural, plural[:-1])
}  # fmt: skip
_WHEREVER = frozenset(("place", "places", "spot", "spots", "site", "sites"))
_OUTCOMES = {
    "unsure": str(Outcome.UNSURE), "uncertain": str(Outcome.UNSURE), "unreadable": str(Outcome.UNREADABLE),
    "readable": "readable", "match": str(Outcome.MATCH), "matches": str(Outcome.MATCH), "matching": str(Outcome.MATCH),
}  # fmt: skip
_OF = re.compile(r"[\s\0]*(?:out )?of(?: the| these| all)?[\s\0]*")
_WHOLE_BEFORE = re.compile(r"(?:\bof|\btotal|\btotal of|\baltogether|\bin all,?)\s*$")
_WHOLE_AFTER = re.compile(r"\W*(?:[a-z]+ )?(?:in total|in all|altogether|overall)\b")
_ROUNDING = 1e-9
_NEAR = 5


def stray_numbers(sentence: Sentence, facts: Facts) -> Iterator[Quantity]:
    """The numbers that belong to nothing the sentence speaks of."""
    found = sentence.quantities
    for index, quantity in enumerate(found):
        owners = _owners(sentence, quantity)
        if not _belongs(sentence, quantity, owners, facts):
            yield quantity
        elif index and _OF.fullmatch(sentence.rest[found[index - 1].end : quantity.start]):
            pair = found[index - 1].value, quantity.value
            if not any(measures.has_part(*pair) for measures in _measures(owners, facts)):
                yield quantity


def _belongs(sentence: Sentence, quantity: Quantity, owners: Sequence[Place], facts: Facts) -> bool:
    noun, outcome = _counted(sentence, quantity, facts)
    # A place that is only pointed back to need not be what "21 are readable" is said of.
    loosely = not sentence.places and bool(noun or outcome)
    if (not owners or loosely or _is_whole(sentence, quantity)) and is_figure(quantity, facts.overall, noun, outcome):
        return True
    return bool(owners) and all(
        any(is_figure(quantity, measures, noun, outcome) for measures in _measures([place], facts)) for place in owners
    )


def _measures(owners: Sequence[Place], facts: Facts) -> list[Measures]:
    """What is known of places; of the only place that was asked for, all there is."""
    found = [spot.measures for place in owners for spot in place.spots]
    scope = facts.plan.scope
    asked = (*scope.districts, *scope.mandals, *scope.locations, *scope.cameras)
    alone = not owners or (len(asked) == 1 and any(not place.spots for place in owners))
    return [*found, facts.overall] if alone else found


def is_figure(quantity: Quantity, measures: Measures, noun: str | None = None, outcome: str | None = None) -> bool:
    """Whether ``measures`` have such a number, of such a noun and outcome."""
    if quantity.sort is Sort.COUNT:
        return measures.has(quantity.value, noun, outcome)
    if quantity.sort is Sort.FRACTION:
        return any(abs(share - quantity.value) < _ROUNDING for share in measures.shares(noun, outcome))
    return any(_is_rounded(100 * share, quantity) for share in measures.shares(noun, outcome))


def _is_rounded(share: float, quantity: Quantity) -> bool:
    """Whether ``share`` is written so; a half goes either way."""
    return abs(share - quantity.value) <= 0.5 * 10.0**-quantity.decimals + _ROUNDING and not (
        quantity.value in (0, 100) and abs(share - quantity.value) > _ROUNDING
    )


def _counted(sentence: Sentence, quantity: Quantity, facts: Facts) -> tuple[str | None, str | None]:
    """The noun and the outcome that a number counts, as its clause says: of "9 of 21 readable pictures match" these are
    pictures that match, and readable pictures."""
    found = sentence.quantities
    index = found.index(quantity)
    whole = found[index + 1] if index + 1 < len(found) else None
    if whole is not None and _OF.fullmatch(sentence.rest[quantity.end : whole.start]):
        noun, _, behind = _clause(sentence, whole, facts)
        return noun, behind
    noun, before, behind = _clause(sentence, quantity, facts)
    if quantity.sort is not Sort.COUNT:  # of "45 % of the readable pictures match" it is those that match
        return noun, behind or before
    of = index > 0 and _OF.fullmatch(sentence.rest[found[index - 1].end : quantity.start])
    return noun, before or (None if of else behind)


def _clause(sentence: Sentence, quantity: Quantity, facts: Facts) -> tuple[str | None, str | None, str | None]:
    """The noun right behind a number, the outcome before it and the one behind it, as far as the next number, place or
    comma; an outcome without a noun stands behind."""
    starts = [one.start for one in sentence.quantities] + [one.start for one in sentence.places]
    stop = min((start for start in starts if start > quantity.start), default=len(sentence.rest))
    comma = re.search(r"[,;:)]", sentence.rest[quantity.end : stop])
    stop = quantity.end + comma.start() if comma else stop
    words = [word.text for word in sentence.words if quantity.end <= word.start < stop][:_NEAR]
    at = next((place for place, word in enumerate(words) if word in _NOUNS or word in _WHEREVER), None)
    before, behind = ([], words) if at is None else (words[:at], words[at + 1 :])
    return (
        None if at is None else _noun(words[at], facts),
        next((_OUTCOMES[word] for word in before if word in _OUTCOMES), None),
        next((_OUTCOMES[word] for word in behind if word in _OUTCOMES), None),
    )


def _noun(word: str, facts: Facts) -> str:
    kind = facts.answer.group_by or GroupBy.CAMERA
    return _NOUNS.get(word) or PLURALS[GroupBy.CAMERA if kind is GroupBy.IMAGE else kind]


def _is_whole(sentence: Sentence, quantity: Quantity) -> bool:
    """Whether words say that the number is of everything, also beside a place: "of 30", "30 in total"."""
    before = sentence.rest[: quantity.start].lower()
    return bool(_WHOLE_BEFORE.search(before) or _WHOLE_AFTER.match(sentence.rest[quantity.end :].lower()))


def _owners(sentence: Sentence, quantity: Quantity) -> Sequence[Place]:
    """The places that a number belongs to: those before it, or behind it where the sentence begins with numbers. As
    many numbers as places in one row belong to them one by one."""
    if not sentence.places:
        return sentence.pointed
    marks: list[Place | Quantity] = list(sentence.places)
    marks.extend(sentence.quantities)
    marks.sort(key=lambda mark: mark.start)
    rows = [(kind, list(row)) for kind, row in groupby(marks, key=lambda mark: isinstance(mark, Place))]
    at = next(index for index, (_, row) in enumerate(rows) if quantity in row)
    leads = not rows[0][0]  # a number stands first
    ahead = leads and (rows[-1][0] or at == 0)
    other = at + 1 if ahead else at - 1
    places = [mark for mark in rows[other][1] if isinstance(mark, Place)]
    numbers = rows[at][1]
    if len(numbers) == len(places) > 1:
        return [places[numbers.index(quantity)]]
    return places
