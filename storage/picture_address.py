"""A picture's address as people write it into a sheet: which ones can be used, and what of them may be shown.

Where an address may lead is :mod:`core.web_address`'s business, fetching is :mod:`storage.fetching`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import quote

from core.errors import AddressRefused
from core.redaction import Redactor
from core.web_address import WebAddress, read_web_address

_SCHEME = re.compile(r"(?P<scheme>https?|gs)://", re.IGNORECASE)
_QUERY = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://[^\s?#]*)[?#]\S*", re.IGNORECASE)
_PICTURE = re.compile(r"(?:https?|gs)://[^?#]+\.(?:jpe?g|jpe|jfif|png|webp|bmp)(?:[?#].*)?", re.IGNORECASE)
# Of Google's and Amazon's earlier signatures and CloudFront's; of Azure's, whose names are too short to stand alone.
_SIGNING = frozenset({"signature", "expires", "googleaccessid", "awsaccesskeyid", "key-pair-id", "policy"})
_AZURE = frozenset(
    {"sig", "sv", "ss", "sr", "srt", "sp", "st", "se", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv"}
)
_redact = Redactor()


def read_picture_address(written: str) -> WebAddress:
    """``written`` as what is fetched; blanks are taken as a browser takes them, and ``gs://`` is reached as anybody
    reaches a public object. Raises :class:`AddressRefused`."""
    scheme = _SCHEME.match(written)
    if scheme is None:
        raise AddressRefused("A picture's URL begins with http://, https:// or gs://.")
    if scheme["scheme"].lower() == "gs":  # every sign of it is the object's name
        written = f"https://storage.googleapis.com/{quote(written[5:])}"
    return read_web_address(written.replace(" ", "%20"))


def unsigned(address: WebAddress) -> str:
    """Path and query without what signs it for a while: a picture whose address is signed anew is the same picture."""
    path, _, query = address.path.partition("?")
    parts = [part for part in query.split("&") if part]
    names = {part.partition("=")[0].lower() for part in parts}
    signing = _AZURE if {"sig", "sv"} <= names else _SIGNING if "signature" in names else frozenset()
    kept = [part for part in parts if not _signs(part.partition("=")[0].lower(), signing)]
    return f"{path}?{'&'.join(kept)}" if kept else path


def _signs(name: str, signing: Collection[str]) -> bool:
    return name in signing or name.startswith(("x-goog-", "x-amz-"))


def is_picture_address(cell: object) -> bool:
    """Whether ``cell`` is an address that ends as pictures' names do: no other column holds these."""
    return isinstance(cell, str) and _PICTURE.fullmatch(cell.strip()) is not None


def without_secrets(text: str) -> str:
    """``text`` as it may be shown: of an address neither a password nor what stands behind its question mark, which may
    be a key."""
    return _redact(_QUERY.sub(r"\g<before>?…", text))
