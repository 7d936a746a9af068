"""Who may ask from elsewhere: pages of named origins, and programs of this machine; everybody else may not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from core.errors import SettingsError
from tests.web.conftest import ROOT, AtOurAddress
from web.furnishing import Entrance, furnish
from web.services import Services

FRIEND = "https://good.example"
COOKIE = "sightline_5000"
# As the test client asks: like curl, without anything that a browser says.
STRANGERS = [
    "http://good.example",
    "https://good.example.evil",
    "https://good.example:444",
    "https://evil-good.example",
    "https://GOOD.example",
    "https://good.example/",
    "https://good.example, https://evil.example",
    "null",
    "file://",
    "*",
    "",
]


@pytest.fixture
def open_client(house: Services, tmp_path: Path) -> FlaskClient:
    """A browser's or program's way to an app with one friend."""
    made = Flask("sightline", root_path=str(ROOT))
    entrance = Entrance(
        trusted_hosts=["sight.example"], key_folder=tmp_path, secret_key=None, port=5000, cors_origins=[FRIEND]
    )
    furnish(made, house, entrance)
    made.test_client_class = AtOurAddress
    return made.test_client()


def allowed(reply: Any) -> dict[str, str]:
    """The CORS headers of a reply."""
    return {name: value for name, value in reply.headers if name.lower().startswith("access-control")}


def preflight(client: FlaskClient, path: str, origin: str, method: str = "POST") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Sec-Fetch-Site": "cross-site"}
    return client.options(path, headers=asked)


@pytest.mark.parametrize("path", ["/api/v1/questions", "/api/v1/sessions", "/health"])
def test_a_friends_browser_is_told_what_it_may_do(open_client: FlaskClient, path: str) -> None:
    """Parity S0.7."""
    reply = preflight(open_client, path, FRIEND)
    assert reply.status_code == 204
    assert allowed(reply) == {
        "Access-Control-Allow-Origin": FRIEND,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Content-Type, Authorization",
        "Access-Control-Max-Age": "86400",
    }
    assert "Origin" in reply.headers["Vary"]


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("path", ["/api/v1/questions", "/api/v1/a+b%2fc", "/api/v1/../v1/questions"])
def test_a_strangers_browser_is_told_nothing(open_client: FlaskClient, path: str, origin: str) -> None:
    """Threat row 48; not by an address with a plus or a hidden slash either."""
    assert allowed(preflight(open_client, path, origin)) == {}
    assert allowed(open_client.get(path, headers={"Origin": origin})) == {}


@pytest.mark.parametrize("origin", [origin for origin in STRANGERS if origin])
def test_a_strangers_question_is_refused(open_client: FlaskClient, conversations: Any, origin: str) -> None:
    """Threat row 46."""
    sent = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    for headers in (sent, {"Origin": origin}):
        assert open_client.post("/api/v1/questions", json={"text": "Cars?"}, headers=headers).status_code == 403
    assert conversations.asked == []


def test_a_friends_page_may_ask_and_read(open_client: FlaskClient, conversations: Any) -> None:
    sent = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site", "User-Agent": "Mozilla/5.0"}
    reply = open_client.get("/api/v1/state", headers=sent)
    assert reply.status_code == 200
    assert allowed(reply) == {"Access-Control-Allow-Origin": FRIEND}
    assert open_client.post("/api/v1/questions", json={"text": "Cars?"}, headers=sent).status_code == 202
    assert len(conversations.asked) == 1


def test_a_friends_page_never_acts_with_our_cookie(open_client: FlaskClient, conversations: Any) -> None:
    """Or whoever sits at the browser would have asked."""
    open_client.get("/")
    assert open_client.get_cookie(COOKIE, domain="127.0.0.1") is not None
    sent = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}
    for reply in (
        open_client.get("/api/v1/state", headers=sent),
        open_client.post("/api/v1/questions", json={"text": "Cars?"}, headers=sent),
    ):
        assert reply.status_code == 403
        assert allowed(reply) == {}
    assert conversations.asked == []


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/api/v1/sessions/{session}"), ("PATCH", "/api/v1/sessions/{session}")]
)
def test_a_friends_page_only_gets_and_posts(
    open_client: FlaskClient, known: SimpleNamespace, method: str, path: str
) -> None:
    sent = {"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"}
    reply = open_client.open(path.format(**vars(known)), method=method, json={"title": "x"}, headers=sent)
    assert reply.status_code == 403


def test_a_friends_page_can_not_read_our_page_with_its_token(open_client: FlaskClient) -> None:
    reply = open_client.get("/", headers={"Origin": FRIEND, "Sec-Fetch-Site": "cross-site"})
    assert allowed(reply) == {}


def test_no_cache_hands_one_askers_reply_to_another(open_client: FlaskClient) -> None:
    """Threat rows 48 and 57."""
    for origin in (FRIEND, "https://evil.example"):
        assert "Origin" in open_client.get("/health", headers={"Origin": origin}).headers["Vary"]
    assert "Origin" in open_client.get("/health").headers["Vary"]


def test_the_name_asked_for_is_checked_before_anything_else(open_client: FlaskClient) -> None:
    """Threat row 47: a rebound name with a friend's Origin."""
    assert open_client.get("/api/v1/state", headers={"Host": "evil.example", "Origin": FRIEND}).status_code == 400
    assert preflight(open_client, "/api/v1/state", FRIEND).status_code == 204
    sent = {"Host": "evil.example", "Origin": FRIEND, "Access-Control-Request-Method": "POST"}
    assert open_client.options("/api/v1/questions", headers=sent).status_code == 400


@pytest.mark.parametrize(
    "text", ["*", "null", "good.example", "https://good.example/", "https://good.example/path", "https://*.example",
             "ftp://good.example", "https://a@good.example", "https://good.example:port", "https://good.example, *"],
)  # fmt: skip
def test_an_origin_that_a_browser_would_not_name_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS"):
        Settings.load({"CORS_ORIGINS": text})


def test_origins_are_read_as_a_browser_writes_them() -> None:
    told = Settings.load({"CORS_ORIGINS": "https://Good.example, http://localhost:3000,http://[::1]:8080"})
    assert told.cors_origins == (FRIEND, "http://localhost:3000", "http://[::1]:8080")


@pytest.mark.parametrize("agent", ["curl/8.5.0", "python-requests/2.32", "Python-urllib/3.11", ""])
def test_a_program_of_this_machine_needs_no_token(client: FlaskClient, conversations: Any, agent: str) -> None:
    """It has no page whose token it could send, and nobody can make it ask."""
    sent = {"User-Agent": agent}
    assert client.post("/api/v1/questions", json={"text": "Cars?"}, headers=sent).status_code == 202
    assert client.post("/api/v1/sessions", headers=sent).status_code == 201
    assert len(conversations.asked) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:5000"},
        {"Origin": ""},
        {"Referer": "http://127.0.0.1:5000/"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Dest": "empty"},
        {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 Version/15.0 Safari/605.1.15"},
        {"User-Agent": "Mozilla/4.0 (compatible; MSIE 8.0)"},
        {"Host": "sight.example"},
    ],
    ids=str,
)
def test_whatever_might_be_a_browser_needs_the_token(
    client: FlaskClient, conversations: Any, known: SimpleNamespace, said: dict[str, str]
) -> None:
    """Threat row 46."""
    for method, path in [
        ("POST", "/api/v1/questions"),
        ("POST", f"/api/v1/runs/{known.run}/stop"),
        ("DELETE", f"/api/v1/sessions/{known.session}"),
    ]:
        reply = client.open(path, method=method, json={"text": "Cars?"}, headers=said)
        assert reply.status_code == 403, (method, path)
    assert conversations.asked == []


@pytest.mark.parametrize("value", ["anything", ""])
def test_our_cookie_is_never_taken_without_the_token(client: FlaskClient, conversations: Any, value: str) -> None:
    """Threat row 46: no Origin, but a cookie."""
    client.set_cookie(COOKIE, value, domain="127.0.0.1")
    assert client.post("/api/v1/questions", json={"text": "Cars?"}).status_code == 403
    assert conversations.asked == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_programs_question_is_json_and_says_so(client: FlaskClient, kind: str) -> None:
    """What a form could send is refused whoever sends it."""
    reply = client.post("/api/v1/questions", data='{"text": "Cars?"}', content_type=kind)
    assert reply.status_code == 415
