"""/api/v1 described in OpenAPI 3.1 out of what stands beside each route: as JSON for programs, as a page for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from flask import Blueprint, Flask, Response, current_app, make_response, render_template
from werkzeug.routing import Rule

from core.errors import Forbidden, InvalidRequest, NotFound, SightlineError, StoreUnavailable, TooLarge
from web import replies
from web.access import SignInNeeded
from web.described import Description, described
from web.security import UnsupportedMediaType
from web.services import services
from web.shapes import Id, schema_of

PREFIX = "/api/v1/"
_ALWAYS: tuple[type[SightlineError], ...] = (
    InvalidRequest,
    SignInNeeded,
    Forbidden,
    StoreUnavailable,
    SightlineError,
)
_WITH_A_BODY: tuple[type[SightlineError], ...] = (TooLarge, UnsupportedMediaType)
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
# The page shows this reply by itself, with our own style and nothing else.
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

blueprint = Blueprint("openapi", __name__, url_prefix="/api/v1")


class Document(TypedDict):
    """This description itself, in OpenAPI 3.1."""

    openapi: str
    info: dict[str, Any]
    servers: list[Any]
    paths: dict[str, Any]
    components: dict[str, Any]


@blueprint.get("/openapi.json")
@described(reply=Document)
def document() -> Any:
    """This interface in OpenAPI 3.1."""
    return openapi(current_app, services().version)


@blueprint.get("/")
@described(produces=("text/html",))
def reading_page() -> Response:
    """This interface as a page to read."""
    reply = make_response(render_template("api.html", document=openapi(current_app, services().version)))
    reply.headers["Content-Security-Policy"] = _POLICY
    return reply


def openapi(app: Flask, version: str) -> dict[str, Any]:
    """The whole document. Raises ``LookupError`` for a route of /api/v1 that nobody has described."""
    components: dict[str, Any] = {}
    schema_of(replies.Error, components)
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, description in _routes(app):
        path = _ARGUMENT.sub(r"{\1}", rule.rule)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, method, description, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sightline",
            "version": version,
            "description": "Questions about what cameras see. What stands under /api/v1 stays as it is: "
            "fields and routes may be added, none is taken away or given another meaning.",
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _routes(app: Flask) -> Iterator[tuple[Rule, str, Description]]:
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX):
            continue
        described_as = getattr(app.view_functions[rule.endpoint], "described", None)
        if described_as is None:
            raise LookupError(f"{rule.rule} is not described: see web/described.py")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, described_as


def _operation(rule: Rule, method: str, told: Description, components: dict[str, Any]) -> dict[str, Any]:
    found = {
        "operationId": f"{rule.endpoint.replace('.', '_')}_{method.lower()}",
        "summary": told.about,
        "parameters": [*_path_arguments(rule), *_query_arguments(told, components)],
        "responses": {
            str(told.status): {"description": _success(told, components), "content": _content(told, components)},
            **_failures(rule, method, told),
        },
    }
    if told.takes != "application/json":
        found["requestBody"] = {"required": False, "content": {told.takes: {}}}
    elif told.body is not None:
        shape = schema_of(told.body, components)
        required = bool(components[told.body.__name__]["required"])
        found["requestBody"] = {"required": required, "content": {"application/json": {"schema": shape}}}
    return found


def _success(told: Description, components: Mapping[str, Any]) -> str:
    name = getattr(told.reply, "__name__", "")
    return components.get(name, {}).get("description", "") or ", ".join(told.produces)


def _content(told: Description, components: dict[str, Any]) -> dict[str, Any]:
    if told.reply is None:
        return {kind: {} for kind in told.produces}
    return {kind: {"schema": schema_of(told.reply, components)} for kind in told.produces}


def _path_arguments(rule: Rule) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": schema_of(Id, {})} for name in sorted(rule.arguments)
    ]


def _query_arguments(told: Description, components: dict[str, Any]) -> list[dict[str, Any]]:
    if told.query is None:
        return []
    shapes: dict[str, Any] = {}
    schema_of(told.query, shapes)
    asked = shapes.pop(told.query.__name__)
    components |= shapes
    return [
        {"name": name, "in": "query", "required": name in asked["required"], "schema": _empty_for_null(schema)}
        for name, schema in asked["properties"].items()
    ]


def _empty_for_null(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """An argument of an address that may be null may be empty: it counts as absent then."""
    if "anyOf" not in schema:
        return schema
    return {"anyOf": [{"const": ""} if kind == {"type": "null"} else kind for kind in schema["anyOf"]]}


def _failures(rule: Rule, method: str, told: Description) -> dict[str, Any]:
    """Every status that an error may have here, with the codes that come with it."""
    kinds = [*_ALWAYS, *told.raises]
    kinds += [NotFound] if rule.arguments else []
    kinds += _WITH_A_BODY if method not in ("GET", "DELETE") else []
    codes: dict[int, list[str]] = {}
    for kind in kinds:
        codes.setdefault(kind.status, []).append(kind.code)
    return {str(status): _failure(sorted(set(found))) for status, found in sorted(codes.items())}


def _failure(codes: list[str]) -> dict[str, Any]:
    told = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, told]}
    return {
        "description": "`code` is " + " or ".join(f"`{code}`" for code in codes) + ".",
        "content": {"application/json": {"schema": schema}},
    }
