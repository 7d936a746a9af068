"""Scripts and style sheets are packed for browsers that take it, and nothing else is."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.assets import vendor

ROOT = Path(__file__).resolve().parents[2]
PACKED = {"Accept-Encoding": "gzip"}
BUDGET_BYTES = 60_000


def test_a_script_is_packed_once_and_answered_with_304_the_next_time(client: FlaskClient) -> None:
    plain = client.get("/static/app.js")
    assert "Content-Encoding" not in plain.headers
    first = client.get("/static/app.js", headers=PACKED)
    assert gzip.decompress(first.data) == plain.data
    assert first.content_length == len(first.data) < len(plain.data)
    assert client.get("/static/app.js", headers=PACKED).data == first.data
    again = client.get("/static/app.js", headers=PACKED | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip;q=0, br"}, PACKED | {"Range": "bytes=0-9"}])
def test_a_browser_that_wants_it_plain_gets_it_plain(client: FlaskClient, headers: dict[str, str]) -> None:
    reply = client.get("/static/app.js", headers=headers)
    assert "Content-Encoding" not in reply.headers
    assert reply.data in (ROOT / "static" / "app.js").read_bytes()


@pytest.mark.parametrize("path", ["/", "/api/v1/state", "/nowhere"])
def test_what_holds_a_token_or_data_is_never_packed(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=PACKED).headers


def test_a_vendor_file_is_packed_too(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = vendor("leaflet/leaflet-src.esm.js")
    assert len(client.get(address, headers=PACKED).data) < 150_000


def test_what_the_page_starts_with_travels_in_less_than_60_kb(client: FlaskClient) -> None:
    """The viewer, the chart, the map's kinds and the dialogs come when they are wanted."""
    page = client.get("/").get_data(as_text=True)
    scripts = {*re.findall(r'href="(/static/[\w/-]+\.js)"', page), *re.findall(r'src="(/static/[\w/-]+\.js)"', page)}
    assert len(scripts) > 20
    assert sum(len(client.get(script, headers=PACKED).data) for script in scripts) < BUDGET_BYTES


def test_the_page_preloads_every_module_that_it_starts_with(client: FlaskClient) -> None:
    """A module that is not named in the page is found only when another one asks for it: one more way to the server."""
    named = set(re.findall(r'modulepreload" href="/static/([\w/-]+\.js)"', client.get("/").get_data(as_text=True)))
    needed, waiting = set(), ["app.js"]
    while waiting:
        script = waiting.pop()
        text = (ROOT / "static" / script).read_text(encoding="utf-8")
        for found in re.findall(r"^import .* from '(\.[\w./-]+)';$", text, re.MULTILINE):
            path = ((ROOT / "static" / script).parent / found).resolve().relative_to(ROOT / "static").as_posix()
            if path not in needed:
                needed.add(path)
                waiting.append(path)
    assert named == needed
