"""Trying where pictures lie, over HTTP: for who sits at this machine, and for nobody once people sign in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from tests.storage.test_trial import drawn
from tests.web.conftest import Visitor


def test_a_folder_is_looked_at_and_nothing_is_changed(client: FlaskClient, tmp_path: Path) -> None:
    folder = drawn(tmp_path / "own", "gate/1.jpg", "gate/2.jpg")
    before = client.get("/api/v1/state").get_json()["source"]
    found = client.post("/api/v1/pictures/try", json={"kind": "folder", "where": f" {folder} "}).get_json()
    assert (found["pictures"], found["more"], found["line"]) == (2, False, f"PICTURES_FROM={folder}")
    assert client.get("/api/v1/state").get_json()["source"] == before


def test_what_is_not_there_is_a_sentence(client: FlaskClient) -> None:
    for kind, where in (("folder", "/not/there"), ("folder", "relative"), ("bucket", "gs://"), ("sheet", "/none.csv")):
        reply = client.post("/api/v1/pictures/try", json={"kind": kind, "where": where})
        assert reply.status_code in (404, 503)
        assert reply.get_json()["error"]["message"]


def test_once_there_are_people_nobody_looks_about_on_the_disk(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    for name in ("Asha", "Eve"):
        reply = visit(name).send("POST", "/api/v1/pictures/try", kind="folder", where=str(tmp_path))
        assert reply.status_code == 403
