"""Putting the rooms of the web into an app. The list of blueprints is the list of what can be reached."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from flask import Flask

from web import api, exports, health, media, openapi, pages, register, stream
from web.assets import register_assets
from web.compression import register_compression
from web.cors import register_cors
from web.errors import register_errors
from web.identifiers import register_identifiers
from web.logs import register_request_log
from web.security import LateKeySessions, register_security
from web.services import EXTENSION, Services

_BLUEPRINTS = (
    pages.blueprint,
    api.blueprint,
    register.blueprint,
    exports.blueprint,
    openapi.blueprint,
    stream.blueprint,
    media.blueprint,
    health.blueprint,
)


def furnish(
    app: Flask,
    house: Services,
    trusted_hosts: Collection[str],
    key_folder: Path,
    secret_key: str | None,
    port: int,
    cors_origins: Collection[str] = (),
) -> None:
    """Make ``app`` serve ``house``. ``trusted_hosts`` are names beside those of this machine; the cookie key is
    ``secret_key``, else kept in ``key_folder``. Pages of ``cors_origins`` may ask too. Opens and writes nothing."""
    app.extensions[EXTENSION] = house
    app.json.sort_keys = False  # type: ignore[attr-defined]  # columns come in the sheet's order
    # Browsers share cookies among the ports of a host: two Sightlines on one machine must not log each other out.
    app.config["SESSION_COOKIE_NAME"] = f"sightline_{port}"
    app.config["SESSION_COOKIE_HTTPONLY"] = True
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    app.session_interface = LateKeySessions(key_folder, secret_key)
    register_request_log(app)
    register_security(app, trusted_hosts, house.limits.body_bytes, house.limits.upload_bytes)
    register_cors(app, cors_origins)
    register_errors(app)
    register_identifiers(app)
    register_assets(app)
    register_compression(app)
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
