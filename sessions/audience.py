"""Who may see and change which session: the rule of :func:`core.people.may_see` put to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from core.bus import Event
from core.clock import Clock
from core.errors import NotFound
from core.people import Person, may_edit, may_see
from storage.belongings import Belonging, Belongings
from storage.conversations import NO_QUESTION, NO_RUN, NO_SESSION

# How long a stream goes by what it read: a session that is shared no longer falls silent within this time.
_FRESH_S = 1.0
_MOST_KNOWN = 4096


class Part(StrEnum):
    """What an id can name within a session, by its name in addresses."""

    SESSION = "session_id"
    MESSAGE = "message_id"
    RUN = "run_id"


_MISSING: Mapping[Part, tuple[str, str]] = {Part.SESSION: NO_SESSION, Part.MESSAGE: NO_QUESTION, Part.RUN: NO_RUN}


class Audience:
    """Answers for every request and every event. Safe to call from any thread."""

    def __init__(self, belongings: Belongings, clock: Clock) -> None:
        self._clock = clock
        self._find: Mapping[Part, Callable[[str], Belonging]] = {
            Part.SESSION: belongings.of_session,
            Part.MESSAGE: belongings.of_message,
            Part.RUN: belongings.of_run,
        }
        self._known: dict[str, tuple[float, Belonging]] = {}

    def require(self, person: Person | None, part: Part, part_id: str, *, change: bool = False) -> None:
        """:class:`NotFound`, in the words for an id that nobody knows, unless ``person`` may see (or change) it."""
        if person is None:
            return
        belonging = self._find[part](part_id)
        if not (may_edit(person, belonging.owner) if change else may_see(person, belonging.owner, belonging.shared)):
            raise NotFound(*_MISSING[part])

    def told(self, person: Person | None, event: Event) -> Event | None:
        """``event`` as ``person`` may hear it, ``None`` where they may not hear it at all.

        What counts is who may see the session now, since an old event is told again to a page that comes back.
        """
        session = event.data.get("session")
        if person is None:
            return event
        if event.type == "session" and session is not None:
            return self._told_of_session(person, event, session)
        if event.session_id is None:
            return event
        belonging = self._now(event.session_id)
        return event if belonging is not None and may_see(person, belonging.owner, belonging.shared) else None

    def _told_of_session(self, person: Person, event: Event, session: Mapping[str, Any]) -> Event | None:
        owner = session.get("owner")
        told = {key: value for key, value in session.items() if key not in {"owner", "withdrawn"}}
        mine = {"mine": may_edit(person, owner)}
        if session.get("deleted"):  # it is gone; what counts is who could see it last
            belonging: Belonging | None = Belonging(owner, bool(session.get("shared")))
        else:
            belonging = self._read(str(session["id"]))
        if belonging is not None and may_see(person, belonging.owner, belonging.shared):
            return replace(event, data={"session": told | mine})
        if session.get("withdrawn"):  # who saw it a moment ago must put it away, and learns nothing else
            return replace(event, data={"session": {"id": session["id"], "deleted": True}})
        return None

    def _now(self, session_id: str) -> Belonging | None:
        """A session's belonging, read at most once a second however many streams ask."""
        known = self._known.get(session_id)
        if known is not None and self._clock.monotonic() - known[0] < _FRESH_S:
            return known[1]
        return self._read(session_id)

    def _read(self, session_id: str) -> Belonging | None:
        try:
            belonging = self._find[Part.SESSION](session_id)
        except NotFound:
            self._known.pop(session_id, None)
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[session_id] = (self._clock.monotonic(), belonging)
        return belonging
