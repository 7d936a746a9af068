"""``ask`` as somebody runs it: in a process of its own, over drawn pictures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.sample_city import draw_city
from storage.ownership import Ownership

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    draw_city(folder, camera_count=6, per_camera=1)
    return folder


def run(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    settings = {"DATA_DIR": str(data), "MODEL": "opencv", "SITE_TIMEZONE": "Asia/Kolkata"}
    command = [sys.executable, "-m", "flask", "--app", "flask_app", "ask", *words]
    return subprocess.run(command, cwd=ROOT, env=kept | settings, capture_output=True, text=True, timeout=240)


def test_a_question_is_answered_and_saved_without_a_browser(city: Path, tmp_path: Path) -> None:
    """Parity S2.29: ``analysis_<ts>.json`` and ``report_<ts>.txt``, and what a program reads of them."""
    out = tmp_path / "results"
    named = ["--images", str(city / "pictures"), "--excel", str(city / "cameras.xlsx"), "--out", str(out)]
    done = run(tmp_path / "data", "How many people are at each location?", *named, "--model", "opencv")
    assert done.returncode == 0, done.stderr
    analysis, report = (Path(line) for line in done.stdout.splitlines())
    assert (analysis.parent, report.parent) == (out, out)
    assert analysis.name.removeprefix("analysis_").removesuffix(".json") == report.stem.removeprefix("report_")
    query = json.loads(analysis.read_text(encoding="utf-8"))["conversation"]["queries"][0]
    pictures = len(list((city / "pictures").iterdir()))
    assert len(query["results"]) == pictures
    assert f"of {pictures} pictures" in done.stderr
    told = report.read_text(encoding="utf-8")
    assert query["answer"]["headline"] in told
    assert query["answer"]["headline"] in done.stderr
    assert "Model: opencv" in told
    again = run(tmp_path / "data", "Which pictures show people?", "--images", str(city / "pictures"), "--out", str(out))
    assert again.returncode == 0
    assert len(list(out.iterdir())) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("", "--images", "{city}"), "There is no question."),
        (("Show me on a map", "--images", "{city}"), "there is none."),
        (("How many people?", "--images", "{city}", "--model", "oracle"), "oracle"),
        (("How many people?", "--images", "/nowhere"), "'/nowhere' does not exist"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(
    city: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = run(
        tmp_path / "data", *(word.format(city=city / "pictures") for word in words), "--out", str(tmp_path / "r")
    )
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "r").exists()


def test_a_data_folder_in_use_is_said_in_one_sentence(city: Path, tmp_path: Path) -> None:
    owner = Ownership(tmp_path / "data")
    owner.start()
    done = run(tmp_path / "data", "How many people are there?", "--images", str(city / "pictures"))
    owner.close()
    assert done.returncode == 3
    assert f"is in use by the Sightline with process id {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr
