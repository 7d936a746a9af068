"""The seam to vision models.

A model *looks* at pictures and keeps what it saw (a sight); what it saw is then *judged* for one ask. The two are
apart so that a sight is paid for once: a detector that has found everything answers the next question about the
same picture without looking again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from analyzer.ask import Ask
from core.observation import Judgement, Sight


class Fit(StrEnum):
    """How well a model can answer an ask."""

    FULL = "full"
    STAND_IN = "stand_in"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether a model can answer an ask, in words.

    ``sentence`` says what it would look for, or why it can't ("opencv sees people, light and blur; it has no eyes
    for street lights."). ``leaves_out`` says what the answer will not include ("COCO has no auto-rickshaw.").
    ``sees`` names what a sight made for this ask holds: a stored sight of the same picture, model, version and
    ``sees`` answers the ask without another look ("objects" for a detector that finds everything at once; the ask
    itself for a model that is told what to look for).
    """

    fit: Fit
    sentence: str
    leaves_out: str = ""
    sees: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is. ``version`` changes whenever its sights could; ``takes`` is ``bytes`` or ``url``;
    ``workers`` is how many calls it gains from at once, ``batch`` how many pictures one call takes; ``cost_usd`` is
    the price of one picture."""

    name: str
    version: str
    takes: str
    workers: int
    batch: int = 1
    cost_usd: float = 0.0
    leaves_machine: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """One picture as handed to a model: its bytes, or its URL where the model takes URLs."""

    content: bytes | None = None
    url: str | None = None


class VisionModel(Protocol):
    """Looks at pictures. Implementations are safe to call from ``card.workers`` threads at once."""

    @property
    def card(self) -> ModelCard:
        """What this model is."""
        ...

    def ability(self, ask: Ask) -> Ability:
        """Whether and how it can answer ``ask``; no picture is touched."""
        ...

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        """One sight a picture, in order. A picture that can't be seen gives a sight with ``unreadable`` set, never an
        exception; an exception means that the model itself failed."""
        ...

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        """What ``sight`` means for ``ask``; pure and fast. An unreadable sight is judged ``unreadable``."""
        ...
