"""The log: one line an event, whatever stands in it, and no secret."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.redaction import Redactor
from web.logs import JsonFormatter, LineFormatter, start_logging


def line_of(message: str, *args: object, secrets: tuple[str, ...] = ()) -> str:
    record = logging.LogRecord("web.test", logging.WARNING, __file__, 1, message, args, None)
    return LineFormatter(Redactor(secrets)).format(record)


@pytest.fixture
def quiet_root() -> Iterator[logging.Logger]:
    """The root logger, put back afterwards: pytest has handlers of its own on it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    yield root
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def test_a_line_says_when_how_bad_and_where() -> None:
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z WARNING web\.test: 3 pictures", line_of("%d pictures", 3)
    )


@pytest.mark.parametrize(
    "text",
    [
        "a\nINFO forged: b",
        "a\r\nb",
        "\x1b[2J\x1b[31mred",
        "\x9b31m",
        "a\u2028b",
        "\u202egnp.exe",
        "tab\there",
        "nul\0",
        "half\ud800",
        "a\x85b",
    ],
    ids=repr,
)
def test_nothing_from_outside_can_end_a_line_or_move_the_cursor(text: str) -> None:
    line = line_of("GET %s", text)
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    line.encode()


def raise_it() -> None:
    raise ValueError("first\nsecond")


def test_a_traceback_stays_on_its_line() -> None:
    try:
        raise_it()
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (type(error), error, error.__traceback__))
    line = LineFormatter(Redactor()).format(record)
    assert len(line.splitlines()) == 1
    assert "ValueError: first\\nsecond" in line


def test_no_secret_gets_through() -> None:
    line = line_of(
        "%s %s %s", "rtsp://admin:p@ss@10.0.0.1/1", "key sk-abc123def", "my-own-secret", secrets=("my-own-secret",)
    )
    for secret in ("p@ss", "abc123def", "my-own-secret"):
        assert secret not in line


def test_the_file_is_kept_small_and_redacted(quiet_root: logging.Logger, tmp_path: Path) -> None:
    """S0.12, S4.18: a log file, three of 5 MiB at most."""
    start_logging(Redactor(["hidden-word"]), tmp_path / "logs", "INFO")
    logging.getLogger("x").info("a hidden-word\nand more")
    logging.getLogger("x").debug("not this")
    lines = (tmp_path / "logs" / "sightline.log").read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("INFO x: a •••\\nand more")
    file = next(handler for handler in quiet_root.handlers if isinstance(handler, RotatingFileHandler))
    assert (file.maxBytes, file.backupCount) == (5 * 1024 * 1024, 2)


def test_changes_are_told_and_reading_is_not(client: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/health")
        client.get("/?secret=1")
        client.get("/api/v1/sessions/nowhere")
        assert caplog.messages == []
        client.post("/api/v1/sessions?secret=1")
    told = [record.getMessage() for record in caplog.records if record.name == "web.logs"]
    assert len(told) == 1
    assert told[0].startswith("POST /api/v1/sessions 403 ")
    assert "secret" not in caplog.text


@pytest.mark.parametrize("text", ["a\nb", "\u2028", "\x1b[2J", "half\ud800", '"}, {"level": "INFO'], ids=repr)
def test_a_line_for_programs_is_one_object_whatever_stands_in_it(text: str) -> None:
    """Threat row 29."""
    record = logging.LogRecord("web.test", logging.ERROR, __file__, 1, "%s and hidden-word", (text,), None)
    line = JsonFormatter(Redactor(["hidden-word"])).format(record)
    assert line.isascii()
    assert line.isprintable()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "web.test", f"{text} and •••")
