"""SmolVLM by OpenAI's interface: the real engine in its real process on a tiny model, asked as clients ask."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from waitress import wasyncore

from analyzer.models.catalogue import Activity, Catalogue, ModelState, Standing
from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable
from storage.people import PeopleStore
from tests.analyzer.models.smolvlm.conftest import engine_is_here, picture, weights  # noqa: F401 - fixtures
from tests.web.conftest import ROOT, AtOurAddress
from web.chat import Writing
from web.furnishing import Entrance, furnish
from web.opening import Opening
from web.server import open_server
from web.services import Services

FRIEND = "http://localhost:8000"
CHAT = "/v1/chat/completions"


@pytest.fixture(scope="module")
def catalogue(weights: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:  # noqa: F811
    """A catalogue with SmolVLM in it, ready."""
    from analyzer.models.smolvlm.model import SmolVlmModel

    tiles = tmp_path_factory.mktemp("tiles")
    process = ModelProcess(Setup(weights.text, weights.mmproj, tiles, "tiny", Tuning(threads=1)))
    made = Catalogue()
    ready = Standing(ModelState.READY, "Ready.", activity=Activity.READY)
    made.add(SmolVlmModel("smolvlm", "1", process), "SmolVLM", stand=lambda: ready)
    yield made
    process.close()


@pytest.fixture
def house(house: Services, catalogue: Catalogue) -> Iterator[Services]:
    """The scripted house, and a real SmolVLM in it."""
    stores = replace(house.stores, catalogue=catalogue, models=catalogue.states)
    opening: Opening[Any] = Opening(lambda: stores, lambda _: None)
    yield replace(house, opening=opening)
    opening.close()


@pytest.fixture
def app(house: Services, tmp_path: Path) -> Flask:
    made = Flask("sightline", root_path=str(ROOT))
    furnish(
        made,
        house,
        Entrance(trusted_hosts=[], key_folder=tmp_path, secret_key=None, port=5000, cors_origins=[FRIEND]),
    )
    made.test_client_class = AtOurAddress
    return made


@pytest.fixture
def url(app: Flask) -> Iterator[str]:
    """The app behind the real server."""
    sockets: dict[int, Any] = {}
    served = open_server(app, "127.0.0.1", 0, streams=4, body_bytes=40_000_000, sockets=sockets)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=0.05, use_poll=True, map=sockets, count=1)

    thread = threading.Thread(target=run, name="waitress")
    thread.start()
    yield f"http://127.0.0.1:{served.effective_port}"
    stopped.set()
    thread.join()
    served.task_dispatcher.shutdown()
    wasyncore.close_all(sockets)


def data_url(content: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def asking(text: str = "What do you see?", seed: int = 1, **more: Any) -> dict[str, Any]:
    """What a webcam page sends."""
    parts = [
        {"type": "text", "text": text},
        {"type": "image_url", "image_url": {"url": data_url(picture(seed))}},
    ]
    return {"max_tokens": 12, "messages": [{"role": "user", "content": parts}]} | more


def events(text: str) -> list[Any]:
    """The data of server-sent events."""
    frames = [frame.removeprefix("data: ") for frame in text.split("\n\n") if frame]
    assert frames[-1] == "[DONE]"
    return [json.loads(frame) for frame in frames[:-1]]


def test_s0_2_a_webcam_page_is_answered_in_openai_shape(client: FlaskClient) -> None:
    told = client.post(CHAT, json=asking()).get_json()
    (choice,) = told["choices"]
    assert (told["object"], told["model"]) == ("chat.completion", "smolvlm")
    assert choice["message"]["role"] == "assistant"
    assert choice["message"]["content"]
    assert choice["finish_reason"] == "length"
    assert told["usage"]["completion_tokens"] == 12
    assert told["usage"]["prompt_tokens"] > 64
    assert client.post(CHAT, json=asking(seed=2)).get_json()["choices"] != told["choices"]


def test_streamed_words_come_to_the_same_answer(client: FlaskClient) -> None:
    whole = client.post(CHAT, json=asking()).get_json()
    reply = client.post(CHAT, json=asking(stream=True, stream_options={"include_usage": True}))
    assert reply.mimetype == "text/event-stream"
    *chunks, end, usage = events(reply.text)
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    text = "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks)
    assert text.strip() == whole["choices"][0]["message"]["content"]
    assert len(chunks) > 3
    assert end["choices"][0]["finish_reason"] == "length"
    assert (usage["choices"], usage["usage"]) == ([], whole["usage"])


def test_the_openai_client_works_against_it(url: str) -> None:
    """S0.2, through the real server."""
    import openai

    with openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["smolvlm"]
        asked = asking()
        told = client.chat.completions.create(model="smolvlm", **asked)
        streamed = client.chat.completions.create(model="ggml-org/SmolVLM-500M-Instruct-GGUF", stream=True, **asked)
        text = "".join(chunk.choices[0].delta.content or "" for chunk in streamed)
        assert text.strip() == told.choices[0].message.content
        with pytest.raises(openai.BadRequestError, match="no address is fetched"):
            elsewhere: Any = {"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/x.jpg"}}
            client.chat.completions.create(model="smolvlm", messages=[{"role": "user", "content": [elsewhere]}])
        with pytest.raises(openai.NotFoundError, match="no model gpt"):
            client.chat.completions.create(model="gpt-4o", messages=asked["messages"])


def test_a_json_object_is_one_by_grammar(client: FlaskClient) -> None:
    asked = asking(response_format={"type": "json_object"}, max_tokens=200)
    (choice,) = client.post(CHAT, json=asked).get_json()["choices"]
    assert choice["message"]["content"].startswith("{")
    if choice["finish_reason"] == "stop":  # random weights may write on to the end
        assert isinstance(json.loads(choice["message"]["content"]), dict)


def test_what_was_said_before_is_read(client: FlaskClient) -> None:
    first = asking()["messages"]
    more = [{"role": "assistant", "content": "A street."}, {"role": "user", "content": "Is it wet?"}]
    long = client.post(CHAT, json=asking(messages=first + more)).get_json()
    told = client.post(CHAT, json=asking()).get_json()
    assert long["usage"]["prompt_tokens"] > told["usage"]["prompt_tokens"]
    system = [{"role": "system", "content": "Answer in one word."}]
    assert client.post(CHAT, json=asking(messages=system + first)).status_code == 200


def part(kind: str, **values: Any) -> dict[str, Any]:
    return {"type": kind, **values}


USER = {"role": "user", "content": "Hello"}
PICTURE = part("image_url", image_url={"url": data_url(picture(1))})


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 400, "messages"),
        ({"messages": []}, 400, "messages"),
        ({"messages": ["hello"]}, 400, "object"),
        ({"messages": [USER]}, 400, "no picture"),
        ({"messages": [{"role": "user", "content": [PICTURE, PICTURE]}]}, 400, "there are 2"),
        ({"messages": [{"role": "user", "content": [PICTURE]}, {"role": "assistant", "content": "x"}]}, 400, "last"),
        ({"messages": [{"role": "tool", "content": "x"}, USER]}, 400, "role"),
        ({"messages": [{"role": "user", "content": 7}]}, 400, "content"),
        ({"messages": [{"role": "user", "content": [part("input_audio")]}]}, 400, "type text or image_url"),
        ({"messages": [{"role": "user", "content": [part("image_url", image_url={})]}]}, 400, "image_url"),
        (asking(n=2), 400, "n must be 1"),
        (asking(tools=[{"type": "function"}]), 400, "tools"),
        (asking(stop=["."]), 400, "stop"),
        (asking(stream="yes"), 400, "stream"),
        (asking(max_tokens=0), 400, "max_tokens"),
        (asking(max_tokens=True), 400, "max_tokens"),
        (asking(response_format={"type": "json_schema"}), 400, "response_format"),
        (asking(model="gpt-4o"), 404, "no model gpt-4o"),
        (asking(model=4), 400, "model"),
        (asking("car " * 3000), 400, "too long"),
    ],
)
def test_what_can_not_be_answered_is_refused_in_openai_shape(
    client: FlaskClient, body: dict[str, Any], status: int, word: str
) -> None:
    reply = client.post(CHAT, json=body)
    error = reply.get_json()["error"]
    assert reply.status_code == status
    assert word in error["message"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x.jpg",
        "https://example.org/x.jpg",
        "file:///etc/passwd",
        "//example.org/x.jpg",
        "ftp://example.org/x",
        "/media/01j00000000000000000000001",
        "data:text/html;base64,aGVsbG8=",
        "data:image/jpeg,hello",
        "data:image/jpeg;base64,!!!",
        "",
    ],
)
def test_an_address_is_never_fetched(client: FlaskClient, address: str) -> None:
    """Threat rows 1 and 2, for whoever asks the model itself."""
    content = [part("image_url", image_url={"url": address})]
    reply = client.post(CHAT, json={"messages": [{"role": "user", "content": content}]})
    assert reply.status_code == 400
    assert "address" in reply.get_json()["error"]["message"] or "base64" in reply.get_json()["error"]["message"]


def test_base64_in_lines_is_read(client: FlaskClient) -> None:
    lines = "data:image/jpeg;base64," + base64.encodebytes(picture(1)).decode()
    sent = {"messages": [{"role": "user", "content": [part("image_url", image_url={"url": lines})]}]}
    assert client.post(CHAT, json=sent).status_code == 200


@pytest.mark.parametrize("content", [b"", b"<svg/>", picture(1)[:900], b"\xff\xd8\xff\xd9"])
def test_a_broken_picture_is_said_and_the_next_one_answered(client: FlaskClient, content: bytes) -> None:
    sent = [part("image_url", image_url={"url": data_url(content)})]
    reply = client.post(CHAT, json={"messages": [{"role": "user", "content": sent}]})
    assert reply.status_code == 422
    assert reply.get_json()["error"]["code"] == "picture_unreadable"
    assert "folder" not in reply.get_json()["error"]["message"]
    assert client.post(CHAT, json=asking()).status_code == 200


def test_a_picture_of_megabytes_is_taken_and_a_body_beyond_the_limit_is_not(client: FlaskClient) -> None:
    large = picture(3, (2400, 1800)) + b"\0" * 3_000_000 + b"\xff\xd9"
    asked = asking()
    asked["messages"][0]["content"][1]["image_url"]["url"] = data_url(large)
    assert client.post(CHAT, json=asked).status_code == 200
    reply = client.post(CHAT, data=b" " * 16_000_001, content_type="application/json")
    assert reply.status_code == 413
    assert reply.get_json()["error"]["type"] == "invalid_request_error"


def test_without_a_model_that_is_ready_it_says_what_is_missing(client: FlaskClient, house: Services) -> None:
    catalogue = Catalogue()
    absent = Standing(ModelState.ABSENT, "Its files are not here.", can_fetch=True)
    catalogue.follow("smolvlm", "SmolVLM 500M", lambda: absent)
    bare = replace(house.stores, catalogue=catalogue, models=catalogue.states)
    client.application.extensions["sightline"] = replace(house, opening=Opening(lambda: bare, lambda _: None))
    reply = client.post(CHAT, json=asking())
    assert reply.status_code == 503
    assert reply.headers["Retry-After"]
    assert reply.get_json()["error"]["type"] == "server_error"
    assert "Its files are not here." in reply.get_json()["error"]["message"]
    assert client.get("/v1/models").get_json() == {"object": "list", "data": []}


def test_a_page_of_a_named_origin_may_ask_and_another_may_not(client: FlaskClient) -> None:
    """S0.7 and S0.2 together, as a browser asks."""
    for origin, status in ((FRIEND, 200), ("http://evil.example", 403)):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site", "User-Agent": "Mozilla/5.0"}
        reply = client.post(CHAT, json=asking(), headers=headers)
        assert reply.status_code == status
        assert (reply.headers.get("Access-Control-Allow-Origin") == FRIEND) is (origin == FRIEND)


def test_with_people_a_key_is_a_token_and_viewers_do_not_ask(
    visit: Callable[..., Any], people: PeopleStore, client: FlaskClient
) -> None:
    def asked_with(token: str) -> Any:
        return client.post(CHAT, json=asking(), headers={"Authorization": f"Bearer {token}"})

    assert asked_with(people.add_token(people.find("asha"), "webcam")).status_code == 200
    refused = asked_with("any")
    assert (refused.status_code, refused.get_json()["error"]["type"]) == (401, "authentication_error")
    watching = asked_with(people.add_token(people.find("eve"), "wall"))
    assert (watching.status_code, watching.get_json()["error"]["type"]) == (403, "permission_error")


def test_many_questions_leave_no_seat_taken(client: FlaskClient, house: Services) -> None:
    for body in (asking(), asking(stream=True), {}, asking(model="x")):
        client.post(CHAT, json=body)
    client.post(CHAT, json=asking(stream=True), buffered=False).close()  # left before the first word
    assert house.seats.taken == 0
    for _ in range(4):
        assert house.seats.take()
    reply = client.post(CHAT, json=asking())
    assert (reply.status_code, reply.get_json()["error"]["code"]) == (503, "too_many")


def test_what_is_asked_here_is_no_line_in_the_audit(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "audit"):
        client.post(CHAT, json=asking())
    assert [line for line in caplog.records if line.name == "audit"] == []


def test_half_a_letter_waits_for_its_other_half() -> None:
    from concurrent.futures import Future

    from analyzer.models.smolvlm.reading import Reading

    writing, end = Writing(lambda: None), Future[Reading]()
    writing.follow(end)
    for text in (" caf", " caf\ufffd", " café", " ca", " café au"):  # the fourth: asked once more after a death
        writing.told(text)
    end.set_result(Reading({}, "café au lait"))
    *words, _ = writing
    assert words == ["caf", "é", " au", " lait"]


def test_what_fails_in_the_middle_is_said_in_the_stream() -> None:
    from concurrent.futures import Future

    from analyzer.models.smolvlm.reading import Reading
    from web.chat import Frames

    writing, end = Writing(lambda: None), Future[Reading]()
    writing.follow(end)
    writing.told("One")
    end.set_exception(ModelUnavailable("SmolVLM is stopping.", "Choose another model."))
    frames = b"".join(Frames(writing, {"id": "x"}, tells_usage=False)).decode()
    assert json.loads(frames.split("\n\n")[-2].removeprefix("data: "))["error"]["code"] == "model_unavailable"
    assert "[DONE]" not in frames
