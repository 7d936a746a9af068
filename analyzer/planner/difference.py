"""Words that set an answer against an earlier one: "than before", "since I last asked", "how has that changed".

Which earlier question is meant, and whether there is one, is found where the session is known.
"""

from __future__ import annotations

from analyzer.planner.days import DAY
from analyzer.planner.phrase import PLACE, Phrase

_ASKED = r"(?:(?:i|we|you) (?:last |first |previously )?(?:asked|checked|looked|counted|saw|had|got|said|told me))"
_ANSWER = r"(?:answer|question|count|figure|result|number|check|reading|look|run|total|query)"
_BEFORE = (
    r"(?:what (?:it|that|they|there) (?:was|were)(?: before| earlier| then)?|"
    r"what (?:i|we|you|it|there) (?:had|got|saw|counted|found|said|told me)(?: before| earlier| then| last time)?|"
    r"(?:it|that|they|there) (?:was|were)"
    r"(?: before| earlier| then| last time)?|before(?: that)?(?= \||$)|previously|earlier(?: on)?(?= \||$)|back then|"
    r"(?:the )?last time|the time before|the one before|"
    rf"(?:the |my |our |your )?(?:last|previous|earlier|first|prior|preceding|original|former) (?:time|one|{_ANSWER})|"
    rf"when {_ASKED})(?: (?:that )?{_ASKED})?"
)
_OF_A_DAY = rf"(?:the )?(?P<day>{DAY}) {_ANSWER}"
_MORE = (
    r"(?:more|less|fewer|higher|lower|bigger|smaller|larger|greater|busier|quieter|emptier|fuller|better|worse|"
    r"(?:the |any )?(?:same|different)|as (?:many|much|busy|bad|high)|(?:go(?:ne|ing)? |went )?(?:up|down)|"
    r"(?:the |any )?(?:increase|decrease|rise|drop|fall|difference|change)|compared?|comparison|compare[sd]?|changed?)"
)
_EITHER = rf"(?:what(?: is|'s| was) )?{_MORE}(?: or {_MORE})?"
_LINK = r"(?:(?:compared |relative )?(?:than|as|to|with|from|on|against|since|versus|vs|over))"
_IT = (
    r"(?:that|this|it|they|those|these|things|there|"
    r"the (?:numbers?|counts?|figures?|totals?|answers?|results?|situation))"
)
_MOVED = (
    r"(?:chang\w+|change|differ\w*|increased?|decreased?|go(?:ne|es)? (?:up|down)|went (?:up|down)|rise|risen|rose|"
    r"fall(?:en|s)?|fell|drop(?:ped)?|grow[ns]?|grew|improved?|worsened|got(?:ten)? (?:better|worse|busier|quieter))"
)
_ENDS = rf"(?= \||$|(?: (?:in|at|on|for|near))?(?: the)? {PLACE})"
_HAS = r"(?:has|have|had|did|does|do)"
_RULES = (
    rf"\b{_EITHER}(?P<t>(?: (?!than\b)[^|{PLACE}\s]+){{0,5}}?) {_LINK} {_BEFORE}{_ENDS}",
    rf"\b{_EITHER}(?P<t>(?: (?!than\b)[^|{PLACE}\s]+){{0,5}}?) {_LINK} {_OF_A_DAY}",
    rf"^(?:\| )*(?:and |so )?(?:by )?(?:(?:how(?: much| many)?|(?:what|how many) (?:percentage|percent|per cent|%)) )?"
    rf"{_HAS} {_IT}(?: really| all)? {_MOVED}"
    rf"(?: or (?:not|{_MOVED}|up|down))?(?P<t>)(?: since(?: then)?| {_LINK} {_BEFORE}| at all)?(?= \||$| since )",
    r"^(?:\| )*(?:what(?: is|'s| was) |how (?:big|large) (?:is|was) |show (?:me )?|give me |is there |tell me )?"
    r"(?:the |any )?(?:(?:percentage|percent|per cent|%) )?(?:change|difference|increase|decrease|rise|"
    r"drop)s?(?P<t>)(?: since(?: then)?| (?:in|as) (?:it|that|(?:a )?(?:percentage|percent|per cent|%)))?"
    r"(?= \||$)",
    rf"^(?:\| )*(?:is|was|are|has) {_IT} (?:been )?(?:{_MOVED}|up|down)(?P<t>)(?: (?:on|from|since|than|over|"
    rf"compared (?:to|with)|"
    rf"against))?"
    rf"(?= \||$| {DAY})",
    rf"^(?:\| )*(?:compared|relative) (?:to|with) (?:before|{_BEFORE})(?P<t>)(?: ?,)?(?: how (?:is|are|does|do) {_IT}"
    r"(?: look| compare| stand)?)?(?= \||$)",
    r"^(?:\| )*(?:is|was) (?:that|this|it) (?:an? |any )?(?:increase|decrease|rise|fall|drop|improvement|change)"
    r"(?P<t>)(?= \||$)",
    r"^(?:\| )*(?:(?:is|are|has|have) (?:it|that|they) )?(?:gone |going |getting )?(?:up or down|down or up|"
    r"better or worse|worse or better|(?:more|busier) or (?:less|fewer|quieter))(?P<t>)(?= \||$)",
    rf"^(?:\| )*(?:is|was|are|were) {_IT}(?: any)? {_EITHER}(?P<t>) (?:before|earlier|previously|last time|then|"
    rf"the last time)(?= \||$)",
    rf"^(?:\| )*what (?:has |have |had )?(?:is |was )?(?:changed|different|new)(?P<t>)(?: since(?: then)?| {_LINK} "
    rf"{_BEFORE})?(?= \||$)",
    r"^(?:\| )*(?:and |so )?(?:by )?how (?:many|much) (?:more|fewer|less|higher|lower|busier|bigger) "
    r"(?:is|was|are|were) (?:it|that|this|there|they)(?P<t>)(?: then)?(?= \||$)",
    rf"^(?P<t>)(?:than|since|compared to|compared with|versus|vs|against) {_BEFORE}(?= \||$)",
)


_OF_TWO = (
    r"^(?:\| )*(?:(?:is|was|are|were) (?:it|that|this|they|there)"
    r"|(?:which|what|who)(?: (?:one|day|time|of (?:them|those|the two)))? (?:is|was|were|has|had|saw))(?: the)? "
    r"(?:worse|better|busier|quieter|emptier|fuller|higher|lower|bigger|smaller|more|less)(?= ?\||$)"
)


def take_difference(phrase: Phrase, *, of_two: bool) -> bool:
    """Whether a figure is to be set against an earlier one; the words go, what is counted and a day stay. ``of_two``:
    the answer before was one figure, so that "which is worse" can only set it against another."""
    if of_two and phrase.take(_OF_TWO) is not None:
        return True
    for pattern in _RULES:
        day = r" | \g<day>" if "(?P<day>" in pattern else ""
        if phrase.take(pattern, leave=rf"\g<t> |{day}") is not None:
            return True
    return False
