"""Transactional state: SQLite with a write-ahead log by default, PostgreSQL by URL. The tables, and opening them.

Conversations, runs, people, the event log and the index of pictures are small rows that change and must agree with each
other; observations, which only grow, are in :mod:`storage.observations`. A change of a table needs a step in
``storage/migrations``, which brings older data along; a test compares the two.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    false,
    inspect,
)

from storage.migrations import bring_up_to_date, mark_as_newest

metadata = MetaData()

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    # Whose it is; nobody's where it was made while there were no people.
    Column("owner", String(26), index=True),
    Column("shared", Boolean, nullable=False, server_default=false()),
    # Set: in the bin, from which it can be taken out again until it is emptied.
    Column("deleted_at", String(32)),
)

messages = Table(
    "messages",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("session_id", String(26), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("asked_at", String(32), nullable=False),
    Column("plan", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("model", JSON),
    Column("rests_on", String(26)),
    Column("run_id", String(26)),
    Column("answer", JSON),
    Column("error", JSON),
    # The earlier question of which this is another wording, or another try.
    Column("instead_of", String(26)),
    # What a person thinks of the answer: 1, -1, or nothing said.
    Column("rating", Integer),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("message_id", String(26), ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("model", String(64), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("sees", Text, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("elapsed_s", Float, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("error", Text),
    # The version of the register that it began with and keeps.
    Column("register", String(64)),
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("camera", Text),
    Column("taken_at", String(32)),
    Column("taken_from", String(16)),
    Column("size_bytes", BigInteger),
    Column("fingerprint", Text),
    Column("identity_kind", String(16)),
    Column("identity", Text),
)

events = Table(
    "events",
    metadata,
    # Ids never come twice, even after old events are forgotten: a browser's Last-Event-ID stays meaningful.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("type", String(16), nullable=False),
    Column("session_id", String(26)),
    Column("data", JSON, nullable=False),
    Column("at", String(32), nullable=False),
    sqlite_autoincrement=True,
)
Index("events_by_time", events.c.at)

people = Table(
    "people",
    metadata,
    Column("id", String(26), primary_key=True),
    # As it was given, and folded, so that "Asha" and "asha" are one person.
    Column("name", String(80), nullable=False),
    Column("folded", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    # A cookie of another epoch is void: raised by a new password and by signing out everywhere.
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("created_at", String(32), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("person", String(26), ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    # SHA-256 of the token, which itself is shown once and kept nowhere.
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", String(32), nullable=False),
    Column("used_at", String(32)),
)

registers = Table(
    "registers",
    metadata,
    # The hash of the sheet's bytes and of the chosen columns.
    Column("version", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    # Field to heading, as a person chose; empty where the headings spoke for themselves.
    Column("columns", JSON, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("current", Boolean, nullable=False, server_default=false()),
)


def open_state(url: str) -> Engine:
    """An engine on ``url`` with all tables in their newest form. SQLite waits up to 10 s for another writer."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    if inspect(engine).has_table("sessions"):
        bring_up_to_date(engine)
    else:
        metadata.create_all(engine)
        mark_as_newest(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
