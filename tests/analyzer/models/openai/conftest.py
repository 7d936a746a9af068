"""A real server on loopback that misbehaves on order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.openai_server import OpenAiServer


@pytest.fixture
def server() -> Iterator[OpenAiServer]:
    with OpenAiServer() as running:
        yield running
