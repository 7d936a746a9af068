"""Reading what a request carries: JSON that says each thing once, as the object that the route has described."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from core.errors import InvalidRequest
from web.shapes import read_arguments, read_object

_View = TypeVar("_View", bound=Callable[..., Any])


def read_body(shape: type[Any] | None) -> Any:
    """The request's body as a ``shape``; ``None`` takes an empty object or nothing at all."""
    fields = read_fields()
    if shape is not None:
        return read_object(shape, fields)
    if fields:
        raise InvalidRequest("The request has fields that are not known here.", "docs/ref/api.md lists them.")
    return None


def read_query(shape: type[Any] | None) -> Any:
    """The address's arguments as a ``shape``; ``None`` takes none. A misspelt filter would filter nothing."""
    if len(request.args) != sum(len(values) for _, values in request.args.lists()):
        raise InvalidRequest("The address has an argument twice.")
    given = request.args.to_dict()
    if shape is not None:
        return read_arguments(shape, given)
    if given:
        raise InvalidRequest("The address has arguments that are not known here.", "docs/ref/api.md lists them.")
    return None


def takes_up_to(most_bytes: int) -> Callable[[_View], _View]:
    """Let the body of the route that follows be larger than others', up to ``most_bytes``."""

    def mark(view: _View) -> _View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


def read_fields() -> dict[str, Any]:
    """The request's body as it is, an object of JSON; empty where there is none."""
    content = request.get_data()
    if not content:
        return {}
    try:
        fields = json.loads(content, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("The request's JSON can't be read.") from error
    if not isinstance(fields, dict):
        raise InvalidRequest("The request must be a JSON object.")
    return fields


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found
