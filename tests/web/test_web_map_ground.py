"""What the page's policy lets in for the map: nobody without a setting, and no more than is needed with one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.map_ground import MapGround
from web.services import EXTENSION

KEY = "AIza-restricted"


def stand_on(app: Flask, ground: MapGround) -> None:
    app.extensions[EXTENSION] = replace(app.extensions[EXTENSION], map_ground=ground)


def policy(client: FlaskClient, path: str = "/") -> dict[str, list[str]]:
    text = client.get(path).headers["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in text.split(";")}


def test_without_a_setting_no_foreign_host_is_named(client: FlaskClient) -> None:
    assert "http" not in str(policy(client))


def test_tiles_add_their_hosts_to_pictures_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    stand_on(app, MapGround(tiles={"road": "https://{s}.tile.example/{z}/{x}/{y}"}))
    found = policy(client)
    assert found.pop("img-src") == ["'self'", "data:", "blob:", "https://*.tile.example"]
    assert "http" not in str(found)
    assert client.get("/").headers["Referrer-Policy"] == "no-referrer"


def test_a_key_opens_the_page_to_google_by_nonce(app: Flask, client: FlaskClient) -> None:
    stand_on(app, MapGround(KEY))
    found = policy(client)
    nonce = next(word for word in found["script-src"] if word.startswith("'nonce-"))
    assert found["script-src"] == ["'self'", nonce, "'strict-dynamic'", "'unsafe-eval'", "blob:"]
    assert found["style-src"] == ["'self'", nonce, "https://fonts.googleapis.com"]
    assert "https://*.googleapis.com" in found["connect-src"]
    assert found["object-src"] == found["base-uri"] == found["frame-ancestors"] == ["'none'"]
    assert client.get("/").headers["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/state", "/static/app.js", "/health"])
def test_only_the_page_itself_is_opened(app: Flask, client: FlaskClient, path: str) -> None:
    stand_on(app, MapGround(KEY))
    assert "google" not in str(policy(client, path))
    assert client.get(path).headers["Referrer-Policy"] == "no-referrer"


def test_the_key_is_told_to_the_page_alone(app: Flask, client: FlaskClient) -> None:
    stand_on(app, MapGround(KEY))
    assert KEY in client.get("/").text
    for path in ("/api/v1/state", "/api/v1/register", "/health", "/ready"):
        assert KEY not in client.get(path).text
    assert KEY not in repr(MapGround(KEY))


def test_a_credit_can_not_leave_its_attribute(app: Flask, client: FlaskClient) -> None:
    stand_on(app, MapGround(credit="'><script>alert(1)</script>"))
    text = client.get("/").text
    assert "<script>alert" not in text
