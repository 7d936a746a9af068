"""The log: one line an event, no secret in it, and nothing from outside that could forge a line or move a cursor."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from flask import Flask, Response, g, request

from core.redaction import Redactor

_FILE_BYTES = 5 * 1024 * 1024
_FILES = 3
# C0 and C1 controls (line ends, escape sequences), the Unicode line ends, and what turns the reading direction.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# Once a second for ever; what is wrong was logged where it went wrong.
_ASKED_BY_MACHINES = frozenset({"/health", "/ready", "/api/v1/plan"})
# Nothing under an id, and a picture that is known to be broken.
_NO_NEWS = frozenset({404, 422})
_log = logging.getLogger(__name__)


class LineFormatter(logging.Formatter):
    """``2026-03-14T09:30:00.123Z WARNING web.errors: text``; a traceback follows on the same line, its ends as \\n."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_moment(record)} {record.levelname} {record.name}: {self._text(record)}"
        return _CONTROL.sub(_escaped, self._redact(line))

    def _text(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        return text + "\n" + self.formatException(record.exc_info) if record.exc_info else text


class JsonFormatter(LineFormatter):
    """The same as a JSON object on a line: ``time``, ``level``, ``logger``, ``message``."""

    def format(self, record: logging.LogRecord) -> str:
        message = self._redact(self._text(record))
        line = {"time": _moment(record), "level": record.levelname, "logger": record.name, "message": message}
        return json.dumps(line)  # which escapes whatever is not ASCII, and so every sign that could end a line


def start_logging(redact: Redactor, folder: Path | None, level: str = "INFO", form: str = "text") -> None:
    """Log to standard error, and to ``folder`` where there is one: three files of 5 MiB, the oldest dropped.
    ``form`` is ``text`` or ``json``."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "sightline.log"
        handlers.append(
            RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=_FILES - 1, encoding="utf-8", delay=True)
        )
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in handlers:
        handler.setFormatter(JsonFormatter(redact) if form == "json" else LineFormatter(redact))
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(True)


def register_request_log(app: Flask) -> None:
    """Log what changes something or goes wrong; what is merely read is told at DEBUG."""
    app.before_request(_begin)
    app.after_request(_tell)


def _begin() -> None:
    g.began_s = time.monotonic()


def _tell(reply: Response) -> Response:
    read = request.method in {"GET", "HEAD"} and (reply.status_code < 400 or reply.status_code in _NO_NEWS)
    quiet = read or request.path in _ASKED_BY_MACHINES
    elapsed_ms = 1000 * (time.monotonic() - g.get("began_s", time.monotonic()))
    # The path without its query: what stands there may be somebody's words.
    level = logging.DEBUG if quiet else logging.INFO
    _log.log(level, "%s %s %d %.0f ms", request.method, request.path[:200], reply.status_code, elapsed_ms)
    return reply


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\u{ord(character):04x}")
