"""The log: one line an event, no secret in it, and nothing from outside that could forge a line or move a cursor."""

from __future__ import annotations

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
_ASKED_BY_MACHINES = frozenset({"/health", "/ready"})
# Nothing under an id, and a picture that is known to be broken.
_NO_NEWS = frozenset({404, 422})
_log = logging.getLogger(__name__)


class LineFormatter(logging.Formatter):
    """``2026-03-14T09:30:00.123Z WARNING web.errors: text``; a traceback follows on the same line, its ends as \\n."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        text = record.getMessage()
        if record.exc_info:
            text += "\n" + self.formatException(record.exc_info)
        line = f"{moment.replace('+00:00', 'Z')} {record.levelname} {record.name}: {text}"
        return _CONTROL.sub(_escaped, self._redact(line))


def start_logging(redact: Redactor, folder: Path | None, level: str = "INFO") -> None:
    """Log to standard error, and to ``folder`` where there is one: three files of 5 MiB, the oldest dropped."""
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
        handler.setFormatter(LineFormatter(redact))
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


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\u{ord(character):04x}")
