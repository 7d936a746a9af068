"""Ids in addresses: what can't be one is not found, before any store is asked."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """The 26 characters of :mod:`core.ids`."""

    regex = "[0-9abcdefghjkmnpqrstvwxyz]{26}"


class StampConverter(BaseConverter):
    """A second, as the earlier analyser named its sessions: ``20260314_093000``."""

    regex = "[0-9]{8}_[0-9]{6}"


def register_identifiers(app: Flask) -> None:
    """Let routes say ``<id:name>`` and ``<stamp:name>``."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["stamp"] = StampConverter
