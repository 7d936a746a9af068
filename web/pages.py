"""The page. Its address is its state: a link opens the same session and the same answer."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.security import csp_nonce
from web.services import services

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
@blueprint.get("/s/<id:session_id>")
@blueprint.get("/s/<id:session_id>/<id:message_id>")
def page(session_id: str | None = None, message_id: str | None = None) -> str:
    """The same page for all three; it asks the API for what its address names. No store is waited for here."""
    house = services()
    return render_template(
        "page.html",
        csp_nonce=csp_nonce(),
        site=house.site,
        version=house.version,
        session_id=session_id,
        message_id=message_id,
    )
