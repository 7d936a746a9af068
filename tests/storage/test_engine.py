"""The database of state, in SQLite and in PostgreSQL: the same order, the same ids, and a sentence when it is gone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from core.errors import SettingsError, StoreUnavailable
from core.picture import Identity
from storage.conversations import ConversationStore
from storage.engine import claimed, connect
from storage.event_log import EventLog
from storage.picture_index import PictureIndex
from storage.session_list import SessionRow
from storage.state import open_state
from tests.conftest import MORNING, MemorySource
from tests.postgresql import Cluster

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def engine(state_url: str) -> Iterator[Engine]:
    opened = open_state(state_url)
    yield opened
    opened.dispose()


def test_event_ids_rise_and_never_come_twice(engine: Engine) -> None:
    log = EventLog(engine)
    first, second = (log.append("run", "s1", {"n": n, "text": "ключ"}, MORNING) for n in range(2))
    assert second.id > first.id
    log.forget(MORNING + timedelta(days=1))
    third = log.append("run", None, {}, MORNING)
    assert third.id > second.id
    assert [(event.id, event.data) for event in log.after(second.id - 1, 10) or ()] == [
        (second.id, {"n": 1, "text": "ключ"}),
        (third.id, {}),
    ]


def test_times_are_sorted_as_they_passed(engine: Engine) -> None:
    """A whole second is written without a fraction, and some collations pass over the sign that follows it."""
    store = ConversationStore(engine)
    moments = [datetime(2026, 3, 14, 4, 0, 8, part, tzinfo=UTC) for part in (0, 1, 120_000)]
    for number, moment in enumerate(moments):
        store.add_session(SessionRow(f"{number:026}", "A", moment, moment))
    assert [session.updated_at for session in store.sessions()] == moments[::-1]


def test_a_picture_listed_again_keeps_the_identity_of_its_bytes(engine: Engine) -> None:
    index, source = PictureIndex(engine), MemorySource(3)
    index.list([source.picture(number) for number in range(3)])
    index.identify([(source.picture(1).id, Identity("content", "abc"))])
    again = index.list([source.picture(1), replace(source.picture(2), size_bytes=2**40)])
    assert again[0].identity == Identity("content", "abc")
    assert index.picture(again[1].id).size_bytes == 2**40
    assert index.count(source.name) == 3


def test_a_server_that_was_away_is_told_of_and_used_again(postgresql: Cluster) -> None:
    """Threats, section 8: a store that does not answer."""
    engine = open_state(postgresql.database())
    log = EventLog(engine)
    log.append("run", None, {}, MORNING)
    postgresql.stop()
    try:
        with pytest.raises(StoreUnavailable, match="PostgreSQL database does not answer"):
            log.append("run", None, {}, MORNING)
    finally:
        postgresql.start()
    assert log.last_id() == 1
    engine.dispose()


def test_a_server_that_dies_within_a_transaction_is_told_of(postgresql: Cluster) -> None:
    engine = open_state(postgresql.database())
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgresql.stop()
        try:
            with pytest.raises(StoreUnavailable, match="does not answer"):
                connection.execute(text("SELECT 1"))
        finally:
            postgresql.start()
    assert EventLog(engine).last_id() == 0
    engine.dispose()


def test_one_sightline_works_on_a_database(postgresql: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.engine._CLAIM_PATIENCE_MS", 50)
    url = postgresql.database()
    first, second = connect(url), connect(url)
    with claimed(first), pytest.raises(StoreUnavailable, match="in use by another Sightline"), claimed(second):
        pass
    with claimed(second):
        pass
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("given", ["postgres://", "postgresql://", "postgresql+psycopg://"])
def test_a_hosts_spelling_of_the_address_is_understood(given: str) -> None:
    engine = connect(f"{given}asha:secret@db.example/sightline")
    assert engine.url.drivername == "postgresql+psycopg"
    engine.dispose()


@pytest.mark.parametrize("given", ["mysql://asha:secret@db.example/x", "not a url secret", "/var/secret.db"])
def test_another_address_is_refused_without_showing_it(given: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL is no address") as refused:
        connect(given)
    assert "secret" not in f"{refused.value.sentence}{refused.value.hint}"


def test_a_wrong_password_or_host_shows_neither() -> None:
    engine = connect("postgresql://asha:s3cr3t@127.0.0.1:1/sightline")
    with pytest.raises(StoreUnavailable) as refused:
        EventLog(engine).last_id()
    assert "s3cr3t" not in f"{refused.value}{refused.value.hint}"
    engine.dispose()


def test_sqlite_brings_no_driver_of_postgresql() -> None:
    code = "import sys; from storage.state import open_state; open_state('sqlite://').dispose(); "
    code += "assert 'psycopg' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
