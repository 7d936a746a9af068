"""Takes sessions out of a file into the store (S2.21): their questions, rows and what was answered.

All of a file is understood before anything is kept; a file that is refused leaves nothing behind. What is taken in is
marked as imported for good, on the session and on each of its questions.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from analyzer.plan import GroupBy, Kind, Plan, View
from core.clock import Clock
from core.errors import TooMany
from core.ids import Ids
from core.states import RunState
from sessions.conversations import Conversations
from sessions.export import fields
from sessions.export.archive import ImportRefused
from sessions.export.incoming import Incoming, read_sessions
from sessions.export.session_files import IMPORTED_NOTE
from sessions.export.understanding import Ground, observations, plan_of
from sessions.site import Site, Sites
from sessions.views import SessionView
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.observations import Observation, ObservationStore
from storage.session_list import SessionRow

_MOST_SESSIONS = 200
_MOST_QUESTIONS = 2000
_MOST_ROWS = 200_000
_BATCH = 1000
_LONGEST_TITLE = 200
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought; ``left_out`` says in sentences what it did not."""

    sessions: Sequence[SessionView]
    questions: int
    observations: int
    left_out: Sequence[str]


@dataclass
class _Batch:
    """One session, understood and not yet kept."""

    session: SessionRow
    messages: list[MessageRow] = field(default_factory=list)
    runs: dict[str, RunRow] = field(default_factory=dict)
    seen: list[Observation] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


class Imports:
    """Imports one file at a time: a file's JSON takes many times its size in memory."""

    def __init__(
        self,
        conversations: Conversations,
        store: ConversationStore,
        observations: ObservationStore,
        sites: Sites,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._store = store
        self._observations = observations
        self._sites = sites
        self._clock = clock
        self._turn = threading.Lock()

    def take(self, content: bytes, file_name: str, owner: str | None = None) -> Imported:
        """Keep all sessions of a file, as ``owner``'s. Raises :class:`ImportRefused`."""
        if not self._turn.acquire(blocking=False):
            raise TooMany("Another import is under way.", "Try again when it is done.")
        try:
            return self._take(content, file_name, owner)
        finally:
            self._turn.release()

    def _take(self, content: bytes, file_name: str, owner: str | None) -> Imported:
        incoming = read_sessions(content)
        _check_size(incoming)
        site, ids = self._sites.now, Ids(_Ticking(self._clock, sum(2 + 2 * _questions(one) for one in incoming)))
        batches = [_Reader(site, ids, self._clock.now(), file_name, owner).read(one) for one in incoming]
        views = [self._keep(batch) for batch in batches]
        return Imported(
            sessions=views,
            questions=sum(len(batch.messages) for batch in batches),
            observations=sum(len(batch.seen) for batch in batches),
            left_out=[sentence for batch in batches for sentence in batch.left_out],
        )

    def _keep(self, batch: _Batch) -> SessionView:
        try:
            self._store_all(batch)
        except BaseException:
            self._store.delete_session(batch.session.id)
            self._observations.forget(list(batch.runs))
            raise
        return self._conversations.adopted(batch.session.id)

    def _store_all(self, batch: _Batch) -> None:
        for start in range(0, len(batch.seen), _BATCH):
            self._observations.add(batch.seen[start : start + _BATCH])
        self._store.add_session(batch.session)
        for message in batch.messages:
            self._store.add_message(message, batch.runs.get(message.run_id or ""))
        # Adding a message touches the session; the file says when that was.
        self._store.rename_session(batch.session.id, batch.session.title, batch.session.updated_at)


class _Ticking:
    """A clock for ids that sort in the order in which they are made: each a millisecond on, the last one now."""

    def __init__(self, clock: Clock, ticks: int) -> None:
        self._clock = clock
        self._at = clock.now() - timedelta(milliseconds=ticks)

    def now(self) -> datetime:
        self._at += timedelta(milliseconds=1)
        return self._at

    def monotonic(self) -> float:
        return self._clock.monotonic()


class _Reader:
    """Makes a batch of one session of a file."""

    def __init__(self, site: Site, ids: Ids, now: datetime, file_name: str, owner: str | None) -> None:
        self._site = site
        self._ids = ids
        self._now = now
        self._file_name = file_name
        self._owner = owner
        self._plans: list[Plan] = []

    def read(self, incoming: Incoming) -> _Batch:
        info, zone = incoming.info, self._site.timezone
        queries = fields.sequence(incoming.conversation, "queries", _MOST_QUESTIONS)
        asked = [query for query in queries if isinstance(query, dict)]
        first = fields.text(asked[0], "user_query", _LONGEST_TITLE) if asked else ""
        title = fields.text(info, "full_title", _LONGEST_TITLE) or fields.text(info, "title", _LONGEST_TITLE) or first
        created = fields.moment(info, "created_at", zone) or self._now
        updated = fields.moment(info, "last_updated", zone) or created
        session = SessionRow(
            self._ids.new(),
            " ".join(title.split()) or "Imported session",
            created,
            max(created, updated),
            owner=self._owner,
            imported=self._file_name,
        )
        batch = _Batch(session)
        for number, query in enumerate(asked, start=1):
            self._add(batch, number, query)
        return batch

    def _add(self, batch: _Batch, number: int, query: Mapping[str, Any]) -> None:
        zone = self._site.timezone
        at = fields.moment(query, "timestamp", zone) or batch.session.created_at
        plan = plan_of(query, self._site.planner, self._plans, at.astimezone(zone))
        self._plans.append(plan)
        rows = fields.sequence(query, "results", _MOST_ROWS)
        error = _error(fields.mapping(query, "error"))
        model = _model(fields.mapping(query, "model"))
        run = None
        if plan.kind is Kind.LOOK and error is None and (rows or query.get("run")):
            run = self._run(fields.mapping(query, "run"), len(rows), at, model)
        message = MessageRow(
            id=self._ids.new(),
            session_id=batch.session.id,
            text=fields.text(query, "user_query", 2000).strip() or f"Question {number}",
            asked_at=at,
            plan=plan.to_stored(),
            notes=(*_notes(query), IMPORTED_NOTE),
            model=model,
            rests_on=_rests_on(batch, plan, query),
            run_id=run.id if run else None,
            error=error,
        )
        if run is not None:
            batch.runs[run.id] = run = replace(run, message_id=message.id)
            ground = Ground(run.id, self._site.source.name, zone, at, run.model, run.model_version)
            seen = observations(rows, ground)
            batch.seen += seen
            if len(seen) < len(rows):
                batch.left_out.append(f"{len(rows) - len(seen)} rows of question {number} can't be read.")
        elif message.rests_on is None and error is None:
            message = _told(message, query)
        batch.messages.append(message)

    def _run(self, told: Mapping[str, Any], rows: int, at: datetime, model: Mapping[str, Any] | None) -> RunRow:
        state = told.get("state")
        over = state in (RunState.STOPPED, RunState.FAILED)
        return RunRow(
            id=self._ids.new(),
            message_id="",
            # One that was stopped can't go on here: its pictures may not be.
            state=RunState(str(state)) if over else RunState.FINISHED,
            source=f"import:{_ELSEWHERE}",
            model=str((model or {}).get("name") or _ELSEWHERE),
            model_version=str((model or {}).get("version") or ""),
            sees="",
            again=False,
            started_at=at,
            elapsed_s=fields.number(told, "elapsed_s", 0, 1e8) or 0.0,
            listed=fields.whole(told, "listed", 100_000_000) or rows,
            calls=fields.whole(told, "calls", 100_000_000) or 0,
            error=fields.text(told, "error", 1000) or None,
        )


def _check_size(incoming: Sequence[Incoming]) -> None:
    if len(incoming) > _MOST_SESSIONS:
        raise ImportRefused(f"The file holds more than {_MOST_SESSIONS} sessions.", "Import them in several files.")
    if any(_questions(one) > _MOST_QUESTIONS for one in incoming):
        raise ImportRefused(f"A session of the file has more than {_MOST_QUESTIONS:,} questions.", "Nothing was kept.")
    rows = sum(
        len(results)
        for one in incoming
        for query in fields.sequence(one.conversation, "queries", _MOST_QUESTIONS)
        if isinstance(query, dict) and isinstance(results := query.get("results"), list)
    )
    if rows > _MOST_ROWS:
        raise ImportRefused(f"The file holds more than {_MOST_ROWS:,} rows.", "Import its sessions one by one.")


def _questions(incoming: Incoming) -> int:
    queries = incoming.conversation.get("queries")
    return len(queries) if isinstance(queries, list) else 0


def _rests_on(batch: _Batch, plan: Plan, query: Mapping[str, Any]) -> str | None:
    """The earlier question whose pictures this one's answer is about."""
    place = fields.whole(query, "rests_on", _MOST_QUESTIONS)
    if place is not None and 1 <= place <= len(batch.messages):
        return batch.messages[place - 1].id
    if plan.kind is Kind.LOOK or "rests_on" in query:
        return None
    return next((message.id for message in reversed(batch.messages) if message.run_id), None)


def _told(message: MessageRow, query: Mapping[str, Any]) -> MessageRow:
    """A question without rows keeps what the file says of its answer; no figure stands behind it."""
    findings = [
        f"{fields.text(found, 'location', 200)}: {found['count']}"
        for found in fields.sequence(query, "key_findings", 20)
        if isinstance(found, dict) and isinstance(found.get("count"), int | str)
    ]
    answer = {
        "headline": fields.text(query, "summary", 2000) or "The file holds no answer to this question.",
        "findings": [finding[:300] for finding in findings],
        "view": str(View.ANSWER),
        "group_by": str(GroupBy.IMAGE),
        "unit": None,
        "figures": [],
        "groups": [],
        "followups": [],
        "pictures": 0,
        "calls": 0,
        "elapsed_s": 0.0,
    }
    return replace(message, answer=answer)


def _notes(query: Mapping[str, Any]) -> tuple[str, ...]:
    found = fields.sequence(query, "notes", 20)
    return tuple(fields.text({"note": note}, "note", 1000) for note in found if isinstance(note, str))


def _model(told: Mapping[str, Any]) -> dict[str, Any] | None:
    if not told:
        return None
    leaves_out = told.get("leaves_out")
    return {
        "name": fields.text(told, "name", 64),
        "version": fields.text(told, "version", 64),
        "why": fields.text(told, "why", 1000),
        "leaves_out": fields.text({"told": leaves_out}, "told", 1000),
    }


def _error(told: Mapping[str, Any]) -> dict[str, Any] | None:
    if not told:
        return None
    return {name: fields.text(told, name, 1000) for name in ("code", "message", "hint")}
