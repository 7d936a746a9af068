"""Room on the disk under the data folder: how much is left, when to warn, and when to stop before it is too late."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.errors import StoreUnavailable

LOW_BYTES = 1_000_000_000
# Left alone, so that a run that stops for want of room can still be kept with what it found, and a person can tidy up.
RESERVE_BYTES = 50_000_000


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class Room:
    """The disk that holds ``folder``."""

    folder: Path
    free_bytes: Callable[[Path], int] = _free_bytes

    def left_bytes(self) -> int | None:
        """Bytes that may still be written; ``None`` where the folder is not there yet."""
        try:
            return self.free_bytes(self.folder)
        except OSError:
            return None

    def size_bytes(self) -> int | None:
        """Bytes that the whole disk holds; ``None`` where the folder is not there yet."""
        try:
            return shutil.disk_usage(self.folder).total
        except OSError:
            return None

    def warning(self) -> str | None:
        """A sentence once little is left."""
        left = self.left_bytes()
        if left is None or left >= LOW_BYTES:
            return None
        return f"The disk that holds DATA_DIR is nearly full: {left / 1e6:,.0f} MB are left. Make room."

    def check(self) -> None:
        """Raise :class:`~core.errors.StoreUnavailable` while something can still be written down."""
        left = self.left_bytes()
        if left is not None and left < RESERVE_BYTES:
            raise StoreUnavailable(
                f"The disk that holds DATA_DIR is full: {left / 1e6:,.0f} MB are left. What was found so far is kept.",
                "Make room, then press Continue.",
            )
