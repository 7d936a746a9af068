"""An answer as one HTML file that opens anywhere: no script, no request, pictures and map inside.

The template is templates/report.html; everything that it is given is escaped. What does not fit is counted and said.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.errors import SightlineError
from core.states import Outcome
from sessions.export.cells import clean
from sessions.export.drawing import draw
from sessions.export.extract import Extract
from sessions.views import Place
from storage.observations import Observation

Thumbnail = Callable[[str], bytes]

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_ORDER = (Outcome.MATCH, Outcome.UNSURE, Outcome.UNREADABLE, Outcome.NO_MATCH)
_LABELS = {
    Outcome.MATCH: "match", Outcome.UNSURE: "unsure", Outcome.UNREADABLE: "unreadable", Outcome.NO_MATCH: "no match",
}  # fmt: skip
_MARKS = 3000
_ROWS = 300
_GROUPS = 40
_PICTURES = {Outcome.MATCH: 36, Outcome.UNSURE: 12}
_PICTURE_BYTES = 4 * 1024 * 1024


def report(extract: Extract, thumbnail: Thumbnail) -> Iterator[bytes]:
    """The file. ``thumbnail`` gives the small JPEG of a picture, or raises why there is none."""
    for piece in template("report.html").generate(facts(extract, _Pictures(extract, thumbnail))):
        yield piece.encode("utf-8", "backslashreplace")


def facts(extract: Extract, pictures: Any) -> dict[str, Any]:
    """What the template is told, also that of a page that is built on it; ``pictures`` has ``shown`` and
    ``unavailable``."""
    places = _Places(extract.places())
    return {
        "extract": extract,
        "style_digest": style_digest(),
        "outcomes": [(str(outcome), _LABELS[outcome], extract.counts[outcome]) for outcome in _ORDER],
        "labels": {str(outcome): label for outcome, label in _LABELS.items()},
        "readable": extract.run.done - extract.counts[Outcome.UNREADABLE],
        "groups": _groups(extract),
        "places": places,
        "rows": places.first[:_ROWS],
        "drawing": draw(places.first),
        "pictures": pictures,
    }


def template(name: str) -> Template:
    """A template of ``templates/`` that escapes whatever it is given."""
    return _environment().get_template(name)


def style_digest() -> str:
    """What a policy must name for the report's own style to count."""
    style = template("report.css").render()
    return f"sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}"


class _Places:
    """The most telling places, of all that there are; only those are held."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.total = self.unplaced = 0
        self.first = heapq.nsmallest(_MARKS, self._counted(places), key=_telling)

    def _counted(self, places: Iterable[Place]) -> Iterator[Place]:
        for place in places:
            self.total += 1
            self.unplaced += place.viewpoint.latitude is None
            yield place


def _telling(place: Place) -> tuple[int, float, str, str]:
    spot = place.viewpoint
    return _ORDER.index(place.outcome), -(place.value or 0), spot.location or "~", spot.viewpoint


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture to show: its address, within the file or not, the words under it, and where it is in full size."""

    seen: Observation
    source: str
    taken: str
    whole: str | None = None


class _Pictures:
    """Pictures of matches, then of unsure ones, as many as a file that is sent by mail should carry."""

    def __init__(self, extract: Extract, thumbnail: Thumbnail) -> None:
        self.shown: list[ShownPicture] = []
        self.unavailable = 0
        size = 0
        for observation in chosen(extract):
            try:
                small = thumbnail(observation.picture_id)
            except SightlineError:  # gone, moved or broken since it was looked at: said as a number
                self.unavailable += 1
                continue
            size += len(small)
            if size > _PICTURE_BYTES:
                break
            source = f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
            self.shown.append(ShownPicture(observation, source, taken(extract.local(observation.taken_at))))


def chosen(extract: Extract) -> Iterator[Observation]:
    """The pictures worth showing: matches, then unsure ones."""
    for outcome, most in _PICTURES.items():
        yield from extract.pictures(outcome, most)


def _groups(extract: Extract) -> list[dict[str, Any]]:
    """The groups of the answer with the length of each one's bar, 0 to 100."""
    groups = extract.answer.get("groups", [])[:_GROUPS]
    most = max((group["value"] or 0 for group in groups), default=0)
    return [group | {"bar": round(100 * (group["value"] or 0) / most, 1) if most else 0} for group in groups]


def taken(moment: datetime | None) -> str:
    """When a picture was taken, in words."""
    return "time unknown" if moment is None else f"{moment.day} {moment:%b %Y, %H:%M}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}".removesuffix(".0")


def _without_controls(value: object) -> object:
    """Text without what can't stand in a file; what a macro has made is markup already."""
    return clean(value) if type(value) is str else value


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_without_controls,
    )  # fmt: skip
    made.filters["figure"] = _figure
    made.filters["moment"] = taken
    return made
