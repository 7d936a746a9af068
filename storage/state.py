"""Transactional state: SQLite with a write-ahead log by default, PostgreSQL by URL. The tables, and opening them.

Conversations, runs, the event log and the index of pictures are small rows that change and must agree with each
other; observations, which only grow, are in :mod:`storage.observations`.
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
)

metadata = MetaData()

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
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


def open_state(url: str) -> Engine:
    """An engine on ``url`` with all tables present. SQLite waits up to 10 s for another writer."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    metadata.create_all(engine)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
