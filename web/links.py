"""Links to answers: the routes by which they are made, listed and taken back. What a link leads to is
:mod:`web.shared`'s business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict

from flask import Blueprint

from core.errors import Conflict
from web import replies
from web.access import owner, require_own
from web.audit import about
from web.described import described
from web.services import services
from web.shapes import Id, Moment

blueprint = Blueprint("links", __name__, url_prefix="/api/v1/sessions/<id:session_id>/links")


@dataclass(frozen=True, slots=True)
class NewLink:
    """What the link shall show: one question of the session, or all that stand in it now."""

    message_id: Id | None = None


class Link(TypedDict):
    """A link; without message_id it shows all questions that stood in the session when it was made."""

    id: Id
    message_id: Id | None
    created_at: Moment
    used_at: Moment | None


class MadeLink(TypedDict):
    """A new link and its address, which is told this once."""

    link: Link
    address: str


class Links(TypedDict):
    """A session's links, the newest first."""

    links: list[Link]


@blueprint.get("")
@described(reply=Links)
def links(session_id: str) -> Any:
    """Which links lead into a session."""
    from sessions.links import link_json

    return {"links": [link_json(link) for link in services().stores.links.of_session(session_id)]}


@blueprint.post("")
@described(body=NewLink, reply=MadeLink, status=201, raises=(Conflict,))
def make(session_id: str, body: NewLink) -> Any:
    """Let whoever has the address look at an answer, or at a session as it stands; they can change nothing."""
    from sessions.links import link_json

    require_own(message_id=body.message_id)
    link, secret = services().stores.links.make(session_id, body.message_id, owner())
    about(f"{session_id},{link.id}")
    return {"link": link_json(link), "address": f"/shared/{secret}"}


@blueprint.delete("/<id:link_id>")
@described(reply=replies.Deleted)
def take_back(session_id: str, link_id: str) -> Any:
    """Take a link back: from now on its address leads nowhere."""
    services().stores.links.take_back(session_id, link_id)
    return {"deleted": True}
