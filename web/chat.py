"""SmolVLM for programs that speak OpenAI's language: ``/v1/chat/completions`` and ``/v1/models``.

It is the model that the page's questions are put to, in the same process, and pictures of runs get their turn beside
what is asked here. How a request is read is :mod:`web.chat_request`'s business. Errors have OpenAI's shape.
"""

from __future__ import annotations

import json
import queue
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from analyzer.models.catalogue import ModelState
from core.errors import ModelUnavailable, SightlineError, TooMany
from web.access import owner
from web.bodies import read_fields, read_query, takes_up_to
from web.chat_request import MOST_BODY_BYTES, MOST_TOKENS, read_chat
from web.services import services

if TYPE_CHECKING:  # numpy comes with them, which the first page need not wait for
    from analyzer.models.smolvlm.model import SmolVlmModel
    from analyzer.models.smolvlm.reading import Reading

_MODEL = "smolvlm"
# So long a caller waits for the next word: longer than a hung model takes to be ended and asked once more.
_PATIENCE_S = 180.0
_KINDS = {401: "authentication_error", 403: "permission_error"}

blueprint = Blueprint("chat", __name__, url_prefix="/v1")


@blueprint.get("/models")
def models() -> Any:
    """The models that can be asked here: SmolVLM, once it is ready."""
    read_query(None)
    house = services()
    ready = [entry for entry in house.stores.models() if entry.name == _MODEL and entry.state is ModelState.READY]
    made = int(house.started_at.timestamp())
    data = [{"id": entry.name, "object": "model", "created": made, "owned_by": "sightline"} for entry in ready]
    return {"object": "list", "data": data}


@blueprint.post("/chat/completions")
@takes_up_to(MOST_BODY_BYTES)
def complete() -> Response:
    """What SmolVLM says about a picture: at once, or word by word as server-sent events."""
    read_query(None)
    asked = read_chat(read_fields())
    house, model, who = services(), _model(), owner()
    if not house.seats.take(who):
        raise TooMany("Too many answers are being written.", "Ask again in a moment.")
    with ExitStack() as unless_streamed:
        writing = Writing(lambda: house.seats.free(who))
        unless_streamed.callback(writing.close)
        writing.follow(model.write(asked.content, asked.query, writing.told))
        head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(house.clock.now().timestamp())}
        if not asked.streams:
            return jsonify(_whole(head, writing.finish()))
        writing.wait()  # what goes wrong before the first word still has a status
        unless_streamed.pop_all()
    reply = Response(Frames(writing, head, tells_usage=asked.tells_usage), mimetype="text/event-stream")
    reply.headers["X-Accel-Buffering"] = "no"
    return reply


@blueprint.after_request
def _tell_as_openai(reply: Response) -> Response:
    told = reply.get_json(silent=True) if reply.status_code >= 400 else None
    if told is None or "error" not in told:
        return reply
    reply.set_data(json.dumps({"error": as_openai(reply.status_code, told["error"])}))
    return reply


def as_openai(status: int, error: Mapping[str, str]) -> dict[str, str | None]:
    """An error's code, message and hint in the places where OpenAI's clients look for them."""
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    message = f"{error['message']} {error['hint']}".strip()
    return {"message": message, "type": kind, "param": None, "code": error["code"]}


class Writing:
    """An answer on its way from the model's thread to the caller's. ``close`` it, from either: that gives the caller's
    seat back. The model writes on to its bounded end if nobody listens any more."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close: Callable[[], None] | None = close
        self._heard: queue.Queue[str | Future[Reading]] = queue.Queue(MOST_TOKENS + 1)
        self._first: str | Future[Reading] | None = None

    def told(self, text: str) -> None:
        """The text so far. One that nobody takes is dropped: the next one holds it, and the end has its place."""
        if self._heard.qsize() < MOST_TOKENS:
            self._heard.put_nowait(text)

    def follow(self, future: Future[Reading]) -> None:
        """The answer's end comes from ``future``."""
        future.add_done_callback(self._heard.put_nowait)

    def wait(self) -> None:
        """Until the first word is there. Raises what came instead of it."""
        self._first = self._next()
        if isinstance(self._first, Future):
            self._first.result()

    def finish(self) -> Reading:
        """The whole answer. Raises what came instead of it."""
        while isinstance(heard := self._next(), str):
            pass
        return heard.result()

    def __iter__(self) -> Iterator[str | Reading]:
        """What is new each time, and the whole answer last."""
        sent = ""
        while isinstance(heard := self._next(), str):
            # The first half of a letter shows as a question mark until the other half is there.
            text = heard.rstrip("\N{REPLACEMENT CHARACTER}").lstrip()
            if text.startswith(sent) and text != sent:
                yield text[len(sent) :]
                sent = text
        reading = heard.result()
        # It ends without the blanks that it may have been told with.
        yield (reading.text or "")[len(sent) :]
        yield reading

    def close(self) -> None:
        """Nobody listens any more."""
        close, self._close = self._close, None
        if close is not None:
            close()

    def _next(self) -> str | Future[Reading]:
        first, self._first = self._first, None
        if first is not None:
            return first
        try:
            return self._heard.get(timeout=_PATIENCE_S)
        except queue.Empty:
            raise ModelUnavailable(f"SmolVLM said nothing for {_PATIENCE_S:.0f} seconds.", "Ask again.") from None


class Frames:
    """A streamed answer as server-sent events. An object with ``close`` and no generator, which would run no
    ``finally`` for a caller that leaves before the first frame."""

    def __init__(self, writing: Writing, head: Mapping[str, Any], *, tells_usage: bool) -> None:
        self._writing = writing
        self._head = {**head, "object": "chat.completion.chunk", "model": _MODEL}
        self._tells_usage = tells_usage
        self._frames = self._tell()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._frames)

    def close(self) -> None:
        """The caller has gone, or has everything."""
        self._writing.close()

    def _tell(self) -> Iterator[bytes]:
        try:
            yield from self._tell_all()
        except SightlineError as error:  # the status is gone already
            yield _data({"error": as_openai(error.status, error.as_json())})

    def _tell_all(self) -> Iterator[bytes]:
        yield self._frame({"role": "assistant", "content": ""}, None)
        for heard in self._writing:
            if isinstance(heard, str):
                if heard:
                    yield self._frame({"content": heard}, None)
                continue
            yield self._frame({}, _reason(heard))
            if self._tells_usage:
                yield _data(self._head | {"choices": [], "usage": _usage(heard)})
        yield b"data: [DONE]\n\n"

    def _frame(self, delta: Mapping[str, str], reason: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _data(self._head | {"choices": [choice]})


def _model() -> SmolVlmModel:
    from analyzer.models.smolvlm.model import SmolVlmModel

    model = services().stores.catalogue.get(_MODEL)
    if not isinstance(model, SmolVlmModel):
        raise ModelUnavailable("SmolVLM is not run by this Sightline.")
    return model


def _whole(head: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    message = {"role": "assistant", "content": reading.text or "", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(reading)}
    return {**head, "object": "chat.completion", "model": _MODEL, "choices": [choice], "usage": _usage(reading)}


def _reason(reading: Reading) -> str:
    return "stop" if reading.finished else "length"


def _usage(reading: Reading) -> dict[str, int]:
    read, written = reading.read_tokens, reading.written_tokens
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _data(values: Mapping[str, Any]) -> bytes:
    return b"data: %b\n\n" % json.dumps(values).encode()
