"""Pictures over HTTP: only listed ones, only by id. No part of an address ever becomes a path."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

from flask import Blueprint, Response, send_file

from core.errors import PictureUnreadable
from core.picture import Picture
from storage.thumbnails import content_tag, content_type
from web.services import services

_MOST_BYTES = 64 * 1024 * 1024
# A picture may be replaced under its name, so a browser asks again after a while; the tag makes that cheap.
_FRESH_S = 300
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\"\\/]")

blueprint = Blueprint("media", __name__, url_prefix="/media")


@blueprint.get("/<id:picture_id>")
def picture(picture_id: str) -> Response:
    """The picture as it is. A broken one is ``picture_unreadable`` (422), so that the page can show it as such."""
    return given(picture_id, full_size)


@blueprint.get("/<id:picture_id>/thumbnail")
def thumbnail(picture_id: str) -> Response:
    """A JPEG of at most 480 pixels' width."""
    return given(picture_id, small)


def given(picture_id: str, present: Callable[[Picture, bytes], Response]) -> Response:
    """A picture as ``present`` makes it, or the way to where it lies: no byte of those passes through here."""
    media = services().stores.media
    elsewhere = media.elsewhere(picture_id)
    if elsewhere is None:
        return present(*media.picture(picture_id))
    reply = Response(status=302, content_type="text/plain")  # werkzeug's own would write the address into its body
    reply.headers["Location"] = elsewhere
    return reply


def full_size(listed: Picture, content: bytes) -> Response:
    """A listed picture as it is."""
    _require_bearable(content)
    kind = content_type(content, services().stores.media.thumbnails.max_pixels)
    return _reply(content, kind, content_tag(content), listed.name)


def small(listed: Picture, content: bytes) -> Response:
    """Its thumbnail."""
    _require_bearable(content)
    made = services().stores.media.thumbnails.of(content)
    return _reply(made, "image/jpeg", content_tag(content) + "-480", listed.name)


def _require_bearable(content: bytes) -> None:
    if len(content) > _MOST_BYTES:
        raise PictureUnreadable("This picture is larger than 64 MiB and is not shown.")


def _reply(content: bytes, mimetype: str, tag: str, name: str) -> Response:
    file_name = _UNPRINTABLE.sub("_", name.rpartition("/")[2])[-150:]
    reply = send_file(
        io.BytesIO(content), mimetype=mimetype, download_name=file_name or "picture", etag=tag, max_age=_FRESH_S
    )
    reply.cache_control.public = False
    reply.cache_control.private = True
    return reply
