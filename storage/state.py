"""Transactional state: the tables, in SQLite by default and in PostgreSQL by URL. :mod:`storage.engine` opens them.

Conversations, runs, people, the event log and the index of pictures are small rows that change and must agree with each
other; observations, which only grow, are in :mod:`storage.observations`. A change of a table needs a step in
``storage/migrations``, which brings older data along; a test compares the two.
"""

from __future__ import annotations

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
    false,
    inspect,
)

from storage.engine import connect
from storage.migrations import bring_up_to_date, mark_as_newest

metadata = MetaData()


def _sorted_bytewise(length: int) -> String:
    """Text whose order is that of its bytes, as in SQLite: ids and times are compared, and a PostgreSQL whose
    collation passes over punctuation would put them into another order."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


ID = _sorted_bytewise(26)
MOMENT = _sorted_bytewise(32)

sessions = Table(
    "sessions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("title", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("updated_at", MOMENT, nullable=False),
    # Whose it is; nobody's where it was made while there were no people.
    Column("owner", ID, index=True),
    Column("shared", Boolean, nullable=False, server_default=false()),
    # Set: in the bin, from which it can be taken out again until it is emptied.
    Column("deleted_at", MOMENT),
    # The name of the file that it came from; empty where it was asked here.
    Column("imported", Text),
)

# Apart from the sessions, whose rows are read far more often than searched.
session_words = Table(
    "session_words",
    metadata,
    Column("session_id", String(26), ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("title", Text, nullable=False),
    Column("words", Text, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("session_id", ID, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("model", JSON),
    Column("rests_on", ID),
    Column("run_id", ID),
    Column("answer", JSON),
    Column("error", JSON),
    # The earlier question of which this is another wording, or another try.
    Column("instead_of", ID),
    # What a person thinks of the answer: 1, -1, or nothing said.
    Column("rating", Integer),
)

runs = Table(
    "runs",
    metadata,
    Column("id", ID, primary_key=True),
    Column("message_id", ID, ForeignKey("messages.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("model", String(64), nullable=False),
    Column("model_version", String(64), nullable=False),
    Column("sees", Text, nullable=False),
    Column("again", Boolean, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("elapsed_s", Float, nullable=False),
    Column("listed", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("error", Text),
    # The version of the register that it began with and keeps.
    Column("register", String(64)),
    # How many pictures matched, as far as it came; unknown of runs from before this was kept.
    Column("matched", Integer),
)

pictures = Table(
    "pictures",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("camera", Text),
    Column("taken_at", MOMENT),
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
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("type", String(16), nullable=False),
    Column("session_id", ID),
    Column("data", JSON, nullable=False),
    Column("at", MOMENT, nullable=False),
    sqlite_autoincrement=True,
)
Index("events_by_time", events.c.at)

people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    # As it was given, and folded, so that "Asha" and "asha" are one person.
    Column("name", String(80), nullable=False),
    Column("folded", String(80), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),
    # A cookie of another epoch is void: raised by a new password and by signing out everywhere.
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("created_at", MOMENT, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", ID, primary_key=True),
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    # SHA-256 of the token, which itself is shown once and kept nowhere.
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", MOMENT, nullable=False),
    Column("used_at", MOMENT),
)

signed_out = Table(
    "signed_out",
    metadata,
    # A cookie can be kept and sent again, so what was signed out is remembered for as long as a cookie counts.
    Column("sign_in", String(26), primary_key=True),
    Column("at", String(32), nullable=False),
)

links = Table(
    "links",
    metadata,
    Column("id", ID, primary_key=True),
    Column("session_id", ID, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False, index=True),
    # The one question that is shown; empty where all up to ``until`` are.
    Column("message_id", ID),
    Column("until", ID, nullable=False),
    # SHA-256 of what stands in the address, which itself is shown once and kept nowhere.
    Column("digest", String(64), nullable=False, unique=True),
    Column("made_by", ID),
    Column("created_at", MOMENT, nullable=False),
    Column("used_at", MOMENT),
)

registers = Table(
    "registers",
    metadata,
    # The hash of the sheet's bytes and of the chosen columns.
    Column("version", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    # Field to heading, as a person chose; empty where the headings spoke for themselves. And the sheet, if one was.
    Column("columns", JSON, nullable=False),
    Column("sheet", Text),
    # All headings in short, by which next month's sheet is recognised.
    Column("headings", JSON, nullable=False),
    Column("added_at", MOMENT, nullable=False),
    Column("current", Boolean, nullable=False, server_default=false()),
)


def open_state(url: str) -> Engine:
    """An engine on ``url`` with all tables in their newest form."""
    engine = connect(url)
    if inspect(engine).has_table("sessions"):
        bring_up_to_date(engine)
    else:
        metadata.create_all(engine)
        mark_as_newest(engine)
    return engine
