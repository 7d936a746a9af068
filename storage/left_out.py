"""What lies among a source's pictures and is in no answer: why, how many, and one of them.

What merely lies beside pictures (texts, sheets, programs) is not counted; what somebody could take for a picture is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, runtime_checkable

_MAX_PROBLEMS = 1000
_NO_PHOTOGRAPH = "This kind of picture is not read: save it as JPEG or PNG."
_NO_VIDEO = "Videos are not read: cut them into pictures first (docs/sources.md)."
_KINDS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys((".heic", ".heif", ".avif", ".gif", ".tif", ".tiff", ".jp2", ".jxl", ".dng"), _NO_PHOTOGRAPH)
    | dict.fromkeys(
        (".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".dav"), _NO_VIDEO
    )
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """``number`` files or folders not listed for one ``reason`` (a sentence); ``example`` is the name of one."""

    reason: str
    number: int
    example: str

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {"reason": self.reason, "number": self.number, "example": self.example}


@runtime_checkable
class LeavesOut(Protocol):
    """A source that tells what its last whole listing had to leave out, and what has only its file's time."""

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """By reason, the most frequent first."""
        ...

    @property
    def undated(self) -> int:
        """How many pictures tell no time themselves."""
        ...


def not_read(suffix: str) -> str:
    """Why a file of that suffix (``.mov``) is not read, though it could be taken for a picture; else nothing."""
    return _KINDS.get(suffix, "")


class ListingNotes:
    """What one listing leaves out. ``problems`` names the first thousand; all are counted. ``undated`` counts listed
    pictures that tell no time themselves: that of their files is taken."""

    def __init__(self) -> None:
        self.undated = 0
        self.problems: dict[str, str] = {}
        self._numbers: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def problem(self, name: str, reason: str) -> None:
        """``name`` should have been listed and could not be."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems[name] = reason
        self._count(name, reason)

    def passed_over(self, name: str, suffix: str) -> None:
        """``name`` is of no kind that is read; counted where it could be taken for a picture."""
        if reason := not_read(suffix):
            self._count(name, reason)

    def left_out(self) -> tuple[LeftOut, ...]:
        """By reason, the most frequent first."""
        return tuple(LeftOut(reason, number, self._examples[reason]) for reason, number in self._numbers.most_common())

    def _count(self, name: str, reason: str) -> None:
        self._numbers[reason] += 1
        self._examples.setdefault(reason, name)
