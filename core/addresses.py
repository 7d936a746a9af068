"""Reading the names of places as settings give them: hosts, origins, a server's base URL, a time zone.

Each reader returns the value or raises ``ValueError``. Nothing is looked up on a network.
"""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[?[0-9A-Fa-f:.]{2,45}\]?")
_ORIGIN = re.compile(r"https?://([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?")
_LONGEST_URL = 500
# What the pictures' address may begin with; storage.sources opens each.
PICTURE_SCHEMES = ("file", "gs", "sheet")


def read_host(text: str) -> str:
    """An address or a host name."""
    if not _HOST.fullmatch(text):
        raise ValueError(text)
    return text


def read_hosts(text: str) -> tuple[str, ...]:
    """Host names parted by commas; a leading dot stays."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        read_host(name.removeprefix("."))
    return names


def read_origins(text: str) -> tuple[str, ...]:
    """Origins parted by commas, as a browser names them."""
    origins = tuple(origin.strip().lower() for origin in text.split(",") if origin.strip())
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError(text)
    return origins


def read_base_url(text: str) -> str:
    """A server's URL, to which paths are added. It has no user in it: that would be a secret in every log."""
    parts = urlsplit(text)
    whole = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
    if not whole or "@" in parts.netloc or parts.port == 0 or not re.fullmatch(rf"[!-~]{{1,{_LONGEST_URL}}}", text):
        raise ValueError(text)
    return text.rstrip("/")


def read_zone(text: str) -> ZoneInfo:
    """A time zone by its name in the zone database."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:  # OSError: the name of a folder of zones, such as "Asia"
        raise ValueError(text) from error


def machine_zone() -> ZoneInfo:
    """The machine's own time zone by name; UTC where it has none that the zone database knows."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
    for name in (named, linked):
        try:
            return read_zone(name)
        except ValueError:
            continue
    return ZoneInfo("UTC")


def read_pictures_from(text: str) -> str:
    """Where pictures are; a path alone is a folder. Raises ``ValueError`` for a scheme that nothing opens."""
    if not text.isprintable():
        raise ValueError(text)
    scheme, mark, rest = text.partition("://")
    if (mark and scheme not in PICTURE_SCHEMES) or (scheme == "gs" and not rest.partition("/")[0]):
        raise ValueError(text)
    return text if mark else f"file://{text}"
