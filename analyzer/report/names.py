"""Names in a text: which of those that are known stand where. Case, marks and the signs between words don't count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

# The marks of Indic and Thai scripts are no letters to Python, and no word is without them.
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e00-\u0eff])+")
_LONGEST_WORDS = 200

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A name and where it stands in a text."""

    start: int
    end: int
    key: Key


def key_of(name: str) -> Key:
    """What two spellings of one name have in common: its words, folded; empty for a name that has none."""
    return tuple(_folded(found.group()) for found in _WORD.finditer(name))


class Names:
    """Names to be looked for. A name without a letter or a sign within, such as "7", can't be told from a number, and
    one that is a word of ``plain`` can't be told from that: neither is found."""

    def __init__(self, names: Iterable[str], plain: frozenset[str] = frozenset()) -> None:
        keys = (key_of(name) for name in names)
        self._keys = {key for key in keys if key and not _is_plain(key, plain)}
        self._longest = min(max((len(key) for key in self._keys), default=0), _LONGEST_WORDS)
        self._first = {key[0] for key in self._keys}

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def mentions(self, text: str) -> list[Mention]:
        """Where they stand, the longest where several begin at one word; none overlaps another."""
        words = [(found.start(), found.end(), _folded(found.group())) for found in _WORD.finditer(text)]
        found: list[Mention] = []
        at = 0
        while at < len(words):
            size = self._at([word for _, _, word in words[at : at + self._longest]])
            if size:
                key = tuple(word for _, _, word in words[at : at + size])
                found.append(Mention(words[at][0], words[at + size - 1][1], key))
            at += size or 1
        return found

    def _at(self, words: list[str]) -> int:
        """How many of ``words``, from the first one on, are a name: as many as can be."""
        if not words or words[0] not in self._first:
            return 0
        return next((size for size in range(len(words), 0, -1) if tuple(words[:size]) in self._keys), 0)


def without(text: str, mentions: Iterable[Mention]) -> str:
    """``text`` with what is mentioned blotted out; everything else stands where it stood."""
    for one in mentions:
        text = text[: one.start] + "\0" * (one.end - one.start) + text[one.end :]
    return text


def _is_plain(key: Key, plain: frozenset[str]) -> bool:
    return len(key) == 1 and (key[0].isdigit() or key[0] in plain)


def _folded(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold()
