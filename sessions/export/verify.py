"""Checks an evidence bundle: are the files those that were packed, and do the answer's figures follow from the
observations? Plain Python over the file; no database, no picture, no network.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analyzer.answer import compose
from analyzer.difference import Side, compared, figure_plan
from analyzer.groups import slice_of, within
from analyzer.plan import Plan
from analyzer.recount import recount
from analyzer.report.check import faults, register_names, unknown_numbers
from analyzer.report.facts import Facts
from analyzer.report.report import Draft, Writer
from analyzer.report.template import by_template
from core.states import Outcome
from sessions.export.archive import ImportRefused, open_zip, opened, unpacked
from sessions.export.bundle import (
    ANSWER,
    BEFORE,
    FORMAT,
    MANIFEST,
    MEMBERS,
    OBSERVATIONS,
    PLAN,
    QUESTION,
    SEEN_BEFORE,
    VERSION,
)

MOST_BYTES = 256 * 1024 * 1024
_MOST_UNPACKED = 2 * 1024 * 1024 * 1024
_MOST_ENTRIES = 100
_MOST_JSON = 64 * 1024 * 1024
_MOST_LINE = 4 * 1024 * 1024
_MOST_SAID = 20
_PIECE = 1024 * 1024
_HINT = "Give the zip that “Evidence” in the export menu of an answer saves."
# What a value that is not what it should be makes Python say.
_ODD = (KeyError, ValueError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``differences`` in sentences, none where all agrees; ``figures`` is how many were worked out again."""

    question: str
    headline: str
    pictures: int
    figures: int
    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether everything came out as the bundle says."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line of the observations, as far as figures need it."""

    picture_id: str
    observation_id: str
    name: str
    camera: str | None
    location: str | None
    district: str | None
    old_district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None
    taken_at: datetime | None
    outcome: Outcome
    count: int | None
    text: str | None
    identity: str = ""


def verify(content: bytes, program: str) -> Verdict:
    """What is to be said of a bundle. ``program`` is this Sightline's version: another one's sentences are not
    compared, its figures are. Raises :class:`ImportRefused` for what is no bundle, or could do harm."""
    if len(content) > MOST_BYTES:
        raise ImportRefused(f"The file is larger than {MOST_BYTES // 2**20} MiB.", _HINT)
    with open_zip(content, _MOST_ENTRIES, _MOST_UNPACKED, _HINT) as archive:
        manifest = _manifest(archive)
        differences = list(_repacked(archive, manifest))
        plans, question = _object(archive, PLAN), _object(archive, QUESTION)
        answer = _object(archive, ANSWER)
        try:
            same = manifest.get("program") == program
            facts, counts = _again(archive, plans, question)
            found, pictures = facts.answer.as_json() | {"pictures": facts.pictures}, facts.pictures
            differences += _compared(answer, found, sentences=same)
            differences += _reported(answer.get("report"), facts, same=same)
            differences += _tallied(question["look"]["counts"], counts)
            figures = len(found["figures"]) + len(found["groups"])
            told = str(question["question"]), str(answer["headline"])
        except (*_ODD, ZoneInfoNotFoundError) as error:
            raise ImportRefused("The bundle holds what can't be read as a plan or an observation.", _HINT) from error
    return Verdict(*told, pictures, figures, tuple(differences))


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    names = archive.namelist()
    if len(set(names)) < len(names):
        raise ImportRefused("The zip holds two files of one name.", _HINT)
    if missing := [name for name in (MANIFEST, *MEMBERS) if name not in names]:
        raise ImportRefused(f"The zip is no bundle: it has no {missing[0]}.", _HINT)
    manifest = _object(archive, MANIFEST)
    if manifest.get("format") != FORMAT or not isinstance(manifest.get("members"), dict):
        raise ImportRefused("The zip is no bundle: its manifest says nothing of one.", _HINT)
    if manifest.get("version") != VERSION:
        raise ImportRefused("The bundle was made by a newer Sightline.", "Check it with that one.")
    return manifest


def _repacked(archive: zipfile.ZipFile, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Which files are not those that were packed."""
    for entry in archive.infolist():
        if entry.filename == MANIFEST:
            continue
        listed = manifest["members"].get(entry.filename)
        if not isinstance(listed, dict):
            yield f"{entry.filename[:80]!r} does not stand in the manifest."
        elif listed.get("sha256") != _digest(archive, entry):
            yield f"{entry.filename[:80]} is not the file that was packed: its SHA-256 is another."


def _digest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    digest, left = hashlib.sha256(), entry.file_size
    with opened(archive, entry) as file:
        while piece := file.read(_PIECE):
            left -= len(piece)
            if left < 0:
                raise ImportRefused("The zip unpacks to more than it says.", "Make it again.")
            digest.update(piece)
    return digest.hexdigest()


def _object(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    entry = archive.getinfo(name)
    if entry.file_size > _MOST_JSON:
        raise ImportRefused(f"{name} is larger than {_MOST_JSON // 2**20} MiB.", _HINT)
    return _read(unpacked(archive, entry), name)


def _read(content: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{name} is no JSON that can be read.", _HINT) from error
    if not isinstance(found, dict):
        raise ImportRefused(f"{name} is no JSON object.", _HINT)
    return found


def _again(
    archive: zipfile.ZipFile, plans: Mapping[str, Any], question: Mapping[str, Any]
) -> tuple[Facts, Mapping[Outcome, int]]:
    """The answer worked out anew, and all pictures by outcome."""
    counts = dict.fromkeys(Outcome, 0)
    zone = str(ZoneInfo(question["site"]["timezone"]))

    def counted() -> Iterator[_Seen]:
        for seen in _observations(archive, OBSERVATIONS):
            counts[seen.outcome] += 1
            yield seen

    now = _side(plans, counted(), zone)
    answer = compose(now.plan, now.looked, now.seen)
    if now.plan.versus is not None:
        told = _object(archive, BEFORE)
        answer = compared(now, _side(told, _observations(archive, SEEN_BEFORE), zone, str(told["question"])))
    return Facts(str(question["question"]), now.plan, now.looked, answer, now.seen), counts


def _side(plans: Mapping[str, Any], seen: Iterator[_Seen], zone: str, said: str = "") -> Side:
    """What the observations come to for a plan; of a difference, for what either side of it works out."""
    plan, looked = Plan.from_stored(plans["plan"]), Plan.from_stored(plans["looked"])
    if plan.versus is not None:
        plan, looked = figure_plan(plan), replace(looked, group_by=None)
    return Side(plan, looked, list(within(recount(seen, slice_of(plan, "", zone)), plan.scope)), said)


def _observations(archive: zipfile.ZipFile, name: str) -> Iterator[_Seen]:
    known: set[str] = set()
    with opened(archive, archive.getinfo(name)) as file:
        while line := file.readline(_MOST_LINE + 1):
            if len(line) > _MOST_LINE:
                raise ImportRefused(f"A line of {name} is longer than any picture's.", _HINT)
            seen = _seen(_read(line, f"A line of {name}"))
            if seen.picture_id in known:
                raise ImportRefused(f"{name} holds one picture twice.", _HINT)
            known.add(seen.picture_id)
            yield seen


def _seen(row: Mapping[str, Any]) -> _Seen:
    def text(name: str) -> str | None:
        value = row[name]
        if value is not None and not isinstance(value, str):
            raise TypeError(name)
        return value

    def number(name: str) -> float | None:
        return None if row[name] is None else float(row[name])

    taken_at = text("taken_at")
    count = row["count"]
    if count is not None and (type(count) is not int or abs(count) > 2**31):
        raise ValueError("count")
    return _Seen(
        str(row["picture_id"]), str(row["observation_id"]), str(row["name"]), text("camera"), text("location"),
        text("district"), text("old_district"), text("mandal"), number("latitude"), number("longitude"),
        datetime.fromisoformat(taken_at) if taken_at else None, Outcome(row["outcome"]), count, text("text"),
        str(row["identity"]["value"]),
    )  # fmt: skip


def _compared(said: Mapping[str, Any], found: Mapping[str, Any], *, sentences: bool) -> Iterator[str]:
    """Where the answer says another thing than the observations do."""
    if said["pictures"] != found["pictures"]:
        yield f"The answer is of {said['pictures']} pictures; the observations have {found['pictures']} in its scope."
    yield from _rows("figure", said["figures"], found["figures"], ("value", "of", "filter"))
    yield from _rows("group", said["groups"], found["groups"], ("value", "outcome", "counts", "filter"))
    if sentences and said["headline"] != found["headline"]:
        yield f"The headline is “{said['headline'][:200]}”; the observations give “{found['headline'][:200]}”."
    if sentences and list(said["findings"]) != list(found["findings"]):
        yield "The findings are not those that the observations give."


def _reported(told: Mapping[str, Any] | None, facts: Facts, *, same: bool) -> Iterator[str]:
    """Where the report says another thing: the template's word by word, any other by what it speaks of. Another
    version's rules for sentences are not known, its numbers are."""
    if told is None:  # an older version wrote none
        return
    draft = Draft(str(told["introduction"]), tuple(str(one) for one in told["findings"]), str(told["conclusion"]))
    again = by_template(facts)
    if same and told["writer"] == Writer.TEMPLATE and draft != again.draft:
        yield "The report is not the one that the observations give."
    if same and told["writer"] != Writer.TEMPLATE:
        yield from (f"The report: {fault}" for fault in faults(draft, facts, register_names(iter(()))))
    if not same and (unknown := unknown_numbers(draft, facts)):
        yield f"The report has numbers that the observations do not give: {', '.join(unknown)[:200]}."
    if list(told["districts"]) != again.as_json()["districts"]:
        yield "The report counts the districts' pictures otherwise than the observations do."


def _rows(kind: str, said: list[Any], found: list[Any], fields: tuple[str, ...]) -> Iterator[str]:
    if [row["label"] for row in said] != [row["label"] for row in found]:
        yield f"The answer has other {kind}s than the observations give: {len(said)} and {len(found)}."
        return
    apart = [
        f"{kind.capitalize()} “{told['label'][:80]}”: {field} is {told[field]}; the observations give {again[field]}."
        for told, again in zip(said, found, strict=True)
        for field in fields
        if told[field] != again[field]
    ]
    yield from apart[:_MOST_SAID]
    if len(apart) > _MOST_SAID:
        yield f"And {len(apart) - _MOST_SAID} more of the {kind}s differ."


def _tallied(said: Mapping[str, Any], counts: Mapping[Outcome, int]) -> Iterator[str]:
    for outcome, number in counts.items():
        if said[str(outcome)] != number:
            yield f"{said[str(outcome)]} pictures are said to be {outcome}; the observations have {number}."
