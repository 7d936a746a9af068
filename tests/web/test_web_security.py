"""Who may ask for what: names, origins, tokens, bodies, and what every reply carries."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from core.errors import SettingsError
from web.security import csp_nonce, is_loopback, read_secret_key, refuse_guessable_key, refuse_open_door

OWN = "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    "host", ["127.0.0.1:5000", "localhost", "LOCALHOST:80", "[::1]:5000", "sight.example", "localhost."]
)
def test_a_trusted_name_is_served(client: FlaskClient, host: str) -> None:
    assert client.get("/health", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:5000",
        "127.0.0.1, evil.example",
        "127.0.0.1@evil.example",
        "evil.sight.example",
        "localhost:port",
        "[::1",
        "",
        "127.0.0.1:5000/x",
        "2130706433",
    ],
)
def test_any_other_name_is_refused_whatever_the_route(client: FlaskClient, host: str) -> None:
    """Threat row 47."""
    for path in ("/", "/health", "/api/v1/state", "/static/theme.js", "/nowhere"):
        reply = client.get(path, headers={"Host": host})
        assert reply.status_code == 400
        assert "evil" not in reply.text


def test_a_forwarded_host_is_not_believed(client: FlaskClient) -> None:
    """Threat row 47."""
    headers = {"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1:5000"}
    assert client.get("/health", headers=headers).status_code == 400
    assert client.get("/health", headers={"X-Forwarded-Host": "evil.example"}).status_code == 200


CHANGES = [
    ("POST", "/api/v1/sessions"),
    ("PATCH", "/api/v1/sessions/{session}"),
    ("DELETE", "/api/v1/sessions/{session}"),
    ("POST", "/api/v1/questions"),
    ("POST", "/api/v1/runs/{run}/stop"),
    ("POST", "/api/v1/runs/{run}/continue"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": OWN},
        {"Origin": OWN, "X-CSRF-Token": "wrong"},
        {"Origin": OWN, "X-CSRF-Token": "ü"},
        {"Origin": "http://evil.example", "X-CSRF-Token": "t" * 43},
        {"Origin": "null", "X-CSRF-Token": "t" * 43},
        {"Origin": "http://127.0.0.1:5001", "X-CSRF-Token": "t" * 43},
        {"Origin": "https://127.0.0.1:5000", "X-CSRF-Token": "t" * 43},
        {"Origin": "http://127.0.0.1:5000.evil.example", "X-CSRF-Token": "t" * 43},
        {"Sec-Fetch-Site": "cross-site", "X-CSRF-Token": "t" * 43},
        {"Sec-Fetch-Site": "same-site", "Origin": OWN, "X-CSRF-Token": "t" * 43},
        {},
    ],
    ids=str,
)
def test_a_change_from_anywhere_but_our_page_is_refused(
    client: FlaskClient, page: Any, known: SimpleNamespace, method: str, path: str, headers: dict[str, str]
) -> None:
    """Threat row 46."""
    reply = client.open(path.format(**vars(known)), method=method, json={"text": "How many cars?"}, headers=headers)
    assert reply.status_code == 403
    assert reply.json is not None
    assert reply.json["error"]["code"] == "forbidden"


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_the_same_change_from_our_page_is_let_through(
    page: Any, known: SimpleNamespace, method: str, path: str
) -> None:
    body = {"text": "How many cars?"} if path.endswith("questions") else {"title": "x"} if method == "PATCH" else {}
    assert page.send(method, path.format(**vars(known)), body).status_code in {200, 201, 202, 409}


def test_a_token_without_its_cookie_is_refused(client: FlaskClient) -> None:
    for token in ("t" * 43, ""):
        reply = client.post("/api/v1/sessions", json={}, headers={"X-CSRF-Token": token, "Origin": OWN})
        assert reply.status_code == 403


def test_the_pages_own_token_opens_the_way(client: FlaskClient) -> None:
    found = re.search(r'name="csrf-token"\s+content="([^"]+)"', client.get("/").text)
    assert found is not None
    reply = client.post("/api/v1/sessions", json={}, headers={"X-CSRF-Token": found[1], "Origin": OWN})
    assert reply.status_code == 201


def test_a_second_page_of_the_same_browser_has_the_same_token(client: FlaskClient) -> None:
    pages = [re.search(r'name="csrf-token"\s+content="([^"]+)"', client.get("/").text) for _ in range(2)]
    assert pages[0] is not None
    assert pages[1] is not None
    assert pages[0][1] == pages[1][1]


def test_a_session_cookie_that_was_tampered_with_counts_for_nothing(client: FlaskClient, page: Any) -> None:
    cookie = client.get_cookie("sightline_5000", domain="127.0.0.1")
    assert cookie is not None
    client.set_cookie("sightline_5000", cookie.value[:-2] + "xx", domain="127.0.0.1")
    assert page.send("POST", "/api/v1/sessions").status_code == 403


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_json_in_another_wrapping_is_refused(client: FlaskClient, page: Any, content_type: str) -> None:
    """Threat row 46."""
    headers = {"X-CSRF-Token": "t" * 43, "Origin": OWN}
    reply = client.post("/api/v1/questions", data='{"text": "x"}', content_type=content_type, headers=headers)
    assert reply.status_code == 415


def test_no_site_elsewhere_is_given_leave_to_read(client: FlaskClient) -> None:
    """Threat row 48."""
    for origin in ("http://evil.example", "null", "https://127.0.0.1:5000.evil"):
        for method in ("OPTIONS", "GET"):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            reply = client.open("/api/v1/state", method=method, headers=asked)
            assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_can_neither_read_nor_listen_nor_embed(client: FlaskClient, site: str) -> None:
    for path in ("/api/v1/state", "/api/updates", "/media/" + "0" * 26):
        assert client.get(path, headers={"Sec-Fetch-Site": site}).status_code == 403
    assert client.get("/", headers={"Sec-Fetch-Site": site}).status_code == 200  # a link to the page works


def test_the_policy_lets_scripts_come_from_here_only(client: FlaskClient) -> None:
    reply = client.get("/")
    policy = dict(part.strip().split(" ", 1) for part in reply.headers["Content-Security-Policy"].split(";"))
    nonce = re.search(r"'nonce-([A-Za-z0-9_-]{20,})'", policy["script-src"])
    assert nonce is not None
    assert policy["script-src"] == f"'self' 'nonce-{nonce[1]}'"
    assert policy["default-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["img-src"] == "'self' data: blob:"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"


def test_a_nonce_is_never_used_twice(client: FlaskClient) -> None:
    policies = {client.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_every_inline_script_of_the_page_carries_the_nonce_and_is_the_import_map(client: FlaskClient) -> None:
    for script in re.findall(r"<script\b([^>]*)>", client.get("/").text):
        assert "src=" in script or ("nonce=" in script and "importmap" in script)


def test_every_reply_is_dressed(client: FlaskClient, known: SimpleNamespace) -> None:
    """Threat rows 41 and 56."""
    for path in ("/", "/health", "/api/v1/state", f"/api/v1/messages/{known.nowhere}", "/nowhere", "/static/theme.js"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_personal_replies_are_kept_by_no_cache(client: FlaskClient) -> None:
    """Threat row 57."""
    for path in ("/", "/api/v1/state", "/api/v1/sessions", "/api/v1/register", "/api/nowhere"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "Cookie" in headers["Vary"]


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, page: Any) -> None:
    reply = page.send("POST", "/api/v1/questions", {"text": "x" * 70_000})
    assert reply.status_code == 413
    assert reply.json["error"]["code"] == "too_large"


def test_the_debugger_is_never_there(client: FlaskClient, app: Flask) -> None:
    """Threat row 52."""
    assert not app.debug
    assert client.get("/console").status_code == 404
    assert client.get("/?__debugger__=yes&cmd=resource&f=style.css").headers["Content-Type"].startswith("text/html")


def test_a_page_without_an_import_map_gets_no_nonce(app: Flask) -> None:
    def bare() -> ResponseReturnValue:
        return "<p>bare</p>"

    def with_nonce() -> ResponseReturnValue:
        return f"<script nonce='{csp_nonce()}'></script>"

    app.add_url_rule("/bare", view_func=bare)
    app.add_url_rule("/with-nonce", view_func=with_nonce)
    client = app.test_client()
    assert "nonce" not in client.get("/bare").headers["Content-Security-Policy"]
    assert "nonce" in client.get("/with-nonce").headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "", "8.8.8.8", "127.evil.example"])
def test_an_open_door_without_users_stops_the_start(host: str) -> None:
    """Threat row 51."""
    with pytest.raises(SettingsError, match="no user is set up"):
        refuse_open_door(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1", "[::1]"])
def test_loopback_needs_no_users(host: str) -> None:
    assert is_loopback(host)
    refuse_open_door(host)


def test_a_secret_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Threat row 43."""
    folder = tmp_path / "data"
    key = read_secret_key(folder, None)
    assert len(key) >= 43
    assert read_secret_key(folder, None) == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "key",
    ["short", "a" * 40, "ab" * 20, "change-me-to-something-of-at-least-32-characters",
     "your-secret-key-goes-here-0123456789", "dev_key_0123456789_abcdefghijklmnop"],
)  # fmt: skip
def test_a_key_that_others_could_guess_stops_the_start_where_others_can_reach_it(key: str) -> None:
    """Threat row 50."""
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        refuse_guessable_key("0.0.0.0", key)


def test_a_key_of_ones_own_and_none_at_all_are_fine() -> None:
    for key in ("", "3vQ9x_Lw0hTzR5yBn8KfUe2mJcD7aGs4pXoV"):
        refuse_guessable_key("0.0.0.0", key)
    refuse_guessable_key("127.0.0.1", "a" * 40)


def test_a_door_with_people_behind_it_may_be_open() -> None:
    refuse_open_door("0.0.0.0", 0, lambda: True)
    refuse_open_door("127.0.0.1", 2, lambda: True)
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES is 1"):
        refuse_open_door("127.0.0.1", 1)


def test_a_short_secret_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="at least 32"):
        read_secret_key(tmp_path, "changeme")
    (tmp_path / "secret_key").write_text("")
    with pytest.raises(SettingsError, match="usable"):
        read_secret_key(tmp_path, None)


def test_furnishing_an_app_writes_nothing(app: Flask, tmp_path: Path) -> None:
    assert app.url_map
    assert not (tmp_path / "secret_key").exists()
