"""Reading a request's JSON body: every field is named, typed and bounded, and nothing unknown is let through."""

from __future__ import annotations

import json
import re
from typing import Any

from flask import request

from core.errors import InvalidRequest

_ID = re.compile("[0-9abcdefghjkmnpqrstvwxyz]{26}")
# Line ends and tabs are text; other control characters, and halves of characters, can't be stored or shown.
_UNTEXTUAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Body:
    """The fields of one request, taken out one by one; :meth:`finish` refuses what is left over."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = dict(fields)

    def text(self, name: str, longest: int | None = None) -> str:
        """A text that must be there."""
        value = self.optional_text(name, longest)
        if value is None:
            raise InvalidRequest(f"{name} is missing.")
        return value

    def optional_text(self, name: str, longest: int | None = None) -> str | None:
        """A text, or ``None`` where it is absent or null."""
        value = self._fields.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, str) or _UNTEXTUAL.search(value):
            raise InvalidRequest(f"{name} must be text.")
        if longest is not None and len(value) > longest:
            raise InvalidRequest(f"{name} is too long: at most {longest} characters.")
        return value

    def identifier(self, name: str) -> str | None:
        """An id, or ``None`` where it is absent or null."""
        value = self.optional_text(name)
        if value is not None and not _ID.fullmatch(value):
            raise InvalidRequest(f"{name} is no id.")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false where it is absent."""
        value = self._fields.pop(name, False)
        if not isinstance(value, bool):
            raise InvalidRequest(f"{name} must be true or false.")
        return value

    def finish(self) -> None:
        """Refuse what nobody asked for: a misspelt field must not be ignored in silence."""
        if self._fields:
            raise InvalidRequest("The request has fields that are not known here.", "docs/ref/api.md lists them.")


def read_body() -> Body:
    """The request's body; an absent one has no fields."""
    content = request.get_data()
    if not content:
        return Body({})
    try:
        fields = json.loads(content, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The request's JSON can't be read.") from error
    if not isinstance(fields, dict):
        raise InvalidRequest("The request must be a JSON object.")
    return Body(fields)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found
