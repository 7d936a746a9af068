"""A base URL as a setting gives it, and as nothing else can. Threat row 37."""

from __future__ import annotations

import pytest

from core.addresses import read_base_url


@pytest.mark.parametrize("text", ["https://api.openai.com/v1", "http://127.0.0.1:8080", "http://[::1]:9/v1/"])
def test_a_servers_url_is_taken_without_its_last_slash(text: str) -> None:
    """S0.10: a free base URL."""
    assert read_base_url(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    ["localhost:8080", "ftp://x/v1", "http://", "http://me:secret@x/v1", "http://x/v1?key=1", "http://x/#a",
     "http://x y", "http://x:0", "http://x:99999", "http://" + "x" * 600, "http://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_another_url_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_base_url(text)


def test_no_question_can_name_a_server() -> None:
    """The base URL and the model on it are the settings' alone: nothing that a request carries is handed on to them."""
    from dataclasses import fields

    from web.api import Question

    assert not {field.name for field in fields(Question)} & {"base_url", "server", "api_key", "openai_model"}
