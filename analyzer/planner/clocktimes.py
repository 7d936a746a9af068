"""Times of day in words: "between 6 and 10 pm", "at 18:00", "after 10pm", "in the morning". Days are in ``times``."""

from __future__ import annotations

import re

from analyzer.planner.phrase import Phrase

PARTS = {"morning": (5.0, 12.0), "afternoon": (12.0, 17.0), "evening": (17.0, 21.0), "night": (20.0, 5.0)}
PART = r"(?:early |late |mid )?(?:mornings?|afternoons?|evenings?|nights?|night ?time|overnight|midnight hours)"
# "the night shift" and "morning walkers" are things to look for, not times.
NOT_OF_THINGS = (
    r"(?! (?:shift|guards?|watchm[ae]n|walkers?|joggers?|markets?|bus|buses|duty|prayers?|clubs?|lights?|vision|mode"
    r"|class(?:es)?|assembly|patrols?|crowds?|queues?|workers?|staff|shows?|or|vs|sky|lamps?|riders?))"
)
_MARK = r"(?: ?(?:am|pm)|(?: ?(?:hrs|hours|h|o'?clock))(?! ago))"
_DIGITS = (
    r"(?:[01]?\d|2[0-4])(?:[:.][0-5]\d)?|(?:[01]\d|2[0-3])[0-5]\d(?= ?(?:hrs|hours)| (?:to|till|until|"
    r"and) \d{4} ?(?:hrs|hours)|-\d{4} ?(?:hrs|hours))"
)
_WORDS = "noon|midday|midnight"
_PLAIN = rf"(?:(?:{_DIGITS})(?![\d.:])|{_WORDS})"
_MARKED = rf"(?:(?:{_DIGITS}){_MARK}|(?:[01]?\d|2[0-4]):[0-5]\d|{_WORDS})"
_ONE = (
    rf"(?:(?:{_DIGITS}) ?(?:am|pm|o'?clock|h)|(?:[01]\d|2[0-3]):?[0-5]\d(?: ?(?:hrs|hours))|"
    rf"[0-2]?\d:[0-5]\d(?: ?(?:hrs|hours))?|{_WORDS})"
)
_ANY = rf"(?:(?:{_DIGITS}){_MARK}?|{_WORDS})"
_TO = r"(?: ?- ?| to | till | until | til | and | through | up to | upto )"
_OF_PART = r"(?: (?:in the|at|this|of the|every|each)? ?(?P<part>morning|afternoon|evening|night))?"
_RANGES = (
    rf"\b(?:between |from |during |for )?(?P<a>{_ANY}){_TO}(?P<b>{_MARKED})(?!\w){_OF_PART}",
    rf"\b(?:between |from |during )?(?P<a>{_MARKED}){_TO}(?P<b>{_ANY})(?![\w:%]){_OF_PART}",
    rf"\b(?:between |from )?(?P<a>{_PLAIN}){_TO}(?P<b>{_PLAIN}) (?:in the|at) (?P<part>morning|afternoon|"
    r"evening|night)\b",
    rf"\bfrom (?P<a>{_PLAIN})(?: to | till | until |-)(?P<b>{_PLAIN})(?= \||$| (?:yesterday|today|on|in|at|"
    r"last)\b)()(?P<part>)",
)
_SINGLES = (
    (rf"\b(?:after|past|since|from|later than|post) (?P<a>{_ONE})(?: onwards?)?(?!\w){_OF_PART}", "after"),
    (rf"\b(?:before|until|till|til|upto|up to|by|earlier than|prior to) (?P<a>{_ONE})(?!\w){_OF_PART}", "before"),
    (
        rf"\b(?:after|past|since|from) (?P<a>{_PLAIN}) (?:in the|at) (?P<part>morning|afternoon|evening|night)\b",
        "after",
    ),
    (
        rf"\b(?:before|until|till|by) (?P<a>{_PLAIN}) (?:in the|at) (?P<part>morning|afternoon|evening|night)\b",
        "before",
    ),
    (rf"\b(?:(?:at|around|about|near|@|approximately|exactly) )*(?P<a>{_ONE})(?!\w){_OF_PART}", "at"),
    (rf"\b(?:at|around) (?P<a>{_PLAIN})(?: (?:in the|at) (?P<part>morning|afternoon|evening|night)\b)", "at"),
    (rf"\bat (?P<a>{_PLAIN})(?= \||$| (?:yesterday|today)\b)(?P<part>)", "at"),
)


def take_hours(phrase: Phrase, part: str | None = None, *, dated: bool = False) -> tuple[float, float] | None:
    """The clock times of the question as (from, to) in hours of the day; ``to`` may be smaller (past midnight).

    ``part`` is the part of the day that stands with the day: it tells bare numbers from a threshold, and am from pm.
    So does a day where nothing else is said (``dated``): "and on Monday between 7 and 9".
    """
    _spell_out(phrase)
    for pattern in _RANGES:
        found = phrase.take(pattern)
        if found is not None:
            return _range(found["a"], found["b"], found["part"])
    alone = dated and re.match(r"(?:\| )*(?:between|from) \S+ (?:and|to|till) \S+(?: \|)*$", phrase.text)
    if (
        part
        or alone
        or re.match(r"(?:\| )?(?:how many|number of|count|did|was|were|has|have|anyone|any)\b", phrase.text)
    ):
        found = phrase.take(r"\b(?:between|from) (?P<a>1?\d|2[0-4]) (?:and|to|till) (?P<b>1?\d|2[0-4])(?= ?\||$)")
        if found is not None:
            return _range(found["a"], found["b"], part)
    if (bare := _bare_range(phrase, part)) is not None:
        return bare
    for pattern, side in _SINGLES:
        found = phrase.take(pattern)
        if found is not None:
            hour = _hour(found["a"], _half(found["part"], found["a"]))
            return {
                "after": (hour, 24.0 if hour >= 5 else 5.0),
                "before": (0.0, hour),
                "at": (hour, (hour + 1) % 24 or 24.0),
            }[side]
    return None


# "only places between 5 and 10": a number of them, and no hour.
_ONLY_PLACES = (
    r"(?:(?:only|just|show|me|us|the|list|keep|those|all|any|which|what|are|is|and|give|find) )*"
    r"(?:places|locations|areas|spots|sites|junctions|cameras|districts|streets|shops|stops|stations|gates)"
)


def _bare_range(phrase: Phrase, part: str | None) -> tuple[float, float] | None:
    """ "buses between 7 and 9 at the station": no noun follows that could be so many, and no verb asks for a number."""
    hour = rf"(?:1?\d|2[0-4]|{'|'.join(_SPOKEN)})"
    found = phrase.search(
        r"(?<!^)(?<!\| )(?<!have )(?<!has )(?<!had )(?<!having )(?<!with )(?<!show )(?<!is )(?<!are )(?<!was )"
        r"(?<!were )"
        r"(?<!those )(?<!ones )(?<!them )(?<!only )(?<!just )(?<!any )(?<!count )(?<!numbers )(?<!than )"
        rf"\bbetween (?P<a>{hour}) (?:and|to|till) (?P<b>{hour})"
        r"(?= \||$| (?:at|in|on|near|for|of|from|today|yesterday|this|last|every|each|per|by|þ))"
    )
    if found is None or re.fullmatch(_ONLY_PLACES, phrase.text[: found.start()].strip()):
        return None
    phrase.text = " ".join(f"{phrase.text[: found.start()]} | {phrase.text[found.end() :]}".split())
    a, b = (_SPOKEN.get(found[end], found[end]) for end in ("a", "b"))
    start, end = _range(a, b, part)
    return (start, end + 12) if end < start <= 12 else (start, end)


_SPOKEN = {
    name: str(at)
    for at, name in enumerate(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1)
}
_SPOKEN |= {"eleven": "11", "twelve": "12"}
_HOUR = rf"(?:{'|'.join(_SPOKEN)}|1?[0-9])"
_TELLS = r"(?: ?(?:am|pm)\b| ?o'?clock\b| in the (?:morning|afternoon|evening|night)\b| at night\b)"


def _spell_out(phrase: Phrase) -> None:
    """ "half past six", "between six and eight in the evening" in figures."""

    def figures(found: re.Match[str]) -> str:
        return re.sub(rf"\b(?:{'|'.join(_SPOKEN)})\b", lambda word: _SPOKEN[word[0]], found[0])

    def past(found: re.Match[str]) -> str:
        hour = int(_SPOKEN.get(found["h"], found["h"]))
        minutes = {"half past": 30, "half": 30, "quarter past": 15, "a quarter past": 15}.get(found["m"], -15)
        return f"{hour if minutes > 0 else hour - 1}:{minutes % 60:02d}"

    phrase.text = re.sub(rf"\b(?P<m>half past|half|(?:a )?quarter (?:past|to)) (?P<h>{_HOUR})\b", past, phrase.text)
    phrase.text = re.sub(
        rf"\b{_HOUR}(?::\d\d)?(?:{_TELLS})?{_TO}{_HOUR}{_TELLS}|\b(?:at|after|before|since|around|until|"
        rf"till) {_HOUR}{_TELLS}|\b{_HOUR} ?(?:am|pm|o'?clock)\b",
        figures,
        phrase.text,
    )


def take_part(phrase: Phrase) -> str | None:
    """A part of the day without a day: "in the morning", "at night", "mornings"."""
    patterns = (
        r"\b(?:in|during|at|by|on|every|each|over|through|throughout) (?:the |every )?(?:whole )?"
        rf"(?P<p>{PART})(?!\w){NOT_OF_THINGS}",
        rf"\b(?P<p>mornings|afternoons|evenings|nights|overnight)\b{NOT_OF_THINGS}",
        rf"(?<=\w )(?P<p>{PART})(?: time)?$",
    )
    for pattern in patterns:
        found = phrase.take(pattern)
        if found is not None:
            return part_named(found["p"])
    return None


def part_named(text: str) -> str:
    """Which part of the day the words mean."""
    return next((part for part in PARTS if part in text), "night")


def _range(a: str, b: str, part: str | None) -> tuple[float, float]:
    """Both ends, where one "pm" may speak for both: "6 to 10 pm", but "10 to 2 pm" begins in the morning."""
    half_a, half_b = _written_half(a), _written_half(b)
    if part and not half_a and not half_b:
        half_b = _half(part, b)
    end = _hour(b, half_b)
    if half_a is None and half_b and ":" not in b and _bare(a):
        start = _hour(a, half_b)
        start = start if start < end or end == 0 else _hour(a, "am" if half_b == "pm" else "pm")
    else:
        start = _hour(a, half_a)
    if half_b is None and half_a and _bare(b):
        end = _hour(b, half_a)
        end = end if end > start else _hour(b, "am" if half_a == "pm" else "pm")
    return start, (24.0 if end == 0 and start > 0 else end)


def _bare(text: str) -> bool:
    """12-hour clock without am or pm."""
    return bool(re.match(r"\d", text)) and not re.search(r"hrs|hours|h\b", text) and _hour(text, None) <= 12


def _written_half(text: str) -> str | None:
    if text.startswith(("noon", "midday")):
        return "pm"
    found = re.search(r"am|pm", text)
    return found[0] if found else None


def _half(part: str | None, text: str) -> str | None:
    """am or pm as the part of the day tells: 8 at night is pm, 2 at night is not."""
    if half := _written_half(text):
        return half
    if not part:
        return None
    small = _hour(text, None) < 6 or _hour(text, None) == 12
    return "am" if part == "morning" or (part == "night" and small) else "pm"


def _hour(text: str, half: str | None) -> float:
    if text.startswith(("noon", "midday")):
        return 12.0
    if text.startswith("midnight"):
        return 0.0
    found = re.match(r"(\d{1,2})[:.]?(\d{2})?", text)
    assert found is not None  # noqa: S101 - the patterns above begin with digits otherwise
    hour = int(found[1]) + int(found[2] or 0) / 60
    if half == "pm" and hour < 12:
        return hour + 12
    if half == "am" and 12 <= hour < 13:
        return hour - 12
    return hour
