"""Sessions, messages and runs at rest. What they mean is :mod:`sessions.conversations`' business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from core.errors import NotFound
from core.states import RunState
from storage import state
from storage.session_list import SessionRow, SessionsWanted, counted_sessions, page_of_sessions, session_row
from storage.session_words import index

# The same words for what isn't there and for what isn't for this person to know of.
NO_SESSION = ("There is no such session.", "It may have been deleted. Start a new one.")
NO_QUESTION = ("There is no such question.", "Its session may have been deleted.")
NO_RUN = ("There is no such run.", "Its session may have been deleted.")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One question with what was understood and answered. ``plan``, ``model``, ``answer`` and ``error`` are stored as
    the JSON they are shown as; ``rests_on`` is the look that a recall or a show takes its figures from."""

    id: str
    session_id: str
    text: str
    asked_at: datetime
    plan: dict[str, Any]
    notes: tuple[str, ...] = ()
    model: dict[str, Any] | None = None
    rests_on: str | None = None
    run_id: str | None = None
    answer: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    instead_of: str | None = None
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it is kept: enough to go on after the process was killed."""

    id: str
    message_id: str
    state: RunState
    source: str
    model: str
    model_version: str
    sees: str
    again: bool
    started_at: datetime
    elapsed_s: float = 0.0
    listed: int = 0
    calls: int = 0
    error: str | None = None
    register: str | None = None
    matched: int | None = None


class ConversationStore:
    """Reads and writes sessions, messages and runs; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sessions(self) -> list[SessionRow]:
        """All sessions that are not in the bin, the latest touched first."""
        table = state.sessions
        query = counted_sessions().where(table.c.deleted_at.is_(None)).order_by(table.c.updated_at.desc())
        with self._engine.connect() as connection:
            return [session_row(row) for row in connection.execute(query)]

    def find_sessions(
        self, wanted: SessionsWanted, after: str | None, limit: int
    ) -> tuple[list[SessionRow], str | None]:
        """A page of the sessions that are wanted, the best first, and the cursor of the next page."""
        with self._engine.connect() as connection:
            return page_of_sessions(connection, wanted, after, limit)

    def session(self, session_id: str) -> SessionRow:
        """One session, also one in the bin; :class:`NotFound` if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(counted_sessions().where(state.sessions.c.id == session_id)).first()
        if row is None:
            raise NotFound(*NO_SESSION)
        return session_row(row)

    def add_session(self, session: SessionRow) -> None:
        """Keep a new session."""
        values = {
            "id": session.id,
            "title": session.title,
            "created_at": session.created_at.isoformat(),
            "updated_at": session.updated_at.isoformat(),
            "owner": session.owner,
            "imported": session.imported,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(state.sessions).values(values))
            index(connection, session.id)

    def rename_session(self, session_id: str, title: str, at: datetime) -> None:
        """Give a session another title."""
        table = state.sessions
        with self._engine.begin() as connection:
            connection.execute(
                update(table).where(table.c.id == session_id).values(title=title, updated_at=at.isoformat())
            )
            index(connection, session_id)

    def bin_session(self, session_id: str, at: datetime | None) -> None:
        """Put a session into the bin; without a time, take it out again."""
        table = state.sessions
        values = {"deleted_at": at.isoformat() if at else None}
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == session_id).values(values))

    def binned_before(self, moment: datetime) -> list[str]:
        """Ids of the sessions that were put into the bin before ``moment``."""
        table = state.sessions
        with self._engine.connect() as connection:
            rows = connection.execute(select(table.c.id).where(table.c.deleted_at < moment.isoformat()))
            return [row.id for row in rows]

    def share_session(self, session_id: str, shared: bool) -> None:
        """Let everybody look into a session, or nobody but its owner."""
        table = state.sessions
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == session_id).values(shared=shared))

    def untouched_since(self, moment: datetime) -> list[str]:
        """Ids of the sessions outside the bin that were last touched before ``moment`` and have no run under way."""
        table, runs, messages = state.sessions, state.runs, state.messages
        running = (
            select(messages.c.session_id)
            .join(runs, runs.c.message_id == messages.c.id)
            .where(runs.c.state == str(RunState.RUNNING))
        )
        old = select(table.c.id).where(
            table.c.deleted_at.is_(None), table.c.updated_at < moment.isoformat(), table.c.id.not_in(running)
        )
        with self._engine.connect() as connection:
            return [row.id for row in connection.execute(old)]

    def delete_session(self, session_id: str) -> list[str]:
        """Delete a session with its messages and runs; returns the ids of its runs."""
        runs, messages = state.runs, state.messages
        with self._engine.begin() as connection:
            found = connection.execute(
                select(runs.c.id)
                .join(messages, messages.c.id == runs.c.message_id)
                .where(messages.c.session_id == session_id)
            )
            run_ids = [row.id for row in found]
            connection.execute(delete(state.sessions).where(state.sessions.c.id == session_id))
        return run_ids

    def messages(self, session_id: str) -> list[MessageRow]:
        """A session's questions, oldest first (ids sort by time)."""
        table = state.messages
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).where(table.c.session_id == session_id).order_by(table.c.id))
            return [_message(row) for row in rows]

    def message(self, message_id: str) -> MessageRow:
        """One question; :class:`NotFound` if there is none."""
        table = state.messages
        with self._engine.connect() as connection:
            row = connection.execute(select(table).where(table.c.id == message_id)).first()
        if row is None:
            raise NotFound(*NO_QUESTION)
        return _message(row)

    def add_message(self, message: MessageRow, run: RunRow | None) -> None:
        """Keep a question and, for a look, the run that will answer it; :class:`NotFound` where its session is in the
        bin by now, or gone."""
        table = state.sessions
        touched = update(table).where(table.c.id == message.session_id, table.c.deleted_at.is_(None))
        with self._engine.begin() as connection:
            if not connection.execute(touched.values(updated_at=message.asked_at.isoformat())).rowcount:
                raise NotFound("This session was deleted.", "Take it out of the bin, or start a new one.")
            connection.execute(insert(state.messages).values(_message_values(message)))
            if run is not None:
                connection.execute(insert(state.runs).values(_run_values(run)))
            index(connection, message.session_id)

    def set_answer(self, message_id: str, answer: dict[str, Any], notes: Sequence[str] | None = None) -> None:
        """Keep an answer as it will be shown and exported; with ``notes``, those in place of the question's own."""
        table = state.messages
        session = select(state.sessions.c.id).join(table).where(table.c.id == message_id)
        with self._engine.begin() as connection:
            # The session is held before the message, as everywhere: two who hold one each would wait for ever.
            session_id = connection.execute(session.with_for_update(of=state.sessions)).scalar()
            if session_id is not None:
                told = {} if notes is None else {"notes": list(notes)}
                connection.execute(update(table).where(table.c.id == message_id).values(answer=answer, **told))
                index(connection, session_id)

    def replace_answer(self, message_id: str, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Keep ``after`` in place of ``before``; ``False`` where that is not, or no longer, the answer."""
        table = state.messages
        session = select(state.sessions.c.id).join(table).where(table.c.id == message_id)
        with self._engine.begin() as connection:
            # The session first, as above.
            connection.execute(session.with_for_update(of=state.sessions))
            found = connection.execute(select(table.c.answer).where(table.c.id == message_id)).scalar()
            if found != before:
                return False
            connection.execute(update(table).where(table.c.id == message_id).values(answer=after))
        return True

    def rate(self, message_id: str, rating: int | None) -> None:
        """Keep what a person thinks of an answer."""
        table = state.messages
        with self._engine.begin() as connection:
            connection.execute(update(table).where(table.c.id == message_id).values(rating=rating))

    def run(self, run_id: str) -> RunRow:
        """One run; :class:`NotFound` if there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(state.runs).where(state.runs.c.id == run_id)).first()
        if row is None:
            raise NotFound(*NO_RUN)
        return _run(row)

    def runs_in(self, wanted: RunState) -> list[RunRow]:
        """All runs in one state, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(state.runs).where(state.runs.c.state == str(wanted)).order_by(state.runs.c.id)
            )
            return [_run(row) for row in rows]

    def save_run(self, run: RunRow) -> None:
        """Write a run's progress or new state."""
        with self._engine.begin() as connection:
            connection.execute(update(state.runs).where(state.runs.c.id == run.id).values(_run_values(run)))


def _message(row: Row[Any]) -> MessageRow:
    values = dict(row._mapping)
    return MessageRow(
        **(values | {"asked_at": datetime.fromisoformat(row.asked_at), "notes": tuple(row.notes)}),
    )


def _message_values(message: MessageRow) -> dict[str, Any]:
    return {
        "id": message.id,
        "session_id": message.session_id,
        "text": message.text,
        "asked_at": message.asked_at.isoformat(),
        "plan": message.plan,
        "notes": list(message.notes),
        "model": message.model,
        "rests_on": message.rests_on,
        "run_id": message.run_id,
        "answer": message.answer,
        "error": message.error,
        "instead_of": message.instead_of,
    }


def _run_values(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "message_id": run.message_id,
        "state": str(run.state),
        "source": run.source,
        "model": run.model,
        "model_version": run.model_version,
        "sees": run.sees,
        "again": run.again,
        "started_at": run.started_at.isoformat(),
        "elapsed_s": run.elapsed_s,
        "listed": run.listed,
        "calls": run.calls,
        "error": run.error,
        "register": run.register,
        "matched": run.matched,
    }


def _run(row: Row[Any]) -> RunRow:
    values = dict(row._mapping)
    return RunRow(**(values | {"state": RunState(row.state), "started_at": datetime.fromisoformat(row.started_at)}))
