"""The models of this machine for the page: how each stands, and getting the files that one lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from flask import Blueprint

from core.errors import Conflict, NotFound
from web import replies
from web.audit import about
from web.described import described
from web.services import services
from web.shapes import Text

blueprint = Blueprint("models", __name__, url_prefix="/api/v1/models")


@dataclass(frozen=True, slots=True)
class WhichModel:
    """A model by its name."""

    model: Annotated[str, Text(longest=1000)]


@blueprint.get("")
@described(reply=replies.Models)
def models() -> Any:
    """The models that are known here, the preferred first, and how each stands now."""
    return {"models": [model.as_json() for model in services().stores.models()]}


@blueprint.post("/fetch")
@described(body=WhichModel, reply=replies.Model, status=202, raises=(Conflict, NotFound))
def fetch(body: WhichModel) -> Any:
    """Begin to fetch a model's files; goes on where an earlier try ended. How far it is, the list of models tells."""
    about(body.model)
    return services().stores.catalogue.fetch(body.model).as_json()


@blueprint.delete("/fetch")
@described(query=WhichModel, reply=replies.Model, status=202, raises=(NotFound,))
def stop_fetching(query: WhichModel) -> Any:
    """End the fetching of a model's files; what has come is kept for the next try."""
    about(query.model)
    return services().stores.catalogue.stop_fetching(query.model).as_json()
