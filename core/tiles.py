"""Addresses of map tiles: templates by kind of map, as an operator writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

KINDS = ("road", "satellite", "hybrid", "terrain")
_URL = re.compile(
    r"https?://(\{s\}\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[0-9]{1,5})?"
    r"/([A-Za-z0-9._~/?&=%@+:,-]|\{[zxyr]\})*"
)


def read_tiles(text: str) -> tuple[tuple[str, str], ...]:
    """``road=URL satellite=URL`` as pairs; a URL alone is the road map. Raises :class:`ValueError`.

    The host must stand there whole (but for ``{s}.``, several hosts of one name), since the page's policy names it.
    """
    found: dict[str, str] = {}
    for word in text.split():
        kind, _, url = word.partition("=") if re.match(r"\w+=", word) else ("road", "", word)
        whole = _URL.fullmatch(url) and all(url.count(place) == 1 for place in ("{z}", "{x}", "{y}"))
        if kind not in KINDS or kind in found or not whole:
            raise ValueError(text)
        found[kind] = url
    return tuple(found.items())


def hosts(templates: Sequence[str]) -> tuple[str, ...]:
    """The origins that ``templates`` ask, each once, as a content security policy writes them."""
    parts = [urlsplit(template.replace("{s}", "*", 1)) for template in templates]
    return tuple(dict.fromkeys(f"{part.scheme}://{part.netloc}" for part in parts))
