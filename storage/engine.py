"""The way to the database of state: SQLite in a file or PostgreSQL by URL, and what is said when it does not answer.

No table and no statement about one is here. PostgreSQL's connections are tried before they are handed out, so a server
that was started again is used again without a word; what fails in between is one clear sentence, never a driver's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from core.errors import SettingsError, StoreUnavailable

# The numbers under which one process claims a database for itself: "Sightline", as eight bytes can hold it.
_CLAIM = int.from_bytes(b"Sightlin", "big")
_POSTGRESQL = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
_CONNECT_TIMEOUT_S = 10
_CLAIM_PATIENCE_MS = 30_000


def connect(url: str) -> Engine:
    """An engine on ``url``; nothing is connected yet. SQLite waits up to 10 s for another writer."""
    parsed = _read(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed)
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = create_engine(
            parsed,
            pool_pre_ping=True,
            pool_size=8,
            max_overflow=24,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S, "application_name": "sightline"},
        )
    event.listen(engine, "handle_error", _tell)
    return engine


@contextmanager
def claimed(engine: Engine) -> Iterator[None]:
    """Be the only Sightline that works on these data, for as long as this is open; a second one is refused.

    SQLite is claimed with its folder (:mod:`storage.ownership`). A PostgreSQL is claimed by an advisory lock, which the
    server lets go when this process dies; an instance that is being replaced is waited for.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, and the lock with it, instead of going back to the pool
        connection.execute(text(f"SET lock_timeout = '{_CLAIM_PATIENCE_MS}ms'"))
        try:
            connection.execute(text("SELECT pg_advisory_lock(:claim)"), {"claim": _CLAIM})
        except DBAPIError as error:
            raise StoreUnavailable(
                "The database is in use by another Sightline.", "Stop that one, or give this one its own DATABASE_URL."
            ) from error
        yield


def _read(url: str) -> URL:
    """PostgreSQL goes by many names; hosts hand out ``postgres://``, which means the driver that is installed here."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is not None and parsed.drivername in _POSTGRESQL:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed is None or parsed.drivername != "sqlite":
        raise SettingsError(  # the URL itself is not shown: it may hold a password
            "DATABASE_URL is no address of a PostgreSQL database.", "Write postgresql://user:password@host/database."
        ) from None
    return parsed


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _tell(context: ExceptionContext) -> None:
    """Put a sentence in the place of an error that is the database's own fault and not the statement's."""
    original = context.original_exception
    if isinstance(original, sqlite3.OperationalError):
        if "full" in str(original) or "disk I/O" in str(original):
            raise StoreUnavailable(
                "The disk under DATA_DIR is full: nothing more can be kept.", "Make room, then go on."
            ) from original
        return
    # By its name: the driver is imported only where PostgreSQL is used.
    kinds = {kind.__name__ for kind in type(original).__mro__}
    if context.is_disconnect or (context.engine is not None and context.connection is None and "Error" in kinds):
        raise StoreUnavailable(
            "The PostgreSQL database does not answer.", "Sightline goes on by itself once DATABASE_URL can be reached."
        ) from original
