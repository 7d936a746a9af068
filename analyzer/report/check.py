"""Is a drafted report true to its answer? Every number must be a figure and stand where it belongs, every name must be
one of the answer's, and no sentence may say in words what the figures don't.

It errs to one side: a right sentence may be refused, for then the template says it; a wrong number is not let through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from analyzer.report.claims import WORDS, unfounded
from analyzer.report.facts import Facts
from analyzer.report.names import Names, without
from analyzer.report.numbers import VAGUE, lexicon, quantities
from analyzer.report.pairing import is_figure, stray_numbers
from analyzer.report.report import Draft
from analyzer.report.sentences import Sentence, sentences

LONGEST_PART, LONGEST_FINDING, MOST_FINDINGS = 900, 400, 8
MOST_FAULTS = 12
_SHOWN = 120
# What may stand in a report beside names: plain letters, digits and signs that nothing takes for markup or an address.
_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,;:!?()%'\"’‘“”–—-…\n\0")
# Words that begin a sentence, and so are written large; any other large word is taken for a name.
_OPENERS = lexicon(
    """a across after all also altogether among an and apart are as at based because before behind below besides
    between both but by camera cameras could counts day days district districts each eight eleven every few fewer
    fewest figures five followed for four from given highest hour hours however image images in instead is it its
    itself last least less locations location lowest match matches matching mandal mandals more most much neither
    next nine no none nobody nor not nothing of on one only or other others otherwise out outside overall picture
    pictures place places readable report reports results second seven several similarly since six so some taken ten
    that the their them then there therefore these they third this those though three thus to together top total two
    twelve under unreadable unsure until what when where whereas which while with within without yet zero"""
)
_PLAIN = WORDS | VAGUE | _OPENERS


def faults(draft: Draft, facts: Facts, register: Names) -> list[str]:
    """What is wrong with a draft, in sentences; nothing where all of it stands. ``register`` holds every name that the
    register has."""
    return list(_some(_faults(draft, facts, register)))


def known_names(facts: Facts) -> Names:
    """What a report on ``facts`` may say word by word: its places, and phrases that code or the person wrote."""
    return Names((*facts.phrases, *facts.names), _PLAIN)


def register_names(names: Iterator[str]) -> Names:
    """The names of a register as they are looked for."""
    return Names(names, _PLAIN)


def _faults(draft: Draft, facts: Facts, register: Names) -> Iterator[str]:
    yield from _measured(draft)
    known = known_names(facts)
    for part in draft.parts:
        rest = without(part, known.mentions(part))
        if strange := sorted(set(rest) - _SIGNS):
            yield f"It holds the sign {strange[0]!r}; use plain letters and digits, no markup, no addresses."
        for foreign in register.mentions(rest):
            yield f"“{part[foreign.start : foreign.end][:_SHOWN]}” is a place that is not in the figures."
    for sentence in sentences(draft.parts, facts, known):
        yield from _names(sentence, facts)
        for quantity in stray_numbers(sentence, facts):
            number = sentence.text[quantity.start : quantity.end]
            why = "is no number that can be checked" if math.isnan(quantity.value) else "does not belong there"
            yield f"“{number[:_SHOWN]}” {why}, in “{sentence.text[:_SHOWN]}”."
        if _digits_beside(sentence):
            yield f"A digit in “{sentence.text[:_SHOWN]}” is part of no number."
        for word in unfounded(sentence, facts):
            yield f"“{word}” is not borne out by the figures, in “{sentence.text[:_SHOWN]}”."


def _measured(draft: Draft) -> Iterator[str]:
    if not draft.introduction.strip() or not draft.conclusion.strip() or not draft.findings:
        yield "A part of it is empty."
    if max(len(draft.introduction), len(draft.conclusion)) > LONGEST_PART:
        yield f"Introduction and conclusion have at most {LONGEST_PART} signs each."
    if len(draft.findings) > MOST_FINDINGS or any(len(one) > LONGEST_FINDING for one in draft.findings):
        yield f"There are at most {MOST_FINDINGS} findings of at most {LONGEST_FINDING} signs each."


def _names(sentence: Sentence, facts: Facts) -> Iterator[str]:
    """Large words that are no name of the answer's and begin no sentence."""
    ours = facts.ordinary
    for word in sentence.words:
        begins = not sentence.rest[: word.start].strip(" \n\"“‘'(")
        if word.capital and not (begins and (word.text in _OPENERS or word.text in ours)):
            yield f"“{sentence.text[word.start : word.end]}” is a name that is not in the figures."


def _digits_beside(sentence: Sentence) -> bool:
    inside = sum(sum(sign.isdigit() for sign in sentence.rest[one.start : one.end]) for one in sentence.quantities)
    return inside != sum(sign.isdigit() for sign in sentence.rest)


def unknown_numbers(draft: Draft, facts: Facts) -> list[str]:
    """The numbers of a draft that are none of the answer's at all, wherever they stand."""
    known = known_names(facts)
    all_measures = [facts.overall, *(spot.measures for spots in facts.spots.values() for spot in spots)]
    return [
        part[quantity.start : quantity.end]
        for part in draft.parts
        for quantity in quantities(without(part, known.mentions(part)))
        if not any(is_figure(quantity, measures) for measures in all_measures)
    ]


def _some(found: Iterator[str]) -> Iterator[str]:
    """The first ones, each once: they go to who wrote it, and into the log."""
    said: set[str] = set()
    for one in found:
        if one not in said:
            said.add(one)
            yield one
        if len(said) == MOST_FAULTS:
            return
