"""An answer as JSON, and JSON that is written as it is read: a list too long to hold is spliced into an object."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.clock import iso
from sessions.export.extract import Extract

_BATCH = 200

Fields = Mapping[str, Any]


def answer_document(extract: Extract) -> Iterator[bytes]:
    """The message as the interface shows it, its places and all its observations, each with the picture's address."""
    head = {
        "message": extract.message.as_json(),
        "of": None if extract.looked.id == extract.message.id else extract.looked.as_json(),
        "site": {"name": extract.site, "timezone": str(extract.timezone)},
        "page": extract.page,
        "exported_at": iso(extract.exported_at),
    }
    places = (place.as_json() | {"picture": extract.picture(place.viewpoint.picture_id)} for place in extract.places())
    seen = (
        one.as_json() | {"old_district": one.old_district, "picture": extract.picture(one.picture_id)}
        for one in extract.observations()
    )
    yield from spliced(head, "places", listed(places), None)
    yield b', "observations": '
    yield from listed(seen)
    yield b"}"


def listed(items: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """A JSON array of ``items``."""
    batch: list[str] = []
    before = "["
    for item in items:
        batch.append(dumped(item))
        if len(batch) == _BATCH:
            yield (before + ",\n".join(batch)).encode()
            before, batch = ",\n", []
    yield ((before if batch or before == "[" else "") + ",\n".join(batch) + "]").encode()


def spliced(
    head: Mapping[str, Any],
    name: str,
    value: Iterator[bytes],
    tail: Fields | Callable[[], Fields] | None,
) -> Iterator[bytes]:
    """A JSON object of ``head``'s fields, the field ``name`` whose value comes in pieces, and ``tail``'s fields, which
    may be worked out when all pieces are written. ``None`` for ``tail`` leaves the object open."""
    yield f"{dumped(head)[:-1]}{', ' if head else ''}{json.dumps(name)}: ".encode()
    yield from value
    if tail is None:
        return
    rest = dumped(tail() if callable(tail) else tail)
    yield (f", {rest[1:]}" if rest != "{}" else "}").encode()


def dumped(value: Any) -> str:
    """JSON in its own characters; halves of characters, which UTF-8 can't hold, as escapes."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode()
