"""A backup holds what was learnt and said, moves between SQLite and PostgreSQL, and trusts no archive."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import insert, select

from analyzer.models.scripted import ScriptedModel
from core.errors import Conflict, StoreUnavailable
from storage import state
from storage.backup import MANIFEST, Backup, one_moment
from storage.conversations import ConversationStore
from storage.event_log import EventLog
from storage.holdings import Holdings
from storage.observations import ObservationStore
from storage.restore import BackupUnusable, check_backup, restore
from tests.conftest import MORNING, MemorySource
from tests.postgresql import Cluster
from tests.sessions.desk import open_desk
from tests.sessions.test_conversations import answered

PERSON = {
    "id": "p1",
    "name": "Asha",
    "folded": "asha",
    "role": "operator",
    "password": "$argon2id$x",
    "created_at": MORNING.isoformat(),
}


def fill(holdings: Holdings) -> str:
    """An installation with a question answered over 24 pictures, a person and a sheet; returns the run's id."""
    model = ScriptedModel(lambda picture, ask: int(picture.content or b"") % 3)
    state_url = holdings.database_url
    holdings.folder.mkdir(exist_ok=True)
    desk = open_desk(holdings.folder, MemorySource(24), model, state_url=state_url)
    message = answered(desk, "How many people are at each location?")
    desk.close()
    engine = holdings.open_state()
    with engine.begin() as connection:
        connection.execute(insert(state.people).values(PERSON))
    engine.dispose()
    holdings.registers_folder.mkdir()
    (holdings.registers_folder / "ab12.xlsx").write_bytes(b"sheet")
    return message.row.run_id or ""


def take(holdings: Holdings, path: Path) -> Path:
    engine, database = holdings.open_state(), holdings.observations()
    try:
        Backup(engine, database, holdings.registers_folder, "0.1.0").write(path, MORNING)
    finally:
        database.close()
        engine.dispose()
    return path


def contents(holdings: Holdings, run_id: str) -> dict[str, object]:
    """What the rows come to, whichever database they lie in."""
    engine, database = holdings.open_state(), holdings.observations()
    with engine.connect() as connection:
        rows = {
            table.name: sorted(
                json.dumps(dict(row._mapping), sort_keys=True) for row in connection.execute(select(table))
            )
            for table in state.metadata.sorted_tables
            if table is not state.events
        }
    kept: dict[str, object] = {
        **rows,
        "last event": EventLog(engine).last_id(),
        "observations": [one.as_json() for one in ObservationStore(database).all(run_id)],
        "sights": sorted(database.select("SELECT * FROM sights FINAL")),
        "sheets": {path.name: path.read_bytes() for path in holdings.registers_folder.iterdir()},
    }
    database.close()
    engine.dispose()
    return kept


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound backup, of SQLite."""
    folder = tmp_path_factory.mktemp("sound")
    fill(Holdings(folder / "old"))
    return take(Holdings(folder / "old"), folder / "sound.zip")


@pytest.fixture
def backup(sound: Path, tmp_path: Path) -> Path:
    """That backup, beside a folder of the test's own."""
    return Path(shutil.copy(sound, tmp_path / "sound.zip"))


@pytest.mark.parametrize("kinds", ["sqlite sqlite", "sqlite postgresql", "postgresql sqlite"])
def test_what_is_restored_is_what_was_there(kinds: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    def url(kind: str) -> str:
        if kind == "sqlite":
            return ""
        running: Cluster = request.getfixturevalue("postgresql")
        return running.database()

    old, new = (Holdings(tmp_path / n, url(kind)) for n, kind in zip(("old", "new"), kinds.split(), strict=True))
    run_id = fill(old)
    path = take(old, tmp_path / "all.zip")
    restored = restore(path, new, MORNING)
    assert contents(new, run_id) == contents(old, run_id)
    assert restored.replaced is None
    assert restored.summary.rows("observations/observations.parquet") == 24
    engine = new.open_state()
    last = EventLog(engine).last_id()
    assert EventLog(engine).append("run", None, {}, MORNING).id > last
    assert EventLog(engine).after(1, 10) is None  # a page that heard the old events loads the state again
    engine.dispose()
    assert sorted(path.name for path in new.folder.iterdir() if not path.name.startswith("state.db")) == [
        "observations",
        "registers",
    ]


def test_a_backup_is_for_its_owner_and_holds_no_key_and_no_picture(backup: Path) -> None:
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with zipfile.ZipFile(backup) as archive:
        names = set(archive.namelist())
    tables = {f"state/{table.name}.jsonl" for table in state.metadata.sorted_tables}
    parquet = {"observations/sights.parquet", "observations/observations.parquet"}
    assert names == tables | parquet | {"registers/ab12.xlsx", MANIFEST}
    assert list(backup.parent.glob(".sightline-backup-*")) == []


def test_a_file_that_is_there_is_not_written_over(backup: Path, tmp_path: Path) -> None:
    before = backup.read_bytes()
    with pytest.raises(Conflict, match="is there already"):
        take(Holdings(tmp_path / "empty"), backup)
    assert backup.read_bytes() == before


def test_a_backup_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="can't be written: No such file"):
        take(Holdings(tmp_path / "empty"), tmp_path / "nowhere" / "x.zip")


def test_the_state_is_copied_as_it_was_at_one_moment(state_url: str) -> None:
    engine = state.open_state(state_url)
    log = EventLog(engine)
    log.append("run", None, {}, MORNING)
    with one_moment(engine) as connection:
        connection.execute(select(state.people)).all()
        log.append("run", None, {}, MORNING)
        assert len(connection.execute(select(state.events)).all()) == 1
    assert log.last_id() == 2
    engine.dispose()


def test_what_is_deleted_meanwhile_is_whole_in_the_backup(tmp_path: Path) -> None:
    """The state is copied first: the observations that it refers to must not go before they are copied too."""
    old, new = Holdings(tmp_path / "old"), Holdings(tmp_path / "new")
    run_id = fill(old)
    engine, database = old.open_state(), old.observations()
    (session,) = ConversationStore(engine).sessions()

    def delete() -> None:
        ObservationStore(database).forget(ConversationStore(engine).delete_session(session.id))

    deleting = threading.Thread(target=delete)

    def begun() -> bool:
        if not deleting.ident:
            deleting.start()
        return False

    Backup(engine, database, old.registers_folder, "0.1.0", begun).write(tmp_path / "all.zip", MORNING)
    deleting.join()
    assert list(ObservationStore(database).all(run_id)) == []
    database.close()
    engine.dispose()
    restore(tmp_path / "all.zip", new, MORNING)
    kept = contents(new, run_id)
    assert len(cast("list[str]", kept["sessions"])) == 1
    assert len(cast("list[str]", kept["observations"])) == 24


def test_data_that_are_there_are_left_alone_or_put_aside(backup: Path, tmp_path: Path) -> None:
    there = Holdings(tmp_path / "there")
    fill(there)
    before = (there.folder / "state.db").read_bytes()
    with pytest.raises(Conflict, match="There are data here already"):
        restore(backup, there, MORNING)
    assert (there.folder / "state.db").read_bytes() == before
    restored = restore(backup, there, MORNING, force=True)
    assert restored.replaced is not None
    assert (restored.replaced / "state.db").read_bytes() == before
    assert (restored.replaced / "observations").is_dir()


Change = Callable[[dict[str, bytes]], dict[str, bytes]]


def rewritten(path: Path, change: Change) -> Path:
    """The same backup with other members."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    worse = path.with_name("worse.zip")
    with zipfile.ZipFile(worse, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in change(members).items():
            archive.writestr(name, content)
    return worse


def manifest(**changes: object) -> Change:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        return members | {MANIFEST: json.dumps(json.loads(members[MANIFEST]) | changes).encode()}

    return change


def renamed(old: str, new: str) -> Change:
    """A member under another name, also in the manifest."""

    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members.pop(MANIFEST))
        for part in told["parts"]:
            part["name"] = new if part["name"] == old else part["name"]
        members[new] = members.pop(old)
        return members | {MANIFEST: json.dumps(told).encode()}

    return change


HOSTILE: dict[str, Change] = {
    "one byte is another": lambda m: m | {"state/people.jsonl": m["state/people.jsonl"].replace(b"Asha", b"Bela")},
    "a row is missing": lambda m: m | {"state/people.jsonl": b""},
    "a file is missing": lambda m: {name: content for name, content in m.items() if name != "state/runs.jsonl"},
    "a file too many": lambda m: m | {"extra": b"x"},
    "no manifest": lambda m: {name: content for name, content in m.items() if name != MANIFEST},
    "manifest is no JSON": lambda m: m | {MANIFEST: b"{" * 100_000},
    "manifest of a list": lambda m: m | {MANIFEST: b"[]"},
    "manifest of another program": manifest(format="x"),
    "manifest without parts": manifest(parts=None),
    "manifest with a negative size": manifest(parts=[{"name": "a", "size_bytes": -1, "sha256": "", "rows": 0}]),
    "a later version": manifest(version=2),
    "a later state": manifest(state="9999"),
    "a name that leaves": renamed("registers/ab12.xlsx", "registers/../../evil"),
    "an absolute name": renamed("registers/ab12.xlsx", "/tmp/evil"),
    "a hidden name": renamed("registers/ab12.xlsx", "registers/.evil"),
    "an unknown table": renamed("state/people.jsonl", "state/alembic_version.jsonl"),
    "an unknown observation": renamed("observations/sights.parquet", "observations/system.parquet"),
    "a bomb": lambda m: m | {"registers/ab12.xlsx": b"\0" * 30_000_000},
    "a million entries": lambda m: m | {f"registers/{n}": b"" for n in range(10_001)},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_backup_that_was_changed_is_refused_and_nothing_is_touched(what: str, backup: Path, tmp_path: Path) -> None:
    """Threat row 22."""
    worse = rewritten(backup, HOSTILE[what])
    with pytest.raises(BackupUnusable) as refused:
        restore(worse, Holdings(tmp_path / "new"), MORNING)
    assert "Nothing was changed" in refused.value.hint
    assert not (tmp_path / "new").exists()


def test_a_bomb_with_a_true_checksum_is_refused_before_it_is_unpacked(backup: Path, tmp_path: Path) -> None:
    """Threat row 22: gigabytes of zeros, of which the manifest tells the truth."""
    zeros = b"\0" * 40_000_000
    path = rewritten(backup, lambda m: m | {"registers/ab12.xlsx": zeros})

    def honest(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members[MANIFEST])
        for part in told["parts"]:
            if part["name"] == "registers/ab12.xlsx":
                part.update(size_bytes=len(zeros), sha256=hashlib.sha256(zeros).hexdigest())
        return members | {MANIFEST: json.dumps(told).encode()}

    again = rewritten(path.rename(tmp_path / "bomb.zip"), honest)
    with pytest.raises(BackupUnusable, match="not as large as it says"):
        check_backup(again)


def test_rows_that_do_not_fit_together_leave_nothing_behind(backup: Path, tmp_path: Path) -> None:
    lines = b'{"id": "p1"}\n'

    def unfit(members: dict[str, bytes]) -> dict[str, bytes]:
        told = json.loads(members[MANIFEST])
        for part in told["parts"]:
            if part["name"] == "state/people.jsonl":
                part.update(size_bytes=len(lines), sha256=hashlib.sha256(lines).hexdigest())
        return members | {"state/people.jsonl": lines, MANIFEST: json.dumps(told).encode()}

    with pytest.raises(BackupUnusable, match="people don't fit together"):
        restore(rewritten(backup, unfit), Holdings(tmp_path / "new"), MORNING)
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK", b"\x1f\x8b", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(BackupUnusable):
        check_backup(path)


def test_a_link_in_the_archive_is_no_link_afterwards(backup: Path, tmp_path: Path) -> None:
    """Threat row 22: what an archive calls a link is written as a file of those bytes."""
    with zipfile.ZipFile(backup) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    linked = tmp_path / "linked.zip"
    with zipfile.ZipFile(linked, "w") as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, content)
    new = Holdings(tmp_path / "new")
    restore(linked, new, MORNING)
    assert not any(path.is_symlink() for path in new.registers_folder.iterdir())


def test_a_backup_breaks_off_when_the_server_ends(tmp_path: Path) -> None:
    old = Holdings(tmp_path / "old")
    engine, database = old.open_state(), old.observations()
    taking = Backup(engine, database, old.registers_folder, "0.1.0", stopping=lambda: True)
    with pytest.raises(StoreUnavailable, match="Sightline is stopping"):
        taking.write(tmp_path / "never.zip", MORNING)
    database.close()
    engine.dispose()
    assert not (tmp_path / "never.zip").exists()
