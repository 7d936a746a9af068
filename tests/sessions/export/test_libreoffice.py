"""The workbook in a real spreadsheet program, which works every cell out anew: the figures are the database's."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sessions.export.extract import Extract
from sessions.export.workbook import workbook
from storage.observations import Observation
from tests.sessions.desk import Desk

RUNNABLE = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("http://x.example";"y")']
# Every sheet as a CSV of its own, in UTF-8, with formulas worked out and cells as they are stored.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


@pytest.fixture(scope="module")
def soffice() -> str:
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc")
        pytest.skip("no LibreOffice here: apt-get install --no-install-recommends libreoffice-calc")
    return found


def converted(soffice: str, book: bytes, folder: Path) -> dict[str, list[list[str]]]:
    """Every sheet of a workbook as LibreOffice has it after recalculation, by name."""
    folder.mkdir()
    (folder / "answer.xlsx").write_bytes(book)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", FILTER, "--outdir", str(folder), "answer.xlsx"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=180)
    sheets = {}
    for path in folder.glob("answer-*.csv"):
        with path.open(encoding="utf-8", newline="") as lines:
            sheets[path.stem.removeprefix("answer-")] = list(csv.reader(lines))
    return sheets


def test_libreoffice_has_the_databases_figures_and_runs_no_cell(
    extract: Extract, desk: Desk, soffice: str, tmp_path: Path
) -> None:
    """Threat row 27; one conversion proves both: eight rows begin like formulas, all others are as they were seen."""
    stored = list(desk.observations.all(extract.run.id))

    def seen() -> Iterator[Observation]:
        for number, one in enumerate(stored):
            text = RUNNABLE[number] if number < len(RUNNABLE) else one.text
            yield replace(one, text=text, name=text or one.name, longitude=-7.5 if number < 8 else one.longitude)

    question = replace(extract.message, row=replace(extract.message.row, text='=HYPERLINK("http://x.example")'))
    book = b"".join(workbook(replace(extract, observations=seen, message=question), tmp_path / "tmp"))
    sheets = converted(soffice, book, tmp_path / "office")

    assert set(sheets) == {"Answer", "Observations", "Places"}
    head, *rows = sheets["Observations"]
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["text"].strip() for row in told[: len(RUNNABLE)]] == [text.strip() for text in RUNNABLE]
    assert {row["longitude"] for row in told[:8]} == {"-7.5"}
    assert sheets["Answer"][0][:2] == ["Question", '=HYPERLINK("http://x.example")']

    assert Counter(row["outcome"] for row in told) == Counter(str(one.outcome) for one in stored)
    assert [row["count"] for row in told] == ["" if one.count is None else str(one.count) for one in stored]
    assert [row["observation_id"] for row in told] == [one.observation_id for one in stored]
    assert [row["latitude"] for row in told] == ["" if one.latitude is None else f"{one.latitude:g}" for one in stored]

    figures = {figure["label"]: figure for figure in extract.answer["figures"]}
    lines = [row[:3] for row in sheets["Answer"]]
    after = lines[next(index for index, line in enumerate(lines) if line[0] == "Figures") + 1 :]
    assert [line[:2] for line in after[: len(figures)]] == [
        [label, f"{figure['value']:g}"] for label, figure in figures.items()
    ]
    head, *places = sheets["Places"]
    shown = {place.viewpoint.camera: place.as_json()["value"] for place in extract.places()}
    told_places = {row[head.index("camera")]: row[head.index("value")] for row in places}
    assert told_places == {camera: f"{value:g}" for camera, value in shown.items()}
