"""What is fastest here is found by trying, written down, and not tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from analyzer.models.smolvlm import tuning
from analyzer.models.smolvlm.conversion import size_bytes, to_bf16
from analyzer.models.smolvlm.files import DEFAULT, RELEASES, ModelFiles, find_files
from analyzer.models.smolvlm.native import Native, Row, Tuning
from analyzer.models.smolvlm.tuning import Trial, tune
from bench.random_smolvlm import SHAPES, write_mmproj, write_text
from core.errors import ModelUnavailable

RELEASE = RELEASES[DEFAULT]


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelFiles]:
    """A model in f16."""
    folder = tmp_path_factory.mktemp("f16")
    write_text(folder / RELEASE.text[-2], SHAPES["tiny"], "f16")
    write_mmproj(folder / RELEASE.mmproj[0], SHAPES["tiny"], "f16")
    found = find_files(RELEASE, folder, folder)
    assert found is not None
    yield found


def test_the_choice_is_written_with_all_that_was_tried_and_taken_again(halves: ModelFiles, tmp_path: Path) -> None:
    choice = tune(halves, tmp_path, Tuning(), threads=1)
    note = json.loads((tmp_path / "smolvlm" / "tuning.json").read_text())
    (found,) = note.values()
    assert len(found["tried"]) >= 2
    assert choice.tuning.threads == 1
    assert "a first answer in" in choice.why
    found["why"] = "As found before."
    (tmp_path / "smolvlm" / "tuning.json").write_text(json.dumps(note))
    assert tune(halves, tmp_path, Tuning(), threads=1).why == "As found before."


def test_bf16_is_tried_where_the_processor_computes_in_it(
    halves: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "computes_bf16", lambda: True)
    tune(halves, tmp_path, Tuning(), threads=1)
    (found,) = json.loads((tmp_path / "smolvlm" / "tuning.json").read_text()).values()
    assert sum("bf16-" in trial["mmproj"] for trial in found["tried"]) == 2


def test_rewritten_as_bf16_a_model_sees_the_same(halves: ModelFiles, tmp_path: Path) -> None:
    eyes, text = to_bf16(halves.mmproj, tmp_path / "eyes.gguf"), to_bf16(halves.text, tmp_path / "text.gguf")
    assert eyes is not None
    assert text is not None
    before, after = Native(halves.text, halves.mmproj, Tuning(threads=1)), Native(text, eyes, Tuning(threads=1))
    tile = np.random.default_rng(1).integers(0, 255, (512, 512, 3), dtype=np.uint8)
    seen = before.encode(tile)
    assert np.abs(after.encode(tile) - seen).max() < 0.01 * np.abs(seen).max()
    assert after.tokens("Is there a car?", special=False) == before.tokens("Is there a car?", special=False)
    before.close()
    after.close()


def test_threads_that_sleep_while_they_wait_are_taken_where_they_cost_little(
    halves: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def took(text: Path, mmproj: Path, way: Tuning) -> Trial:
        asleep = 1.0 if way.spinning else cost
        return Trial(str(text), str(mmproj), 2, way.flash_attention, asleep, 0.1, 0.1, 0.02, way.spinning)

    monkeypatch.setattr(tuning, "_try", took)
    monkeypatch.setattr(tuning, "computes_bf16", lambda: False)
    for cost, spinning in ((1.02, False), (1.2, True)):
        chosen = tune(halves, tmp_path / str(cost), Tuning(), threads=2).tuning
        assert chosen.spinning is spinning
        assert ("OMP_WAIT_POLICY" in chosen.environment) is not spinning


def test_what_the_hub_has_is_rewritten_with_the_scores_it_had(tmp_path: Path, halves: ModelFiles) -> None:
    coarse = write_text(tmp_path / "q8.gguf", SHAPES["tiny"], "q8_0")
    fine = to_bf16(coarse, tmp_path / "out.gguf")
    assert fine is not None
    assert abs(fine.stat().st_size / size_bytes(coarse) - 1) < 0.3  # the rest is the vocabulary
    scores = []
    for text in (coarse, fine):
        native = Native(text, halves.mmproj, Tuning(threads=1))
        tokens = native.tokens("Is there a car?", special=False)
        places = [Row(position, 0, position == len(tokens) - 1) for position in range(len(tokens))]
        scores.append(native.decode_tokens(tokens, places)[0])
        native.close()
    assert np.abs(scores[0] - scores[1]).max() < 0.02 * np.abs(scores[0]).max()


def test_what_is_coarser_than_bf16_gains_from_is_not_rewritten(tmp_path: Path) -> None:
    text = write_text(tmp_path / "q4.gguf", SHAPES["tiny"], "q4_0")
    assert size_bytes(text) == 0
    assert to_bf16(text, tmp_path / "out.gguf") is None
    assert not (tmp_path / "out.gguf").exists()


def test_without_room_or_memory_the_files_stay_as_they_are(
    halves: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "_memory_bytes", lambda: 1_000_000_000)
    assert len(tuning.in_bf16(halves, tmp_path / "a")) == 1
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=100_000))
    assert tuning.in_bf16(halves, tmp_path / "b") == []


def test_a_way_that_can_not_be_gone_leaves_the_others(
    halves: ModelFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(text: Path, mmproj: Path, way: Tuning) -> Trial | None:
        if way.flash_attention:
            return None
        return Trial(str(text), str(mmproj), 1, way.flash_attention, 1.0, 0.1, 0.1, 0.02, way.spinning)

    monkeypatch.setattr(tuning, "_try", tried)
    monkeypatch.setattr(tuning, "computes_bf16", lambda: True)
    assert not tune(halves, tmp_path, Tuning(), threads=1).tuning.flash_attention


def test_a_model_that_can_not_run_is_one_sentence(halves: ModelFiles, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(halves.text.read_bytes()[:5000])
    files = ModelFiles(RELEASE, broken, halves.mmproj, "v")
    with pytest.raises(ModelUnavailable, match="can't be run on this machine"):
        tune(files, tmp_path, Tuning(), threads=1)
