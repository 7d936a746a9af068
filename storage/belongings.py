"""Whose session something is part of: asked for every request, so each answer is one short row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, select

from core.errors import NotFound
from storage import state
from storage.conversations import NO_QUESTION, NO_RUN, NO_SESSION

_AT_ONCE = 500  # values in one statement


@dataclass(frozen=True, slots=True)
class Belonging:
    """A session's owner, ``None`` for nobody, and whether others may look into it."""

    owner: str | None
    shared: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The question for which a run worked, and whose session it stands in, as in :class:`Belonging`."""

    text: str
    session_id: str
    message_id: str
    owner: str | None
    shared: bool


class Belongings:
    """Finds whose session it is: a session, or of a message or run in one; :class:`NotFound` if there is none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of_session(self, session_id: str) -> Belonging:
        """A session's own."""
        return self._one(_belonging().where(state.sessions.c.id == session_id), NO_SESSION)

    def of_message(self, message_id: str) -> Belonging:
        """That of the session in which a question stands."""
        sessions, messages = state.sessions, state.messages
        found = _belonging().join(messages, messages.c.session_id == sessions.c.id)
        return self._one(found.where(messages.c.id == message_id), NO_QUESTION)

    def of_run(self, run_id: str) -> Belonging:
        """That of the session for whose question a run works."""
        sessions, messages, runs = state.sessions, state.messages, state.runs
        found = _belonging().join(messages, messages.c.session_id == sessions.c.id)
        return self._one(found.join(runs, runs.c.message_id == messages.c.id).where(runs.c.id == run_id), NO_RUN)

    def asked(self, run_ids: Collection[str]) -> Mapping[str, Asked]:
        """The questions of runs, as far as they are not deleted."""
        sessions, messages, runs = state.sessions, state.messages, state.runs
        columns = (messages.c.text, messages.c.session_id, runs.c.message_id, sessions.c.owner, sessions.c.shared)
        query = select(runs.c.id, *columns).select_from(
            runs.join(messages, runs.c.message_id == messages.c.id).join(sessions)
        )
        found: dict[str, Asked] = {}
        wanted = list(run_ids)
        with self._engine.connect() as connection:
            for begin in range(0, len(wanted), _AT_ONCE):
                some = query.where(runs.c.id.in_(wanted[begin : begin + _AT_ONCE]))
                found |= {row[0]: Asked(*row[1:]) for row in connection.execute(some)}
        return found

    def _one(self, wanted: Select[Any], missing: tuple[str, str]) -> Belonging:
        with self._engine.connect() as connection:
            row = connection.execute(wanted).first()
        if row is None:
            raise NotFound(*missing)
        return Belonging(row.owner, row.shared)


def _belonging() -> Select[Any]:
    return select(state.sessions.c.owner, state.sessions.c.shared).select_from(state.sessions)
