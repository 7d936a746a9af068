"""Links to answers, for people without an account: made, listed, taken back, and what one of them may show.

A link shows what stood there when it was made: a question that is asked later is never seen by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import iso
from core.errors import Conflict, NotFound
from sessions.conversations import Conversations
from sessions.views import MessageView, OpenSession
from storage.conversations import NO_QUESTION
from storage.links import NO_LINK, Link, LinkStore
from storage.observations import ObservationStore


def link_json(link: Link) -> dict[str, Any]:
    """The shape in the HTTP interface. What stands in the address is not known any more."""
    return {
        "id": link.id,
        "message_id": link.message_id,
        "created_at": iso(link.created_at),
        "used_at": iso(link.used_at) if link.used_at else None,
    }


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link shows: a session's title and those of its questions that have an answer, oldest first."""

    link: Link
    title: str
    messages: Sequence[MessageView]

    def message(self, message_id: str | None) -> MessageView:
        """One of them, the newest where none is named; :class:`NotFound` for any other."""
        for message in reversed(self.messages):
            if message_id in (None, message.id):
                return message
        raise NotFound(*NO_LINK)


class Links:
    """All links. Safe to call from any thread."""

    def __init__(self, conversations: Conversations, store: LinkStore, observations: ObservationStore) -> None:
        self._conversations = conversations
        self._store = store
        self._observations = observations

    def make(self, session_id: str, message_id: str | None, made_by: str | None) -> tuple[Link, str]:
        """A link to one answer, or to all of a session as it stands, and the secret for its address."""
        session = self._conversations.open(session_id)
        if message_id is not None and message_id not in {message.id for message in session.messages}:
            raise NotFound(*NO_QUESTION)
        shown = [one for one in _answered(session) if message_id in (None, one.id)]
        if not shown:
            raise Conflict("There is no answer to share yet.", "Share it when the question is answered.")
        return self._store.add(session_id, message_id, shown[-1].id, made_by)

    def of_session(self, session_id: str) -> list[Link]:
        """A session's links, the newest first."""
        self._conversations.open(session_id)
        return self._store.of_session(session_id)

    def take_back(self, session_id: str, link_id: str) -> None:
        """Let a link lead nowhere from now on."""
        self._store.remove(session_id, link_id)

    def open(self, secret: str) -> Opened:
        """What the link with ``secret`` in its address shows; :class:`NotFound` for what shows nothing."""
        link = self._store.open(secret)
        try:
            session = self._conversations.open(link.session_id)
        except NotFound as error:  # it lies in the bin, and comes back with its session
            raise NotFound(*NO_LINK) from error
        shown = [message for message in _answered(session) if link.shows(message.id)]
        if not shown:
            raise NotFound(*NO_LINK)
        return Opened(link, session.session.row.title, shown)

    def require_picture(self, secret: str, picture_id: str) -> None:
        """:class:`NotFound` unless the link shows an answer that rests on this picture."""
        for message in self.open(secret).messages:
            run_id = message.row.run_id or self._run_of(message.row.rests_on)
            if run_id and self._observations.some(run_id, [picture_id]):
                return
        raise NotFound(*NO_LINK)

    def _run_of(self, message_id: str | None) -> str | None:
        return self._conversations.message(message_id).row.run_id if message_id else None


def _answered(session: OpenSession) -> list[MessageView]:
    return [message for message in session.messages if message.answer is not None]
