"""Every error as the one JSON shape, or as a small page for somebody whose browser came to a wrong address."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType

from flask import Flask, Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from core.errors import SightlineError

_log = logging.getLogger(__name__)

_SENTENCES: Mapping[int, tuple[str, str, str]] = MappingProxyType(
    {
        400: ("invalid_request", "The request can't be understood.", ""),
        404: ("not_found", "There is nothing at this address.", "Go back to the start page."),
        405: ("method_not_allowed", "This address can't be used in this way.", ""),
        413: ("too_large", "The request is too large.", "Send less at once."),
        415: ("unsupported_media_type", "The request must be JSON.", "Set Content-Type: application/json."),
        431: ("headers_too_large", "The request's headers are too large.", ""),
    }
)
_UNEXPECTED = ("internal", "Something in Sightline failed.", "The reason is in the log; asking again does no harm.")


def register_errors(app: Flask) -> None:
    """Answer every error that a view raises."""
    app.register_error_handler(SightlineError, _on_known)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Exception, _on_unexpected)


def error_reply(status: int, error: Mapping[str, str]) -> Response:
    """``error`` (code, message, hint) as JSON, or as a page where a browser asked for one."""
    if wants_page():
        return make_response(render_template("error.html", status=status, **error), status)
    reply = jsonify(error=dict(error))
    reply.status_code = status
    return reply


def wants_page() -> bool:
    """Whether a page is the answer: programs and our scripts get JSON, somebody who navigates gets a page."""
    if request.path.startswith(("/api/", "/media/")):
        return False
    accepted = request.accept_mimetypes
    return accepted.best_match(["application/json", "text/html"]) == "text/html"


def _on_known(error: SightlineError) -> Response:
    if error.status >= 500:
        _log.warning("%s %s: %s", request.method, request.path, error.sentence)
    reply = error_reply(error.status, error.as_json())
    if error.status == 503:
        reply.headers["Retry-After"] = "5"
    return reply


def _on_http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if status >= 500:
        return _on_unexpected(error)
    if 300 <= status < 400:
        return make_response(error.get_response())
    code, message, hint = _SENTENCES.get(status, ("invalid_request", error.name + ".", ""))
    reply = error_reply(status, {"code": code, "message": message, "hint": hint})
    reply.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    return reply


def _on_unexpected(error: Exception) -> Response:
    """The root of a request: what was not foreseen is logged in full, and told in one sentence."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    code, message, hint = _UNEXPECTED
    return error_reply(500, {"code": code, "message": message, "hint": hint})
