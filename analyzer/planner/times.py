"""When a question asks about: days and hours taken out of its text, as a span of local time and hours of the day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from analyzer.planner.clocktimes import NOT_OF_THINGS, PART, PARTS, part_named, take_hours, take_part
from analyzer.planner.days import DAY, Span, resolve
from analyzer.planner.phrase import NUMBER, Phrase, number

Hours = tuple[float, float]
_LEAD = r"(?:(?:on|in|for|during|over|of|at|through|throughout|as of|dated) )?(?:the )?(?:whole of |all of |all )?"


@dataclass(frozen=True, slots=True)
class When:
    """``start`` inclusive, ``end`` exclusive, local and naive. ``archive``: all of the time, in words without dates.
    ``periods``: how many days or spans were named (two are a comparison). ``parts``: parts of the day are
    set against each other."""

    start: datetime | None = None
    end: datetime | None = None
    hours: Hours | None = None
    archive: bool = False
    periods: int = 0
    parts: bool = False


def take_times(phrase: Phrase, now: datetime, anchor: datetime | None = None) -> When:
    """Everything about time in ``phrase``, taken out of it; ``now`` is local and naive. ``anchor`` is where the
    question before began, for "the day before"."""
    archive = phrase.take_all(_ARCHIVE)
    phrase.take_all(rf"(?:\b(?:till|until|up to) )?{_NOW}")
    _date_parts(phrase)
    if (window := _take_window(phrase, now)) is not None:
        return When(*window, archive=archive, periods=1)
    if (part := _take_part_of_today(phrase, now)) is not None:
        past = phrase.search(r"\b(?:after|since|past|from) midnight\b") is not None
        hours = take_hours(phrase, next(name for name, ends in PARTS.items() if ends[0] == part[0].hour))
        return When(*part, hours if past else _within_night(hours, *part), archive, 1)
    if (two := _take_day_and_before(phrase, now.date())) is not None:
        return When(*_bounds([two]), take_hours(phrase), archive, 2)
    if anchor is not None and (beside := _take_beside(phrase, anchor.date())) is not None:
        return When(*_bounds([beside]), take_hours(phrase), archive, 1)
    return _take_day_and_hours(phrase, now, archive)


_SET_AGAINST = r"(?:and|vs|versus|with|to|or|than|against|compared (?:to|with))"
_TWO_PARTS = rf"\b(?:(?:in|during|between) )?(?:the )?{PART} {_SET_AGAINST} (?:(?:in|during|at) )?(?:the )?{PART}\b"


def _date_parts(phrase: Phrase) -> None:
    """ "This morning or yesterday morning": "this morning" is today's, where another day's stands beside it."""
    if len(re.findall(rf"\b(?:this|last|{DAY}(?:'s)?) {PART}\b", phrase.text)) > 1:
        phrase.text = re.sub(r"\bthis (?=(?:morning|afternoon|evening)\b)", "today ", phrase.text)
        phrase.text = re.sub(r"\blast (?=evening\b)", "yesterday ", phrase.text)


def _take_day_and_hours(phrase: Phrase, now: datetime, archive: bool) -> When:
    two = phrase.take(_TWO_PARTS, leave="| or |") is not None
    days, part, periods = _take_days(phrase, now.date())
    hours = take_hours(phrase, part, dated=bool(days))
    if part is None and hours is None:
        part = take_part(phrase)
    elif hours is not None:
        take_part(phrase)  # "6 to 9 in the evening" has said it already
    if hours is not None and phrase.search(rf"\| {_SET_AGAINST} (?:(?:at|between|from|after|before|around) )?\d"):
        other = take_hours(phrase)  # "at 8 am vs 5 pm"
        two, hours = two or other is not None, _around(hours, other)
    start, end = _bounds(days)
    if part is not None and hours is None:
        if days and _single(days):
            start, end = _part_of(days[0], part)
        elif days and len(days) == 1 and days[0][1] == date.max:  # "since yesterday evening"
            start = datetime.combine(days[0][0], time()) + timedelta(hours=PARTS[part][0])
        else:
            hours = PARTS[part]
    return When(start, end, hours, archive, periods, two)


def _around(hours: Hours, other: Hours | None) -> Hours:
    return hours if other is None else (min(hours[0], other[0]), max(hours[1], other[1]))


# A short name that is also a word is no day here: "how may cars ... the day before".
_DAY_AND_BEFORE = (
    rf"\b(?!(?:sun|sat|mon|wed|fri|mar|may|march)\b)(?P<day>{DAY})(?P<rest>(?: [^|]+?)?)"
    r" (?:the )?(?:day before|previous day|preceding day|day prior)\b(?! yesterday)"
)


def _take_day_and_before(phrase: Phrase, today: date) -> Span | None:
    """ "yesterday compared with the day before": the second is seen from the first."""
    found = phrase.search(_DAY_AND_BEFORE)
    span = resolve(found["day"].removesuffix("'s"), today) if found else None
    if span is None:
        return None
    phrase.take(_DAY_AND_BEFORE, leave=r"| \g<rest> |")
    return span[0] - timedelta(days=1), span[1]


def _take_beside(phrase: Phrase, anchor: date) -> Span | None:
    """ "the day before", "the following day": seen from the question before."""
    steps = (
        (r"\b(?:on )?the (?:day before|previous day|preceding day)\b(?! yesterday)", -1, 1),
        (r"\b(?:on )?the (?:day after|next day|following day)\b(?! tomorrow)", 1, 1),
        (r"\b(?:in )?the (?:week before|previous week|preceding week)\b", -7, 7),
        (r"\b(?:in )?the (?:week after|next week|following week)\b", 7, 7),
    )
    for pattern, step, length in steps:
        if phrase.take(pattern) is not None:
            start = anchor + timedelta(days=step)
            return start, start + timedelta(days=length)
    return None


_NOW = (
    r"\b(?:right now|just now|at (?:the|this) (?:moment|time)|at present|presently|currently|as of now|now|live"
    r"|in real time|at this instant|these days"
    r"|(?:in|on|from) (?:the |its |their )?(?:newest|latest|most recent|current) "
    r"(?:picture|image|frame|photo|snapshot|shot)s?)\b"
)
_ARCHIVE = (
    r"\b(?:over (?:all )?(?:the )?time(?! spent)|over the (?:whole |entire )?(?:archive|period|recording|"
    r"footage|history)"
    r"|(?:in|across|over|from|throughout|for|of) (?:all|the whole|the entire|every one of) ?(?:of )?"
    r"(?:the|our|your|my)? ?"
    r"(?:stored |recorded |archived |saved |available )?(?:pictures|images|photos|frames|archive|footage|"
    r"recordings?|history|snapshots)"
    r"|(?:in|across|over|throughout) the (?:archive|footage|recordings?|history)|all[- ]time|"
    r"ever recorded|so far|historically"
    r"|(?:in|across|over) the (?:whole|entire) (?:archive|set|collection))\b"
)


def _take_window(phrase: Phrase, now: datetime) -> tuple[datetime, datetime] | None:
    """ "last 3 hours", "past half hour", "20 minutes ago": back from this moment."""
    amount = rf"(?P<n>{NUMBER}|few|couple of|half an|half|quarter of an)"
    found = phrase.take(
        rf"\b(?:in |for |over |during |within )?(?:the )?(?:last|past|previous|recent) (?:{amount} )?"
        r"(?P<u>hours?|minutes?|mins?|seconds?)\b"
    )
    if found is not None:
        return now - _length(found["n"], found["u"]), now
    found = phrase.take(rf"\b(?P<n>{NUMBER}|an?|few|half an) (?P<u>hours?|minutes?|mins?) (?:ago|back|earlier)\b")
    if found is None:
        return None
    length = _length(found["n"], found["u"])
    return now - length, now - length + _length("1", found["u"])


def _length(amount: str | None, unit: str) -> timedelta:
    words = {"few": 3.0, "couple of": 2.0, "half an": 0.5, "half": 0.5, "quarter of an": 0.25, "a": 1.0, "an": 1.0}
    count = 1.0 if amount is None else words.get(amount) or number(amount)
    return timedelta(**{{"h": "hours", "m": "minutes", "s": "seconds"}[unit[0]]: count})


def _take_part_of_today(phrase: Phrase, now: datetime) -> tuple[datetime, datetime] | None:
    """ "this morning", "tonight", "last night", "last evening"."""
    today = now.date()
    found = phrase.take(
        r"\b(?:(?:in|on|for|during|from|since) )?(?:the )?(?P<which>this|last|yester|"
        rf"previous) ?(?P<p>{PART})\b(?:'s)?{NOT_OF_THINGS}"
    )
    if found is not None:
        day = today if found["which"] == "this" else today - timedelta(days=1)
        return _part_of((day, day + timedelta(days=1)), part_named(found["p"]))
    if phrase.take(r"\b(?:for )?(?:tonight|tonight's)\b"):
        return _part_of((today, today + timedelta(days=1)), "night")
    if phrase.take(r"\bovernight\b"):
        return _part_of((today - timedelta(days=1), today), "night")
    return None


def _part_of(day: Span, part: str) -> tuple[datetime, datetime]:
    start, end = PARTS[part]
    midnight = datetime.combine(day[0], time())
    return midnight + timedelta(hours=start), midnight + timedelta(hours=end + (24 if end < start else 0))


def _within_night(hours: Hours | None, start: datetime, end: datetime) -> Hours | None:
    """ "last night after 10 pm" goes on past midnight; "last night before 3" begins where the night does."""
    if hours is None or start.date() == end.date():
        return hours
    if hours[1] == 24.0:
        return hours[0], float(end.hour)
    return (float(start.hour), hours[1]) if hours[0] == 0.0 and hours[1] < 12 else hours


def _take_days(phrase: Phrase, today: date) -> tuple[list[Span] | None, str | None, int]:
    """The spans of days named, the part of the day that stands with them, and how many there were."""
    between = _take_day_range(phrase, today)
    if between is not None:
        return [between], None, 1
    spans: list[Span] = []
    part: str | None = None
    other_things = NOT_OF_THINGS.replace("|or|vs", "")  # "Sunday morning or Monday morning" are times
    tail = rf"(?: (?:in the |at )?(?P<part>{PART})\b{other_things})?"
    head = rf"(?:(?P<before>{PART}) (?:of |on )?)?"
    pattern = (
        r"\b(?:(?P<side>since|until|till|before|after|up to|from) )?"
        rf"{head}{_LEAD}(?P<day>{DAY}){tail}(?: onwards?)?(?!\w)"
    )
    while (found := _next_day(phrase, pattern, today)) is not None:
        span, match = found
        spans.append(_one_sided(match["side"], span, match[0]))
        named = match["part"] or match["before"]
        part = part_named(named) if named else part
    return (spans or None), part, len(spans)


def _next_day(phrase: Phrase, pattern: str, today: date) -> tuple[Span, re.Match[str]] | None:
    found = phrase.search(pattern)
    while found is not None:
        span = resolve(found["day"].removesuffix("'s"), today)
        if span is not None and not _is_no_day(found):
            phrase.text = " ".join(f"{phrase.text[: found.start()]} | {phrase.text[found.end() :]}".split())
            return span, found
        found = re.compile(pattern).search(phrase.text, found.end())
    return None


def _is_no_day(found: re.Match[str]) -> bool:
    """ "sun", "mar" and "sat" alone are words; "the day" without "before" is no day."""
    day = found["day"]
    bare = found[0].strip() == day
    return (day in ("sun", "sat", "wed", "mon", "mar", "may", "march", "fri") and bare) or bool(
        re.fullmatch(r"(?:the )?(?:sun|sat)", day) and not re.search(r"\b(?:on|last|this|since)\b", found[0])
    )


_FOREVER = date.max, date.max
_EARLIEST = date.min


def _one_sided(side: str | None, span: Span, text: str) -> Span:
    """ "since Monday" has no end, "before Monday" no beginning."""
    if side == "since" or text.endswith(("onwards", "onward")) or (side == "from" and text.endswith("onwards")):
        return span[0], date.max
    if side == "after":
        return span[1], date.max
    if side == "before":
        return _EARLIEST, span[0]
    if side in ("until", "till", "up to"):
        return _EARLIEST, span[1]
    return span


_JOINT = r"(?: to | and | till | until | through | thru | - | ?- ?)"
_RANGE_LEAD = r"\b(?:(?:between|from|for|during|on) )?(?:the )?"
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)")
_DAY_RANGES = (
    rf"{_RANGE_LEAD}(?P<a>{DAY}){_JOINT}(?:the )?(?P<b>{DAY})(?!\w)",
    rf"{_RANGE_LEAD}(?P<a>\d{{1,2}})(?:st|nd|rd|th)?{_JOINT}(?:the )?(?P<b>{DAY})(?!\w)",
    rf"{_RANGE_LEAD}(?P<b>[a-z]{{3,9}} \d{{1,2}}(?:st|nd|rd|th)?){_JOINT}(?P<a>\d{{1,2}})(?:st|nd|rd|th)?"
    r"\b(?! ?(?:am|pm|:))",
)


def _take_day_range(phrase: Phrase, today: date) -> Span | None:
    """ "from 1 to 5 March", "between Monday and Wednesday": both days included. "yesterday and today" are two days."""
    for pattern in _DAY_RANGES:
        found = phrase.search(pattern)
        if found is None or (" and " in found[0] and not found[0].startswith(("between", "from"))):
            continue
        span = _both_days(found["a"], found["b"], today)
        if span is not None:
            phrase.text = " ".join(f"{phrase.text[: found.start()]} | {phrase.text[found.end() :]}".split())
            return span
    return None


def _both_days(a: str, b: str, today: date) -> Span | None:
    last = resolve(b, today)
    if last is None:
        return None
    if a.isdigit():
        try:
            first = last[0].replace(day=int(a))
        except ValueError:
            return None
        return min(first, last[0]), max(first + timedelta(days=1), last[1])
    other = resolve(a, today)
    if other is None:
        return None
    week = timedelta(days=7)
    if _WEEKDAY.match(a) and _WEEKDAY.match(b) and last[0] < other[0]:  # "Monday to Wednesday" of one week
        other, last = (other, (last[0] + week, last[1] + week)) if last[0] + week <= today else (
            (other[0] - week, other[1] - week), last)  # fmt: skip
    return min(other[0], last[0]), max(other[1], last[1])


def _single(days: list[Span]) -> bool:
    return len(days) == 1 and days[0][0] > _EARLIEST and days[0][1] < date.max and (days[0][1] - days[0][0]).days == 1


def _bounds(days: list[Span] | None) -> tuple[datetime | None, datetime | None]:
    if not days:
        return None, None
    first, last = min(span[0] for span in days), max(span[1] for span in days)
    return (
        None if first == _EARLIEST else datetime.combine(first, time()),
        None if last == date.max else datetime.combine(last, time()),
    )
