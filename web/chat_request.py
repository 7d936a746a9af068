"""What OpenAI's clients send to ``/v1/chat/completions``, read into one question about one picture.

A conversation is folded into the turns that SmolVLM's template has; a system message stands before the first question.
What would make an answer another one and isn't done here is refused, and what only steers chance is passed over: the
likeliest word is always taken. No address that a caller gives is ever fetched.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.models.smolvlm.prompt import JSON_OBJECT, Form, Query
from core.errors import InvalidRequest, NotFound

MOST_BODY_BYTES = 16_000_000
MOST_TOKENS = 1024
_TOKENS = 100
_MOST_MESSAGES = 100
_DATA_URL = re.compile(r"data:(?:image/[\w.+-]+)?(?:;[\w=.+-]+)*?;base64,", re.IGNORECASE | re.ASCII)
# Each changes what comes back; to leave it out in silence would be to answer another request.
_NOT_DONE = ("tools", "tool_choice", "functions", "function_call", "stop", "logprobs", "audio", "prediction")


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A picture's bytes, what is asked of it, and how the answer is wanted."""

    content: bytes = field(repr=False)
    query: Query
    streams: bool
    tells_usage: bool


def read_chat(fields: Mapping[str, Any]) -> ChatRequest:
    """The request in ``fields``, a body's JSON. Raises :class:`~core.errors.InvalidRequest`, and
    :class:`~core.errors.NotFound` for a model that is none of ours."""
    _refuse_what_is_not_done(fields)
    _require_known(fields.get("model"))
    pictures: list[str] = []
    *earlier, (question, _) = _turns(_messages(fields.get("messages")), pictures)
    if len(pictures) != 1:
        raise InvalidRequest(
            f"SmolVLM looks at one picture at a time, and there are {len(pictures)}." if pictures else _NO_PICTURE,
            "Send exactly one image_url part with a data: URL.",
        )
    streams = _truth(fields, "stream")
    query = Query(
        Form.TEXT,
        question,
        most_tokens=_most_tokens(fields),
        grammar=_grammar(fields.get("response_format")),
        earlier=tuple(earlier),
        streamed=streams,
    )
    options = fields.get("stream_options") or {}
    tells_usage = isinstance(options, dict) and _truth(options, "include_usage")
    return ChatRequest(_picture(pictures[0]), query, streams, tells_usage)


_NO_PICTURE = "There is no picture in the messages."


def _refuse_what_is_not_done(fields: Mapping[str, Any]) -> None:
    if fields.get("n") not in (None, 1):
        raise InvalidRequest("n must be 1: one answer is given.")
    for name in _NOT_DONE:
        if fields.get(name):
            raise InvalidRequest(f"{name} is not done here.", "Leave it out.")


def _require_known(model: Any) -> None:
    """Clients must name a model, and the names of one file are many: whatever says SmolVLM is it."""
    if model is not None and not isinstance(model, str):
        raise InvalidRequest("model must be text.")
    if model and "smolvlm" not in model.casefold():
        raise NotFound(f"There is no model {model[:80]} here.", "GET /v1/models lists what there is.")


def _messages(given: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_MESSAGES:
        raise InvalidRequest(f"messages must be a list of 1 to {_MOST_MESSAGES} messages.")
    if not all(isinstance(message, dict) for message in given):
        raise InvalidRequest("Each of messages must be an object with role and content.")
    return given


def _turns(messages: Sequence[Mapping[str, Any]], pictures: list[str]) -> list[tuple[str, str]]:
    """Questions with their answers; the last one's is empty. The addresses of pictures go into ``pictures``."""
    turns: list[tuple[str, str]] = []
    said: list[str] = []
    for message in messages:
        role, text = message.get("role"), "\n".join(_texts(message.get("content"), pictures))
        if role in ("system", "developer", "user"):
            said += [text] if text else []
        elif role == "assistant":
            turns.append(("\n".join(said), text))
            said = []
        else:
            raise InvalidRequest("role must be one of: system, user, assistant.")
    if messages[-1].get("role") != "user":
        raise InvalidRequest("The last of messages must be the user's.")
    return [*turns, ("\n".join(said), "")]


def _texts(content: Any, pictures: list[str]) -> Iterator[str]:
    if isinstance(content, str):
        yield content.strip()
        return
    if not isinstance(content, list):
        raise InvalidRequest("content must be text, or a list of parts.")
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            yield part["text"].strip()
        elif kind == "image_url":
            given = part.get("image_url")
            url = given.get("url") if isinstance(given, dict) else given
            if not isinstance(url, str):
                raise InvalidRequest("image_url must be an object with a url.")
            pictures.append(url)
        else:
            raise InvalidRequest("A part of content must be of type text or image_url.")


def _picture(url: str) -> bytes:
    head = _DATA_URL.match(url)
    if head is None and url[:5].casefold() == "data:":
        raise InvalidRequest("A data: URL must hold a picture in base64.", "Send it as data:image/jpeg;base64,...")
    if head is None:
        raise InvalidRequest(
            "Only pictures that come with the request are looked at: no address is fetched for a caller.",
            "Send it as data:image/jpeg;base64,...",
        )
    try:
        # Some programs break base64 into lines.
        return base64.b64decode("".join(url[head.end() :].split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest("The picture's data: URL is not base64.") from error


def _most_tokens(fields: Mapping[str, Any]) -> int:
    """Like other servers' models, it ends at its longest: more than fits is no error, and finish_reason says so."""
    given = fields.get("max_completion_tokens")
    given = fields.get("max_tokens") if given is None else given
    if given is None:
        return _TOKENS
    if type(given) is not int or given < 1:
        raise InvalidRequest("max_tokens must be a whole number from 1.")
    return min(given, MOST_TOKENS)


def _grammar(wanted: Any) -> str | None:
    kind = wanted.get("type") if isinstance(wanted, dict) else wanted
    if kind in (None, "text"):
        return None
    if kind == "json_object":
        return JSON_OBJECT
    raise InvalidRequest("response_format must be of type text or json_object.")


def _truth(fields: Mapping[str, Any], name: str) -> bool:
    given = fields.get(name)
    if given not in (None, True, False):
        raise InvalidRequest(f"{name} must be true or false.")
    return bool(given)
