"""A model's files are found, checked before anything is asked, and named in one sentence when they are wrong."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analyzer.models.smolvlm.files import DEFAULT, RELEASES, checksum, find_files, missing_files, note_checksum, verify
from bench.random_smolvlm import SHAPES, Shape, write_mmproj
from core.errors import ModelUnavailable
from tests.analyzer.models.smolvlm.conftest import Weights

RELEASE = RELEASES[DEFAULT]


@pytest.fixture
def folder(weights: Weights, tmp_path: Path) -> Path:
    """A MODELS_DIR with a whole model in it."""
    made = tmp_path / "models_dir"
    made.mkdir()
    shutil.copy(weights.text, made)
    shutil.copy(weights.mmproj, made)
    return made


def test_files_brought_by_hand_are_taken_before_fetched_ones(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "data" / "models" / DEFAULT
    shutil.copytree(folder, own)
    found = find_files(RELEASE, folder, tmp_path / "data")
    assert found is not None
    assert found.text.parent == folder
    fetched = find_files(RELEASE, None, tmp_path / "data")
    assert fetched is not None
    assert fetched.mmproj.parent == own


def test_one_file_alone_is_no_model(folder: Path, tmp_path: Path) -> None:
    next(folder.glob("mmproj*")).unlink()
    assert find_files(RELEASE, folder, tmp_path) is None
    assert find_files(RELEASE, tmp_path / "absent", tmp_path) is None


def test_another_spelling_of_the_name_is_found(folder: Path, tmp_path: Path) -> None:
    text = next(path for path in folder.iterdir() if not path.name.startswith("mmproj"))
    text.rename(folder / text.name.lower())
    assert find_files(RELEASE, folder, tmp_path) is not None


@pytest.mark.parametrize("part", [0, 3, 500, 50_000, 150_000])
@pytest.mark.parametrize("which", ["Smol*", "mmproj*"])
def test_a_cut_file_is_named_before_any_question(folder: Path, tmp_path: Path, which: str, part: int) -> None:
    path = next(folder.glob(which))
    path.write_bytes(path.read_bytes()[:part])
    with pytest.raises(ModelUnavailable, match=path.name.replace(".", r"\.")) as told:
        find_files(RELEASE, folder, tmp_path)
    assert "models pull smolvlm-500m" in told.value.hint


def test_a_page_of_html_is_no_model(folder: Path, tmp_path: Path) -> None:
    next(folder.glob("mmproj*")).write_text("<!doctype html><title>404</title>")
    with pytest.raises(ModelUnavailable, match="no model file"):
        find_files(RELEASE, folder, tmp_path)


def test_eyes_of_another_size_are_noticed(folder: Path, tmp_path: Path) -> None:
    tiny = SHAPES["tiny"]
    wider = Shape(**{name: getattr(tiny, name) for name in Shape.__slots__} | {"width": 96})
    write_mmproj(next(folder.glob("mmproj*")), wider, "f16")
    with pytest.raises(ModelUnavailable, match="don't belong together"):
        find_files(RELEASE, folder, tmp_path)


def test_a_text_model_in_the_place_of_the_eyes_is_noticed(folder: Path, tmp_path: Path) -> None:
    shutil.copy(next(folder.glob("Smol*")), next(folder.glob("mmproj*")))
    with pytest.raises(ModelUnavailable):
        find_files(RELEASE, folder, tmp_path)


def test_a_copy_of_the_folder_that_was_fetched_is_taken(folder: Path, tmp_path: Path) -> None:
    """As it is carried to a machine without a network."""
    shutil.copytree(folder, tmp_path / "carried" / DEFAULT)
    found = find_files(RELEASE, tmp_path / "carried", tmp_path)
    assert found is not None
    assert found.text.parent.name == DEFAULT


def test_weights_of_another_kind_are_taken_after_the_known_ones(folder: Path, tmp_path: Path) -> None:
    text = folder / RELEASE.text[0]
    shutil.copy(text, folder / "SmolVLM-500M-Instruct-Q4_K_M.gguf")
    shutil.copy(text, folder / "SmolVLM-256M-Instruct-Q4_0.gguf")
    first = find_files(RELEASE, folder, tmp_path)
    text.unlink()
    second = find_files(RELEASE, folder, tmp_path)
    assert first is not None
    assert second is not None
    assert (first.text.name, second.text.name) == (text.name, "SmolVLM-500M-Instruct-Q4_K_M.gguf")


def test_what_is_missing_is_named(folder: Path, tmp_path: Path) -> None:
    assert missing_files(RELEASE, folder, tmp_path) == []
    next(folder.glob("mmproj*")).unlink()
    assert missing_files(RELEASE, folder, tmp_path) == [RELEASE.mmproj[0]]
    assert missing_files(RELEASE, None, tmp_path) == [RELEASE.text[0], RELEASE.mmproj[0]]


@pytest.mark.parametrize("made", [Path.mkdir, lambda path: path.symlink_to("nowhere.gguf")])
def test_what_can_not_be_read_is_one_sentence(folder: Path, tmp_path: Path, made: Callable[[Path], None]) -> None:
    text = folder / RELEASE.text[0]
    text.unlink()
    made(text)
    with pytest.raises(ModelUnavailable, match=r"SmolVLM-500M-Instruct-Q8_0\.gguf can't be read"):
        find_files(RELEASE, folder, tmp_path)


def test_a_folder_that_is_closed_to_us_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def closed(_: Path) -> Iterator[Path]:  # root may list everything
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", closed)
    with pytest.raises(ModelUnavailable, match="can't be read: Permission denied"):
        find_files(RELEASE, tmp_path, tmp_path)


def test_a_file_that_changed_since_it_was_fetched_is_noticed(folder: Path, tmp_path: Path) -> None:
    found = find_files(RELEASE, folder, tmp_path)
    assert found is not None
    verify(found)  # nobody said what they should be
    note_checksum(found.text, checksum(found.text))
    verify(found)
    with found.text.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\xff")
    with pytest.raises(ModelUnavailable, match="has changed"):
        verify(found)


def test_another_file_is_another_version(folder: Path, tmp_path: Path) -> None:
    first = find_files(RELEASE, folder, tmp_path)
    write_mmproj(next(folder.glob("mmproj*")), SHAPES["tiny"], "f16", seed=9)
    second = find_files(RELEASE, folder, tmp_path)
    assert first is not None
    assert second is not None
    assert first.version != second.version
