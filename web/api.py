"""The JSON routes of docs/ref/api.md: what the page may read, ask and change."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from core.errors import InvalidRequest
from core.states import Outcome
from storage.observations import PictureFilter
from storage.register import Register, RegisteredCamera
from web.bodies import read_body
from web.services import services

_LONGEST_TITLE = 200
_LONGEST_NAME = 1000
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_CURSOR = re.compile(r"[0-9]{1,9}", re.ASCII)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/state")
def state() -> Response:
    """What the page needs to begin: who, which pictures, which models, which sessions, what to ask first."""
    house = services()
    stores = house.stores
    register = stores.register()
    # Read before the rest: what changes in between is told again by the stream, and the page takes the newer.
    last_event_id = house.conversations.last_event_id()
    return jsonify(
        site=house.site.as_json(),
        last_event_id=last_event_id,
        sessions=_sessions(),
        source=stores.source().as_json(),
        register=_register_summary(register) if register else None,
        models=[model.as_json() for model in stores.models()],
        starters=[{"text": text} for text in house.conversations.starters()],
    )


@blueprint.get("/sessions")
def sessions() -> Response:
    """All sessions, the latest first."""
    return jsonify(sessions=_sessions())


@blueprint.post("/sessions")
def create_session() -> tuple[Response, int]:
    """A new, empty session."""
    read_body().finish()
    return jsonify(services().conversations.create().as_json()), 201


@blueprint.get("/sessions/<id:session_id>")
def session(session_id: str) -> Response:
    """A session with its messages, and the id of the last event that they include."""
    return jsonify(services().conversations.open(session_id).as_json())


@blueprint.patch("/sessions/<id:session_id>")
def rename_session(session_id: str) -> Response:
    """Give a session another title."""
    body = read_body()
    title = body.text("title", longest=_LONGEST_TITLE).strip()
    body.finish()
    if not title:
        raise InvalidRequest("A title must have at least one character.")
    return jsonify(services().conversations.rename(session_id, title).as_json())


@blueprint.delete("/sessions/<id:session_id>")
def delete_session(session_id: str) -> Response:
    """Delete a session with its messages, runs and observations."""
    services().conversations.delete(session_id)
    return jsonify(deleted=True)


@blueprint.post("/questions")
def ask() -> tuple[Response, int]:
    """Ask. The answer arrives on the stream; the reply says what was understood."""
    body = read_body()
    text = body.text("text")
    session_id = body.identifier("session_id")
    model = body.optional_text("model", longest=_LONGEST_NAME)
    again = body.flag("again")
    body.finish()
    asked_in, message = services().conversations.ask(text, session_id=session_id, model=model, again=again)
    return jsonify(session=asked_in.as_json(), message=message.as_json()), 202


@blueprint.get("/messages/<id:message_id>")
def message(message_id: str) -> Response:
    """One message as it stands."""
    return jsonify(services().conversations.message(message_id).as_json())


@blueprint.get("/messages/<id:message_id>/pictures")
def message_pictures(message_id: str) -> Response:
    """The pictures behind an answer or one of its figures, a page at a time."""
    wanted = PictureFilter(
        outcome=_outcome(), camera=_argument("camera"), location=_argument("location"), district=_argument("district")
    )
    page = services().conversations.pictures(message_id, wanted, _cursor(), _limit())
    return jsonify(page.as_json())


@blueprint.get("/messages/<id:message_id>/places")
def message_places(message_id: str) -> Response:
    """A place for every camera of an answer, also for those that stand nowhere on the map."""
    return jsonify(places=[place.as_json() for place in services().conversations.places(message_id)])


@blueprint.post("/runs/<id:run_id>/stop")
def stop_run(run_id: str) -> tuple[Response, int]:
    """Stop a run; what it has found stays."""
    read_body().finish()
    return jsonify(services().conversations.stop(run_id).as_json()), 202


@blueprint.post("/runs/<id:run_id>/continue")
def continue_run(run_id: str) -> tuple[Response, int]:
    """Go on with a run that was stopped or has failed."""
    read_body().finish()
    return jsonify(services().conversations.continue_(run_id).as_json()), 202


@blueprint.get("/register")
def register() -> Response:
    """The register of locations with every row that needs a person's eye."""
    found = services().stores.register()
    if found is None:
        return jsonify(name=None, columns={}, rows=0, placed=0, cameras=[], problems=[])
    return jsonify(
        name=found.name,
        columns=dict(found.columns),
        rows=found.rows,
        placed=found.placed,
        cameras=[_camera(entry) for entry in found.known],
        problems=[
            {"row": p.row, "column": p.column, "code": p.code, "value": p.value, "message": p.message}
            for p in found.problems
        ],
    )


def _sessions() -> list[dict[str, Any]]:
    return [found.as_json() for found in services().conversations.sessions()]


def _register_summary(register: Register) -> dict[str, Any]:
    return {
        "name": register.name,
        "rows": register.rows,
        "placed": register.placed,
        "problems": len(register.problems),
    }


def _camera(entry: RegisteredCamera) -> dict[str, Any]:
    return {
        "camera": entry.camera,
        "location": entry.location,
        "district": entry.district,
        "mandal": entry.mandal,
        "latitude": entry.latitude,
        "longitude": entry.longitude,
    }


def _argument(name: str) -> str | None:
    """A query argument; an empty one counts as absent."""
    value = request.args.get(name, "")
    if len(value) > _LONGEST_NAME or "\0" in value:
        raise InvalidRequest(f"{name} is no name that anything here has.")
    return value or None


def _outcome() -> Outcome | None:
    value = _argument("outcome")
    if value is None:
        return None
    try:
        return Outcome(value)
    except ValueError as error:
        raise InvalidRequest(f"outcome must be one of: {', '.join(Outcome)}.") from error


def _cursor() -> str | None:
    value = _argument("after")
    if value is not None and not _CURSOR.fullmatch(value):
        raise InvalidRequest("after must be what the page before gave as next.")
    return value


def _limit() -> int:
    """How many pictures are wanted: 100 where nothing is said, never more than the stated most."""
    most = services().limits.pictures_per_page
    value = request.args.get("limit", "100")
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= most:
        raise InvalidRequest(f"limit must be a number from 1 to {most}.")
    return int(value)
