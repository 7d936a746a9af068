"""Trying where one's own pictures lie, before the setting is written. For who sits at this machine: once there are
people, nobody may look about on the disk by the page, and who can write ``.env`` has no need to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, TypedDict

from flask import Blueprint

from core.errors import Forbidden, NotFound, RegisterUnreadable, SourceUnavailable
from web.access import current_person
from web.described import described
from web.services import services
from web.shapes import Text

blueprint = Blueprint("own_pictures", __name__, url_prefix="/api/v1/pictures")
_SCHEMES = {"folder": "", "bucket": "gs://", "sheet": "sheet://"}


@dataclass(frozen=True, slots=True)
class WhereTheyAre:
    """A folder's or a sheet's whole path, or a bucket and a prefix in it."""

    kind: Literal["folder", "bucket", "sheet"]
    where: Annotated[str, Text(longest=1000, shortest=1)]


class Tried(TypedDict):
    """Pictures that were found, at least so many where more is true, of how many cameras; the name of one; and the line
    of .env that takes them. Where files that could be taken for pictures are none of them, left_out says why."""

    pictures: int
    more: bool
    cameras: int
    example: str | None
    line: str
    left_out: str | None


@blueprint.post("/try")
@described(body=WhereTheyAre, reply=Tried, raises=(NotFound, SourceUnavailable, RegisterUnreadable))
def try_pictures(body: WhereTheyAre) -> Any:
    """Look at pictures that might be asked, for two seconds; nothing is changed. Only while there are no people."""
    if current_person() is not None:
        raise Forbidden("Where the pictures lie is set on the machine itself.", "docs/sources.md says how.")
    scheme = _SCHEMES[body.kind]
    where = body.where.strip()
    return asdict(services().stores.try_pictures(where if where.startswith(scheme) else f"{scheme}{where}"))
