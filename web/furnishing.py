"""Putting the rooms of the web into an app. The list of blueprints is the list of what can be reached."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from web import (
    api,
    chat,
    exports,
    health,
    links,
    media,
    models,
    openapi,
    outgoing,
    own_pictures,
    pages,
    plans,
    register,
    shared,
    signing_in,
    stream,
    system,
)
from web.access import register_access
from web.assets import register_assets
from web.audit import register_audit
from web.classic import routes as classic
from web.compression import register_compression
from web.cors import register_cors
from web.errors import register_errors
from web.identifiers import register_identifiers
from web.logs import register_request_log
from web.security import LateKeySessions, check_change, register_security
from web.services import EXTENSION, Services

_ROOMS = (
    pages,
    plans,
    signing_in,
    api,
    models,
    register,
    outgoing,
    own_pictures,
    exports,
    links,
    shared,
    openapi,
    stream,
    media,
    health,
    system,
    chat,
    classic,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """How the server is reached. ``trusted_hosts`` are names beside those of this machine; the cookie's key is
    ``secret_key``, else kept in ``key_folder``; ``trusted_proxies`` stand in front of it and are believed; pages
    of ``cors_origins`` may ask too."""

    trusted_hosts: Collection[str]
    key_folder: Path
    secret_key: str | None
    port: int
    sign_in_days: int = 30
    trusted_proxies: int = 0
    secure_cookies: bool = False
    cors_origins: Collection[str] = ()


def furnish(app: Flask, house: Services, entrance: Entrance) -> None:
    """Make ``app`` serve ``house``. Opens and writes nothing."""
    app.extensions[EXTENSION] = house
    app.json.sort_keys = False  # type: ignore[attr-defined]  # columns come in the sheet's order
    # Browsers share cookies among the ports of a host: two Sightlines on one machine must not log each other out.
    app.config["SESSION_COOKIE_NAME"] = f"sightline_{entrance.port}"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SECURE"] = entrance.secure_cookies
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    # Or a reply that was under way during a sign-in would put the cookie of before in its place.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.session_interface = LateKeySessions(entrance.key_folder, entrance.secret_key)
    if hops := entrance.trusted_proxies:
        # Not the host: the proxy passes on the name that was asked for, and it is checked as everybody's is.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)  # type: ignore[method-assign]
    register_request_log(app)
    register_security(app, entrance.trusted_hosts, house.limits.body_bytes, house.limits.upload_bytes)
    register_audit(app)
    register_access(app, entrance.sign_in_days)
    app.before_request(check_change)
    register_cors(app, entrance.cors_origins)
    register_errors(app)
    register_identifiers(app)
    register_assets(app)
    register_compression(app)
    for room in _ROOMS:
        app.register_blueprint(room.blueprint)
