"""Older state is brought along, and ends in the same tables as a fresh start."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import migrations, state
from storage.engine import connect

# What version 0.1.0 made, as SQLite wrote it down.
FIRST_VERSION = (Path(__file__).parent / "first_state.sql").read_text(encoding="utf-8")


@pytest.fixture
def old(state_url: str) -> str:
    """The address of a database as the first version left it, with one session in it."""
    engine = connect(state_url)
    with engine.begin() as connection:
        for statement in FIRST_VERSION.split(";\n"):
            if statement.strip():
                connection.execute(text(_in_words_of(engine.dialect.name, statement)))
        connection.execute(
            text("INSERT INTO sessions VALUES ('s1', 'Old', '2026-01-01T00:00:00', '2026-01-01T00:00:00')")
        )
    engine.dispose()
    return state_url


def _in_words_of(dialect: str, statement: str) -> str:
    if dialect == "sqlite":
        return statement
    return statement.replace("INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", "BIGSERIAL PRIMARY KEY")


def test_older_state_ends_in_the_tables_of_a_fresh_start_and_loses_nothing(old: str) -> None:
    engine = state.open_state(old)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), state.metadata) == []
        session = connection.execute(state.sessions.select()).one()
    engine.dispose()
    assert (session.title, session.owner, session.shared, session.deleted_at) == ("Old", None, False, None)


def test_a_fresh_start_stands_at_the_newest_step(state_url: str) -> None:
    assert ScriptDirectory.from_config(migrations.alembic_config()).get_current_head() == migrations.NEWEST
    engine = state.open_state(state_url)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == migrations.NEWEST
    engine.dispose()


def test_opening_again_takes_no_step(old: str) -> None:
    state.open_state(old).dispose()
    engine = state.open_state(old)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM sessions")).scalar_one() == 1
    engine.dispose()
