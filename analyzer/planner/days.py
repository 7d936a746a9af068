"""Days in words against a clock: "yesterday", "on Monday", "12 March", "last week", "3 days ago"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from analyzer.planner.phrase import NUMBER, number

Span = tuple[date, date]  # from, inclusive; to, exclusive

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?: ?[,-]? ?(?:19|20)\d\d)?"
_NTHS = ("first", "second", "third", "fourth")
_UNIT = r"(?:days?|weeks?|fortnights?|months?|years?)"

# Longest first. Each alternative is read by the function beside it.
_READERS: list[tuple[str, Callable[[str, date], Span | None]]] = []


def _reads(pattern: str) -> Callable[[Callable[[str, date], Span | None]], Callable[[str, date], Span | None]]:
    def add(reader: Callable[[str, date], Span | None]) -> Callable[[str, date], Span | None]:
        _READERS.append((pattern, reader))
        return reader

    return add


def resolve(text: str, today: date) -> Span | None:
    """The days that ``text`` (a match of :data:`DAY`) means, seen from ``today``; ``None`` for no such date."""
    for pattern, reader in _READERS:
        if re.fullmatch(pattern, text):
            try:
                return reader(text, today)
            except ValueError:  # 30 February
                return None
    return None


def _one(day: date) -> Span:
    return day, day + timedelta(days=1)


@_reads(r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}")
def _iso(text: str, today: date) -> Span:
    del today
    year, month, day = map(int, re.split(r"[-/]", text))
    return _one(date(year, month, day))


@_reads(r"\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)")
def _numeric(text: str, today: date) -> Span:
    """Day first, as in Britain and India, unless only month first is a date that has been."""
    day, month, year = map(int, re.split(r"[-/.]", text))
    if month > 12:
        day, month = month, day
    year = year if year > 99 else 2000 + year
    if day <= 12 and date(year, month, day) > today >= date(year, day, month):
        day, month = month, day  # no picture is from the future
    return _one(date(year, month, day))


@_reads(r"\d{1,2}/\d{1,2}")
def _day_and_month(text: str, today: date) -> Span:
    day, month = map(int, text.split("/"))
    if month > 12:
        day, month = month, day
    return _one(_not_later(today, month, day))


@_reads(rf"(?:the )?{_NTH}(?: of)?[ -]{_MONTH}{_YEAR}|(?:the )?{_MONTH}[ -](?:the )?{_NTH}{_YEAR}")
def _written(text: str, today: date) -> Span:
    year = re.search(r"(?:19|20)\d\d$", text)
    rest = text[: year.start()] if year else text
    day = int(re.search(r"\d{1,2}", rest)[0])  # type: ignore[index]
    month = _month(rest)
    return _one(date(int(year[0]), month, day) if year else _not_later(today, month, day))


@_reads(r"(?:the )?day before yesterday|(?:the )?previous day|(?:the )?day before|yesterday|today|tomorrow")
def _near(text: str, today: date) -> Span:
    back = 2 if "before yesterday" in text else -1 if text == "tomorrow" else 0 if text == "today" else 1
    return _one(today - timedelta(days=back))


@_reads(r"(?:(?:last|this|past|previous|the|long) )*week-?ends?")
def _weekend(text: str, today: date) -> Span:
    """The last whole Saturday and Sunday; "this weekend" is the present one while it lasts."""
    if "this" in text and today.weekday() >= 5:
        saturday = today - timedelta(days=today.weekday() - 5)
    else:
        saturday = today - timedelta(days=today.weekday() + 2)
    return saturday, saturday + timedelta(days=2)


_FEASTS = {
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year's day": (1, 1), "new years day": (1, 1),
    "christmas eve": (12, 24), "christmas day": (12, 25), "christmas": (12, 25), "xmas": (12, 25),
    "boxing day": (12, 26), "valentine's day": (2, 14), "valentines day": (2, 14), "halloween": (10, 31),
    "republic day": (1, 26), "gandhi jayanti": (10, 2), "may day": (5, 1), "women's day": (3, 8),
    "canada day": (7, 1), "australia day": (1, 26), "anzac day": (4, 25), "bastille day": (7, 14),
    "bonfire night": (11, 5),
    "guy fawkes night": (11, 5), "st patrick's day": (3, 17), "st patricks day": (3, 17), "juneteenth": (6, 19),
    "veterans day": (11, 11), "armistice day": (11, 11), "remembrance day": (11, 11), "burns night": (1, 25),
    "all saints' day": (11, 1), "all saints day": (11, 1), "epiphany": (1, 6),
}  # fmt: skip


@_reads("(?:last |this )?(?:" + "|".join(_FEASTS) + ")")
def _feast(text: str, today: date) -> Span:
    """A feast that falls on one day of the calendar, the same everywhere; the others need an almanac."""
    month, day = _FEASTS[re.sub("^(?:last|this) ", "", text)]
    return _one(_not_later(today, month, day))


@_reads(
    rf"(?:(?:the )?(?:last|this past|this last|this|past|previous|present|current) )?{_WEEKDAY}s?"
    r"(?: (?:last|this) week|'s)?(?! (?:markets?|bazaars?|mass|school|papers?|sales?|specials?|lunch|roast)\b)"
)
def _weekday(text: str, today: date) -> Span:
    """The latest such day before today; "this Saturday" may be today."""
    day = re.sub(r"^(?:the )?(?:(?:last|this|past|previous|present|current) )+", "", text)
    index = next(at for at, name in enumerate(WEEKDAYS) if name.startswith(day[:3]))
    if text.endswith("week"):
        monday = today - timedelta(days=today.weekday() + (7 if "last" in text else 0))
        return _one(monday + timedelta(days=index))
    back = (today.weekday() - index) % 7
    return _one(today - timedelta(days=back if back or re.match("this (?!past|last)", text) else 7))


@_reads(rf"(?:the )?(?:last|past|previous|preceding) (?:{NUMBER} |few |couple of )?{_UNIT}")
def _last(text: str, today: date) -> Span:
    """The N days before today; whole calendar months and years when one is named."""
    count = 3 if "few" in text else 2 if "couple" in text else _count(text)
    if "fortnight" in text:
        return today - timedelta(days=14 * count), today
    if "day" in text:
        return today - timedelta(days=count), today
    if "week" in text:
        return today - timedelta(days=7 * count), today
    if "month" in text:
        first = today.replace(day=1)
        return _months_back(first, count), first
    return date(today.year - count, 1, 1), date(today.year, 1, 1)


@_reads(r"(?:the )?(?:this|current|present) (?:week|month|year)")
def _this(text: str, today: date) -> Span:
    if "week" in text:
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=7)
    if "month" in text:
        first = today.replace(day=1)
        return first, _months_back(first, -1)
    return date(today.year, 1, 1), date(today.year + 1, 1, 1)


@_reads(rf"(?:{NUMBER}|a|a couple of) (?:days?|weeks?|fortnights?) (?:ago|back|before|earlier)")
def _ago(text: str, today: date) -> Span:
    count = 2 if "couple" in text else 1 if text.startswith("a ") else _count(text)
    return _one(today - timedelta(days=count * (7 if "week" in text else 14 if "fortnight" in text else 1)))


@_reads(rf"(?:the )?(?:first|second|third|fourth|last) week (?:of|in) {_MONTH}(?:,? (?:19|20)\d\d)?")
def _week_of_month(text: str, today: date) -> Span:
    """Weeks of a month are seven days from its first; the last one ends it."""
    year = re.search(r"(?:19|20)\d\d", text)
    month = _month(text.partition(" week ")[2])
    first = date(int(year[0]), month, 1) if year else _not_later(today, month, 1)
    if "last" in text:
        end = _months_back(first, -1)
        return end - timedelta(days=7), end
    start = first + timedelta(days=7 * next(at for at, nth in enumerate(_NTHS) if nth in text))
    return start, start + timedelta(days=7)


@_reads(
    rf"(?:(?:in|during|for|of|throughout) )(?:the month of |last |this )?{_MONTH}(?:,? (?:19|20)\d\d)?|"
    rf"{_MONTH},? (?:19|20)\d\d|(?:last|this) {_MONTH}"
)
def _whole_month(text: str, today: date) -> Span:
    year = re.search(r"(?:19|20)\d\d", text)
    month = _month(re.sub(r"^\w+ (?:the month of )?", "", text) if text[:3] not in _SHORT else text)
    first = date(int(year[0]), month, 1) if year else _not_later(today, month, 1)
    return first, _months_back(first, -1)


@_reads(r"(?:in|during|throughout) (?:the year )?(?:19|20)\d\d")
def _whole_year(text: str, today: date) -> Span:
    del today
    year = int(text[-4:])
    return date(year, 1, 1), date(year + 1, 1, 1)


@_reads(
    r"(?:the|on) (?:the )?\d{1,2}(?:st|nd|rd|th)(?= \||$| (?:at|in|between|from|for|on|of|and|morning|"
    r"afternoon|evening|night)\b)"
)
def _day_of_month(text: str, today: date) -> Span:
    day = int(re.search(r"\d+", text)[0])  # type: ignore[index]
    first = today.replace(day=1)
    return _one(first.replace(day=day) if day <= today.day else _months_back(first, 1).replace(day=day))


_SHORT = tuple(month[:3] for month in MONTHS)
DAY = "(?:" + "|".join(f"(?:{pattern})" for pattern, _ in _READERS) + ")(?:'s)?"


def _month(text: str) -> int:
    found = re.search(rf"(?<![a-z]){_MONTH}(?![a-z])", text)
    return 1 + _SHORT.index(found[0][:3]) if found else 1


def _not_later(today: date, month: int, day: int) -> date:
    """That day of this year, or of last year when this year's is still to come."""
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def _months_back(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _count(text: str) -> int:
    found = re.search(rf"\b{NUMBER}\b", text)
    return int(number(found[0])) if found else 1
