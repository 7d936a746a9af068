"""Links over a real desk: what a stranger with the address sees, and what nobody sees by it."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import update

from analyzer.models.scripted import ScriptedModel
from core.redaction import Redactor
from sessions.views import MessageView
from storage import state
from storage.database import Database
from storage.people import PeopleStore
from storage.thumbnails import Thumbnails
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.export import conftest as answers
from tests.web.conftest import jpeg
from web.services import EXTENSION, Media, Services

answered = answers.answered
NAVIGATES = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}


class Photographs(MemorySource):
    """The same pictures, as real ones."""

    def read(self, picture: Any) -> bytes:
        super().read(picture)
        return jpeg(64, 36)


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Iterator[Desk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    opened = open_desk(folder, Photographs(8), ScriptedModel(lambda picture, ask: 2), database=database)
    yield opened
    opened.close()


@pytest.fixture
def asked(app: Flask, desk: Desk, answered: Callable[..., MessageView], tmp_path: Path) -> MessageView:
    """The app answers from the desk; one question is answered, and another source has one more picture."""
    source = Photographs(9)
    known = {source.picture(number).id: source.picture(number) for number in range(9)}
    media = Media(known.__getitem__, source, Thumbnails(tmp_path / "small"))
    house: Services = app.extensions[EXTENSION]
    stores = replace(
        house.stores, conversations=desk.conversations, exports=desk.exports, links=desk.links, media=media
    )
    app.extensions[EXTENSION] = replace(house, opening=cast("Any", SimpleNamespace(get=lambda: stores)))
    return answered('Count people at each location <script>alert("x")</script>')


def shared(visitor: Any, message: MessageView, whole: bool = False) -> str:
    reply = visitor.send(
        "POST", f"/api/v1/sessions/{message.row.session_id}/links", {"message_id": None if whole else message.id}
    )
    assert reply.status_code == 201
    return str(reply.get_json()["address"])


def test_the_page_of_a_link_holds_the_answer_and_no_way_to_change_anything(
    page: Any, asked: MessageView, desk: Desk
) -> None:
    reply = page.client.get(shared(page, asked), headers=NAVIGATES)
    assert reply.status_code == 200
    assert asked.answer and escape(asked.answer["headline"]) in reply.text
    assert "<script" not in reply.text and "&lt;script&gt;" in reply.text
    assert not re.search(r"<(?:form|button|input)|/api/|/media/|/s/", reply.text)
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "noindex" in reply.headers["X-Robots-Tag"]
    assert "default-src 'none'; img-src 'self'; style-src 'sha256-" in reply.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in reply.headers
    assert page.client.post(reply.request.path).status_code in {403, 405}


def test_it_reaches_its_own_pictures_and_no_others(page: Any, asked: MessageView) -> None:
    """Threat row 21."""
    address, source = shared(page, asked), Photographs(9)
    text = page.client.get(address).text
    sources = re.findall(r'src="([^"]+)"', text)
    assert sources and all(each.startswith(f"{address}/pictures/") for each in sources)
    for path in (sources[0], sources[0].removesuffix("/thumbnail")):
        reply = page.client.get(path)
        assert (reply.status_code, reply.mimetype, reply.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    stranger = source.picture(8).id
    assert page.client.get(f"{address}/pictures/{stranger}").status_code == 404
    assert page.client.get(f"/media/{stranger}").status_code == 200, "it is there, but not by this link"


def test_a_link_that_is_taken_back_is_as_one_that_never_was(page: Any, asked: MessageView) -> None:
    address = shared(page, asked)
    picture = re.findall(r'src="([^"]+)"', page.client.get(address).text)[0]
    [link] = page.client.get(f"/api/v1/sessions/{asked.row.session_id}/links").get_json()["links"]
    assert link["used_at"] is not None
    assert address.rpartition("/")[2] not in str(link)
    gone = page.send("DELETE", f"/api/v1/sessions/{asked.row.session_id}/links/{link['id']}")
    assert gone.get_json() == {"deleted": True}
    never = page.client.get("/shared/" + "x" * 43, headers=NAVIGATES)
    for path in (address, f"{address}/{asked.id}"):
        reply = page.client.get(path, headers=NAVIGATES)
        assert (reply.status_code, reply.data) == (404, never.data)
        assert "This link leads nowhere." in reply.text
    assert page.client.get(picture).status_code == 404
    assert page.client.get(f"/api/v1/sessions/{asked.row.session_id}/links").get_json() == {"links": []}


def test_a_session_is_shared_as_it_stands(page: Any, asked: MessageView, answered: Callable[..., MessageView]) -> None:
    second = answered("Which district has the most?", asked.row.session_id)
    address = shared(page, asked, whole=True)
    later = answered("How many people in total?", asked.row.session_id)
    text = page.client.get(address).text
    assert f"{address}/{asked.id}" in text and f"{address}/{second.id}" in text
    assert later.row.text not in text
    assert page.client.get(f"{address}/{asked.id}").status_code == 200
    assert page.client.get(f"{address}/{later.id}").status_code == 404


def test_with_people_a_stranger_needs_the_address_and_nothing_else(
    app: Flask, visit: Callable[..., Any], asked: MessageView, people: PeopleStore
) -> None:
    with people.engine.begin() as connection:
        connection.execute(update(state.sessions).values(owner=people.find("asha").id))
    asha, stranger = visit("Asha"), visit()
    # The desk keeps its own sessions: whose they are is asked of the people's.
    door = app.extensions[EXTENSION].door.get()
    audience = SimpleNamespace(require=lambda *_, **__: None)
    app.extensions[EXTENSION] = replace(
        app.extensions[EXTENSION], door=cast("Any", SimpleNamespace(get=lambda: replace(door, audience=audience)))
    )
    sent = asha.send("POST", f"/api/v1/sessions/{asked.row.session_id}/links", message_id=asked.id)
    address = sent.get_json()["address"]
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    reply = stranger.client.get(address, headers=NAVIGATES, environ_overrides=elsewhere)
    assert reply.status_code == 200
    assert stranger.client.get("/", headers=NAVIGATES).status_code == 302
    assert stranger.client.get(f"/api/v1/messages/{asked.id}").status_code == 401


def test_without_people_a_link_opens_on_this_machine_only(page: Any, asked: MessageView) -> None:
    """Threat row 51."""
    address = shared(page, asked)
    for elsewhere in ({"REMOTE_ADDR": "10.0.0.5"}, {"HTTP_X_FORWARDED_FOR": "10.0.0.5"}):
        assert page.client.get(address, environ_overrides=elsewhere).status_code == 403


def test_making_and_taking_back_are_on_record_and_no_address_reaches_a_log(
    page: Any, asked: MessageView, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat row 41."""
    caplog.set_level(logging.INFO, logger="audit")
    address = shared(page, asked)
    [link] = page.client.get(f"/api/v1/sessions/{asked.row.session_id}/links").get_json()["links"]
    page.send("DELETE", f"/api/v1/sessions/{asked.row.session_id}/links/{link['id']}")
    lines = [record.getMessage() for record in caplog.records if record.name == "audit"]
    assert any("links.make" in line and link["id"] in line for line in lines)
    assert any("links.take_back" in line and link["id"] in line for line in lines)
    assert address.rpartition("/")[2] not in " ".join(lines)
    assert Redactor()(f"GET {address}/pictures/x 500") == "GET /shared/•••/pictures/x 500"


@pytest.mark.parametrize("secret", ["x", "x" * 42, "x" * 44, "é" * 43, "../" * 14 + "x", "%00" * 43])
def test_what_can_be_no_link_is_404(page: Any, secret: str) -> None:
    """Threat rows 18 and 60."""
    assert page.client.get(f"/shared/{secret}").status_code in {404, 308}
