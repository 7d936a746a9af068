"""Room on the disk: a warning while there is some, a clear stop before there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from storage.room import LOW_BYTES, RESERVE_BYTES, Room


def test_plenty_is_not_mentioned(tmp_path: Path) -> None:
    room = Room(tmp_path, lambda _: LOW_BYTES)
    room.check()
    assert room.warning() is None
    assert (Room(tmp_path).left_bytes() or 0) > 0


def test_little_is_a_warning(tmp_path: Path) -> None:
    room = Room(tmp_path, lambda _: 123_000_000)
    room.check()
    assert room.warning() == "The disk that holds DATA_DIR is nearly full: 123 MB are left. Make room."


def test_too_little_stops_work_in_time(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"DATA_DIR is full: 50 MB are left\. What was found so far is kept"):
        Room(tmp_path, lambda _: RESERVE_BYTES - 1).check()


def test_a_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    room = Room(tmp_path / "later")
    room.check()
    assert (room.left_bytes(), room.warning()) == (None, None)
