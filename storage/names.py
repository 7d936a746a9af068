"""What a picture's file name says: the camera's address and when it was taken.

The rule is ``{Location}_{o1}_{o2}_{o3}_{o4}_{YYYYMMDD}_{HHMMSS}.jpg``, read from the right, since a location may hold
underscores and digits of its own. Looser forms are read where they can mean only one thing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import PurePosixPath

# Date and time, joined or parted: 20260131_093005, 2026-01-31T09:30:05Z, 20260131093005123 (with milliseconds).
_MOMENT = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<sep>[-_.]?)(?P<month>\d\d)(?P=sep)(?P<day>\d\d)"
    r"(?:[Tt_. -]|_at_)?"
    r"(?P<hour>\d\d)(?P<colon>[-_.:h]?)(?P<minute>\d\d)(?P=colon)(?P<second>\d\d)"
    r"(?:[.,]?(?P<milli>\d{3}))?(?P<utc>[Zz](?![A-Za-z]))?(?!\d)",
    re.ASCII,
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[-_.]?\d\d[-_.]?\d\d(?!\d)", re.ASCII)
_ADDRESS = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})", re.ASCII)
_DOTTED = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d|\.\d)", re.ASCII)
# A run of short numbers, all parted by the same sign; its last four may be an address.
_RUN = re.compile(r"(?<![\dA-Za-z])\d{1,3}(?P<sep>[_-])\d{1,3}(?:(?P=sep)\d{1,3})*(?![\dA-Za-z])", re.ASCII)
_LAST_FOUR = re.compile(r"(?<!\d)(\d{1,3})([_.-])(\d{1,3})\2(\d{1,3})\2(\d{1,3})$", re.ASCII)


_JOINTS = " _.-"


@dataclass(frozen=True, slots=True)
class NameParts:
    """``address`` is canonical (``10.0.7.12``); ``taken_at`` is aware UTC; ``label`` is the text before both."""

    address: str | None
    taken_at: datetime | None
    label: str


def read_name(stem: str, timezone: tzinfo) -> NameParts:
    """Read the name of a file without its folder and suffix; its clock is the site's ``timezone``.

    Of a wall-clock time that happens twice, when summer time ends, the first is taken.
    """
    moment, taken_at = _find_moment(stem, timezone)
    date = moment or _last(_DATE, stem)
    before = (stem[: date.start()] if date else stem).rstrip(_JOINTS)
    after = (stem[date.end() :] if date else "").lstrip(_JOINTS)
    address, start = _find_address(before, adjacent=date is not None)
    if address is None:
        address, _ = _find_address(after, adjacent=False)
    return NameParts(address, taken_at, before[:start].strip(_JOINTS))


def canonical_address(text: str) -> str | None:
    """``text`` as an IPv4 address without leading zeros, or ``None`` if it isn't one."""
    match = _ADDRESS.fullmatch(text)
    return None if match is None else _address(match.groups())


def _find_moment(stem: str, timezone: tzinfo) -> tuple[re.Match[str] | None, datetime | None]:
    """The last moment in ``stem`` that a calendar has; names put the time of capture at their end."""
    for match in reversed(list(_MOMENT.finditer(stem))):
        moment = _moment(match, timezone)
        if moment is not None:
            return match, moment
    return None, None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _moment(match: re.Match[str], timezone: tzinfo) -> datetime | None:
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    zone = UTC if match["utc"] else timezone
    try:
        local = datetime(year, month, day, hour, minute, second, int(match["milli"] or 0) * 1000, tzinfo=zone)
    except ValueError:  # 30 February, 25 o'clock
        return None
    return local.astimezone(UTC)


def _find_address(text: str, *, adjacent: bool) -> tuple[str | None, int]:
    """The address in ``text`` and where it begins; ``adjacent`` when a date follows directly after ``text``."""
    if adjacent:
        address, start = _address_at_end(text)
        if address is not None:
            return address, start
    address, start = _find_dotted(text)
    if address is not None:
        return address, start
    runs = [match for match in _RUN.finditer(text) if match[0].count(match["sep"]) == 3]
    if len(runs) != 1:  # none, or two that could each be it
        return None, len(text)
    return _address(re.split("[_-]", runs[0][0])), runs[0].start()


def _address_at_end(text: str) -> tuple[str | None, int]:
    """The last four numbers of ``text``, when they are parted by one sign: the rule's own form.

    A location that ends in numbers (``Ward_12``) lengthens the run, so only its last four count. They are not tried one
    further left when they are no address: that would take a number of the location for an octet.
    """
    match = _LAST_FOUR.search(text)
    if match is None:
        return None, len(text)
    return _address([match[1], match[3], match[4], match[5]]), match.start()


def _find_dotted(text: str) -> tuple[str | None, int]:
    for match in reversed(list(_DOTTED.finditer(text))):
        address = _address(match[0].split("."))
        if address is not None:
            return address, match.start()
    return None, len(text)


def _address(parts: Sequence[str]) -> str | None:
    """Four runs of one to three digits as an address, or ``None`` where a number is none of its octets."""
    first, second, third, fourth = map(int, parts)
    if not 0 < first <= 255 or second > 255 or third > 255 or fourth > 255:
        return None
    return f"{first}.{second}.{third}.{fourth}"


def camera_in(
    inside: PurePosixPath, timezone: tzinfo, known: Callable[[str], str | None], folders_are_cameras: bool
) -> str | None:
    """Whose picture ``inside`` its source is: the address in its name, as the register spells it; else a name that the
    register knows, of the file or of the nearest folder; else, where ``folders_are_cameras``, that folder."""
    parts = read_name(inside.stem, timezone)
    if parts.address is not None:
        return known(parts.address) or parts.address
    candidates = [parts.label, inside.stem, *reversed(inside.parts[:-1])]
    found = (known(candidate) for candidate in candidates if candidate)
    camera = next((camera for camera in found if camera is not None), None)
    if camera is None and folders_are_cameras and len(inside.parts) > 1:
        return inside.parts[-2]
    return camera
