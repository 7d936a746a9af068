"""The shelf: sessions made, listed, found, renamed, thrown into the bin, taken out of it or deleted for good.

What is asked in a session, and what its runs do, is :mod:`sessions.conversations`' business.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from core.bus import Event
from core.clock import Clock
from core.errors import NotFound
from core.ids import Ids
from sessions.announcing import Announcer
from sessions.views import SessionPage, SessionView
from storage.conversations import ConversationStore, RunRow
from storage.observations import ObservationStore
from storage.session_list import SessionRow, SessionsWanted

UNTITLED = "New session"


class Shelf:
    """All sessions of an application. Every change is announced, so that all tabs agree."""

    def __init__(
        self,
        store: ConversationStore,
        observations: ObservationStore,
        announce: Announcer,
        clock: Clock,
        ids: Ids,
        end_run: Callable[[str], None],
    ) -> None:
        self._store = store
        self._observations = observations
        self._announce = announce
        self._clock = clock
        self._ids = ids
        self._end_run = end_run

    def sessions(self) -> list[SessionView]:
        """All sessions, the latest touched first."""
        return [SessionView(row) for row in self._store.sessions()]

    def find(self, wanted: SessionsWanted, after: str | None, limit: int) -> SessionPage:
        """A page of the sessions that are wanted, the best first; ``after`` is the cursor of the page before."""
        rows, following = self._store.find_sessions(wanted, after, limit)
        return SessionPage([SessionView(row) for row in rows], following)

    def kept_run(self, run_id: str) -> RunRow:
        """A run as it is kept: with which model, over which pictures, and what that was told to look for."""
        return self._store.run(run_id)

    def create(self, title: str = UNTITLED, owner: str | None = None) -> SessionView:
        """A new session, ``owner``'s where there are people."""
        now = self._clock.now()
        row = SessionRow(self._ids.new(), title, now, now, owner=owner)
        self._store.add_session(row)
        self._announce_session(row.id)
        return SessionView(row)

    def rename(self, session_id: str, title: str) -> SessionView:
        """Give a session another title; an empty one makes it untitled again."""
        self._kept(session_id)
        self._store.rename_session(session_id, " ".join(title.split())[:200] or UNTITLED, self._clock.now())
        self._announce_session(session_id)
        return SessionView(self._store.session(session_id))

    def share(self, session_id: str, shared: bool) -> SessionView:
        """Let everybody look into a session, or nobody but its owner."""
        withdrawn = self._kept(session_id).shared and not shared
        self._store.share_session(session_id, shared)
        self._announce_session(session_id, withdrawn=withdrawn)
        return SessionView(self._store.session(session_id))

    def delete(self, session_id: str, *, for_good: bool = False) -> None:
        """Put a session into the bin and stop its runs; or delete it with its questions and their observations. What
        was seen of the pictures is kept either way."""
        if for_good:
            self._delete_for_good(session_id)
        elif self._store.session(session_id).deleted_at is None:
            self._store.bin_session(session_id, self._clock.now())
            self._end_runs(session_id)
            self._announce_session(session_id)

    def restore(self, session_id: str) -> SessionView:
        """Take a session out of the bin; its runs stay stopped until somebody lets them go on."""
        self._store.bin_session(session_id, None)
        self._announce_session(session_id)
        return SessionView(self._store.session(session_id))

    def binned_before(self, moment: datetime) -> list[str]:
        """Ids of the sessions that were put into the bin before ``moment``."""
        return list(self._store.binned_before(moment))

    def untouched_since(self, moment: datetime) -> list[str]:
        """Ids of the sessions outside the bin in which nothing was asked since ``moment`` and nothing is under way."""
        return self._store.untouched_since(moment)

    def empty_bin(self, before: datetime) -> None:
        """Delete for good what was put into the bin before ``before``."""
        for session_id in self._store.binned_before(before):
            self.delete(session_id, for_good=True)

    def forget_events(self, before: datetime) -> None:
        """Drop what was announced before ``before``; a page that asks for it loads the state again."""
        self._announce.forget(before)

    def last_event_id(self) -> int:
        """The id of the newest event."""
        return self._announce.last_id()

    def events_after(self, event_id: int, limit: int) -> list[Event] | None:
        """What was announced after ``event_id``; ``None`` when the log no longer reaches back that far."""
        return self._announce.after(event_id, limit)

    def _delete_for_good(self, session_id: str) -> None:
        view = SessionView(self._store.session(session_id))
        self._end_runs(session_id)
        run_ids = self._store.delete_session(session_id)
        if run_ids:
            self._observations.forget(run_ids)
        self._announce("session", session_id, {"session": _told(view, deleted=True, for_good=True)})

    def _end_runs(self, session_id: str) -> None:
        for message in self._store.messages(session_id):
            if message.run_id:
                self._end_run(message.run_id)

    def _kept(self, session_id: str) -> SessionRow:
        """A session that is not in the bin."""
        row = self._store.session(session_id)
        if row.deleted_at is not None:
            raise NotFound("This session is in the bin.", "Restore it to open it.")
        return row

    def _announce_session(self, session_id: str, *, withdrawn: bool = False) -> None:
        view = SessionView(self._store.session(session_id))
        deleted = view.row.deleted_at is not None
        self._announce("session", session_id, {"session": _told(view, deleted=deleted, withdrawn=withdrawn)})


def _told(view: SessionView, **more: bool) -> dict[str, Any]:
    """A session as an event carries it, with what holds of ``more``. Its owner goes along: by that,
    :class:`~sessions.audience.Audience` tells who hears of it, and takes it off."""
    return view.as_json() | {"owner": view.row.owner} | {name: True for name, holds in more.items() if holds}
