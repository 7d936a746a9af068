"""What the map stands on: Google Maps, tiles of the operator's choice, or nothing but its own drawing; and which
foreign hosts the page's policy must let in for that. Without a key and without tiles there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from core.tiles import hosts

# Google's own list for a policy with nonces, at developers.google.com:
# /maps/documentation/javascript/content-security-policy. With 'strict-dynamic' no host is named for scripts: what our
# nonce admits may load what it needs, and nothing else may.
_GOOGLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "script-src": ("'strict-dynamic'", "'unsafe-eval'", "blob:"),
        "style-src": ("https://fonts.googleapis.com",),
        "img-src": (
            "https://*.googleapis.com",
            "https://*.gstatic.com",
            "https://*.google.com",
            "https://*.googleusercontent.com",
        ),
        "connect-src": (
            "'self'",
            "https://*.googleapis.com",
            "https://*.google.com",
            "https://*.gstatic.com",
            "data:",
            "blob:",
        ),
        "font-src": ("'self'", "https://fonts.gstatic.com"),
        "frame-src": ("https://*.google.com",),
        "worker-src": ("'self'", "blob:"),
    }
)


@dataclass(frozen=True, slots=True)
class MapGround:
    """``tiles`` are templates with {z}, {x} and {y} by kind of map, ``credit`` whose they are. A key wins over them."""

    google_key: str = field(default="", repr=False)
    tiles: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""

    def as_json(self) -> dict[str, Any]:
        """What the page is told. The key is in it: a browser can't load Google Maps without showing it."""
        return {"key": self.google_key, "tiles": dict(self.tiles), "credit": self.credit}

    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """What to add to each directive of the page's policy."""
        tiles = hosts(list(self.tiles.values()))
        if not self.google_key:
            return {"img-src": tiles} if tiles else {}
        return {**_GOOGLE, "img-src": _GOOGLE["img-src"] + tiles}
