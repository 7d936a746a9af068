"""SmolVLM appears when engine and files are here, and a question is answered by it end to end."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.catalogue import Activity, Catalogue, ModelState
from analyzer.models.model import Fit, Material
from analyzer.models.smolvlm import fetching, selftest
from analyzer.models.smolvlm import supply as supplying
from analyzer.models.smolvlm.files import DEFAULT, RELEASES
from analyzer.models.smolvlm.supply import Keeping, SmolVlmSupply
from analyzer.models.smolvlm.wire import Setup
from analyzer.plan import Task
from core.errors import ModelUnavailable
from core.states import Outcome
from tests.analyzer.models.smolvlm.conftest import Weights, picture
from tests.analyzer.models.smolvlm.hub import Hub

Wait = Callable[[Callable[[ModelState, str], bool]], str]
ASK = Ask(Task.FIND, "cars", "Is there a car in the picture?")


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def changed() -> threading.Event:
    return threading.Event()


@pytest.fixture
def supplied(
    catalogue: Catalogue, changed: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., SmolVlmSupply]]:
    """Makes a supply with what is said of it, and closes it with the test."""
    monkeypatch.setattr(supplying, "_LOOK_AGAIN_S", 0.05)
    made: list[SmolVlmSupply] = []

    def make(**said: int) -> SmolVlmSupply:
        keeping = Keeping(**({"threads": 1, "tuned": False, "self_test": False} | said))  # type: ignore[arg-type]
        folders = (tmp_path / "models_dir", tmp_path / "data")
        made.append(SmolVlmSupply(catalogue, RELEASES[DEFAULT], *folders, keeping, changed.set))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def supply(supplied: Callable[..., SmolVlmSupply]) -> SmolVlmSupply:
    return supplied()


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


def test_without_files_it_is_absent_and_says_how_to_get_them(
    supply: SmolVlmSupply, catalogue: Catalogue, wait: Wait
) -> None:
    supply.start()
    wait(lambda state, sentence: state is ModelState.ABSENT and "are missing" in sentence)
    with pytest.raises(ModelUnavailable) as told:
        catalogue.get("smolvlm")
    assert "models pull smolvlm-500m" in told.value.hint
    assert "MODELS_DIR" in told.value.hint


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


def test_one_file_without_the_other_is_named(
    supply: SmolVlmSupply, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    put(weights, tmp_path / "models_dir")
    (tmp_path / "models_dir" / weights.mmproj.name).unlink()
    supply.start()
    assert "mmproj-SmolVLM-500M-Instruct-f16.gguf is missing." in wait(lambda _, sentence: "missing" in sentence)


def test_what_it_keeps_in_memory_comes_on_top_of_what_it_needs() -> None:
    """Else a larger SMOLVLM_MEMORY_BYTES would end the process again and again."""
    assert Keeping(states_limit_bytes=8_000_000_000).bounds.memory_bytes == 12_000_000_000


def test_pictures_of_more_pixels_than_the_settings_allow_are_unreadable(
    supplied: Callable[..., SmolVlmSupply], catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    put(weights, tmp_path / "models_dir")
    supplied(max_pixels=10_000).start()
    wait(lambda state, _: state is ModelState.READY)
    model = catalogue.choose(ASK).model
    large, small = model.look([Material(picture(1)), Material(picture(1, (80, 60)))], ASK)
    assert "MAX_PICTURE_PIXELS" in (large.unreadable or "")
    assert small.unreadable is None


def test_it_is_fetched_on_request_and_then_ready(supply: SmolVlmSupply, wait: Wait, hub: Hub) -> None:
    supply.start()
    supply.fetch()
    wait(lambda state, _: state is ModelState.READY)


def test_fetching_says_how_far_it_is_can_be_stopped_and_goes_on(
    supply: SmolVlmSupply, catalogue: Catalogue, wait: Wait, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_CHUNK_BYTES", 10_000)  # it tells of each chunk
    hub.halfway = threading.Event()
    supply.start()
    wait(lambda state, _: state is ModelState.ABSENT and catalogue.states()[0].can_fetch)
    catalogue.fetch("smolvlm")
    total = sum(len(content) for content in hub.files.values())

    def is_told() -> bool:
        fetching = catalogue.states()[0].fetching
        return fetching is not None and 50_000 < fetching.done_bytes < fetching.total_bytes == total

    wait(lambda state, _: state is ModelState.INSTALLING and is_told())
    catalogue.stop_fetching("smolvlm")
    hub.halfway.set()
    sentence = wait(lambda state, _: state is ModelState.ABSENT)
    assert "goes on at the next try" in sentence
    assert catalogue.states()[0].can_fetch
    catalogue.fetch("smolvlm")
    wait(lambda state, _: state is ModelState.READY)


def test_one_that_fails_its_self_test_is_offered_and_never_taken_by_itself(
    supplied: Callable[..., SmolVlmSupply], catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    """Random weights see nothing, and guess."""
    put(weights, tmp_path / "models_dir")
    supplied(self_test=True).start()
    assert "failed its self-test" in wait(lambda state, _: state is ModelState.READY)
    choice = catalogue.choose(ASK)
    assert choice.ability.fit is Fit.STAND_IN
    assert "failed its self-test" in choice.ability.sentence
    (known,) = json.loads((tmp_path / "data" / "smolvlm" / "self_test.json").read_text()).values()
    assert known["asked"] == 12
    assert len(known["wrong"]) == 12 - known["right"] > 3


def test_one_that_passed_its_self_test_is_believed_and_not_asked_again(
    supplied: Callable[..., SmolVlmSupply],
    catalogue: Catalogue,
    wait: Wait,
    weights: Weights,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Setup] = []

    def passes(setup: Setup, _stopped: Callable[[], bool]) -> selftest.Result:
        asked.append(setup)
        return selftest.Result(11, 12, ("One.",))

    monkeypatch.setattr(selftest, "examine", passes)
    put(weights, tmp_path / "models_dir")
    for _ in range(2):
        supplied(self_test=True).start()
        wait(lambda state, _: state is ModelState.READY)
        assert catalogue.choose(ASK).ability.fit is Fit.FULL
    assert len(asked) == 1


def test_one_that_was_set_up_before_is_there_at_once(
    supplied: Callable[..., SmolVlmSupply], catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    """So that a run which was under way with it when the process was killed can go on."""
    put(weights, tmp_path / "models_dir")
    first = supplied(tuned=True, self_test=True)
    assert not first.open_known()
    first.start()
    wait(lambda state, _: state is ModelState.READY)
    first.close()
    again = supplied(tuned=True, self_test=True)
    assert catalogue.states()[0].state is ModelState.ABSENT
    assert again.open_known()
    assert catalogue.get("smolvlm").card.name == "smolvlm"


def test_one_that_is_the_setting_is_loaded_at_once(
    supplied: Callable[..., SmolVlmSupply], catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    put(weights, tmp_path / "models_dir")
    supplied(at_once=True).start()
    wait(lambda *_: catalogue.states()[0].activity is Activity.READY)
    assert catalogue.states()[0].resident_bytes > 10_000_000


def test_one_that_is_the_setting_and_not_here_is_told_in_the_log(
    supplied: Callable[..., SmolVlmSupply], wait: Wait, caplog: pytest.LogCaptureFixture
) -> None:
    supplied(at_once=True).start()
    wait(lambda _, sentence: "are missing" in sentence)
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert line.startswith("SmolVLM: Its files (636 MB) are missing. Fetch them on the page, or by flask")


def test_one_that_waits_for_its_first_picture_holds_no_memory(
    supply: SmolVlmSupply, catalogue: Catalogue, wait: Wait, weights: Weights, tmp_path: Path
) -> None:
    put(weights, tmp_path / "models_dir")
    supply.start()
    wait(lambda state, _: state is ModelState.READY)
    entry = catalogue.states()[0]
    assert (entry.activity, entry.resident_bytes) == (Activity.IDLE, 0)


def test_a_hub_that_is_away_is_said(supply: SmolVlmSupply, wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    supply.fetch()
    assert "MODELS_DIR" in wait(lambda _, sentence: "can't be reached" in sentence)
