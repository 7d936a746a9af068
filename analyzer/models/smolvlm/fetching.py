"""Fetching a SmolVLM from the Hugging Face hub: resumed where it was broken off, checked, and told as it goes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analyzer.models.smolvlm.files import Release, checksum, note_checksum, own_folder
from core.errors import ModelUnavailable

# Bytes that are here, bytes in all; 0 in all while the hub has not said.
Progress = Callable[[int, int], None]
_SHA256_LENGTH = 64


class Stopped(ModelUnavailable):
    """Fetching was stopped; what has come is kept for the next try."""


def fetch(
    release: Release,
    data_dir: Path,
    progress: Progress = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
    endpoint: str | None = None,
) -> tuple[Path, Path]:
    """Fetch both files of ``release`` into its folder under ``data_dir``; returns their paths.

    ``endpoint`` takes the place of the hub's address, as HF_ENDPOINT does. Raises
    :class:`~core.errors.ModelUnavailable` with what went wrong; a file that came wrong is not left behind.
    """
    folder = own_folder(release, data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    names = (release.text[0], release.mmproj[0])
    meter = _Meter(progress, stopped)
    wanted = [_metadata(release, name, endpoint) for name in names]
    meter.total = sum(size for _, size in wanted)
    meter.tell(0)
    _check_space(folder, meter.total)
    paths = []
    for name, (expected, size) in zip(names, wanted, strict=True):
        path = folder / name
        if not (path.is_file() and path.stat().st_size == size and checksum(path) == expected):
            path = _fetch_one(release, name, folder, meter, endpoint)
            _check(path, expected, release)
        note_checksum(path, expected)
        meter.finished(size)
        paths.append(path)
    return paths[0], paths[1]


def _metadata(release: Release, name: str, endpoint: str | None) -> tuple[str, int]:
    """The SHA-256 and the size of a file, as the hub says."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    with _explained(release):
        found = get_hf_file_metadata(hf_hub_url(release.repository, name, endpoint=endpoint), endpoint=endpoint)
    if not found.etag or len(found.etag) != _SHA256_LENGTH or not found.size:
        raise ModelUnavailable(f"The hub gives no checksum for {name}.", _by_hand(release))
    return found.etag, found.size


def _fetch_one(release: Release, name: str, folder: Path, meter: _Meter, endpoint: str | None) -> Path:
    from huggingface_hub import hf_hub_download

    with _explained(release):
        return Path(
            hf_hub_download(
                release.repository, name, local_dir=folder, endpoint=endpoint, tqdm_class=meter.bar(), token=False
            )
        )


def _check(path: Path, expected: str, release: Release) -> None:
    if checksum(path) != expected:
        path.unlink()
        raise ModelUnavailable(f"{path.name} did not come as the hub has it.", _by_hand(release))


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed * 1.05:
        raise ModelUnavailable(
            f"The disk has {free / 1e9:.1f} GB left, and the model needs {needed / 1e9:.1f} GB.",
            "Make room, or set DATA_DIR to another disk.",
        )


class _Meter:
    """Adds up what the hub's own progress bars say, and stops them when it is told to."""

    def __init__(self, progress: Progress, stopped: Callable[[], bool]) -> None:
        self._progress = progress
        self._stopped = stopped
        self._before = 0
        self.total = 0

    def finished(self, size: int) -> None:
        """A file is whole."""
        self._before += size
        self._progress(self._before, self.total)

    def bar(self) -> Any:
        """A class that takes the place of tqdm's bar."""
        from tqdm.auto import tqdm

        meter = self

        class Bar(tqdm):  # type: ignore[misc]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **(kwargs | {"disable": True}))
                self.n = kwargs.get("initial", 0)

            def update(self, n: float | None = 1) -> None:
                self.n += n or 0
                meter.tell(int(self.n))

        return Bar

    def tell(self, done: int) -> None:
        """So many bytes of the present file are here."""
        if self._stopped():
            raise Stopped("Fetching the model was stopped.", "What has come is kept; it goes on at the next try.")
        self._progress(self._before + done, self.total)


@contextmanager
def _explained(release: Release) -> Iterator[None]:
    """The library's errors as one sentence."""
    from httpx2 import HTTPError  # what huggingface_hub speaks HTTP with
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except ModelUnavailable:
        raise
    except HfHubHTTPError as error:
        status = getattr(error.response, "status_code", "an error")
        raise ModelUnavailable(f"The hub answered {status} for {release.repository}.", _by_hand(release)) from error
    except (HTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError) as error:
        raise ModelUnavailable("The hub can't be reached, or the line broke.", _by_hand(release)) from error


def _by_hand(release: Release) -> str:
    return (
        f"Try again; or put {release.text[0]} and {release.mmproj[0]} "
        f"from {release.repository} into MODELS_DIR by hand."
    )
