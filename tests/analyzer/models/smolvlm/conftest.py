"""Tiny SmolVLM files with random weights, run by the real llama.cpp, and drawn pictures to ask about."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analyzer.models.smolvlm.engine import Question
from analyzer.models.smolvlm.files import DEFAULT, RELEASES
from analyzer.models.smolvlm.prompt import Form, Query
from tests.analyzer.models.smolvlm.hub import Hub, serving

YES_NO = Query(Form.YES_NO, "Is there a car? Answer yes or no.")
COUNT = Query(Form.COUNT, "How many cars are there? Answer with a number.")
CHOICE = Query(Form.CHOICE, "How heavy is the traffic?", ("light", "moderate", "heavy"))
TEXT = Query(Form.TEXT, "Describe the street.", most_tokens=12)
ALL = (YES_NO, COUNT, CHOICE, TEXT)


@dataclass(frozen=True)
class Weights:
    """The two files of a model."""

    text: Path
    mmproj: Path


@pytest.fixture(scope="session", autouse=True)
def engine_is_here() -> None:
    """The engine takes minutes to build; without it these tests are left out, except where all must be tested."""
    os.environ["GGML_NO_BACKTRACE"] = "1"
    if not os.environ.get("CI"):
        pytest.importorskip("llama_cpp", reason="SmolVLM's engine isn't built: pip install -r requirements.txt")


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Weights:
    """A tiny model, under the names that the hub has for the 500M one."""
    from bench.random_smolvlm import SHAPES, write_mmproj, write_text

    folder = tmp_path_factory.mktemp("smolvlm")
    return Weights(
        write_text(folder / "SmolVLM-500M-Instruct-Q8_0.gguf", SHAPES["tiny"], "q8_0"),
        write_mmproj(folder / "mmproj-SmolVLM-500M-Instruct-f16.gguf", SHAPES["tiny"], "f16"),
    )


@pytest.fixture
def hub(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub that the library asks, with the tiny model on it."""
    root = f"{RELEASES[DEFAULT].repository}/resolve/main"
    files = {f"{root}/{path.name}": path.read_bytes() for path in (weights.text, weights.mmproj)}
    with serving(Hub(files)) as served:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", served.url)
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            served.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        yield served


def picture(seed: int, size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG of coloured squares, another one for each seed."""
    squares = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(squares).resize(size, Image.Resampling.NEAREST).save(out, "JPEG")
    return out.getvalue()


def question(seed: int, query: Query = YES_NO) -> Question:
    """Something asked of the picture of that seed."""
    content = picture(seed)
    return Question(content, hashlib.sha256(content).hexdigest(), query)


@pytest.fixture
def questions() -> Iterator[list[Question]]:
    """The same question of six pictures."""
    yield [question(seed) for seed in range(6)]
