"""What figures are wanted of many pictures: aggregate, grouping and limit, taken out of the question's text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.plan import Aggregate, GroupBy
from analyzer.planner.phrase import NUMBER, PLACE, Phrase, number
from analyzer.planner.vocabulary import GROUP_NOUNS, VAGUE_PLACES

NOUNS = {GroupBy(name): "(?:" + "|".join(words.split()) + ")" for name, words in GROUP_NOUNS.items()}
ANY_NOUN = "(?:" + "|".join(NOUNS.values()) + ")"
_CROWDED = r"(?:most |least )?(?:crowded|busy|congested|affected|populated|popular)"
MOST = r"(?:the )?(?:most|highest|max|maximum|greatest|largest|biggest|busiest|peak|worst|longest|heaviest|densest|top)"
LEAST = r"(?:the )?(?:least|fewest|lowest|minimum|min|smallest|quietest|emptiest|calmest|slackest|lightest)"
_NUMBER_OF = r"(?: (?:number|no|count|counts|amount|volume|total|share|density|concentration)(?: of)?)?(?: of)?"


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


def take_figures(phrase: Phrase) -> Figures:
    """Aggregate, grouping and limit of the question; what is left are what is looked for and the asking words."""
    for rule in (_take_trend, _take_compare, _take_share, _take_rank, _take_extreme, _take_each, _take_plain):
        figures = rule(phrase)
        if figures is not None:
            return figures
    return Figures()


def group_of(noun: str) -> GroupBy:
    """What a noun groups by."""
    return next(group for group, words in NOUNS.items() if re.fullmatch(words, noun))


def _group(phrase: Phrase) -> GroupBy | None:
    """ "by district", "at each location", "district wise", "hourly": taken out where it stands beside an aggregate."""
    found = _take_group_phrase(phrase)
    return found


_EACH = r"(?:each|every|each and every|every single|per|individual|the respective|all the different|the different|each of the|all of the different)"
_ADJECTIVE = r"(?:(?!and\b)[a-z]+ )?"


def _take_group_phrase(phrase: Phrase) -> GroupBy | None:
    patterns = (
        rf"\b(?:(?:in|at|for|on|from|of|by|across|to|within|during|over|with|near) )*{_EACH} (?:single |of the |one of the )?(?:(?!(?:of|the|and|to|in|at|with|other)\b)[a-z]+ (?=(?:stations?|stops?|stands?|shops?|stores?|gates?|junctions?|roads?|streets?|entrances?|exits?|markets?|points?|counters?|signals?)\b))?(?P<n>{ANY_NOUN})(?! (?:to|of the road))\b(?: separately| individually)?",
        rf"\b(?P<n>{ANY_NOUN})[ -]?(?:wise|by (?P=n))\b(?: basis)?",
        rf"\b(?:group(?:ed)?|split|broken down|break(?: it| that| this| them)? down|breakdown|sorted|segregated|arranged|listed|aggregated?|summari[sz]ed|separated|divided|categori[sz]ed|categorised) (?:it |that |this |them )?(?:up )?(?:by|per|for|across|into|on) (?:the )?(?P<n>{ANY_NOUN})\b",
        rf"\b(?:by|per|across|over|among|between|for all|at all|in all|from all|across all)(?: (?:the|all|different|various|our|my|these|those|their))* (?P<n>districts?|locations?|cameras?|hours?|days?|junctions?|images?|pictures?|places|sites?|stations?|shops?|stores?|branches|branch|mandals?|areas|regions?|intersections?|streets|zones?|county|counties|feeds?)\b(?! (?:side|of))(?= \||$| (?:in|at|from|for|on|yesterday|please)\b|$)",
        r"\b(?P<h>hourly|every hour|hour of (?:the )?day|time of (?:the )?day)\b(?! rates?)",
        r"\b(?P<d>daily|every day|day by day|day to day|date wise|datewise)\b(?! needs)",
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


_MORE_THAN_BEFORE = rf"\b(?:(?:is|are|was|were) (?:that|this|it|there|they) )?(?:more|less|fewer|higher|lower|better|worse|busier|quieter) than (?=\||{PLACE})"


def _take_compare(phrase: Phrase) -> Figures | None:
    p = rf"{PLACE}\d+"
    versus = phrase.search(rf"{p} (?:vs|versus|against|compared (?:to|with)|v) {p}")
    if phrase.take(_MORE_THAN_BEFORE) is not None:
        return Figures(Aggregate.COMPARE, _group(phrase))
    found = phrase.take(
        r"\b(?:(?:draw |make |give |show )?(?:me )?(?:an? |the )?(?:comparison|difference)(?: (?:of|in|between|for))*|compare|comparing|contrast|how (?:do|does|did) (?=.* compare\b))\b(?: the)?"
    )
    if found is None and versus is None:
        if not phrase.search(r"\b(?:yesterday|today)\b") and phrase.take(
            r"\| (?:vs|versus|compared (?:to|with)|against) \|"
        ):
            return Figures(Aggregate.COMPARE)
        return None
    phrase.take(r"\bcompare\b")
    phrase.text = re.sub(
        rf"({p}|\|) (?:vs|versus|against|compared (?:to|with)|v|with|to) (?={p}|\|)", r"\1 and ", phrase.text
    )
    group = _group(phrase)
    if group is None:
        noun = phrase.take(
            rf"\b(?:the )?(?P<n>districts|locations|cameras|junctions|places|areas|hours|days|shops|stores|branches|sites)\b(?= (?:by|for|on|in terms)|$)"
        )
        group = group_of(noun["n"]) if noun else None
    return Figures(Aggregate.COMPARE, group)


def _take_trend(phrase: Phrase) -> Figures | None:
    """ "how has the number of cars changed", "trend over the day"."""
    change = r"(?:chang(?:e|ed|es|ing)|var(?:y|ies|ied)|evolved?|fluctuated?|developed?)"
    found = phrase.search(rf"\bhow (?:has|have|had|did|does|do)\b.*\b{change}\b")
    trend = phrase.take(
        r"\b(?:the )?trends?(?: (?:of|in|for))?\b(?P<t> (?:over|through|throughout|during) the (?:day|week|month))?"
    )
    if found is None and trend is None:
        return None
    phrase.take(r"^how (?:has|have|had|did|does|do)\b", leave="")
    span = phrase.take(rf"\b(?:{change})\b(?P<t> (?:over|through|throughout|during) the (?:day|week|month))?")
    said = " ".join(each["t"] or "" for each in (trend, span) if each is not None)
    group = _group(phrase)
    return Figures(Aggregate.EACH, group or (GroupBy.HOUR if "day" in said else GroupBy.DAY))


def _take_share(phrase: Phrase) -> Figures | None:
    found = phrase.take(
        rf"\b(?:what(?:'s| is| are)? |which |how (?:big|large|high) (?:is |are )?)?(?:the |an? |in )?(?:percentage|percent|proportion|portion|fraction|share|ratio|%|per cent|part)(?: share)? (?:of|for) (?:all |the |our |these |those |my )*(?P<n>{ANY_NOUN})?(?: (?:that|which|where))?(?: (?:have|has|had|show|shows|showed|showing|with|are|is|were|having|contain|see))?\b"
    )
    if found is not None:
        group = group_of(found["n"]) if found["n"] else _group(phrase)
        return Figures(Aggregate.SHARE, group, places=bool(found["n"]), one=not found["n"])
    found = phrase.take(
        r"\b(?:(?:what|which) )?(?:is |as |in |the |an? )*(?:percentage|percentages|percent|proportion|fraction|%|(?<=what )share|(?<=the )share)(?: (?:is|are|was))?(?= |$)(?! (?:auto|taxi|cab))(?: (?:that|this|it|those|they|is))*"
    )
    if found is not None:
        return Figures(Aggregate.SHARE, _group(phrase))
    return None


_ORDINALS = {"second": 2, "2nd": 2, "next": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
_ORDINAL = (
    rf"\b(?:(?:which|what|who)(?: one)?(?: is| are| was| has| comes| came)* )?(?:the )?(?P<o>{'|'.join(_ORDINALS)})[ -]?"
    rf"(?P<m>{MOST}|{LEAST})(?: (?:crowded|busy|congested))?"
)


def _take_rank(phrase: Phrase) -> Figures | None:
    if (ordinal := phrase.take(_ORDINAL)) is not None:
        lowest = bool(re.search(LEAST, ordinal["m"]))
        return Figures(Aggregate.RANK, _group(phrase), _ORDINALS[ordinal["o"]], lowest)
    n = rf"(?P<c>{NUMBER})"
    adjective = (
        r"(?:worst|best|busiest|most crowded|most congested|most affected|crowded|busy|highest|quietest|lowest|main)"
    )
    patterns = (
        rf"\b(?:(?:which|what|show|list|give|name|find|get)(?: me| us)?(?: are| is)? )?(?:the )?(?P<dir>top|bottom|first|last|highest|lowest|worst|best|busiest|quietest|least busy|most crowded|least crowded|emptiest|most congested)[ -]{n}(?: {adjective})?(?: (?P<g>{ANY_NOUN}))?\b(?: (?:by|with|for|in|in terms of|on|according to|based on|having|ranked by|sorted by)(?= \w))?(?: {MOST}| {LEAST})?{_NUMBER_OF}(?: of)?",
        rf"\b(?:(?:which|what|show|list|give|name|find|get)(?: me| us)?(?: are| is)? )?(?:the )?{n} (?:(?P<dir>busiest|worst|quietest|emptiest|most (?:crowded|congested|affected|busy)|least (?:crowded|congested|busy)|highest|lowest|top|bottom))(?: (?P<g>{ANY_NOUN}))?\b(?: (?:by|with|for|in terms of|on|according to)(?= \w))?{_NUMBER_OF}",
        rf"\b(?:which|what|show|list|name|find|the|give)(?: me)?(?: are| is)?(?: the)? {n} (?P<g>{ANY_NOUN})(?: (?:that|which))? (?:with|have|has|had|having|see|show|record)(?: the)? (?P<dir>most|highest|least|fewest|lowest|maximum|max|minimum|largest|biggest|greatest){_NUMBER_OF}",
        rf"\b(?P<dir>top|bottom) (?P<g>{ANY_NOUN})\b(?: (?:by|with|for|in terms of|on)(?= \w))?{_NUMBER_OF}(?P<c>)",
        rf"\b(?:rank|ranking of|order|sort|arrange|list)(?: (?:them|it|those|these|me|all|the|of))*(?: (?P<g>{ANY_NOUN}))?(?: (?:by|in|from|in order of|according to|on|based on|for)|(?= (?:desc|asc|high|low|big|small)))(?: the)?(?: (?:descending|ascending|decreasing|increasing|high(?:est)? to low(?:est)?|low(?:est)? to high(?:est)?|(?P<dir>least|lowest)|most|highest|order))*(?: (?:order|first))?{_NUMBER_OF}(?: (?:count|counts|number|figure|figures))?(?P<c>)",
        rf"\b(?:in )?(?:descending|ascending|decreasing|ranked|ranking)(?: order)?\b(?: (?:of|by))?{_NUMBER_OF}(?P<c>)(?P<g>)(?P<dir>)",
        rf"^(?:please |now )?(?:rank|sort)(?: (?:them|it|those|these|that|all|the))*(?: (?P<g>{ANY_NOUN}))?(?P<c>)(?P<dir>)(?= |$)",
    )
    for pattern in patterns:
        found = phrase.take(pattern)
        if found is None:
            continue
        group = group_of(found["g"]) if found["g"] else _group(phrase)
        direction = found["dir"] or ""
        lowest = bool(re.search(r"bottom|low|quiet|least|few|min|empt|last", direction)) or bool(
            re.search(r"\bascending|low(?:est)? to", found[0])
        )
        peak = "busiest" in found[0]
        limit = int(number(found["c"])) if found["c"] else None
        busy = bool(re.search(r"busy|busiest|crowded|quiet|congested|empt", found[0]))
        return Figures(Aggregate.RANK, group, limit, lowest and "descending" not in found[0], peak, busy)
    return None


def _take_extreme(phrase: Phrase) -> Figures | None:
    """ "which district has the most cars", "busiest hour", "where is the least traffic"."""
    phrase.hold((r"\bmost of (?:the )?\w+", r"\b(?:at|the) top of\b", r"\bon top\b"))
    verbs = r"(?: (?:has|have|had|shows?|sees?|saw|gets?|got|records?|recorded|with|is|are|was|were|having|contains?|do|does|did|with the|being))*"
    for aggregate, words in ((Aggregate.MOST, MOST), (Aggregate.LEAST, LEAST)):
        for pattern in (
            rf"\b(?:(?:(?:at |around )?(?:when|what time)|which|what|at which|in which|at what|on which|on what|whichever|name|find|show|identify|tell me|is|are|was)(?: is| are| was| me)* )?(?:the )?(?:single )?(?P<n>{ANY_NOUN}|ones?)(?: of (?:the )?(?:day|week))?(?: (?:that|which|where))?{verbs} (?:there )?{words}(?! of the)(?: (?:busy|crowded|congested|affected|popular|populated))?{_NUMBER_OF}\b",
            rf"\b(?:(?:which|what|at which|at what|name|find|show|identify)(?: is| are| was| were| me)* )?{words}(?: (?:busy|crowded|congested|affected|popular|populated))? (?P<n>{ANY_NOUN}|one)\b(?: of (?:the )?(?:day|week|month|year))?(?: (?:for|by|with|in terms of|of))?(?: the)?{_NUMBER_OF}",
            rf"\b(?P<n>where|when){verbs}(?: there)? {words}(?: (?:busy|crowded|congested))?{_NUMBER_OF}\b",
            rf"\b(?:who|which|what)(?: one)?{verbs} {words}(?: (?:busy|crowded|congested))?{_NUMBER_OF}\b(?P<n>)",
            rf"\b(?:{words})(?! of the\b)(?: (?:busy|crowded|congested))?{_NUMBER_OF}(?P<n>)(?: ever| recorded| seen)*(?= |$)",
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
        by = _group(phrase) or _asked_noun(phrase)
    busy = bool(re.search(r"busy|busiest|crowded|quiet|congested|empt|populated|calm", found[0]))
    peak = bool(re.search(r"peak|max|busiest", found[0]))
    return Figures(aggregate, by, peak=peak, busiest=busy, lowest=aggregate is Aggregate.LEAST, one=not noun)


def _asked_noun(phrase: Phrase) -> GroupBy | None:
    """ "cars are highest in which district"."""
    found = phrase.take(
        rf"\b(?:(?:in|at|on|for|from) )?(?:which|what) (?P<n>{ANY_NOUN})\b(?: (?:have|has|had|with|are|is|show|shows|see|sees))*"
    )
    return group_of(found["n"]) if found else None


def _take_each(phrase: Phrase) -> Figures | None:
    average = phrase.take(_AVERAGE)
    if average is not None:
        phrase.take_all(_AVERAGE)
    total = phrase.take(_TOTAL) if average is None else None
    group = _group(phrase) or (_asked_noun(phrase) if average or total else None)
    if average is not None:
        return Figures(Aggregate.AVERAGE, group, average=True)
    if group is not None:
        return Figures(Aggregate.EACH, group)
    return Figures(Aggregate.TOTAL) if total is not None else None


_AVERAGE = r"\b(?:what(?:'s| is| was) )?(?:on )?(?:the |an )?(?:average|averages|mean|typically|typical|usually|on an average)(?! (?:sized?|looking|height))(?: (?:number|count|figure|value)s?)?(?: of)?\b"
_TOTAL = r"\b(?:what(?:'s| is| was) )?(?:(?:in|the|a|an|and the) )?(?:grand |overall |combined |over all )?(?:total|totals|sum|overall|altogether|all together|in all|all in all|combined|sum total|all told)(?! (?:stations?|gas|darkness|chaos|mess|blackout|silence|disarray|disrepair))(?: (?:number|count|figure|no)s?)?(?: of)?(?=$| )"


def _take_plain(phrase: Phrase) -> Figures | None:
    """Places, cameras or pictures asked for: "which locations have ...", "how many cameras show ..."."""
    verbs = r"(?:have|has|had|having|show|shows|showed|showing|with|contain|contains|containing|where|that|which|see|sees|saw|are|is|were|was|got|get|report|record|in which|at which|do|did|does|need|needs|suffer|featuring|lack|may|might|could|can|would|will|should|must|currently|still|also|actually|really|usually|(?:seem|appear|happen|tend)s? to|be|experiencing|witnessing|facing|don't|doesn't|of|without)"
    adjective = rf"(?:(?!(?:which|what|have|has|with|of|the|and|in|at|how|many|no|{ANY_NOUN})\b)[a-z]+ )"
    found = phrase.take(
        rf"\b(?:how many|number of|count(?: of)?(?: the)?|no of|total)(?: (?:of the|of our|the|different|distinct|other|of these|of those|of your))* (?P<n>{ANY_NOUN})(?: (?:is|are) (?:there )?)?(?: (?:with|that|which|where|have|has|had|having|show|shows|showing|see|contain|in which|at which|are|is|were|can (?:you|we|i) see|can be seen|do (?:you|we) see|there|did))+(?= \w)",
    )
    if found is not None:
        return Figures(Aggregate.TOTAL, group_of(found["n"]), places=True, counted=True)
    if (
        phrase.take(
            r"^(?:at |around )?(?:when|what times?|what hours?)\b(?: (?:is|are|was|were|do|does|did|there|can|has|have|had))*"
        )
        is not None
    ):
        return Figures(None, GroupBy.HOUR, places=True)
    for pattern in (
        rf"\b(?:in |at |on |from |to |through |for )?(?:which|what|whichever|any|list(?: of)?|all|find|identify|show|locate|spot|detect|give|tell|get|name|see|search|display|check|bring|pull|fetch|highlight|map|pick|flag|report|mark|only|filter)(?: (?:me|us|out|up|for|all|any|every|the|of|other|those|these|that|such|down|in|on|some|our|my|which|what))*(?: (?P<adj>{adjective}))? ?(?P<n>{ANY_NOUN})(?P<v>(?: {verbs})+)?(?=$| )(?! (?:lights?|signs?|lamps?|users?|names?|works?|side|sides|number|boards?|surface|markings?|rage|blocks?|layout|vendors?|hawkers?|dogs?|animals?|parking|food|sellers?|performers|bus|attendants?|doors?|conditions?|cracks?|divider|workers|violations?|accidents?|jumping))",
        rf"^(?:the |all |any |those |our )?(?P<adj>{adjective})?(?P<n>{ANY_NOUN})(?P<v>(?: {verbs})+)(?= |$)",
        rf"^(?:(?:show|find|list|identify|locate|give|get|detect|spot|map|see|mark|highlight|all|any|the|me|us|which are|what are|where are) )*(?P<adj>(?:(?!(?:in|at|on|of|with|for|and|to|by|from|how|many|number|is|are|{ANY_NOUN})\b)[a-z-]+ ){{1,3}})(?P<n>{VAGUE_PLACES}|hotspots)(?P<v>)(?= \\||$| {PLACE}| in | on | at )",
        rf"\b(?P<adj>)(?P<n>where|anywhere|everywhere)(?P<v>(?: (?:can i see|can i find|can you see|do you see|do we have|are there|is there|did we see|has there been|are|is|were|was|have|there))*)(?=$| )",
        rf"\b(?:on|in|at|from|by) (?:any|any of the|some|all|all of the|all the|the) (?P<adj>)(?P<n>images?|pictures?|photos?|frames?|cameras?|cams?|locations?|places?|junctions?|sites?|shops?|stores?|stations?|feeds?|intersections?|branches)(?P<v>)(?=$| \|)",
    ):
        found = phrase.search(pattern)
        if found is None or (
            found["n"] in ("day", "days", "hour", "hours", "date", "point", "state") and not found["v"]
        ):
            continue
        return _places_asked(phrase, found)
    return None


def _places_asked(phrase: Phrase, found: re.Match[str]) -> Figures | None:
    """The asking words go; a telling adjective stays, with its noun where that tells something ("dark streets")."""
    adjective, noun = (found["adj"] or "").strip(), found["n"]
    rest = phrase.text[found.end() :].strip(" |")
    telling = bool(rest) and not re.match(rf"(?:{PLACE}\d+|in|at|near|on)(?: |$)", rest)
    vague = re.fullmatch(VAGUE_PLACES + "|where|anywhere|everywhere", noun) or group_of(noun) is not GroupBy.LOCATION
    keep = ""
    if adjective in ("the", "all", "any", "other"):
        adjective = ""
    if adjective:
        keep = adjective if vague or telling else f"{adjective} {noun}"
    elif not vague and not found["v"] and not telling and not re.search(r"\b(?:which|what)\b", found[0]):
        return None  # "find shops": the shops themselves are looked for
    elif not vague and found["v"] and re.search(r"\b(?:are|is|were|was)$", found["v"]) and rest:
        match = re.match(r"(?:(?:currently|still|very|too|most|badly|heavily|all|not|being) )*[a-z-]+", rest)
        if (
            match
            and " | " not in match[0]
            and re.fullmatch(
                r"[a-z-]+", rest.split(" |")[0].split(f" {PLACE}")[0].removesuffix(" in").removesuffix(" at")
            )
        ):
            keep = ""
    if "without" in (found["v"] or ""):
        keep = f"{keep} without".strip()
    phrase.text = " ".join(f"{phrase.text[: found.start()]} | {keep} {phrase.text[found.end() :]}".split())
    return Figures(
        None,
        group_of(noun),
        places=True,
        anywhere=not found["v"] and "any" in found[0] + noun,
        described=bool(re.search(r" (?:are|is|was|were)$", found["v"] or "")),
    )
