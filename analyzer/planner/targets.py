"""What is looked for, and the sentence put to the model for one picture."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.plan import Aggregate, GroupBy, Task
from analyzer.planner.figures import Figures
from analyzer.planner.phrase import GAP, JOIN, PLACE, Phrase, released

BE = r"(?:is|are|was|were|am|be|been|being|'s|isn't|aren't|wasn't|weren't)"
_PEOPLE = r"(?:anyone|anybody|someone|somebody|everyone|everybody|any one|any body|any person(?= is)|whoever|who)"
POLITE = (
    r"(?:please|kindly|(?:furnish|provide|supply|forward|convey|intimate)(?: (?:me|us))?(?: with)?|do the needful|"
    r"needful|(?:can|could|would|will) (?:some|any)(?:one|body)(?= (?:please|kindly|tell|confirm|check|"
    r"give|show|help|"
    r"count|find|say|advise)\b)|can you|could you|would you|will you|can u|i (?:want|need|would like|"
    r"'d like) to (?:know|see|find out|find|get|check|have)"
    r"|i want|i need|i'd like|help me|tell me|share(?= (?:the|me|us|with|how|number|count|total|\|))|"
    r"let me know|just tell me|do you know|hi|hello|hey|ok|okay|so|well|sir|madam|quickly|urgent|urgently"
    r"|we (?:want|need) to (?:know|see|find)|i am looking for|i'm looking for|looking for|try to|go and|"
    r"go|thanks|thank you|dear|team|the|that|exactly|approximately|roughly|about|actually|also|then|now|"
    r"and|but|me|us|to|sorry)"
)
_COUNT = (
    r"(?:how many|hw many|number of|no of|nos of|numbers of|counts?(?: up| out)?(?: (?:of|all|the|"
    r"how many|for))?|tally(?: of)?|quantity of|how much|tell the number of|headcount of|amount of|"
    r"volume of|strength of|counting(?: of)?)"
)
_FIND = (
    r"(?:put|mark|pin|plot|draw|make|place|checking|counting|finding|showing|telling|tell|find(?: out)?|"
    r"detect|identify|spot|locate|look(?:ing)? for|search(?:ing)?(?: for)?|list|show|display|see|get|give|"
    r"checks?(?: (?:if|whether|for|on|out))?"
    r"|verify(?: (?:if|whether|that))?|look(?: if)?|bring up|pull up|fetch|highlight|flag|report|"
    r"alert(?: on)?|notify|point out|make out|recogni[sz]e|scan(?: for)?|monitor|watch(?: for)?|"
    r"confirm(?: (?:if|whether|that))?"
    r"|(?:do|did|does|can|could|have) (?:you|we|i|they|the cameras?|any cameras?|cameras) (?:see|have|"
    r"detect|find|spot|notice|show|get|record|seen|got|observe|observed|make out|capture)"
    r"|(?:is|are|was|were) there|has there been|have there been|there (?:is|are|was|were)|any (?:sign|"
    r"signs|evidence|instance|instances|case|cases|trace|traces|report|reports|incident|incidents) of|any|"
    r"instances of|cases of|occurrences of|presence of|evidence of|signs of|whether|if|which(?: ones?)?|"
    r"ones?|also|what|where|who|does|do|did|has|have|had|can|anything like|something like|may i know|"
    r"know)"
)
_LOOSE_TAIL = (
    r"(?: (?:(?:are|is|were|was)? ?(?:there|visible|present|seen|detected|found|observed|reported|noticed|spotted|"
    r"recorded|captured|counted|shown|noted|available|located|in view|in sight|on camera|on screen|"
    r"on cctv|in the (?:picture|image|frame|photo|scene|view|camera|feed|footage)s?)"
    r"|can (?:be seen|you see|we see|i see|be found|be counted)|(?:do|did|have|can) (?:you|we|i) (?:see|"
    r"have|got|find|get|count|had)|did (?:the )?cameras? (?:see|record|capture|count|show)|do (?:the )?"
    r"cameras? (?:see|record|show)|(?:are|is|were|was)(?: there)?|there|please|pls|here|currently|"
    r"in total|altogether|overall|or not|or no|have|has|had|exist|exists|each|every|do|did|got|been|being|"
    r"sir|kindly|thanks|thank you|only|at all|too|as well|also|instead|for me|to me|then|still|be|me|for us|and|or|"
    r"with|in terms of|(?:at (?:one|a|any one|any|the same) time|at once|simultaneously)|(?:taken|"
    r"captured|filmed|photographed|clicked)|happen(?:s|ed)?|occur(?:s|red)?|"
    r"(?:came|come|coming|arrived?|appear|appeared|showed up|"
    r"turned up|turn up|show up|pass|passed|visit|visited|went|gather|gathered|travelled|traveled|plying|"
    r"plied|ply|go)(?: in| by| through| past| up| out)?|(?:changed?|changing|varied|vary|varies|evolved|"
    r"trending)|(?:in|on|of|at|for|inside) (?:it|them|each|all|view)|does|sees?|captures?|anywhere|"
    r"somewhere|of|for|during|to|between|near|around|the|a|an|than|since|outside of|within|inside(?= \|)|"
    r"while|as|but|across|over|count|counts|numbers?|figures?|lists?|wise|basis|seen so))$"
)
_LOOSE_HEAD = (
    rf"^(?:{POLITE}|it's|that's|the|a|an|any|some|all|of|other|more|many|much|most|lots of|a lot of|several|few|in|on|"
    r"at|from|for|during|by|to|with|and|or|me|us|is|are|was|were|there|have|has|had|having|been|that|"
    r"which|where|who|do|does|did|it|be|being|show|shows|showing|shown|see|seen|get|got|contain|contains|"
    r"containing|contained|record|recorded|per|each|every|as|but|than|only|just|about|around|"
    r"approximately|different|distinct|total|overall|maximum|minimum|terms of|in terms of|wherever|"
    r"whatever|out|up|they|you|your|we|i|our|my|their|its|those|these|this|them|such|what|how|if|whether|"
    r"can|could|between|possible|cases of|instances of|experiencing|experience|suffering from|suffer from|"
    r"facing|affected by|witnessing|displaying|featuring|reporting|reported|detected|number|count|counts|"
    r"occurrence of|occurrences of|presence of|names?|list) (?=\S)"
)
_DANGLING = re.compile(r"(?:(?:^| )(?:in|on|at|from|by|with|to|near|around|of|off|along|over|the))+ *$")  # before a gap
_MASS_ENDS = ("ss", "us", "is", "gas")
# What is counted where the word has no number of its own.
_COUNTED_AS = {
    **dict.fromkeys(("traffic", "heavy traffic", "congestion"), "vehicles"),
    **dict.fromkeys(("crowd", "crowding", "footfall", "foot traffic"), "people"),
    **dict.fromkeys(("rush", "activity"), "people and vehicles"),
}
# States of a whole place or picture rather than things in it.
_STATE = (
    r"(?:[a-z]+ly )?(?:flooded|waterlogged|crowded|congested|dark|blurred|blurry|blocked|empty|dirty|clean|busy|closed"
    r"|open|deserted|foggy|wet|icy|broken|offline|overcrowded|well lit|unlit|lit|damaged|jammed|raining|snowing|quiet"
    r"|overexposed|covered|tampered|full|windy|sunny|cloudy|stormy|misty)"
)
_PLURALS = frozenset(
    ["people", "children", "men", "women", "police", "cattle", "staff", "cyclists", "kids", "sheep", "livestock"]
)
_HEAD_ENDS = (
    r" (?:with|without|not|wearing|riding|on|in|at|near|of|who|that|crossing|carrying|walking|standing|"
    r"sitting|parked|waiting|using|holding|having|from|under|over|by|for|along|inside|outside|behind|"
    r"going|running|being|to|looking)\b"
)
_STATES = {
    "heavy": ("light", "moderate", "heavy"),
    "crowded": ("empty", "moderate", "crowded"),
    "busy": ("quiet", "moderate", "busy"),
    "congested": ("free", "moderate", "congested"),
    "clean": ("clean", "dirty"),
    "dirty": ("clean", "dirty"),
    "dark": ("bright", "dark"),
    "bright": ("dark", "bright"),
    "full": ("empty", "half full", "full"),
    "dense": ("light", "moderate", "dense"),
    "bad": ("good", "moderate", "bad"),
    "clear": ("clear", "hazy", "poor"),
    "wet": ("dry", "wet"),
    "foggy": ("clear", "hazy", "foggy"),
    "severe": ("minor", "moderate", "severe"),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """``target`` is empty when the question names nothing to look for."""

    task: Task | None
    target: str
    ask: str = ""
    choices: tuple[str, ...] = ()
    counted: bool = False


def take_sought(phrase: Phrase, figures: Figures) -> Sought:
    """Task, target and ask out of what is left of the question."""
    phrase.take(r"^(?:\| )*how (?:does|do|did|is|are|was|were) (?:that|this|it|those|these|they)(?= \||$)")
    if figures.aggregate is not None:
        phrase.take(r"^(?:\| )*what (?:is|are|was|were)(?= ?\||$)")  # "what is the trend"
    kind = _take_kind(phrase)
    if kind is not None:
        return kind
    phrase.take(
        r"^(?:\| )*who(?:ever)?(?: (?:is|are|was|were|has been|all are))?(?= \w)(?! (?:has|have|had)\b)", leave="people"
    )
    _drop_polite(phrase)
    phrase.take(rf"^(?:\| )*{_CAN} (?=(?:{_FIND}|{_COUNT})\b)", leave="")
    # "Where can I park"; of that "where can" is gone by now.
    one = f"(?:{_CAN}|i|we)" if figures.group_by is GroupBy.LOCATION else _CAN
    phrase.take(rf"^(?:\| )*{one} {_MAY_DO}", leave=f"place{JOIN}to")
    phrase.take_all(r" ?[,;:.](?= |$)")
    counted = _take_count(phrase)
    sentence = _yes_no_sentence(phrase)
    while phrase.take(rf"^(?:\| )*{_FIND}(?= |$)", leave="") is not None:
        counted = counted or _take_count(phrase)
    target = clean(phrase.text)
    task = _task(counted or target in ("footfall", "foot traffic"), figures)
    return Sought(task, target, _ask(task, target, sentence, figures), counted=counted)


_WHOSE = "(?:the|my|our|your|his|her|their|its|this|that|a|an)"
_HAS_DONE = (
    rf"^(?:\| )?(?P<q>(?:has|have|had|does|do|did) (?:it|{_WHOSE} (?!(?:cameras?|cams?|pictures?|images?|number)\b)"
    rf"[a-z-]+) [a-z][^|{PLACE}]*)"
)
_CAN = "(?:can|could|should|may) (?:i|we|one|people)"
# A verb that is no asking; of people it may be "people are".
_MAY_DO = (
    rf"(?=[a-z])(?!(?:{BE}|{_FIND}|{_COUNT}|{POLITE}|view|have|has|had|ask|say|compare|count|with|without|who|in|on|"
    r"at)\b)"
)

# "How muddy is the paddock": whatever can be more or less so.
_ANY_ADJECTIVE = rf"(?!(?:many|much|come|about|often|soon|sure|certain|confident)\b)[a-z]{{3,}}(?= {BE} )"


def _take_kind(phrase: Phrase) -> Sought | None:
    """ "what kind of ..." and "how heavy ..." are classified; "describe", "what is happening" described."""
    found = phrase.take(
        r"\b(?:what|which) (?:kinds?|types?|sorts?|levels?|categor(?:y|ies)|class(?:es)?|brands?|"
        rf"makes?) of (?P<t>[^|{PLACE}]+)"
    )
    if found is not None:
        target = clean(found["t"])
        return Sought(Task.CLASSIFY, target, f"What kind of {target} is visible?")
    found = phrase.take(
        r"\bhow (?P<a>heavy|crowded|busy|dense|bad|full|clean|dirty|dark|bright|wet|congested|deep|severe|"
        rf"clear|foggy|light|good|empty|loud|smooth|packed|safe|visible|{_ANY_ADJECTIVE})(?: {BE}| does| do)?"
        rf" ?(?P<t>[^|{PLACE}]*)"
    )
    if found is not None:
        adjective = found["a"]
        states = _STATES.get(adjective, ())
        target = clean(found["t"]) or ("crowd" if adjective in ("crowded", "busy", "packed", "full") else adjective)
        if not clean(found["t"]):
            return Sought(Task.CLASSIFY, target, f"How {adjective} is this place?", states)
        return Sought(
            Task.CLASSIFY, target, f"How {adjective} {'are' if plural(target) else 'is'} the {target}?", states
        )
    found = phrase.take(
        r"\bhow much (?P<t>(?:traffic|water|light|smoke|rain|fog|garbage|litter|rubbish|waste|space|dust|"
        rf"damage|congestion|crowd|rush|snow|crowding|mud)\b[^|{PLACE}]*)"
    )
    if found is not None:
        target = clean(found["t"])
        return Sought(Task.CLASSIFY, target, f"How much {target} is visible?", ("none", "a little", "some", "a lot of"))
    return _take_describe(phrase)


def _take_describe(phrase: Phrase) -> Sought | None:
    if re.fullmatch(r"(?:\| )*what (?:do|does|did) (?:the )?(?:cameras?|it|you) (?:see|show)(?: \|)*", phrase.text):
        phrase.text = GAP
        return Sought(Task.DESCRIBE, "scene", "What is happening in the picture?")
    if re.fullmatch(r"(?:\| )*what(?: (?:is|was|are|were|do you see))?(?: there)?(?: \|)+", phrase.text):
        phrase.text = GAP
        return Sought(Task.DESCRIBE, "scene", "What is happening in the picture?")
    found = phrase.take(
        r"\b(?:describe|narrate|(?:an? |the )?(?:quick |brief |short )?(?:description|summary|overview|status|"
        r"situation)(?: of|(?= \||$))|summari[sz]e|caption|explain\b|give (?:me |us )?(?:a |an )?(?:[a-z]+ ){0,2}?"
        r"(?:description|summary|overview)(?: of)?|tell me (?:something )?about|report on|what do you (?:see|"
        r"notice|observe)(?: of)?|what can (?:you see|be seen|i see|we see)|what (?:is|are|was|were|"
        r"'s)(?: \|)? (?:happening|going on|visible|seen|there|to be seen|up|taking place)(?! (?:a|the)\b)|"
        r"what happened|what does (?:it|the (?:picture|image|scene|camera)) (?:show|"
        r"look like))(?: (?:what is (?:happening|going on|there)|what you see))?(?P<t>[^|]*)"
    )
    if found is not None:
        target = clean(found["t"])
        target = (
            ""
            if re.fullmatch(
                r"(?:the )?(?:scene|picture|image|view|situation|what you see|camera|cameras|pictures|images|it|"
                r"everything)",
                target,
            )
            else target
        )
        named = target or "scene"
        ask = f"Describe the {named}." if target else "What is happening in the picture?"
        return Sought(Task.DESCRIBE, named, ask)
    found = phrase.search(
        r"\b(?P<q>what (?:does|do) (?:the |this |that )?[a-z]+(?: [a-z]+)? (?:say|read)\b|^(?:\| )*read (?:out )?the\b|"
        r"how (?:long|far|fast|tall|old|high) (?:has|have|had|does|do|did)\b|"
        r"what (?:the )?[a-z]+ (?:is|are) (?:doing|wearing|holding|carrying)\b|what (?:colou?r|shape|size|"
        r"brand|language|make|model|is written|are (?:the )?[a-z]+ doing|"
        r"is (?:the )?[a-z]+ (?:doing|wearing|holding|carrying)|are (?:the )?[a-z]+ (?:wearing|holding|"
        r"carrying)|do(?:es)? (?:the )?[a-z]+ look like|is the (?:weather|condition|situation|status|state)|"
        r"are the (?:conditions|weather))|how (?:is|are|does|do) (?!many|much)(?:the )?|"
        rf"why )(?P<t>[^|{PLACE}]*)"
    )
    if found is not None:
        asked = re.sub(
            r"^what (colou?r|shape|size|brand|make|model|language) (?:is|are) ", r"\1 of ", found["q"] + found["t"]
        )
        text = clean(
            re.sub(
                r"^(?:(?:what|how|why)(?: (?:long|far|fast|tall|old|high))?"
                r"(?: (?:is|are|does|do|did|has|have|had)\b)? ?|read (?:out )?)",
                "",
                asked,
            )
        )
        sentence = released(f"{found['q']}{found['t']}".strip())
        phrase.text = " ".join(f"{phrase.text[: found.start()]} | {phrase.text[found.end() :]}".split())
        whole = re.search(r" (?:does|do|did)\b", found["q"]) is not None  # "how far does the queue go" ends so
        return Sought(Task.DESCRIBE, text or "scene", _sentence(sentence if whole else _trim_tail(sentence)))
    return None


def _drop_polite(phrase: Phrase) -> None:
    while phrase.take(rf"^(?:\| )*{POLITE}(?= |$)(?! (?:lights?|there))", leave="") is not None:
        pass


def _take_count(phrase: Phrase) -> bool:
    """The counting words; whether there were any."""
    counted = False
    while phrase.take(rf"(?:^|(?<= )){_COUNT}(?= |$)", leave="") is not None:
        counted = True
    if counted:
        phrase.take(r"^(?:\| )?(?:of )?(?:the |all the |all )?", leave="")
        return True
    if phrase.take(r"\bhead ?count\b", leave="people") is not None:
        return True
    return phrase.take(r"(?<=\w )counts?(?= \||$| (?:per|in|at))", leave="") is not None


def _yes_no_sentence(phrase: Phrase) -> str | None:
    """ "is the gate open", "has it snowed" and "does the lawn need mowing" stay their own asks."""
    if (found := re.match(_HAS_DONE, phrase.text)) is not None:
        return _sentence(released(found["q"].strip()))
    found = re.match(
        rf"^(?:\| )?(?P<be>is|are|was|were) (?!there\b|any\b|it\b|they\b)(?P<rest>[^|{PLACE}]+)", phrase.text
    )
    if found is None or re.match(_PEOPLE, found["rest"]):
        return None
    be = {"was": "is", "were": "are"}.get(found["be"], found["be"])
    rest = _trim_tail(found["rest"].strip())
    return _sentence(released(f"{be} {rest}")) if " " in re.sub(rf"^{_WHOSE} ", "", rest) else None


def _task(counted: bool, figures: Figures) -> Task:
    if figures.counted or (figures.places and figures.aggregate in (None, Aggregate.SHARE)):
        return Task.COUNT if counted and figures.anywhere else Task.FIND
    if counted or figures.aggregate not in (None, Aggregate.SHARE):
        return Task.COUNT
    return Task.COUNT if figures.aggregate is Aggregate.SHARE and figures.group_by is None else Task.FIND


def clean(text: str) -> str:
    """The words of the target: articles, quantities and loose ends removed at both ends of each piece."""
    *ended, last = re.split(rf"[|]|{PLACE}\d+", text)
    pieces = [_clean_piece(_DANGLING.sub("", piece)) for piece in ended] + [_clean_piece(last)]
    whole = " ".join(piece for piece in pieces if piece)
    return released(_clean_piece(whole)).strip(" ,.;:-'\"")


def _clean_piece(piece: str) -> str:
    text = " ".join(piece.split()).strip(" ,.;:")
    text = re.sub(rf"^(?:is |are |if |has |have )?{_PEOPLE}(?: (?:is|are|was|were))?(?= |$)", "people", text)
    before = None
    while text != before:
        before = text
        text = re.sub(_LOOSE_HEAD, "", text).strip(" ,")
        text = _trim_tail(text)
    if re.fullmatch(
        r"(?:the|a|an|any|some|all|of|in|on|at|from|for|by|to|with|and|or|is|are|was|were|there|have|has|had|"
        r"do|does|did|it|please|me|us|that|which|where|be|can|you|we|i|they|per|each|every|more|many|much|"
        r"than|during|only|just|also|ones?|count|number|who|what|how|when|them|those|these|this|so|then|now|"
        r"ok|as|but|same|too|again|their|its|answers?|results?|figures?|number of|out|up|about|around|between|"
        r"near|visible|present|seen|show|not|list|find|give|get|see|case|cases|if|time|times|whole|thing|"
        r"things|exactly|happening|here|look|looks|looking|like|tell|kindly|rest|others|other ones|why|"
        r"how come|really|are you sure|sure|thanks|thank you|hello|hi|hey|good|great|nice|yes|no|list|lists|"
        r"the list|else|anything else|more|details?|breakdown|summary|it all|again|high to low|low to high|"
        r"all of it|everything|everywhere|anything|anywhere|somewhere|places|locations|areas|spots|sites|those "
        r"ones|these ones|the ones|one|"
        r"tell me more|any more|trend|trends|couldn't|can't|cannot|didn't|don't|doesn't|won't)",
        text,
    ):
        return ""
    text = re.sub(rf" (?:who|that|which) {BE}(?= )", "", text)
    text = re.sub(r" (?:is|are|was|were)n't (?=\w+ing\b)", " not ", text)
    text = re.sub(
        rf"^((?:(?!{BE}\b|with|not|the\b)\S+ ){{0,3}}?\S+) (?:is|are|was|were)(?: there| being| currently)?"
        r"(?= (?!not (?:there|visible))\S)",
        r"\1",
        text,
    )
    return re.sub(r"^(people) (?:is|are|was|were) ", r"\1 ", text)


def _trim_tail(text: str) -> str:
    before = None
    while text != before:
        before = text
        text = re.sub(_LOOSE_TAIL, "", text).strip(" ,")
    return text


def plural(target: str) -> bool:
    """Whether its head is plural: the words before the first preposition tell, the last of them not always."""
    head = re.split(_HEAD_ENDS, target)[0].split()[:4]
    return any(word in _PLURALS or (word.endswith("s") and not word.endswith(_MASS_ENDS)) for word in head)


def _ask(task: Task, target: str, sentence: str | None, figures: Figures) -> str:
    if not target:
        return ""
    if task is Task.COUNT:
        return _sentence(f"how many {_COUNTED_AS.get(target, target)} are visible")
    told = sentence is not None and (" " in target or sentence.startswith(("Is ", "Are ")) or " it " in sentence)
    if sentence is not None and told and figures.aggregate is None:
        return sentence
    if target.startswith("without "):
        return _sentence(f"is this place {target}")
    if target.startswith(("anything ", "something ", "enough ")):
        return _sentence(f"is there {target} visible")
    if figures.described or target.startswith("too ") or re.fullmatch(_STATE, target):
        if re.fullmatch(r"(?:rain|snow)ing|windy|sunny|cloudy|stormy|misty|foggy", target):
            return _sentence(f"is it {target} here")
        one = "this picture" if figures.group_by in (GroupBy.CAMERA, GroupBy.IMAGE) else "this place"
        return _sentence(f"is {one} {target}")
    return _sentence(f"are there any {target} visible" if plural(target) else f"is there any {target} visible")


def ask_for(task: Task, target: str) -> str:
    """The plain ask for ``target``."""
    return _ask(task, target, None, Figures())


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(" ?.,")
    return text[:1].upper() + text[1:] + "?"
