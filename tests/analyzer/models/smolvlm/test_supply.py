"""SmolVLM appears when engine and files are here, and a question is answered by it end to end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.catalogue import Catalogue, ModelState
from analyzer.models.model import Material
from analyzer.models.smolvlm import supply as supplying
from analyzer.models.smolvlm.files import DEFAULT, RELEASES
from analyzer.models.smolvlm.supply import Keeping, SmolVlmSupply
from analyzer.plan import Task
from core.states import Outcome
from tests.analyzer.models.smolvlm.conftest import Weights, picture
from tests.analyzer.models.smolvlm.hub import Hub, serving

Wait = Callable[[Callable[[ModelState, str], bool]], str]
ASK = Ask(Task.FIND, "cars", "Is there a car in the picture?")


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def changed() -> threading.Event:
    return threading.Event()


@pytest.fixture
def supply(
    catalogue: Catalogue, changed: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SmolVlmSupply]:
    monkeypatch.setattr(supplying, "_LOOK_AGAIN_S", 0.05)
    keeping = Keeping(threads=1, tuned=False)
    data = tmp_path / "data"
    made = SmolVlmSupply(catalogue, RELEASES[DEFAULT], tmp_path / "models_dir", data, keeping, changed.set)
    yield made
    made.close()


@pytest.fixture
def wait(catalogue: Catalogue, changed: threading.Event) -> Wait:
    """Waits until the model stands as wanted; its sentence then."""

    def until(wanted: Callable[[ModelState, str], bool]) -> str:
        while True:
            changed.clear()
            entry = catalogue.states()[0]
            if wanted(entry.state, entry.sentence):
                return entry.sentence
            assert changed.wait(60), entry

    return until


def put(weights: Weights, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(weights.text, folder)
    shutil.copy(weights.mmproj, folder)


def test_without_files_it_is_absent_and_says_how_to_get_them(supply: SmolVlmSupply, wait: Wait) -> None:
    supply.start()
    sentence = wait(lambda state, sentence: state is ModelState.ABSENT and "are not" in sentence)
    assert "models pull smolvlm-500m" in sentence
    assert "MODELS_DIR" in sentence


def test_files_that_are_put_there_while_it_runs_make_it_ready_and_it_answers(
    supply: SmolVlmSupply, catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    supply.start()
    wait(lambda state, _: state is ModelState.ABSENT)
    put(weights, tmp_path / "models_dir")
    wait(lambda state, _: state is ModelState.READY)
    choice = catalogue.choose(ASK)
    assert choice.model.card.name == "smolvlm"
    sights = choice.model.look([Material(picture(1)), Material(b"junk"), Material(picture(2))], ASK)
    outcomes = [choice.model.judge(sight, ASK).outcome for sight in sights]
    assert outcomes[1] is Outcome.UNREADABLE
    assert {outcomes[0], outcomes[2]} <= {Outcome.MATCH, Outcome.NO_MATCH, Outcome.UNSURE}
    assert (sights[0].width_px, sights[0].height_px) == (320, 240)


def test_a_wrong_file_is_said_and_a_right_one_in_its_place_is_taken(
    supply: SmolVlmSupply, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    put(weights, tmp_path / "models_dir")
    text = tmp_path / "models_dir" / weights.text.name
    text.write_bytes(text.read_bytes()[:9999])
    supply.start()
    assert "cut short" in wait(lambda state, _: state is ModelState.FAILED)
    shutil.copy(weights.text, text)
    wait(lambda state, _: state is ModelState.READY)


def test_it_is_fetched_on_request_and_then_ready(
    supply: SmolVlmSupply, wait: Wait, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    root = f"{RELEASES[DEFAULT].repository}/resolve/main"
    files = {f"{root}/{path.name}": path.read_bytes() for path in (weights.text, weights.mmproj)}
    with serving(Hub(files)) as hub:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", hub.url)
        monkeypatch.setattr(
            "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
            hub.url + "/{repo_id}/resolve/{revision}/{filename}",
        )
        supply.start()
        supply.fetch()
        wait(lambda state, _: state is ModelState.READY)


def test_a_hub_that_is_away_is_said(supply: SmolVlmSupply, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    supply.fetch()
    assert "MODELS_DIR" in wait(lambda _, sentence: "can't be reached" in sentence)
