"""How it is said that pictures show something: by number, and by what it is that they show."""

from __future__ import annotations

from analyzer.models.vocabulary import COCO

# What a picture is, rather than shows.
_STATES = frozenset(
    (
        "dark",
        "bright",
        "blurred",
        "blurry",
        "foggy",
        "misty",
        "hazy",
        "blocked",
        "covered",
        "obstructed",
        "clear",
        "dim",
    )
)
_UNCOUNTED = frozenset(("skis", "scissors", "broccoli"))


def shown(what: str, subjects: float) -> str:
    """``show cars``, ``shows cars``, ``shows a cat``, ``are dark``: the words for so many places or pictures."""
    one = subjects == 1
    if what in _STATES:
        return f"{'is' if one else 'are'} {what}"
    article = ("an " if what[0] in "aeiou" else "a ") if what in COCO and what not in _UNCOUNTED else ""
    return f"{'shows' if one else 'show'} {article}{what}"
