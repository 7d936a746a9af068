"""Who owns a data folder: one process at a time, since the embedded databases allow one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from core.errors import StoreUnavailable


class Ownership:
    """A lock on a folder, held until :meth:`close` or the end of the process, however that comes.

    The lock is on the open file, not on its existence: after ``kill -9`` nothing is left to clean up. The file stays
    where it is, since removing it would let two processes hold locks on two files of the same name.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "owner.lock"
        self._descriptor: int | None = None

    def start(self) -> None:
        """Become the owner. Raises :class:`~core.errors.StoreUnavailable` with the first owner's pid."""
        if self._descriptor is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnavailable(
                f"The data folder {self._path.parent} can't be written: {error.strerror}.", "Set DATA_DIR to another."
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreUnavailable(
                f"The data folder {self._path.parent} is in use by the Sightline with process id {owner}.",
                "Use that one, stop it first, or set DATA_DIR to another folder.",
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def close(self) -> None:
        """Let go of the folder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
