"""The event log: what was announced, kept so that a page that lost its line hears all of it, once, in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select

from core.bus import Event
from storage.state import events


class EventLog:
    """Appends events and reads them back by id."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def append(self, kind: str, session_id: str | None, data: dict[str, Any], at: datetime) -> Event:
        """Keep an event and give it its id."""
        with self._engine.begin() as connection:
            result = connection.execute(
                insert(events).values(type=kind, session_id=session_id, data=data, at=at.isoformat())
            )
        key = result.inserted_primary_key
        if key is None:
            raise RuntimeError("the event log gave no id")
        return Event(key[0], kind, session_id, data)

    def after(self, event_id: int, limit: int) -> list[Event] | None:
        """Events later than ``event_id``, at most ``limit``; ``None`` when some of them are already forgotten."""
        with self._engine.connect() as connection:
            oldest, newest = connection.execute(select(func.min(events.c.id), func.max(events.c.id))).one()
            if event_id > (newest or 0) or event_id < (oldest or 1) - 1:
                return None
            rows = connection.execute(select(events).where(events.c.id > event_id).order_by(events.c.id).limit(limit))
            return [Event(row.id, row.type, row.session_id, row.data) for row in rows]

    def last_id(self) -> int:
        """The id of the newest event, 0 when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(select(func.max(events.c.id))).scalar() or 0

    def forget(self, before: datetime) -> None:
        """Drop events older than ``before``; the newest stays, so that ids go on from it."""
        with self._engine.begin() as connection:
            newest = select(func.max(events.c.id)).scalar_subquery()
            connection.execute(delete(events).where(events.c.at < before.isoformat(), events.c.id < newest))
