"""Ids in addresses: what can't be one is not found, before any store is asked."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """The 26 characters of :mod:`core.ids`."""

    regex = "[0-9abcdefghjkmnpqrstvwxyz]{26}"


def register_identifiers(app: Flask) -> None:
    """Let routes say ``<id:name>``."""
    app.url_map.converters["id"] = IdConverter
