from __future__ import annotations

import os
import threading
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from core.errors import PictureUnreadable
from storage.thumbnails import Thumbnails


def picture(number: int, width: int = 960) -> bytes:
    stream = BytesIO()
    Image.effect_noise((width, 540), 30 + number).convert("RGB").save(stream, "JPEG")
    return stream.getvalue()


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*"), key=lambda path: path.stat().st_mtime_ns)


def test_a_thumbnail_is_small_and_made_once(tmp_path: Path) -> None:
    thumbnails, content = Thumbnails(tmp_path), picture(1)
    made = thumbnails.of(content)
    assert Image.open(BytesIO(made)).width == 480
    (file,) = kept(tmp_path)
    file.write_bytes(b"the kept one")
    assert thumbnails.of(content) == b"the kept one"
    assert Thumbnails(tmp_path).of(content) == b"the kept one"


def test_a_thumbnail_that_was_lost_with_the_power_is_made_again(tmp_path: Path) -> None:
    thumbnails, content = Thumbnails(tmp_path), picture(1)
    made = thumbnails.of(content)
    kept(tmp_path)[0].write_bytes(b"")
    assert thumbnails.of(content) == made
    assert kept(tmp_path)[0].read_bytes() == made


def test_the_oldest_leave_when_the_budget_is_spent(tmp_path: Path) -> None:
    contents = [picture(number) for number in range(6)]
    size = len(Thumbnails(tmp_path / "measured").of(contents[5]))
    folder = tmp_path / "kept"
    for start in (0, 3):  # the second time as after a restart, when nothing is known of what is there
        thumbnails = Thumbnails(folder, budget_bytes=size * 4)
        for number in range(start, start + 3):
            thumbnails.of(contents[number])
            os.utime(kept(folder)[-1], (number, number))
    assert sum(path.stat().st_size for path in kept(folder)) <= size * 4
    times = [path.stat().st_mtime for path in kept(folder)]
    assert times
    assert min(times) > 0
    assert max(times) == 5


def test_a_folder_that_cannot_be_written_costs_nobody_the_picture(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert Thumbnails(tmp_path / "file").of(picture(1)).startswith(b"\xff\xd8")


def test_a_broken_picture_has_no_thumbnail_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(PictureUnreadable):
        Thumbnails(tmp_path).of(picture(1)[:-2000])
    assert kept(tmp_path) == []


def test_many_may_ask_for_one_at_once(tmp_path: Path) -> None:
    thumbnails, content, got = Thumbnails(tmp_path), picture(1), []
    threads = [threading.Thread(target=lambda: got.append(thumbnails.of(content))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(got)) == 1
    assert len(kept(tmp_path)) == 1
