"""Thresholds in words: "more than five", "at least 3", "no X", "between 5 and 10", "5 or more"."""

from __future__ import annotations

import re

from analyzer.plan import Condition, Op
from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import GAP, JOIN, NUMBER, Phrase, number

# A number with one of these is a measure of something else: "parked for more than 10 minutes", "over 60 kmph".
_UNITS = (
    r"(?:minutes?|mins?|hours?|seconds?|secs?|days?|weeks?|months?|years?(?: old)?|yrs?|km|kms|kmph|km/h|kmh|mph|kph|"
    r"metres?|meters?|m|cm|mm|ft|feet|foot(?! traffic)|inch(?:es)?|miles?|kg|kgs|tonnes?|tons?|litres?|liters?|"
    r"degrees?|%|percent)"
)
_OPS: tuple[tuple[Op, str], ...] = (
    (
        Op.GE,
        r"(?:no|not) (?:fewer|less|lower) than|at ?least|atleast|minimum(?: of)?|min(?: of)?|upwards? of|from|"
        r">=|≥|not below|not under",
    ),
    (
        Op.LE,
        r"(?:no|not) (?:more|greater|higher) than|at ?most|atmost|maximum of|max(?: of)?|up to|upto|<=|≤|"
        r"not above|not over|not exceeding|within",
    ),
    (
        Op.GT,
        r"(?:strictly )?(?:more|greater|higher|larger|bigger|longer) than|over|above|beyond|exceed(?:s|ed|"
        r"ing)?|in excess of|crossing|crosses|crossed|past|>|north of",
    ),
    (Op.LT, r"(?:strictly )?(?:fewer|less|lower|smaller) than|under|below|<|short of"),
    (Op.EQ, r"exactly|precisely|equal to|equals?|just|only|==?"),
)
_WEAK = r"(?:from|crossing|crosses|crossed|past|within|just|only|maximum|min|max|minimum)"
_COUNT_TAIL = r"(?: (?:in number|in count|nos?|numbers?|count|counts|units))?"
_NEVER = (  # "no" of a sign or a rule; "under 5" of an age; a number that is part of a name
    r"\b\d+(?:\.\d+)? ?(?:%|percent|per cent) (?:off|discount|sale|cashback|extra|reduction)\b",
    r"\bno (?:parking|entry|entrance|smoking|stopping|standing|waiting|overtaking|horns?|honking|"
    r"u-?turns?|exit|trespassing|hawking|vending|access|littering|dumping|swimming|fishing|passing|"
    r"photography|idling|cycling|loitering|left|right|thoroughfare|man's|through)\b",
    r"\b(?:children|child|kids?|minors?|girls?|boys?|infants|toddlers|babies|teenagers|youths?|"
    r"teens)(?: (?:who are|aged|of age))? (?:under|below|over|above|up to|younger than|"
    r"older than)(?: the age of)? \S+",
    r"\b(?:people|persons|men|women|adults|anyone|citizens|residents)(?: (?:who are|aged|of age))?"
    r" (?:over|under|aged|older than|younger than)(?: the age of)? \d+(?= \||$| in | at )",
    r"\baged? \d+(?: ?- ?\d+)?",
    r"\b(?:for |by |at |of )?(?:more than|less than|fewer than|over|under|above|below|at least|at most|"
    r"up to|about|around|exceeding|beyond|within|exactly|nearly|almost|every|doing|"
    rf"going) {NUMBER} ?{_UNITS}(?!\w)(?! (?:ago|back|earlier)\b)",
    r"\b(?:carrying|turned|switched|left|put|\w*lights?|lamps?|engines?|tv|screens?|fans?|indicators?|hazards?|sirens?|"
    r"beams?|heating|music|fountains?|taps?) (?:on|off)(?= (?:after|before|since|between|during|at|in|now|right|"
    r"yesterday|today|"
    r"tonight|this|last|past|all|every|each|while|when|there|here)\b| ?\||$)",
    r"\b(?:sign|poster|board|notice|billboard|banner|screen|label|sticker|display)s?(?: (?:that|which))? "
    r"(?:showing|shows?|"
    r"saying|says?|said|reading|reads?|mentioning|mentions?|with)(?: (?!in\b|at\b|on\b|near\b|\||þ)\S+){1,5}",
    r"\beach other\b|\bone another\b",
    r"\b(?:2|3|4|6|two|three|four|six) (?:wheelers?|wheel drives?|lanes?|ways?)\b",
    r"\b(?:share|shared|sharing) (?:autos?|taxis?|cabs?|jeeps?|rickshaws?|vans?)\b",
    r"\bno (?:longer|through|one's)\b",
    r"\b(?:gate|platform|floor|room|counter|lane|bay|dock|route|line|sector|phase|block|ward|terminal|"
    r"door|table|section|zone|no|number|channel|exit|entrance|tower|bus) (?:no|number|#)? ?\d+\b",
)  # fmt: skip
_HEADS = (
    r"locations?|places?|areas?|junctions?|sites?|spots?|cameras?|cams?|images?|pictures?|photos?|frames?|"
    r"districts?|roads?"
    r"|streets?|mandals?|ones?|shops?|stores?|branches|stations?|gates?|intersections?|feeds?|zones?|points|corners?"
)


_COUNTED = r"(?P<t>(?: (?!but\b|and\b|yet\b)[a-z]\w+){0,3}?)"  # "more than 3 cars but fewer than 10"
_TWO_SIDED = (
    rf"\b(?:(?:is|are|was|were) )?(?P<from>{_OPS[0][1]}|{_OPS[2][1]}) (?P<a>{NUMBER}){_COUNTED} ?,? ?(?:but|and|yet)"
    rf"(?: (?:is|are))? (?P<to>{_OPS[1][1]}|{_OPS[3][1]}) (?P<b>{NUMBER})\b"
)


_TWO_SIDED_BACK = (
    rf"\b(?:(?:is|are|was|were) )?(?P<to>{_OPS[1][1]}|{_OPS[3][1]}) (?P<b>{NUMBER}){_COUNTED} ?,? ?(?:but|and|yet)"
    rf"(?: (?:is|are))? (?P<from>{_OPS[0][1]}|{_OPS[2][1]}) (?P<a>{NUMBER})\b"
)


def hold_measures(phrase: Phrase) -> None:
    """Join a number and its unit. After times are taken: "last 3 hours" is one."""
    phrase.hold((rf"\b{NUMBER} ?{_UNITS}(?: (?:long|wide|deep|high|tall|away))?(?!\w)",))


def hold_non_conditions(phrase: Phrase) -> None:
    """Join the words of everything that only looks like a condition, a limit or a time."""
    phrase.hold(_NEVER)
    # "riders with no helmets" look for just that; "locations with no street lights" have a condition.
    phrase.text = re.sub(
        rf"\b(?!(?:{_HEADS})\b)([a-z][\w{JOIN}-]+s|people|men|women|children|person|man|woman|rider|driver|"
        r"child) (with|having|wearing|carrying|showing) no (?=\w)",
        rf"\1 \2{JOIN}no ",
        phrase.text,
    )


_NO_THINGS = (
    r"those|these|them|it|is|are|was|were|be|been|which|that|who|only|just|and|or|but|one|any|all|everything|anything|here|"
    r"there|percentage|percent|proportion|share|fraction|number|count|total|queues?|lines?|crowds?|groups?"
)


def _hold_parts(phrase: Phrase) -> None:
    """ "lorries with more than six wheels": a number of parts belongs to the thing; of places it is the condition."""
    ops = "|".join(words for _, words in _OPS)
    nouns = rf"(?!(?:{_HEADS}|{ANY_NOUN}|{_NO_THINGS})\b)[a-z][\w{JOIN}-]+"
    phrase.hold((rf"\b{nouns} (?:with|having|carrying|wearing|holding) (?:{ops}) {NUMBER} [a-z]\w+",))


_OPPOSITE = {Op.GT: Op.LE, Op.GE: Op.LT, Op.LT: Op.GE, Op.LE: Op.GT}
_LEAVE_OUT = (
    r"\b(?:(?:leav|tak|miss|filter|weed|cut|throw|chuck|kick|knock|strip|screen)(?:e|ing)? (?:out|aside|off|away)|"
    r"excluding|exclude|except(?: for)?|"
    r"(?:ignor|skipp?|dropp?|remov|hid|avoid|omitt?|discard|disregard|forget|eliminat|bin|ditch)(?:e|ing)?(?: about)?|"
    r"(?:do not|don't|not|without)(?: (?:show(?:ing)?|count(?:ing)?|includ(?:e|ing)|bother(?:ing)?(?: with)?|"
    r"list(?:ing)?))"
    r"(?: me)?|get rid of|apart from|other than|all but|no need for|not interested in|without|minus)"
    r"(?: (?:all|any|every|the|those|ones?|things?|anything|anywhere|everything|everywhere|places?|locations?|"
    r"cameras?|areas?|"
    r"sites?|spots?|junctions?|districts?|shops?|streets?|that|which|who|are|is|have|has|had|having|with|of|them|where|there)\b)*"
)


def _take_left_out(phrase: Phrase) -> Condition | None:
    """ "leave out the ones below 3" keeps those of 3 and more."""
    found = phrase.search(_LEAVE_OUT)
    if found is None:
        return None
    rest = Phrase(phrase.text[found.end() :])
    nothing = re.match(
        r"(?:at )?(?:zero(?:e?s)?|empties|empty (?:ones|places)|blanks|nones|none|nothing|nobody|empty|0|no \w+)\b",
        rest.text,
    )
    if nothing:
        rest.text = rest.text[nothing.end() :]
        condition: Condition | None = Condition(Op.GE, 1)
    else:
        at = re.match(r"(?:(?:that )?(?:are|is|have|has|with) )?", rest.text)
        begins = re.match("|".join(f"(?:{words})" for _, words in _OPS), rest.text[at.end() if at else 0 :])
        condition = _take_comparison(rest) if begins else None
        if condition is None or condition.op not in _OPPOSITE:
            return None
        condition = Condition(_OPPOSITE[condition.op], condition.value)
    phrase.text = " ".join(f"{phrase.text[: found.start()]} | {rest.text}".split())
    return condition


def _take_negated(phrase: Phrase) -> Condition | None:
    """ "that don't have more than five": at most five. "Not up to five" is fewer."""
    ops = "|".join(f"(?P<op{at}>{words})" for at, (_, words) in enumerate(_OPS[:4]))
    found = phrase.search(
        r"\b(?:(?:that|which|who) )?(?:do|does|did|have|has|had|is|are|was|were|could|can)(?: not|n't)"
        rf"(?: (?:have|has|got|see|show|reach|contain|get|even|any))* (?:{ops}) (?P<n>{NUMBER})(?![\w{JOIN}-]| ?%)"
    )
    if found is None:
        return None
    op = next(op for at, (op, _) in enumerate(_OPS[:4]) if found[f"op{at}"])
    up_to = found["op1"] in ("up to", "upto")
    phrase.text = " ".join(f"{phrase.text[: found.start()]} have {phrase.text[found.end() :]}".split())
    return Condition(Op.LT if up_to else _OPPOSITE[op], number(found["n"]))


# "Fewer than 5, or none at all" says nothing that the number hasn't.
_OR_NONE = r"(?: ?,)? or (?:(?:none|nothing|nobody|zero|no \w+)(?: at all)?|not at all)(?= \||$)"


def _without(phrase: Phrase) -> None:
    """ "cyclists who don't have a light" are cyclists without a light; a place that has none is a condition."""
    phrase.text = re.sub(
        rf"\b(?!(?:{_HEADS})\b)([a-z][\w{JOIN}-]+s|people|men|women|children|workers?|person|rider|driver|child|anyone|"
        r"somebody|anybody|someone) (?:(?:who|that|which) )?(?:(?:do|does|did)(?: not|n't) (?:have|carry)|"
        r"(?:have|has)(?: not|n't) got|(?:have|has) no|no (?:dey )?(?:wear|use|carry|get))(?: an?| any)? (?=[a-z])",
        r"\1 without ",
        phrase.text,
    )


def take_condition(phrase: Phrase) -> Condition | None:
    """The threshold in ``phrase``, taken out; the noun it counts stays."""
    hold_non_conditions(phrase)
    _hold_parts(phrase)
    if (kept := _take_left_out(phrase)) is not None:
        return kept
    phrase.text = re.sub(r"\bneither ([^|]+?) nor ", r"no \1 or ", phrase.text)
    _without(phrase)
    if (opposite := _take_negated(phrase)) is not None:
        return opposite
    condition = _take_between(phrase) or _take_comparison(phrase)
    if condition is not None and condition.op in (Op.LT, Op.LE):
        phrase.take(_OR_NONE)
    return condition or _take_none(phrase)


def _take_between(phrase: Phrase) -> Condition | None:
    found = phrase.take(
        rf"\b(?:in |lies |lying |is |are |range |ranging )*between (?P<a>{NUMBER}) (?:and|to|"
        rf"-) (?P<b>{NUMBER})\b(?:of )?",
        leave="",
    )
    if found is None and (both := phrase.take(_TWO_SIDED_BACK, leave=r"\g<t>")) is not None:
        phrase.text = f"{both['from']} {both['a']} and {both['to']} {both['b']} {phrase.text}"
    if found is None and (both := phrase.take(_TWO_SIDED, leave=r"\g<t>")) is not None:
        low, high = number(both["a"]), number(both["b"])
        low += bool(re.match(rf"(?:{_OPS[2][1]})$", both["from"]))
        high -= bool(re.match(rf"(?:{_OPS[3][1]})$", both["to"]))
        return Condition(Op.BETWEEN, (low, high)) if low <= high else None
    found = found or phrase.take(rf"\bfrom (?P<a>{NUMBER}) to (?P<b>{NUMBER})\b", leave="")
    found = found or phrase.take(r"(?<![\w-])(?P<a>\d+) ?(?:-|to) ?(?P<b>\d+)(?= [a-z])", leave="")
    if found is None:
        return None
    low, high = sorted((number(found["a"]), number(found["b"])))
    return Condition(Op.BETWEEN, (low, high))


def _take_comparison(phrase: Phrase) -> Condition | None:
    found = phrase.take(
        rf"(?<![\w{JOIN}-])(?P<n>{NUMBER}) ?(?:\+|plus\b|or (?:more|above|over|higher|greater)\b|and (?:above|"
        r"over|more)\b|or a ?bove\b)",
        leave="",
    )
    if found is not None:
        return Condition(Op.GE, number(found["n"]))
    found = phrase.take(rf"(?<![\w{JOIN}-])(?P<n>{NUMBER}) (?:or|and) (?:fewer|less|below|under|lower)\b", leave="")
    if found is not None:
        return Condition(Op.LE, number(found["n"]))
    found = phrase.take(  # "15 cars or more"
        rf"(?<![\w{JOIN}-])(?P<n>{NUMBER}) (?P<t>[a-z]\w+(?: [a-z]\w+)?) (?:or|and) (?P<d>more|above|over|fewer|"
        rf"less)\b(?! than\b)",
        leave=r"\g<t>",
    )
    if found is not None:
        return Condition(Op.LE if found["d"] in ("fewer", "less") else Op.GE, number(found["n"]))
    for op, words in _OPS:
        found = _comparison(phrase, words)
        if found is not None:
            value = number(found["n"])
            return Condition(op, value)
    return None


def _comparison(phrase: Phrase, words: str) -> re.Match[str] | None:
    """ "more than five (of them)"; "are above 20" takes its verb along."""
    signs = r"(?:(?<=\w)|(?<=^)|(?<=\s))"
    verb = r"(?:\b(?:is|are|was|were|being|that are|which are|numbering|count is|counts?) )?"
    found = phrase.search(
        rf"{signs}{verb}(?<![\w{JOIN}-])(?P<op>{words}) ?(?:a total of )?(?P<n>{NUMBER})(?![\w{JOIN}-]|\.\d|"
        rf" ?%){_COUNT_TAIL}(?: of)?(?: (?:them|those))?"
    )
    if found is None:
        return None
    weak = re.fullmatch(_WEAK, found["op"])
    if (
        weak
        and found["op"] in ("from", "past", "within", "crossing", "crosses", "crossed")
        and not re.search(r"count|number|vehicles? cross|total", phrase.text[: found.start()])
    ):
        return None
    if (
        found["n"] in ("a", "one")
        and found["op"] in ("only", "just")
        and phrase.text[found.end() :].startswith((" of", " side", " lane"))
    ):
        return None
    gap = "" if phrase.text[found.end() :].strip() else " | "
    phrase.text = " ".join(f"{phrase.text[: found.start()]}{gap}{phrase.text[found.end() :]}".split())
    return found


def _take_none(phrase: Phrase) -> Condition | None:
    """ "no X", "zero X", "do not have any X", "nobody", "none"."""
    nobody = phrase.take(r"\b(?:no-?one|no one|nobody|no body)\b(?: (?:is|was))?", leave="people")
    if nobody is not None:
        return Condition(Op.EQ, 0)
    if phrase.take(rf"\b(?P<n>{_HEADS}) not (?:showing|having|containing|seeing|reporting)(?: any| a single)\b",
                   leave=r"\g<n> with"):  # fmt: skip
        return Condition(Op.EQ, 0)
    if phrase.take(
        r"^(?:\| )*(?:and |so )?(?:which|how many)(?: ones?| of (?:them|those|these))? (?:is|are|was|were) (?:all |"
        r"completely )?"
        r"(?:empty|zero|deserted)(?= ?\||$)",
        leave="which ones",
    ):
        return Condition(Op.EQ, 0)
    patterns = (
        r"\b(?:(?:(?:that|which) )?(?:do|does|did|is|are|has|have|had|was|were)(?: not|n't)|don't|doesn't|"
        r"didn't|isn't|aren't|hasn't|haven't|hadn't|wasn't|weren't|cannot|can't|not) (?:have|has|show|see|"
        r"contain|got|had|having|with|see|there)?(?: got)? ?(?:any|a single|even one|even a single)\b",
        r"\b(?:don't|doesn't|do not|does not|didn't|did not) (?:have|show|contain|see)\b",
        r"\bhave(?:n't| not) got\b(?: any| a)?",
        r"\b(?P<v>(?:have|has|had|with|having|show|shows|showing|shown) )?(?:absolutely )?(?:no|zero|nil|0|"
        r"not any|not a single)(?= (?!of\b|longer\b)[a-z])",
        r"\b(?:lack|lacks|lacking|devoid of|free of|free from|bereft of)\b(?: any| of)?",
        r"\b(?:has|have|had|with|showing|shows?|is|are|were|was|at|of)? ?(?:none|nothing|zero|"
        r"nil)\b(?: of (?:them|those|it))?(?: at all)?",
        r"\b(?:that |which )?(?:don't|do not|doesn't|does not|didn't|did not|haven't|hasn't|have not|has not|"
        r"aren't|are not|isn't|is not)(?: have| show)?(?: any| it| one| them| that)?(?= \||$)",
    )
    for pattern in patterns:
        leave = r"\g<v>" if "(?P<v>" in pattern else GAP if "none" in pattern else ""
        if phrase.take(pattern, leave=leave) is not None:
            return Condition(Op.EQ, 0)
    return None
