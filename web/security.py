"""What every request must pass and every reply must carry.

A browser on this machine will send requests here for any page it has open. So the name it asked for is checked (DNS
rebinding), what it says about the asking page is checked, and a change needs a token that only our page can read.
"""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from flask import Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import Forbidden, InvalidRequest, SettingsError, SightlineError, TooLarge
from web.described import Description

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?P<port>:[0-9]{1,5})?")
_PRIVATE = (
    *("/api/", "/media/", "/analyze", "/check_config", "/create_session", "/delete_session/", "/get_image/"),
    *("/get_session", "/initialize_analyzer", "/load_session/", "/v1/"),
)
_OF_FRIENDS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What can be sent by a plain form, so that nobody needs scripts to sign in or out.
FORMS = frozenset(f"signing_in.{name}" for name in ("sign_in", "sign_out", "sign_out_everywhere", "change_password"))
_FEWEST_SECRET_CHARACTERS = 32
_FEWEST_DIFFERENT = 12
# What stands in examples and is left as it was found there.
_EXAMPLE_KEY = re.compile(r"change|default|example|password|secret|your|insecure|dev[-_ ]?key", re.IGNORECASE)
# What a page elsewhere may do is to link here; it may not load our data, pictures or streams.
_FRIENDLY_SITES = frozenset({"same-origin", "none"})
# What a browser says of the page that made it ask; no page can take it off.
_OF_A_BROWSER = ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Sec-Fetch-User")

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


class UnsupportedMediaType(SightlineError):
    """A body that is not what the route reads."""

    code = "unsupported_media_type"
    status = 415


def register_security(app: Flask, trusted_hosts: Collection[str], body_bytes: int, upload_bytes: int) -> None:
    """Guard every request to ``app`` and dress every reply.

    ``trusted_hosts`` are the names (without port) under which the page may be asked for; a leading dot admits every
    name below. ``body_bytes`` is the most that a request may carry, ``upload_bytes`` where the route takes a file.
    """
    names = frozenset(name.strip().lower() for name in (*LOOPBACK_NAMES, *trusted_hosts) if name.strip())
    app.config["MAX_CONTENT_LENGTH"] = body_bytes
    app.config["MAX_FORM_PARTS"] = 1
    app.before_request(lambda: _check_request(names, upload_bytes))
    app.after_request(_dress)
    app.add_template_global(csrf_token, "csrf_token")


def comes_from_program() -> bool:
    """Whether a program of this machine asks, for which there is no page that could have made it ask.

    A token guards what a browser sends along without being told: its cookies, and its place behind the door of this
    machine. So whoever might be a browser needs one. A browser puts Origin on every POST, PATCH and DELETE, whichever
    page is behind it ("null" where it hides which), and to a loopback name it also says Sec-Fetch-Site, on a GET too.
    Older ones that don't still begin their User-Agent with "Mozilla/", and a page that wants another header than the
    harmless ones must ask first by a preflight, which is refused. By another name than loopback's nobody is let
    through here: there, browsers leave Sec-Fetch-Site away. Our own cookie is never taken without the page's token.
    """
    return (
        _name_in(request.environ.get("HTTP_HOST", "")) in LOOPBACK_NAMES
        and not any(name in request.headers for name in _OF_A_BROWSER)
        and not request.headers.get("User-Agent", "").startswith("Mozilla/")
        and not carries_our_cookie()
    )


def require_own_caller() -> None:
    """For a GET that changes something, which any page could have a browser send by showing it as a picture: let only
    our own page through, programs of this machine, those with a token, and friends."""
    own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not (own or g.get("by_token", False) or comes_from_program() or comes_from_friend()):
        raise Forbidden("This would begin something at the wish of another page.", "Send a token, or POST to /analyze.")


def carries_our_cookie() -> bool:
    """Whether the request comes with the cookie that holds a sign-in and a page's token, whatever it is worth."""
    return str(current_app.config["SESSION_COOKIE_NAME"]) in request.cookies


def comes_from_friend() -> bool:
    """Whether a page asks whose origin stands in CORS_ORIGINS. It may do what a program may, by GET and POST and with a
    token of its own where there are people; never with our cookie, or it would act as whoever sits at the browser."""
    welcome = request.headers.get("Origin") in current_app.config.get("CORS_ORIGINS", ())
    return welcome and request.method in _OF_FRIENDS and not carries_our_cookie()


def csrf_token() -> str:
    """This browser's token, made at its first page; the page sends it back as ``X-CSRF-Token``."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(32)
        session.permanent = True
    return str(session["csrf"])


def csp_nonce() -> str:
    """The nonce of this reply's import map; nothing else inline is allowed to run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def admit(sources: Mapping[str, Collection[str]]) -> None:
    """Let this reply, and no other, load from ``sources`` too: by directive of its policy."""
    g.admitted = sources


def refuse_open_door(host: str, proxies: int = 0, is_anybody_set_up: Callable[[], bool] = lambda: False) -> None:
    """Stop the start when others could reach a server that asks nobody who they are."""
    if is_loopback(host) and not proxies:
        return
    if not is_anybody_set_up():
        reached_by = "HOST is " + host if not is_loopback(host) else f"TRUSTED_PROXIES is {proxies}"
        raise SettingsError(
            f"{reached_by}: anybody who can reach this machine could use Sightline, and no user is set up.",
            "Run `flask --app flask_app user add NAME`, or set HOST=127.0.0.1 and come through an SSH tunnel.",
        )


def refuse_guessable_key(host: str, key: str) -> None:
    """Stop the start when others could reach a server whose cookies they could sign themselves. ``key`` is the one in
    the settings, empty where one is made."""
    if not key:
        return
    _require_length(key)
    if not is_loopback(host) and (len(set(key)) < _FEWEST_DIFFERENT or _EXAMPLE_KEY.search(key)):
        raise SettingsError("SECRET_KEY can be guessed.", "Leave it out, and one is made and kept in DATA_DIR.")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``. A name other than ``localhost`` may mean anything."""
    if host.strip().lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip().strip("[]")).is_loopback
    except ValueError:
        return False


def read_secret_key(folder: Path, given: str | None) -> str:
    """The key that signs cookies: ``given``, else the one in ``folder``, made once and readable by its owner only."""
    if given:
        _require_length(given)
        return given
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept_secret_key(path)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key


def _require_length(key: str) -> None:
    if len(key) < _FEWEST_SECRET_CHARACTERS:
        raise SettingsError(
            f"SECRET_KEY has {len(key)} characters; it must have at least {_FEWEST_SECRET_CHARACTERS}.",
            "Leave it out, and one is made and kept in DATA_DIR.",
        )


def _kept_secret_key(path: Path) -> str:
    key = path.read_text(encoding="ascii").strip()
    if len(key) < _FEWEST_SECRET_CHARACTERS:
        raise SettingsError(f"{path} holds no usable key.", "Delete the file, and a new one is made.")
    return key


class LateKeySessions(SecureCookieSessionInterface):
    """Signed cookies whose key is read at the first request, so that a command writes nothing to the data folder."""

    def __init__(self, folder: Path, given: str | None) -> None:
        self._folder = folder
        self._given = given

    def get_cookie_secure(self, app: Flask) -> bool:
        """Over TLS only, where it is said to be so or the request came like that."""
        return super().get_cookie_secure(app) or request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            app.secret_key = read_secret_key(self._folder, self._given)
        return super().get_signing_serializer(app)


def _check_request(names: Collection[str], upload_bytes: int) -> None:
    _check_host(request.environ.get("HTTP_HOST", ""), names)
    told = _described()
    if told is not None and told.takes_file:
        request.max_content_length = told.most_bytes or upload_bytes
    larger = getattr(current_app.view_functions.get(request.endpoint or ""), "most_bytes", None)
    if larger is not None:  # see web.bodies.takes_up_to
        request.max_content_length = larger
    if request.content_length is not None and request.content_length > (request.max_content_length or 0):
        raise _too_large()
    site = request.headers.get("Sec-Fetch-Site", "none")
    if is_private(request.path) and site not in _FRIENDLY_SITES and not comes_from_friend():
        raise Forbidden("This request comes from another site's page.", "Open Sightline itself.")


def _described() -> Description | None:
    """What is said of the route that is asked for, where it is one of those that say it."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "described", None)


def _check_host(host: str, names: Collection[str]) -> None:
    """X-Forwarded-Host is never read: no proxy is trusted. Two Host headers arrive joined by a comma and fail here."""
    name = _name_in(host)
    if not name or not any(_is_named(name, trusted) for trusted in names):
        raise InvalidRequest("This server does not go by that name.", "Add the name to TRUSTED_HOSTS.")


def _name_in(host: str) -> str:
    """The name without its port, or nothing where ``host`` is none."""
    found = _HOST.fullmatch(host)
    return found["name"].lower().removesuffix(".") if found else ""


def _is_named(name: str, trusted: str) -> bool:
    return name.endswith(trusted) if trusted.startswith(".") else name == trusted


def check_change() -> None:
    """Let a change through that comes from our own page, or from a program."""
    if request.method in SAFE_METHODS or request.routing_exception is not None:
        return  # nothing here would be changed: without a route it is 404, or 405 with what is allowed
    if comes_from_program() or comes_from_friend():
        _require_json()
        return
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    is_form = request.endpoint in FORMS and request.mimetype == "application/x-www-form-urlencoded"
    # A form's origin is hidden by our own Referrer-Policy; the browser says all the same whose page it came from.
    is_hidden = is_form and origin == "null" and "Sec-Fetch-Site" in request.headers
    if site != "same-origin" or not (origin is None or is_hidden or origin == request.host_url.rstrip("/")):
        raise Forbidden("This request comes from another site's page.", "Open Sightline itself.")
    if not g.get("by_token", False):
        _check_token(request.form.get("csrf_token", "") if is_form else request.headers.get("X-CSRF-Token", ""))
    if not is_form:
        _require_json()


def _check_token(sent: str) -> None:
    known = str(session.get("csrf", ""))
    if not known or not secrets.compare_digest(sent.encode("utf-8", "replace"), known.encode()):
        raise Forbidden("The page's token is missing or old.", "Reload the page.")


def _require_json() -> None:
    told = _described()
    takes_file = told is not None and told.takes_file
    if request.content_length and request.mimetype != "application/json" and not takes_file:
        raise UnsupportedMediaType("The request must be JSON.", "Set Content-Type: application/json.")


def _too_large() -> Exception:
    told = _described()
    if told is None or not told.takes_file:
        return RequestEntityTooLarge()
    most = (request.max_content_length or 0) / 1_000_000
    hint = "" if told.most_bytes else "MAX_SHEET_BYTES sets the limit."
    return TooLarge(f"The file is larger than {most:g} MB.", hint)


def is_private(path: str) -> bool:
    """Whether an address is for our page's scripts and for programs, and never opened by itself."""
    return path.startswith(_PRIVATE)


def _dress(reply: Response) -> Response:
    for name, value in _HEADERS.items():
        reply.headers.setdefault(name, value)
    reply.headers.setdefault("Content-Security-Policy", "; ".join(_policy(reply)))
    if not request.path.startswith(("/vendor/", "/static/")):
        reply.vary.add("Cookie")
        if "Cache-Control" not in reply.headers:
            reply.headers["Cache-Control"] = "no-store"
    return reply


def _policy(reply: Response) -> Iterable[str]:
    """The page loads from here only. A script's reply carries the same, since a worker lives under its own script's
    policy; a picture or a JSON opened by itself may load nothing at all."""
    if is_private(request.path):
        return ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "sandbox")
    nonce = (f"'nonce-{g.csp_nonce}'",) if "csp_nonce" in g and reply.mimetype == "text/html" else ()
    admitted = g.get("admitted", {})
    sources = {
        "default-src": ("'self'",),
        "script-src": ("'self'", *nonce),
        # Without something admitted there is no style of anybody else's that would need the nonce.
        "style-src": ("'self'", *(nonce if "style-src" in admitted else ())),
        "img-src": ("'self'", "data:", "blob:"),
        "object-src": ("'none'",),
        "base-uri": ("'none'",),
        "form-action": ("'self'",),
        "frame-ancestors": ("'none'",),
    }
    for directive, more in admitted.items():
        sources[directive] = (*sources.get(directive, ()), *more)
    return (f"{directive} {' '.join(allowed)}" for directive, allowed in sources.items())
