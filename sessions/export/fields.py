"""Values out of a file that somebody else wrote: each of its type, within its bounds, or not there at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

_LONGEST = 10_000
_UNTEXTUAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# How the spine wrote what it did not know.
_NOTHING = frozenset({"", "unknown", "n/a", "none", "nan", "null"})
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?", re.ASCII)
_ID = re.compile("[0-9abcdefghjkmnpqrstvwxyz]{26}")


def text(fields: Mapping[str, Any], name: str, longest: int = _LONGEST) -> str:
    """A text without what can't be stored, cut to ``longest``; empty where there is none."""
    value = fields.get(name)
    return _UNTEXTUAL.sub("\ufffd", value)[:longest] if isinstance(value, str) else ""


def known(fields: Mapping[str, Any], name: str, longest: int = 500) -> str | None:
    """A text that says something; ``None`` for "Unknown" and its like."""
    value = text(fields, name, longest).strip()
    return None if value.casefold() in _NOTHING else value


def identifier(fields: Mapping[str, Any], name: str) -> str | None:
    """An id of ours."""
    value = fields.get(name)
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def number(fields: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    """A number from ``low`` to ``high``."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if low <= value <= high else None


def whole(fields: Mapping[str, Any], name: str, high: int) -> int | None:
    """A whole number from 0 to ``high``; also one that stands there as text, as the spine's counts did."""
    value = fields.get(name)
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(float(value))
    found = number({name: value}, name, 0, high)
    return None if found is None or found != int(found) else int(found)


def flag(fields: Mapping[str, Any], name: str) -> bool | None:
    """Yes or no; as text too, since a text "false" must not count as a yes."""
    value = fields.get(name)
    if isinstance(value, bool):
        return value
    words = {"true": True, "yes": True, "false": False, "no": False}
    return words.get(value.strip().casefold()) if isinstance(value, str) else None


def moment(fields: Mapping[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """A time in ISO 8601, in ``zone`` where it names none, as UTC."""
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=zone)
    # Years at the ends of the calendar can't be put into another zone.
    if not 1971 < found.year < 2200:
        return None
    return found.astimezone(UTC)


def mapping(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object; an empty one where there is none."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def sequence(fields: Mapping[str, Any], name: str, most: int) -> list[Any]:
    """A list of at most ``most`` items; empty where there is none."""
    value = fields.get(name)
    return value[:most] if isinstance(value, list) else []
