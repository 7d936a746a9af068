"""A picture that a question may be put to, before anybody has looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a picture the same picture again, and how that is known.

    ``kind`` is ``content`` (hash of the bytes), ``md5``, ``crc32c``, ``generation``, ``etag``, ``modified`` or
    ``url``; evidence names it, since a URL that still answers is weaker proof than equal bytes.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture as its source lists it.

    ``id`` is stable for (source, name) and is the only handle by which the web serves it. ``identity`` is
    ``None`` while only reading the bytes could tell it. ``taken_at`` is aware UTC; ``taken_from`` says how it is
    known: ``name``, ``exif``, ``modified`` or ``source``. ``fingerprint`` changes whenever the bytes may have changed
    (a folder: size and modification time), so that an identity once worked out need not be worked out again.
    """

    id: str
    source: str
    name: str
    camera: str | None
    taken_at: datetime | None
    taken_from: str | None
    size_bytes: int | None
    identity: Identity | None = None
    fingerprint: str | None = None
