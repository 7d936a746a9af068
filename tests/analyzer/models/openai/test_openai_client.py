"""The client against a real server that misbehaves on order, and beside the openai package. Threat rows 33 and 44."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from analyzer.models.openai.answer import Malformed, read_json
from analyzer.models.openai.client import (
    CompletionError,
    Ending,
    OpenAiClient,
    Prompt,
    Schema,
    Server,
    Shown,
    Trouble,
)
from bench.openai_deeds import Deed, Order
from bench.openai_server import OpenAiServer
from core.clock import ManualClock

KEY = "sk-test-0123456789"
COLOUR = Schema(
    "colour",
    {
        "type": "object",
        "properties": {"colour": {"type": "string"}, "shades": {"type": "integer"}},
        "required": ["colour", "shades"],
        "additionalProperties": False,
    },
)
PROMPT = Prompt("You name colours.", "The sky's colour?", COLOUR, Shown(url="http://127.0.0.1:9/x.jpg", detail="low"))
BLIND = Prompt("You name colours.", "The sky's colour?", COLOUR)


@pytest.fixture
def client(server: OpenAiServer) -> Iterator[OpenAiClient]:
    opened = OpenAiClient(Server(server.url, KEY, "gpt-4o", timeout_s=5.0))
    yield opened
    opened.close()


def failure(client: OpenAiClient, timeout_s: float | None = None, prompt: Prompt = BLIND) -> CompletionError:
    with pytest.raises(CompletionError) as caught:
        client.complete(prompt, (lambda: timeout_s) if timeout_s else None)
    return caught.value


def test_a_structured_answer_comes_with_what_it_cost(server: OpenAiServer, client: OpenAiClient) -> None:
    done = client.complete(BLIND)
    assert done.ending is Ending.WHOLE
    assert done.value == {"colour": "something", "shades": 1}
    assert done.usage.tokens_in > 5
    assert done.usage.tokens_out > 0
    assert server.calls[0].headers["authorization"] == f"Bearer {KEY}"


def test_a_plain_answer_is_text(client: OpenAiClient) -> None:
    """S0.10: any instruction to any server by its base URL."""
    assert client.complete(Prompt("You see.", "What do you see?")).value == "I see a street."


def test_the_request_is_the_one_that_the_openai_package_would_send(server: OpenAiServer, client: OpenAiClient) -> None:
    import openai

    server.fetch = False
    client.complete(PROMPT)
    ours = server.calls[0].body
    with openai.OpenAI(api_key=KEY, base_url=server.url, max_retries=0) as theirs:
        theirs.chat.completions.create(**ours)
    assert server.calls[1].body == ours
    assert server.calls[1].path == server.calls[0].path
    assert server.calls[1].headers["authorization"] == server.calls[0].headers["authorization"]


def test_bytes_go_as_a_data_url_of_their_kind(server: OpenAiServer, client: OpenAiClient) -> None:
    server.latency_s = 0
    server.orders.append(Order(Deed.REFUSAL))
    for start in (b"\x89PNG", b"\xff\xd8\xff", b"RIFF"):
        part = Shown(content=start + b"...", detail="high").as_part()
        assert part["image_url"]["url"].startswith(("data:image/png", "data:image/jpeg", "data:image/webp"))
    assert client.complete(BLIND).ending is Ending.REFUSED


def test_connections_are_kept_and_one_that_the_server_closed_is_not_used(server: OpenAiServer) -> None:
    client = OpenAiClient(Server(server.url, KEY, "gpt-4o"))
    for _ in range(5):
        client.complete(BLIND)
    assert len(client._wire._idle) == 1
    port = server.port
    server.close()
    with OpenAiServer(port=port) as second:
        client.complete(BLIND)
        assert len(second.calls) == 1
    client.close()


@pytest.mark.parametrize(
    ("order", "ending"),
    [
        (Order(Deed.REFUSAL), Ending.REFUSED),
        (Order(Deed.CONTENT_FILTER), Ending.FILTERED),
        (Order(finish_reason="length"), Ending.CUT),
        (Order(Deed.EMPTY_CHOICES), Ending.EMPTY),
        (Order(content="  "), Ending.EMPTY),
    ],
)
def test_an_answer_that_says_nothing_is_no_answer_and_no_error(
    server: OpenAiServer, client: OpenAiClient, order: Order, ending: Ending
) -> None:
    server.orders.append(order)
    done = client.complete(BLIND)
    assert (done.ending, done.value) == (ending, None)
    assert done.usage.tokens_in > 0


@pytest.mark.parametrize(
    ("order", "trouble"),
    [
        (Order(Deed.SERVER_ERROR), Trouble.SERVER),
        (Order(Deed.RESET), Trouble.SILENT),
        (Order(Deed.BROKEN_JSON), Trouble.MALFORMED),
        (Order(Deed.TRUNCATED), Trouble.MALFORMED),
        (Order(Deed.NO_BODY), Trouble.MALFORMED),
        (Order(Deed.DOWNLOAD_TIMEOUT), Trouble.UNFETCHABLE),
        (Order(Deed.EXPIRED), Trouble.UNFETCHABLE),
        (Order(Deed.KEY_IN_ERROR), Trouble.LOCKED),
        (Order(Deed.QUOTA), Trouble.UNPAID),
        (Order(content='{"colour": NaN, "shades": 1}'), Trouble.MALFORMED),
        (Order(content='{"colour": "a", "colour": "b"}'), Trouble.MALFORMED),
        (Order(content="[" * 100_000 + "]" * 100_000), Trouble.MALFORMED),
        (Order(content='{"colour": "\\ud800", "shades": 1}'), Trouble.MALFORMED),
        (Order(content='"' + "x" * 10_000_000 + '"'), Trouble.MALFORMED),
        (Order(content="\n" * 1_100_000 + "{}"), Trouble.MALFORMED),
        (Order(content="7" * 10_000), Trouble.MALFORMED),
    ],
)
def test_every_trouble_has_its_name_and_the_next_call_works(
    server: OpenAiServer, client: OpenAiClient, order: Order, trouble: Trouble
) -> None:
    server.orders.append(order)
    error = failure(client)
    assert error.trouble is trouble
    assert len(error.sentence) < 400
    assert client.complete(BLIND).ending is Ending.WHOLE


@pytest.mark.parametrize("deed", [Deed.HANG, Deed.DRIP])
def test_a_server_that_hangs_or_drips_is_left_at_the_deadline(
    server: OpenAiServer, client: OpenAiClient, deed: Deed
) -> None:
    server.orders.append(Order(deed))
    began = time.monotonic()
    assert failure(client, timeout_s=0.4).trouble is Trouble.SILENT
    assert time.monotonic() - began < 2


def test_who_has_no_time_left_asks_nothing(server: OpenAiServer, client: OpenAiClient) -> None:
    """So it is with a report that is being written when the program ends."""
    with pytest.raises(CompletionError) as caught:
        client.complete(BLIND, lambda: 0.0)
    assert caught.value.trouble is Trouble.SILENT
    assert server.calls == []


def test_nobody_at_home_is_said_and_not_an_exception_of_the_machine() -> None:
    client = OpenAiClient(Server("http://127.0.0.1:9/v1", KEY, "gpt-4o"))
    assert "can't be reached" in failure(client).sentence


@pytest.mark.parametrize(("told", "after_s"), [("90", 90.0), ("0.5", 0.5), ("soon", None), ("-3", None)])
def test_the_time_to_wait_is_handed_on_and_never_waited_for(
    server: OpenAiServer, client: OpenAiClient, told: str, after_s: float | None
) -> None:
    server.orders.append(Order(Deed.RATE_LIMIT, retry_after=told))
    began = time.monotonic()
    error = failure(client)
    assert (error.trouble, error.after_s) == (Trouble.BUSY, after_s)
    assert time.monotonic() - began < 1


def test_a_date_to_wait_for_is_read_against_the_clock(server: OpenAiServer) -> None:
    client = OpenAiClient(Server(server.url, KEY, "gpt-4o"), ManualClock(datetime(2026, 3, 14, 4, 0, tzinfo=UTC)))
    server.orders.append(Order(Deed.RATE_LIMIT, retry_after="Sat, 14 Mar 2026 04:01:30 GMT"))
    assert failure(client).after_s == 90.0
    client.close()


def test_neither_the_key_nor_a_signed_url_is_repeated_from_an_error(server: OpenAiServer, client: OpenAiClient) -> None:
    for deed in (Deed.KEY_IN_ERROR, Deed.EXPIRED):
        server.orders.append(Order(deed))
        told = repr(failure(client)) + failure_text(client, server, deed)
        assert "sk-" not in told
        assert "0123456789" not in told
        assert "Signature" not in told
    assert KEY not in repr(client.server)


def failure_text(client: OpenAiClient, server: OpenAiServer, deed: Deed) -> str:
    server.orders.append(Order(deed))
    return failure(client).sentence


def test_many_threads_share_the_connections(server: OpenAiServer, client: OpenAiClient) -> None:
    server.latency_s = 0.05
    endings: list[Ending] = []

    def ask() -> None:
        endings.extend(client.complete(BLIND).ending for _ in range(4))

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert endings == [Ending.WHOLE] * 64
    assert server.most_in_flight == 16
    assert len(client._wire._idle) == 16


@pytest.mark.parametrize("text", ["", "{", "nul", b"\xff\xfe{", '{"a": Infinity}', '{"a": 1, "a": 1}', '"\\udc80"'])
def test_what_is_no_json_is_malformed(text: str | bytes) -> None:
    with pytest.raises(Malformed):
        read_json(text)


def test_what_is_sound_is_read() -> None:
    value = {"a": [1, "ä", {"b": None}], "c": "😀"}
    assert read_json(json.dumps(value)) == value
