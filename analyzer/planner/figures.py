"""What figures are: an aggregate over a grouping; and the words for groupings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.plan import Aggregate, GroupBy
from analyzer.planner.phrase import Phrase
from analyzer.planner.vocabulary import GROUP_NOUNS

NOUNS = {GroupBy(name): "(?:" + "|".join(words.split()) + ")" for name, words in GROUP_NOUNS.items()}

ANY_NOUN = "(?:" + "|".join(NOUNS.values()) + ")"

MOST = (
    r"(?:the )?(?:most|more (?:number|no|nos)(?= of)(?!.* than\b)|highest|max|maximum|greatest|largest|biggest|"
    r"busiest|busier|"
    rf"peak|worst|longest|heaviest|densest|fullest|top(?! floors?\b)(?= {ANY_NOUN}\b| one\b|$| \|))"
)

LEAST = r"(?:the )?(?:least|fewest|lowest|minimum|min|smallest|quietest|quieter|emptiest|calmest|slackest|lightest)"

NUMBER_OF = (
    r"(?: (?:average |mean )?(?:number|no|count|counts|amount|volume|total|share|density|concentration)(?: of)?)?"
    r"(?: of)?"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """``aggregate`` is ``None`` where the question names none. ``places`` says that places (cameras, pictures) are
    what is asked for ("which locations ..."); ``counted`` that they are counted ("how many locations ...")."""

    aggregate: Aggregate | None = None
    group_by: GroupBy | None = None
    limit: int | None = None
    lowest: bool = False
    peak: bool = False
    busiest: bool = False
    average: bool = False
    places: bool = False
    counted: bool = False
    one: bool = False
    anywhere: bool = False
    described: bool = False


def group_of(noun: str) -> GroupBy:
    """What a noun groups by."""
    return next(group for group, words in NOUNS.items() if re.fullmatch(words, noun))


_EACH = (
    r"(?:each|every|each and every|every single|per|individual|the respective|all the different|"
    r"the different|each of the|all of the different)"
)


def take_group(phrase: Phrase) -> GroupBy | None:
    patterns = (
        rf"(?<!going )\b(?:(?:in|at|for|on|from|of|by|across|to|within|during|over|with|near) )*{_EACH} (?:single |"
        r"of the |one of the )?(?:(?!(?:of|the|and|to|in|at|with|other)\b)[a-z]+ (?=(?:stations?|stops?|"
        r"stands?|shops?|stores?|gates?|junctions?|roads?|streets?|entrances?|exits?|markets?|points?|"
        rf"counters?|signals?)\b))?(?P<n>{ANY_NOUN})(?! (?:to|of the road))\b(?: separately| individually)?",
        rf"\b(?P<n>{ANY_NOUN})[ -]?(?:wise|by (?P=n))\b(?: basis)?",
        r"\b(?:group(?:ed)?|split|broken down|break(?: it| that| this| them)? down|breakdown|sorted|"
        r"segregated|arranged?|organi[sz]ed?|listed|aggregated?|summari[sz]ed|separated|divided|categori[sz]ed|"
        r"categorised) (?:it |that |this |them )?(?:up )?(?:by|per|for|across|into|on) (?:the )?"
        rf"(?P<n>{ANY_NOUN})\b",
        r"\b(?:by|per|across|over|among|between|for all|at all|in all|from all|across all)(?: (?:the|all|"
        r"different|various|our|my|these|those|their))* (?P<n>districts?|locations?|cameras?|hours?|days?|city|"
        r"cities|towns?|states?|"
        r"provinces?|"
        r"junctions?|images?|pictures?|places|sites?|stations?|shops?|stores?|branches|branch|mandals?|areas|"
        r"regions?|intersections?|streets|zones?|county|counties|feeds?)\b(?! (?:side|of))(?= ?[|,]|$| (?:in|at|"
        r"from|for|on|yesterday|please|the (?:number|count|total)|how many|number of|count of)\b|$)",
        r"\b(?P<h>hourly|every hour|hour of (?:the )?day|time of (?:the )?day)\b(?! rates?)",
        r"\b(?P<d>daily|every day|day by day|day to day|date wise|datewise)\b(?! needs)",
        r"\bat (?:each|every)(?: single)? (?!time|moment|turn|stage|step|end|side|cost|other|one\b)(?P<s>[a-z]+)\b",
        r"\b(?P<s>separately|individually)\b",
    )
    for pattern in patterns:
        found = phrase.take(pattern)
        if found is None:
            continue
        if "(?P<h>" in pattern:
            return GroupBy.HOUR
        if "(?P<d>" in pattern:
            return GroupBy.DAY
        if "(?P<s>" in pattern:
            return GroupBy.LOCATION
        return group_of(found["n"])
    return None


def asked_noun(phrase: Phrase) -> GroupBy | None:
    """ "cars are highest in which district"."""
    found = phrase.take(
        rf"\b(?:(?:in|at|on|for|from) )?(?:which|what) (?P<n>{ANY_NOUN})\b(?: (?:have|has|had|with|are|is|show|"
        r"shows|see|sees))*"
    )
    return group_of(found["n"]) if found else None
