"""What is told of sessions, messages and places, in the shapes of the HTTP interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.groups import figure_of, most_seen, place_outcome, threshold
from analyzer.plan import Plan, Task
from analyzer.planner.chips import chips
from analyzer.planner.removal import removable
from analyzer.progress import RunProgress
from core.clock import iso
from core.people import Person, may_edit
from core.states import Outcome
from storage.conversations import MessageRow
from storage.figures import Viewpoint
from storage.session_list import SessionRow


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as lists show it."""

    row: SessionRow

    @property
    def id(self) -> str:
        """The session's id."""
        return self.row.id

    def as_json(self, person: Person | None = None) -> dict[str, Any]:
        """The shape in the HTTP interface, as ``person`` sees it: ``mine`` says whether they may change it."""
        return {
            "id": self.row.id,
            "title": self.row.title,
            "created_at": iso(self.row.created_at),
            "updated_at": iso(self.row.updated_at),
            "questions": self.row.questions,
            "running": self.row.running,
            "imported": self.row.imported,
            "matched": self.row.matched,
            "deleted_at": iso(self.row.deleted_at) if self.row.deleted_at else None,
            "shared": self.row.shared,
            "mine": may_edit(person, self.row.owner),
        } | self._snippet()

    def _snippet(self) -> dict[str, Any]:
        """Where a search found it; nothing elsewhere."""
        parts = [{"text": text, "hit": hit} for text, hit in self.row.snippet]
        return {"snippet": parts} if parts else {}


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Some of the sessions; ``following`` is the cursor of the next page."""

    sessions: Sequence[SessionView]
    following: str | None

    def as_json(self, person: Person | None = None) -> dict[str, Any]:
        """The shape in the HTTP interface, as ``person`` sees it."""
        return {"sessions": [session.as_json(person) for session in self.sessions], "next": self.following}


@dataclass(frozen=True, slots=True)
class MessageView:
    """A question with its plan, run and answer; ``answer`` is the one so far while a run is under way."""

    row: MessageRow
    run: RunProgress | None
    answer: dict[str, Any] | None

    @property
    def id(self) -> str:
        """The message's id."""
        return self.row.id

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        row = self.row
        plan = Plan.from_stored(row.plan) if row.plan else None
        return {
            "id": row.id,
            "session_id": row.session_id,
            "text": row.text,
            "asked_at": iso(row.asked_at),
            "plan": plan.as_json() if plan else None,
            "chips": chips_json(plan) if plan else [],
            "notes": list(row.notes),
            "model": row.model,
            "of": row.rests_on,
            "run": self.run.as_json() if self.run else None,
            "answer": self.answer,
            "error": row.error,
            "instead_of": row.instead_of,
            "rating": row.rating,
        }


def chips_json(plan: Plan) -> list[dict[str, Any]]:
    """A plan's chips in the HTTP interface."""
    return [{"kind": chip.kind, "label": chip.label, "removable": removable(plan, chip.kind)} for chip in chips(plan)]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session with all its messages, as of event ``last_event_id``."""

    session: SessionView
    messages: Sequence[MessageView]
    last_event_id: int

    def as_json(self, person: Person | None = None) -> dict[str, Any]:
        """The shape in the HTTP interface, as ``person`` sees it."""
        return {
            "session": self.session.as_json(person),
            "messages": [message.as_json() for message in self.messages],
            "last_event_id": self.last_event_id,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """One camera's part in an answer: what stands on the map."""

    viewpoint: Viewpoint
    outcome: Outcome
    value: float | None

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        spot = self.viewpoint
        return {
            "camera": spot.camera,
            "location": spot.location,
            "district": spot.district,
            "mandal": spot.mandal,
            "latitude": spot.latitude,
            "longitude": spot.longitude,
            "outcome": str(self.outcome),
            "value": None if self.value is None else round(self.value, 1),
            "pictures": spot.pictures,
            "picture_id": spot.picture_id,
            "name": spot.name,
            "observation_id": spot.observation_id,
            "taken_at": iso(spot.taken_at) if spot.taken_at else None,
        }


def place(spot: Viewpoint, plan: Plan, looked: Plan) -> Place:
    """What a camera's pictures come to under ``plan``, when they were looked at for ``looked``."""
    counts = {outcome: getattr(spot, str(outcome)) for outcome in Outcome}
    if plan.judged_as(looked) is not Task.COUNT:
        return Place(spot, place_outcome(counts, plan.condition), most_seen(spot, plan.condition))
    value = figure_of(spot, plan)
    bounds = threshold(plan.condition)
    if value is None:
        outcome = Outcome.UNSURE if counts[Outcome.UNSURE] else Outcome.UNREADABLE
    else:
        low, high = (bounds.low, bounds.high) if bounds else (0.0, float("inf"))
        held = low <= value <= high and (bounds is not None or value > 0)
        outcome = Outcome.MATCH if held else Outcome.NO_MATCH
    return Place(spot, outcome, value)
