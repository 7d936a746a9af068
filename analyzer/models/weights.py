"""The detector's weights: found on this machine, or fetched once from their official release, and checked either way.

A wrong file is never loaded: a model that quietly isn't the one that was measured would make every figure untrue.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

from core.errors import ModelUnavailable

NAME = "yolox_nano.onnx"
URL = "https://github.com/Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0/yolox_nano.onnx"
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Release:
    """What is fetched. ``others`` are checksums of other exports of the same network, good where found by hand."""

    url: str
    size_bytes: int
    sha256: str
    others: frozenset[str] = frozenset()


YOLOX_NANO = Release(
    url=URL,
    size_bytes=3_659_407,
    sha256="c789161ed43c8269fcd4e67c67eeeb4e80c622da2eb296a20bc6007bd18a0b7d",
    others=frozenset({"d39bee73564e338080378b0ad567fbb40e818b55bbfaf971de82a0267ed16b8a"}),
)
_BY_HAND = f"Or put {NAME} from {URL} into MODELS_DIR by hand."


def find_weights(models_dir: Path | None, data_dir: Path, release: Release = YOLOX_NANO) -> Path | None:
    """Weights already on this machine: in ``models_dir``, else where :func:`fetch_weights` puts them; ``None`` when
    there are none.

    Raises :class:`ModelUnavailable` when ``models_dir`` holds only files that aren't this network. A damaged file of
    our own is passed over, since it is fetched again.
    """
    refused: ModelUnavailable | None = None
    for path in sorted(models_dir.glob("yolox_nano*.onnx")) if models_dir else ():
        found = _checksum(path)
        if found in {release.sha256, *release.others}:
            return path
        refused = ModelUnavailable(
            f"{path.name} isn't the detector's file: its SHA-256 is {found}, expected was {release.sha256}.",
            f"Replace it by {release.url}, or take it out of MODELS_DIR.",
        )
    if refused:
        raise refused
    own = data_dir / "models" / NAME
    return own if own.is_file() and _checksum(own) == release.sha256 else None


def fetch_weights(
    data_dir: Path,
    release: Release = YOLOX_NANO,
    *,
    timeout_s: float = 20.0,
    deadline_s: float = 300.0,
    stop: threading.Event | None = None,
) -> Path:
    """Fetch the release into ``data_dir/models`` and return its path; the file appears whole or not at all.

    ``timeout_s`` is how long the server may be silent, ``deadline_s`` how long all may take. Raises
    :class:`ModelUnavailable` with what went wrong.
    """
    folder = data_dir / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{NAME}.*.part"):  # of a process that was killed while fetching
        with suppress(OSError):
            left.unlink()
    handle, name = tempfile.mkstemp(prefix=f"{NAME}.", suffix=".part", dir=folder)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            digest, size = hashlib.sha256(), 0
            for chunk in _stream(release, timeout_s, deadline_s, stop or threading.Event()):
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            file.flush()
            os.fsync(file.fileno())
        _check(release, size, digest.hexdigest())
        return part.replace(folder / NAME)
    except OSError as error:
        raise ModelUnavailable(f"The detector's file can't be written: {error}.", _BY_HAND) from error
    finally:
        part.unlink(missing_ok=True)


def _stream(release: Release, timeout_s: float, deadline_s: float, stop: threading.Event) -> Iterator[bytes]:
    """The server's bytes as they come, never more than one chunk beyond the expected size."""
    ends = time.monotonic() + deadline_s
    if urlsplit(release.url).scheme not in ("https", "http"):
        raise ModelUnavailable("The detector's file is fetched over https only.", _BY_HAND)
    request = urllib.request.Request(release.url, headers={"User-Agent": "sightline"})  # noqa: S310 - checked above
    size = 0
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
            # read1 hands over what has arrived: read would wait for a full chunk, and a server that sends a byte now
            # and then would never meet the deadline.
            while size <= release.size_bytes and (chunk := response.read1(_CHUNK)):
                if stop.is_set():
                    raise ModelUnavailable(
                        "Fetching the detector's file was stopped.", "It is fetched at the next start."
                    )
                if time.monotonic() > ends:
                    raise TimeoutError(f"not finished after {deadline_s:.0f} s")
                size += len(chunk)
                yield chunk
    except (OSError, HTTPException) as error:
        host = urlsplit(release.url).hostname
        raise ModelUnavailable(
            f"The detector's file isn't here and can't be fetched from {host} ({_why(error)}).",
            f"It is tried again at the next start. {_BY_HAND}",
        ) from error


def _why(error: OSError | HTTPException) -> str:
    """What the system says, without Python's own words around it."""
    if isinstance(error, HTTPError):
        return f"{error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)


def _check(release: Release, size: int, checksum: str) -> None:
    if size < release.size_bytes:
        raise ModelUnavailable(
            f"The detector's file came cut short: {size:,} of {release.size_bytes:,} bytes.",
            f"It is fetched again at the next start. {_BY_HAND}",
        )
    if checksum != release.sha256:
        raise ModelUnavailable(
            f"What came isn't the detector's file: its SHA-256 is {checksum}, expected was {release.sha256}.",
            f"Something between here and the release changes files. {_BY_HAND}",
        )


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"unknown ({error.strerror})"
