"""What left this machine over HTTP: for operators, and as a file that no spreadsheet runs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from tests.web.conftest import Visitor
from web.services import EXTENSION

FORMULA = "=HYPERLINK(1)"


def write(client: FlaskClient, *lines: dict[str, Any]) -> None:
    folder: Path = client.application.extensions[EXTENSION].room.folder / "logs"
    folder.mkdir(exist_ok=True)
    told = [
        {"at": "2026-03-14T20:00:00.000Z", "to": "api.example", "model": "gpt-4o", "bytes": 10} | one for one in lines
    ]
    (folder / "outgoing.log").write_text("\n".join(map(json.dumps, told)), encoding="utf-8")


PICTURE = {"as": "url", "picture": FORMULA, "run": "0" * 26}
TEXT = {"as": "text", "question": "How many cars?"}


def test_without_a_log_nothing_has_left(client: FlaskClient) -> None:
    assert client.get("/api/v1/outgoing").get_json() == {"days": [], "sent": [], "more": False}
    assert len(client.get("/api/v1/outgoing.csv").get_data(as_text=True).splitlines()) == 1


def test_it_is_told_by_day_and_as_a_file(client: FlaskClient) -> None:
    write(client, PICTURE, TEXT)
    told = client.get("/api/v1/outgoing").get_json()
    assert told["days"] == [{"day": "2026-03-15", "number": 2}]
    assert [(one["way"], one["about"], one["question"]) for one in told["sent"]] == [
        ("url", "deleted", None),
        ("text", "asked", "How many cars?"),
    ]
    reply = client.get("/api/v1/outgoing.csv?day=2026-03-15")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="outgoing-2026-03-15.csv"'
    rows = list(csv.reader(io.StringIO(reply.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[1][5] == f"'{FORMULA}"
    assert rows[2][5:] == ["How many cars?", "10", "How many cars?"]
    assert client.get("/api/v1/outgoing?day=2026-03-14").get_json()["sent"] == []


def test_a_day_that_is_none_is_refused(client: FlaskClient) -> None:
    for day in ("yesterday", "2026-3-1", "../x", "2026-03-14%0d%0aX:1"):
        assert client.get(f"/api/v1/outgoing?day={day}").status_code == 400
        assert client.get(f"/api/v1/outgoing.csv?day={day}").status_code == 400


def test_who_may_only_look_is_not_told(visit: Callable[..., Visitor]) -> None:
    for path in ("/api/v1/outgoing", "/api/v1/outgoing.csv"):
        assert visit("Eve").client.get(path).status_code == 403
        assert visit("Asha").client.get(path).status_code == 200
