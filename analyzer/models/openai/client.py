"""One chat completion from an OpenAI-compatible server: strict structured output, usage, and every trouble by name.

    client = OpenAiClient(Server("https://api.openai.com/v1", key, "gpt-4o-mini"))
    done = client.complete(Prompt("You name colours.", "The colour of the sky?", Schema("colour", {...})))
    done.value["colour"], done.usage.cost_of(...)

It tries once: whoever asks decides about another try, since only that one knows what else there is to do meanwhile.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from analyzer.models.openai.answer import Malformed, read_json
from analyzer.models.openai.wire import Reply, Wire, WireError
from core.clock import Clock, SystemClock
from core.redaction import Redactor

_MOST_BYTES = 1_000_000
_LONGEST_MESSAGE = 300
_IMAGE_TYPES = ((b"\x89PNG", "png"), (b"RIFF", "webp"), (b"GIF8", "gif"))
NOT_DOWNLOADED = "The server could not download the picture from its URL."
_LONGEST_AFTER_S = 1e9
# A key or a model that the server does not know.
_LOCKED = frozenset({401, 403, 404, 405})
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_FILTERED = frozenset({"content_filter", "content_policy_violation"})
_WRONG_FORM = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter", "model_not_found"})
_OUR_PARAMETERS = frozenset({"model", "response_format", "max_completion_tokens", "temperature"})
# What stands behind a question mark may be a signature; a picture's bytes are no reason.
_ADDRESS = re.compile(r"(?P<before>(?:https?://[^\s?\"'<>]*\?|data:[a-z/]*))[^\s\"'<>]+", re.IGNORECASE)
_FENCE = re.compile(r"\s*```(?:json)?\s*(\{.*\})\s*```\s*", re.DOTALL)
_UNFETCHABLE = re.compile(
    r"invalid_image_url|while downloading|(?:download|fetch)(?:ing)? (?:the )?(?:image|file|url)",
    re.IGNORECASE,
)


class Trouble(StrEnum):
    """Why there is no answer."""

    BUSY = "busy"  # a limit is reached: later it will go
    SERVER = "server"  # the server failed: another try may succeed
    SILENT = "silent"  # nothing, or not everything, came back in time
    MALFORMED = "malformed"  # what came back is not what was asked for
    UNFETCHABLE = "unfetchable"  # the server couldn't fetch a picture from its URL
    REFUSED = "refused"  # the request is refused and would be again
    LOCKED = "locked"  # the key or the model is wrong, or the key has no right
    UNPAID = "unpaid"  # the account there has no money


class CompletionError(Exception):
    """No completion. ``sentence`` holds no secret; ``after_s`` is what the server asked to wait for; ``usage`` is paid
    for all the same; ``headers`` tell of limits."""

    def __init__(
        self,
        trouble: Trouble,
        sentence: str,
        after_s: float | None = None,
        usage: Usage | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.sentence = sentence
        self.after_s = after_s
        self.usage = usage or Usage()
        self.headers = headers or {}


class Ending(StrEnum):
    """How an answer ended that says nothing: the model's own word for it."""

    WHOLE = "whole"
    CUT = "cut"
    FILTERED = "filtered"
    REFUSED = "refused"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Server:
    """Where, with which key (may be empty), and which model. ``timeout_s`` is for a whole answer."""

    base_url: str
    api_key: str = field(repr=False)
    model: str
    timeout_s: float = 60.0

    @property
    def headers(self) -> dict[str, str]:
        """What every request to it bears; holds the key."""
        bearer = {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}
        return {"User-Agent": "sightline"} | bearer


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that the answer must obey (strict: every property required, no others)."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture: by its URL, else its bytes. ``detail`` is ``low``, ``high`` or ``auto``."""

    url: str | None = None
    content: bytes | None = None
    detail: str = "auto"

    def as_part(self) -> dict[str, Any]:
        url = self.url
        if url is None:
            content = self.content or b""
            kind = next((name for magic, name in _IMAGE_TYPES if content.startswith(magic)), "jpeg")
            url = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        return {"type": "image_url", "image_url": {"url": url, "detail": self.detail}}


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is put to the model. ``text`` is a person's, ``system`` is ours; without a ``schema`` the answer is text."""

    system: str
    text: str
    schema: Schema | None = None
    picture: Shown | None = None
    most_tokens: int = 300
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counted them."""

    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer. ``value`` is what the schema asked for (the text itself without one), ``None`` unless ``ending`` is
    ``whole``; it is sound JSON, and not yet checked against the schema. ``headers`` tell of limits."""

    ending: Ending
    value: Any
    usage: Usage
    elapsed_s: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class OpenAiClient:
    """Talks to one :class:`Server`. Safe from all threads; nothing is opened before the first call."""

    def __init__(self, server: Server, clock: Clock | None = None) -> None:
        self.server = server
        self._wire = Wire(server.base_url, server.headers, _MOST_BYTES)
        self._clock = clock or SystemClock()
        self._redact = Redactor([server.api_key])

    def complete(self, prompt: Prompt, patience_s: Callable[[], float] | None = None) -> Completion:
        """Ask once; ``patience_s`` may shorten the time-out, also while the call lasts. Raises
        :class:`CompletionError` for everything that is no answer; an answer that says nothing (refused, filtered, cut,
        empty) is a completion with that ending."""
        body = json.dumps(self._body(prompt)).encode()
        try:
            reply = self._wire.post("/chat/completions", body, patience_s or (lambda: self.server.timeout_s))
        except WireError as error:
            raise CompletionError(Trouble.SILENT, str(error)) from error
        status = _status(reply)
        if status != 200:
            return self._nothing(status, reply)
        return completion_of(reply, structured=prompt.schema is not None)

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()

    def _body(self, prompt: Prompt) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": prompt.text}]
        if prompt.picture is not None:
            content.append(prompt.picture.as_part())
        body: dict[str, Any] = {
            "model": self.server.model,
            "messages": [{"role": "system", "content": prompt.system}, {"role": "user", "content": content}],
            "max_completion_tokens": prompt.most_tokens,
        }
        if prompt.temperature is not None:
            body["temperature"] = prompt.temperature
        if prompt.schema is not None:
            schema = {"name": prompt.schema.name, "strict": True, "schema": prompt.schema.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def _nothing(self, status: int, reply: Reply) -> Completion:
        """What another status comes to: a filter that kept the answer back, else :class:`CompletionError`."""
        told = _told(reply.body)
        if status == 400 and told.codes & _FILTERED:
            return Completion(Ending.FILTERED, None, Usage(), reply.elapsed_s, reply.headers)
        raise self._failure(status, reply, told)

    def _failure(self, status: int, reply: Reply, told: _Told) -> CompletionError:
        message = _ADDRESS.sub(r"\g<before>…", self._redact(told.message))[:_LONGEST_MESSAGE]
        sentence = f"The server says: {message}" if message else f"The server answered with status {status}."
        if 300 <= status < 400:  # following it would hand the key on
            sentence = "The server sends on to another address. Set OPENAI_BASE_URL to that one."
            return CompletionError(Trouble.LOCKED, sentence)
        if told.codes & _NO_MONEY or status == 402:
            return CompletionError(Trouble.UNPAID, sentence)
        if status in _LOCKED or (status in {400, 422} and told.is_about_request):
            return CompletionError(Trouble.LOCKED, sentence)
        if status == 429:
            return CompletionError(Trouble.BUSY, sentence, self._after(reply.headers), headers=reply.headers)
        if status in {408, 409} or status >= 500:
            return CompletionError(Trouble.SERVER, sentence, self._after(reply.headers))
        if status == 400 and _UNFETCHABLE.search(f"{' '.join(told.codes)} {message}"):
            # The message names the URL, signature and all; what it says beside that is known.
            return CompletionError(Trouble.UNFETCHABLE, _why_unfetchable(message))
        return CompletionError(Trouble.REFUSED, sentence)

    def _after(self, headers: Mapping[str, str]) -> float | None:
        """Seconds to wait: a number, or a date."""
        text = headers.get("retry-after", "")
        milliseconds = headers.get("retry-after-ms", "")
        for told, unit_s in ((milliseconds, 0.001), (text, 1.0)):
            if re.fullmatch(r"[0-9]{1,300}(\.[0-9]{1,20})?", told):
                return min(float(told) * unit_s, _LONGEST_AFTER_S)
        try:
            return max((parsedate_to_datetime(text) - self._clock.now()).total_seconds(), 0.0)
        # TypeError: a date without a time zone; OverflowError and IndexError: numbers that no date has
        except (ValueError, TypeError, OverflowError, IndexError):
            return None


def _why_unfetchable(message: str) -> str:
    said = message.casefold()
    if "timeout" in said or "timed out" in said:
        return "The server timed out while it downloaded the picture from its URL."
    status = re.search(r"status(?: code)?:?\s*(\d{3})", message)
    if status:
        return f"The picture's URL answered the server with status {status[1]}."
    return NOT_DOWNLOADED


@dataclass(frozen=True, slots=True)
class _Told:
    """An error's message and its codes; whether it is about the request's form, which is the same for all pictures."""

    message: str = ""
    codes: frozenset[str] = frozenset()
    is_about_request: bool = False


def _told(body: bytes) -> _Told:
    """What an error says, whatever it looks like."""
    try:
        error = read_json(body)
    except Malformed:
        return _Told()
    error = error.get("error", error) if isinstance(error, dict) else {}
    if isinstance(error, str):
        return _Told(error)
    if not isinstance(error, dict):
        return _Told()
    message = error.get("message") or error.get("detail") or ""
    codes = frozenset(str(error[name]) for name in ("code", "type") if isinstance(error.get(name), str | int))
    about = str(error.get("param") or "").partition(".")[0] in _OUR_PARAMETERS
    return _Told(" ".join(str(message).split()), codes, about or bool(codes & _WRONG_FORM))


def _status(reply: Reply) -> int:
    """The reply's status; of a failure that calls itself a success the status within, else 500."""
    if reply.status != 200 or b'"error"' not in reply.body or b'"choices"' in reply.body:
        return reply.status
    codes = [int(code) for code in _told(reply.body).codes if re.fullmatch(r"[45][0-9]{2}", code)]
    return codes[0] if codes else 500


def completion_of(reply: Reply, *, structured: bool) -> Completion:
    """What a server's answer holds. Raises :class:`CompletionError` for what is no completion."""
    try:
        told = read_json(reply.body, _MOST_BYTES)
    except Malformed as error:
        raise CompletionError(Trouble.MALFORMED, f"The server's answer can't be read. {error}") from error
    if not isinstance(told, dict):
        raise CompletionError(Trouble.MALFORMED, "The server's answer is no completion.")
    if "error" in told and "choices" not in told:  # a failure that calls itself a success
        raise CompletionError(Trouble.SERVER, "The server answered with an error.")
    usage = _usage(told.get("usage"))
    choices = told.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        return Completion(Ending.EMPTY, None, usage, reply.elapsed_s, reply.headers)
    ending, text = _ended(first, message)
    value = text if ending is Ending.WHOLE else None
    if ending is Ending.WHOLE and structured:
        try:
            value = read_json(_unfenced(text))
        except Malformed as error:
            raise CompletionError(Trouble.MALFORMED, f"The model's answer is broken. {error}", usage=usage) from error
    return Completion(ending, value, usage, reply.elapsed_s, reply.headers)


def _unfenced(text: str) -> str:
    """``text`` without the fence of a code block, which servers put around that don't hold a model to the form."""
    fenced = _FENCE.fullmatch(text) if text.lstrip().startswith("```") else None
    return fenced[1] if fenced else text


def _ended(choice: Mapping[str, Any], message: Mapping[str, Any]) -> tuple[Ending, str]:
    reason, text = choice.get("finish_reason"), message.get("content")
    if message.get("refusal"):
        return Ending.REFUSED, ""
    if reason == "content_filter":
        return Ending.FILTERED, ""
    if reason == "length":
        return Ending.CUT, ""
    if not isinstance(text, str) or not text.strip():
        return Ending.EMPTY, ""
    return Ending.WHOLE, text


def _usage(told: Any) -> Usage:
    told = told if isinstance(told, dict) else {}
    counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")]
    return Usage(*(count if isinstance(count, int) and 0 <= count < 10**8 else 0 for count in counts))
