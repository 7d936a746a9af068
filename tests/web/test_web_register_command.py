"""``flask --app flask_app register check FILE [--json]``, run as a person runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.commands.register import register

ROOT = Path(__file__).parent.parent.parent
GOOD = (
    "Camera IP,Location,District,Latitude,Longitude,Image URL\n10.0.7.12,Gate,North,17.5,78.25,ftp://x/\nb,,,95,78,\n"
)


def flask(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "flask", "--app", "flask_app", "register", "check", str(path), *options]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60)


def sheet(folder: Path, text: str) -> Path:
    path = folder / "cameras.csv"
    path.write_text(text)
    return path


def test_a_readable_sheet_is_told_as_json_and_ends_with_success(tmp_path: Path) -> None:
    done = flask(sheet(tmp_path, GOOD), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "readable": True,
        "columns": {
            "camera": "Camera IP",
            "latitude": "Latitude",
            "longitude": "Longitude",
            "location": "Location",
            "district": "District",
        },
        "rows": 2,
        "placed": 1,
        "problems": [
            {"row": 2, "column": "Image URL", "code": "bad_url", "value": "ftp://x/"},
            {"row": 3, "column": "Latitude", "code": "out_of_range", "value": "95"},
        ],
    }


def test_an_unreadable_sheet_is_one_line_and_two(tmp_path: Path) -> None:
    path = tmp_path / "cameras.xls"
    path.write_text("<html></html>")
    done = flask(path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "web page" in done.stderr
    done = flask(path, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["readable"] is False
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "rows", "placed", "problems"),
    [
        ("Camera,Lat,Lon\n", 0, 0, 0),
        ("Camera,Location\na,b\nc,d\n", 2, 0, 1),
        ("Camera,Lat,Lon\na,1,2\nTotal,,\n", 2, 1, 1),
    ],
)
def test_what_is_readable_but_lacking_is_readable(
    tmp_path: Path, text: str, rows: int, placed: int, problems: int
) -> None:
    result = CliRunner().invoke(register, ["check", str(sheet(tmp_path, text)), "--json"])
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["readable"], told["rows"], told["placed"], len(told["problems"])) == (True, rows, placed, problems)
    assert told["columns"]["location"] == ("Location" if "Location" in text else None)


def test_a_person_is_told_in_sentences_that_move_no_cursor(tmp_path: Path) -> None:
    result = CliRunner().invoke(register, ["check", str(sheet(tmp_path, "Camera,Lat,Lon\na,\x1b[31mred,2\n"))])
    assert result.exit_code == 0
    assert "1 row, 0 cameras placed, 1 problem" in result.stdout
    assert "row 2, Lat: This is not a coordinate." in result.stdout
    assert "\x1b" not in result.stdout


def test_columns_and_the_sheet_may_be_said(tmp_path: Path) -> None:
    path = sheet(tmp_path, "Kennzahl,N-Wert,O-Wert\na,17.5,78.25\n")
    said = ["--column", "camera=Kennzahl", "--column", "latitude=n-wert", "--column", "longitude=column C"]
    result = CliRunner().invoke(register, ["check", str(path), "--json", *said])
    told = json.loads(result.stdout)
    assert (result.exit_code, told["placed"], told["columns"]["latitude"]) == (0, 1, "N-Wert")
    assert CliRunner().invoke(register, ["check", str(path), "--column", "colour=Red"]).exit_code == 2
    missing = CliRunner().invoke(register, ["check", str(path), "--column", "camera=Nothing"])
    assert (missing.exit_code, "“Nothing”" in missing.stderr) == (2, True)
    assert CliRunner().invoke(register, ["check", str(path), "--sheet", "Nowhere"]).exit_code == 2
