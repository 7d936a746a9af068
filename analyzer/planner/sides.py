"""Places set against each other: "are there more cars at A or at B", "does A have more than B", "A or B, which is
busier". Each becomes "compare cars A and B", which :mod:`analyzer.planner.extremes` reads."""

from __future__ import annotations

import re

from analyzer.planner.figures import ANY_NOUN
from analyzer.planner.phrase import PLACE, Phrase, compiled

_BUSY = (
    r"(?P<busy>busier|quieter|emptier|fuller|calmer|(?:more|less) (?:crowded|busy|congested|traffic)|busiest|quietest)"
)
_MORE = (
    rf"(?:an? )?(?:{_BUSY}|more|fewer|less|higher|lower|most|bigger|smaller|greater|larger|longer|shorter|heavier|"
    rf"lighter|"
    r"worse|denser)"
)
_AT = r"(?:(?:in|at|on|by|near|inside|for) )?(?:the )?"
_SIDE = rf"{_AT}{PLACE}\d+"
_SIDES = rf"(?P<sides>{_SIDE}(?: ?(?:,|or|and|than|,? or|vs|versus) ?(?:there (?:is|are) )?{_SIDE})+)"
_T = rf"(?P<t>(?: (?!than\b)[^|{PLACE}]*?)?)"
_WHO = (
    rf"(?:which|who|where|what)(?: (?:one|of the two|of them|place|side|{ANY_NOUN}))?"
    rf"(?: (?:has|have|had|sees?|is|are|was|were|shows?|gets?|got|contains?))?(?: there)? (?:the )?{_MORE}"
)
_ASKS = (
    r"^(?:\| )*(?:is|are|was|were|do|does|did|have|has|had|will)(?: (?:there|it|we|you|they))?"
    r"(?: (?:have|see|seen|been|be|get|got|typically|usually|currently|now))*(?: (?:any|much|many|a lot))?"
)
_RULES = (
    rf"\b{_WHO}{_T}[ ,|:]*(?:between )?{_SIDES}",
    rf"^(?:\| )*(?:between )?{_SIDES}[ ,|:-]*{_WHO}(?P<t>[^{PLACE}]*?)$",
    rf"{_ASKS} {_MORE}{_T}[ ,|]*(?:between )?{_SIDES}",
    rf"^(?:\| )*(?:is|are|was|were|do|does|did|has|have|had) {_SIDES}(?: (?:have|has|had|got|sees?))?(?: the)? {_MORE}"
    rf"(?P<t>[^|{PLACE}]*?)(?= ?\||$)",
    rf"^(?:\| )*(?:is|are|was|were)(?: the)?(?P<t>(?: (?!there\b|it\b)[a-z-]+){{1,3}}) {_MORE}[ ,|]*{_SIDES}",
    rf"^(?:\| )*{_MORE}{_T}[ ,|]*(?:between )?{_SIDES}(?= ?\||$)",
    rf"^(?:\| )*(?:is|are|was|were|do|does|did|has|have|had) (?P<one>{_SIDE})(?: (?:have|had|has|sees?|gets?|got|"
    rf"shows?))?"
    rf"(?: (?:any|much|many|a lot))? {_MORE}{_T}(?: \|)? than (?P<sides>{_SIDE})",
)


def set_sides_against(phrase: Phrase) -> None:
    """A question of which of several places has more becomes a comparison of them."""
    for pattern in _RULES:
        phrase.text = compiled(pattern).sub(_as_comparison, phrase.text)


def _as_comparison(found: re.Match[str]) -> str:
    target = re.sub(r"^ ?(?:number|count|figure|total)s?(?: of)?\b", "", found["t"])
    sides = " and ".join(re.findall(rf"{PLACE}\d+", f"{found.groupdict().get('one') or ''} {found['sides']}"))
    return f"compare{' busier' if found['busy'] else ''} {target.strip(' ,|')} {sides}"
