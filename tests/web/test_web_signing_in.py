"""Signing in and out, and one's own password: plain forms, cookies, attempts, and what is put on record."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import ManualClock
from core.redaction import Redactor
from storage.people import PeopleStore
from tests.web.conftest import GOOD_PASSWORD, ROOT, SESSION, AtOurAddress, Visitor
from web.audit import start_audit
from web.furnishing import Entrance, furnish
from web.services import EXTENSION, Services
from web.throttle import Throttle

COOKIE = "sightline_5000"


def test_the_form_needs_no_scripts_and_goes_on_to_where_one_was_going(visit: Callable[..., Visitor]) -> None:
    """Parity S1.2."""
    stranger = visit()
    sent_on = stranger.client.get(f"/s/{SESSION}?x=1", headers={"Accept": "text/html"})
    assert sent_on.headers["Location"] == f"/login?next=/s/{SESSION}?x%3D1"
    page = stranger.client.get(sent_on.headers["Location"]).text
    assert f'name="next" value="/s/{SESSION}?x=1"' in page
    assert re.search(r'<label for="name">.*<input[^>]* id="name"', page, re.DOTALL)
    assert re.search(r'<label for="password">.*<input[^>]* id="password"[^>]* type="password"', page, re.DOTALL)
    reply = stranger.sign_in("ASHA", next=f"/s/{SESSION}?x=1")
    assert (reply.status_code, reply.headers["Location"]) == (303, f"/s/{SESSION}?x=1")
    assert stranger.client.get("/api/v1/state").get_json()["person"] == {"name": "Asha", "role": "operator"}
    assert stranger.client.get(f"/login?next=/s/{SESSION}").headers["Location"] == f"/s/{SESSION}"


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)",
     "/%0d%0aSet-Cookie:x", "/a\r\nb", "///evil.example", "", " /x", "/x y", "/\t/evil.example"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(visit: Callable[..., Visitor], following: str) -> None:
    reply = visit().sign_in("Asha", next=following)
    assert reply.status_code == 303
    assert reply.headers["Location"] == "/" or reply.headers["Location"].startswith("/%0d")  # a path of ours
    assert visit().client.get("/login", query_string={"next": following}).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [("Asha", "wrong"), ("Asha", ""), ("", GOOD_PASSWORD), ("Nobody", GOOD_PASSWORD), ("a' or sleep(5)='a", "x"),
     ("nul\0", "x\0"), ("Asha", GOOD_PASSWORD + " "), ("x" * 5000, "y" * 5000), ("<script>alert(1)</script>", "x")],
)  # fmt: skip
def test_a_wrong_name_or_password_is_one_sentence_that_does_not_say_which(
    visit: Callable[..., Visitor], name: str, password: str
) -> None:
    """Threat rows 54 and 55."""
    visitor = visit()
    reply = visitor.sign_in(name, password)
    assert reply.status_code == 401
    assert "This name and password don&#39;t belong together." in reply.text
    assert "<script>alert" not in reply.text
    assert 'role="alert"' in reply.text
    assert visitor.client.get("/api/v1/state").status_code == 401


def test_a_form_without_our_token_or_from_elsewhere_is_refused(visit: Callable[..., Visitor]) -> None:
    """Threat row 46: also the form that signs in, or somebody could be signed in as another without noticing."""
    visitor, filled = visit(), {"name": "Asha", "password": GOOD_PASSWORD}
    token = visitor.csrf()
    for data, headers in [
        (filled, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}),
        (filled | {"csrf_token": "x" * 43}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}),
        (filled | {"csrf_token": token}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}),
        (filled | {"csrf_token": token}, {"Origin": "null"}),
        (filled | {"csrf_token": token}, {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"}),
    ]:
        assert visitor.client.post("/login", data=data, headers=headers).status_code == 403
    fetched = {"Origin": "http://127.0.0.1:5000", "Sec-Fetch-Site": "same-origin"}
    assert visitor.client.post("/login", data=filled | {"csrf_token": token}, headers=fetched).status_code == 303


def test_a_form_is_no_way_around_json_elsewhere(visit: Callable[..., Visitor]) -> None:
    asha = visit("Asha")
    assert asha.fill_in("/api/v1/sessions").status_code == 403


def test_a_sign_in_begins_a_new_cookie(visit: Callable[..., Visitor]) -> None:
    """No cookie and no token that somebody else may have put there counts after it."""
    visitor = visit()
    before = visitor.csrf()
    cookie = visitor.client.get_cookie(COOKIE, domain="127.0.0.1")
    visitor.sign_in("Asha")
    assert visitor.csrf() != before
    other = visit()
    assert cookie is not None
    other.client.set_cookie(COOKIE, cookie.value, domain="127.0.0.1")
    assert other.client.get("/api/v1/state").status_code == 401


def copied(visitor: Visitor, app: Flask) -> Visitor:
    """Another browser with the same cookie."""
    cookie = visitor.client.get_cookie(COOKIE, domain="127.0.0.1")
    assert cookie is not None
    other = Visitor(app.test_client())
    other.client.set_cookie(COOKIE, cookie.value, domain="127.0.0.1")
    return other


def test_a_copied_cookie_is_void_after_the_sign_out(app: Flask, visit: Callable[..., Visitor]) -> None:
    """Threat row 50."""
    here, there = visit("Asha"), visit("Asha")
    copy = copied(here, app)
    assert copy.client.get("/api/v1/state").status_code == 200
    reply = here.fill_in("/logout")
    assert (reply.status_code, reply.headers["Location"]) == (303, "/login")
    for visitor in (here, copy):
        assert visitor.client.get("/api/v1/state").status_code == 401
    assert there.client.get("/api/v1/state").status_code == 200


def test_signing_out_everywhere_is_everywhere_and_of_oneself(app: Flask, visit: Callable[..., Visitor]) -> None:
    """Threat row 50."""
    here, there, ben = visit("Asha"), visit("Asha"), visit("Ben")
    assert here.fill_in("/logout/everywhere").status_code == 303
    assert [one.client.get("/api/v1/state").status_code for one in (here, there, ben)] == [401, 401, 200]


def test_a_tampered_cookie_is_nobodys(app: Flask, visit: Callable[..., Visitor]) -> None:
    """Threat row 50."""
    asha = visit("Asha")
    cookie = asha.client.get_cookie(COOKIE, domain="127.0.0.1")
    assert cookie is not None
    payload, rest = cookie.value.split(".", 1)
    for value in (cookie.value[:-2] + "xx", payload[:-1] + "A." + rest, "." + cookie.value, "x", "", "." * 50):
        other = Visitor(app.test_client())
        other.client.set_cookie(COOKIE, value, domain="127.0.0.1")
        assert other.client.get("/api/v1/state").status_code == 401


def test_ones_own_password_is_changed_and_every_other_browser_is_out(visit: Callable[..., Visitor]) -> None:
    here, there = visit("Asha"), visit("Asha")
    new = "eight blue windows"
    reply = here.fill_in("/account/password", current=GOOD_PASSWORD, new=new, again=new)
    assert reply.status_code == 200
    assert "Your password is changed" in reply.text
    assert here.client.get("/api/v1/state").status_code == 200
    assert there.client.get("/api/v1/state").status_code == 401
    assert there.sign_in("Asha").status_code == 401
    assert there.sign_in("Asha", new).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("wrong", "eight blue windows", "eight blue windows", "The present password is another one."),
        (GOOD_PASSWORD, "eight blue windows", "eight blue window", "The two new passwords are not the same."),
        (GOOD_PASSWORD, "short", "short", "A password has 10 to 256 characters."),
        (GOOD_PASSWORD, "password123", "password123", "This password would be guessed."),
    ],
)
def test_what_is_wrong_with_another_password_is_said_and_nothing_changes(
    visit: Callable[..., Visitor], current: str, new: str, again: str, sentence: str
) -> None:
    visitor = visit("Eve")  # a viewer too
    reply = visitor.fill_in("/account/password", current=current, new=new, again=again)
    assert reply.status_code == 400
    assert sentence in reply.text
    assert visit().sign_in("Eve").status_code == 303


def test_the_present_password_can_not_be_guessed_from_an_open_browser(visit: Callable[..., Visitor]) -> None:
    visitor = visit("Asha")
    said = [visitor.fill_in("/account/password", current="x", new="y", again="y").status_code for _ in range(7)]
    assert said == [400] * 5 + [429] * 2
    assert visit().sign_in("Asha").status_code == 303  # and locks nobody out


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def house(house: Services, clock: ManualClock) -> Services:
    """The same, by the tests' clock."""
    door = house.door.get()
    object.__setattr__(door, "throttle", Throttle(clock))
    return replace(house, clock=clock)


def test_too_many_attempts_are_told_when_to_come_back_and_a_known_browser_is_let_in(
    visit: Callable[..., Visitor], clock: ManualClock
) -> None:
    """Threat row 49."""
    known, signed_in = visit("Asha"), visit("Asha")
    known.fill_in("/logout")
    guesser = visit()
    said = [guesser.sign_in("Asha", "wrong").status_code for _ in range(20)]
    assert said == [401] * 5 + [429] * 15
    refused = guesser.sign_in("Asha")  # not even the right one, or guessing would go on
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 16
    assert "too many attempts" in refused.text
    for name in ("Nobody", "Asha"):
        assert [visit().sign_in(name, "wrong").status_code for _ in range(6)][-1] == 429
    assert known.sign_in("Asha").status_code == 303
    assert signed_in.client.get("/api/v1/state").status_code == 200
    clock.advance(1000)
    assert guesser.sign_in("Asha").status_code == 303


def test_a_sign_in_counts_for_so_many_days(visit: Callable[..., Visitor], clock: ManualClock) -> None:
    visitor = visit("Asha")
    clock.advance(29 * 86_400)
    assert visitor.client.get("/api/v1/state").status_code == 200
    clock.advance(2 * 86_400)
    assert visitor.client.get("/api/v1/state").status_code == 401


def through_a_proxy(house: Services, folder: Path, **more: Any) -> FlaskClient:
    made = Flask("sightline", root_path=str(ROOT))
    told: dict[str, Any] = {"trusted_hosts": ["sight.example"], "key_folder": folder, "secret_key": None, "port": 5000}
    furnish(made, house, Entrance(**told | more))
    made.test_client_class = AtOurAddress
    return made.test_client()


def test_the_cookie_goes_over_tls_only_where_the_proxy_says_tls_or_the_settings_do(
    house: Services, people: PeopleStore, tmp_path: Path
) -> None:
    def cookie(client: FlaskClient, **headers: str) -> str:
        return client.get("/login", headers=headers).headers["Set-Cookie"]

    proxied = {"X_Forwarded_Proto": "https", "X_Forwarded_For": "203.0.113.9"}
    sent = {name.replace("_", "-"): value for name, value in proxied.items()}
    assert "Secure" in cookie(through_a_proxy(house, tmp_path, trusted_proxies=1), **sent)
    assert "Secure" not in cookie(through_a_proxy(house, tmp_path), **sent)
    assert "Secure" in cookie(through_a_proxy(house, tmp_path, secure_cookies=True))
    for client in (through_a_proxy(house, tmp_path), through_a_proxy(house, tmp_path, trusted_proxies=1)):
        assert "HttpOnly; Path=/; SameSite=Lax" in cookie(client)


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(
    house: Services, people: PeopleStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat row 47: of what the client itself wrote into the header nothing is believed."""
    caplog.set_level("INFO", logger="audit")
    visitor = Visitor(through_a_proxy(house, tmp_path, trusted_proxies=1))
    sent = {
        "X-Forwarded-For": "1.2.3.4, 203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "Sec-Fetch-Site": "same-origin",
    }
    data = {"name": "Asha", "password": GOOD_PASSWORD, "csrf_token": visitor.csrf()}
    assert visitor.client.post("/login", data=data, headers=sent).status_code == 303
    assert 'person="Asha" from=203.0.113.9 action=signing_in.sign_in subject=- outcome=done 303' in caplog.text


def test_changes_and_sign_ins_are_on_record_and_nothing_secret_is(
    visit: Callable[..., Visitor], tmp_path: Path, people: PeopleStore
) -> None:
    """Threat rows 29 and 40."""
    start_audit(Redactor(), tmp_path / "logs")
    people.add('x" outcome=done', people.find("ben").role, GOOD_PASSWORD)
    asha = visit("Asha")
    asha.sign_in("Asha", "a wrong password")
    visit().sign_in("my secret pass in the wrong field", "x")
    visit('x" outcome=done')
    asha.send("PATCH", f"/api/v1/sessions/{SESSION}", title="what nobody may read")
    asha.send("POST", "/api/v1/questions", text="what nobody may read")
    asha.client.get("/api/v1/state")
    visit("Eve").send("DELETE", f"/api/v1/sessions/{SESSION}")
    visit().client.post("/api/v1/sessions", json={})
    asha.fill_in("/account/password", current=GOOD_PASSWORD, new="eight blue windows", again="eight blue windows")
    asha.fill_in("/logout")
    path = tmp_path / "logs" / "audit.log"
    lines = path.read_text(encoding="utf-8").splitlines()
    told = [re.sub(r"^\S+Z INFO audit: ", "", line) for line in lines]
    here = "from=127.0.0.1 action="
    assert told == [
        f'person="Asha" {here}signing_in.sign_in subject=- outcome=done 303',
        f"person=- {here}signing_in.sign_in subject=- outcome=refused 401",
        f"person=- {here}signing_in.sign_in subject=- outcome=refused 401",
        f'person="x\\" outcome=done" {here}signing_in.sign_in subject=- outcome=done 303',
        f'person="Asha" {here}api.change_session subject={SESSION} outcome=done 200',
        f'person="Asha" {here}api.ask subject={SESSION} outcome=done 202',
        f'person="Eve" {here}signing_in.sign_in subject=- outcome=done 303',
        f'person="Eve" {here}api.delete_session subject={SESSION} outcome=refused 403',
        f'person="Asha" {here}signing_in.change_password subject=- outcome=done 200',
        f'person="Asha" {here}signing_in.sign_out subject=- outcome=done 303',
    ]
    assert path.stat().st_mode & 0o077 == 0
    assert not re.search("secret|nobody may|green|blue", path.read_text(encoding="utf-8"))
    start_audit(Redactor(), tmp_path / "elsewhere")


def test_a_name_is_text_on_every_page(visit: Callable[..., Visitor], people: PeopleStore) -> None:
    """Threat row 55."""
    name = "<img src=x onerror=alert(1)>"
    people.add(name, people.find("asha").role, GOOD_PASSWORD)
    visitor = visit(name)
    for path in ("/", "/account"):
        page = visitor.client.get(path).text
        assert name not in page
        assert "&lt;img src=x" in page


def test_without_people_there_is_nothing_to_sign_in_to(client: FlaskClient, page: Any) -> None:
    assert client.get("/login").headers["Location"] == "/"
    assert client.get("/account").headers["Location"] == "/"
    assert page.send("POST", "/logout").status_code == 303
    assert page.send("POST", "/logout/everywhere").status_code in {400, 403}


def test_the_login_page_keeps_the_policy(visit: Callable[..., Visitor], app: Flask) -> None:
    reply = visit().client.get("/login")
    assert "form-action 'self'" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"
    assert "style=" not in reply.text
    assert not re.search(r"<script(?![^>]*src=)", reply.text)
    assert app.extensions[EXTENSION] is not None


def test_a_form_of_ten_thousand_fields_costs_nothing(visit: Callable[..., Visitor]) -> None:
    """Threat row 53."""
    visitor = visit()
    began = time.monotonic()
    many = {f"f{number}": "x" for number in range(10_000)}
    assert visitor.fill_in("/login", **many).status_code == 413
    few = {f"{number}": "" for number in range(6_000)}
    assert visitor.fill_in("/login", **few).status_code == 401
    assert time.monotonic() - began < 1


@given(name=st.text(max_size=200), password=st.text(max_size=300), following=st.text(max_size=100))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_makes_the_form_fail(
    visit: Callable[..., Visitor], clock: ManualClock, name: str, password: str, following: str
) -> None:
    """Threat row 60."""
    clock.advance(4000)
    reply = visit().sign_in(name, password, next=following)
    assert reply.status_code in {400, 401}
