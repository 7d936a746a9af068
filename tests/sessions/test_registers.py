"""A register that changes while the program runs: new questions use it, runs under way keep the one they began with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from analyzer.models.scripted import ScriptedModel
from core.errors import Conflict
from sessions.site import Site, Sites
from storage.conversations import ConversationStore
from storage.database import Database
from storage.observations import SCHEMA, ObservationStore
from storage.register import EMPTY_REGISTER, Register
from storage.state import open_state
from tests.conftest import MemorySource
from tests.sessions.changed_child import PICTURES, QUESTION
from tests.sessions.desk import REGISTER, ZONE, open_desk
from tests.sessions.test_conversations import answered, await_event, by_number

ROOT = Path(__file__).parents[2]


def sheet(path: Path, word: str) -> Path:
    rows = [f"cam-{n},{word} Gate {n},{10 + n},20\n" for n in range(4)]
    path.write_text("Camera,Location,Lat,Lon\n" + "".join(rows))
    return path


def start(data: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.sessions.changed_child", str(data)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_a_run_killed_after_the_register_changed_goes_on_with_the_register_it_began_with(tmp_path: Path) -> None:
    """Parity S2.16: re-upload during a run, and ``kill -9`` of that run."""
    sheet(tmp_path / "a.csv", "Old")
    sheet(tmp_path / "b.csv", "New")
    child = start(tmp_path)
    assert child.stdout is not None
    assert child.stdout.readline() == "changed\n"
    assert child.stdout.readline().strip().isdecimal()
    child.kill()
    child.wait()
    child.stdout.close()
    (tmp_path / "a.csv").write_text("not even a sheet")
    (tmp_path / "b.csv").unlink()
    output, _ = start(tmp_path).communicate(timeout=120)
    assert output.splitlines()[-1] == "finished"

    engine = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    store = ConversationStore(engine)
    begun = [store.messages(session.id)[0] for session in store.sessions()]
    engine.dispose()
    assert [message.text for message in begun] == [QUESTION, QUESTION]
    database = Database(tmp_path / "observations", SCHEMA)
    seen = [list(ObservationStore(database).all(message.run_id or "")) for message in sorted(begun, key=lambda m: m.id)]
    database.close()
    assert [len(run) for run in seen] == [PICTURES, PICTURES]
    assert {one.location for one in seen[0]} == {f"Old Gate {n}" for n in range(4)}
    assert {one.location for one in seen[1]} == {f"New Gate {n}" for n in range(4)}
    assert {one.picture_id for one in seen[0]} == {one.picture_id for one in seen[1]}


def test_new_questions_starters_and_pages_follow_at_once(tmp_path: Path, database: Database) -> None:
    model = ScriptedModel(by_number, workers=4)
    desk = open_desk(tmp_path, MemorySource(8), model, database=database, sheet=sheet(tmp_path / "a.csv", "Old"))
    before = answered(desk, "How many people are at Old Gate 1?")
    assert before.row.plan["scope"]["locations"] == ["Old Gate 1"]
    with desk.bus.subscribe() as heard:
        desk.change_register(sheet(tmp_path / "b.csv", "New"))
        event = await_event(heard.receive, lambda each: each.type == "site")
    assert event.data["register"] == "b.csv"
    after = answered(desk, "How many people are at New Gate 1?")
    assert after.row.plan["scope"]["locations"] == ["New Gate 1"]
    assert {place.viewpoint.location for place in desk.conversations.places(after.id)} == {"New Gate 1"}
    assert {place.viewpoint.location for place in desk.conversations.places(before.id)} == {"Old Gate 1"}
    assert desk.registers is not None
    desk.conversations.settle(desk.registers.put_back())
    assert desk.registers.register.name == "a.csv"
    desk.close()


def test_a_register_that_is_kept_nowhere_is_a_clear_conflict() -> None:
    sites = Sites(Site(MemorySource(1), REGISTER, ZONE))
    assert sites.of(None) is sites.now
    assert sites.of(REGISTER.version) is sites.now
    with pytest.raises(Conflict, match="no longer kept"):
        sites.of("gone")
    sites.change(Site(MemorySource(1), EMPTY_REGISTER, ZONE))
    assert sites.now.register.name == ""


def test_a_sheet_given_in_the_page_outlives_the_program_and_one_that_is_lost_is_told(
    tmp_path: Path, database: Database
) -> None:
    model, given = ScriptedModel(by_number), sheet(tmp_path / "a.csv", "Old")

    def registered(after: str | None = None) -> Register:
        desk = open_desk(tmp_path, MemorySource(1), model, database=database, sheet=given)
        if after:
            desk.change_register(sheet(tmp_path / after, "New"))
        desk.close()
        assert desk.registers is not None
        return desk.registers.register

    assert registered(after="b.csv").name == "b.csv"
    assert registered().name == "b.csv"
    for path in (tmp_path / "registers").glob("*"):
        path.unlink()
    lost = registered()
    assert (lost.name, lost.placed) == ("a.csv", 4)
    assert [(problem.code, problem.value) for problem in lost.problems] == [("register_unreadable", "b.csv")]
