"""The shapes of /api/v1: what a request may hold and what a reply does hold, each written once.

Annotations are read twice: to check what comes in, and to describe both in OpenAPI. A request is a frozen dataclass
(a field with a default may be left out), a reply a ``TypedDict``. Bounds stand in ``Annotated``.
"""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from core.errors import InvalidRequest

# Line ends and tabs are text; other control characters, and halves of characters, can't be stored or shown.
_UNTEXTUAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TEXT_PATTERN = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$"
_FILLED_PATTERN = _TEXT_PATTERN.replace("*$", r"*[^\s\u0000-\u001f\u007f]") + _TEXT_PATTERN[1:]
_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_PLAIN = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    Any: {},
}
_CALLED = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Text:
    """Bounds of a text in characters; ``pattern`` must match all of it."""

    longest: int | None = None
    shortest: int = 0
    pattern: str | None = None

    def schema(self) -> dict[str, Any]:
        """What JSON Schema calls these bounds."""
        told: dict[str, Any] = {"pattern": f"^{self.pattern}$"} if self.pattern else {}
        if self.longest is not None:
            told["maxLength"] = self.longest
        return told | ({"minLength": self.shortest} if self.shortest else {})

    def check(self, name: str, value: str) -> None:
        """Refuse what lies outside."""
        if self.longest is not None and len(value) > self.longest:
            raise InvalidRequest(f"{name} is too long: at most {self.longest} characters.")
        if len(value.strip()) < self.shortest:
            raise InvalidRequest(f"{name} is too short: at least {self.shortest} character(s).")
        if self.pattern and not re.fullmatch(self.pattern, value, re.ASCII):
            raise InvalidRequest(f"{name} is not what it should be.", f"It must match {self.pattern}.")


@dataclass(frozen=True, slots=True)
class Span:
    """Bounds of a number, both included."""

    low: float
    high: float

    def schema(self) -> dict[str, Any]:
        """What JSON Schema calls these bounds."""
        return {"minimum": self.low, "maximum": self.high}

    def check(self, name: str, value: float) -> None:
        """Refuse what lies outside."""
        if not self.low <= value <= self.high:
            raise InvalidRequest(f"{name} must be a number from {self.low:g} to {self.high:g}.")


@dataclass(frozen=True, slots=True)
class Format:
    """A format that JSON Schema has a name for; used in replies only."""

    name: str

    def schema(self) -> dict[str, Any]:
        """What JSON Schema calls it."""
        return {"format": self.name}


Id = Annotated[str, Text(pattern="[0-9abcdefghjkmnpqrstvwxyz]{26}")]
Moment = Annotated[str, Format("date-time")]


def schema_of(shape: Any, components: dict[str, Any]) -> dict[str, Any]:
    """``shape`` as JSON Schema; what has a name of its own is put into ``components`` and referred to."""
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is Annotated:
        told = schema_of(arguments[0], components)
        for bound in arguments[1:]:
            told |= bound.schema()
        return told
    if origin in (Union, UnionType):
        return {"anyOf": [schema_of(one, components) for one in arguments]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0], components)}
    if origin is dict:
        return {"type": "object", "additionalProperties": schema_of(arguments[1], components)}
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return {"type": "string", "enum": [str(one) for one in shape]}
    if is_typeddict(shape) or is_dataclass(shape):
        return _named(shape, components)
    return dict(_PLAIN[shape])


def _named(shape: Any, components: dict[str, Any]) -> dict[str, Any]:
    name = shape.__name__
    if name not in components:
        components[name] = {}  # a shape may hold itself
        hints = get_type_hints(shape, include_extras=True)
        asked = is_dataclass(shape)
        components[name] = {
            "type": "object",
            "description": " ".join((shape.__doc__ or "").split()),
            "properties": {key: _property(hint, components, asked=asked) for key, hint in hints.items()},
            "required": [key for key, hint in hints.items() if not _may_be_absent(shape, key, hint)],
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _property(hint: Any, components: dict[str, Any], *, asked: bool) -> dict[str, Any]:
    hint = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
    told = schema_of(hint, components)
    # What is asked for in text must be text; what is told may have come from anywhere.
    for part in [told, *told.get("anyOf", [])] if asked else []:
        if part.get("type") == "string" and "enum" not in part:
            part.setdefault("pattern", _FILLED_PATTERN if part.get("minLength") else _TEXT_PATTERN)
    return told


def _may_be_absent(shape: Any, key: str, hint: Any) -> bool:
    if is_dataclass(shape):
        field = next(one for one in fields(shape) if one.name == key)
        return field.default is not MISSING or field.default_factory is not MISSING
    return get_origin(hint) is NotRequired


def read_object(shape: type[Any], given: dict[str, Any]) -> Any:
    """``given`` as a ``shape``; what is missing, of another type, out of bounds or unknown is refused."""
    hints = get_type_hints(shape, include_extras=True)
    if given.keys() - hints.keys():
        # A misspelt field must not be ignored in silence.
        raise InvalidRequest("The request has fields that are not known here.", "docs/ref/api.md lists them.")
    values = {}
    for name, hint in hints.items():
        if name in given:
            values[name] = _read(hint, name, given[name])
        elif not _may_be_absent(shape, name, hint):
            raise InvalidRequest(f"{name} is missing.")
    return shape(**values)


def read_arguments(shape: type[Any], given: dict[str, str]) -> Any:
    """The arguments of an address as a ``shape``; an empty one counts as null where null is allowed."""
    hints = get_type_hints(shape, include_extras=True)
    return read_object(shape, {name: _from_text(hints.get(name), text) for name, text in given.items()})


def _from_text(hint: Any, text: str) -> Any:
    """What JSON would have made of it; text that is no number stays text, and is refused as such."""
    plain = {hint, *get_args(hint), *(inner for part in get_args(hint) for inner in get_args(part))}
    if not text and NoneType in plain:
        return None
    if int in plain and _WHOLE.fullmatch(text):
        return int(text)
    if float in plain and _NUMBER.fullmatch(text):
        return float(text)
    if bool in plain and text in ("true", "false"):
        return text == "true"
    return text


def _read(shape: Any, name: str, given: Any) -> Any:
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is Annotated:
        value = _read(arguments[0], name, given)
        for bound in arguments[1:]:
            bound.check(name, value)
        return value
    if origin in (Union, UnionType):  # of something and None: the only kind that a request has
        kept = [one for one in arguments if one is not NoneType]
        return None if given is None else _read(kept[0], name, given)
    if origin is list:
        if not isinstance(given, list):
            raise InvalidRequest(f"{name} must be a list.")
        return [_read(arguments[0], name, one) for one in given]
    if origin is Literal:
        return _one_of([str(one) for one in arguments], name, given)
    if isinstance(shape, type) and issubclass(shape, StrEnum):
        return shape(_one_of([str(one) for one in shape], name, given))
    if is_dataclass(shape):
        if not isinstance(given, dict):
            raise InvalidRequest(f"{name} must be an object.")
        return read_object(shape, given)  # type: ignore[arg-type]
    return _plain(shape, name, given)


def _one_of(allowed: list[str], name: str, given: Any) -> str:
    if given not in allowed:
        raise InvalidRequest(f"{name} must be one of: {', '.join(allowed)}.")
    return str(given)


def _plain(shape: Any, name: str, given: Any) -> Any:
    """Types are compared as JSON has them: true is no number there, whatever Python says, and 1.0 is a whole one."""
    if shape is int and type(given) is float and given.is_integer():
        return int(given)
    if type(given) not in ((int, float) if shape is float else (shape,)):
        raise InvalidRequest(f"{name} must be {_CALLED[shape]}.")
    if shape is str and _UNTEXTUAL.search(given):
        raise InvalidRequest(f"{name} must be text.")
    return given
