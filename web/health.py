"""Whether this process lives, and whether it can answer a question."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from core.errors import SightlineError, StoreUnavailable
from storage.room import Room
from web.opening import OpeningState
from web.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> Response:
    """The process answers. 503 once its stores could not be opened: only a new start can mend that. A full disk is told
    and is no 503: a new start makes no room, and what is stored can be read all the same."""
    house = services()
    state = house.opening.state
    failed, full = state is OpeningState.FAILED, _full(house.room)
    body: dict[str, Any] = {
        "status": "failed" if failed else "full" if full else "healthy",
        "version": house.version,
        "stores": str(state),
        "streams": house.seats.taken,
        "uptime_s": round((house.clock.now() - house.started_at).total_seconds(), 1),
        "disk_free_bytes": house.room.left_bytes(),
    }
    if error := house.opening.error or full:
        body["error"] = error.as_json()
    return _json(body, 503 if failed else 200)


@blueprint.get("/ready")
def ready() -> Response:
    """A question can be asked now: the stores are open and the one that holds the conversations answers."""
    try:
        _ask_the_stores()
    except SightlineError as error:
        return _json({"ready": False, "error": error.as_json()}, 503)
    return _json({"ready": True}, 200)


def _ask_the_stores() -> None:
    """Without waiting: somebody who asks whether it is ready wants to hear that it isn't yet."""
    opening = services().opening
    opening.start()
    if opening.error is not None:
        raise opening.error
    if opening.state is not OpeningState.OPEN:
        raise StoreUnavailable("Sightline is opening its stores.", "Ask again in a moment.")
    try:
        opening.get().conversations.last_event_id()
    except Exception as error:  # whatever a database raises, it does not answer
        raise StoreUnavailable("The store of conversations does not answer.", "The reason is in the log.") from error


def _full(room: Room) -> SightlineError | None:
    """Why nothing more can be written, if so."""
    try:
        room.check()
    except SightlineError as error:
        return error
    return None


def _json(body: dict[str, Any], status: int) -> Response:
    reply = jsonify(body)
    reply.status_code = status
    return reply
