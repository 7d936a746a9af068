"""Peculiar answers say the same in every form: ties, none, all unreadable, one camera, unsure only."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from analyzer.models.scripted import ScriptedModel
from core.observation import Sight
from sessions.export.bundle import bundle
from sessions.export.document import answer_document
from sessions.export.extract import Extract
from sessions.export.features import feature_collection
from sessions.export.report import report
from sessions.export.table import csv_lines
from sessions.export.verify import verify
from sessions.export.workbook import workbook
from storage.database import Database
from tests.conftest import MemorySource
from tests.sessions.desk import open_desk
from tests.sessions.export.conftest import ADDRESS
from tests.sessions.test_conversations import answered

PROGRAM = "0.1.0"
UNSURE = Sight(640, 480, facts={"unsure": True})
Seen = Callable[..., Any]
ANSWERS: dict[str, tuple[Seen, MemorySource]] = {
    "ties": (lambda *_: 2, MemorySource(8)),
    "none": (lambda *_: 0, MemorySource(8)),
    "all unreadable": (lambda *_: 1, MemorySource(8, broken=range(8))),
    "one camera": (lambda picture, _: int(picture.content) % 3, MemorySource(5, cameras=1)),
    "one picture": (lambda *_: 3, MemorySource(1, cameras=1)),
    "unsure only": (lambda *_: UNSURE, MemorySource(8)),
    "no picture": (lambda *_: 1, MemorySource(0)),
}
QUESTIONS = (
    "How many people are at each location?",
    "Which location has the most people?",
    "Which locations have people?",
    "Which locations have no people?",
    "How many people per hour?",
)


def figure(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}".removesuffix(".0")


def by_book(extract: Extract, folder: Path) -> dict[str, Any]:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(workbook(extract, folder))))
    rows = [[cell.value for cell in row] for row in book["Answer"].iter_rows()]

    def section(heading: str) -> list[list[Any]]:
        start = next(place for place, row in enumerate(rows) if row[0] == heading) + 1
        return rows[start : next((n for n in range(start, len(rows)) if rows[n][0] is None), len(rows))]

    labelled = {row[0]: row[1] for row in section("Question")}
    return {
        "headline": labelled["Headline"],
        "findings": [row[1] for row in section("Question") if row[0] == "Finding"],
        "report": labelled["Report"],
        "figures": [tuple(row[:3]) for row in section("Figures")],
        "counts": {row[0]: row[1] for row in section("Pictures by outcome")},
        "seen": len(list(book["Observations"].iter_rows())) - 1,
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", ANSWERS)
def test_all_forms_of_an_answer_say_the_same(kind: str, question: str, tmp_path: Path, database: Database) -> None:
    database.command("TRUNCATE TABLE sights")
    script, source = ANSWERS[kind]
    desk = open_desk(tmp_path, source, ScriptedModel(script, workers=4), database=database)
    try:
        asked = answered(desk, question)
        desk.conversations.wait_for_reports()  # a look at nothing is over before its answer is kept
        extract = desk.exports.answer(asked.id, "Northside", ADDRESS)
        told = extract.answer
        said = told["report"]
        paragraphs = [said["introduction"], *said["findings"], said["conclusion"]]
        assert all(paragraphs)

        stored = json.loads(b"".join(answer_document(extract)))
        assert stored["message"]["answer"] == json.loads(json.dumps(told))
        assert len(stored["observations"]) == told["pictures"]

        book = by_book(extract, tmp_path)
        assert book["headline"] == told["headline"]
        assert book["findings"] == told["findings"]
        assert book["report"] == "\n".join(paragraphs)
        assert book["figures"] == [(one["label"], one["value"], one["of"]) for one in told["figures"]]
        as_seen = {str(outcome): number for outcome, number in extract.counts.items()}  # before a condition
        assert book["counts"] == as_seen
        assert book["seen"] == told["pictures"]

        lines = list(csv.DictReader(io.StringIO(b"".join(csv_lines(extract)).decode("utf-8-sig"))))
        counts = Counter(line["outcome"] for line in lines)
        assert {outcome: number for outcome, number in as_seen.items() if number} == counts

        places = json.loads(b"".join(feature_collection(extract)))
        assert places["headline"] == told["headline"]
        assert sum(place["properties"]["pictures"] for place in places["features"]) == told["pictures"]

        page = html.unescape(re.sub(r"<[^>]+>", "\n", b"".join(report(extract, lambda _: b"")).decode()))
        for sentence in (told["headline"], *told["findings"], *paragraphs, said["note"]):
            assert sentence in page
        rows = [figure(one["value"]) for one in told["figures"]]
        assert all(f"\n{row}\n" in page for row in rows)

        packed = b"".join(bundle(extract, lambda _: b"", PROGRAM))
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            assert json.loads(archive.read("answer.json")) == json.loads(json.dumps(told))
        verdict = verify(packed, PROGRAM)
        assert (verdict.headline, verdict.differences) == (told["headline"], ())
    finally:
        desk.close()
