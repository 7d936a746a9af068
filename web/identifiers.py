"""Ids in addresses: what can't be one is not found, before any store is asked."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import BaseConverter


class IdConverter(BaseConverter):
    """The 26 characters of :mod:`core.ids`."""

    regex = "[0-9abcdefghjkmnpqrstvwxyz]{26}"


class LinkConverter(BaseConverter):
    """What stands in the address of a link: 32 random bytes, as :func:`secrets.token_urlsafe` writes them."""

    regex = "[A-Za-z0-9_-]{43}"


class StampConverter(BaseConverter):
    """A second, as the earlier analyser named its sessions: ``20260314_093000``."""

    regex = "[0-9]{8}_[0-9]{6}"


def register_identifiers(app: Flask) -> None:
    """Let routes say ``<id:name>``, ``<link:name>`` and ``<stamp:name>``."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["link"] = LinkConverter
    app.url_map.converters["stamp"] = StampConverter
