"""What :mod:`bench.openai_server` does on order, and the errors that it gives in OpenAI's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_KEY = "sk-proj-abcdefghijklmnop1234"


class Deed(StrEnum):
    """What the server does with a call."""

    ANSWER = "answer"
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    HANG = "hang"
    DRIP = "drip"
    RESET = "reset"
    BROKEN_JSON = "broken_json"
    TRUNCATED = "truncated"
    NO_BODY = "no_body"
    WRONG_SCHEMA = "wrong_schema"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    EMPTY_CHOICES = "empty_choices"
    DOWNLOAD_TIMEOUT = "download_timeout"
    EXPIRED = "expired"
    KEY_IN_ERROR = "key_in_error"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class Order:
    """One call's fate. ``content`` is the answer's text, verbatim; ``retry_after`` is that header's."""

    deed: Deed = Deed.ANSWER
    content: str | None = None
    finish_reason: str = "stop"
    retry_after: str | None = None


def error_body(message: str, code: str | None = None, kind: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


FAILURES: Mapping[Deed, tuple[int, dict[str, Any]]] = {
    Deed.SERVER_ERROR: (500, error_body("The server had an error while processing your request.", kind="server_error")),
    Deed.DOWNLOAD_TIMEOUT: (400, error_body("Timeout while downloading https://p.example/1.jpg.", "invalid_image_url")),
    Deed.EXPIRED: (400, error_body("Error while downloading https://p.example/1.jpg?X-Goog-Signature=0123456789abcdef. "
                               "Upstream status code: 403.", "invalid_image_url")),
    Deed.KEY_IN_ERROR: (401, error_body(f"Incorrect API key provided: {_KEY}.", "invalid_api_key")),
    Deed.QUOTA: (429, error_body("You exceeded your current quota, please check your plan.", "insufficient_quota")),
}  # fmt: skip
