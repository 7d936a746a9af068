"""``bundle verify`` over files: what it says, and how it exits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sessions.export.bundle import bundle as packed
from sessions.export.extract import Extract
from sessions.views import MessageView
from tests.sessions.desk import Desk
from tests.sessions.export import conftest as answers
from tests.sessions.export.test_bundle import repacked
from web.commands.bundle import bundle

desk, answered, extract = answers.desk, answers.answered, answers.extract
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(extract: Extract, tmp_path: Path) -> Path:
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"".join(packed(extract, lambda _: b"\xff\xd8", "0.1.0")))
    return path


def test_it_agrees_with_0(file: Path, desk: Desk, answered: Callable[..., MessageView]) -> None:
    ran = CliRunner().invoke(bundle, ["verify", str(file)])
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "Count people at each location" in ran.stdout
    assert "Agrees: " in ran.stdout


def test_it_says_what_differs_with_1(file: Path) -> None:
    file.write_bytes(repacked(file.read_bytes(), report="<p>Nothing to see.</p>"))
    ran = CliRunner().invoke(bundle, ["verify", str(file)])
    assert ran.exit_code == 1
    assert "Differs: report.html is not the file that was packed" in ran.stdout


@pytest.mark.parametrize("content", [None, b"", b"no zip"])
def test_what_cannot_be_read_is_one_line_with_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "evidence.zip"
    if content is not None:
        path.write_bytes(content)
    ran = CliRunner().invoke(bundle, ["verify", str(path)])
    assert ran.exit_code == 2
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1


def test_the_command_needs_no_database_and_writes_nothing(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", "bundle", "verify", str(file)],
        cwd=REPOSITORY, env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(data)}, capture_output=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    assert not data.exists()
