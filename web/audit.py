"""Who changed what: one line for each change and each sign-in, in the log and in a file of its own.

A line names the time, the person, where they were, what they did to what, and how it ended; never a password, a token,
or what somebody asked. Whoever is not let in leaves no line but for a sign-in that was tried, or a stranger could fill
the file and push out what matters.
"""

from __future__ import annotations

import getpass
import json
import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from flask import Flask, Response, g, request

from core.redaction import Redactor
from web.logs import LineFormatter
from web.security import SAFE_METHODS

_FILE_BYTES = 5 * 1024 * 1024
_FILES = 10
# Asked by a webcam twice a second, it changes nothing that is kept, and would push out what matters.
_CHANGES_NOTHING = frozenset({"chat.complete"})
# A POST for the length of what it takes: it changes nothing, and comes while somebody types.
_ASKS_ONLY = frozenset({"plans.preview"})
_log = logging.getLogger("audit")


class _OwnersFile(RotatingFileHandler):
    """Readable by its owner only."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8")


def start_audit(redact: Redactor, folder: Path, *, rotates: bool = True) -> None:
    """Write to ``audit.log`` in ``folder``: ten files of 5 MiB, the oldest dropped. A command that writes beside the
    running server leaves the turning of files to that."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = _OwnersFile(
        folder / "audit.log", maxBytes=_FILE_BYTES if rotates else 0, backupCount=_FILES - 1, delay=True
    )
    handler.setFormatter(LineFormatter(redact))
    _log.setLevel(logging.INFO)
    for old in list(_log.handlers):
        _log.removeHandler(old)
        old.close()
    _log.addHandler(handler)


def register_audit(app: Flask) -> None:
    """Put on record what requests change."""
    app.after_request(_record)


def about(subject: str) -> None:
    """What this request changed, where its address doesn't say it."""
    g.subject = subject


def record(person: str | None, address: str, action: str, subject: str, outcome: str) -> None:
    """One line. Names are quoted, so that none can be taken for another field."""
    who = json.dumps(person, ensure_ascii=False) if person is not None else "-"
    _log.info("person=%s from=%s action=%s subject=%s outcome=%s", who, address, action, subject or "-", outcome)


def record_command(action: str, subject: str) -> None:
    """A change made on the command line, by whoever this machine says it is."""
    record(f"{_machine_user()} (command line)", "-", action, json.dumps(subject, ensure_ascii=False), "done")


def _record(reply: Response) -> Response:
    if request.endpoint in _ASKS_ONLY:
        return reply
    changes = request.method not in SAFE_METHODS or g.get("changes", False)
    changes = changes and request.endpoint not in _CHANGES_NOTHING
    person = g.get("person")
    is_done = reply.status_code < 400
    is_told = (
        person is not None or (g.get("let_in", False) and is_done) or ("tried_as" in g and reply.status_code != 429)
    )
    if changes and is_told and request.endpoint is not None:
        ids = [value for value in (request.view_args or {}).values() if isinstance(value, str)]
        record(
            person.name if person else g.get("tried_as"),
            request.remote_addr or "-",
            request.endpoint,
            g.get("subject") or ",".join(ids),
            f"{'done' if is_done else 'refused'} {reply.status_code}",
        )
    return reply


def _machine_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name for this number, as in some containers
        return str(os.getuid())
