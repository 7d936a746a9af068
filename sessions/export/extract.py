"""What every form of an exported answer is made from: the question, its stored answer, and streams of what was seen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from analyzer.plan import Plan
from analyzer.planner.chips import chips
from analyzer.progress import RunProgress
from core.states import Outcome
from sessions.differences import Answered
from sessions.views import MessageView, Place
from storage.conversations import RunRow
from storage.observations import Observation

_LONGEST_NAME = 60


@dataclass(frozen=True)
class Before:
    """The earlier answer that a difference is set against, with the pictures of its look."""

    answered: Answered
    observations: Callable[[], Iterator[Observation]]


@dataclass(frozen=True)
class Extract:
    """One answer. ``looked`` is the question whose pictures it rests on: itself, for a look. ``address`` is the
    server's own, as ``http://host``; links lead there by a picture's id, never to where the picture came from.
    ``pictures`` gives the newest of an outcome.
    """

    message: MessageView
    looked: MessageView
    run: RunProgress
    kept: RunRow
    session_title: str
    site: str
    timezone: ZoneInfo
    address: str
    exported_at: datetime
    observations: Callable[[], Iterator[Observation]]
    places: Callable[[], Iterator[Place]]
    pictures: Callable[[Outcome, int], Sequence[Observation]]
    before: Before | None = None

    @property
    def question(self) -> str:
        """The question in the person's words."""
        return self.message.row.text

    @property
    def answer(self) -> Mapping[str, Any]:
        """The answer as it is stored and shown; empty where there is none yet."""
        return self.message.answer or {}

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        return str(self.answer.get("headline", ""))

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """The pictures by outcome."""
        return self.run.counts

    @property
    def model(self) -> str:
        """The model and its version."""
        model = self.looked.row.model or {}
        return f"{model.get('name', '')} {model.get('version', '')}".strip()

    @cached_property
    def plan(self) -> Plan:
        """How the question was understood."""
        return Plan.from_stored(self.message.row.plan)

    @property
    def asked(self) -> str | None:
        """What was asked of each picture."""
        return Plan.from_stored(self.looked.row.plan).ask

    @cached_property
    def chips(self) -> tuple[str, ...]:
        """The same in short words."""
        return tuple(chip.label for chip in chips(self.plan))

    @property
    def page(self) -> str:
        """The address at which the page shows this answer."""
        return f"{self.address}/s/{self.message.row.session_id}/{self.message.id}"

    def picture(self, picture_id: str) -> str:
        """The address of a picture."""
        return f"{self.address}/media/{picture_id}"

    def local(self, moment: datetime | None) -> datetime | None:
        """A moment by the site's clock."""
        return None if moment is None else moment.astimezone(self.timezone)

    def file_name(self, ending: str) -> str:
        """A name for the file: words of the question and the day, in letters that every system takes."""
        return f"{plain_name(self.question, 'answer')}-{self.local(self.exported_at):%Y%m%d}.{ending}"


def plain_name(text: str, otherwise: str) -> str:
    """``text`` as part of a file's name: small letters, digits and hyphens, whatever it was."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_NAME].strip("-")
    return f"sightline-{words or otherwise}"
