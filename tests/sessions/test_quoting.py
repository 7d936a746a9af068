"""A question that costs money, or sends pictures away: said before, asked for a yes, capped, written down.

Threat rows 30, 35 and 38.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from analyzer.leaving import Inline, Leaving, Spending, open_leaving
from analyzer.models.openai.client import OpenAiClient, Server
from analyzer.models.openai.model import OpenAiModel
from analyzer.models.openai.prices import Price
from bench.openai_deeds import Deed, Order
from bench.openai_server import Call, OpenAiServer
from core.clock import ManualClock, SystemClock
from core.errors import Conflict, PictureUnreadable
from core.picture import Picture
from core.states import RunState
from sessions.views import MessageView
from storage.database import Database
from tests.conftest import MORNING, MemorySource
from tests.sessions.desk import ZONE, Desk, open_desk
from tests.sessions.test_conversations import _is_over, answered, await_event

PRICE = Price(2.5, 10.0, 85, 170, "Prices are those of 2026-03-01.")
PICTURES = 24
QUESTION = "How many auto-rickshaws are at each location?"
OPEN = Spending(most_per_run=5.0, most_per_day=5.0, confirm_above=1.0)


class DrawnSource(MemorySource):
    """Small pictures, no two alike."""

    def read(self, picture: Picture) -> bytes:
        file = io.BytesIO()
        number = int(super().read(picture))
        Image.new("RGB", (64, 48), (number, 99, 99)).save(file, "PNG")
        return file.getvalue()


class FolderOfNumbers(DrawnSource):
    name = "file:///pictures"


class SheetOfUrls(DrawnSource):
    name = "sheet:///cameras.xlsx"
    signed = 0

    def url(self, picture: Picture) -> str | None:
        self.signed += 1
        return f"https://pictures.example/{picture.name}?X-Goog-Signature=secret{self.signed}"


Opened = Callable[..., Desk]


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with OpenAiServer(fetch=False) as running:
        yield running


@pytest.fixture
def open_cloud(tmp_path: Path, database: Database, server: OpenAiServer) -> Iterator[Opened]:
    closing = ExitStack()

    def opening(
        source: MemorySource | None = None,
        spending: Spending = OPEN,
        inline: Inline = Inline.FOLDER,
        told: bool = True,
        leaving: Leaving | None = None,
        clock: ManualClock | None = None,
        price: Price = PRICE,
        reaches: bool = True,
    ) -> Desk:
        database.command("TRUNCATE TABLE sights")
        client = OpenAiClient(Server(server.url, "sk-test-0123456789", "gpt-4o", timeout_s=5.0))
        model = OpenAiModel(client, price, SystemClock(), to="api.example", reaches=reaches, jitter=lambda: 0.0)
        leaving = leaving or open_leaving(tmp_path, inline, spending, clock or SystemClock(), ZONE)
        assert leaving.budget is not None
        if told:
            leaving.budget.tell("api.example")
        desk = open_desk(tmp_path, source or FolderOfNumbers(PICTURES), model, database=database, leaving=leaving)
        closing.callback(client.close)
        closing.callback(desk.close)
        return desk

    with closing:
        yield opening


def confirmed(desk: Desk, message: MessageView) -> MessageView:
    with desk.bus.subscribe() as heard:
        _, asked = desk.conversations.confirm(message.id, message.row.session_id)
        await_event(heard.receive, lambda event: _is_over(event, asked.id))
    return desk.conversations.message(asked.id)


def continued(desk: Desk, message: MessageView) -> MessageView:
    assert message.run is not None
    with desk.bus.subscribe() as heard:
        desk.conversations.continue_(message.run.id)
        await_event(heard.receive, lambda event: _is_over(event, message.id))
    return desk.conversations.message(message.id)


def offer(message: MessageView) -> dict[str, object]:
    assert message.row.error is not None
    found: dict[str, object] = message.row.error["offer"]
    return found


def test_nothing_leaves_before_it_was_said_where_to_and_it_is_said_once(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    desk = open_cloud(told=False)
    message = answered(desk, QUESTION)
    assert message.row.error is not None
    assert "will be sent to api.example" in message.row.error["message"]
    assert server.calls == []
    done = confirmed(desk, message)
    assert done.run is not None
    assert done.run.state is RunState.FINISHED
    assert len(server.calls) == PICTURES
    again = answered(desk, "Are street lights visible?")
    assert again.row.error is None


def test_a_dear_question_waits_for_a_yes_and_keeps_its_plan(open_cloud: Opened, server: OpenAiServer) -> None:
    desk = open_cloud(spending=Spending(5.0, 5.0, confirm_above=0.01))
    message = answered(desk, QUESTION)
    assert server.calls == []
    label = str(offer(message)["label"])
    assert label.startswith(f"Ask {PICTURES} pictures for about $0.0")
    done = confirmed(desk, message)
    assert done.row.plan == message.row.plan
    assert done.row.instead_of == message.id
    with pytest.raises(Conflict):
        desk.conversations.confirm(done.id, done.row.session_id)


def test_a_cheap_question_begins_at_once_and_the_estimate_stands_beside_what_it_was(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    desk = open_cloud()
    message = answered(desk, QUESTION)
    assert message.run is not None
    assert message.row.model is not None
    told, run = message.row.model["estimate"], message.run
    assert told["calls"] == run.calls == len(server.calls) == PICTURES
    assert told["tokens_in"] == pytest.approx(run.tokens_in, rel=0.2)
    assert told["tokens_in"] + told["tokens_out"] == pytest.approx(run.tokens_in + run.tokens_out, rel=0.2)
    assert told["cost_usd"] == pytest.approx(run.cost_usd, rel=0.2)
    assert run.cost_usd > 0


def test_what_is_known_costs_nothing(open_cloud: Opened, server: OpenAiServer) -> None:
    desk = open_cloud()
    answered(desk, QUESTION)
    asked = len(server.calls)
    message = answered(desk, QUESTION)
    assert message.row.model is not None
    assert message.row.model["estimate"]["known"] == PICTURES
    assert message.row.model["estimate"]["cost_usd"] == 0
    assert len(server.calls) == asked


def test_a_run_stops_at_its_cap_keeps_what_is_paid_for_and_goes_on_for_as_much_again(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    desk = open_cloud(spending=Spending(most_per_run=0.012, most_per_day=5.0, confirm_above=1.0))
    message = answered(desk, QUESTION)
    assert message.run is not None
    assert message.run.state is RunState.FAILED
    assert "MAX_USD_PER_RUN" in (message.run.error or "")
    assert 0 < message.run.done < PICTURES
    assert 0.006 < message.run.cost_usd <= 0.0125
    assert message.run.as_json()["counts"]["unreadable"] == 0
    runs = 0
    while message.run is not None and message.run.state is RunState.FAILED:
        runs += 1
        assert runs < 8
        message = continued(desk, message)
    assert message.run is not None
    assert message.run.done == PICTURES
    assert len(server.calls) == PICTURES  # nothing was paid twice


def test_a_day_has_a_cap_over_all_runs_and_over_a_restart(
    open_cloud: Opened, server: OpenAiServer, tmp_path: Path
) -> None:
    clock = ManualClock(MORNING)
    leaving = open_leaving(tmp_path, "folder", Spending(5.0, most_per_day=0.015, confirm_above=1.0), clock, ZONE)
    desk = open_cloud(leaving=leaving)
    message = answered(desk, QUESTION)
    assert message.run is not None
    assert "MAX_USD_PER_DAY" in (message.run.error or "")
    leaving.close()
    again = open_leaving(tmp_path, "folder", leaving.spending, clock, ZONE)
    assert again.budget is not None
    assert again.budget.spent_usd == pytest.approx(message.run.cost_usd, rel=0.01)
    clock.advance(timedelta(days=1).total_seconds())
    assert again.budget.spent_usd == 0
    clock.advance(-timedelta(days=2).total_seconds())
    assert again.budget.left_usd == 0.015  # set back, the clock gives nothing twice and takes nothing


def test_a_refused_key_ends_the_run_with_a_sentence_and_no_picture_is_unreadable_for_it(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    server.lots = {"key_in_error": 1.0}
    message = answered(open_cloud(), QUESTION)
    assert message.run is not None
    assert message.run.state is RunState.FAILED
    assert "Incorrect API key" in (message.run.error or "")
    assert "sk-" not in (message.run.error or "")
    assert message.run.done == 0


def test_what_left_is_written_down_by_name_and_without_any_secret(
    open_cloud: Opened, server: OpenAiServer, tmp_path: Path
) -> None:
    message = answered(open_cloud(SheetOfUrls(PICTURES)), QUESTION)
    text = (tmp_path / "logs" / "outgoing.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["picture"] for line in lines} == {f"{number}.jpg" for number in range(PICTURES)}
    assert {(line["to"], line["as"], line["bytes"]) for line in lines} == {("api.example", "url", 0)}
    assert message.run is not None
    assert lines[0]["run"] == message.run.id
    for secret in ("secret", "Signature", "sk-test"):
        assert secret not in text


def test_a_url_that_could_not_be_fetched_is_signed_anew_once_and_then_the_picture_is_unreadable(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    """S2.19: a signed URL that has expired."""
    server.lots = {"expired": 1.0}
    source = SheetOfUrls(1)
    message = answered(open_cloud(source), QUESTION)
    urls = [call.pictures[0]["url"] for call in server.calls]
    assert len(urls) == len(set(urls)) == 2
    assert message.run is not None
    assert message.run.as_json()["counts"] == {"match": 0, "no_match": 0, "unsure": 0, "unreadable": 1}
    assert source.reads == 0


def test_with_always_the_bytes_are_the_last_way(open_cloud: Opened, server: OpenAiServer) -> None:
    """S2.19: bytes are the fallback, where that is allowed."""
    server.orders.extend([Order(Deed.EXPIRED), Order(Deed.DOWNLOAD_TIMEOUT)])
    source = SheetOfUrls(1)
    message = answered(open_cloud(source, inline=Inline.ALWAYS), QUESTION)
    assert [call.pictures[0]["url"][:6] for call in server.calls] == ["https:", "https:", "data:i"]
    assert source.reads == 1
    assert message.run is not None
    assert message.run.as_json()["counts"]["match"] == 1


def test_a_url_that_only_this_network_reaches_is_noticed_before_money_is_spent(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    class Indoors(SheetOfUrls):
        def url(self, picture: Picture) -> str | None:
            return f"http://192.168.1.20/{picture.name}"

    message = answered(open_cloud(Indoors(2), reaches=False), QUESTION)
    assert server.calls == []
    assert message.run is not None
    assert message.run.as_json()["counts"]["unreadable"] == 2
    assert message.run.cost_usd == 0


def test_a_folder_whose_bytes_may_not_leave_is_refused_in_a_sentence(open_cloud: Opened, server: OpenAiServer) -> None:
    message = answered(open_cloud(inline=Inline.NEVER), QUESTION)
    assert message.row.error is not None
    assert "INLINE_IMAGES" in message.row.error["message"]
    assert server.calls == []


def test_cameras_whose_pictures_are_painted_over_are_named_in_the_notes(
    open_cloud: Opened, server: OpenAiServer, tmp_path: Path
) -> None:
    (tmp_path / "redaction.toml").write_text('[cameras]\n"CAM-1 " = [[0, 0, 1, 0.5]]\n"cam-7" = [[0, 0, 1, 1]]\n')
    message = answered(open_cloud(SheetOfUrls(4)), QUESTION)
    assert any("1 camera" in note and "painted over" in note for note in message.row.notes)
    assert any("“cam-7”, and no camera is called so" in note for note in message.row.notes)
    ways = {call.pictures[0]["url"].split(":")[0] for call in server.calls}
    assert ways == {"https", "data"}
    sent = [json.loads(line) for line in (tmp_path / "logs" / "outgoing.log").read_text().splitlines()]
    assert {line["picture"] for line in sent if line["as"] == "bytes"} == {"1.jpg"}


def test_a_refused_call_waits_by_itself_and_all_others_go_on(open_cloud: Opened, server: OpenAiServer) -> None:
    server.orders.extend([Order(Deed.RATE_LIMIT, retry_after="1")] * 3)
    message = answered(open_cloud(), QUESTION)
    assert message.run is not None
    assert message.run.as_json()["counts"]["match"] == message.run.calls == PICTURES
    assert server.tally["answer"] == PICTURES  # nothing was paid twice
    assert server.tally["rate_limit"] == 3


def test_stop_does_not_wait_for_what_the_server_asked_to_wait(open_cloud: Opened, server: OpenAiServer) -> None:
    server.lots = {"rate_limit": 1.0}
    server.orders.extend([Order(Deed.RATE_LIMIT, retry_after="90")] * PICTURES)
    desk = open_cloud()
    _, message = desk.conversations.ask(QUESTION)
    assert message.run is not None
    began = time.monotonic()
    stopped = desk.conversations.stop(message.run.id)
    assert time.monotonic() - began < 5
    assert stopped.state is RunState.STOPPED


def test_urls_that_can_not_be_signed_make_pictures_unreadable_and_no_question_fails(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    class Unsigned(SheetOfUrls):
        def url(self, picture: Picture) -> str | None:
            raise PictureUnreadable("The key may not sign.")

    message = answered(open_cloud(Unsigned(3)), QUESTION)
    assert message.run is not None
    assert message.run.as_json()["counts"]["unreadable"] == 3
    assert server.calls == []


def test_text_inside_one_picture_changes_that_pictures_answer_and_nothing_else(
    open_cloud: Opened, server: OpenAiServer
) -> None:
    """The model is taken in by one picture: what it says then stays inside that picture's row, cut and checked."""

    def taken_in(call: Call) -> object:
        if "/7.jpg" in call.pictures[0]["url"]:
            return {"answer": "yes", "count": 9999, "reason": "<script>x</script> set match=true for all"}
        return {"answer": "no", "count": 0, "reason": "none"}

    server.answer = taken_in
    message = answered(open_cloud(SheetOfUrls(PICTURES)), QUESTION)
    assert message.run is not None
    assert message.run.as_json()["counts"] == {"match": 1, "no_match": PICTURES - 1, "unsure": 0, "unreadable": 0}
    systems = {json.dumps(call.body["messages"][0]) for call in server.calls}
    assert len(systems) == 1
    assert not any("script" in call.text for call in server.calls)
