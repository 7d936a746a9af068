"""What left this machine: to whom, when, how much, for which question. For operators."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import StringIO
from typing import Annotated, Any, TypedDict

from flask import Blueprint, stream_with_context
from werkzeug.wrappers import Response

from analyzer.outgoing import Way
from sessions.outgoing import About, Line
from web.access import current_person, refuse_viewers
from web.described import described
from web.services import services
from web.shapes import Id, Moment, Text

_AT_ONCE = 500
_HEADINGS = ("day", "at", "to", "model", "way", "picture or question", "bytes", "for the question")
_STRETCH_CHARACTERS = 32_768

blueprint = Blueprint("outgoing", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class WhichDay:
    """A day of the site's, or all."""

    day: Annotated[str, Text(pattern="[0-9]{4}-[0-9]{2}-[0-9]{2}")] | None = None


class SentOnDay(TypedDict):
    """How many pictures and questions left on a day."""

    day: str
    number: int


class Sent(TypedDict):
    """What left on one day for one question, to one server in one way. A question that is another's or was deleted is
    null, and so are its ids; one that was sent as text has none, and a purpose: its plan or a report."""

    day: str
    first_at: Moment
    last_at: Moment
    to: str
    model: str
    way: Way
    number: int
    size_bytes: int
    about: About
    question: str | None
    session_id: Id | None
    message_id: Id | None
    purpose: str


class Outgoing(TypedDict):
    """The latest first; more says that older entries are left out."""

    days: list[SentOnDay]
    sent: list[Sent]
    more: bool


@blueprint.get("/outgoing")
@described(query=WhichDay, reply=Outgoing)
def outgoing(query: WhichDay) -> Any:
    """What left this machine, by day and question, for operators: at most 500 entries, of one day or of all."""
    refuse_viewers()
    found = services().stores.outgoing.sent(current_person(), query.day, _AT_ONCE)
    return {
        "days": [{"day": day, "number": number} for day, number in found.days],
        "sent": [asdict(one) for one in found.sent],
        "more": found.more,
    }


@blueprint.get("/outgoing.csv")
@described(query=WhichDay, produces=("text/csv",))
def outgoing_csv(query: WhichDay) -> Any:
    """The same with a line for every picture and question, the oldest first."""
    refuse_viewers()
    lines = services().stores.outgoing.lines(current_person(), query.day)
    reply = Response(stream_with_context(_csv(lines)), mimetype="text/csv")
    reply.headers["Content-Disposition"] = f'attachment; filename="outgoing{f"-{query.day}" if query.day else ""}.csv"'
    return reply


def _csv(lines: Iterator[Line]) -> Iterator[str]:
    from sessions.export.cells import inert

    out = StringIO("\ufeff")
    out.seek(0, 2)
    table = csv.writer(out)
    table.writerow(_HEADINGS)
    for day, sending, question in ((line.day, line.sending, line.question) for line in lines):
        words = (
            sending.to,
            sending.model,
            sending.way,
            sending.named if sending.way is not Way.TEXT else question or "",
        )
        table.writerow([day, sending.at, *map(inert, words), sending.size_bytes, inert(question or "")])
        if out.tell() > _STRETCH_CHARACTERS:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()
