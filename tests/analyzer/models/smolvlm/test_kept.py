"""Encoded pictures on disk and states in memory stay within their limits, and damage is never taken for a picture."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from analyzer.models.smolvlm.kept import Encoded, State, StateCache, TileStore

WIDTH = 8
ONE = 4 + 64 * WIDTH * 2


def encoded(value: float = 1.0, rows: int = 0, columns: int = 0) -> Encoded:
    return Encoded(rows, columns, np.full((rows * columns + 1, 64, WIDTH), value, np.float16))


def digest(number: int) -> str:
    return f"{number:064x}"


def test_what_was_put_is_there_after_a_restart_with_its_grid(tmp_path: Path) -> None:
    TileStore(tmp_path, "k", WIDTH, 10**6).put(digest(1), encoded(0.5, 3, 4))
    found = TileStore(tmp_path, "k", WIDTH, 10**6).get(digest(1))
    assert found is not None
    assert (found.rows, found.columns, found.values.shape) == (3, 4, (13, 64, WIDTH))
    assert (found.values == 0.5).all()


def test_another_model_or_version_sees_nothing_of_it(tmp_path: Path) -> None:
    TileStore(tmp_path, "smolvlm-500m-a", WIDTH, 10**6).put(digest(1), encoded())
    assert TileStore(tmp_path, "smolvlm-500m-b", WIDTH, 10**6).get(digest(1)) is None


def test_models_that_were_tried_before_share_the_limit(tmp_path: Path) -> None:
    earlier = TileStore(tmp_path, "smolvlm-256m", WIDTH, 10 * ONE)
    for number in range(8):
        earlier.put(digest(number), encoded())
        path = next(tmp_path.rglob(digest(number)))
        os.utime(path, (1000 + number, 1000 + number))
    now = TileStore(tmp_path, "smolvlm-500m", WIDTH, 10 * ONE)
    for number in range(6):
        now.put(digest(number), encoded())
    assert now.size_bytes <= 10 * ONE
    assert all(now.get(digest(number)) for number in range(6))
    left = [path.name for path in (tmp_path / "smolvlm-256m").rglob("*") if path.is_file()]
    assert sorted(left) == [digest(number) for number in range(4, 8)]


def test_ten_thousand_pictures_stay_within_the_limit_and_the_oldest_leave_first(tmp_path: Path) -> None:
    limit = 100 * ONE + 7
    store = TileStore(tmp_path, "k", WIDTH, limit)
    for number in range(10_000):
        store.put(digest(number), encoded())
        if number == 9_950:
            assert store.get(digest(9_851)) is not None  # asked for again, so it stays while older ones leave
    assert store.size_bytes <= limit
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) == store.size_bytes
    assert len(store) == 100
    assert store.get(digest(9_999)) is not None
    assert store.get(digest(9_851)) is not None
    assert store.get(digest(9_890)) is None


def test_the_order_survives_a_restart(tmp_path: Path) -> None:
    store = TileStore(tmp_path, "k", WIDTH, 10 * ONE)
    for number in range(10):
        store.put(digest(number), encoded())
        path = next(tmp_path.rglob(digest(number)))
        os.utime(path, (1000 + number, 1000 + number))
    store.get(digest(0))
    again = TileStore(tmp_path, "k", WIDTH, 10 * ONE)
    again.put(digest(10), encoded())
    assert again.get(digest(0)) is not None
    assert again.get(digest(1)) is None


@pytest.mark.parametrize("raw", [b"", b"\0", b"\0" * 100, b"\xff" * ONE])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, raw: bytes) -> None:
    store = TileStore(tmp_path, "k", WIDTH, 10**6)
    store.put(digest(1), encoded())
    next(tmp_path.rglob(digest(1))).write_bytes(raw)
    assert store.get(digest(1)) is None


def test_a_file_that_somebody_deleted_is_as_good_as_none(tmp_path: Path) -> None:
    store = TileStore(tmp_path, "k", WIDTH, 10**6)
    store.put(digest(1), encoded())
    next(tmp_path.rglob(digest(1))).unlink()
    assert store.get(digest(1)) is None


def test_what_a_dead_process_left_half_written_is_swept_up(tmp_path: Path) -> None:
    left = tmp_path / "k" / "ab" / f"{digest(1)}.123.part"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    assert len(TileStore(tmp_path, "k", WIDTH, 10**6)) == 0
    assert not left.exists()


def test_states_leave_least_recently_used_first_and_one_that_never_fits_is_not_kept() -> None:
    cache = StateCache(300)
    for name in "abc":
        cache.put(name, State(b"x" * 100, 70))
    cache.get("a")
    cache.put("d", State(b"x" * 100, 70))
    assert [name for name in "abcd" if name in cache] == ["a", "c", "d"]
    cache.put("e", State(b"x" * 301, 70))
    assert "e" not in cache
    assert cache.size_bytes == 300
