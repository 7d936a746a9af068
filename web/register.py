"""The register over HTTP: what is in force, and a sheet that is given, looked at, corrected and put in force.

A given sheet waits until somebody uses it; one that can't be read is an error, and the register in force stays.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Annotated, Any, TypedDict

from flask import Blueprint, Response, request

from core.errors import InvalidRequest, NotFound, RegisterUnreadable, TooLarge
from storage.headings import How
from storage.reading import Choice
from storage.register import EMPTY_REGISTER, Register, RegisteredCamera
from web import register_replies, replies
from web.described import described
from web.services import services
from web.shapes import Id, Text

blueprint = Blueprint("register", __name__, url_prefix="/api/v1/register")

_FILE = "application/octet-stream"
_CSV = ("row", "column", "code", "value", "message")
Heading = Annotated[str, Text(longest=4000)]


@dataclass(frozen=True, slots=True)
class ChosenColumns:
    """Headings by our field; an empty one says that there is no such column, null that nobody says anything."""

    camera: Heading | None = None
    latitude: Heading | None = None
    longitude: Heading | None = None
    location: Heading | None = None
    district: Heading | None = None
    old_district: Heading | None = None
    mandal: Heading | None = None
    camera_type: Heading | None = None
    analytics_type: Heading | None = None
    picture_url: Heading | None = None

    def said(self) -> Mapping[str, str]:
        """Only what somebody said."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: heading for name, heading in given.items() if heading is not None}


@dataclass(frozen=True, slots=True)
class SheetChoice:
    """What a person says of a waiting sheet: which columns are which, and which sheet of the file."""

    columns: ChosenColumns | None = None
    sheet: Heading | None = None


@dataclass(frozen=True, slots=True)
class WaitingSheet:
    """The sheet to put in force."""

    upload_id: Id


@dataclass(frozen=True, slots=True)
class GivenFile:
    """The name of the file that is sent, with its ending; without one the sheet in force is looked at once more."""

    name: Annotated[str, Text(longest=300, shortest=1)] | None = None


class SheetInFile(TypedDict):
    """A sheet of the file, and whether its headings name cameras and places."""

    name: str
    rows: int
    is_register: bool


class FoundColumn(TypedDict):
    """The column that is taken for a field, and how it was recognised."""

    field: str
    column: str
    how: How


class SampleRow(TypedDict):
    """A row as it is written; row as a spreadsheet program numbers it."""

    row: int
    cells: list[str]


class Matching(TypedDict):
    """Pictures seen so far that belong to cameras of the sheet, and to how many of them."""

    cameras: int
    of: int
    pictures: int
    of_pictures: int


class Preview(TypedDict):
    """What was understood of a waiting sheet; the problems are the first 200, their counts are by code."""

    upload_id: Id
    name: str
    sheet: str
    sheets: list[SheetInFile]
    columns: list[str]
    headings: list[FoundColumn]
    unmatched_columns: list[str]
    remembered: bool
    rows: int
    placed: int
    cameras: int
    problems: list[register_replies.RegisterProblem]
    problem_counts: dict[str, int]
    sample: list[SampleRow]
    points: list[list[float]]
    cameras_matching_pictures: Matching


class InForce(TypedDict):
    """The register that new questions use from now on; null where there is none."""

    register: replies.RegisterSummary | None


@blueprint.get("")
@described(reply=register_replies.Register)
def register() -> Any:
    """The register of locations with every row that needs a person's eye."""
    found = services().stores.register() or EMPTY_REGISTER
    return {
        "name": found.name or None,
        "columns": dict(found.columns),
        "rows": found.rows,
        "placed": found.placed,
        "cameras": [_camera(entry) for entry in found.known],
        "problems": [problem.as_json() for problem in found.problems],
    }


@blueprint.get("/problems.csv")
@described(produces=("text/csv",))
def problems() -> Response:
    """Every row of the register in force that needs a person's eye, as a table for a spreadsheet program."""
    from sessions.export.cells import inert  # it brings SQLAlchemy, which the first page need not wait for

    found = services().stores.register() or EMPTY_REGISTER
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_CSV)
    for problem in found.problems:
        told = problem.as_json()
        table.writerow([told["row"], *(inert(str(told[name] or "")) for name in _CSV[1:])])
    reply = Response("\ufeff" + out.getvalue(), mimetype="text/csv")
    reply.headers["Content-Disposition"] = 'attachment; filename="problems.csv"'
    return reply


@blueprint.post("/preview")
@described(query=GivenFile, reply=Preview, takes=_FILE, raises=(RegisterUnreadable, TooLarge, NotFound))
def preview(query: GivenFile) -> Any:
    """Read a sheet, sent as the request's body, without using it yet."""
    uploads = services().stores.uploads
    if query.name is None:
        if request.content_length:
            raise InvalidRequest("The name of the file is missing.", "Give it in the address: ?name=cameras.xlsx.")
        return uploads.of_register_in_force().as_json()
    return uploads.receive(query.name, request.stream).as_json()


@blueprint.post("/preview/<id:upload_id>")
@described(body=SheetChoice, reply=Preview, raises=(RegisterUnreadable,))
def choose(upload_id: str, body: SheetChoice) -> Any:
    """Read a waiting sheet again, with what a person says of its columns."""
    columns = body.columns.said() if body.columns else {}
    return services().stores.uploads.choose(upload_id, Choice(columns, body.sheet)).as_json()


@blueprint.post("")
@described(body=WaitingSheet, reply=InForce, raises=(NotFound, RegisterUnreadable))
def use(body: WaitingSheet) -> Any:
    """Put a waiting sheet in force. Questions under way keep the register they began with."""
    services().stores.uploads.use(body.upload_id)
    return {"register": summary()}


@blueprint.delete("")
@described(reply=InForce)
def put_back() -> Any:
    """Use the settings' file again, as it is now."""
    services().stores.uploads.put_back()
    return {"register": summary()}


def summary() -> dict[str, Any] | None:
    """The register in force in numbers, and where it comes from; ``None`` where there is none."""
    stores = services().stores
    found, registers = stores.register(), stores.uploads.registers
    return _summary(found, str(registers.origin), registers.given.name) if found else None


def _summary(found: Register, origin: str, given: str | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "version": found.version,
        "rows": found.rows,
        "cameras": len(found.cameras),
        "placed": found.placed,
        "problems": len(found.problems),
        "origin": origin,
        "given": given,
    }


def _camera(entry: RegisteredCamera) -> dict[str, Any]:
    return {
        "camera": entry.camera,
        "location": entry.location,
        "district": entry.district,
        "mandal": entry.mandal,
        "latitude": entry.latitude,
        "longitude": entry.longitude,
    }
