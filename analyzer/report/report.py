"""The report as a value, what is drafted of it, and the seam behind which somebody drafts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Protocol

from analyzer.report.facts import Facts

TEMPLATE_NOTE = "Written from the figures by a template."


class Writer(StrEnum):
    """Who wrote a report."""

    TEMPLATE = "template"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Draft:
    """The three parts of a report, as somebody proposes them."""

    introduction: str
    findings: tuple[str, ...]
    conclusion: str

    @property
    def parts(self) -> tuple[str, ...]:
        """All that is said, in reading order."""
        return tuple(part for part in (self.introduction, *self.findings, self.conclusion) if part)


@dataclass(frozen=True, slots=True)
class District:
    """A district's pictures: how many there are, could be read, and match."""

    label: str
    pictures: int
    readable: int
    match: int


@dataclass(frozen=True, slots=True)
class Report:
    """A draft that stands, the districts as code counts them, and one line on who wrote it and why. ``cost_usd`` is
    what was paid for it, in US dollars, also where the template stands in the end."""

    draft: Draft
    districts: tuple[District, ...] = ()
    writer: Writer = Writer.TEMPLATE
    note: str = TEMPLATE_NOTE
    cost_usd: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "introduction": self.draft.introduction,
            "findings": list(self.draft.findings),
            "conclusion": self.draft.conclusion,
            "districts": [asdict(district) for district in self.districts],
            "writer": str(self.writer),
            "note": self.note,
            "cost_usd": round(self.cost_usd, 6),
        }


class NoDraft(Exception):
    """Nothing was drafted. The sentence says why, without a secret."""


class Author(Protocol):
    """Who drafts a report in words of their own."""

    @property
    def label(self) -> str:
        """Who that is, for people."""
        ...

    @property
    def spent_usd(self) -> float:
        """What the drafts of this author have cost so far, in US dollars."""
        ...

    def draft(self, facts: Facts, faults: Sequence[str]) -> Draft:
        """A draft out of ``facts``; ``faults`` says what was wrong with the one before. Raises :class:`NoDraft`."""
        ...
