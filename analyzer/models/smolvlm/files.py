"""The files that make a SmolVLM: which they are, where they are looked for, whether they are what they should be.

Two files make a model: the text model, and the eyes (``mmproj``). Sizes and checksums of what the hub holds are the
hub's to say at the time of fetching (:mod:`.fetching`); beside a fetched file stands what it said, so that a later
change is noticed. Files that were brought by hand are checked as far as they say what they are: a text model and eyes
of the same width.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelUnavailable

_MAGIC = b"GGUF"
_CHECKSUM = ".sha256"
# What a file says that it is, and where it says how wide its rows are.
_TEXT, _EYES = ("llama", "llama.embedding_length"), ("clip", "clip.vision.projection_dim")
_PROJECTOR = "idefics3"
_LET_US = "Whoever runs Sightline must be allowed to read it."


@dataclass(frozen=True, slots=True)
class Release:
    """A SmolVLM on the hub. ``text`` and ``mmproj`` are file names, the preferred first: what is found of them by hand
    is taken in that order, and the first is what is fetched. ``size_bytes`` is about what both come to."""

    name: str
    label: str
    repository: str
    text: tuple[str, ...]
    mmproj: tuple[str, ...]
    size_bytes: int


def _release(size: str, label: str, quantised: str, size_bytes: int) -> Release:
    infix = f"-{size}" if size else ""
    stem = f"SmolVLM{infix}-Instruct"
    return Release(
        name=f"smolvlm-{(size or '2.2B').lower()}",
        label=label,
        repository=f"ggml-org/{stem}-GGUF",
        text=tuple(f"{stem}-{kind}.gguf" for kind in (quantised, "Q8_0", "f16", "bf16") if kind),
        mmproj=tuple(f"mmproj-{stem}-{kind}.gguf" for kind in ("f16", "Q8_0", "bf16")),
        size_bytes=size_bytes,
    )


RELEASES: Mapping[str, Release] = {
    release.name: release
    for release in (
        _release("256M", "SmolVLM 256M", "", 365_000_000),
        _release("500M", "SmolVLM 500M", "", 636_000_000),
        _release("", "SmolVLM 2.2B", "Q4_K_M", 1_980_000_000),
    )
}
DEFAULT = "smolvlm-500m"


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model's two files on this machine. ``version`` names their contents, for what is kept under it."""

    release: Release
    text: Path
    mmproj: Path
    version: str


def find_files(release: Release, models_dir: Path | None, data_dir: Path) -> ModelFiles | None:
    """The files of a model, in ``models_dir`` first and then where they are fetched to; ``None`` where one is missing.

    Raises :class:`~core.errors.ModelUnavailable` for files that are there and can't be right.
    """
    text, mmproj = _found(release, models_dir, data_dir)
    if text is None or mmproj is None:
        return None
    widths = [_check(text, _TEXT, release), _check(mmproj, _EYES, release)]
    if widths[0] != widths[1]:
        raise ModelUnavailable(
            f"{text.name} and {mmproj.name} don't belong together: one works with rows of {widths[0]}, "
            f"the other of {widths[1]}.",
            _again(release),
        )
    return ModelFiles(release, text, mmproj, _version(text, mmproj))


def missing_files(release: Release, models_dir: Path | None, data_dir: Path) -> list[str]:
    """The names of what is not here, as the hub has them. Raises as :func:`find_files` does."""
    names = (release.text[0], release.mmproj[0])
    return [name for name, path in zip(names, _found(release, models_dir, data_dir), strict=True) if path is None]


def own_folder(release: Release, data_dir: Path) -> Path:
    """Where a model is fetched to."""
    return data_dir / "models" / release.name


def verify(files: ModelFiles) -> None:
    """Read both files whole and compare them with what the hub said when they were fetched; files that were brought by
    hand have nothing to be compared with. Raises ``ModelUnavailable``."""
    for path in (files.text, files.mmproj):
        expected = expected_checksum(path)
        if expected is not None and checksum(path) != expected:
            raise ModelUnavailable(f"{path.name} has changed since it was fetched.", _again(files.release))


def checksum(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def expected_checksum(path: Path) -> str | None:
    """What the hub said of a file when it was fetched."""
    note = path.with_name(path.name + _CHECKSUM)
    return note.read_text(encoding="ascii").strip() if note.is_file() else None


def note_checksum(path: Path, value: str) -> None:
    """Write down what the hub said of a file."""
    path.with_name(path.name + _CHECKSUM).write_text(f"{value}\n", encoding="ascii")


def _found(release: Release, models_dir: Path | None, data_dir: Path) -> list[Path | None]:
    """Text and eyes. A copy of the folder that a model was fetched to may stand in ``models_dir``, too."""
    given = [models_dir, models_dir / release.name] if models_dir is not None else []
    folders = [_models_in(folder) for folder in (*given, own_folder(release, data_dir))]
    return [_first(folders, names) for names in (release.text, release.mmproj)]


def _models_in(folder: Path) -> Mapping[str, Path]:
    """By name in small letters: case is how the hub writes it, or not."""
    try:
        return {path.name.lower(): path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".gguf"}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ModelUnavailable(f"{folder} can't be read: {error.strerror}.", _LET_US) from error


def _first(folders: Sequence[Mapping[str, Path]], names: tuple[str, ...]) -> Path | None:
    """The first of ``names`` that is in a folder, else the same in weights of another kind."""
    beginning = names[0].rpartition("-")[0].lower() + "-"
    for found in folders:
        others = (name for name in found if name.startswith(beginning))
        for name in (*(name.lower() for name in names), *others):
            if name in found:
                return found[name]
    return None


def _check(path: Path, expected: tuple[str, str], release: Release) -> int:
    """The width of a file's rows, after a look at its head and its end. llama.cpp notices a cut file when it loads it,
    a file of another model only at the first picture."""
    from gguf import GGUFReader

    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise ModelUnavailable(f"{path.name} can't be read: {error.strerror}.", _LET_US) from error
    if begins != _MAGIC:
        raise ModelUnavailable(f"{path.name} is no model file: it does not begin as one.", _again(release))
    try:
        reader = GGUFReader(str(path))
        end = max(int(tensor.data_offset) + int(tensor.n_bytes) for tensor in reader.tensors)
        fields: dict[str, Any] = {name: field.contents() for name, field in reader.fields.items()}
    except (ValueError, IndexError, KeyError, OverflowError, TypeError, MemoryError, struct.error, OSError) as error:
        raise ModelUnavailable(f"{path.name} is cut short or damaged.", _again(release)) from error
    if end > path.stat().st_size:
        raise ModelUnavailable(f"{path.name} is cut short.", _again(release))
    architecture, width = expected
    if fields.get("general.architecture") != architecture or width not in fields:
        raise ModelUnavailable(f"{path.name} is not what its name says.", _again(release))
    if fields.get("clip.projector_type", _PROJECTOR) != _PROJECTOR:
        raise ModelUnavailable(f"{path.name} holds the eyes of another model.", _again(release))
    return int(fields[width])


def _version(text: Path, mmproj: Path) -> str:
    """By the hub's checksums, else by size and time: enough to tell that a file was replaced."""
    said = [
        expected_checksum(path) or f"{path.name}{path.stat().st_size}{path.stat().st_mtime_ns}"
        for path in (text, mmproj)
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]


def _again(release: Release) -> str:
    return f"Fetch it again (flask --app flask_app models pull {release.name}), or replace it in MODELS_DIR."
