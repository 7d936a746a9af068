"""A sheet given in the page: previewed, corrected, used, put back; one that can't be read changes nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from web.services import Services

GOOD = "Camera IP,Location,District,Latitude,Longitude\n10.0.0.1,Gate,North,17.5,78.25\n10.0.0.2,=1+1,,95,78\n"
ODD = "Zeichen,Hochwert,Rechtswert\na,17.5,78.25\nb,17.6,78.26\n"


def give(page: Any, content: str | bytes, name: str = "cameras.csv", **headers: str) -> Any:
    sent = {"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000", "Content-Type": "application/octet-stream"}
    return page.client.post(
        "/api/v1/register/preview",
        query_string={"name": name},
        data=content.encode() if isinstance(content, str) else content,
        headers=sent | {key.replace("_", "-"): value for key, value in headers.items()},
    )


def waiting(tmp_path: Path) -> list[str]:
    return [path.suffix for path in (tmp_path / "tmp").glob("*")]


def test_a_sheet_is_shown_before_it_is_used(page: Any, conversations: Any) -> None:
    """Parity S2.16: a preview with what was understood, and the problems by row."""
    told = give(page, GOOD).get_json()
    assert (told["name"], told["rows"], told["placed"], told["cameras"]) == ("cameras.csv", 2, 1, 2)
    assert told["headings"][:2] == [
        {"field": "camera", "column": "Camera IP", "how": "alias"},
        {"field": "latitude", "column": "Latitude", "how": "alias"},
    ]
    assert told["columns"] == ["Camera IP", "Location", "District", "Latitude", "Longitude"]
    assert told["unmatched_columns"] == []
    assert [(problem["row"], problem["code"]) for problem in told["problems"]] == [(3, "out_of_range")]
    assert told["problem_counts"] == {"out_of_range": 1}
    assert told["sample"][0] == {"row": 2, "cells": ["10.0.0.1", "Gate", "North", "17.5", "78.25"]}
    assert told["points"] == [[17.5, 78.25]]
    assert conversations.sites == []


def test_a_wrong_guess_is_corrected_used_and_remembered(
    page: Any, conversations: Any, house: Services, tmp_path: Path
) -> None:
    first = give(page, ODD).get_json()
    assert (first["headings"], first["placed"]) == ([], 0)
    assert first["unmatched_columns"] == ["Zeichen", "Hochwert", "Rechtswert"]
    columns = {"camera": "Zeichen", "latitude": "Hochwert", "longitude": "Rechtswert"}
    path = f"/api/v1/register/preview/{first['upload_id']}"
    second = page.send("POST", path, {"columns": columns}).get_json()
    assert (second["placed"], {found["how"] for found in second["headings"]}) == (2, {"chosen"})
    used = page.send("POST", "/api/v1/register", {"upload_id": first["upload_id"]})
    assert used.status_code == 200
    assert house.stores.uploads.registers.origin == "upload"
    assert [site.register.placed for site in conversations.sites] == [2]
    assert waiting(tmp_path) == []
    again = give(page, ODD.replace("17.5", "17.7"), "next.csv").get_json()
    assert (again["placed"], again["remembered"]) == (2, True)
    assert page.send("POST", "/api/v1/register", {"upload_id": first["upload_id"]}).status_code == 404


def test_the_sheet_in_force_can_be_looked_at_once_more(page: Any, house: Services) -> None:
    headers = {"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000"}
    assert page.client.post("/api/v1/register/preview", headers=headers).status_code == 404
    assert page.send("POST", "/api/v1/register/preview", {"a": 1}).status_code == 400
    upload = give(page, GOOD).get_json()
    page.send("POST", "/api/v1/register", {"upload_id": upload["upload_id"]})
    again = page.client.post("/api/v1/register/preview", headers=headers).get_json()
    assert (again["name"], again["rows"]) == ("cameras.csv", 2)
    assert again["upload_id"] != upload["upload_id"]


def test_going_back_puts_the_settings_file_in_force(page: Any, conversations: Any, house: Services) -> None:
    upload = give(page, GOOD).get_json()
    page.send("POST", "/api/v1/register", {"upload_id": upload["upload_id"]})
    assert page.send("DELETE", "/api/v1/register").status_code == 200
    assert house.stores.uploads.registers.origin == "none"
    assert [site.register.name for site in conversations.sites] == ["cameras.csv", ""]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.xlsx", b"PK\x03\x04 broken", "damaged"),
        ("a.xls", b"<html><table></table></html>", "web page"),
        ("a.csv", b"", "empty"),
        ("a.pdf", b"%PDF-1.7", "a.pdf has none of the endings"),
        ("../../etc/passwd", b"root:x:0:0", "endings"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 40, "password"),
    ],
)
def test_what_can_not_be_read_is_a_clear_error_and_the_old_sheet_stays(
    page: Any, conversations: Any, tmp_path: Path, name: str, content: bytes, word: str
) -> None:
    """Threat row 26."""
    reply = give(page, content, name)
    assert reply.status_code == 400
    assert reply.json["error"]["code"] == "register_unreadable"
    assert word in reply.json["error"]["message"]
    assert conversations.sites == []
    assert waiting(tmp_path) == []


def test_an_upload_passes_the_same_door_as_every_change(page: Any, client: FlaskClient) -> None:
    assert give(page, GOOD, X_CSRF_Token="wrong").status_code == 403
    assert give(page, GOOD, Origin="http://evil.example").status_code == 403
    assert give(page, GOOD, Sec_Fetch_Site="cross-site").status_code == 403
    assert give(page, GOOD, name="").status_code == 400
    too_large = give(page, b"a," * 10_000_001)
    assert too_large.status_code == 413
    assert too_large.json["error"]["hint"] == "MAX_SHEET_BYTES sets the limit."


def test_a_name_with_signs_is_shown_as_text_and_never_becomes_a_path(page: Any, tmp_path: Path) -> None:
    """Threat row 25."""
    name = '../<img src=x onerror="alert(1)">\u202e.csv'
    told = give(page, GOOD, name).get_json()
    assert told["name"] == name
    assert [path.parent for path in tmp_path.rglob("sheet-*")] == [tmp_path / "tmp"]
    page.send("POST", "/api/v1/register", {"upload_id": told["upload_id"]})
    assert all(path.stem.isalnum() for path in (tmp_path / "registers").iterdir())


def test_the_oldest_waiting_sheet_goes_when_there_are_too_many(page: Any, tmp_path: Path) -> None:
    first = give(page, GOOD).get_json()["upload_id"]
    for _ in range(8):
        give(page, GOOD)
    assert len(waiting(tmp_path)) == 8
    assert page.send("POST", f"/api/v1/register/preview/{first}", {}).status_code == 404


def test_an_unknown_sheet_or_heading_is_an_error_and_the_upload_still_waits(page: Any) -> None:
    path = f"/api/v1/register/preview/{give(page, GOOD).get_json()['upload_id']}"
    assert page.send("POST", path, {"sheet": "Nowhere"}).status_code == 400
    assert page.send("POST", path, {"columns": {"camera": "Nothing"}}).status_code == 400
    assert page.send("POST", path, {"columns": {"colour": "Red"}}).status_code == 400
    assert page.send("POST", path, {"columns": {"district": ""}}).get_json()["unmatched_columns"] == ["District"]


def test_the_problems_are_a_table_in_which_no_cell_is_a_formula(client: FlaskClient, known: SimpleNamespace) -> None:
    """Threat row 27."""
    reply = client.get("/api/v1/register/problems.csv")
    assert reply.mimetype == "text/csv"
    assert "attachment" in reply.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(reply.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows == [
        ["row", "column", "code", "value", "message"],
        ["3", "LATITUDE", "not_a_number", "12,5x", "This latitude is no number."],
    ]
