"""Pictures over HTTP: listed ones, by id, as what they really are."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from web.opening import Opening
from web.services import EXTENSION, Services, Stores


def test_a_listed_picture_is_served_as_it_is(client: FlaskClient, pictures: Any) -> None:
    reply = client.get(f"/media/{pictures.ids['sound']}")
    assert reply.status_code == 200
    assert reply.mimetype == "image/jpeg"
    assert reply.data == (pictures.folder / "sound.jpg").read_bytes()
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in reply.headers["Cache-Control"]
    assert "public" not in reply.headers["Cache-Control"]
    assert "sandbox" in reply.headers["Content-Security-Policy"]


def test_the_bytes_say_what_a_picture_is_not_its_name(client: FlaskClient, pictures: Any) -> None:
    assert client.get(f"/media/{pictures.ids['really']}").mimetype == "image/png"


def test_a_thumbnail_is_a_small_jpeg_and_made_once(client: FlaskClient, pictures: Any, tmp_path: Path) -> None:
    path = f"/media/{pictures.ids['sound']}/thumbnail"
    first = client.get(path)
    assert first.mimetype == "image/jpeg"
    assert Image.open(io.BytesIO(first.data)).size == (480, 270)
    kept = list((tmp_path / "thumbnails").rglob("*.jpg"))
    assert len(kept) == 1
    kept[0].write_bytes(b"kept")
    assert client.get(path).data == b"kept"


def test_a_browser_that_has_it_is_told_so(client: FlaskClient, pictures: Any) -> None:
    for path in (f"/media/{pictures.ids['sound']}", f"/media/{pictures.ids['sound']}/thumbnail"):
        tag = client.get(path).headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert again.data == b""


def test_a_picture_that_was_replaced_is_told_apart(client: FlaskClient, pictures: Any) -> None:
    path = f"/media/{pictures.ids['sound']}"
    tag = client.get(path).headers["ETag"]
    (pictures.folder / "sound.jpg").write_bytes((pictures.folder / "really.jpg").read_bytes())
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_a_broken_picture_says_that_it_is_broken(client: FlaskClient, pictures: Any) -> None:
    for name in ("broken", "text"):
        for path in (f"/media/{pictures.ids[name]}", f"/media/{pictures.ids[name]}/thumbnail"):
            reply = client.get(path)
            assert reply.status_code == 422
            error = reply.get_json()["error"]
            assert error["code"] == "picture_unreadable"
            assert error["message"]
            assert "script" not in reply.text


def test_a_picture_that_was_never_listed_is_not_found(
    client: FlaskClient, pictures: Any, known: SimpleNamespace
) -> None:
    (pictures.folder / "late.jpg").write_bytes(b"x")
    for path in (f"/media/{known.nowhere}", "/media/late.jpg", f"/media/{known.nowhere}/thumbnail"):
        assert client.get(path).status_code == 404


def test_a_file_that_is_gone_is_unreadable_and_names_no_path(client: FlaskClient, pictures: Any) -> None:
    (pictures.folder / "sound.jpg").unlink()
    reply = client.get(f"/media/{pictures.ids['sound']}")
    assert reply.status_code == 422
    assert str(pictures.folder) not in reply.text


def test_a_link_put_in_a_pictures_place_is_not_followed(client: FlaskClient, pictures: Any, tmp_path: Path) -> None:
    outside = tmp_path / "outside.jpg"
    outside.write_bytes((pictures.folder / "sound.jpg").read_bytes())
    (pictures.folder / "sound.jpg").unlink()
    (pictures.folder / "sound.jpg").symlink_to(outside)
    assert client.get(f"/media/{pictures.ids['sound']}").status_code == 422


def test_a_pictures_name_cant_write_a_header(client: FlaskClient, pictures: Any) -> None:
    reply = client.get(f"/media/{pictures.ids['awkward']}")
    assert reply.status_code == 200
    assert "Set-Cookie" not in reply.headers
    assert "\n" not in reply.headers["Content-Disposition"]
    assert reply.headers["Content-Disposition"].startswith("inline")


def test_part_of_a_picture_can_be_asked_for(client: FlaskClient, pictures: Any) -> None:
    reply = client.get(f"/media/{pictures.ids['sound']}", headers={"Range": "bytes=0-9"})
    assert reply.status_code == 206
    assert len(reply.data) == 10


def test_a_name_listed_from_another_folder_is_never_looked_up_in_this_one(
    app: Flask, client: FlaskClient, pictures: Any
) -> None:
    house = app.extensions[EXTENSION]
    stores = house.opening.get()
    source = Mock(wraps=stores.media.source)
    source.name = "file:///elsewhere"
    elsewhere = replace(stores, media=replace(stores.media, source=source))
    opening: Opening[Stores] = Opening(lambda: elsewhere, lambda _: None)
    object.__setattr__(house, "opening", opening)
    reply = client.get(f"/media/{pictures.ids['sound']}")
    assert reply.status_code == 404
    assert "not connected" in reply.get_json()["error"]["message"]
    opening.close()


def test_a_picture_that_lies_elsewhere_is_fetched_there(app: Flask, client: FlaskClient, house: Services) -> None:
    """Parity S2.8: the earlier analyser's route, by name, for a source that has addresses of its own."""
    stores = house.opening.get()
    signed = "https://bucket.example/sound.jpg?X-Goog-Signature=1"
    source = Mock(wraps=stores.media.source, url=lambda _: signed)
    source.name = stores.media.source.name
    elsewhere = replace(stores, media=replace(stores.media, source=source))
    app.extensions[EXTENSION] = replace(house, opening=Opening(lambda: elsewhere, lambda _: None))
    reply = client.get("/get_image/sound.jpg")
    assert (reply.status_code, reply.headers["Location"]) == (302, signed)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert b"Signature" not in reply.data
    assert client.get("/get_image/nowhere.jpg").status_code == 404
