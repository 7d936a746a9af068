"""The seam to vision models.

A model *looks* at pictures and keeps what it saw (a sight); what it saw is then *judged* for one ask. The two are
apart so that a sight is paid for once: a detector that has found everything answers the next question about the
same picture without looking again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
class Cost:
    """What one picture is expected to cost, or has cost: tokens as the model's server counts them, US dollars."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0
    usd: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.tokens_in + other.tokens_in, self.tokens_out + other.tokens_out, self.usd + other.usd)


NOTHING = Cost()


@dataclass(frozen=True, slots=True)
class Ability:
    """Whether a model can answer an ask, in words.

    ``sentence`` says what it would look for, or why it can't ("opencv sees people, light and blur; it has no eyes
    for street lights."). ``leaves_out`` says what the answer will not include ("COCO has no auto-rickshaw.").
    ``sees`` names what a sight made for this ask holds: a stored sight of the same picture, model, version and
    ``sees`` answers the ask without another look ("objects" for a detector that finds everything at once; the ask
    itself for a model that is told what to look for). ``cost`` is what one picture is expected to cost, ``most_usd``
    the most that one can, ``cost_of`` the same as ``cost`` for a picture of so many pixels across and down; ``call_s``
    how long a call takes and ``pace_per_s`` how many there may be a second, where that is known.
    """

    fit: Fit
    sentence: str
    leaves_out: str = ""
    sees: str = ""
    cost: Cost = NOTHING
    most_usd: float = 0.0
    cost_of: Callable[[int, int], Cost] | None = None
    call_s: float | None = None
    pace_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is. ``version`` changes whenever its sights could; ``takes`` is ``bytes``, ``url`` or ``either``;
    ``workers`` is how many calls it gains from at once, ``batch`` how many pictures one call takes; ``cost_usd`` is
    the price of one picture. One that ``leaves_machine`` sends pictures to the host ``to``; ``reaches`` says whether
    that host can fetch from this network."""

    name: str
    version: str
    takes: str
    workers: int
    batch: int = 1
    cost_usd: float = 0.0
    leaves_machine: bool = False
    to: str = ""
    reaches: bool = True


@dataclass(frozen=True, slots=True)
class Past:
    """What became of earlier tries with one picture: the model's own words for each, and what they cost. ``booked`` is
    the moment (monotonic) for which a turn is kept, ``said`` the server's own reason why it could not fetch a URL."""

    troubles: tuple[str, ...] = ()
    spent: Cost = NOTHING
    booked_s: float | None = None
    said: str = ""


NO_PAST = Past()
UNFETCHABLE = "unfetchable"


@dataclass(frozen=True, slots=True)
class Material:
    """One picture as handed to a model: its bytes, or its URL where the model takes URLs; with it, its past. ``digest``
    is the SHA-256 of the bytes at the source, where ``content`` is not just these."""

    content: bytes | None = None
    url: str | None = None
    past: Past = NO_PAST
    digest: str = ""


class NotYet(Exception):
    """The picture is to be handed over again after ``after_s``, with this ``past``; nobody waits meanwhile. ``sent``
    says whether it left the machine this time, ``counted`` whether that was a call. A model that raises this takes one
    picture a call."""

    def __init__(self, after_s: float, past: Past, *, sent: bool, counted: bool = True) -> None:
        super().__init__(f"again in {after_s:.1f} s")
        self.after_s = after_s
        self.past = past
        self.sent = sent
        self.counted = counted


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
