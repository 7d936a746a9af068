"""Pictures as a browser may be given them: their real format, and a small JPEG made once and kept.

What the bytes say counts, never the name; what can't be decoded whole is not shown as if it could.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from storage.decoding import MAX_PIXELS, check, thumbnail

_log = logging.getLogger(__name__)
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "BMP": "image/bmp"}
_WIDTH_PX = 480


def content_type(content: bytes, max_pixels: int = MAX_PIXELS) -> str:
    """The media type of a picture, by its bytes. Raises :class:`~core.errors.PictureUnreadable` for what is no
    picture, ends early, or would fill a browser's memory; no pixel is decoded."""
    return _TYPES[check(content, max_pixels).format]


def content_tag(content: bytes) -> str:
    """A name for exactly these bytes; the key of a thumbnail and of a browser's copy."""
    return blake2b(content, digest_size=16).hexdigest()


class Thumbnails:
    """Makes JPEGs of at most 480 pixels' width and keeps them in ``folder``, under the content they were made from.

    ``at_once`` bounds the decoding, so that a wall of pictures leaves the processor to the run that is answering;
    ``budget_bytes`` bounds the folder: beyond it the oldest leave. A picture of more than ``max_pixels`` is refused.
    """

    def __init__(
        self, folder: Path, at_once: int = 2, budget_bytes: int = 500_000_000, max_pixels: int = MAX_PIXELS
    ) -> None:
        self.max_pixels = max_pixels
        self._folder = folder
        self._turns = threading.BoundedSemaphore(at_once)
        self._budget_bytes = budget_bytes
        self._kept_bytes: int | None = None  # unknown until the first is kept
        self._books = threading.Lock()

    def of(self, content: bytes) -> bytes:
        """The thumbnail of a picture. Raises :class:`~core.errors.PictureUnreadable`."""
        path = self._path(content_tag(content))
        kept = _read(path)
        if kept:
            return kept
        with self._turns:
            kept = _read(path)  # another may have made it while this one waited
            if kept:
                return kept
            made = thumbnail(content, _WIDTH_PX, self.max_pixels)
            self._keep(path, made)
        return made

    def _path(self, tag: str) -> Path:
        return self._folder / tag[:2] / f"{tag}.jpg"

    def _keep(self, path: Path, made: bytes) -> None:
        """A full disk costs the next reader some milliseconds, not this one the picture."""
        unfinished = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(made)
            unfinished.replace(path)
        except OSError as error:
            _log.warning("a thumbnail can't be kept: %s", error.strerror)
            return
        self._count(len(made))

    def _count(self, size_bytes: int) -> None:
        with self._books:
            if self._kept_bytes is None:
                self._kept_bytes = sum(size for _, size, _ in self._all())
            else:
                self._kept_bytes += size_bytes
            if self._kept_bytes > self._budget_bytes:
                self._kept_bytes = self._make_room()

    def _make_room(self) -> int:
        """Remove the oldest until a tenth of the budget is free; returns what is left, in bytes."""
        files = sorted(self._all())
        left = sum(size for _, size, _ in files)
        for _, size, path in files:
            if left <= self._budget_bytes * 0.9:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left

    def _all(self) -> Iterator[tuple[int, int, Path]]:
        """When each file was made, its size and its path; what a killed process left unfinished is among them."""
        for path in self._folder.glob("??/*"):
            try:
                status = path.stat()
            except OSError:  # it has just been finished or removed
                continue
            yield status.st_mtime_ns, status.st_size, path


def _read(path: Path) -> bytes:
    """What is kept; nothing where it isn't made yet, or was lost with the power before it reached the disk."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
