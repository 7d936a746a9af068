"""Reports in conversations: the answer is there first, a model's report takes the template's place once, and wherever
the answer goes its report goes along."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from analyzer.leaving import Leaving, Spending, open_leaving
from analyzer.models.catalogue import Catalogue
from analyzer.models.openai.client import Server
from analyzer.models.openai.prices import Price
from analyzer.models.openai.supply import add_cloud, configured
from analyzer.models.openai.text import TextModel
from analyzer.models.scripted import ScriptedModel
from analyzer.report.author import Reporter, Reporting
from bench.openai_deeds import Deed, Order
from bench.openai_server import Call, OpenAiServer
from core.clock import SystemClock
from core.states import RunState
from sessions.export.bundle import bundle
from sessions.export.document import answer_document
from sessions.export.report import report as page_of
from sessions.export.verify import verify
from sessions.views import MessageView
from storage.database import Database
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import answered, by_number, without

QUESTION = "How many people are at each location?"
PROGRAM = "0.1.0"
Opened = Callable[..., Desk]


def told(call: Call) -> dict[str, Any]:
    return dict(json.loads(call.body["messages"][1]["content"]))


def by_the_figures(call: Call) -> dict[str, Any]:
    """A model that keeps to what it is told."""
    facts = told(call)
    places = [place for place in facts["places"] if place["figure"] not in (None, "0")]
    return {
        "introduction": f"{facts['pictures']['in scope']} pictures were asked.",
        "findings": [f"{place['name']} has {place['figure']} people." for place in places] or ["There are pictures."],
        "conclusion": f"{facts['pictures']['readable']} pictures are readable.",
    }


def inventing(_: Call) -> dict[str, Any]:
    return {"introduction": "A report.", "findings": ["There are 4711 people in Atlantis."], "conclusion": "So it is."}


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with OpenAiServer(answer=by_the_figures) as running:
        yield running


@pytest.fixture
def open_reported(tmp_path: Path, database: Database, server: OpenAiServer) -> Iterator[Opened]:
    closing = ExitStack()

    def opening(reporting: Reporting = Reporting.AGREED, **more: Any) -> Desk:
        database.command("TRUNCATE TABLE sights")
        text = TextModel(Server(server.url, "", "gpt-4o"), more.pop("price", Price(0, 0, 85, 170, "")), 5.0)
        model = ScriptedModel(by_number, workers=4)
        source = more.pop("source", None) or MemorySource(24, broken=[23])
        desk = open_desk(tmp_path, source, model, database=database, reporter=Reporter(text, reporting), **more)
        closing.callback(desk.close)
        return desk

    with closing:
        yield opening


def reported(desk: Desk, message: MessageView) -> dict[str, Any]:
    """The report of a message, when it is written."""
    desk.conversations.wait_for_reports()
    answer = desk.conversations.message(message.id).answer
    assert answer is not None
    return dict(answer["report"])


def test_the_answer_is_there_first_and_the_report_comes_by_an_event(
    open_reported: Opened, server: OpenAiServer
) -> None:
    """S2.15: written once, announced once, stored."""
    desk = open_reported()
    server.latency_s = 0.2
    with desk.bus.subscribe() as heard:
        message = answered(desk, QUESTION)
        assert message.answer is not None
        assert message.answer["report"]["writer"] == "template"
        written = reported(desk, message)
        events = [event for event in iter(lambda: heard.receive(0.2), None) if event is not None]
    assert written["writer"] == "model"
    assert "Gate 0" in " ".join(written["findings"])
    writers = [
        event.data["message"]["answer"]["report"]["writer"]
        for event in events
        if event.type == "message" and event.data["message"]["answer"]
    ]
    assert writers[-2:] == ["template", "model"]
    assert writers.count("model") == 1
    assert len(server.calls) == 1
    assert reported(desk, message) == written, "it is not written twice"
    figures = {name: value for name, value in message.answer.items() if name != "report"}
    again = desk.conversations.message(message.id).answer
    assert again is not None
    assert {name: again[name] for name in figures} == figures, "nothing else is touched"


def test_a_model_that_invents_leaves_the_template_and_the_page_says_so(
    open_reported: Opened, server: OpenAiServer
) -> None:
    desk = open_reported()
    server.answer = inventing
    written = reported(desk, answered(desk, QUESTION))
    assert written["writer"] == "template"
    assert written["note"].endswith("What gpt-4o at 127.0.0.1 wrote did not keep to them.")
    assert "4711" not in json.dumps(written)
    assert len(server.calls) == 2


@pytest.mark.parametrize("deed", [Deed.REFUSAL, Deed.BROKEN_JSON, Deed.SERVER_ERROR])
def test_a_server_that_fails_leaves_the_template(open_reported: Opened, server: OpenAiServer, deed: Deed) -> None:
    desk = open_reported()
    server.orders.append(Order(deed))
    written = reported(desk, answered(desk, QUESTION))
    assert written["note"] == "Written from the figures by a template. None came from gpt-4o at 127.0.0.1."


def test_follow_ups_and_views_ask_no_model_for_their_report(open_reported: Opened, server: OpenAiServer) -> None:
    desk = open_reported()
    look = answered(desk, QUESTION)
    reported(desk, look)
    for question in ("Which district has the most?", "Show me on a map", "Only those above one"):
        follow_up = answered(desk, question, look.row.session_id)
        assert reported(desk, follow_up)["writer"] == "template"
    assert len(server.calls) == 1


def test_another_threshold_is_another_answer_with_a_report_of_its_own(
    open_reported: Opened, server: OpenAiServer
) -> None:
    desk = open_reported()
    look = answered(desk, "Which locations have more than 1 people?")
    before = reported(desk, look)
    changed = without(desk, look, "condition")
    after = reported(desk, changed)
    assert changed.answer is not None
    assert after["findings"] != before["findings"]
    assert reported(desk, look) == before


def test_a_look_that_saw_nothing_is_not_put_to_the_model(open_reported: Opened, server: OpenAiServer) -> None:
    desk = open_reported(source=MemorySource(4, broken=range(4)))
    written = reported(desk, answered(desk, QUESTION))
    assert written["conclusion"] == "Nothing can be told from what could not be read."
    row = desk.conversations.message(answered(desk, QUESTION).id)
    assert row.run is not None
    assert row.run.state is RunState.FINISHED
    assert server.calls == []


def test_the_yes_and_the_cap_hold_for_reports_too(open_reported: Opened, server: OpenAiServer, tmp_path: Path) -> None:
    never = open_reported(Reporting.NEVER)
    assert reported(never, answered(never, QUESTION))["note"] == "Written from the figures by a template."
    spent = open_leaving(tmp_path / "spent", "folder", Spending(most_per_day=0.0001), SystemClock(), ZoneInfo("UTC"))
    desk = open_reported(leaving=spent, price=Price(2.5, 10.0, 85, 170, ""))
    assert reported(desk, answered(desk, QUESTION))["note"].endswith("None came from gpt-4o at 127.0.0.1.")
    assert server.calls == []
    spent.close()


def test_a_server_that_hangs_holds_up_neither_the_next_answer_nor_the_end(
    open_reported: Opened, server: OpenAiServer
) -> None:
    desk = open_reported()
    server.orders.append(Order(Deed.HANG))
    first = answered(desk, QUESTION)
    assert answered(desk, "How many people in total?", first.row.session_id).answer is not None
    desk.conversations.close()
    answer = desk.conversations.message(first.id).answer
    assert answer is not None
    assert answer["report"]["writer"] == "template"


def test_s2_15_page_json_and_evidence_carry_the_report_that_is_stored(
    open_reported: Opened, server: OpenAiServer
) -> None:
    desk = open_reported()
    message = answered(desk, QUESTION)
    stored = reported(desk, message)
    assert stored["writer"] == "model"
    extract = desk.exports.answer(message.id, "Northside", "http://sightline.test")
    assert json.loads(b"".join(answer_document(extract)))["message"]["answer"]["report"] == stored
    page = b"".join(page_of(extract, lambda _: b"\xff\xd8\xff\xd9")).decode()
    for said in (stored["introduction"], *stored["findings"], stored["conclusion"], stored["note"]):
        assert said in page
    packed = b"".join(bundle(extract, lambda _: b"\xff\xd8\xff\xd9", PROGRAM))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert json.loads(archive.read("answer.json"))["report"] == stored
        assert stored["conclusion"] in archive.read("report.html").decode()
    assert verify(packed, PROGRAM).differences == ()


@pytest.mark.parametrize(
    ("program", "changed", "said"),
    [
        (PROGRAM, {"conclusion": "4711 pictures are readable."}, "4711"),
        (PROGRAM, {"findings": ["Gate 7 has 3 people."]}, "Gate"),
        ("0.0.9", {"conclusion": "4711 pictures are readable."}, "4711"),
        (PROGRAM, {"writer": "template"}, "is not the one that the observations give"),
        (PROGRAM, {"districts": []}, "districts"),
    ],
)
def test_evidence_whose_report_says_another_thing_is_found_out(
    open_reported: Opened, program: str, changed: dict[str, Any], said: str
) -> None:
    desk = open_reported()
    message = answered(desk, QUESTION)
    reported(desk, message)
    extract = desk.exports.answer(message.id, "Northside", "http://sightline.test")
    assert extract.message.answer is not None
    extract.message.answer["report"].update(changed)
    packed = b"".join(bundle(extract, lambda _: b"\xff\xd8\xff\xd9", program))
    differences = verify(packed, PROGRAM).differences
    assert any(said in difference for difference in differences)


@pytest.mark.parametrize("reporting", ["never", "agreed"])
def test_the_setting_brings_it_where_a_server_is_configured(tmp_path: Path, reporting: str) -> None:
    cloud = configured(Server("http://127.0.0.1:9/v1", "", "m"), tmp_path, reporting=reporting)
    assert cloud is not None
    catalogue = Catalogue()
    add_cloud(catalogue, cloud)
    assert (catalogue.reporter is not None) is (reporting == "agreed")
    catalogue.close()


def test_leave_is_what_the_leaving_says() -> None:
    text = TextModel(Server("http://127.0.0.1:9/v1", "", "m"), Price(0, 0, 85, 170, ""), 1.0)
    assert Reporter(text, Reporting.AGREED).wanted(Leaving()), "this machine is no other"
