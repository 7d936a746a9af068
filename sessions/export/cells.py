"""The columns of a table of observations, the same in CSV and in Excel, and text that no program runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sessions.export.extract import Extract
from sessions.views import Place
from storage.observations import Observation

Value = str | int | float | bool | datetime | None

# What begins like this is run as a formula by one spreadsheet program or another (the wide forms in East Asian ones).
# Also behind a semicolon or a tab, where a program that expects those between cells begins a new one.
_RUNNABLE = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[=+\-@\t\r\n＝＋－＠])")
# Line ends and tabs are text. Other control characters and halves of characters can't stand in a file.
_UNTEXTUAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how its cell is read from an observation. ``width`` is in characters."""

    heading: str
    value: Callable[[Extract, Observation], Value]
    width: int = 14


@dataclass(frozen=True, slots=True)
class PlaceColumn:
    """The same for a place."""

    heading: str
    value: Callable[[Extract, Place], Value]
    width: int = 14


OBSERVATIONS = (
    Column("outcome", lambda _, seen: str(seen.outcome), 11),
    Column("count", lambda _, seen: seen.count, 8),
    Column("location", lambda _, seen: seen.location, 26),
    Column("district", lambda _, seen: seen.district, 18),
    Column("mandal", lambda _, seen: seen.mandal, 18),
    Column("camera", lambda _, seen: seen.camera, 16),
    Column("latitude", lambda _, seen: seen.latitude, 11),
    Column("longitude", lambda _, seen: seen.longitude, 11),
    Column("taken_at", lambda extract, seen: extract.local(seen.taken_at), 19),
    Column("text", lambda _, seen: seen.text, 40),
    Column("reason", lambda _, seen: seen.reason, 40),
    Column("score", lambda _, seen: seen.score, 8),
    Column("model", lambda _, seen: seen.model, 12),
    Column("model_version", lambda _, seen: seen.model_version, 12),
    Column("picture", lambda extract, seen: extract.picture(seen.picture_id), 60),
    Column("file", lambda _, seen: seen.name, 40),
    Column("old_district", lambda _, seen: seen.old_district, 18),
    Column("picture_id", lambda _, seen: seen.picture_id, 28),
    Column("observation_id", lambda _, seen: seen.observation_id, 28),
)

PLACES = (
    PlaceColumn("outcome", lambda _, place: str(place.outcome), 11),
    PlaceColumn("value", lambda _, place: place.as_json()["value"], 8),
    PlaceColumn("location", lambda _, place: place.viewpoint.location, 26),
    PlaceColumn("district", lambda _, place: place.viewpoint.district, 18),
    PlaceColumn("mandal", lambda _, place: place.viewpoint.mandal, 18),
    PlaceColumn("camera", lambda _, place: place.viewpoint.camera, 16),
    PlaceColumn("latitude", lambda _, place: place.viewpoint.latitude, 11),
    PlaceColumn("longitude", lambda _, place: place.viewpoint.longitude, 11),
    PlaceColumn("pictures", lambda _, place: place.viewpoint.pictures, 9),
    PlaceColumn("match", lambda _, place: place.viewpoint.match, 9),
    PlaceColumn("no_match", lambda _, place: place.viewpoint.no_match, 9),
    PlaceColumn("unsure", lambda _, place: place.viewpoint.unsure, 9),
    PlaceColumn("unreadable", lambda _, place: place.viewpoint.unreadable, 11),
    PlaceColumn("picture", lambda extract, place: extract.picture(place.viewpoint.picture_id), 60),
)


def clean(text: str) -> str:
    """``text`` without what can't stand in a file."""
    return _UNTEXTUAL.sub("\ufffd", text)


def inert(text: str) -> str:
    """``text`` as a CSV cell that no program runs: a quote before what begins like a formula. Numbers that are numbers
    never come here."""
    return _RUNNABLE.sub("'", clean(text))
