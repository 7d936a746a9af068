"""One owner of a data folder at a time, told by its process id; a killed one leaves nothing to clean up."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import StoreUnavailable
from storage.ownership import Ownership

ROOT = Path(__file__).resolve().parents[2]
HOLD = "import sys; from pathlib import Path; from storage.ownership import Ownership; " + (
    "Ownership(Path(sys.argv[1])).start(); print('mine', flush=True); sys.stdin.read()"
)


def test_the_second_is_refused_with_the_firsts_process_id(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "mine\n"
    with pytest.raises(StoreUnavailable, match=f"process id {first.pid}"):
        Ownership(tmp_path).start()
    first.kill()
    first.communicate()
    mine = Ownership(tmp_path)
    mine.start()
    assert (tmp_path / "owner.lock").read_text().strip() == str(os.getpid())
    mine.close()


def test_what_is_let_go_can_be_taken(tmp_path: Path) -> None:
    first, second = Ownership(tmp_path / "new"), Ownership(tmp_path / "new")
    first.start()
    first.start()
    with pytest.raises(StoreUnavailable):
        second.start()
    first.close()
    second.start()
    second.close()
    second.close()


def test_the_file_is_the_owners_only(tmp_path: Path) -> None:
    mine = Ownership(tmp_path)
    mine.start()
    assert stat.S_IMODE((tmp_path / "owner.lock").stat().st_mode) == 0o600
    mine.close()


def test_a_folder_that_cant_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailable, match="can't be written"):
        Ownership(tmp_path / "file" / "data").start()
