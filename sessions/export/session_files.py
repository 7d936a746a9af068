"""Sessions in the spine's form (docs/parity.md, S2.12, S2.21, S2.22), with our own fields beside its own.

The spine knew yes and no only. What could not be told stays so: ``match`` is ``null`` for ``unsure`` and
``unreadable``, and ``unreadable`` has the status ``error``; docs/ref/exports.md has the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol

from analyzer.groups import judged, threshold
from analyzer.plan import Plan
from core.clock import iso
from core.states import Outcome
from sessions.export.archive import zipped
from sessions.export.document import dumped, listed, spliced
from sessions.export.extract import plain_name
from sessions.views import MessageView
from storage.observations import Observation, box_row
from storage.register import Register
from storage.session_list import SessionRow
from storage.slices import Threshold

UNKNOWN = "Unknown"
NO_COUNT = "N/A"
IMPORTED_NOTE = "Imported: these pictures were looked at elsewhere, and nothing of it was checked here."
_TITLE_LENGTH = 40
_SURE, _FAIR = 0.8, 0.5


class SeenBy(Protocol):
    """Gives the observations of a run."""

    def __call__(self, run_id: str) -> Iterator[Observation]: ...


@dataclass(frozen=True)
class SessionExtract:
    """A session with its questions; ``seen`` gives the observations of a run."""

    session: SessionRow
    messages: Sequence[MessageView]
    seen: SeenBy
    register: Register
    exported_at: datetime

    def file_name(self, ending: str) -> str:
        """A name for the file, of words of the title."""
        return f"{plain_name(self.session.title, 'session')}.{ending}"

    def info(self, session_id: str | None = None) -> dict[str, Any]:
        """``session_info``: the spine's six fields, and ours."""
        row = self.session
        own = {"full_title": row.title, "imported": row.imported}
        return {
            "session_id": session_id or row.id,
            "created_at": iso(row.created_at),
            "title": row.title if len(row.title) <= _TITLE_LENGTH else f"{row.title[:_TITLE_LENGTH].rstrip()}…",
            "query_count": len(self.messages),
            "images_analyzed": sum(message.run.done for message in self.messages if message.run),
            "last_updated": iso(row.updated_at),
            **own,
        }

    def conversation(self, session_id: str | None = None) -> Iterator[bytes]:
        """``conversation``: every question with all its rows."""
        yield f'{{"session_id": {dumped(session_id or self.session.id)}, "queries": ['.encode()
        for number, message in enumerate(self.messages, start=1):
            yield b"" if number == 1 else b",\n"
            yield from self._query(number, message)
        yield b"]}"

    def document(self) -> Iterator[bytes]:
        """S2.22: ``{session_info, conversation, exported_at}``."""
        head = {"session_info": self.info()}
        return spliced(head, "conversation", self.conversation(), {"exported_at": iso(self.exported_at)})

    def archive(self, timezone: tzinfo) -> Iterator[bytes]:
        """S2.21: the spine's folder of the session as a zip, which its program finds under the folder's name."""
        name = f"{self.session.created_at.astimezone(timezone):%Y%m%d_%H%M%S}"
        files = {
            "session_info.json": lambda: iter([dumped(self.info(name)).encode()]),
            "conversation.json": lambda: self.conversation(name),
        }
        return zipped({f"sessions/{name}/{file}": content for file, content in files.items()}, self.exported_at)

    def _query(self, number: int, message: MessageView) -> Iterator[bytes]:
        row = message.row
        looked = message if message.run else self._rests_on(message)
        plan = Plan.from_stored(row.plan)
        head = {
            "query_num": number,
            "timestamp": iso(row.asked_at),
            "user_query": row.text,
            "context_used": row.rests_on is not None,
        }
        findings = _Findings(threshold(plan.condition))
        run_id = message.run.id if message.run else None
        rows = self._rows(run_id, findings) if run_id else iter(())

        def tail() -> dict[str, Any]:
            if run_id is None and looked is not None and looked.run is not None:  # from what was seen for that one
                for observation in self.seen(looked.run.id):
                    findings.add(observation)
            return {"summary": findings.summary(), "key_findings": findings.key()} | self._own(message)

        return spliced(head, "results", listed(rows), tail)

    def _rows(self, run_id: str, findings: _Findings) -> Iterator[dict[str, Any]]:
        for observation in self.seen(run_id):
            findings.add(observation)
            yield result_row(observation, findings.bounds, self.register)

    def _own(self, message: MessageView) -> dict[str, Any]:
        """Our own fields of a question: all that is needed to have it again."""
        row, run = message.row, message.run
        return {
            "message_id": row.id,
            "plan": row.plan,
            "notes": [note for note in row.notes if note != IMPORTED_NOTE],
            "model": row.model,
            "rests_on": next((n for n, each in enumerate(self.messages, 1) if each.id == row.rests_on), None),
            "run": run.as_json() | {"id": None} if run else None,
            "answer": message.answer,
            "error": row.error,
        }

    def _rests_on(self, message: MessageView) -> MessageView | None:
        return next((each for each in self.messages if each.id == message.row.rests_on), None)


class _Findings:
    """Gathers a question's summary while its rows pass by: every row counts, and a camera is told once."""

    def __init__(self, bounds: Threshold | None) -> None:
        self.bounds = bounds
        self._images = self._matches = 0
        self._cameras: dict[tuple[str, str], int | None] = {}

    def add(self, observation: Observation) -> None:
        self._images += 1
        if judged(observation.outcome, observation.count, self.bounds) is not Outcome.MATCH:
            return
        self._matches += 1
        key = (observation.location or UNKNOWN, observation.camera or UNKNOWN)
        known = self._cameras.get(key)
        counts = [count for count in (known, observation.count) if count is not None]
        self._cameras[key] = max(counts, default=None)

    def summary(self) -> str:
        return f"Analyzed {self._images} images, found {self._matches} matches"

    def key(self) -> list[dict[str, Any]]:
        """Each camera with a match and its highest count, the highest first."""
        ranked = sorted(self._cameras.items(), key=lambda item: (-(item[1] or 0), item[0]))
        return [
            {"location": location, "camera_ip": camera, "count": NO_COUNT if count is None else count}
            for (location, camera), count in ranked
        ]


def result_row(observation: Observation, bounds: Threshold | None, register: Register) -> dict[str, Any]:
    """S2.12: one picture's row. ``bounds`` is the question's condition; the types of camera are the register's."""
    entry = register.find(observation.camera)
    said = judged(observation.outcome, observation.count, bounds)
    unreadable = said is Outcome.UNREADABLE
    spine: dict[str, Any] = {
        "filename": observation.name,
        "camera_ip": observation.camera or UNKNOWN,
        "old_district": observation.old_district or UNKNOWN,
        "new_district": observation.district or UNKNOWN,
        "mandal": observation.mandal or UNKNOWN,
        "location_name": observation.location or UNKNOWN,
        "latitude": observation.latitude,
        "longitude": observation.longitude,
        "camera_type": (entry.camera_type if entry else None) or UNKNOWN,
        "analytics_type": (entry.analytics_type if entry else None) or UNKNOWN,
        "match": {Outcome.MATCH: True, Outcome.NO_MATCH: False}.get(said),
        "count": NO_COUNT if observation.count is None or unreadable else observation.count,
        "description": observation.text or observation.reason or "",
        "confidence": _confidence(said, observation.score),
        "details": observation.reason or "",
        "status": "error" if unreadable else "success",
        "error": observation.reason if unreadable else None,
        "timestamp": iso(observation.observed_at),
    }
    return spine | _own_fields(observation)


def _own_fields(observation: Observation) -> dict[str, Any]:
    return {
        "outcome": str(observation.outcome),
        "observation_id": observation.observation_id,
        "picture_id": observation.picture_id,
        "taken_at": iso(observation.taken_at) if observation.taken_at else None,
        "number": observation.count,
        "text": observation.text,
        "reason": observation.reason,
        "score": observation.score,
        "boxes": [box_row(box) for box in observation.boxes],
        "width": observation.width,
        "height": observation.height,
        "model": observation.model,
        "model_version": observation.model_version,
        "elapsed_ms": round(observation.elapsed_ms, 1),
        "cost_usd": observation.cost_usd,
        "reused": observation.reused,
        "failed": observation.failed,
    }


def _confidence(said: Outcome, score: float | None) -> str:
    """The spine's three words, for the model's own number; where it gave none, a clear answer is taken for fair."""
    if said in (Outcome.UNSURE, Outcome.UNREADABLE):
        return "low"
    if score is None:
        return "medium"
    return "high" if score >= _SURE else "medium" if score >= _FAIR else "low"
