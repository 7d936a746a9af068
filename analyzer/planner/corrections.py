"""What a person takes back: "no, I meant vans", "vans, not cars", "sorry, the north gate". What they mean stays, and
stands for the same part of the question before."""

from __future__ import annotations

from analyzer.plan import Plan
from analyzer.planner.followups import canonical
from analyzer.planner.phrase import PLACE, Phrase

_NO = (
    r"(?:no+|nope|nah|oops|sorry|wait|hang on|hold on|wrong|not that|my mistake|actually|ah|oh|h+m+|u+m+|er+m?|well|"
    r"yeah)"
)
_MEANT = (
    r"(?:i (?:mean|meant|wanted|said|asked (?:for|about)|was (?:asking|thinking) (?:about|of))|"
    r"make (?:that|it)|change (?:that|it) to|i'm asking about|actually|rather)"
)
_LED = (
    rf"^(?:[|,] ?)*(?:(?:{_NO}(?: ?[,|-])+ ?|{_NO} (?={_NO}\b|{_MEANT}\b|(?:the )?{PLACE}\d+(?: \||$)))+"
    rf"(?:{_MEANT} )?|{_MEANT} )(?=\S)"
)
_NOT = r"(?:not|and not|instead of|rather than|but not)"
_SWAPS = (
    rf"^(?P<new>[^|,]+?) ?[,-]? ?{_NOT} (?:the )?(?P<old>[^|,]+?)(?= ?\||$)",
    r"^not (?:the )?(?P<old>[^|,]+?)(?: ?[,|-]+ ?(?:but )?| but )(?P<new>[^|,]+?)(?= ?\||$)",
)


def take_correction(phrase: Phrase, base: Plan | None) -> bool:
    """Whether the question corrects the one before; its words for that go, and with them what is not meant."""
    if base is None:
        return False
    led = phrase.take(_LED, leave="") is not None
    led |= phrase.take(r"(?<=\S)(?: ?,)? i (?:mean|meant)(?= ?\||$)", leave="") is not None
    for pattern in _SWAPS:
        found = phrase.search(pattern)
        if found is not None and base.target and canonical(found["old"]) == canonical(base.target):
            phrase.take(pattern, leave=r"\g<new>")
            return True
    return led
