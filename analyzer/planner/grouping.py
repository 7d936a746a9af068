"""What figures are wanted of many pictures: aggregate, grouping and limit, taken out of the question's text."""

from __future__ import annotations

import re

from analyzer.plan import Aggregate, GroupBy
from analyzer.planner.extremes import take_compare, take_extreme, take_peak, take_rank, take_share, take_trend
from analyzer.planner.figures import ANY_NOUN, Figures, asked_noun, group_of, take_group
from analyzer.planner.phrase import PLACE, Phrase
from analyzer.planner.vocabulary import VAGUE_PLACES


def take_figures(phrase: Phrase) -> Figures:
    """Aggregate, grouping and limit of the question; what is left are what is looked for and the asking words."""
    for rule in (
        _take_how_many_places,
        take_trend,
        take_compare,
        take_share,
        take_rank,
        take_peak,
        take_extreme,
        _take_each,
        _take_plain,
    ):
        figures = rule(phrase)
        if figures is not None:
            return figures
    return Figures()


_AVERAGE = (
    r"\b(?:what(?:'s| is| was) )?(?:on )?(?:the |an )?(?:average|averages|mean|typically|typical|usually|"
    r"on an average)(?![ -](?:sized?|looking|height|built))(?: (?:number|count|figure|value)s?)?(?: of)?\b"
)

_TOTAL = (
    r"\b(?:what(?:'s| is| was) )?(?:(?:in|the|a|an|and the) )?(?:grand |overall |combined |over all )?"
    r"(?:total|totals|sum|overall|altogether|all together|in all|all in all|combined|sum total|"
    r"all told|add(?:ed)?(?: (?:them|it|those|these|all|everything))* (?:up|together)|(?:both|all|taken|put|added) "
    r"together|(?<=\| )together(?= \||$))(?! (?:stations?|gas|darkness|chaos|"
    r"mess|blackout|silence|disarray|disrepair))(?: (?:number|count|figure|no)s?)?(?: of)?(?=$| )"
)


def _take_how_many_places(phrase: Phrase) -> Figures | None:
    """ "how many locations in all": of what was found before."""
    found = phrase.take(
        rf"^(?:\| )*(?:how many|number of) (?P<n>{ANY_NOUN})(?: (?:is|are|was|were) (?:that|this|those|there|it))?"
        r"(?: \|)*(?: (?:in (?:all|total)|altogether|all together|overall|total))(?: \|)*$"
    )
    return Figures(Aggregate.TOTAL, group_of(found["n"]), places=True, counted=True) if found else None


def _take_each(phrase: Phrase) -> Figures | None:
    average = phrase.take(_AVERAGE)
    if average is not None:
        phrase.take_all(_AVERAGE)
    total = phrase.take(_TOTAL) if average is None else None
    if total is not None:
        phrase.take_all(_TOTAL)
        # "in total across all cameras" says over what, not for each of them
        phrase.take(rf"\b(?:across|over|in|from|at|on|for) all(?: of)?(?: the| our| my)? {ANY_NOUN}\b")
    group = take_group(phrase) or (asked_noun(phrase) if average or total else None)
    if average is not None:
        return Figures(Aggregate.AVERAGE, group, average=True)
    if group is not None:
        return Figures(Aggregate.EACH, group)
    if total is None and phrase.take(r"(?<=\S )each(?= ?\||$)") is not None:
        return Figures(Aggregate.EACH)  # "at A and B each": of whatever was named
    return Figures(Aggregate.TOTAL) if total is not None else None


# "Street lights not working locations": where there are such. A waiting area is a thing itself.
_THINGS_PLACES = (
    r"(?<=[a-z] )(?<!\bin )(?<!\bat )(?<!\bon )(?<!\ball )(?<!\bthe )(?<!\bof )(?<!\bmany )(?<!\bother )(?<!\bmore )"
    r"(?<!\band )(?<!\bor )(?<!parking )(?<!waiting )(?<!seating )(?:locations|places|areas|junctions)(?= ?\||$)"
)


def _take_said_outright(phrase: Phrase) -> Figures | None:
    """ "How many cameras show ...", "how many times did ...", "..., list the stations", "when ..."."""
    found = phrase.take(
        r"\b(?:how many|number of|count(?: of)?(?: the)?|no of|total)(?: (?:of the|of our|the|different|"
        rf"distinct|other|of these|of those|of your))* (?P<n>{ANY_NOUN})(?: \|(?! *$))?(?: (?:is|are) (?:there )?)?"
        r"(?:(?= \|$)|"
        r"(?: (?:with|that|which|where|have|has|had|having|show|shows|showing|see|contain|in which|at which|"
        r"are|is|were|can (?:you|we|i) see|can be seen|do (?:you|we) see|there|did))+(?= [\w|]))",
    )
    if found is not None:
        return Figures(Aggregate.TOTAL, group_of(found["n"]), places=True, counted=True)
    if phrase.take(r"^(?:\| )*how many times(?: (?:did|do|does|has|have|had|is|are|was|were|there))*(?= [a-z])"):
        return Figures(Aggregate.TOTAL, GroupBy.IMAGE, places=True, counted=True)
    # "Graffiti on trains, list the stations": a thing first, then of what.
    found = phrase.take(
        rf"(?<=[a-z]) ?[,|] ?(?:list|name|show|give|which)(?: (?:me|us|all|the|of))* (?P<n>{ANY_NOUN})(?= ?\||$)"
    )
    if found is not None:
        return Figures(None, group_of(found["n"]), places=True)
    if (
        phrase.take(
            r"^(?:at |around |since )?(?:when|what times?|what hours?)\b(?: (?:is|are|was|were|do|does|did|there|can|"
            r"has|have|had))*"
        )
        is not None
    ):
        return Figures(None, GroupBy.HOUR, places=True)
    return None


def _take_plain(phrase: Phrase) -> Figures | None:
    """Places, cameras or pictures asked for: "which locations have ..."."""
    verbs = (
        r"(?:have|has|had|having|show|shows|showed|showing|with|contain|contains|containing|where|that|which|"
        r"see|sees|saw|are|is|were|was|got|get|report|record|in which|at which|do|did|does|need|needs|suffer|"
        r"featuring|lack|may|might|could|can|would|will|should|must|currently|still|also|actually|really|"
        r"usually|(?:seem|appear|happen|tend)s? to|be|experiencing|witnessing|facing|don't|doesn't|of|"
        r"without)"
    )
    adjective = rf"(?:(?!(?:which|what|have|has|with|of|the|and|in|at|how|many|no|{ANY_NOUN})\b)[a-z]+ )"
    if (figures := _take_said_outright(phrase)) is not None:
        return figures
    for pattern in (
        r"\b(?:in |at |on |from |to |through |for )?(?:which|what|whichever|any|list(?: of)?|all|find|"
        r"identify|show|locate|spot|detect|give|tell|get|name|see|search|display|check|bring|pull|fetch|"
        r"highlight|map|pick|flag|report|mark|only|filter)(?: (?:me|us|out|up|for|all|any|every|the|of|other|"
        rf"those|these|that|such|down|in|on|some|our|my|which|what))*(?: (?P<adj>{adjective}))?"
        rf" ?(?P<n>{ANY_NOUN})(?P<v>(?: {verbs})+)?(?=$| )(?(v)|(?! (?:lights?|signs?|lamps?|users?|names?|works?|"
        r"side|sides|number|boards?|surface|markings?|rage|blocks?|layout|vendors?|hawkers?|dogs?|animals?|"
        r"parking|food|sellers?|performers|bus|attendants?|doors?|conditions?|cracks?|divider|workers|"
        r"violations?|accidents?|jumping)))",
        rf"^(?:the |all |any |those |our )?(?P<adj>{adjective})?(?P<n>{ANY_NOUN})(?P<v>(?: {verbs})+)(?= |$)",
        r"^(?:(?:show|find|list|identify|locate|give|get|detect|spot|map|see|mark|highlight|all|any|the|me|us|"
        r"which are|what are|where are) )*(?P<adj>(?:(?!(?:in|at|on|of|with|for|and|to|by|from|how|many|"
        rf"number|is|are|{ANY_NOUN})\b)[a-z-]+ ){{1,3}})(?P<n>{VAGUE_PLACES}|hotspots)(?P<v>)(?= \\||$|"
        rf" {PLACE}| in | on | at )",
        rf"^(?P<adj>(?:congested|crowded|busy|flooded|waterlogged|dark|unlit|dirty|blocked) )(?P<n>{ANY_NOUN})(?P<v>)"
        r"(?= \||$)",
        r"\b(?P<adj>)(?P<n>where|anywhere|everywhere)(?P<v>(?: (?:can i see|can i find|can you see|do you see|"
        r"do we have|are there|is there|did we see|has there been|are|is|were|was|have|there))*)(?=$| )",
        r"\b(?:on|in|at|from|by) (?:any|any of the|some|all|all of the|all the|the) (?P<adj>)(?P<n>images?|"
        r"pictures?|photos?|frames?|cameras?|cams?|locations?|places?|junctions?|sites?|shops?|stores?|"
        r"stations?|feeds?|intersections?|branches)(?P<v>)(?=$| \|)",
        rf"\b(?:on|in|at|from|by) (?:any|any of the) (?P<adj>)(?P<n>{ANY_NOUN})(?P<v>)(?=$| \|)",
    ):
        found = phrase.search(pattern)
        if found is None or (
            found["n"] in ("day", "days", "hour", "hours", "date", "point", "state") and not found["v"]
        ):
            continue
        return _places_asked(phrase, found)
    if phrase.take(_THINGS_PLACES) is not None:
        return Figures(None, GroupBy.LOCATION, places=True)
    return None


def _names_a_kind(adjective: str, noun: str) -> bool:
    """ "bus stops", "petrol stations": the word before tells what they are, and nothing that is seen there."""
    return bool(
        re.fullmatch(r"stops?|stations?|stands?|points?|counters?|halls?|gates?|stores?|shops?|markets?|rooms?", noun)
    ) and (
        " " not in adjective
        and not re.search(r"(?:ed|ing|y|est|ful|less|busy|dark|wet|full|open|quiet|unlit)$", adjective)
    )


def _places_asked(phrase: Phrase, found: re.Match[str]) -> Figures | None:
    """The asking words go; a telling adjective stays, with its noun where that tells something ("dark streets")."""
    adjective, noun = (found["adj"] or "").strip(), found["n"]
    rest = phrase.text[found.end() :].strip(" |")
    telling = bool(rest) and not re.match(rf"(?:{PLACE}\d+|in|at|near|on)(?: |$)", rest)
    vague = re.fullmatch(VAGUE_PLACES + "|where|anywhere|everywhere", noun) or group_of(noun) is not GroupBy.LOCATION
    keep = ""
    if adjective in ("the", "all", "any", "other") or (telling and found["v"] and _names_a_kind(adjective, noun)):
        adjective = ""
    if adjective:
        keep = adjective if vague or telling else f"{adjective} {noun}"
    elif not (vague or found["v"] or telling or re.search(r"\b(?:which|what)\b|^(?:on|in|at|from|by) any\b", found[0])):
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
