"""The routes of the earlier camera analyser (docs/parity.md, S2.2 to S2.8), for programs that speak with it.

They do what the page does, through the same conversations. An error has their shape and ours: ``{"success": false,
"message", "error"}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from flask import Blueprint, Response, current_app, jsonify
from werkzeug.wrappers import Response as AnyResponse

from core.errors import InvalidRequest, SightlineError, TooMany, UnplannableQuestion
from core.ids import stable_id
from web import media
from web.access import admission, begin_change, owner, refuse_viewers, require_own
from web.bodies import read_body, read_query
from web.classic.analysis import analysis
from web.classic.following import Following, is_over
from web.classic.in_force import IN_FORCE, InForce
from web.classic.sessions import begun_at, current_session, enter, listed, told
from web.classic.telling import Telling, frame, sentence
from web.security import require_own_caller
from web.services import services
from web.shapes import Id, Text

if TYPE_CHECKING:
    from sessions.views import MessageView

_WAIT_S = 300.0

blueprint = Blueprint("classic", __name__)


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """What somebody wants to be in force; null is for what may stay."""

    images_dir: Annotated[str, Text(longest=4000)] | None = None
    excel_file: Annotated[str, Text(longest=4000)] | None = None
    max_workers: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question. ``use_batch`` made the earlier analyser refuse; here every question is asked in the same way."""

    query: str | None = None
    use_batch: bool = False
    session_id: Id | None = None
    model: Annotated[str, Text(longest=1000)] | None = None


@blueprint.errorhandler(SightlineError)
def failed(error: SightlineError) -> Response:
    """An error as these routes tell it."""
    message = f"{error.sentence} {error.hint}".strip()
    reply = jsonify(success=False, message=message, error=error.as_json())
    reply.status_code = error.status
    if error.status == 503:
        reply.headers["Retry-After"] = "5"
    return reply


@blueprint.get("/check_config")
def check_config() -> Any:
    """The settings in force; a viewer has no business with them."""
    refuse_viewers()
    return asdict(_in_force())


@blueprint.post("/initialize_analyzer")
def initialize_analyzer() -> Any:
    """Whether these settings are in force. They are read when the program starts: what can't change now is refused."""
    wanted, now = read_body(WantedSettings), _in_force()
    others = [
        name
        for name in ("images_dir", "excel_file", "max_workers")
        if getattr(wanted, name) is not None and not _same(getattr(wanted, name), getattr(now, name))
    ]
    if others:
        names = " and ".join(name.upper() for name in others)
        raise InvalidRequest(
            "Nothing was changed: these settings are read when Sightline starts.",
            f"Set {names} in .env and start it again; a sheet can also be given on the page.",
        )
    return {"success": True, "message": "These settings are in force."}


@blueprint.post("/create_session")
def create_session() -> Response:
    """A new session, which this browser is in from now on."""
    read_body(None)
    made = services().conversations.create(owner=owner())
    return enter(jsonify(success=True, session_id=made.id, message="A new session has begun."), made.id)


@blueprint.get("/get_sessions")
def get_sessions() -> Any:
    """The sessions last touched, as ``session_info`` has them."""
    exports = services().stores.exports
    return {"sessions": [exports.session(session_id).info() for session_id in listed()]}


@blueprint.get("/load_session/<id:session_id>")
@blueprint.get("/load_session/<stamp:began>")
def load_session(session_id: str = "", began: str = "") -> Response:
    """A session with its questions; this browser is in it from now on."""
    session_id = session_id or begun_at(began)
    found = services().stores.exports.session(session_id)
    head = {"id": session_id, "title": found.session.title}
    return enter(Response(told(found, head), mimetype="application/json"), session_id)


@blueprint.get("/get_session/<id:session_id>")
@blueprint.get("/get_session/<stamp:began>")
def get_session(session_id: str = "", began: str = "") -> Response:
    """A session with its questions."""
    found = services().stores.exports.session(session_id or begun_at(began))
    return Response(told(found, found.info()), mimetype="application/json")


@blueprint.delete("/delete_session/<id:session_id>")
@blueprint.delete("/delete_session/<stamp:began>")
def delete_session(session_id: str = "", began: str = "") -> Any:
    """Put a session into the bin."""
    session_id = session_id or begun_at(began)
    require_own(session_id=session_id)
    services().conversations.delete(session_id)
    return {"success": True}


@blueprint.get("/get_image/<path:name>")
def get_image(name: str) -> AnyResponse:
    """A listed picture by its name, which is looked up and never a path: where it lies, or as it is."""
    return media.picture(stable_id(services().stores.media.source.name, name))


@blueprint.get("/analyze_stream")
def analyze_stream() -> Response:
    """Ask, and hear of it until it is answered. A GET that begins a run: never at the wish of another site's page."""
    require_own_caller()
    begin_change()
    arguments = read_query(Query)
    _require_text(arguments)
    try:
        message, following = _ask(arguments)
    except UnplannableQuestion as error:  # an EventSource is told nothing of a status
        return _streamed(iter([frame("error", {"message": sentence(error.as_json())})]))
    exports = services().stores.exports
    telling = Telling(message, lambda: exports.spine_answer(message.id), following)
    return enter(_streamed(telling), message.row.session_id)


@blueprint.post("/analyze")
def analyze() -> Response:
    """Ask, and wait for the answer; when that takes long, say so and leave it to its session."""
    body = read_body(Query)
    _require_text(body)
    message, following = _ask(body)
    with closing(following):
        is_done = message.run is None or _wait(message, following)
    where = {"session_id": message.row.session_id, "message_id": message.id}
    if message.row.error is not None:
        reply = jsonify(success=False, message=sentence(message.row.error), error=message.row.error, **where)
        reply.status_code = 400
    elif not is_done:
        told_so = f"Still looking after {_WAIT_S:g} seconds. GET /get_session/{message.row.session_id} has the answer."
        reply = jsonify(success=False, message=told_so, **where)
        reply.status_code = 202
    else:
        from sessions.export.document import spliced

        answer = services().stores.exports.spine_answer(message.id)
        head = {"success": True, "is_contextual": answer.is_contextual, "analysis": analysis(answer.plan)} | where
        reply = Response(spliced(head, "results", answer.document(), {}), mimetype="application/json")
    return enter(reply, message.row.session_id)


def _require_text(query: Query) -> None:
    if not (query.query or "").strip():
        raise InvalidRequest("Query is required")


def _ask(query: Query) -> tuple[MessageView, Following]:
    """Ask in the session that is named, else in the one that this browser is in, else in a new one; and follow it."""
    house, who = services(), owner()
    require_own(session_id=query.session_id)
    session_id = query.session_id or current_session()
    if not house.seats.take(who):
        raise TooMany("Too many questions are being followed.", "Try again later, or raise MAX_STREAMS.")
    following = Following(house.bus, house.conversations, admission(), lambda: house.seats.free(who))
    with ExitStack() as unless_asked:
        unless_asked.callback(following.close)
        _, message = house.conversations.ask(query.query or "", session_id=session_id, model=query.model, owner=who)
        unless_asked.pop_all()
    return message, following


def _wait(message: MessageView, following: Following) -> bool:
    """Whether the run was over within the time that a caller is kept waiting."""
    clock = services().clock
    patience_s = clock.monotonic() + _WAIT_S
    for event in following.until_over(message):
        if event is not None and is_over(event):
            return True
        if clock.monotonic() > patience_s:
            return False
    return False


def _streamed(frames: Iterable[bytes]) -> Response:
    reply = Response(frames, mimetype="text/event-stream")
    reply.headers["Cache-Control"] = "no-cache"
    reply.headers["X-Accel-Buffering"] = "no"
    return reply


def _in_force() -> InForce:
    found: InForce = current_app.extensions[IN_FORCE]
    return found


def _same(wanted: str | int, now: str | int) -> bool:
    if isinstance(wanted, int):
        return wanted == now
    return bool(now) and Path(wanted).expanduser().absolute() == Path(str(now)).absolute()
