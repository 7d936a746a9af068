"""Bootstrap, its icon font and Leaflet, out of the installed wheels: no CDN, and nobody else's code in this repository.

The wheel's version is part of the address, so that a browser may keep a file for a year and still gets a new one
after an upgrade.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, Response, send_from_directory, url_for

from core.errors import NotFound

_YEAR_S = 365 * 24 * 3600
_TYPES = frozenset({".css", ".js", ".map", ".png", ".svg", ".woff", ".woff2"})
# Name in the address: (distribution, module, folder below the module).
_PACKAGES: Mapping[str, tuple[str, str, str]] = {
    "bootstrap": ("Bootstrap-Flask", "flask_bootstrap", "static/bootstrap5"),
    "bootstrap-icons": ("Bootstrap-Flask", "flask_bootstrap", "static/bootstrap5/css"),
    "leaflet": ("XStatic-Leaflet", "xstatic.pkg.leaflet", "data"),
}

blueprint = Blueprint("assets", __name__)


def register_assets(app: Flask) -> None:
    """Serve ``/vendor/…`` and give templates ``vendor(path)`` and ``vendor_base(package)``."""
    app.register_blueprint(blueprint)
    app.add_template_global(vendor, "vendor")
    app.add_template_global(vendor_base, "vendor_base")


def vendor(path: str) -> str:
    """The address of a vendor file: ``vendor("bootstrap/css/bootstrap.min.css")``, ``vendor("leaflet/leaflet.css")``,
    ``vendor("leaflet/leaflet-src.esm.js")``, ``vendor("bootstrap-icons/font/bootstrap-icons.min.css")``."""
    package, _, name = path.partition("/")
    if package not in _PACKAGES or not (_folder(package) / name).is_file():
        raise LookupError(f"no vendor file {path}")
    return url_for("assets.vendor_file", package=package, version=_version(package), name=name)


def vendor_base(package: str) -> str:
    """The address below which a package's files lie; Leaflet wants its marker images by folder."""
    return url_for("assets.vendor_file", package=package, version=_version(package), name="-").removesuffix("-")


@blueprint.get("/vendor/<package>/<version>/<path:name>")
def vendor_file(package: str, version: str, name: str) -> Response:
    """One file of an installed wheel; another version's address is gone with that version."""
    if package not in _PACKAGES or version != _version(package) or Path(name).suffix not in _TYPES:
        raise NotFound("There is no such file.", "Reload the page.")
    reply = send_from_directory(_folder(package), name, max_age=_YEAR_S)
    reply.cache_control.public = True
    reply.cache_control.immutable = True
    return reply


@cache
def _version(package: str) -> str:
    return metadata.version(_PACKAGES[package][0])


@cache
def _folder(package: str) -> Path:
    """Found without importing the package: Bootstrap-Flask would bring WTForms with it."""
    _, module, below = _PACKAGES[package]
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"{module} is not installed; run: pip install -r requirements-core.txt")
    return Path(spec.origin).parent / below
