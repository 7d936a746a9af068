"""Bootstrap, icons and Leaflet: out of the wheels, under a versioned address, for a year; nothing from elsewhere."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.assets import vendor, vendor_base

FILES = [
    "bootstrap/css/bootstrap.min.css",
    "bootstrap/js/bootstrap.min.js",
    "bootstrap-icons/font/bootstrap-icons.min.css",
    "leaflet/leaflet.css",
    "leaflet/leaflet-src.esm.js",
    "leaflet/images/marker-icon.png",
]


@pytest.mark.parametrize("path", FILES)
def test_a_vendor_file_is_served_for_a_year(app: Flask, client: FlaskClient, path: str) -> None:
    with app.test_request_context():
        address = vendor(path)
    assert re.search(r"/vendor/[a-z-]+/\d+\.\d[\d.]*/", address)
    reply = client.get(address)
    assert reply.status_code == 200
    assert reply.cache_control.max_age == 31536000
    assert reply.cache_control.immutable
    assert reply.cache_control.public


def test_scripts_and_styles_have_the_type_that_a_strict_browser_wants(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        addresses = [vendor("leaflet/leaflet.css"), vendor("leaflet/leaflet-src.esm.js")]
    types = [client.get(address).mimetype for address in addresses]
    assert types == ["text/css", "text/javascript"]


def test_every_file_that_a_vendor_style_sheet_names_is_there(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        sheets = [vendor(path) for path in FILES if path.endswith(".css")]
    for sheet in sheets:
        named = re.findall(r"url\([\"']?(?!data:|#)([^\"')?]+)", client.get(sheet).text)
        for name in named:
            assert client.get(f"{sheet.rpartition('/')[0]}/{name}").status_code == 200, (sheet, name)


def test_another_version_another_package_and_another_kind_of_file_are_not_there(
    app: Flask, client: FlaskClient
) -> None:
    with app.test_request_context():
        base = vendor_base("leaflet")
        with pytest.raises(LookupError):
            vendor("leaflet/nowhere.js")
        with pytest.raises(LookupError):
            vendor("jquery/jquery.js")
    assert base.endswith("/")
    for path in ("/vendor/leaflet/0.0/leaflet.css", "/vendor/flask/3.1/app.py", f"{base}../__init__.py", base):
        assert client.get(path).status_code == 404


def test_the_page_loads_nothing_from_elsewhere_and_all_that_it_names_is_there(client: FlaskClient) -> None:
    page = client.get("/").text
    named = re.findall(r"""(?:src|href)="([^"#]+)\"""", page)
    assert named
    for address in named:
        assert address.startswith("/"), address
        assert not address.startswith("//"), address
        assert client.get(address).status_code == 200, address
