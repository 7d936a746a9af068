"""Pages of other origins that may ask (CORS): those that CORS_ORIGINS names, each exactly, and never with our cookie.

What such a page may then do is :func:`web.security.comes_from_friend`'s business; here stands what its browser is told.
"""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, current_app, request

from web.security import comes_from_friend

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "86400",
}


def register_cors(app: Flask, origins: Collection[str]) -> None:
    """Let pages of ``origins`` read what this app answers. Access-Control-Allow-Credentials is never sent."""
    app.config["CORS_ORIGINS"] = frozenset(origins)
    app.before_request(_answer_preflight)
    app.after_request(_permit)


def _answer_preflight() -> Response | None:
    asked = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    if not asked or request.url_rule is None or not comes_from_friend():
        return None
    return Response(status=204, headers=_PREFLIGHT, mimetype="text/plain")


def _permit(reply: Response) -> Response:
    """Not for pages: nobody else's script has any business with their token."""
    if not current_app.config["CORS_ORIGINS"] or reply.mimetype == "text/html":
        return reply
    # Also on a reply to somebody else: a cache must not hand it to a friend, nor a friend's to them.
    reply.vary.add("Origin")
    if comes_from_friend():
        reply.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
    return reply
