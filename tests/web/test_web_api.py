"""The JSON routes: what they take, what they refuse, and that nothing from outside makes them fail."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.plan import Aggregate, Condition, GroupBy, Op
from analyzer.planner import Alteration, Change, Grouping, Places, Times
from core.states import Outcome
from storage.observations import PictureFilter
from storage.session_list import SessionsWanted
from tests.web.conftest import SESSION

ROOT = Path(__file__).resolve().parents[2]

# Every route there is. A new one is added here when somebody has thought about who may use it.
PUBLIC = {
    ("/", "GET"),
    ("/s/<id:session_id>", "GET"),
    ("/s/<id:session_id>/<id:message_id>", "GET"),
    ("/static/<path:filename>", "GET"),
    ("/vendor/<package>/<version>/<path:name>", "GET"),
    ("/login", "GET"),
    ("/account", "GET"),
    ("/shared/<link:secret>", "GET"),
    ("/shared/<link:secret>/<id:answer_id>", "GET"),
    ("/shared/<link:secret>/pictures/<id:picture_id>", "GET"),
    ("/shared/<link:secret>/pictures/<id:picture_id>/thumbnail", "GET"),
    ("/health", "GET"),
    ("/ready", "GET"),
}
SAME_ORIGIN = {
    ("/api/v1/", "GET"),
    ("/api/v1/openapi.json", "GET"),
    ("/api/v1/state", "GET"),
    ("/api/v1/system", "GET"),
    ("/api/v1/outgoing", "GET"),
    ("/api/v1/outgoing.csv", "GET"),
    ("/api/v1/sessions", "GET"),
    ("/api/v1/sessions/<id:session_id>", "GET"),
    ("/api/v1/messages/<id:message_id>", "GET"),
    ("/api/v1/messages/<id:message_id>/pictures", "GET"),
    ("/api/v1/messages/<id:message_id>/places", "GET"),
    ("/api/v1/messages/<id:message_id>/workings", "GET"),
    ("/api/v1/messages/<id:message_id>/groups", "GET"),
    ("/api/v1/messages/<id:message_id>/export.xlsx", "GET"),
    ("/api/v1/messages/<id:message_id>/export.csv", "GET"),
    ("/api/v1/messages/<id:message_id>/export.geojson", "GET"),
    ("/api/v1/messages/<id:message_id>/export.html", "GET"),
    ("/api/v1/messages/<id:message_id>/export.json", "GET"),
    ("/api/v1/messages/<id:message_id>/export.zip", "GET"),
    ("/api/v1/sessions/<id:session_id>/export.json", "GET"),
    ("/api/v1/sessions/<id:session_id>/export.zip", "GET"),
    ("/api/v1/models", "GET"),
    ("/v1/models", "GET"),
    ("/api/v1/sessions/<id:session_id>/links", "GET"),
    ("/api/v1/register", "GET"),
    ("/api/v1/register/problems.csv", "GET"),
    ("/api/updates", "GET"),
    ("/media/<id:picture_id>", "GET"),
    ("/media/<id:picture_id>/thumbnail", "GET"),
    ("/check_config", "GET"),
    ("/get_sessions", "GET"),
    ("/load_session/<id:session_id>", "GET"),
    ("/load_session/<stamp:began>", "GET"),
    ("/get_session/<id:session_id>", "GET"),
    ("/get_session/<stamp:began>", "GET"),
    ("/get_image/<path:name>", "GET"),
}
# Of the earlier analyser: a GET that asks a question, refused unless web.security.require_own_caller lets it through.
ASKS_BY_GET = {("/analyze_stream", "GET")}
WITH_TOKEN = {
    ("/api/v1/sessions", "POST"),
    ("/api/v1/sessions/import", "POST"),
    ("/api/v1/sessions/<id:session_id>", "PATCH"),
    ("/api/v1/sessions/<id:session_id>", "DELETE"),
    ("/api/v1/sessions/<id:session_id>/restore", "POST"),
    ("/api/v1/sessions/<id:session_id>/links", "POST"),
    ("/api/v1/sessions/<id:session_id>/links/<id:link_id>", "DELETE"),
    ("/login", "POST"),
    ("/logout", "POST"),
    ("/logout/everywhere", "POST"),
    ("/account/password", "POST"),
    ("/api/v1/questions", "POST"),
    ("/api/v1/plan", "POST"),
    ("/api/v1/pictures/try", "POST"),
    ("/api/v1/register/preview", "POST"),
    ("/api/v1/register/preview/<id:upload_id>", "POST"),
    ("/api/v1/register", "POST"),
    ("/api/v1/register", "DELETE"),
    ("/api/v1/messages/<id:message_id>/rating", "POST"),
    ("/api/v1/runs/<id:run_id>/stop", "POST"),
    ("/api/v1/runs/<id:run_id>/continue", "POST"),
    ("/initialize_analyzer", "POST"),
    ("/create_session", "POST"),
    ("/delete_session/<id:session_id>", "DELETE"),
    ("/delete_session/<stamp:began>", "DELETE"),
    ("/analyze", "POST"),
    ("/api/v1/models/fetch", "POST"),
    ("/api/v1/models/fetch", "DELETE"),
    ("/v1/chat/completions", "POST"),
}


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every rule with every method that does something."""
    return {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_is_in_the_table_of_who_may_use_it(app: Flask) -> None:
    assert routes(app) == PUBLIC | SAME_ORIGIN | WITH_TOKEN | ASKS_BY_GET


def test_what_changes_something_is_never_a_get(app: Flask) -> None:
    assert {method for _, method in routes(app) - WITH_TOKEN} == {"GET"}


def test_every_route_is_documented(app: Flask) -> None:
    page = (ROOT / "docs" / "ref" / "api.md").read_text(encoding="utf-8")
    told = {(path, method) for method, path in re.findall(r"^### `([A-Z]+) (/[^`?]*)`", page, re.MULTILINE)}
    assert told == {(re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", rule), method) for rule, method in routes(app)}


def test_every_route_of_the_api_is_described(app: Flask) -> None:
    """How to: the docstring of web/described.py."""
    undescribed = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not hasattr(app.view_functions[rule.endpoint], "described")
    ]
    assert undescribed == []


def test_the_state_has_what_the_page_begins_with(client: FlaskClient, conversations: Any) -> None:
    conversations.announce()
    state = client.get("/api/v1/state").get_json()
    assert state == {
        "site": {"name": "Guntur", "timezone": "Asia/Kolkata"},
        "person": None,
        "last_event_id": 1,
        "sessions": [{"id": "01j00000000000000000000001"}],
        "next": None,
        "source": {
            "name": "file:///pictures",
            "label": "pictures",
            "sample": False,
            "pictures": 5,
            "counting": False,
            "error": None,
            "left_out": [],
            "undated": 0,
        },
        "register": {
            "name": "cameras.xlsx",
            "version": "1",
            "rows": 2,
            "cameras": 2,
            "placed": 1,
            "problems": 1,
            "origin": "none",
            "given": None,
        },
        "models": [
            {
                "name": "opencv",
                "label": "OpenCV",
                "version": "1",
                "state": "ready",
                "sentence": "Sees people.",
                "hint": "",
                "activity": None,
                "fetching": None,
                "can_fetch": False,
                "resident_bytes": 0,
            }
        ],
        "warnings": [],
        "starters": [{"text": "How many people are there?"}],
    }


def test_the_list_of_sessions_can_be_searched_and_paged(client: FlaskClient, conversations: Any) -> None:
    """Parity S2.5."""
    assert client.get("/api/v1/sessions").get_json() == {"sessions": [{"id": SESSION}], "next": None}
    cursor = "1~2026-03-14T10:00:00+00:00~01j00000000000000000000001"
    client.get("/api/v1/sessions", query_string={"q": "Café 100%", "bin": "true", "after": cursor, "limit": "7"})
    assert conversations.wanted == [
        (SessionsWanted(), None, 50),
        (SessionsWanted("Café 100%", binned=True), cursor, 7),
    ]


@pytest.mark.parametrize(
    "argument", ["after=x", "after=1~now~x", "limit=0", "limit=201", "bin=yes", "q=%00", "owner=me"]
)
def test_a_list_that_can_not_be_is_refused(client: FlaskClient, argument: str) -> None:
    reply = client.get(f"/api/v1/sessions?{argument}")
    assert reply.status_code == 400
    assert reply.get_json()["error"]["code"] == "invalid_request"


def test_a_session_is_thrown_away_restored_and_deleted_for_good(
    page: Any, conversations: Any, known: SimpleNamespace
) -> None:
    """Parity S2.5: an id is an id, never a path."""
    path = f"/api/v1/sessions/{known.session}"
    assert page.send("DELETE", path).json == {"deleted": True}
    assert page.send("POST", f"{path}/restore").json == {"id": known.session}
    assert page.send("DELETE", f"{path}?for_good=true").json == {"deleted": True}
    assert conversations.binned == [(known.session, False), (known.session, None), (known.session, True)]
    for wrong in (known.nowhere, "..%2f..%2fetc", "../../etc"):
        assert page.send("DELETE", f"/api/v1/sessions/{wrong}").status_code in (404, 405)
        assert page.send("POST", f"/api/v1/sessions/{wrong}/restore").status_code == 404


def test_the_register_is_told_with_every_row_and_every_problem(client: FlaskClient) -> None:
    told = client.get("/api/v1/register").get_json()
    assert (told["rows"], told["placed"]) == (2, 1)
    assert told["cameras"][1]["location"] == "<img src=x onerror=alert(1)>"
    assert told["cameras"][1]["latitude"] is None
    assert told["problems"] == [
        {
            "row": 3,
            "column": "LATITUDE",
            "code": "not_a_number",
            "value": "12,5x",
            "message": "This latitude is no number.",
        }
    ]


def test_a_question_is_handed_on_with_all_that_was_said(page: Any, conversations: Any, known: SimpleNamespace) -> None:
    body = {
        "session_id": known.session,
        "text": "How many cars?\n",
        "model": "opencv",
        "again": True,
        "instead_of": known.message,
    }
    reply = page.send("POST", "/api/v1/questions", body)
    assert reply.status_code == 202
    assert reply.json["message"]["text"] == "How many cars?\n"
    assert conversations.asked == [body | {"owner": None, "alteration": None}]
    page.send("POST", "/api/v1/questions", {"session_id": None, "text": "Cars?", "model": None, "again": False})
    plain = {"session_id": None, "text": "Cars?", "model": None, "again": False, "instead_of": None}
    assert conversations.asked[1] == plain | {"owner": None, "alteration": None}


def test_a_chip_taken_away_is_handed_on(page: Any, conversations: Any, known: SimpleNamespace) -> None:
    body = {"session_id": known.session, "instead_of": known.message, "without": ["where", "when"]}
    assert page.send("POST", "/api/v1/questions", body).status_code == 202
    where = {"districts": ["Krishna"], "locations": []}
    change = {"where": where, "when": {"hours": [6, 9.5]}, "condition": {"op": "between", "value": [2, 5]}}
    text = {"text": "Cars?", "change": change | {"group": {"aggregate": "rank", "group_by": "district", "limit": 3}}}
    assert page.send("POST", "/api/v1/questions", text).status_code == 202
    altered, before = conversations.asked
    assert (altered["instead_of"], altered["alteration"]) == (known.message, Alteration(("where", "when")))
    assert before["alteration"] == Alteration(
        (),
        Change(
            where=Places(districts=("Krishna",)), when=Times(hours=(6, 9.5)),
            group=Grouping(Aggregate.RANK, GroupBy.DISTRICT, 3), condition=Condition(Op.BETWEEN, (2, 5)),
        ),
    )  # fmt: skip


def test_a_plan_is_told_before_it_is_asked_and_leaves_no_line(
    page: Any, known: SimpleNamespace, conversations: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    body = {"text": "Cars?", "session_id": known.session, "change": {"target": "buses"}}
    assert page.send("POST", "/api/v1/plan", body).json == {"plan": {}, "chips": [], "model": None, "notes": []}
    assert conversations.wanted == [("Cars?", known.session, Alteration((), Change(target="buses")), None)]
    assert conversations.asked == []
    assert caplog.text == ""


@pytest.mark.parametrize(
    "change",
    [
        {"target": ""}, {"target": "x" * 201}, {"what": "cars"}, {"where": "Krishna"}, {"where": {"towns": []}},
        {"when": {"hours": [1]}}, {"when": {"hours": [1, 25]}}, {"when": {"start": "yesterday"}},
        {"when": {"start": "2026-02-30T00:00"}}, {"group": {"aggregate": "sum"}}, {"group": {}},
        {"condition": {"op": "~", "value": [1]}}, {"condition": {"op": ">", "value": []}},
        {"condition": {"op": "between", "value": [1]}}, {"condition": {"op": ">", "value": [-1]}},
        {"where": {"cameras": [str(number) for number in range(201)]}},
    ],
    ids=repr,
)  # fmt: skip
def test_a_change_that_is_none_is_refused(page: Any, conversations: Any, change: Any) -> None:
    for path in ("/api/v1/questions", "/api/v1/plan"):
        assert page.send("POST", path, {"text": "Cars?", "change": change}).status_code == 400
    assert conversations.asked == []


@pytest.mark.parametrize(
    ("rating", "status"),
    [(1, 200), (-1, 200), (None, 200), (0, 200), (2, 400), (True, 400), (1.0, 200), (0.5, 400), ("1", 400), ([1], 400)],
)
def test_a_rating_is_up_down_or_nothing(page: Any, known: SimpleNamespace, rating: Any, status: int) -> None:
    reply = page.send("POST", f"/api/v1/messages/{known.message}/rating", {"rating": rating})
    assert reply.status_code == status
    assert status == 400 or reply.json["rating"] == (rating or None)


def test_a_rating_must_be_said_of_a_question_that_is_there(page: Any, known: SimpleNamespace) -> None:
    assert page.send("POST", f"/api/v1/messages/{known.message}/rating", {}).status_code == 400
    assert page.send("POST", f"/api/v1/messages/{known.nowhere}/rating", {"rating": 1}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": None},
        {"text": 5},
        {"text": ["x"]},
        {"text": "\ud800"},
        {"text": "nul\0"},
        {"text": "x", "session_id": "../../etc"},
        {"text": "x", "session_id": 1},
        {"text": "x", "again": "yes"},
        {"text": "x", "model": {"name": "opencv"}},
        {"text": "x", "modle": "opencv"},
        {"text": "x", "instead_of": "x"},
        {"text": "x", "without": "where"},
        {"text": "x", "without": [1]},
        {"text": "x", "without": ["what"]},
        {"instead_of": "01j00000000000000000000002", "without": ["where"], "again": True},
        {"instead_of": "01j00000000000000000000002", "without": []},
        {"instead_of": "01j00000000000000000000002", "without": ["what"]},
        [],
        "x",
        None,
        5,
    ],
    ids=repr,
)
def test_a_question_that_is_no_question_is_refused_and_nothing_is_asked(
    page: Any, conversations: Any, body: Any
) -> None:
    reply = page.send("POST", "/api/v1/questions", body if body is not None else [])
    assert reply.status_code == 400
    assert reply.json["error"]["message"]
    assert conversations.asked == []


@pytest.mark.parametrize(
    "text",
    [
        '{"text": NaN}',
        '{"text": "a", "text": "b"}',
        "[" * 60_000,
        '{"text": "x"',
        "\xff",
        '{"text": "x"} x',
        '"\\ud800',
    ],
    ids=lambda text: text[:20],
)
def test_broken_json_is_refused(client: FlaskClient, page: Any, text: str) -> None:
    headers = {"X-CSRF-Token": "t" * 43, "Origin": "http://127.0.0.1:5000"}
    reply = client.post(
        "/api/v1/questions", data=text.encode("latin-1"), content_type="application/json", headers=headers
    )
    assert reply.status_code == 400
    assert reply.get_json()["error"]["code"] == "invalid_request"


def test_a_question_that_cant_be_planned_keeps_its_sentence(page: Any) -> None:
    reply = page.send("POST", "/api/v1/questions", {"text": " "})
    assert reply.status_code == 400
    assert reply.json == {
        "error": {"code": "unplannable_question", "message": "The question is empty.", "hint": "Ask something."}
    }


def test_what_nobody_foresaw_is_one_sentence_for_the_person_and_all_of_it_in_the_log(
    page: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        reply = page.send("POST", "/api/v1/questions", {"text": "break"})
    assert reply.status_code == 500
    assert reply.json["error"]["code"] == "internal"
    assert "secret" not in reply.text
    assert "Traceback" not in reply.text
    assert "ZeroDivisionError: a secret inside" in caplog.text


def test_a_title_is_trimmed_and_never_empty(page: Any, known: SimpleNamespace) -> None:
    path = f"/api/v1/sessions/{known.session}"
    assert page.send("PATCH", path, {"title": "  Evening "}).json["title"] == "Evening"
    for title in ("", "   ", "x" * 201, None, 7):
        assert page.send("PATCH", path, {"title": title}).status_code == 400


def test_a_change_to_what_is_not_there_is_not_found(page: Any, known: SimpleNamespace) -> None:
    for method, path in [("PATCH", "sessions/{}"), ("DELETE", "sessions/{}"), ("POST", "runs/{}/stop")]:
        reply = page.send(method, "/api/v1/" + path.format(known.nowhere), {"title": "x"} if method == "PATCH" else {})
        assert reply.status_code == 404
    assert page.send("POST", f"/api/v1/runs/{known.run}/continue").status_code == 409


def test_pictures_are_filtered_and_paged(client: FlaskClient, conversations: Any, known: SimpleNamespace) -> None:
    path = f"/api/v1/messages/{known.message}/pictures"
    client.get(f"{path}?outcome=match&camera=10.0.0.1&location=Old+Bus+Stand&district=&after=100&limit=7")
    client.get(path)
    assert conversations.wanted == [
        (PictureFilter(Outcome.MATCH, "10.0.0.1", "Old Bus Stand", None), "100", 7),
        (PictureFilter(), None, 100),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=1e9",
        "limit=99999999999999999999",
        "limit=٣",
        "limit=(select sleep(9))",
        "limit=",
        "after=-1",
        "after=1 or 1=1",
        "after=99999999999999999999",
        "outcome=yes",
        "outcome=Match",
        "camera=" + "x" * 1001,
        "location=a%00b",
    ],
)
def test_an_argument_that_is_out_of_range_is_refused(client: FlaskClient, known: SimpleNamespace, query: str) -> None:
    reply = client.get(f"/api/v1/messages/{known.message}/pictures?{query}")
    assert reply.status_code == 400
    assert reply.get_json()["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    "given_id", ["x", "1", "-1", "9" * 26 + "9", "٣" * 26, "1e9", "I" * 26, "%00", "..%2f..", "0" * 25]
)
def test_an_id_that_cant_be_one_is_not_found(client: FlaskClient, given_id: str) -> None:
    for path in ("/api/v1/sessions/{}", "/api/v1/messages/{}", "/api/v1/messages/{}/places", "/media/{}", "/s/{}"):
        assert client.get(path.format(given_id)).status_code == 404


def test_an_error_is_json_for_programs_and_a_page_for_people(client: FlaskClient) -> None:
    assert client.get("/api/v1/nowhere", headers={"Accept": "text/html"}).get_json()["error"]["code"] == "not_found"
    assert client.get("/nowhere").get_json()["error"]["code"] == "not_found"
    page = client.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert "There is nothing at this address." in page.text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    reply = client.post("/health", headers={"Origin": "http://127.0.0.1:5000"})
    assert reply.status_code in {403, 405}
    reply = client.open("/api/v1/state", method="TRACE")
    assert reply.status_code < 500


def test_the_address_opens_the_page_for_a_session_and_a_message(client: FlaskClient, known: SimpleNamespace) -> None:
    for path in ("/", f"/s/{known.session}", f"/s/{known.session}/{known.message}"):
        reply = client.get(path)
        assert reply.status_code == 200
        assert reply.mimetype == "text/html"


@given(
    path=st.text(max_size=60),
    prefix=st.sampled_from(["/", "/api/v1/", "/media/", "/s/", "/static/", "/vendor/leaflet/"]),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_address_makes_the_server_fail(client: FlaskClient, prefix: str, path: str) -> None:
    assert client.get(prefix + path).status_code < 500


@pytest.mark.parametrize(
    "path",
    [
        "/static/../flask_app.py",
        "/static/%2e%2e/flask_app.py",
        "/static/..%5cflask_app.py",
        "/static//etc/passwd",
        "/static/x%00",
        "/static/CON",
        "/vendor/bootstrap/../../etc/passwd",
        "/vendor/leaflet/1.9.3.0/../__init__.py",
        "/vendor/leaflet/1.9.3.0/%2e%2e/__init__.py",
        "/media/../../etc/passwd",
        "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    ],
)
def test_no_address_leaves_its_folder(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in {404, 308, 301}
