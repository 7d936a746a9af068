"""Answers and sessions as files, and sessions out of files: the routes of docs/ref/exports.md.

Each form is imported where it is asked for: they bring what the first page need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import unquote

from flask import Blueprint, Response, request

from core.errors import Conflict, InvalidRequest, TooLarge, TooMany
from sessions.export.archive import ImportRefused
from sessions.export.incoming import MOST_BYTES
from web import replies
from web.access import current_person, owner
from web.described import described
from web.services import services
from web.shapes import Id, Moment

if TYPE_CHECKING:
    from sessions.export.extract import Extract

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORM_BYTES = 1024 * 1024  # what a form may weigh beside its file


class SessionInfo(TypedDict):
    """A session's own facts in an export; ``images_analyzed`` counts every picture of every question."""

    session_id: Id
    created_at: Moment
    title: str
    query_count: int
    images_analyzed: int
    last_updated: Moment
    full_title: str
    imported: str | None


class SessionExport(TypedDict):
    """A session as a file; docs/ref/exports.md has the fields of ``conversation``."""

    session_info: SessionInfo
    conversation: dict[str, Any]
    exported_at: Moment


class Imported(TypedDict):
    """What an import brought; ``left_out`` says in sentences what it did not."""

    sessions: list[replies.Session]
    questions: int
    observations: int
    left_out: list[str]


blueprint = Blueprint("exports", __name__, url_prefix="/api/v1")


@blueprint.get("/messages/<id:message_id>/export.xlsx")
@described(produces=(_XLSX,), raises=(Conflict,))
def message_workbook(message_id: str) -> Response:
    """An answer as an Excel workbook: the answer, its observations, its places."""
    from sessions.export.workbook import workbook

    folder = services().stores.exports.folder
    return _answer(message_id, "xlsx", _XLSX, lambda extract: workbook(extract, folder))


@blueprint.get("/messages/<id:message_id>/export.csv")
@described(produces=("text/csv",), raises=(Conflict,))
def message_table(message_id: str) -> Response:
    """An answer's observations as CSV."""
    from sessions.export.table import csv_lines

    return _answer(message_id, "csv", "text/csv", csv_lines)


@blueprint.get("/messages/<id:message_id>/export.geojson")
@described(produces=("application/geo+json",), raises=(Conflict,))
def message_features(message_id: str) -> Response:
    """An answer's places as GeoJSON."""
    from sessions.export.features import feature_collection

    return _answer(message_id, "geojson", "application/geo+json", feature_collection)


@blueprint.get("/messages/<id:message_id>/export.html")
@described(produces=("text/html",), raises=(Conflict,))
def message_report(message_id: str) -> Response:
    """An answer as one HTML file with map and pictures, which opens anywhere."""
    from sessions.export.report import report

    thumbnail = thumbnails()
    return _answer(message_id, "html", "text/html", lambda extract: report(extract, thumbnail))


@blueprint.get("/messages/<id:message_id>/export.json")
@described(raises=(Conflict,))
def message_document(message_id: str) -> Response:
    """An answer as JSON: the message, its places and all its observations."""
    from sessions.export.document import answer_document

    return _answer(message_id, "json", "application/json", answer_document)


@blueprint.get("/messages/<id:message_id>/export.zip")
@described(produces=("application/zip",), raises=(Conflict,))
def message_bundle(message_id: str) -> Response:
    """An answer with its evidence, as a zip that ``bundle verify`` can check: question, plan, prompts, observations."""
    from sessions.export.bundle import bundle

    thumbnail, version = thumbnails(), services().version
    return _answer(message_id, "zip", "application/zip", lambda extract: bundle(extract, thumbnail, version))


@blueprint.get("/sessions/<id:session_id>/export.json")
@described(reply=SessionExport)
def session_document(session_id: str) -> Response:
    """A session as JSON: session_info, conversation and exported_at."""
    found = services().stores.exports.session(session_id)
    return _file(found.document(), "application/json", found.file_name("json"))


@blueprint.get("/sessions/<id:session_id>/export.zip")
@described(produces=("application/zip",))
def session_archive(session_id: str) -> Response:
    """A session as a zip of session_info.json and conversation.json in a folder of its own."""
    exports = services().stores.exports
    found = exports.session(session_id)
    return _file(found.archive(exports.timezone), "application/zip", found.file_name("zip"))


@blueprint.post("/sessions/import")
@described(
    reply=Imported,
    status=201,
    takes="application/octet-stream",
    most_bytes=MOST_BYTES + _FORM_BYTES,
    raises=(ImportRefused, TooLarge, TooMany),
)
def import_sessions() -> Any:
    """Take sessions out of an export, JSON or zip: as the body itself, its name in X-File-Name, or as the file of a
    form."""
    content, name = _upload()
    found = services().stores.imports.take(content, name, owner())
    return {
        "sessions": [view.as_json(current_person()) for view in found.sessions],
        "questions": found.questions,
        "observations": found.observations,
        "left_out": list(found.left_out),
    }


def _upload() -> tuple[bytes, str]:
    if request.mimetype != "multipart/form-data":
        return request.get_data(), _told_name(unquote(request.headers.get("X-File-Name", "")))
    files = list(request.files.values())
    if len(files) != 1:
        raise InvalidRequest("The form must hold one file.", "Choose the file of an export.")
    return files[0].read(MOST_BYTES + 1), _told_name(files[0].filename or "")


def _told_name(name: str) -> str:
    """The file's own name as it is shown: no folder, no control characters, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:120] or "a file"


def thumbnails() -> Callable[[str], bytes]:
    """What makes a picture's thumbnail, also when the request is over and its pieces are still being sent."""
    return services().stores.media.thumbnail


def _answer(message_id: str, ending: str, kind: str, write: Callable[[Extract], Iterator[bytes]]) -> Response:
    house = services()
    extract = house.stores.exports.answer(message_id, house.site.name, request.host_url.rstrip("/"))
    return _file(write(extract), kind, extract.file_name(ending))


def _file(pieces: Iterator[bytes], kind: str, name: str) -> Response:
    """A download in pieces. The first is made before the reply begins, so that what fails at once is told as an error;
    ``name`` is of plain letters already."""
    ready = _Begun(pieces)
    headers: Mapping[str, str] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(ready, content_type=kind if kind in _WITHOUT_CHARSET else f"{kind}; charset=utf-8", headers=headers)


_WITHOUT_CHARSET = frozenset({_XLSX, "application/zip", "application/json", "application/geo+json"})


@dataclass
class _Begun:
    """Pieces of which the first has come. Closing it closes what makes them, so that nothing is left behind when the
    reader goes."""

    pieces: Iterator[bytes]

    def __post_init__(self) -> None:
        self._first: bytes | None = next(self.pieces, b"")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return next(self.pieces)

    def close(self) -> None:
        if close := getattr(self.pieces, "close", None):
            close()
