"""The description of /api/v1: complete, and true of the real program with real stores and a scripted model."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events

from analyzer.ask import Ask
from analyzer.models.catalogue import Fetch, Fetching, ModelState, Standing
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import Answer, ScriptedModel
from config import Settings
from core.observation import Sight
from examples.sample_city import draw_city
from flask_app import create_app
from tests.storage.test_trial import drawn
from web.openapi import openapi

SEED = 20260314
EXAMPLES = 6


@dataclass
class Gate:
    """Lets a model answer, or keeps it waiting."""

    open: threading.Event = field(default_factory=threading.Event)

    def seen(self, picture: Material, ask: Ask) -> Answer:
        """As many as the picture's bytes say; now and then a text, or nothing but trouble."""
        assert self.open.wait(30)
        assert picture.content is not None
        size = len(picture.content)
        return Sight(unreadable="Rain on the lens.") if size % 5 == 0 else size % 4


def ability(ask: Ask) -> Ability:
    """Sees everything but congestion, for which it offers something near."""
    if "congestion" in (ask.target or ""):
        return Ability(Fit.STAND_IN, "More than five vehicles.", "It can't tell a jam from a car park.", sees="cars")
    return Ability(Fit.FULL, "It answers as it was told to.", sees="script")


@pytest.fixture(scope="module")
def gate() -> Gate:
    made = Gate()
    made.open.set()
    return made


@pytest.fixture(scope="module")
def program(gate: Gate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app as it is served, over a small city."""
    folder = tmp_path_factory.mktemp("city")
    draw_city(folder, camera_count=4, per_camera=2)
    told = Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        images_dir=folder / "pictures",
        excel_file=folder / "cameras.xlsx",
        max_workers=1,
        # What is tried of buckets ends here, and asks nobody outside.
        google_application_credentials=folder / "none.json",
    )
    app = create_app(told, [ScriptedModel(gate.seen, ability=ability)])
    served = app.wsgi_app
    # A test's client says nothing of where it is; a server does, and who is elsewhere is not served without people.
    app.wsgi_app = lambda environ, start_response: served({"REMOTE_ADDR": "127.0.0.1"} | environ, start_response)  # type: ignore[method-assign]
    yield app
    app.extensions["sightline"].opening.close()


CONFIGURATION: dict[str, Any] = {
    "seed": SEED,
    "workers": 1,
    "generation": {"deterministic": True, "max-examples": EXAMPLES},
    # That a text is no question, a file no sheet, or a change none at all, is for others to say and no schema.
    "operations": [
        {
            "include-path": path,
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "409"]}},
        }
        for path in (
            "/api/v1/questions",
            "/api/v1/plan",
            "/api/v1/register/preview",
            "/api/v1/sessions/import",
            "/api/v1/sessions/{session_id}",
            "/api/v1/models/fetch",
            "/api/v1/pictures/try",
        )
    ],
}


@dataclass
class Findings:
    """What schemathesis found with all its checks, and the statuses that each route gave meanwhile."""

    failures: list[str] = field(default_factory=list)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def hear(self, event: Any) -> None:
        if isinstance(event, events.FatalError):
            raise event.exception
        if isinstance(event, events.NonFatalError):
            self.failures.append(f"{event.label}: {event.value}")
        if isinstance(event, events.ScenarioFinished):
            self._read(event.recorder)

    def _read(self, recorder: Any) -> None:
        for key, node in recorder.cases.items():
            exchange = recorder.interactions.get(key)
            operation = node.value.operation
            if exchange and exchange.response and exchange.request.method == operation.method.upper():
                self.statuses.setdefault(operation.label, set()).add(exchange.response.status_code)
            for check in recorder.checks.get(key, []):
                if check.failure_info is not None:
                    told = check.failure_info
                    self.failures.append(f"{operation.label}: {told.failure}\n{told.code_sample}")


@pytest.fixture(scope="module")
def findings(program: Flask) -> Findings:
    """Examples, bounds, fuzzing, and calls that follow from each other's replies."""
    config = SchemathesisConfig.from_dict(CONFIGURATION)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", program, config=config)
    found = Findings()
    for event in engine.from_schema(schema).execute():
        found.hear(event)
    return found


def test_every_route_keeps_to_its_description(findings: Findings) -> None:
    assert "\n\n".join(findings.failures) == ""


@dataclass
class Story:
    """Calls by hand, each held to the description."""

    app: Flask
    schema: Any
    gate: Gate
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, **arguments: str) -> Any:
        operation = self.schema[path][method]
        names = {name: value for name, value in arguments.items() if f"{{{name}}}" in path}
        query = {name: value for name, value in arguments.items() if name not in names}
        made: dict[str, Any] = {"path_parameters": names, "query": query}
        if body is not None:
            kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
            made |= {"body": body, "media_type": kind}
        reply = operation.Case(**made).call_and_validate()
        self.statuses.setdefault(operation.label, set()).add(reply.status_code)
        return reply.json() if "json" in reply.headers["content-type"][0] else reply.content

    def ask(self, text: str, session_id: str | None = None, **more: Any) -> Any:
        """Ask, and wait for the end of the run."""
        with self.app.extensions["sightline"].bus.subscribe() as heard:
            asked = self.call("POST", "/api/v1/questions", {"text": text, "session_id": session_id} | more)
            message = asked["message"]
            while message["run"] and message["run"]["state"] == "running":
                event = heard.receive(30)
                assert event is not None
                if event.type == "message" and event.data["message"]["id"] == message["id"]:
                    message = event.data["message"]
        return self.call("GET", "/api/v1/messages/{message_id}", message_id=message["id"])


@pytest.fixture(scope="module")
def story(program: Flask, gate: Gate) -> Story:
    return Story(program, schemathesis.openapi.from_wsgi("/api/v1/openapi.json", program), gate)


def test_a_whole_conversation_keeps_to_the_description(story: Story) -> None:
    """Every kind of message: a look, a recall, a show, one in error and one with an offer."""
    look = story.ask("How many people are at each location on average?")
    session_id = look["session_id"]
    assert look["answer"]["groups"]
    assert look["run"]["state"] == "finished"
    assert story.ask("Which location has the most?", session_id)["of"] == look["id"]
    assert story.ask("Show me on a map", session_id)["plan"]["view"] == "map"
    assert story.ask("How many people are in Atlantis?", session_id)["error"]
    assert story.ask("Where is traffic congestion?")["error"]["offer"]["model"] == "scripted"
    assert story.ask("Where is traffic congestion?", model="scripted")["notes"]
    for outcome in ("match", "unreadable"):
        told = story.call("GET", "/api/v1/messages/{message_id}/pictures", message_id=look["id"], outcome=outcome)
        assert told["pictures"]
    assert story.call("GET", "/api/v1/messages/{message_id}/places", message_id=look["id"])["places"]
    assert story.call("GET", "/api/v1/messages/{message_id}/workings", message_id=look["id"])["statements"]
    told = story.call("GET", "/api/v1/messages/{message_id}/groups", message_id=look["id"], by="hour")
    assert (told["group_by"], bool(told["groups"])) == ("hour", True)
    story.call("POST", "/api/v1/messages/{message_id}/rating", {"rating": 1}, message_id=look["id"])
    for kind in ("csv", "xlsx", "geojson", "html", "json", "zip"):
        assert story.call("GET", f"/api/v1/messages/{{message_id}}/export.{kind}", message_id=look["id"])
    told = story.call("POST", "/api/v1/plan", {"text": "And the total?", "session_id": session_id})
    assert (told["plan"]["kind"], told["model"]) == ("recall", None)
    made = story.call("POST", "/api/v1/sessions/{session_id}/links", {"message_id": look["id"]}, session_id=session_id)
    assert story.call("GET", "/api/v1/sessions/{session_id}/links", session_id=session_id)["links"] == [made["link"]]
    link_id = made["link"]["id"]
    story.call("DELETE", "/api/v1/sessions/{session_id}/links/{link_id}", session_id=session_id, link_id=link_id)
    for kind in ("json", "zip"):
        exported = story.call("GET", f"/api/v1/sessions/{{session_id}}/export.{kind}", session_id=session_id)
    assert story.call("POST", "/api/v1/sessions/import", exported)["sessions"]
    opened = story.call("GET", "/api/v1/sessions/{session_id}", session_id=session_id)
    assert len(opened["messages"]) == 4


def test_a_run_that_is_stopped_and_continued_keeps_to_the_description(story: Story) -> None:
    story.gate.open.clear()
    asked = story.call("POST", "/api/v1/questions", {"text": "How many dogs are there?", "again": True})
    run_id = asked["message"]["run"]["id"]
    releasing = threading.Timer(0.2, story.gate.open.set)
    releasing.start()
    assert story.call("POST", "/api/v1/runs/{run_id}/stop", run_id=run_id)["state"] == "stopped"
    assert story.call("POST", "/api/v1/runs/{run_id}/continue", run_id=run_id)["state"] == "running"
    releasing.join()


def test_a_sheet_that_is_given_looked_at_and_used_keeps_to_the_description(story: Story) -> None:
    sheet = b"camera,latitude,longitude\n10.0.0.1,16.3,80.4\n10.0.0.2,x,80.4\n"
    waiting = story.call("POST", "/api/v1/register/preview", sheet, name="cameras.csv")["upload_id"]
    story.call("POST", "/api/v1/register/preview/{upload_id}", {"columns": {"camera": "camera"}}, upload_id=waiting)
    assert story.call("POST", "/api/v1/register", {"upload_id": waiting})["register"]["problems"] == 1
    assert story.call("GET", "/api/v1/register")["problems"]
    assert story.call("DELETE", "/api/v1/register")["register"]["placed"] > 1


def test_a_model_whose_files_are_fetched_keeps_to_the_description(story: Story) -> None:
    standing = [Standing(ModelState.ABSENT, "Its files aren't here.", can_fetch=True)]
    coming = Standing(ModelState.INSTALLING, "Its files are being fetched.", fetching=Fetching(5, 12))
    fetch = Fetch(lambda: standing.insert(0, coming), lambda: standing.insert(0, standing[-1]))
    story.app.extensions["sightline"].stores.catalogue.follow("eyes", "Eyes", lambda: standing[0], fetch)
    assert story.call("POST", "/api/v1/models/fetch", {"model": "eyes"})["fetching"]["done_bytes"] == 5
    assert story.call("GET", "/api/v1/models")["models"][-1]["state"] == "installing"
    assert story.call("DELETE", "/api/v1/models/fetch", model="eyes")["can_fetch"]


def test_a_folder_that_is_tried_keeps_to_the_description(story: Story, tmp_path: Path) -> None:
    body = {"kind": "folder", "where": str(drawn(tmp_path, "gate/1.jpg"))}
    assert story.call("POST", "/api/v1/pictures/try", body)["pictures"] == 1


def test_every_route_was_seen_to_answer_well(findings: Findings, story: Story) -> None:
    """A description that only errors were held to proves nothing."""
    operations = list(story.schema.get_all_operations())
    assert len(operations) > 12
    for operation in (result.ok() for result in operations):
        good = min(status for status in operation.definition.raw["responses"])
        assert int(good) in findings.statuses[operation.label] | story.statuses.get(operation.label, set())


def test_the_page_to_read_has_every_route_and_every_shape_and_runs_nothing(program: Flask) -> None:
    reply = program.test_client().get("/api/v1/", base_url="http://localhost")
    described = program.test_client().get("/api/v1/openapi.json", base_url="http://localhost").get_json()
    assert reply.status_code == 200
    assert "<script" not in reply.text
    assert "script-src" not in reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    links, places = (set(re.findall(pattern, reply.text)) for pattern in (r'href="#(\w+)"', r'id="(\w+)"'))
    assert links <= places
    assert set(described["components"]["schemas"]) <= places
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert f"<b>{method.upper()}</b> {path}</code>" in reply.text
            assert operation["operationId"] in places


def test_a_route_that_nobody_has_described_is_told_to_its_maker() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/api/v1/bare", view_func=lambda: "")
    with pytest.raises(LookupError, match=r"/api/v1/bare is not described"):
        openapi(bare, "1")
