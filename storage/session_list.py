"""Lists of sessions: all, those with certain words, those in the bin; a page at a time. Reading only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, literal, or_, select, tuple_

from core.people import Person
from core.states import RunState
from storage import state
from storage.session_words import fold, snippets

Part = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A conversation. ``questions``, ``running`` and ``matched``, the pictures that match in its newest look (``None``
    where there is none), are counted when it is read; ``snippet`` is where a search found it."""

    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    questions: int = 0
    running: bool = False
    owner: str | None = None
    shared: bool = False
    deleted_at: datetime | None = None
    imported: str | None = None
    matched: int | None = None
    snippet: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionsWanted:
    """Which sessions: those in the bin or all others, of these the ones that ``person`` may see, and of these the ones
    in which all words of ``text`` occur. In the bin somebody sees what is theirs."""

    text: str = ""
    binned: bool = False
    person: Person | None = None

    @property
    def words(self) -> list[str]:
        """What is looked for, as it is compared; each word once."""
        return list(dict.fromkeys(fold(self.text).split()))


def counted_sessions() -> Select[Any]:
    """Sessions with what is counted of them; for few rows, since each counts anew."""
    sessions, messages, runs = state.sessions, state.messages, state.runs
    questions = select(func.count()).where(messages.c.session_id == sessions.c.id).scalar_subquery()
    looks = runs.join(messages, messages.c.id == runs.c.message_id)
    running = (
        select(func.count())
        .select_from(looks)
        .where(messages.c.session_id == sessions.c.id, runs.c.state == str(RunState.RUNNING))
        .scalar_subquery()
    )
    matched = (
        select(runs.c.matched)
        .select_from(looks)
        .where(messages.c.session_id == sessions.c.id)
        .order_by(runs.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(sessions, questions.label("questions"), running.label("running"), matched.label("matched"))


def page_of_sessions(
    connection: Connection, wanted: SessionsWanted, after: str | None, limit: int
) -> tuple[list[SessionRow], str | None]:
    """``limit`` sessions after the cursor ``after``, and the cursor of the next page. The best come first: those whose
    titles have most of the words, then the latest; in the bin the last thrown away."""
    words = wanted.words
    picked = connection.execute(_ordered(wanted, words, after).limit(limit + 1)).all()
    ids = [row.id for row in picked[:limit]]
    # In a query of its own: joined to the ordered one, SQLite counts for all sessions before it takes the first fifty.
    counted = connection.execute(counted_sessions().where(state.sessions.c.id.in_(ids)))
    rows = {row.id: row for row in counted}
    # Where the title says it all there is nothing more to show.
    found = snippets(connection, [row.id for row in picked if row.hits < len(words)], words)
    shown = [session_row(rows[key], found.get(key, ())) for key in ids if key in rows]
    return shown, _cursor(picked[limit - 1]) if len(picked) > limit else None


def session_row(row: Row[Any], snippet: Sequence[Part] = ()) -> SessionRow:
    """A row of :func:`counted_sessions`."""
    return SessionRow(
        id=row.id,
        title=row.title,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
        questions=row.questions,
        running=row.running > 0,
        owner=row.owner,
        shared=row.shared,
        deleted_at=None if row.deleted_at is None else datetime.fromisoformat(row.deleted_at),
        imported=row.imported,
        matched=row.matched,
        snippet=tuple(snippet),
    )


def _ordered(wanted: SessionsWanted, words: Sequence[str], after: str | None) -> Select[Any]:
    """Ids in their order, nothing counted yet: what is counted of thousands to show fifty takes too long."""
    sessions, indexed = state.sessions, state.session_words
    at = sessions.c.deleted_at if wanted.binned else sessions.c.updated_at
    hits = sum((case((_has(indexed.c.title, word), 1), else_=0) for word in words), start=literal(0))
    query = select(sessions.c.id, hits.label("hits"), at.label("at"))
    query = query.where(sessions.c.deleted_at.is_not(None) if wanted.binned else sessions.c.deleted_at.is_(None))
    if wanted.person is not None:
        query = query.where(_is_seen_by(wanted.person, binned=wanted.binned))
    if words:
        query = query.join(indexed, indexed.c.session_id == sessions.c.id)
        query = query.where(*(_has(indexed.c.words, word) for word in words))
    if after is not None:
        best, moment, session_id = after.split("~")
        query = query.where(tuple_(hits, at, sessions.c.id) < tuple_(literal(int(best)), moment, session_id))
    return query.order_by(hits.desc(), at.desc(), sessions.c.id.desc())


def _is_seen_by(person: Person, *, binned: bool) -> ColumnElement[bool]:
    """The rule of :func:`core.people.may_see` as SQL; a test holds the two together."""
    table = state.sessions
    ways = [table.c.owner == person.id]
    if person.may_change:
        ways.append(table.c.owner.is_(None))
    return or_(*ways) if binned else or_(*ways, table.c.shared)


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return column.contains(word, autoescape=True)


def _cursor(row: Row[Any]) -> str:
    return f"{row.hits}~{row.at}~{row.id}"
