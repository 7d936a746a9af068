"""``kill -9`` in the middle of a run: it goes on by itself, every picture has one observation, little is paid twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from storage.conversations import ConversationStore
from storage.database import Database
from storage.observations import SCHEMA, ObservationStore
from storage.state import open_state
from tests.conftest import MemorySource
from tests.sessions.killed_child import PICTURES, WORKERS

KILLS = 20
ROOT = Path(__file__).parents[2]


def start(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sessions.killed_child", str(data)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def test_a_run_killed_twenty_times_ends_with_exactly_one_observation_of_each_picture(tmp_path: Path) -> None:
    chance = random.Random(14)
    for _ in range(KILLS):
        child = start(tmp_path)
        assert child.stdout is not None
        for _ in range(chance.randint(1, 3)):  # killed when this many groups have been stored
            line = child.stdout.readline()
            assert line.strip().isdecimal(), f"the run ended before its {KILLS} kills: {line!r}"
        child.kill()
        child.wait()
        child.stdout.close()
    last = start(tmp_path)
    output, _ = last.communicate(timeout=120)
    assert output.splitlines()[-1] == "finished"

    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    (session,) = ConversationStore(engine).sessions()
    (message,) = ConversationStore(engine).messages(session.id)
    engine.dispose()
    database = Database(tmp_path / "observations", SCHEMA)
    stored = [one.picture_id for one in ObservationStore(database).all(message.run_id or "")]
    database.close()
    source = MemorySource(PICTURES)
    assert sorted(stored) == sorted(source.picture(number).id for number in range(PICTURES))
    assert message.answer is not None
    assert message.answer["headline"] == "333 of 500 readable pictures show people: 1 on average, at most 2."
    calls = (tmp_path / "calls").read_text().split()
    assert PICTURES <= len(calls) <= PICTURES + WORKERS * KILLS
