"""Servers that speak the interface in their own way: gateways, proxies, older ones. Each odd reply has its meaning."""

from __future__ import annotations

import json
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material, NotYet
from analyzer.models.openai.client import CompletionError, Ending, OpenAiClient, Prompt, Schema, Server, Trouble
from analyzer.models.openai.supply import Cloud, cloud_model
from analyzer.plan import Task
from core.clock import ManualClock
from core.errors import Standstill
from core.states import Outcome

KEY = "sk-test-0123456789"
FIND = Ask(Task.FIND, "street lights", "Are street lights visible?")
PROMPT = Prompt("You look.", "Street lights?", Schema("picture", {"type": "object"}))
PICTURE = Material(b"\xff\xd8\xff not decoded here")
GOOD = {"answer": "yes", "reason": "two lamps"}


class Odd:
    """A server on loopback that answers each call with the next of ``replies``, byte for byte."""

    def __init__(self) -> None:
        self.replies: deque[bytes] = deque()
        self.calls = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}/v1"
        self._thread = threading.Thread(target=self._serve, name="odd", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._door.accept()
                with line, suppress(OSError):
                    self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(65_536)
        head, _, body = head.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += line.recv(65_536)
        self.calls += 1
        line.sendall(self.replies.popleft())

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join()


def reply(body: object, status: str = "200 OK", **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content-Length": str(len(content)), "Connection": "close", **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content


def says(text: str, **more: object) -> dict[str, object]:
    return {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], **more}


def problem(message: str = "no", **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


@pytest.fixture
def odd() -> Iterator[Odd]:
    server = Odd()
    yield server
    server.close()


@pytest.fixture
def client(odd: Odd) -> Iterator[OpenAiClient]:
    clock = ManualClock(datetime(2026, 3, 14, 4, 0, tzinfo=UTC))
    opened = OpenAiClient(Server(odd.url, KEY, "gpt-4o", timeout_s=5.0), clock)
    yield opened
    opened.close()


def failure(odd: Odd, client: OpenAiClient, told: bytes) -> CompletionError:
    odd.replies.append(told)
    with pytest.raises(CompletionError) as caught:
        client.complete(PROMPT)
    return caught.value


@pytest.mark.parametrize(
    ("told", "trouble"),
    [
        (reply(b"", "301 Moved", Location="https://api.example/v1/chat/completions"), Trouble.LOCKED),
        (reply(b"", "307 Go", Location="http://169.254.169.254/latest"), Trouble.LOCKED),
        (reply(problem("Insufficient credits", code=402), "402 Pay"), Trouble.UNPAID),
        (reply(problem("Quota", type="insufficient_quota", code=None), "429 No"), Trouble.UNPAID),
        (reply(problem("Not active", code="billing_not_active"), "429 No"), Trouble.UNPAID),
        (reply(problem("No model x", code="model_not_found"), "400 No"), Trouble.LOCKED),
        (reply(problem("Unsupported", param="response_format"), "400 No"), Trouble.LOCKED),
        (reply(problem("Use max_tokens", code="unsupported_parameter"), "400 No"), Trouble.LOCKED),
        (reply(problem("Too long", code="context_length_exceeded", param="messages"), "400 No"), Trouble.REFUSED),
        (reply(problem("Bad image", param="messages.[1].content.[1].image_url"), "400 No"), Trouble.REFUSED),
        (reply(problem("Slow down", code=429)), Trouble.BUSY),
        (reply(problem("No key", code=401)), Trouble.LOCKED),
        (reply(problem("Upstream fell over", code=502)), Trouble.SERVER),
        (reply({"error": "it fell over"}), Trouble.SERVER),
        (reply({"detail": "fell over"}, "503 No"), Trouble.SERVER),
        (reply(b"\x1f\x8b" + b"\0" * 2_000_000, Content_Encoding="gzip"), Trouble.MALFORMED),
        (reply(b"{}", Content_Length="-5"), None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", Trouble.SILENT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", Trouble.SILENT),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", Trouble.SILENT),
        (b"hello\r\n\r\n", Trouble.SILENT),
    ],
)
def test_each_odd_reply_has_one_meaning(odd: Odd, client: OpenAiClient, told: bytes, trouble: Trouble | None) -> None:
    if trouble is None:
        odd.replies.append(told)
        assert client.complete(PROMPT).ending is Ending.EMPTY
    else:
        assert failure(odd, client, told).trouble is trouble
    odd.replies.append(reply(says(json.dumps(GOOD)), X_Ünicode="ü…€"))
    assert client.complete(PROMPT).value == GOOD


def test_a_redirect_is_not_followed_and_the_sentence_says_what_to_set(odd: Odd, client: OpenAiClient) -> None:
    told = failure(odd, client, reply(b"", "308 Moved", Location="http://127.0.0.1:1/v1"))
    assert "OPENAI_BASE_URL" in told.sentence
    assert odd.calls == 1


@pytest.mark.parametrize("code", ["content_filter", "content_policy_violation"])
def test_a_filter_that_refuses_with_a_status_is_unsure_too(odd: Odd, client: OpenAiClient, code: str) -> None:
    odd.replies.append(reply(problem("The prompt was filtered", code=code), "400 Bad Request"))
    assert client.complete(PROMPT).ending is Ending.FILTERED


def test_a_code_block_around_the_answer_is_taken_off_and_prose_is_not(odd: Odd, client: OpenAiClient) -> None:
    answer = json.dumps(GOOD)
    for text in (f"```json\n{answer}\n```", f"```\n{answer}```\n"):
        odd.replies.append(reply(says(text)))
        assert client.complete(PROMPT).value == GOOD
    for text in (f"Here it is: {answer}", f"```json\n{answer}\n```\n{answer}", "```json\nyes\n```"):
        assert failure(odd, client, reply(says(text))).trouble is Trouble.MALFORMED


@pytest.mark.parametrize(
    ("told", "after_s"),
    [
        ("99999999", 99999999.0),
        ("9" * 300, 1e9),
        ("9" * 400, None),
        ("-1", None),
        ("Fri, 99999999999999999999 Mar 2026 04:00:00 GMT", None),
        ("Sat, 14 Mar 2026 04:01:00", None),
        ("Sat, 14 Mar 2026 03:00:00 GMT", 0.0),
        ("Sat, 14 Mar 2026 04:01:00 +99999999999999999999", None),
        ("٣", None),
        (",", None),
    ],
)
def test_whatever_stands_in_retry_after_is_a_time_or_nothing(
    odd: Odd, client: OpenAiClient, told: str, after_s: float | None
) -> None:
    error = failure(odd, client, reply(problem(), "429 Too Many", Retry_After=told))
    assert (error.trouble, error.after_s) == (Trouble.BUSY, after_s)


def test_no_address_and_no_picture_is_repeated_from_an_error(odd: Odd, client: OpenAiClient) -> None:
    """Negative test 41: whatever a signature is called, it stands behind a question mark."""
    echo = "can't open https://p.example/1.jpg?auth=geheim&se=2 nor data:image/jpeg;base64,Z2VoZWlt, sorry"
    for told in (problem(echo), {"detail": [{"msg": "no", "input": echo}]}):
        sentence = failure(odd, client, reply(told, "400 Bad Request")).sentence
        assert "p.example/1.jpg" in sentence
        assert "geheim" not in sentence
        assert "Z2VoZWlt" not in sentence


def test_a_wait_of_hours_ends_the_run_and_does_not_hold_up_who_continues(odd: Odd, tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 3, 14, 4, 0, tzinfo=UTC))
    model = cloud_model(Cloud(Server(odd.url, KEY, "gpt-4o", timeout_s=5.0), tmp_path, clock))
    odd.replies.append(reply(problem("Daily limit"), "429 Too Many", Retry_After="36000"))
    with pytest.raises(Standstill, match="asks to wait 10 hours"):
        model.look([PICTURE], FIND)
    odd.replies.append(reply(says(json.dumps(GOOD), usage={"prompt_tokens": 9})))
    sight = model.look([PICTURE], FIND)[0]
    assert model.judge(sight, FIND).outcome is Outcome.MATCH
    model.close()


def test_a_server_that_refuses_for_ever_ends_the_run(odd: Odd, tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 3, 14, 4, 0, tzinfo=UTC))
    model = cloud_model(Cloud(Server(odd.url, KEY, "gpt-4o", timeout_s=5.0), tmp_path, clock))
    picture, began = PICTURE, clock.monotonic()
    with pytest.raises(Standstill, match="has refused every call for"):
        for _ in range(30):
            odd.replies.append(reply(problem("Rate limit"), "429 Too Many"))
            with pytest.raises(NotYet) as later:
                model.look([picture], FIND)
            picture = Material(PICTURE.content, past=later.value.past)
            clock.advance(60.0)
    assert 600 < clock.monotonic() - began < 900
    model.close()
