"""Named states to choose from: "light, moderate or heavy", "open or closed". What is in that state is the target."""

from __future__ import annotations

import re

from analyzer.plan import Task
from analyzer.planner.days import DAY
from analyzer.planner.phrase import PLACE, Phrase, compiled
from analyzer.planner.targets import BE, POLITE, Sought, clean, plural


def take_choices(phrase: Phrase) -> Sought | None:
    """A question with named states: its states taken out, where and how grouped left."""
    hyphened = re.sub(_COMPOUND, r"\1-\2", phrase.text)
    for pattern in _CHOICES:
        found = compiled(pattern).search(hyphened)
        if found is None or re.search(r"\b(?:more|less|not|no|any|below|above|fewer)$", found["s"]):
            continue
        if re.match(r"no\b", found["t"].strip() or found["s"]):
            continue  # "no cars, people or bikes"
        choices = tuple(re.split(r" ?, ?(?:or |and )?| or | and ", found["s"]))
        subject = re.match(
            rf"(?:(?!(?:at|in|on|for|per|each|by|every|is|of|{PLACE}\d+|\|)\b)\S+ ?)*", found["t"].strip()
        )
        named = subject[0] if subject else ""
        target = clean(named) or _subject(choices)
        left = found["t"].strip()[len(named) :]
        phrase.text = " ".join(f"{hyphened[: found.start()]} | {left} | {hyphened[found.end() :]}".split())
        return Sought(Task.CLASSIFY, target, _choice_ask(target, choices), choices)
    return None


_WORD = r"(?!(?:the|a|an|at|in|on|there|or|and|than|of)\b)[a-z-]+"
_STATE_LIST = (
    rf"(?P<s>{_WORD}(?: {_WORD})?(?: ?, ?{_WORD}(?: {_WORD})?)+(?: ?,)? or (?:(?:at|in) (?:an? )?)?{_WORD}"
    rf"(?: {_WORD})?|{_WORD} or {_WORD})"
)
_ONE_STATE_LIST = rf"(?P<s>{_WORD}(?: ?, ?{_WORD}(?: {_WORD})?)*(?: ?,)? or (?:not at all|(?:(?:at|in) an? )?{_WORD}))"
# One state in two words.
_COMPOUND = (
    r"\b(free|fast|slow|half|partly|fully|stop|well|badly) (flowing|moving|full|open|closed|shut|empty|covered|lit|"
    r"start)\b"
)
_ENDS = r"(?= \||$| (?:at|in|on|for|per|each|by|every|near|now|today|yesterday|this|last|right|between|across)\b)"
_WHERE = (
    rf"(?!(?:on|in|at) (?:the )?{DAY}\b|in the (?:morning|afternoon|evening))"
    rf"(?:in|on|under|inside|outside|at|off|behind) (?:the )?(?!{PLACE})[a-z-]+"
)
_PAIRS = (
    "on or off|off or on|open or (?:closed|shut)|closed or open|up or down|empty or full|full or empty|"
    "wet or dry|dry or wet|day or night|night or day|clean or dirty|working or not working|lit or unlit|"
    "red or green|green or red|occupied or (?:empty|vacant|free)|clear or (?:blocked|foggy)|"
    "heavy or light|light or heavy"
)
_STATES_OR_PAIR = _STATE_LIST.replace("(?P<s>", f"(?P<s>{_PAIRS}|", 1)
_CHOICES = (
    rf"^(?:{POLITE} )*(?:classify|categori[sz]e|grade|label|rate|sort)(?: (?:the|each|every|all))*"
    rf" (?P<t>.+?) (?:as|into|by|to be|in terms of being) (?:either )?"
    rf"{_STATE_LIST.replace(' or ', ' (?:or|and) ')}{_ENDS}",
    r"\b(?:is|are|was|were) (?:it|this|that|the scene|the picture|the image)(?: now| currently)? (?:a |"
    rf"the )?(?P<t>){_ONE_STATE_LIST}(?: ?time)?\b",
    r"\b(?:is|are|was|were) (?!there\b|any)(?:the |all |our |my )?"
    rf"(?P<t>(?:[a-z-]+ ){{0,2}}?[a-z-]+) {_ONE_STATE_LIST}{_ENDS}",
    r"^(?:\| )*(?:is|are|was|were) (?!there\b|any)(?:the |all |our |my )?"
    rf"(?P<t>(?:(?:[a-z-]+ ){{1,3}}(?:in|at|on|for|near|of|inside|outside) )?(?:the )?{PLACE}\d+ )"
    rf"{_STATES_OR_PAIR}{_ENDS}",
    rf"^(?:\| )*(?:is|are|was|were) (?!there\b|any)(?:the |all |our |my )?(?P<t>(?!they\b|it\b|these\b|those\b)"
    rf"(?:[a-z-]+ ){{0,2}}?[a-z-]+) (?P<s>{_WHERE} or {_WHERE}){_ENDS}",
    rf"^(?P<t>(?:[a-z-]+ ){{0,3}}(?:(?:in|at|on|near|of) )?(?:the )?{PLACE}\d+) ?[:,|-]+ ?{_STATE_LIST}{_ENDS}",
    rf"\b(?:whether|if) (?:the )?(?P<t>(?:[a-z-]+ ){{0,2}}[a-z-]+) {BE} {_ONE_STATE_LIST}{_ENDS}",
    rf"\b(?:whether|if) (?P<t>it)(?:'s| is) {_ONE_STATE_LIST}{_ENDS}",
    rf"^(?:{POLITE} )*(?P<t>)(?P<s>day or night|night or day)\b",
    rf"^(?:{BE} )?(?:the |all the )?(?P<t>(?:[a-z-]+ ){{0,2}}[a-z-]+) (?P<s>{_PAIRS}){_ENDS}",
    rf"^(?P<t>(?:[a-z-]+ ){{1,3}})[:,-] ?(?P<s>{_WORD}(?: ?, ?{_WORD})+ ?,? or {_WORD})",
    rf"^(?P<t>(?:[a-z-]+ )?[a-z-]+) (?P<s>{_WORD}(?: ?, ?{_WORD})+ ?,? or {_WORD}){_ENDS}",
)


def _subject(choices: tuple[str, ...]) -> str:
    return "time of day" if {"day", "night"} <= set(choices) else " or ".join(choices)


def _choice_ask(target: str, choices: tuple[str, ...]) -> str:
    listed = ", ".join(choices[:-1]) + " or " + choices[-1]
    if target in ("time of day", " or ".join(choices)):
        return f"Is it {listed}?"
    return f"{'Are' if plural(target) else 'Is'} the {target} {listed}?"
