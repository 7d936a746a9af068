"""The routes of files over a real desk: what is sent, under which name, and what an upload may be."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analyzer.models.scripted import ScriptedModel
from sessions.views import MessageView
from storage.database import Database
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.export.conftest import by_number
from web.services import EXTENSION, Services, Stores

FORMS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
}
AWKWARD = 'How many people are at "Gate 1"?\r\nSet-Cookie: x=1; /../../etc'


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    opened = open_desk(folder, MemorySource(24, broken=[23]), ScriptedModel(by_number), database=database)
    yield opened
    opened.close()


@pytest.fixture
def asked(app: Flask, desk: Desk) -> MessageView:
    """The app answers from the desk; one question is answered."""
    house: Services = app.extensions[EXTENSION]
    stores: Stores = replace(house.stores, conversations=desk.conversations, exports=desk.exports, imports=desk.imports)
    app.extensions[EXTENSION] = replace(house, opening=cast("Any", SimpleNamespace(get=lambda: stores)))
    with desk.bus.subscribe() as heard:
        _, message = desk.conversations.ask(AWKWARD)
        while desk.conversations.message(message.id).row.answer is None:
            assert heard.receive(20) is not None
    return desk.conversations.message(message.id)


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_comes_as_a_download_of_its_kind(client: FlaskClient, asked: MessageView, form: str) -> None:
    """Threat row 28: the name is of plain letters, whatever was asked. Parity S2.22."""
    reply = client.get(f"/api/v1/messages/{asked.id}/export.{form}")
    assert (reply.status_code, reply.content_type) == (200, FORMS[form])
    disposition = reply.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="sightline-how-many-people-are-at-gate-1-set-cookie-x-1')
    assert disposition.endswith(f'.{form}"')
    assert "\r" not in disposition
    assert "Set-Cookie" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store"
    assert len(reply.data) > 500


def test_links_in_exports_lead_here_and_to_nothing_signed(client: FlaskClient, asked: MessageView) -> None:
    """Threat row 41."""
    for form in ("csv", "json", "geojson", "html"):
        text = client.get(f"/api/v1/messages/{asked.id}/export.{form}").text
        assert "http://127.0.0.1:5000/" in text
        assert not {"memory://", "X-Goog-", "Signature=", "token="} & {
            part for part in ("memory://", "X-Goog-", "Signature=", "token=") if part in text
        }


def test_a_session_comes_as_json_and_as_the_spines_folder(client: FlaskClient, asked: MessageView) -> None:
    """Parity S2.22."""
    session = asked.row.session_id
    told = client.get(f"/api/v1/sessions/{session}/export.json")
    assert list(json.loads(told.data)) == ["session_info", "conversation", "exported_at"]
    packed = client.get(f"/api/v1/sessions/{session}/export.zip")
    assert packed.data.startswith(b"PK")
    assert packed.content_type == "application/zip"


@pytest.mark.parametrize("path", ["messages/{}/export.csv", "sessions/{}/export.json", "sessions/{}/export.zip"])
def test_what_nobody_asked_is_not_found(client: FlaskClient, asked: MessageView, known: Any, path: str) -> None:
    assert client.get("/api/v1/" + path.format(known.nowhere)).status_code == 404


def upload(page: Any, body: bytes, kind: str = "application/octet-stream", **headers: str) -> Any:
    sent = {"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000", "Content-Type": kind}
    return page.client.post("/api/v1/sessions/import", data=body, headers=sent | headers)


def test_an_export_is_taken_in_raw_and_by_a_form(page: Any, asked: MessageView, desk: Desk) -> None:
    """Parity S2.21."""
    content = page.client.get(f"/api/v1/sessions/{asked.row.session_id}/export.json").data
    raw = upload(page, content, "application/json", **{"X-File-Name": "..%2Fevening%20one.json"})
    assert raw.status_code == 201
    assert raw.json["sessions"][0]["imported"] == "evening one.json"
    assert (raw.json["questions"], raw.json["observations"], raw.json["left_out"]) == (1, 6, [])
    form = page.client.post(
        "/api/v1/sessions/import",
        data={"file": (io.BytesIO(content), "exports/evening.json")},
        headers={"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000"},
    )
    assert (form.status_code, form.json["sessions"][0]["imported"]) == (201, "evening.json")
    assert len(desk.conversations.sessions()) == 3


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"<html>", b"[]", b"\xff" * 100])
def test_what_is_no_export_is_refused_in_a_sentence(page: Any, asked: MessageView, body: bytes) -> None:
    """Threat row 22."""
    reply = upload(page, body)
    assert reply.status_code == 400
    assert reply.json["error"]["code"] == "import_refused"
    assert reply.json["error"]["hint"]


def test_a_form_without_a_file_is_refused(page: Any, asked: MessageView) -> None:
    reply = upload(page, b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x")
    assert reply.status_code == 400


def test_more_than_the_limit_is_refused_before_it_is_read(page: Any, asked: MessageView) -> None:
    """Threat row 53."""
    sent = {"X-CSRF-Token": "t" * 43, "Content-Type": "application/zip"}
    claimed = {"CONTENT_LENGTH": str(66 * 1024 * 1024)}
    reply = page.client.post("/api/v1/sessions/import", headers=sent, environ_overrides=claimed)
    assert reply.status_code == 413


def test_an_import_needs_the_pages_token(client: FlaskClient, asked: MessageView, desk: Desk) -> None:
    browser = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    reply = client.post("/api/v1/sessions/import", data=b"{}", headers=browser)
    assert reply.status_code == 403
    assert len(desk.conversations.sessions()) == 1


def test_a_file_that_fails_at_once_is_told_as_an_error_and_not_as_a_file(
    client: FlaskClient, asked: MessageView, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> Iterator[Any]:
        raise ZeroDivisionError
        yield

    monkeypatch.setattr(desk.exports._observations, "all", broken)
    reply = client.get(f"/api/v1/messages/{asked.id}/export.xlsx")
    assert reply.status_code == 500
    assert "Content-Disposition" not in reply.headers
    assert list(desk.exports.folder.iterdir()) == []
