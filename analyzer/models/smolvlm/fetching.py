"""Fetching a SmolVLM from the Hugging Face hub: resumed where it was broken off, checked, and told as it goes.

The library says where a file is, how large, and what its SHA-256 must be; the bytes are read here. Its own download
keeps nothing of what came before the line broke, and two gigabytes are not to be fetched twice.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analyzer.models.smolvlm.files import Release, checksum, note_checksum, own_folder
from core.errors import ModelUnavailable

# Bytes that are here, bytes in all; 0 in all while the hub has not said.
Progress = Callable[[int, int], None]
_SHA256_LENGTH = 64
_CHUNK_BYTES = 64 * 1024
# Without a byte for so long the line is taken for broken; after so many breaks without a byte between them it is.
_SILENT_S, _TRIES, _BETWEEN_S = 20.0, 5, 1.0
_PARTIAL = 206
_REFUSALS = {
    401: "is not open to everybody",
    403: "is not open to everybody",
    404: "is not there",
    429: "was asked for too often; wait some minutes",
}
_OTHER_DISK = "Make room, or set DATA_DIR to a folder that can be written."


class Stopped(ModelUnavailable):
    """Fetching was stopped; what has come is kept for the next try."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file on the hub and where it goes: first into ``part``, whose name holds what it must become."""

    url: str
    path: Path
    sha256: str
    size_bytes: int

    @property
    def part(self) -> Path:
        return self.path.with_name(f"{self.path.name}.{self.sha256[:16]}.part")

    @property
    def is_here(self) -> bool:
        right_size = self.path.is_file() and self.path.stat().st_size == self.size_bytes
        return right_size and checksum(self.path) == self.sha256

    @property
    def done_bytes(self) -> int:
        """What came of it before."""
        return self.part.stat().st_size if self.part.is_file() else 0


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
    with _explained(release), _alone(folder):
        files = [_on_the_hub(release, name, folder, endpoint) for name in (release.text[0], release.mmproj[0])]
        meter = _Meter(progress, stopped, sum(file.size_bytes for file in files))
        missing = [file for file in files if not file.is_here]
        _check_space(folder, sum(file.size_bytes - file.done_bytes for file in missing))
        for file in files:
            if file in missing:
                _fetch_one(file, release, meter)
            note_checksum(file.path, file.sha256)
            meter.finished(file.size_bytes)
    return files[0].path, files[1].path


def _on_the_hub(release: Release, name: str, folder: Path, endpoint: str | None) -> _File:
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    url = hf_hub_url(release.repository, name, endpoint=endpoint)
    found = get_hf_file_metadata(url, endpoint=endpoint, token=False)
    if not found.etag or len(found.etag) != _SHA256_LENGTH or not found.size:
        raise ModelUnavailable(f"The hub gives no checksum for {name}.", _by_hand(release))
    return _File(url, folder / name, found.etag, found.size)


def _fetch_one(file: _File, release: Release, meter: _Meter) -> None:
    for left in file.path.parent.glob(f"{file.path.name}.*.part"):
        if left != file.part:  # the hub has another file by now
            left.unlink()
    _complete(file, release, meter)
    if checksum(file.part) != file.sha256:
        file.part.unlink()
        raise ModelUnavailable(f"{file.path.name} did not come as the hub has it.", _by_hand(release))
    file.part.replace(file.path)


def _complete(file: _File, release: Release, meter: _Meter) -> None:
    """Read on where ``part`` ends until all is there; a line that breaks is taken up again while something comes."""
    from httpx2 import TransportError

    left = _TRIES
    while (before := file.done_bytes) < file.size_bytes:
        meter.tell(before)
        try:
            _read_on(file, before, release, meter)
        except TransportError:
            left = _TRIES if file.done_bytes > before else left - 1
            if not left:
                raise
            time.sleep(_BETWEEN_S)


def _read_on(file: _File, start: int, release: Release, meter: _Meter) -> None:
    from httpx2 import ReadError
    from huggingface_hub import get_session

    asked = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    with get_session().stream("GET", file.url, headers=asked, timeout=_SILENT_S) as reply:
        reply.raise_for_status()
        if not _is_the_file(reply.headers, file.size_bytes):
            raise ModelUnavailable(f"Something else came in the place of {file.path.name}.", _by_hand(release))
        # A server that knows no ranges sends all of it again.
        start = start if reply.status_code == _PARTIAL else 0
        with file.part.open("r+b" if start else "wb") as part:
            part.seek(start)
            for chunk in reply.iter_bytes(_CHUNK_BYTES):
                part.write(chunk[: file.size_bytes - part.tell()])
                meter.tell(part.tell())
            if part.tell() < file.size_bytes:
                raise ReadError("the line ended early")


def _is_the_file(headers: Mapping[str, str], size_bytes: int) -> bool:
    """Not a network's own page, nor another version of the file: neither may overwrite what has come."""
    whole = headers.get("Content-Range", "").rpartition("/")[2] or headers.get("Content-Length", "")
    return whole in ("", "*", str(size_bytes)) and "text/html" not in headers.get("Content-Type", "")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that fetch the same files would write into each other's; the kernel lets go with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelUnavailable("The model is being fetched already.", "Wait until that has ended.") from None
        yield


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed * 1.05:
        raise ModelUnavailable(
            f"The disk has {free / 1e9:.1f} GB left, and the model needs {needed / 1e9:.1f} GB.", _OTHER_DISK
        )


class _Meter:
    """Says how much of all files is here, and ends the fetching when it is told to."""

    def __init__(self, progress: Progress, stopped: Callable[[], bool], total: int) -> None:
        self._progress = progress
        self._stopped = stopped
        self._before = 0
        self._total = total
        self.tell(0)

    def finished(self, size: int) -> None:
        """A file is whole."""
        self._before += size
        self._progress(self._before, self._total)

    def tell(self, done: int) -> None:
        """So many bytes of the present file are here."""
        if self._stopped():
            raise Stopped("Fetching the model was stopped.", "What has come is kept; it goes on at the next try.")
        self._progress(self._before + done, self._total)


@contextmanager
def _explained(release: Release) -> Iterator[None]:
    """The library's errors, and the disk's, as one sentence."""
    from httpx2 import HTTPError, HTTPStatusError  # what huggingface_hub speaks HTTP with
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        yield
    except (HfHubHTTPError, HTTPStatusError) as error:
        status = error.response.status_code
        says = _REFUSALS.get(status, "can't be had now")
        raise ModelUnavailable(f"The hub answered {status}: {release.repository} {says}.", _by_hand(release)) from error
    except (HTTPError, OfflineModeIsEnabled) as error:
        raise ModelUnavailable("The hub can't be reached, or the line broke.", _by_hand(release)) from error
    except OSError as error:
        raise ModelUnavailable(f"The model can't be written: {error.strerror or error}.", _OTHER_DISK) from error


def _by_hand(release: Release) -> str:
    return (
        f"Try again; or put {release.text[0]} and {release.mmproj[0]} "
        f"from {release.repository} into MODELS_DIR by hand."
    )
