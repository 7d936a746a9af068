"""An answer with all that it rests on, as one zip: the evidence bundle. Checking one is :mod:`sessions.export.verify`'s
business, which needs nothing but the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.clock import iso
from core.errors import Conflict
from core.states import RunState
from sessions.export.archive import zipped
from sessions.export.document import dumped
from sessions.export.extract import Before, Extract
from sessions.export.report import Thumbnail, report
from storage.observations import Observation, box_row

FORMAT, VERSION = "sightline-bundle", 1
QUESTION, PLAN, MODEL, ANSWER = "question.json", "plan.json", "model.json", "answer.json"
OBSERVATIONS, REPORT, README, MANIFEST = "observations.jsonl", "report.html", "README.txt", "manifest.json"
# Of a difference: the earlier answer, and what its look saw.
BEFORE, SEEN_BEFORE = "before.json", "observations_before.jsonl"
MEMBERS = (README, QUESTION, PLAN, MODEL, ANSWER, OBSERVATIONS, REPORT)
_BATCH = 200

_READ_ME = """\
An answer of Sightline with its evidence.

report.html         the answer to read, with map and pictures; opens anywhere, offline
question.json       what was asked, when, of which pictures, and how the look ended
plan.json           how the question was understood, and the plan of the look that it rests on
model.json          which model looked, in which version, and what it was told for each picture
observations.jsonl  one line for each picture: what makes it that picture, where and when it was taken, what was seen
answer.json         the answer as it was shown: headline, findings, figures, groups, report
manifest.json       the SHA-256 of each of these files
before.json, observations_before.jsonl
                    only of a difference: the earlier answer that it is set against, and what was seen for that one

Check that the figures follow from the observations:

    flask --app flask_app bundle verify {name}

It needs neither the pictures nor a database. It says whether the files are those that were packed and whether the
answer's figures, and those in its report, come out again; it can't say whether the model saw right, nor who packed the
file.
"""


def bundle(extract: Extract, thumbnail: Thumbnail, program: str) -> Iterator[bytes]:
    """The file, written as it is read. ``program`` is Sightline's version. Raises :class:`Conflict` while the look is
    under way: its figures move."""
    if extract.run.state is RunState.RUNNING:
        raise Conflict("This question is still being answered.", "Save its evidence when the look has ended.")
    digests: dict[str, dict[str, Any]] = {}
    contents: Mapping[str, Callable[[], Iterator[bytes]]] = {
        README: lambda: iter([_READ_ME.format(name=extract.file_name("zip")).encode()]),
        QUESTION: lambda: _json(_question(extract)),
        PLAN: lambda: _json({"plan": extract.message.row.plan, "looked": extract.looked.row.plan}),
        MODEL: lambda: _json(_model(extract)),
        ANSWER: lambda: _json(extract.answer),
        OBSERVATIONS: lambda: _lines(extract.observations()),
        REPORT: lambda: report(extract, thumbnail),
    }
    if (before := extract.before) is not None:
        contents = {
            **contents,
            BEFORE: lambda: _json(_before(before)),
            SEEN_BEFORE: lambda: _lines(before.observations()),
        }
    files = {name: _noted(name, content, digests) for name, content in contents.items()}
    head = {
        "format": FORMAT,
        "version": VERSION,
        "program": program,
        "exported_at": iso(extract.exported_at),
        "members": digests,
    }
    return zipped(files | {MANIFEST: lambda: _json(head)}, extract.exported_at)


def _noted(
    name: str, content: Callable[[], Iterator[bytes]], digests: dict[str, dict[str, Any]]
) -> Callable[[], Iterator[bytes]]:
    """``content``, whose digest stands in ``digests`` once it has been written."""

    def pieces() -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for piece in content():
            digest.update(piece)
            size += len(piece)
            yield piece
        digests[name] = {"sha256": digest.hexdigest(), "size_bytes": size}

    return pieces


def _json(value: Any) -> Iterator[bytes]:
    yield dumped(value).encode()


def _question(extract: Extract) -> dict[str, Any]:
    row, looked, kept = extract.message.row, extract.looked.row, extract.kept
    return {
        "question": row.text,
        "asked_at": iso(row.asked_at),
        "understood": list(extract.chips),
        "notes": list(row.notes),
        "session": extract.session_title,
        "follows": None if looked.id == row.id else {"question": looked.text, "asked_at": iso(looked.asked_at)},
        "site": {"name": extract.site, "timezone": str(extract.timezone)},
        "look": {
            "state": str(extract.run.state),
            "started_at": iso(kept.started_at),
            "register": kept.register,
            "pictures": extract.run.done,
            "counts": {str(outcome): number for outcome, number in extract.counts.items()},
            "calls": extract.run.calls,
            "reused": extract.run.reused,
        },
    }


def _before(before: Before) -> dict[str, Any]:
    row, looked = before.answered.row, before.answered.looked
    return {"question": row.text, "asked_at": iso(row.asked_at), "plan": row.plan, "looked": looked.plan}


def _model(extract: Extract) -> dict[str, Any]:
    """``told``: the words under which what was seen is kept, with the prompt's version where there is a prompt."""
    model = extract.looked.row.model or {}
    return {
        "name": extract.kept.model,
        "version": extract.kept.model_version,
        "why": model.get("why", ""),
        "leaves_out": model.get("leaves_out", ""),
        "prompts": {"ask": extract.asked, "told": extract.kept.sees},
    }


def _lines(observations: Iterator[Observation]) -> Iterator[bytes]:
    batch: list[str] = []
    for observation in observations:
        batch.append(dumped(_row(observation)) + "\n")
        if len(batch) == _BATCH:
            yield "".join(batch).encode()
            batch = []
    yield "".join(batch).encode()


def _row(seen: Observation) -> dict[str, Any]:
    return {
        "observation_id": seen.observation_id,
        "picture_id": seen.picture_id,
        "identity": _identity(seen),
        "name": seen.name,
        "camera": seen.camera,
        "location": seen.location,
        "district": seen.district,
        "old_district": seen.old_district,
        "mandal": seen.mandal,
        "latitude": seen.latitude,
        "longitude": seen.longitude,
        "taken_at": iso(seen.taken_at) if seen.taken_at else None,
        "outcome": str(seen.outcome),
        "count": seen.count,
        "text": seen.text,
        "score": seen.score,
        "reason": seen.reason,
        "boxes": [box_row(box) for box in seen.boxes],
        "width": seen.width,
        "height": seen.height,
        "model": seen.model,
        "model_version": seen.model_version,
        "elapsed_ms": round(seen.elapsed_ms, 1),
        "cost_usd": seen.cost_usd,
        "reused": seen.reused,
        "failed": seen.failed,
        "observed_at": iso(seen.observed_at),
    }


def _identity(seen: Observation) -> dict[str, str]:
    """How it is known which picture that was. An address may carry a key: of such a one the digest is enough."""
    value = seen.identity
    if "://" in value:
        value = "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return {"kind": seen.identity_kind, "value": value}
