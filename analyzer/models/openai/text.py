"""Text put to the language model of a server: one call through the ``openai`` package, tried once.

What is asked and what is believed of the reply is the business of whoever asks (:mod:`analyzer.planner.interpreter`,
:mod:`analyzer.report.author`). Here is what holds for all of them: nothing leaves without leave, every call is written
down and paid out of the day's money, and none takes longer or brings more than it may.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from analyzer.leaving import Leaving
from analyzer.models.openai.client import Completion, CompletionError, Server, completion_of
from analyzer.models.openai.prices import Price
from analyzer.models.openai.wire import Reply, Wire, WireError
from core.errors import Standstill

if TYPE_CHECKING:
    import httpx2

_AT_ONCE = 4
_MOST_BYTES = 100_000
# English runs at four characters a token, other scripts at about one or two.
_CHARACTERS_A_TOKEN = 2.0


class Purpose(StrEnum):
    """What a text is sent for, as the log of what left has it."""

    PLAN = "plan"
    REPORT = "report"


class NoText(Exception):
    """There is no reply that could be read. What went wrong holds no secret; ``spent_usd`` is paid all the same."""

    def __init__(self, sentence: str, spent_usd: float = 0.0) -> None:
        super().__init__(sentence)
        self.spent_usd = spent_usd


@dataclass(frozen=True, slots=True)
class Letter:
    """What is put to the model. ``system`` is ours, ``told`` is data; ``form`` is the strict schema of the reply;
    ``question`` is what the person asked, for the log."""

    purpose: Purpose
    question: str
    system: str
    told: str
    form: Mapping[str, Any]
    most_tokens: int


@dataclass(frozen=True, slots=True)
class Written:
    """The reply: sound JSON, not yet checked against the form; and what it cost."""

    value: Any
    spent_usd: float


class TextModel:
    """The model of ``server``; safe from all threads. Nothing is opened before the first call, a few wait at once, and
    none longer than ``deadline_s``."""

    def __init__(self, server: Server, price: Price, deadline_s: float) -> None:
        self._server = server
        self._price = price
        self._deadline_s = min(deadline_s, server.timeout_s)
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        self.host = urlsplit(server.base_url).hostname or ""

    @property
    def label(self) -> str:
        """The model and its server, for people."""
        return f"{self._server.model} at {self.host}"

    def put(self, letter: Letter, leaving: Leaving, patience_s: Callable[[], float] | None = None) -> Written:
        """One call. ``patience_s`` may shorten the deadline while it lasts. Raises :class:`NoText`."""
        if not self._places.acquire(blocking=False):
            raise NoText(f"{_AT_ONCE} calls wait for it already")
        try:
            return self._paid(letter, leaving, patience_s or (lambda: self._deadline_s))
        finally:
            self._places.release()

    def _paid(self, letter: Letter, leaving: Leaving, patience_s: Callable[[], float]) -> Written:
        budget = leaving.budget
        tokens_in = (len(letter.system) + len(json.dumps(letter.form))) / 4 + len(letter.told) / _CHARACTERS_A_TOKEN
        aside_usd = self._price.usd(tokens_in, letter.most_tokens)
        try:
            if budget is not None and aside_usd and not budget.set_aside(aside_usd):
                raise NoText("the day's money is held by calls under way")
        except Standstill as error:
            raise NoText(error.sentence) from error
        spent_usd = 0.0
        try:
            done = self._complete(letter, leaving, patience_s)
            spent_usd = self._price.usd(done.usage.tokens_in, done.usage.tokens_out)
        except CompletionError as error:
            spent_usd = self._price.usd(error.usage.tokens_in, error.usage.tokens_out)
            raise NoText(error.sentence, spent_usd) from error
        finally:
            if budget is not None:
                budget.book(aside_usd, spent_usd)
        if done.value is None:
            raise NoText(f"the answer is {done.ending}", spent_usd)
        return Written(done.value, spent_usd)

    def _complete(self, letter: Letter, leaving: Leaving, patience_s: Callable[[], float]) -> Completion:
        try:
            import openai
        except ImportError as error:
            raise NoText("the package openai is not installed: pip install -r requirements-core.txt") from error
        server = self._server
        wire = Wire(server.base_url, server.headers, _MOST_BYTES)
        if leaving.log is not None:
            size = len(letter.told.encode())
            leaving.log.asked(letter.question, self.host, server.model, purpose=letter.purpose, bytes_sent=size)
        try:
            with (
                _bounded(wire, lambda: min(self._deadline_s, patience_s())) as web,
                openai.OpenAI(
                    base_url=server.base_url,
                    api_key=server.api_key or "none",
                    max_retries=0,
                    timeout=self._deadline_s,
                    http_client=web,
                ) as client,
            ):
                raw = client.chat.completions.with_raw_response.create(
                    model=server.model,
                    messages=[{"role": "system", "content": letter.system}, {"role": "user", "content": letter.told}],
                    response_format={
                        "type": "json_schema",
                        "json_schema": {"name": str(letter.purpose), "strict": True, "schema": dict(letter.form)},
                    },
                    max_completion_tokens=letter.most_tokens,
                )
                return completion_of(Reply(200, {}, raw.content, 0.0), structured=True)
        except openai.APIStatusError as error:  # what the server says may hold a key
            raise NoText(f"the server answered with status {error.status_code}") from error
        except WireError as error:
            raise NoText(f"there is no answer. {error}") from error
        except openai.OpenAIError as error:
            raise NoText(f"there is no answer ({type(error).__name__})") from error
        finally:
            wire.close()


def _bounded(wire: Wire, patience_s: Callable[[], float]) -> httpx2.Client:
    """The package's own connections have no deadline for a whole answer and no limit to its length; ``wire`` has."""
    import httpx2

    class Bounded(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            reply = wire.post("/chat/completions", request.read(), patience_s)
            return httpx2.Response(reply.status, content=reply.body, request=request)

    return httpx2.Client(transport=Bounded(), trust_env=False)
