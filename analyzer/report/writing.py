"""Who writes a report in the end: an author whose draft stands up to the figures, at the second try at the latest; else
the template."""

from __future__ import annotations

import logging
from dataclasses import replace

from analyzer.report.check import faults
from analyzer.report.facts import Facts
from analyzer.report.names import Names
from analyzer.report.report import TEMPLATE_NOTE, Author, NoDraft, Report, Writer
from analyzer.report.template import by_template

log = logging.getLogger(__name__)
TRIES = 2


def write(facts: Facts, author: Author, register: Names) -> Report:
    """The report of an answer. Takes as long as its author does, and never raises for what that one does."""
    template = by_template(facts)
    wrong: list[str] = []
    for _ in range(TRIES):
        try:
            draft = author.draft(facts, wrong)
        except NoDraft as error:
            log.warning("no report from %s: %s", author.label, error)
            note = f"{TEMPLATE_NOTE} None came from {author.label}."
            return replace(template, note=note, cost_usd=author.spent_usd)
        wrong = faults(draft, facts, register)
        if not wrong:
            note = f"Written by {author.label}; every number and name was checked against the figures."
            return Report(draft, template.districts, Writer.MODEL, note, author.spent_usd)
        log.warning("a report from %s is refused: %s", author.label, " ".join(wrong)[:500])
    note = f"{TEMPLATE_NOTE} What {author.label} wrote did not keep to them."
    return replace(template, note=note, cost_usd=author.spent_usd)
