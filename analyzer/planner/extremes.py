"""Comparisons, trends, shares, rankings, the most and the least; taken out of the question's text."""

from __future__ import annotations

import re

from analyzer.plan import Aggregate, GroupBy
from analyzer.planner.figures import ANY_NOUN, LEAST, MOST, NUMBER_OF, Figures, asked_noun, group_of, take_group
from analyzer.planner.phrase import NUMBER, PLACE, Phrase, number

_MORE_THAN_BEFORE = (
    r"\b(?:(?:is|are|was|were) (?:that|this|it|there|they) )?(?:(?:more|less|fewer|higher|lower|busier|quieter) or "
    r")?(?:more|less|fewer|higher|lower|better|worse|"
    rf"(?P<busy>(?:any |much |a lot )?(?:busier|quieter|emptier|fuller|(?:more|less) (?:crowded|congested|busy))))"
    rf"(?: (?:is|are|was|were) (?:that|this|it|they))? than (?:(?:that|this|it|there|those)(?= \||$)|(?=\||{PLACE}))"
)


# "Were there more cars yesterday or today", where both times are taken out already.
_MORE_AT_ONE_TIME = (
    r"^(?:\| )*(?:(?:which|what) (?:day|time|one) (?:is|was|were|had|has|saw) )?"
    r"(?:(?:is|are|was|were|do|does|did|has|have|had)(?: (?:there|it|we|you|they))?(?: (?:been|have|see))? )?"
    r"(?:(?P<busy>busier|quieter|emptier|fuller|more crowded|less crowded)|more|fewer|less)(?P<t>(?: [^|]+?)?(?: \|)?)"
    r" ?\| (?:or|than|vs|versus|and) \|"
)


def take_compare(phrase: Phrase) -> Figures | None:
    p = rf"{PLACE}\d+"
    if phrase.take(r"^(?:\| )*(?:is|are|was|were) \| (?:above|below|ahead of|behind|over) \|(?= ?$)") is not None:
        return Figures(Aggregate.COMPARE)
    versus = phrase.search(rf"{p} (?:vs|versus|against|compared (?:to|with)|v) {p}")
    if (times := phrase.take(_MORE_AT_ONE_TIME, leave=r"\g<t> |")) is not None:
        return Figures(Aggregate.COMPARE, take_group(phrase), busiest=times["busy"] is not None)
    if (more := phrase.take(_MORE_THAN_BEFORE)) is not None:
        return Figures(Aggregate.COMPARE, take_group(phrase), busiest=more["busy"] is not None)
    if phrase.take(rf"\b(?:more|less|fewer) (?P<t>(?:(?!than\b)[^|\s]+ )*(?:\| )?)than (?=\||{PLACE})", leave=r"\g<t>"):
        return Figures(Aggregate.COMPARE, take_group(phrase))
    found = phrase.take(
        r"\b(?:(?:draw |make |give |show )?(?:me )?(?:an? |the )?(?:comparison|difference)(?: (?:of|in|"
        r"between|for))*\b|(?:compare|comparing|contrast)\b(?P<busy> busier)?|\bcompared(?= \||$)|how (?:do|does|"
        r"did)\b(?=.* compare\b))(?: the)?"
    )
    if found is None and versus is None:
        if not phrase.search(r"\b(?:yesterday|today)\b") and phrase.take(
            r"(?:^|\| )(?:vs|versus|compared (?:to|with)|against) \|"
        ):
            return Figures(Aggregate.COMPARE)
        return None
    phrase.take(r"\bcompare\b")
    phrase.text = re.sub(
        rf"({p}|\|) (?:vs|versus|against|compared (?:to|with)|v|with|to) (?={p}|\|)", r"\1 and ", phrase.text
    )
    group = take_group(phrase)
    if group is None:
        noun = phrase.take(
            rf"\b(?:(?:the|both|all|these|those) )*(?P<n>{ANY_NOUN}(?<=s)|cities)\b(?= (?:by|for|on|in terms|\|)|$)"
        )
        group = group_of(noun["n"]) if noun else None
    return Figures(Aggregate.COMPARE, group, busiest=found is not None and found["busy"] is not None)


# By name: "getting water" and "going down stairs" are no comparatives.
MORE_SO = (
    r"(?:more|less|worse|better|busier|quieter|calmer|fuller|emptier|longer|shorter|bigger|larger|smaller|higher|lower|"
    r"heavier|lighter|slower|faster|denser|thicker|thinner|deeper|taller|wider|wetter|drier|darker|brighter|cleaner|"
    r"dirtier|warmer|colder|hotter)"
)
_GETTING_MORE = (
    r"^(?:\| )*(?:is|are|was|were) (?:it|that|this|they|these|those|things|the situation) "
    rf"(?:(?:getting|becoming|growing)(?: any| much)? {MORE_SO}(?: (?:and|or) {MORE_SO})?"
    r"(?: (?:crowded|congested|busy|people|cars|traffic|dense|dangerous))?|going (?:up|down))(?= ?\||$)"
)


def take_trend(phrase: Phrase) -> Figures | None:
    """ "how has the number of cars changed", "trend over the day"."""
    change = r"(?:chang(?:e|ed|es|ing)|var(?:y|ies|ied)|evolved?|fluctuated?|developed?)"
    found = phrase.search(rf"\bhow (?:has|have|had|did|does|do)\b.*\b{change}\b") or phrase.search(
        rf"^(?:has|have|did|does) (?:the )?(?:number|count|volume|amount)\b.*\b{change}\b"
    )
    trend = phrase.take(
        r"\b(?:the )?trends?(?: (?:of|in|for))?\b(?P<t> (?:over|through|throughout|during) the (?:day|week|month))?"
    )
    if phrase.take(_GETTING_MORE) is not None:
        return Figures(Aggregate.EACH, take_group(phrase) or GroupBy.HOUR)
    if found is None and trend is None:
        return None
    phrase.take(r"^(?:how )?(?:has|have|had|did|does|do)\b", leave="")
    span = phrase.take(rf"\b(?:{change})\b(?P<t> (?:over|through|throughout|during) the (?:day|week|month))?")
    said = " ".join(each["t"] or "" for each in (trend, span) if each is not None)
    group = take_group(phrase)
    return Figures(Aggregate.EACH, group or (GroupBy.HOUR if "day" in said else GroupBy.DAY))


def take_share(phrase: Phrase) -> Figures | None:
    # "How often are there queues": in what share of the pictures.
    if phrase.take(
        r"^(?:\| )*(?:and )?how (?:often|frequently)(?: (?:is|are|was|were|do|does|did|has|have|had|there))*"
    ):
        return Figures(Aggregate.SHARE, take_group(phrase) or GroupBy.IMAGE, places=True)
    found = phrase.take(
        r"\b(?:what(?:'s| is| are)? |which |how (?:big|large|high) (?:is |are )?)?(?:the |an? |in )?"
        r"(?:percentage|percent|proportion|portion|fraction|share|ratio|%|per cent|part)(?: share)? (?:of|"
        rf"for) (?:all |the |our |these |those |my )*(?P<n>{ANY_NOUN})?(?: (?:that|which|where))?(?: (?:have|"
        r"has|had|show|shows|showed|showing|with|are|is|were|having|contain|see))?\b"
    )
    if found is not None:
        group = group_of(found["n"]) if found["n"] else take_group(phrase)
        return Figures(Aggregate.SHARE, group, places=bool(found["n"]), one=not found["n"])
    found = phrase.take(
        r"\b(?:(?:what|which) )?(?:is |as |in |the |an? )*(?:percentage|percentages|percent|proportion|"
        r"fraction|%|(?<=what )share|(?<=the )share)(?: (?:is|are|was))?(?= |$)(?! (?:auto|taxi|"
        r"cab))(?: (?:that|this|it|those|they|is))*"
    )
    if found is None:
        found = phrase.take(
            r"^(?:\| )*(?:and )?(?:what |the )*(?:percentage|percent|proportion|share|fraction)(?= (?:with|having|"
            r"have|has|had|that|"
            r"where|\|))(?: (?:with|having|have|has|had|that|where))*"
        )
    return None if found is None else Figures(Aggregate.SHARE, take_group(phrase))


_ORDINALS = {"second": 2, "2nd": 2, "next": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}

_ORDINAL = (
    r"\b(?:(?:which|what|who)(?: one)?(?: is| are| was| has| comes| came)* )?(?:the )?"
    rf"(?P<o>{'|'.join(_ORDINALS)})[ -]?"
    rf"(?P<m>{MOST}|{LEAST})(?: (?:crowded|busy|congested))?(?: (?P<g>{ANY_NOUN})\b)?"
    rf"(?: (?:by|with|for|in terms of|of)(?= \w))?{NUMBER_OF}"
)


_COUNT = rf"(?P<c>{NUMBER})"
_ADJECTIVE = (
    r"(?:worst|best|busiest|most crowded|most congested|most affected|crowded|busy|highest|quietest|lowest|main)"
)
_RANKS = (
    r"\b(?:(?:which|what|show|list|give|name|find|get)(?: me| us)?(?: are| is)? )?(?:the )?(?P<dir>top|"
    r"bottom|first|last|highest|lowest|worst|best|busiest|quietest|least busy|most crowded|least crowded|"
    rf"emptiest|most congested)[ -]{_COUNT}(?: {_ADJECTIVE})?(?: (?P<g>{ANY_NOUN}))?\b(?: (?:by|with|for|in|"
    rf"in terms of|on|according to|based on|having|ranked by|sorted by)(?= \w))?(?: {MOST}| {LEAST})?"
    rf"{NUMBER_OF}(?: of)?",
    r"\b(?:(?:which|what|show|list|give|name|find|get)(?: me| us)?(?: are| is)? )?(?:the )?"
    rf"{_COUNT} (?:(?P<dir>busiest|worst|quietest|emptiest|most (?:crowded|congested|affected|busy)|"
    rf"least (?:crowded|congested|busy)|highest|lowest|top|bottom))(?: (?P<g>{ANY_NOUN}))?\b(?: (?:by|with|"
    rf"for|in terms of|on|according to)(?= \w))?{NUMBER_OF}",
    r"(?:^|\b(?:which|what|show|list|name|find|the|give)(?: me)?(?: are| is)?(?: the)? )"
    rf"{_COUNT} (?P<g>{ANY_NOUN})(?: (?:that|which))? (?:with|have|has|had|having|see|show|record)(?: the)?"
    rf" (?P<dir>most|highest|least|fewest|lowest|maximum|max|minimum|largest|biggest|greatest){NUMBER_OF}",
    rf"\b(?P<dir>top|bottom) (?P<g>{ANY_NOUN}(?<=s)|cities)\b(?: (?:by|with|for|in terms of|on)(?= \w)"
    rf")?{NUMBER_OF}(?P<c>)",
    r"\b(?:rank(?:ed)?|ranking of|order(?:ed)?|sort(?:ed)?|arranged?|list(?:ed)?)"
    r"(?: (?:them|it|those|these|me|all|the|of))*"
    rf"(?: (?P<g>{ANY_NOUN}))?(?: (?:by|in|from|in order of|according to|on|based on|for)|(?= (?:desc|asc|"
    r"high|low|big|small)))(?: the)?"
    r"(?: (?:most to least|best to worst|worst to best|descending|ascending|decreasing|increasing|high(?:est)?"
    r" to low(?:est)?|low(?:est)? to high(?:est)?|(?P<dir>least|lowest)|most|highest|order))*(?: (?:order|"
    rf"first))?{NUMBER_OF}(?: (?:count|counts|number|figure|figures))?(?P<c>)",
    r"\b(?:in )?(?:descending|ascending|decreasing|ranked|ranking)(?: order)?\b(?: (?:of|by))?"
    rf"{NUMBER_OF}(?P<c>)(?P<g>)(?P<dir>)",
    rf"\b(?:which|what) (?!one\b){_COUNT}(?: ones| of (?:them|those))? (?:is|are|were|have|had|has) "
    r"(?:the )?(?P<dir>busiest|emptiest|quietest|highest|lowest|worst|best|most|least|fewest)"
    rf"(?: (?:crowded|busy|congested))?(?P<g>){NUMBER_OF}(?= |$)",
    r"\b(?:(?:list|show|give|order|sort|arrange|put|rank)(?: me)?(?: (?:them|it|those|these|that|all|the))*"
    rf"(?: (?P<g>{ANY_NOUN}))?(?: by| with)? )?(?:the )?(?:(?P<dir>lowest|least|smallest|fewest|quietest|emptiest)|"
    rf"worst|highest|largest|biggest|busiest|most){NUMBER_OF} first\b(?P<c>)",
    r"^(?:\| )*(?:from )?(?:(?P<dir>lowest|smallest|fewest|least|quietest|emptiest)|highest|biggest|largest|most|"
    r"busiest|fullest) to \w+(?P<c>)(?P<g>)(?= ?\||$)",
    rf"^(?:please |now )?(?:rank|sort)(?: (?:them|it|those|these|that|all|the))*(?: (?P<g>{ANY_NOUN}))?"
    r"(?P<c>)(?P<dir>)(?= |$)",
)


def take_rank(phrase: Phrase) -> Figures | None:
    if (nth := phrase.take(
        rf"^(?:\| )*(?:which|what|who)(?: (?P<g>{ANY_NOUN}|one))? (?:is|was|comes?|came|ranks?)(?: in)?(?: the)? "
        rf"(?P<o>{'|'.join(_ORDINALS)})(?: place)?(?= ?\||$)"
    )):  # fmt: skip
        group = group_of(nth["g"]) if nth["g"] and nth["g"] != "one" else None
        return Figures(Aggregate.RANK, group, _ORDINALS[nth["o"]])
    if by := phrase.take(
        rf"^(?:\| )*(?:please |now )?(?:rank|sort|order|arrange)(?: (?:them|it|those|these))? by "
        rf"(?P<g>{ANY_NOUN})(?= ?\||$)"
    ):
        return Figures(Aggregate.RANK, group_of(by["g"]))
    if (ordinal := phrase.take(_ORDINAL)) is not None:
        lowest = bool(re.search(LEAST, ordinal["m"]))
        group = group_of(ordinal["g"]) if ordinal["g"] else take_group(phrase)
        return Figures(Aggregate.RANK, group, _ORDINALS[ordinal["o"]], lowest)
    phrase.text = re.sub(
        rf"^(?:(?:list|show|give|me|the|all|get) )*({ANY_NOUN}) (?:sorted|ranked|ordered|arranged) (?=by\b)",
        r"rank \1 ",
        phrase.text,
    )
    for pattern in _RANKS:
        if (found := phrase.search(pattern)) is None or found["c"] == "one":
            continue  # "the least busy one" is no list of one
        phrase.take(pattern)
        group = group_of(found["g"]) if found["g"] else take_group(phrase)
        direction = found["dir"] or ""
        lowest = bool(re.search(r"bottom|low|quiet|least|few|min|empt|last", direction)) or bool(
            re.search(r"\bascending|low(?:est)? to", found[0])
        )
        peak = "busiest" in found[0]
        limit = int(number(found["c"])) if found["c"] else None
        busy = bool(re.search(r"busy|busiest|crowded|quiet|congested|empt", found[0]))
        return Figures(Aggregate.RANK, group, limit, lowest and "descending" not in found[0], peak, busy)
    return None


_PEAK_OF_EACH = (
    r"\b(?:(?:what(?:'s| is| was| were)|show|give|list|tell)(?: me)? )?(?:the )?(?:peaks?|maximum|max|highest|most)"
    r"(?: (?:number|no|count|counts|value|figure|volume)s?)?(?: of(?: the)?)?(?=(?: [\w-]+){0,4} "
    rf"(?:(?:at|in|for|on|from|of) )?(?:each|every|per) {ANY_NOUN}\b)(?! (?:in|at|on) which)"
)


def take_peak(phrase: Phrase) -> Figures | None:
    """ "the peak number at each location": no single place is asked for, but the most that each of them had."""
    if phrase.search(_PEAK_OF_EACH) is None or phrase.search(rf"\b(?:which|what) {ANY_NOUN}\b|\bwhere\b"):
        return None
    phrase.take(_PEAK_OF_EACH)
    return Figures(Aggregate.EACH, take_group(phrase), peak=True)


def take_extreme(phrase: Phrase) -> Figures | None:
    """ "which district has the most cars", "busiest hour", "where is the least traffic"."""
    phrase.hold((r"\bmost of (?:the )?\w+", r"\b(?:at|the) top of\b", r"\bon top\b"))
    verbs = (
        r"(?: (?:has|have|had|shows?|sees?|saw|gets?|got|records?|recorded|with|is|are|was|were|having|"
        r"contains?|do|does|did|with the|being|c[ao]mes? out|c[ao]mes?|ranks?|stands?))*"
    )
    for aggregate, words, more in ((Aggregate.MOST, MOST, "more"), (Aggregate.LEAST, LEAST, "(?:fewer|less)")):
        for pattern in (
            rf"\b(?:which|what) (?P<n>{ANY_NOUN}|one){verbs} (?:the )?{more}(?!.*\bthan\b){NUMBER_OF}(?= )",
            r"\b(?:(?:(?:at |around )?(?:when|what time)|which|what|at which|in which|at what|on which|on what|"
            r"whichever|name|find|show|identify|tell me|is|are|was)(?: is| are| was| me)* )?(?:the )?(?:single )?"
            rf"(?P<n>{ANY_NOUN}|ones?)(?: of (?:the )?(?:day|week))?(?: (?:that|which|where))?{verbs} (?:there )?"
            rf"{words}(?! of the)(?: (?:busy|crowded|congested|affected|popular|populated))?{NUMBER_OF}\b",
            r"\b(?:(?:which|what|at which|at what|name|find|show|identify)(?: is| are| was| were| me)* )?"
            rf"{words}(?: (?:busy|crowded|congested|affected|popular|populated))? (?P<n>{ANY_NOUN}|"
            r"one)\b(?: of (?:the )?(?:day|week|month|year))?(?: (?:for|by|with|in terms of|of))?(?: the)?"
            rf"{NUMBER_OF}",
            rf"\b(?P<n>where|when){verbs}(?: there| it| they| that)?(?: at (?:its|their|the))? {words}(?: (?:busy|"
            rf"crowded|congested))?{NUMBER_OF}\b",
            rf"\b(?:who|which|what)(?: one)?{verbs} {words}(?: (?:busy|crowded|congested))?{NUMBER_OF}\b(?P<n>)",
            rf"\b(?:{words})(?! of the\b)(?: (?:busy|crowded|congested))?{NUMBER_OF}(?P<n>)(?: ever| recorded|"
            r" seen)*(?= |$)",
        ):
            found = phrase.take(pattern)
            if found is not None:
                return _extreme(phrase, found, aggregate)
    return None


def _extreme(phrase: Phrase, found: re.Match[str], aggregate: Aggregate) -> Figures:
    noun = found["n"]
    group = {"when": GroupBy.HOUR, "where": GroupBy.LOCATION, "one": None, "ones": None, "": None}.get(noun, "")
    by = group if group != "" else group_of(noun)
    phrase.take(r"^(?:of|for|by|in terms of|with|in) (?=\w)", leave="")
    if phrase.take(r"^(?:\| )*(?:at |around )?(?:when|what time|what hours?)(?: of (?:the )?day)?\b") or re.match(
        r"(?:at |around )?(?:when|what time|what hour)", found[0]
    ):
        by = GroupBy.HOUR
    if not isinstance(by, GroupBy):
        any_of = phrase.take(rf"\b(?:at|in|on|for|from) any(?: single| one)? (?P<n>{ANY_NOUN})\b")
        by = group_of(any_of["n"]) if any_of else take_group(phrase) or asked_noun(phrase)
    busy = bool(re.search(r"busy|busie|crowded|quiet|congested|empt|populated|calm", found[0]))
    peak = bool(re.search(r"peak|max|busiest", found[0]))
    return Figures(aggregate, by, peak=peak, busiest=busy, lowest=aggregate is Aggregate.LEAST, one=not noun)
