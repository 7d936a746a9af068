"""The plan command: JSON and nothing else on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from click.testing import CliRunner

from web.commands.plan import plan

_REPOSITORY = Path(__file__).parents[3]
_REGISTER = _REPOSITORY / "tests/analyzer/questions_register.csv"
_FIELDS = {"kind", "task", "target", "ask", "scope", "aggregate", "group_by", "condition", "limit", "view"}


def test_it_prints_one_json_object_with_every_field() -> None:
    ran = CliRunner().invoke(plan, ["How many cars are in Guntur?", "--register", str(_REGISTER)])
    assert ran.exit_code == 0
    made = json.loads(ran.stdout)
    assert set(made) == _FIELDS
    assert set(made["scope"]) == {
        "districts", "mandals", "locations", "cameras", "unknown", "from", "to", "hours", "previous"}  # fmt: skip
    assert made["scope"]["districts"] == ["Guntur"]
    assert ran.stderr == ""


def test_earlier_questions_and_the_clock_are_options() -> None:
    options = ["And yesterday?", "--after", "Count cars today", "--now", "2026-03-14T09:30:00"]
    made = json.loads(CliRunner().invoke(plan, options).stdout)
    assert made["scope"]["from"] == "2026-03-13T00:00:00"
    assert made["kind"] == "look"


def test_what_cannot_be_planned_exits_with_2_and_one_line() -> None:
    for question in ("", "?!", "And in Krishna?", "x" * 2001):
        ran = CliRunner().invoke(plan, [question])
        assert (ran.exit_code, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)


def test_a_clock_that_is_none_and_a_sheet_that_is_not_there_exit_with_2(tmp_path: Path) -> None:
    for options in (["cars", "--now", "soon"], ["cars", "--register", str(tmp_path / "no.csv")]):
        ran = CliRunner().invoke(plan, options)
        assert (ran.exit_code, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)


def test_a_batch_goes_on_after_a_line_that_cannot_be_planned() -> None:
    lines = [
        '{"id": "a", "question": "How many cars?", "after": [], "now": null}',
        '{"id": "b", "question": "And there?"}',
        "not json",
        '{"id": "d", "question": "And in Krishna?", "after": ["Count cars"], "now": "2026-03-14T09:30:00"}',
    ]
    ran = CliRunner().invoke(plan, ["--batch", "-", "--register", str(_REGISTER)], input="\n".join(lines))
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert ran.exit_code == 0
    assert [answer["id"] for answer in answers] == ["a", "b", None, "d"]
    assert set(answers[0]) == _FIELDS | {"id"}
    assert set(answers[1]) == {"id", "error"}
    assert answers[3]["scope"]["districts"] == ["Krishna"]


def test_a_batch_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_text('{"id": 1, "question": "How many cars?"}\n\n', encoding="utf-8")
    ran = CliRunner().invoke(plan, ["--batch", str(tmp_path / "lines.jsonl")])
    assert json.loads(ran.stdout)["id"] == 1
    assert CliRunner().invoke(plan, ["--batch", str(tmp_path / "none.jsonl")]).exit_code == 2


def test_the_command_starts_in_less_than_two_seconds() -> None:
    """The better of two: a machine that is busy with something else is not the command's fault."""
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "flask_app",
        "plan",
        "How many cars?",
        "--register",
        str(_REGISTER),
    ]

    def took_s() -> float:
        started = time.monotonic()
        subprocess.run(command, cwd=_REPOSITORY, check=True, capture_output=True)
        return time.monotonic() - started

    assert min(took_s(), took_s()) < 2
