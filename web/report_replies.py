"""The report of an answer in the replies of /api/v1."""

from __future__ import annotations

from typing import TypedDict

from analyzer.report.report import Writer


class ReportedDistrict(TypedDict):
    """A district's pictures: how many there are, could be read, and match."""

    label: str
    pictures: int
    readable: int
    match: int


class Report(TypedDict):
    """The answer in a few paragraphs. A template writes it with the answer; where a language model writes one whose
    numbers and names all stand among the figures, that takes its place. ``note`` says who wrote it, and why."""

    introduction: str
    findings: list[str]
    conclusion: str
    districts: list[ReportedDistrict]
    writer: Writer
    note: str
    cost_usd: float
