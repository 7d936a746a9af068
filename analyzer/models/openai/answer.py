"""Reading JSON that a model wrote: whatever it is, it becomes a plain value or one named trouble."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

# An answer about one picture is some hundred characters; a report some thousand.
LONGEST = 200_000
_DEEPEST = 32


class Malformed(ValueError):
    """What came is not the JSON that was asked for."""


def read_json(text: str | bytes, longest: int = LONGEST) -> Any:
    """The value of ``text``. Raises :class:`Malformed` for what is too long or too deep, for NaN and Infinity, for a
    key that stands twice, and for text that is not Unicode (half of a surrogate pair)."""
    if len(text) > longest:
        raise Malformed(f"It is longer than {longest} characters.")
    try:
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # ValueError: not JSON, not UTF-8, or a number of 5,000 digits
        raise Malformed("It is not JSON.") from error
    if not _is_sound(value):
        raise Malformed("It is not sound.")
    return value


def _refuse(word: str) -> NoReturn:
    raise Malformed(f"{word} is no number.")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A key stands twice.")
    return found


def _is_sound(value: Any) -> bool:
    """Without recursion: depth within bounds, and every text can be written as UTF-8."""
    waiting = [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        if depth > _DEEPEST:
            return False
        if isinstance(one, str):
            if not one.isascii() and any("\ud800" <= letter <= "\udfff" for letter in one):
                return False
        elif isinstance(one, dict):
            waiting += [(part, depth + 1) for pair in one.items() for part in pair]
        elif isinstance(one, list):
            waiting += [(part, depth + 1) for part in one]
    return True
