"""``outgoing`` says what left, and survives a log that was cut off."""

from __future__ import annotations

import json
from pathlib import Path

from config import Settings
from flask_app import create_app


def told(data: Path, *words: str) -> str:
    runner = create_app(Settings.load({"DATA_DIR": str(data)})).test_cli_runner()
    done = runner.invoke(args=["outgoing", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_nothing_left_is_said(tmp_path: Path) -> None:
    assert told(tmp_path) == "Nothing has left this machine.\n"


def test_a_question_that_was_sent_is_told_beside_the_pictures(tmp_path: Path) -> None:
    line = {"at": "2026-03-14T04:00:00.000Z", "to": "api.openai.com", "as": "text", "question": "\u0915\x1b[2J ?"}
    (tmp_path / "logs").mkdir()
    lines = [json.dumps(line), json.dumps(line | {"for": "report"}), '{"at": "a", "to": "b", "as": "text"}']
    (tmp_path / "logs" / "outgoing.log").write_text("\n".join(lines))
    assert told(tmp_path).splitlines() == [
        "2026-03-14  1 question to api.openai.com, to be understood",
        "2026-03-14  1 question to api.openai.com, with its figures, for a report",
        "2026-03-14T04:00:00.000Z  api.openai.com  to be understood  \u0915 [2J ?",
        "2026-03-14T04:00:00.000Z  api.openai.com  with its figures, for a report  \u0915 [2J ?",
    ]


def test_days_are_summed_up_and_the_last_ones_shown(tmp_path: Path) -> None:
    lines = [
        {"at": f"2026-03-1{day}T04:00:00.000Z", "to": "api.openai.com", "as": way, "picture": f"gate-{day}.jpg"}
        for day, way in ((4, "url"), (4, "url"), (5, "bytes"))
    ]
    (tmp_path / "logs").mkdir()
    text = "\n".join(json.dumps(line) for line in lines)
    (tmp_path / "logs" / "outgoing.log").write_text(f'{text}\n[1]\n{{"at": "2026-03-15T04')
    output = told(tmp_path, "--last", "1")
    assert output.splitlines() == [
        "2026-03-14  2 pictures to api.openai.com, by URL",
        "2026-03-15  1 picture to api.openai.com, as bytes",
        "2026-03-15T04:00:00.000Z  api.openai.com  as bytes  gate-5.jpg",
    ]
