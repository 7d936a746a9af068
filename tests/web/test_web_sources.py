"""Pictures that lie elsewhere, through the real program: asked by their address, shown by it, and never copied."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from analyzer.models.scripted import ScriptedModel
from config import Settings
from core.errors import PictureUnreadable
from core.web_address import read_networks
from flask_app import create_app
from tests.storage.web_peer import Peer, gives, web_peer
from tests.web.conftest import jpeg

QUESTION = "How many people are at each location?"
PICTURES = 20
HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_USER_AGENT": "test"}


@dataclass
class Town:
    """A program over a sheet whose addresses lead to ``peer``, and the model that it asks."""

    app: Flask
    peer: Peer
    data: Path
    model: ScriptedModel

    def client(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base |= HERE
        return client


@pytest.fixture
def peer() -> Iterator[Peer]:
    with web_peer({f"/{number}.jpg": gives(jpeg()) for number in range(PICTURES)}) as serving:
        yield serving


def town(tmp_path: Path, peer: Peer, takes: str) -> Town:
    sheet = tmp_path / "fleet.csv"
    rows = [f"cam{n},Place {n},{10 + n / 100},20.5,{peer.origin}/{n}.jpg?token=s3cr3t{n}" for n in range(PICTURES)]
    sheet.write_text("\n".join(["Camera,Location,Latitude,Longitude,Image URL", *rows]), encoding="utf-8")
    told = Settings(
        data_dir=tmp_path / "data",
        pictures_from=f"sheet://{sheet}",
        fetch_networks=read_networks("127.0.0.0/8"),
        fetch_ports=frozenset({peer.port}),
    )
    model = ScriptedModel(lambda *_: 2, takes=takes)
    return Town(create_app(told, [model]), peer, tmp_path / "data", model)


@pytest.fixture(params=["url", "bytes"])
def asked(request: pytest.FixtureRequest, tmp_path: Path, peer: Peer) -> Iterator[Town]:
    """A town that has answered a question, with a model that takes URLs or bytes."""
    made = town(tmp_path, peer, request.param)
    house = made.app.extensions["sightline"]
    with house.bus.subscribe() as heard:
        house.stores.conversations.ask(QUESTION)
        while (event := heard.receive(20)) is not None:  # none: it is not answered, as the test will notice
            if event.type == "message" and event.data["message"]["answer"]:
                break
    yield made
    house.opening.close()


def test_a_fleet_of_addresses_is_asked_shown_and_exported_without_a_copy(asked: Town) -> None:
    """Parity S2.19, S2.8; negative test 41."""
    assert len(asked.model.asked) == PICTURES
    by_url = asked.model.card.takes == "url"
    if by_url:
        assert {material.url for material in asked.model.asked} == {
            f"{asked.peer.origin}/{n}.jpg?token=s3cr3t{n}" for n in range(PICTURES)
        }
    assert len(asked.peer.asked) == (0 if by_url else PICTURES)

    client = asked.client()
    page = client.get("/")
    assert asked.peer.origin in page.headers["Content-Security-Policy"].partition("img-src")[2].partition(";")[0]
    state = client.get("/api/v1/state").get_json()
    session = client.get(f"/api/v1/sessions/{state['sessions'][0]['id']}").get_json()
    [message] = session["messages"]
    rows = client.get(f"/api/v1/messages/{message['id']}/pictures").get_json()
    picture_id = rows["pictures"][0]["picture_id"]
    for path in (f"/media/{picture_id}", f"/media/{picture_id}/thumbnail"):
        reply = client.get(path)
        assert reply.status_code == 302
        assert reply.headers["Location"].startswith(f"{asked.peer.origin}/")
        assert (reply.headers["Referrer-Policy"], reply.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert b"s3cr3t" not in reply.data
    exported = [client.get(f"/api/v1/messages/{message['id']}/export.{form}") for form in ("csv", "html", "json")]
    assert all(reply.status_code == 200 for reply in exported)
    told = [page.data, json.dumps([state, session, rows]).encode(), *(reply.data for reply in exported)]
    assert not any(b"s3cr3t" in text for text in told)
    assert len(asked.peer.asked) == (0 if by_url else PICTURES), "an export or a page had pictures fetched"
    assert not [file for file in asked.data.rglob("*") if file.is_file() and b"\xff\xd8\xff" in file.read_bytes()]


def test_a_private_address_is_not_fetched_unless_its_network_is_listed(tmp_path: Path, peer: Peer) -> None:
    made = town(tmp_path, peer, "bytes")
    closed = Settings(data_dir=made.data, pictures_from=f"sheet://{tmp_path / 'fleet.csv'}")
    app = create_app(closed, [made.model])
    source = app.extensions["sightline"].stores.media.source
    [first, *_] = [picture for page in source.pages() for picture in page]
    with pytest.raises(PictureUnreadable, match="port"):
        source.read(first)
    app.extensions["sightline"].opening.close()
    assert not peer.asked
