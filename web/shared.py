"""What a link leads to: answers to read and their pictures, without an account, a script or a way to change anything.

The address is the leave to look; each route asks the link anew, so that one that is taken back shows nothing more.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from core.picture import Picture
from web.media import full_size, given, small
from web.services import services

blueprint = Blueprint("shared", __name__, url_prefix="/shared/<link:secret>")


@blueprint.get("")
@blueprint.get("/<id:answer_id>")
def answer(secret: str, answer_id: str | None = None) -> Response:
    """An answer as a page: the newest that the link shows where none is named."""
    from sessions.export.shared import Shared, page

    house = services()
    found = house.stores.links.open(secret)
    shown = found.message(answer_id)
    extract = house.stores.exports.answer(shown.id, house.site.name, "")
    told = Shared(f"/shared/{secret}", found.title, found.messages, shown.id)
    content, policy = page(extract, told, house.picture_origins())
    headers = {"Content-Security-Policy": policy, "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
    return Response(content, content_type="text/html; charset=utf-8", headers=headers)


@blueprint.get("/pictures/<id:picture_id>")
def picture(secret: str, picture_id: str) -> Response:
    """A picture that stands behind what the link shows."""
    return _found(secret, picture_id, full_size)


@blueprint.get("/pictures/<id:picture_id>/thumbnail")
def thumbnail(secret: str, picture_id: str) -> Response:
    """The same as a small JPEG."""
    return _found(secret, picture_id, small)


def _found(secret: str, picture_id: str, present: Callable[[Picture, bytes], Response]) -> Response:
    """The picture, if the link shows it. One that is taken back must not go on in a browser's cache."""
    services().stores.links.require_picture(secret, picture_id)
    reply = given(picture_id, present)
    reply.headers["Cache-Control"] = "no-store"
    reply.headers["X-Robots-Tag"] = "noindex, nofollow"
    return reply
