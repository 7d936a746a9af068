"""Who reaches what. The table is the app's own: a route that nobody has thought of fails here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.routing import Rule

from core.people import Role
from storage import state
from storage.people import PeopleStore
from tests.web.conftest import GOOD_PASSWORD, MESSAGE, NOWHERE, RUN, SESSION, Pictures
from web.services import EXTENSION, Services

# What a stranger may ask for. Whoever adds a line here has thought about what it tells.
PUBLIC = {
    "/static/<path:filename>",
    "/vendor/<package>/<version>/<path:name>",
    "/health",
    "/ready",
    "/login",
    # The address is the leave to look: tests/web/test_web_links.py holds what it shows.
    "/shared/<link:secret>",
    "/shared/<link:secret>/<id:answer_id>",
    "/shared/<link:secret>/pictures/<id:picture_id>",
    "/shared/<link:secret>/pictures/<id:picture_id>/thumbnail",
}
# A person's own way in and out is theirs whatever their role.
ONES_OWN = {"/login", "/logout", "/logout/everywhere", "/account/password"}
# What stands for each kind of argument. A new kind is added here when it is known whose such a thing is.
OWNED = {"session_id": SESSION, "message_id": MESSAGE, "run_id": RUN}
OF_THE_SITE = {
    "picture_id": NOWHERE,
    "upload_id": NOWHERE,
    "link_id": NOWHERE,
    "answer_id": NOWHERE,
    "secret": "x" * 43,
    "began": "20260314_101500",
    "filename": "app.js",
    "package": "leaflet",
    "version": "1",
    "name": "leaflet.css",
}
# What changes something although it is a GET, as the earlier analyser had it.
CHANGING_GETS = {"/analyze_stream"}
# What tells how the program is set up.
FOR_OPERATORS = {"/check_config"}
SAFE = {"GET", "HEAD", "OPTIONS"}


def asked(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Every route with every method, and an address of it under known ids."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            if method != "OPTIONS":
                yield rule, method, address(rule, OWNED)


def address(rule: Rule, owned: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: (owned | OF_THE_SITE)[found[1]], rule.rule)


def ask(client: Any, method: str, path: str, **headers: str) -> Any:
    sent = {"X-CSRF-Token": client.csrf(), "Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "same-origin"}
    return client.client.open(path, method=method, json={} if method not in SAFE else None, headers=sent | headers)


def test_a_stranger_reaches_what_is_public_and_nothing_else(app: Flask, visit: Callable[..., Any]) -> None:
    """Threat rows 21, 42 and 45."""
    stranger, refused = visit(), 0
    for rule, method, path in asked(app):
        reply = ask(stranger, method, path)
        if rule.rule in PUBLIC:
            assert reply.status_code != 401 or rule.rule == "/login", f"{method} {rule}"
            continue
        refused += 1
        assert reply.status_code == 401, f"{method} {rule}"
        assert method == "HEAD" or reply.get_json()["error"]["code"] == "sign_in_needed"
        page = ask(stranger, method, path, Accept="text/html")
        if method == "GET" and not rule.rule.startswith(("/api/", "/media/")):
            assert (page.status_code, page.headers["Location"].split("?")[0]) == (302, "/login"), f"{method} {rule}"
        else:
            assert page.status_code == 401, f"{method} {rule}"
    assert refused > 20


def test_what_is_of_others_is_what_nobody_knows(app: Flask, visit: Callable[..., Any], conversations: Any) -> None:
    """Threat row 21: the same status and the same words."""
    ben, tried = visit("Ben"), 0
    for rule, method, path in asked(app):
        if not rule.arguments & OWNED.keys():
            continue
        tried += 1
        theirs = ask(ben, method, path)
        nobodys = ask(ben, method, address(rule, dict.fromkeys(OWNED, NOWHERE)))
        assert theirs.status_code == nobodys.status_code == 404, f"{method} {rule}"
        assert theirs.data == nobodys.data, f"{method} {rule}"
    assert tried > 15


def test_a_viewer_changes_nothing(app: Flask, visit: Callable[..., Any], people: PeopleStore) -> None:
    """Threat row 42."""
    share(people)
    eve, tried = visit("Eve"), 0
    for rule, method, path in asked(app):
        if (method in SAFE and rule.rule not in CHANGING_GETS | FOR_OPERATORS) or rule.rule in ONES_OWN:
            continue
        tried += 1
        reply = ask(eve, method, path)
        assert reply.status_code == 403, f"{method} {rule}"
        assert method == "HEAD" or reply.get_json()["error"]["code"] == "forbidden"
    assert tried > 8


def test_what_is_shared_may_be_looked_at_and_not_changed(
    app: Flask, visit: Callable[..., Any], people: PeopleStore
) -> None:
    share(people)
    for visitor in (visit("Ben"), visit("Eve")):
        for rule, method, path in asked(app):
            if rule.arguments & OWNED.keys() and method in SAFE:
                assert ask(visitor, method, path).status_code not in {401, 403, 404}, f"{method} {rule}"
    ben = visit("Ben")
    for rule, method, path in asked(app):
        if rule.arguments & OWNED.keys() and method not in SAFE:
            assert ask(ben, method, path).status_code == 404, f"{method} {rule}"


def test_the_owner_is_stopped_nowhere(app: Flask, visit: Callable[..., Any]) -> None:
    asha = visit("Asha")
    for rule, method, path in asked(app):
        if rule.arguments & OWNED.keys():
            assert ask(asha, method, path).status_code not in {401, 403, 404}, f"{method} {rule}"


def test_a_question_is_asked_in_ones_own_sessions_only(
    visit: Callable[..., Any], conversations: Any, people: PeopleStore
) -> None:
    asha, ben = visit("Asha"), visit("Ben")
    assert asha.send("POST", "/api/v1/questions", text="Cars?", session_id=SESSION).status_code == 202
    refused = [
        ben.send("POST", "/api/v1/questions", text="Cars?", session_id=given).get_json() for given in (SESSION, NOWHERE)
    ]
    assert refused[0] == refused[1]
    assert refused[0]["error"]["code"] == "not_found"
    share(people)
    assert ben.send("POST", "/api/v1/questions", text="Cars?", session_id=SESSION).status_code == 404
    assert ben.send("POST", "/api/v1/questions", text="Cars?", instead_of=MESSAGE).status_code == 404
    assert ben.send("POST", "/api/v1/questions", text="Cars?").status_code == 202
    assert [asked["owner"] for asked in conversations.asked] == [people.find("asha").id, people.find("ben").id]


def test_pictures_are_of_the_site_and_for_everybody_who_is_signed_in(
    visit: Callable[..., Any], pictures: Pictures, people: PeopleStore
) -> None:
    for name in ("Asha", "Eve"):
        assert visit(name).client.get(f"/media/{pictures.ids['sound']}").status_code == 200
    assert visit().client.get(f"/media/{pictures.ids['sound']}").status_code == 401


def test_a_program_with_a_token_needs_neither_cookie_nor_csrf(visit: Callable[..., Any], people: PeopleStore) -> None:
    token = people.add_token(people.find("asha"), "job")
    stranger = visit()
    headers = {"Authorization": f"Bearer {token}"}
    assert stranger.client.get("/api/v1/state", headers=headers).get_json()["person"] == {
        "name": "Asha", "role": "operator",
    }  # fmt: skip
    assert stranger.client.post("/api/v1/sessions", json={}, headers=headers).status_code == 201
    assert "Set-Cookie" not in stranger.client.get("/api/v1/state", headers=headers).headers
    # A page elsewhere can't use one that it has got hold of from a browser: it is asked where it comes from.
    foreign = headers | {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert stranger.client.post("/api/v1/sessions", json={}, headers=foreign).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "sightline_" + "a" * 43, "\x00", "é" * 20, "x" * 5000])
def test_a_token_that_is_none_is_refused_whatever_the_cookie_says(visit: Callable[..., Any], token: str) -> None:
    for visitor in (visit(), visit("Asha")):
        reply = visitor.client.get("/api/v1/state", headers={"Authorization": f"Bearer {token}"})
        assert reply.status_code == 401
        assert not token or token not in reply.text


def test_a_viewers_token_is_a_viewer(visit: Callable[..., Any], people: PeopleStore) -> None:
    headers = {"Authorization": "bearer " + people.add_token(people.find("eve"), "wall")}
    assert visit().client.get("/api/v1/state", headers=headers).status_code == 200
    assert visit().client.post("/api/v1/sessions", json={}, headers=headers).status_code == 403


def test_a_preflight_is_answered_without_a_person_and_tells_nothing(visit: Callable[..., Any]) -> None:
    reply = visit().client.options(f"/api/v1/sessions/{SESSION}")
    assert reply.status_code == 200
    assert reply.data == b""


def test_without_people_this_machine_is_served_and_nobody_else(client: Any, page: Any) -> None:
    """Threat row 51, under whatever server, and behind a proxy that nobody told of."""
    assert client.get("/api/v1/state").get_json()["person"] is None
    for elsewhere in ({"REMOTE_ADDR": "10.0.0.5"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "10.0.0.5"}):
        for path in ("/", "/api/v1/state", "/media/" + NOWHERE):
            reply = client.get(path, environ_overrides=elsewhere)
            assert reply.status_code == 403
            assert "user add" in reply.text
        assert client.get("/health", environ_overrides=elsewhere).status_code == 200


def test_from_the_first_person_on_everybody_must_sign_in(client: Any, house: Services) -> None:
    assert client.get("/api/v1/state").status_code == 200
    house.door.get().people.add("Asha", Role.OPERATOR, GOOD_PASSWORD)
    assert client.get("/api/v1/state").status_code == 401


def test_a_person_who_is_removed_is_out_at_once(visit: Callable[..., Any], people: PeopleStore) -> None:
    ben = visit("Ben")
    assert ben.client.get("/api/v1/state").status_code == 200
    people.remove(people.find("ben"))
    assert ben.client.get("/api/v1/state").status_code == 401


def test_a_forged_address_is_believed_from_a_configured_proxy_only(
    app: Flask, visit: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Threat row 47."""
    caplog.set_level("INFO", logger="audit")
    visitor = visit()
    headers = {"X-Forwarded-For": "203.0.113.9", "Origin": "null", "Sec-Fetch-Site": "same-origin"}
    visitor.client.post("/login", data={"csrf_token": visitor.csrf(), "name": "Asha"}, headers=headers)
    assert "from=127.0.0.1" in caplog.text
    assert "203.0.113.9" not in caplog.text


def test_no_personal_reply_is_kept_by_a_cache(app: Flask, visit: Callable[..., Any], known: SimpleNamespace) -> None:
    """Threat row 57."""
    asha = visit("Asha")
    for rule, method, path in asked(app):
        if method == "GET" and not rule.rule.startswith(("/static/", "/vendor/")):
            headers = ask(asha, method, path).headers
            if rule.rule == "/api/updates":
                continue  # held to it in test_web_stream.py
            assert "Cookie" in headers["Vary"], rule
            assert "no-store" in headers["Cache-Control"] or "private" in headers["Cache-Control"], rule


def share(people: PeopleStore) -> None:
    with people.engine.begin() as connection:
        connection.execute(update(state.sessions).values(shared=True))


@pytest.fixture(autouse=True)
def _no_stream_stays_open(app: Flask) -> None:
    """Streams end at once here: what is asked is whether one is let in."""
    app.extensions[EXTENSION].bus.close()
