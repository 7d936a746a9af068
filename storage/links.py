"""Links at rest: which answers whoever has the address may look at. The secret in it is kept as its digest."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from core.clock import Clock
from core.errors import NotFound
from core.ids import Ids
from storage.state import links

# The same words for what never was, what was taken back, and what lies in the bin.
NO_LINK = ("This link leads nowhere.", "It may have been taken back. Ask whoever gave it to you.")
_USE_IS_NEWS_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Link:
    """Leave to look at one question of a session, or at all that stood in it up to ``until``."""

    id: str
    session_id: str
    message_id: str | None
    until: str
    made_by: str | None
    created_at: datetime
    used_at: datetime | None = None

    def shows(self, message_id: str) -> bool:
        """Whether that question of its session may be looked at; ids sort by time."""
        return message_id == self.message_id if self.message_id else message_id <= self.until


class LinkStore:
    """Reads and writes links; every method is one transaction. Safe from any thread."""

    def __init__(self, engine: Engine, clock: Clock, ids: Ids) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = ids

    def add(self, session_id: str, message_id: str | None, until: str, made_by: str | None) -> tuple[Link, str]:
        """A new link, and the secret for its address, to be shown once."""
        secret = secrets.token_urlsafe(32)
        link = Link(self._ids.new(), session_id, message_id, until, made_by, self._clock.now())
        values = {
            "id": link.id,
            "session_id": session_id,
            "message_id": message_id,
            "until": until,
            "digest": _digest(secret),
            "made_by": made_by,
            "created_at": link.created_at.isoformat(),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(links).values(values))
        return link, secret

    def of_session(self, session_id: str) -> list[Link]:
        """A session's links, the newest first."""
        found = select(links).where(links.c.session_id == session_id).order_by(links.c.id.desc())
        with self._engine.connect() as connection:
            return [_link(row) for row in connection.execute(found)]

    def remove(self, session_id: str, link_id: str) -> None:
        """Take a link back; :class:`NotFound` if the session has none of that id."""
        with self._engine.begin() as connection:
            gone = connection.execute(delete(links).where(links.c.session_id == session_id, links.c.id == link_id))
        if not gone.rowcount:
            raise NotFound("There is no such link.", "It has been taken back already.")

    def open(self, secret: str) -> Link:
        """The link whose address holds ``secret``; :class:`NotFound` if there is none."""
        digest = _digest(secret)
        with self._engine.connect() as connection:
            row = connection.execute(select(links).where(links.c.digest == digest)).first()
        if row is None:
            raise NotFound(*NO_LINK)
        link, now = _link(row), self._clock.now()
        if link.used_at is None or now - link.used_at > _USE_IS_NEWS_AFTER:
            with self._engine.begin() as connection:
                connection.execute(update(links).where(links.c.id == link.id).values(used_at=now.isoformat()))
        return link


def _digest(secret: str) -> str:
    """Without salt or slowness: the secret is random and can't be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _link(row: Row[Any]) -> Link:
    used_at = None if row.used_at is None else datetime.fromisoformat(row.used_at)
    return Link(
        row.id, row.session_id, row.message_id, row.until, row.made_by, datetime.fromisoformat(row.created_at), used_at
    )
