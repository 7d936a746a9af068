"""What a route of /api/v1 takes and gives, said once beside it: it is checked by that, and OpenAPI tells it.

A route is a function under the blueprint's decorator and this one::

    @dataclass(frozen=True, slots=True)
    class NewTitle:
        title: Annotated[str, Text(longest=200, shortest=1)]     # no default: it must be there
        keep: bool = False                                       # may be left out

    class Renamed(TypedDict):
        id: Id
        title: str

    @blueprint.patch("/things/<id:thing_id>")
    @described(body=NewTitle, reply=Renamed, raises=(Conflict,))
    def rename(thing_id: str, body: NewTitle) -> Any:
        \"""Give a thing another title.\"""                       # the docstring is the description
        return services().things.rename(thing_id, body.title).as_json()

``body`` and ``query`` (a dataclass too, of the address's arguments) arrive as arguments of these names; without them
the route takes neither. The function returns the reply's JSON; ``status`` is 200 unless said. A file is returned as a
``Response`` of the type that ``produces`` names. ``takes="application/octet-stream"`` leaves an uploaded body, of any
type and of at most ``most_bytes`` (``MAX_SHEET_BYTES`` where nothing is said), to the function. ``raises`` lists the
errors beyond those that any route may give: 400, 401, 403, 500, 503, and 404 with an id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from core.errors import SightlineError
from web.bodies import read_body, read_query

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of one route. ``about`` is its docstring."""

    about: str
    status: int
    body: type[Any] | None
    query: type[Any] | None
    reply: Any
    raises: tuple[type[SightlineError], ...]
    takes: str
    most_bytes: int | None
    produces: tuple[str, ...]

    @property
    def takes_file(self) -> bool:
        """Whether the body is a file and no JSON."""
        return self.takes != "application/json"


def described(
    *,
    body: type[Any] | None = None,
    query: type[Any] | None = None,
    reply: Any = None,
    status: int = 200,
    raises: tuple[type[SightlineError], ...] = (),
    takes: str = "application/json",
    most_bytes: int | None = None,
    produces: tuple[str, ...] = ("application/json",),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Describe the route that follows; see the module's docstring."""

    def describe(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def answer(**given: Any) -> Any:
            if request.method not in _WITHOUT_BODY and takes == "application/json":
                found = read_body(body)
                given |= {} if body is None else {"body": found}
            arguments = read_query(query)
            given |= {} if query is None else {"query": arguments}
            result = view(**given)
            return result if isinstance(result, Response) else (result, status)

        about = " ".join((view.__doc__ or "").split())
        told = Description(about, status, body, query, reply, raises, takes, most_bytes, produces)
        answer.described = told  # type: ignore[attr-defined]
        return answer

    return describe
