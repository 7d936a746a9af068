"""The words of an answer: numbers, lists, and what a figure is out of. Short sentences, present tense."""

from __future__ import annotations

from collections.abc import Sequence

from analyzer.plan import Condition, GroupBy, Op

PLURALS = {
    GroupBy.IMAGE: "pictures",
    GroupBy.CAMERA: "cameras",
    GroupBy.LOCATION: "locations",
    GroupBy.DISTRICT: "districts",
    GroupBy.HOUR: "hours",
    GroupBy.DAY: "days",
}


def number(value: float) -> str:
    """12, 1.5, 1,234: whole numbers as such, means with one decimal."""
    rounded = round(value, 1)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.1f}"


def noun(kind: GroupBy, count: float) -> str:
    """``location`` for one, ``locations`` for any other number."""
    plural = PLURALS[kind]
    return plural[:-1] if count == 1 else plural


def counted(count: float, kind: GroupBy) -> str:
    """``1 location``, ``21 locations``."""
    return f"{number(count)} {noun(kind, count)}"


def listed(parts: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def unseen(unsure: int, unreadable: int) -> str:
    """`` (1 unsure, 3 unreadable)``, or nothing when all could be seen."""
    parts = [f"{value:,} {word}" for value, word in ((unsure, "unsure"), (unreadable, "unreadable")) if value]
    return f" ({', '.join(parts)})" if parts else ""


def target_with(target: str, condition: Condition | None) -> str:
    """``more than 5 cars``, ``no street lights``, ``cars``."""
    if condition is None:
        return target
    if isinstance(condition.value, tuple):
        low, high = condition.value
        return f"between {number(low)} and {number(high)} {target}"
    if condition.op is Op.EQ and condition.value == 0:
        return f"no {target}"
    words = {Op.GT: "more than ", Op.GE: "at least ", Op.LT: "fewer than ", Op.LE: "at most ", Op.EQ: "exactly "}
    return f"{words[condition.op]}{number(condition.value)} {target}"
