"""The earlier analyser's routes, over a real server: its page's whole protocol, played by a plain client."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import Answer, ScriptedModel
from config import Settings
from core.observation import Sight
from core.people import Role
from examples.sample_city import draw_city
from flask_app import create_app

ROW = {
    *("filename", "camera_ip", "old_district", "new_district", "mandal", "location_name", "latitude", "longitude"),
    *("camera_type", "analytics_type", "match", "count", "description", "confidence", "details", "status", "error"),
    "timestamp",
}
COUNT = "How many people are at each location?"


@dataclass
class Gate:
    """The model: it answers by the picture's size, or waits."""

    open: threading.Event = field(default_factory=threading.Event)
    asked: int = 0

    def seen(self, picture: Material, ask: Ask) -> Answer:
        assert self.open.wait(30)
        assert picture.content is not None
        self.asked += 1
        size = len(picture.content)
        return Sight(unreadable="Rain on the lens.") if size % 4 == 0 else size % 3


@dataclass
class Served:
    """An app behind waitress on a port of its own."""

    app: Flask
    port: int
    gate: Gate
    pictures: Path
    settings: Settings


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, gate = tmp_path_factory.mktemp("city"), Gate()
    draw_city(folder, camera_count=6, per_camera=2)
    told = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        images_dir=folder / "pictures",
        excel_file=folder / "cameras.xlsx",
        google_maps_api_key="m" * 39,
        max_workers=2,
    )
    app = create_app(told, [ScriptedModel(gate.seen)])
    sockets: dict[int, Any] = {}
    server = create_server(app, map=sockets, host="127.0.0.1", port=0, threads=8, asyncore_use_poll=True)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)

    serving = threading.Thread(target=run, name="waitress")
    serving.start()
    yield Served(app, server.effective_port, gate, folder / "pictures", told)
    house = app.extensions["sightline"]
    house.bus.close()
    stopped.set()
    serving.join()
    server.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)
    house.opening.close()


@dataclass
class Client:
    """A program or, with ``browser``, a browser's page: keeps cookies and reads the stream as an EventSource does."""

    port: int
    said: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def open(self, method: str, path: str, body: Any = None) -> http.client.HTTPResponse:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Connection": "close"} | self.said
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        content = None if body is None else json.dumps(body)
        line.request(method, path, content, headers | ({"Content-Type": "application/json"} if content else {}))
        reply = line.getresponse()
        for cookie in reply.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return reply

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        with contextlib.closing(self.open(method, path, body)) as reply:
            return reply.status, json.loads(reply.read())

    def stream(self, **arguments: str) -> Generator[dict[str, Any], None, None]:
        with contextlib.closing(self.open("GET", f"/analyze_stream?{urlencode(arguments)}")) as reply:
            assert reply.status == 200, reply.read()
            assert reply.getheader("Content-Type", "").startswith("text/event-stream")
            yield from frames(reply)

    def hear(self, query: str, **arguments: str) -> list[dict[str, Any]]:
        return list(self.stream(query=query, **arguments))


def frames(reply: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """What an EventSource's onmessage is given: the data of unnamed events; comments are nothing."""
    data = b""
    for line in reply:
        name, _, value = line.rstrip(b"\r\n").partition(b":")
        assert name in {b"", b"data"}, line
        if name == b"data":
            data += value.removeprefix(b" ")
        elif not line.strip() and data:
            yield json.loads(data)
            data = b""


def of(kind: str, told: list[dict[str, Any]]) -> list[Any]:
    return [one["data"] for one in told if one["type"] == kind]


@pytest.fixture
def client(served: Served) -> Client:
    served.gate.open.set()
    return Client(served.port)


def test_the_earlier_pages_whole_protocol(served: Served, client: Client) -> None:
    """Parity S2.4, S2.5, S2.6, S2.8, S2.10 and S2.12: what its page did, in its order."""
    status, made = client.call("POST", "/create_session")
    assert (status, made["success"], set(made)) == (200, True, {"success", "session_id", "message"})
    told = client.hear(COUNT)
    kinds = list(dict.fromkeys(one["type"] for one in told))
    assert kinds[0] == "start"
    assert kinds[-1] == told[-1]["type"] == "complete"
    assert set(kinds) == {"start", "log", "query_analysis", "progress", "match", "complete"}
    assert of("start", told)[0]["query"] == COUNT
    assert of("start", told)[0]["session_id"] == made["session_id"]
    analysis = of("query_analysis", told)[0]["analysis"]
    assert (analysis["analysis_type"], analysis["category"]) == ("counting", "people")
    assert of("progress", told)[-1] == {"current": 12, "total": 12, "percent": 100}
    complete = of("complete", told)[0]
    rows = complete["detailed_results"]
    assert len(rows) == 12
    assert all(set(row) >= ROW for row in rows)
    matches = [row for row in rows if row["match"] is True]
    told_of = [match["result"] for match in of("match", told)]
    assert sorted(row["filename"] for row in told_of) == sorted(row["filename"] for row in matches)
    assert complete["matches_found"] == len(matches) > 0
    assert complete["unique_locations"] == len({row["location_name"] for row in matches})
    assert complete["is_contextual"] is False
    assert complete["final_answer"]

    reply = client.open("GET", "/get_image/" + quote(matches[0]["filename"]))
    assert reply.status == 200
    assert reply.read() == (served.pictures / matches[0]["filename"]).read_bytes()

    status, loaded = client.call("GET", f"/load_session/{made['session_id']}")
    assert status == 200
    assert loaded["session"]["id"] == made["session_id"]
    assert loaded["session"]["title"] == COUNT
    assert loaded["session"]["queries"][0]["user_query"] == COUNT
    status, kept = client.call("GET", f"/get_session/{made['session_id']}")
    assert status == 200
    assert len(kept["session"]["queries"][0]["results"]) == 12
    assert kept["session"]["query_count"] == 1
    listed = client.call("GET", "/get_sessions")[1]["sessions"]
    assert made["session_id"] in [session["session_id"] for session in listed]
    assert client.call("DELETE", f"/delete_session/{made['session_id']}") == (200, {"success": True})
    for path in ("load_session", "get_session"):
        status, gone = client.call("GET", f"/{path}/{made['session_id']}")
        assert (status, gone["success"]) == (404, False)


def test_a_picture_that_can_not_be_read_is_no_no_match(client: Client) -> None:
    """Parity S2.12: its row is in error, it matches nothing and doesn't fail to, and it isn't among those analysed."""
    complete = of("complete", client.hear("How many dogs are there?"))[0]
    broken = [row for row in complete["detailed_results"] if row["status"] == "error"]
    assert broken
    assert {row["match"] for row in broken} == {None}
    assert {row["count"] for row in broken} == {"N/A"}
    assert all(row["error"] for row in broken)
    sound = [row for row in complete["detailed_results"] if row["status"] == "success"]
    assert {type(row["match"]) for row in sound} == {bool}
    assert complete["total_images"] == len(sound)
    assert complete["unreadable_images"] == len(broken)


def test_both_routes_tell_the_same(client: Client) -> None:
    """Parity S2.7: and a batch is asked like any other question."""
    streamed = of("complete", Client(client.port).hear("How many cats are there?"))[0]
    status, waited = client.call("POST", "/analyze", {"query": "How many cats are there?", "use_batch": True})
    assert status == 200
    assert (waited["success"], waited["is_contextual"]) == (True, False)
    for name in ("total_images", "matches_found", "unique_locations"):
        assert waited["results"][name] == streamed[name]
    assert len(waited["results"]["detailed_results"]) == 12


def test_the_six_fields_of_a_batch_are_told_beside_the_three_of_the_stream(client: Client) -> None:
    """Parity S2.13."""
    status, waited = client.call("POST", "/analyze", {"query": "Find images with accidents"})
    assert status == 200
    told = waited["analysis"]
    assert (told["analysis_type"], told["category"]) == ("detection", "violations")
    assert set(told) == {
        *("search_criteria", "analysis_type", "category"),
        *("search_objective", "count_required", "entity_type", "detection_criteria", "data_to_collect"),
        "response_format",
    }


def test_a_follow_up_through_either_route_asks_no_picture(served: Served, client: Client) -> None:
    """Parity S2.23."""
    client.hear(COUNT)
    asked = served.gate.asked
    told = client.hear("Which district has the most?")
    assert of("complete", told)[0]["is_contextual"] is True
    assert of("complete", told)[0]["detailed_results"]
    status, waited = client.call("POST", "/analyze", {"query": "Show me on a map"})
    assert (status, waited["is_contextual"]) == (200, True)
    assert served.gate.asked == asked


def test_two_browsers_never_mix(served: Served, client: Client) -> None:
    """There is no current session of the process."""
    other = Client(served.port)
    mine = of("start", client.hear(COUNT))[0]["session_id"]
    theirs = of("start", other.hear("How many cats are there?"))[0]["session_id"]
    assert mine != theirs
    assert of("start", client.hear("Show me on a map"))[0]["session_id"] == mine
    assert of("start", other.hear("Show me the table"))[0]["session_id"] == theirs
    queries = client.call("GET", f"/get_session/{mine}")[1]["session"]["queries"]
    assert [query["user_query"] for query in queries] == [COUNT, "Show me on a map"]


def test_a_session_may_be_named_and_one_that_is_gone_is_left(served: Served, client: Client) -> None:
    session_id = client.call("POST", "/create_session")[1]["session_id"]
    without_cookies = Client(served.port)
    assert of("start", without_cookies.hear(COUNT, session_id=session_id))[0]["session_id"] == session_id
    client.call("DELETE", f"/delete_session/{session_id}")
    assert of("start", client.hear(COUNT))[0]["session_id"] != session_id


def test_who_leaves_loses_nothing(served: Served, client: Client) -> None:
    """Parity S2.10: the run goes on, and its answer is in the session."""
    served.gate.open.clear()
    session_id = client.call("POST", "/create_session")[1]["session_id"]
    stream = client.stream(query="How many bags are there?")
    assert next(stream)["type"] == "start"
    stream.close()
    house = served.app.extensions["sightline"]
    with house.bus.subscribe() as heard:
        served.gate.open.set()
        while (event := heard.receive(30)) is not None:
            if event.type == "message" and event.data["message"]["run"]["state"] == "finished":
                break
    results = client.call("GET", f"/get_session/{session_id}")[1]["session"]["queries"][0]["results"]
    assert len(results) == 12


def test_the_stream_is_kept_from_caches_and_proxies(client: Client) -> None:
    """Parity S2.10."""
    with contextlib.closing(client.open("GET", f"/analyze_stream?query={quote(COUNT)}")) as reply:
        assert reply.getheader("Cache-Control") == "no-cache"
        assert reply.getheader("X-Accel-Buffering") == "no"
        reply.read()


@pytest.mark.parametrize("path", ["/analyze_stream", "/analyze_stream?query=", "/analyze_stream?query=%20"])
def test_a_question_is_required(client: Client, path: str) -> None:
    """Parity S2.6 and S2.7."""
    for status, told in (client.call("GET", path), client.call("POST", "/analyze", {"query": " "})):
        assert status == 400
        assert (told["success"], told["message"]) == (False, "Query is required")


def test_a_question_that_can_not_be_planned_is_an_error_event(client: Client) -> None:
    """Parity S2.10."""
    told = client.hear("Show me on a map")
    assert told[-1]["type"] == "error"
    assert told[-1]["data"]["message"]
    assert client.call("POST", "/analyze", {"query": "Show me on a map"})[0] == 400
    atlantis = client.hear("How many people are in Atlantis?")
    assert atlantis[-1]["type"] == "error"
    assert "Atlantis" in atlantis[-1]["data"]["message"]


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Referer": "http://evil.example/"},
        {"User-Agent": "Mozilla/5.0"},
        {"Host": "127.0.0.1.evil.example"},
    ],
    ids=str,
)
def test_no_other_page_begins_a_run(served: Served, said: dict[str, str]) -> None:
    """Parity S2.6; threat row 46: it is a GET, and an image's address could be it."""
    elsewhere = Client(served.port, said)
    asked = served.gate.asked
    status = elsewhere.open("GET", f"/analyze_stream?query={quote(COUNT)}").status
    assert status == (400 if "Host" in said else 403)
    assert elsewhere.open("POST", "/analyze", {"query": COUNT}).status in {400, 403}
    assert elsewhere.open("POST", "/create_session").status in {400, 403}
    assert served.gate.asked == asked


def test_our_own_page_may_begin_a_run(served: Served, client: Client) -> None:
    """Parity S2.6."""
    client.said = {"Sec-Fetch-Site": "same-origin", "User-Agent": "Mozilla/5.0"}
    assert client.hear(COUNT)[-1]["type"] == "complete"


def test_the_settings_in_force_are_told(served: Served, client: Client) -> None:
    """Parity S2.2."""
    status, told = client.call("GET", "/check_config")
    assert status == 200
    assert told == {
        "google_maps_api_key_exists": True,
        "google_maps_api_key_length": 39,
        "images_dir": str(served.settings.images_dir),
        "excel_file": str(served.settings.excel_file),
        "max_workers": 2,
        "env_file_exists": told["env_file_exists"],
    }


def test_settings_are_confirmed_or_refused_and_never_stored_where_nothing_reads_them(
    served: Served, client: Client
) -> None:
    """Parity S2.3."""
    now = {"images_dir": str(served.settings.images_dir), "excel_file": str(served.settings.excel_file)}
    assert client.call("POST", "/initialize_analyzer", now | {"max_workers": 2})[0] == 200
    assert client.call("POST", "/initialize_analyzer", {})[1]["success"] is True
    status, told = client.call("POST", "/initialize_analyzer", now | {"max_workers": 9, "images_dir": "/etc"})
    assert (status, told["success"]) == (400, False)
    assert "IMAGES_DIR and MAX_WORKERS" in told["message"]
    assert client.call("GET", "/check_config")[1]["max_workers"] == 2
    for wrong in ({"max_workers": "2"}, {"max_worker": 2}, {"images_dir": 5}):
        assert client.call("POST", "/initialize_analyzer", wrong)[0] == 400


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%5c..%5cetc%5cpasswd", "/etc/passwd", "%2fetc%2fpasswd",
     "x%00.jpg", "CON", "NUL.txt", "a/NUL%20", "nowhere.jpg", "x" * 5000, "%ff%fe"],
)  # fmt: skip
def test_only_listed_pictures_are_given(client: Client, name: str) -> None:
    """Parity S2.8; threat rows 18 and 20."""
    client.hear(COUNT)
    with contextlib.closing(client.open("GET", f"/get_image/{name}")) as reply:
        assert reply.status in {404, 308}  # 308: without the doubled slash, where there is nothing either
        assert b"root:" not in reply.read()


def test_a_link_to_outside_is_not_followed(served: Served, client: Client) -> None:
    """Threat row 19: not even when it took a listed picture's place."""
    client.hear(COUNT)
    rows = of("complete", client.hear("How many cats are there?"))[0]["detailed_results"]
    path = served.pictures / rows[0]["filename"]
    kept = path.read_bytes()
    path.unlink()
    path.symlink_to("/etc/passwd")
    with contextlib.closing(client.open("GET", "/get_image/" + quote(rows[0]["filename"]))) as reply:
        assert reply.status in {404, 422}
        assert b"root:" not in reply.read()
    path.unlink()
    path.write_bytes(kept)


@pytest.mark.parametrize("name", ["../../x", "20260314_093000", "99999999_999999", "٢" * 26, "1e9", "-1", "%2e%2e"])
def test_a_sessions_name_is_never_a_path(client: Client, name: str) -> None:
    """Parity S2.5; threat row 60."""
    for method, path in (("GET", "load_session"), ("GET", "get_session"), ("DELETE", "delete_session")):
        with contextlib.closing(client.open(method, f"/{path}/{quote(name, safe='%')}")) as reply:
            assert reply.status == 404
            reply.read()


def test_a_session_may_be_named_by_the_second_in_which_it_began(served: Served, client: Client) -> None:
    """Parity S2.5: as the earlier analyser named them; two of one second are told apart by their ids."""
    session_id = client.call("POST", "/create_session")[1]["session_id"]
    row = served.app.extensions["sightline"].conversations.open(session_id).session.row
    stamp = f"{row.created_at.astimezone(served.settings.site_timezone):%Y%m%d_%H%M%S}"
    others = [
        view
        for view in served.app.extensions["sightline"].conversations.sessions()
        if view.row.created_at.replace(microsecond=0) == row.created_at.replace(microsecond=0)
    ]
    status, told = client.call("GET", f"/get_session/{stamp}")
    assert (status, told["success"]) == ((200, True) if len(others) == 1 else (409, False))


def test_with_people_a_token_opens_the_way_and_nobody_asks_in_anothers_session(served: Served) -> None:
    """Parity S2.6; threat row 21. The last test of this file: from here on there are people."""
    alone = Client(served.port)
    begun = of("start", alone.hear(COUNT))[0]["session_id"]
    people = served.app.extensions["sightline"].door.get().people
    asha = people.add("asha", Role.OPERATOR, "a long enough password")
    ravi = people.add("ravi", Role.VIEWER, "another long password")
    with_token = Client(served.port, {"Authorization": f"Bearer {people.add_token(asha, 'desk')}"})
    looking = Client(served.port, {"Authorization": f"Bearer {people.add_token(ravi, 'wall')}"})
    for path in ("/check_config", "/get_sessions", f"/analyze_stream?query={quote(COUNT)}", f"/get_session/{begun}"):
        assert alone.call("GET", path)[0] == 401
    told = with_token.hear(COUNT)
    assert told[-1]["type"] == "complete"
    own = of("start", told)[0]["session_id"]
    assert with_token.call("GET", f"/get_session/{own}")[0] == 200
    for method, path in (("GET", "get_session"), ("GET", "load_session"), ("DELETE", "delete_session")):
        assert looking.call(method, f"/{path}/{own}")[0] in {403, 404}
    assert own not in [one["session_id"] for one in looking.call("GET", "/get_sessions")[1]["sessions"]]
    assert looking.call("GET", f"/analyze_stream?query={quote(COUNT)}")[0] == 403
    lata = people.add("lata", Role.OPERATOR, "a third long password")
    other = Client(served.port, {"Authorization": f"Bearer {people.add_token(lata, 'desk')}"})
    assert other.call("GET", f"/analyze_stream?query={quote(COUNT)}&session_id={own}")[0] == 404
    assert other.call("POST", "/analyze", {"query": COUNT, "session_id": own})[0] == 404
    other.cookies = dict(with_token.cookies)
    assert of("start", other.hear(COUNT))[0]["session_id"] != own
