"""The page. Its address is its state: a link opens the same session and the same answer."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from web.security import admit, csp_nonce
from web.services import services

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@blueprint.get("/s/<id:session_id>")
@blueprint.get("/s/<id:session_id>/<id:message_id>")
def page(session_id: str | None = None, message_id: str | None = None) -> Response:
    """The same page for all three; it asks the API for what its address names. No store is waited for here, unless
    it knows from where pictures are loaded."""
    house = services()
    sources = dict(house.map_ground.sources())
    sources["img-src"] = (*sources.get("img-src", ()), *house.picture_origins())
    admit(sources)
    reply = make_response(
        render_template(
            "page.html",
            csp_nonce=csp_nonce(),
            map_ground=house.map_ground.as_json(),
            site=house.site,
            version=house.version,
            session_id=session_id,
            message_id=message_id,
            upload_bytes=house.limits.upload_bytes,
        )
    )
    if house.map_ground.google_key:
        # A key restricted by referrer works only where one is sent; the origin says nothing of the session.
        reply.headers["Referrer-Policy"] = "strict-origin"
    return reply
