"""Conversations with a language model at hand: it is asked where the rules are unsure, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from analyzer.models.catalogue import Catalogue
from analyzer.models.openai.client import Server
from analyzer.models.openai.prices import Price
from analyzer.models.openai.supply import add_cloud, configured
from analyzer.models.scripted import ScriptedModel
from analyzer.planner import Alteration
from analyzer.planner.interpreter import Interpreter, Planning
from bench.openai_deeds import Deed, Order
from bench.openai_server import OpenAiServer
from core.errors import UnplannableQuestion
from sessions.questions import LANGUAGE_UNKNOWN
from storage.database import Database
from tests.analyzer.planner.test_planner_interpreter import proposal
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk
from tests.sessions.test_conversations import answered, by_number

HINDI = "उत्तर में हर जगह कितने लोग हैं?"
PROPOSED = proposal(
    target="people", in_districts=["Northside"], in_from=None, in_to=None, in_hours=None, condition=None
)
Opened = Callable[..., Desk]


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with OpenAiServer(answer=lambda _: PROPOSED) as running:
        yield running


@pytest.fixture
def open_language(tmp_path: Path, database: Database, server: OpenAiServer) -> Iterator[Opened]:
    closing = ExitStack()

    def opening(planning: Planning = Planning.UNSURE, deadline_s: float = 5.0) -> Desk:
        database.command("TRUNCATE TABLE sights")
        interpreter = Interpreter(Server(server.url, "", "gpt-4o"), Price(0, 0, 85, 170, ""), planning, deadline_s)
        model = ScriptedModel(by_number, workers=4)
        desk = open_desk(tmp_path, MemorySource(24), model, database=database, interpreter=interpreter)
        closing.callback(desk.close)
        return desk

    with closing:
        yield opening


def test_a_question_in_another_language_is_understood_by_the_model_and_the_answer_says_so(
    open_language: Opened, server: OpenAiServer
) -> None:
    message = answered(open_language(), HINDI)
    assert message.row.error is None
    assert message.row.plan["scope"]["districts"] == ["Northside"]
    assert message.row.plan["target"] == "people"
    assert message.row.notes == ("Understood by gpt-4o at 127.0.0.1; every name was checked against the register.",)
    assert message.answer is not None
    assert len(server.calls) == 1


def test_what_the_rules_understand_is_not_put_to_the_model_unless_always(
    open_language: Opened, server: OpenAiServer
) -> None:
    desk = open_language()
    first = answered(desk, "How many people are at each location?")
    answered(desk, "Which district has the most?", first.row.session_id)
    assert server.calls == []
    answered(open_language(Planning.ALWAYS), "How many people are at each location?")
    assert len(server.calls) == 1


def test_what_is_only_typed_or_altered_stays_here(open_language: Opened, server: OpenAiServer) -> None:
    desk = open_language(Planning.ALWAYS)
    desk.conversations.understand(HINDI)
    answered(desk, "How many people are in Northside?", alteration=Alteration(("where",)))
    assert server.calls == []


def test_the_rules_plan_stands_where_the_model_fails_or_invents(open_language: Opened, server: OpenAiServer) -> None:
    desk = open_language(deadline_s=0.4)
    server.orders += [Order(Deed.SERVER_ERROR), Order(Deed.HANG), Order(Deed.REFUSAL)]
    asked = [answered(desk, HINDI) for _ in range(3)]
    server.answer = lambda _: PROPOSED | {"scope": PROPOSED["scope"] | {"districts": ["Westside"]}}
    for message in (*asked, answered(desk, HINDI)):
        assert message.row.plan["ask"] == HINDI
        assert message.row.notes == (
            LANGUAGE_UNKNOWN, "No plan came from gpt-4o at 127.0.0.1, so the rules' stands.",
        )  # fmt: skip


def test_a_question_that_the_rules_refuse_is_put_to_the_model_and_else_refused(
    open_language: Opened, server: OpenAiServer
) -> None:
    desk = open_language()
    message = answered(desk, "How many?")
    assert (message.row.plan["target"], message.row.error) == ("people", None)
    server.orders.append(Order(Deed.REFUSAL))
    with pytest.raises(UnplannableQuestion, match="follow up an earlier question"):
        desk.conversations.ask("How many?")
    for nothing in ("", " ?! ", "a" * 2_001):
        with pytest.raises(UnplannableQuestion):
            desk.conversations.ask(nothing)
    assert len(server.calls) == 2


@pytest.mark.parametrize("planning", ["never", "unsure"])
def test_the_setting_brings_it_where_a_server_is_configured(tmp_path: Path, planning: str) -> None:
    cloud = configured(Server("http://127.0.0.1:9/v1", "", "m"), tmp_path, planning)
    assert cloud is not None
    catalogue = Catalogue()
    add_cloud(catalogue, cloud)
    assert (catalogue.interpreter is not None) is (planning == "unsure")
    catalogue.close()
    assert configured(Server("https://api.openai.com/v1", "", "m"), tmp_path, planning) is None
