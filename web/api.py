"""The JSON routes of docs/ref/api.md: what the page may read, ask and change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint

from analyzer.plan import GroupBy
from core.errors import Conflict, InvalidRequest, ModelUnavailable, NotFound, UnplannableQuestion
from core.states import Outcome
from storage.observations import OtherSide, PictureFilter
from web import replies
from web.access import current_person, owner, require_own
from web.audit import about
from web.described import described
from web.plans import AlterableChip, ChangedChips, alteration_of
from web.register import summary
from web.services import services
from web.shapes import Id, Span, Text

Name = Annotated[str, Text(longest=1000)]
_SESSIONS_AT_ONCE = 50

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class WhichSessions:
    """Which sessions are wanted: with all words of ``q``, in the bin or not; ``after`` is the ``next`` of the page
    before."""

    q: Annotated[str, Text(longest=200)] | None = None
    bin: bool = False
    after: Annotated[str, Text(pattern="[0-9]{1,3}~[0-9T:.+-]{19,40}~[0-9a-z]{26}")] | None = None
    limit: Annotated[int, Span(1, 200)] = _SESSIONS_AT_ONCE


@dataclass(frozen=True, slots=True)
class HowToDelete:
    """Into the bin, or at once for good."""

    for_good: bool = False


@dataclass(frozen=True, slots=True)
class SessionChange:
    """What a session shall be called, and whether everybody who is signed in may look into it; one or both."""

    title: Annotated[str, Text(longest=200, shortest=1)] | None = None
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: without a session a new one is made; a model that is named may also be a stand-in; ``again`` looks
    at every picture afresh. ``instead_of`` is a question of the same session that is asked anew: in the words of
    ``text``, or in its own ones. ``without`` takes away the parts that these chips stand for, ``change`` puts others in
    their place. ``confirmed`` puts it as it was understood, where it waits for a yes to what it costs and where its
    pictures go."""

    text: str | None = None
    session_id: Id | None = None
    model: Name | None = None
    again: bool = False
    instead_of: Id | None = None
    without: list[AlterableChip] | None = None
    change: ChangedChips | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody thinks of an answer: 1 or -1; 0 or null takes it back."""

    rating: Annotated[int, Span(-1, 1)] | None


@dataclass(frozen=True, slots=True)
class WhichPictures:
    """Which of a question's pictures are wanted; ``least`` hides those with a lower score; ``after`` is the ``next`` of
    the page before. ``side`` is for a difference: those of the answer before, or of both."""

    outcome: Outcome | None = None
    camera: Name | None = None
    location: Name | None = None
    district: Name | None = None
    places: Outcome | None = None
    side: OtherSide | None = None
    least: Annotated[float, Span(0, 1000)] | None = None
    after: Annotated[str, Text(pattern="[0-9]{1,9}")] | None = None
    limit: Annotated[int, Span(1, 500)] = 100


@dataclass(frozen=True, slots=True)
class WhichGroups:
    """What the figures shall belong to."""

    by: GroupBy


@blueprint.get("/state")
@described(reply=replies.State)
def state() -> Any:
    """What the page needs to begin: who, which pictures, which models, which sessions, what to ask first."""
    house, person = services(), current_person()
    stores = house.stores
    # Read before the rest: what changes in between is told again by the stream, and the page takes the newer.
    last_event_id = house.conversations.last_event_id()
    listed = _listed(None, "", binned=False, limit=_SESSIONS_AT_ONCE)
    return {
        "site": house.site.as_json(),
        "person": person.as_json() if person else None,
        "last_event_id": last_event_id,
        "sessions": listed["sessions"],
        "next": listed["next"],
        "source": stores.source().as_json(),
        "register": summary(),
        "models": [model.as_json() for model in stores.models()],
        "warnings": house.warnings(),
        "starters": [{"text": text} for text in house.conversations.starters()],
    }


@blueprint.get("/sessions")
@described(query=WhichSessions, reply=replies.SessionPage)
def sessions(query: WhichSessions) -> Any:
    """Sessions, a page at a time: the latest first, or the best where words are looked for."""
    return _listed(query.after, query.q or "", binned=query.bin, limit=query.limit)


@blueprint.post("/sessions")
@described(reply=replies.Session, status=201)
def create_session() -> Any:
    """A new, empty session."""
    made = services().conversations.create(owner=owner())
    about(made.id)
    return made.as_json(current_person())


@blueprint.get("/sessions/<id:session_id>")
@described(reply=replies.OpenSession)
def session(session_id: str) -> Any:
    """A session with its messages, and the id of the last event that they include."""
    return services().conversations.open(session_id).as_json(current_person())


@blueprint.patch("/sessions/<id:session_id>")
@described(body=SessionChange, reply=replies.Session)
def change_session(session_id: str, body: SessionChange) -> Any:
    """Give a session another title, share it, or share it no longer."""
    conversations = services().conversations
    if body.title is None and body.shared is None:
        raise InvalidRequest("There is nothing to change.", "Say title, shared or both.")
    if body.title is not None:
        changed = conversations.rename(session_id, body.title.strip())
    if body.shared is not None:
        changed = conversations.share(session_id, body.shared)
    return changed.as_json(current_person())


@blueprint.delete("/sessions/<id:session_id>")
@described(query=HowToDelete, reply=replies.Deleted)
def delete_session(session_id: str, query: HowToDelete) -> Any:
    """Put a session into the bin, where it stays for a week; or delete it with its questions and observations."""
    services().conversations.delete(session_id, for_good=query.for_good)
    return {"deleted": True}


@blueprint.post("/sessions/<id:session_id>/restore")
@described(reply=replies.Session)
def restore_session(session_id: str) -> Any:
    """Take a session out of the bin."""
    return services().conversations.restore(session_id).as_json(current_person())


@blueprint.post("/questions")
@described(body=Question, reply=replies.Asked, status=202, raises=(UnplannableQuestion, NotFound))
def ask(body: Question) -> Any:
    """Ask, or ask a question anew. The answer arrives on the stream; the reply says what was understood."""
    conversations = services().conversations
    require_own(session_id=body.session_id, message_id=body.instead_of)
    alteration = alteration_of(body.without, body.change)
    if alteration and body.text is None:
        if body.instead_of is None or body.again:
            raise InvalidRequest("Chips are altered of a text, or of instead_of without again.")
        asked_in, message = conversations.alter(body.instead_of, body.session_id, alteration, body.model)
    elif body.confirmed:
        if body.instead_of is None:
            raise InvalidRequest("confirmed goes with instead_of.")
        asked_in, message = conversations.confirm(body.instead_of, body.session_id)
    elif body.text is None:
        raise InvalidRequest("text is missing.")
    else:
        asked_in, message = conversations.ask(
            body.text,
            session_id=body.session_id,
            model=body.model,
            again=body.again,
            instead_of=body.instead_of,
            owner=owner(),
            alteration=alteration or None,
        )
    about(asked_in.id)
    return {"session": asked_in.as_json(current_person()), "message": message.as_json()}


@blueprint.get("/messages/<id:message_id>")
@described(reply=replies.Message)
def message(message_id: str) -> Any:
    """One message as it stands."""
    return services().conversations.message(message_id).as_json()


@blueprint.post("/messages/<id:message_id>/rating")
@described(body=Rating, reply=replies.Message)
def rate(message_id: str, body: Rating) -> Any:
    """Say what one thinks of an answer; all who have it open hear of it."""
    return services().conversations.rate(message_id, body.rating or None).as_json()


@blueprint.get("/messages/<id:message_id>/pictures")
@described(query=WhichPictures, reply=replies.PicturePage)
def message_pictures(message_id: str, query: WhichPictures) -> Any:
    """The pictures behind an answer or one of its figures, a page at a time, the newest first."""
    wanted = PictureFilter(
        query.outcome, query.camera, query.location, query.district, query.least, query.places, query.side
    )
    return services().conversations.pictures(message_id, wanted, query.after, query.limit).as_json()


@blueprint.get("/messages/<id:message_id>/places")
@described(reply=replies.Places)
def message_places(message_id: str) -> Any:
    """A place for every camera of an answer, also for those that stand nowhere on the map."""
    return {"places": [place.as_json() for place in services().conversations.places(message_id)]}


@blueprint.get("/messages/<id:message_id>/workings")
@described(reply=replies.Workings)
def message_workings(message_id: str) -> Any:
    """The statements behind an answer's figures, with the values bound to them."""
    return {"statements": services().conversations.workings(message_id)}


@blueprint.get("/messages/<id:message_id>/groups")
@described(query=WhichGroups, reply=replies.Groups)
def message_groups(message_id: str, query: WhichGroups) -> Any:
    """An answer's figures by place or by time, whatever it was asked by; computed from what was seen."""
    return services().conversations.grouped(message_id, query.by)


@blueprint.post("/runs/<id:run_id>/stop")
@described(reply=replies.Run, status=202, raises=(Conflict,))
def stop_run(run_id: str) -> Any:
    """Stop a run; what it has found stays."""
    return services().conversations.stop(run_id).as_json()


@blueprint.post("/runs/<id:run_id>/continue")
@described(reply=replies.Run, status=202, raises=(Conflict, ModelUnavailable))
def continue_run(run_id: str) -> Any:
    """Go on with a run that was stopped or has failed."""
    return services().conversations.continue_(run_id).as_json()


def _listed(after: str | None, text: str, *, binned: bool, limit: int) -> dict[str, Any]:
    from storage.session_list import SessionsWanted  # it brings SQLAlchemy, which the start need not wait for

    person = current_person()
    wanted = SessionsWanted(text, binned, person)
    return services().conversations.find(wanted, after, limit).as_json(person)
