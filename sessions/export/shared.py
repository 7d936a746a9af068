"""A shared answer as a page: the report, with its pictures by address, since they are served under the link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sessions.export.extract import Extract
from sessions.export.report import ShownPicture, chosen, facts, style_digest, taken, template
from sessions.views import MessageView


@dataclass(frozen=True, slots=True)
class Shared:
    """``address`` is the link's own, from the root of this server; ``messages`` are all that it shows, of which
    ``current`` is on the page."""

    address: str
    title: str
    messages: Sequence[MessageView]
    current: str


def page(extract: Extract, shared: Shared, origins: Sequence[str] = ()) -> tuple[Iterator[bytes], str]:
    """The page in pieces, and the policy it keeps to: no script, pictures from here and ``origins``, its own style."""
    told = facts(extract, _Pictures(extract, shared.address)) | {"shared": shared}
    places = " ".join(("'self'", *origins))
    policy = (
        f"default-src 'none'; img-src {places}; style-src '{style_digest()}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    pieces = template("shared.html").generate(told)
    return (piece.encode("utf-8", "backslashreplace") for piece in pieces), policy


class _Pictures:
    """The pictures to show, by address; a browser fetches them when they come into sight."""

    def __init__(self, extract: Extract, address: str) -> None:
        self.unavailable = 0
        self.shown = [
            ShownPicture(seen, f"{where}/thumbnail", taken(extract.local(seen.taken_at)), where)
            for seen in chosen(extract)
            for where in [f"{address}/pictures/{seen.picture_id}"]
        ]
