"""The one way to ClickHouse: embedded (chDB) today, a server by URL when that is outgrown. No SQL lives here.

chDB's rules shape this file. One process owns a path. A client serves one query at a time, so there are as many as
queries ever ran at once, and whoever asks takes one that is idle. The first insert takes longer than the next, so
opening makes one. A process that ends while a thread still queries dies by a fault, so
:meth:`Database.close` comes after the threads that use it are joined.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import StoreUnavailable


class Database:
    """A ClickHouse database under ``path``; opened on first use, safe to use from any thread."""

    def __init__(self, path: Path, schema: Sequence[str]) -> None:
        self._path = path
        self._schema = schema
        self._lock = threading.Lock()
        self._clients: list[Any] = []
        self._idle: list[Any] = []
        self._opened = False
        self._closed = False
        # Held by whoever deletes, and by a backup while it copies: what it copied first must not lose its ground.
        self.deleting = threading.Lock()

    def open(self) -> None:
        """Create what is missing and make the first insert, so that no question waits for it."""
        with self._lock:
            if self._opened:
                return
            self._path.mkdir(parents=True, exist_ok=True)
            client = self._connect()
            for statement in self._schema:
                client.command(statement)
            client.command("CREATE OR REPLACE TABLE opened (at DateTime64(3, 'UTC')) ENGINE = Memory")
            client.insert("opened", [[datetime.now(UTC)]], column_names=["at"])
            self._idle.append(client)
            self._opened = True

    def select(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a fixed statement whose ``{name:Type}`` places are bound to ``parameters``."""
        with self._client() as client:
            return list(client.query(sql, parameters=dict(parameters or {})).result_rows)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Append ``rows``; acknowledged means that they survive the death of this process."""
        with self._client() as client:
            client.insert(table, rows, column_names=list(columns))

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a fixed statement that returns nothing."""
        with self._client() as client:
            client.command(sql, parameters=dict(parameters or {}))

    def delete(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run a fixed statement that deletes; it waits for a backup under way."""
        with self.deleting:
            self.command(sql, parameters)

    def close(self) -> None:
        """Close all clients; no thread may be querying."""
        with self._lock:
            self._closed = True
            clients, self._clients, self._idle = self._clients, [], []
        for client in clients:
            client.close()

    @contextmanager
    def _client(self) -> Iterator[Any]:
        self.open()
        with self._lock:
            client = self._idle.pop() if self._idle else self._connect()
        try:
            yield client
        except Exception as error:
            told = _told(error, self._path)
            if told is None:
                raise
            raise told from error
        finally:
            with self._lock:
                self._idle.append(client)

    def _connect(self) -> Any:
        import clickhouse_connect
        from clickhouse_connect.driver import options

        # It would import pandas at the first insert, to see whether it was handed a frame: 48 MB and half a second.
        options.pd = options.pd_time_test = None
        if self._closed:
            raise StoreUnavailable("The store of observations is closed.", "Start Sightline again.")
        try:
            client = clickhouse_connect.get_client(dsn=f"chdb:///{self._path.resolve()}")
        except Exception as error:  # the client raises bare RuntimeErrors of many kinds
            raise StoreUnavailable(
                f"The store of observations in {self._path} can't be opened: {error}",
                "Is another Sightline using the same data folder?",
            ) from error
        self._clients.append(client)
        return client


def _told(error: Exception, path: Path) -> StoreUnavailable | None:
    """The engine's own errors in a sentence; ``None`` for any other."""
    from clickhouse_connect.driver.exceptions import Error

    if not isinstance(error, Error):
        return None
    # Only the first line: what follows is a traceback of native code.
    reason = str(error).strip().partition("\n")[0][:500]
    if "No space left" in reason or "NOT_ENOUGH_SPACE" in reason:
        return StoreUnavailable(f"The disk under {path} is full: nothing more can be kept.", "Make room, then go on.")
    return StoreUnavailable(f"The store of observations refused: {reason}", "The log has the reason in full.")
