"""Which session a caller of the earlier analyser means, and how sessions are told to it (S2.4, S2.5).

There is no current session of the process, in which two people would mix: each browser keeps its own, in a cookie that
names a session and opens nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, request

from core.errors import Conflict, NotFound
from core.people import may_see
from web.access import current_person, require_own
from web.services import services

if TYPE_CHECKING:
    from sessions.export.session_files import SessionExtract

_LISTED = 50
_ID = re.compile(r"[0-9abcdefghjkmnpqrstvwxyz]{26}")


def begun_at(stamp: str) -> str:
    """The id of the session that began in that second by the site's clock: the earlier way of naming one, which two
    sessions may share. It is compared, and never a path."""
    zone, person = ZoneInfo(services().site.timezone), current_person()
    found = [
        view.id
        for view in services().conversations.sessions()
        if may_see(person, view.row.owner, view.row.shared)
        and f"{view.row.created_at.astimezone(zone):%Y%m%d_%H%M%S}" == stamp
    ]
    if not found:
        raise NotFound("There is no such session.", "GET /get_sessions lists those there are.")
    if len(found) > 1:
        raise Conflict("Several sessions began in that second.", "Name the one you mean by its id.")
    return found[0]


def listed() -> list[str]:
    """The ids of the sessions last touched that this person may see."""
    from storage.session_list import SessionsWanted  # it brings SQLAlchemy, which the first page need not wait for

    page = services().conversations.find(SessionsWanted(person=current_person()), None, _LISTED)
    return [view.id for view in page.sessions]


def current_session() -> str | None:
    """The session that this browser is in, if it is still there and whoever signed in here may ask in it."""
    session_id = request.cookies.get(_cookie(), "")
    if not _ID.fullmatch(session_id):
        return None
    try:
        _require_usable(session_id)
    except NotFound:
        return None
    return session_id


def _require_usable(session_id: str) -> None:
    require_own(session_id=session_id)
    services().conversations.open(session_id)


def enter(reply: Response, session_id: str) -> Response:
    """Remember the session in this browser."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    reply.set_cookie(_cookie(), session_id, httponly=True, samesite="Lax", secure=secure)
    return reply


def _cookie() -> str:
    """Beside the cookie of the page, and by the port for the same reason."""
    return f"{current_app.config['SESSION_COOKIE_NAME']}_session"


def told(extract: SessionExtract, head: dict[str, Any]) -> Iterator[bytes]:
    """``{"success", "session"}`` with ``head`` and all questions, in pieces: their rows may be many."""
    pieces = extract.conversation()
    opening = json.dumps({"success": True, "session": head}, ensure_ascii=False)
    yield opening[:-2].encode("utf-8", "replace") + b", " + next(pieces)[1:]
    yield from pieces
    yield b"}"
