"""What a model saw in one picture, and what that means for one ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.states import Outcome


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the picture's width and height (0..1), so that it fits every size shown.

    ``label`` is the model's own class name; ``score`` is the model's number and not a probability.
    """

    x0: float
    y0: float
    x1: float
    y1: float
    label: str
    score: float


@dataclass(frozen=True, slots=True)
class Sight:
    """What a model saw, before any question is judged by it; kept, so that a later question costs nothing.

    ``boxes`` are all things found, ``facts`` are numbers about the whole picture (``brightness``, ``sharpness``),
    ``text`` is what a language model wrote. ``unreadable`` is the reason why nothing could be seen; ``passing`` marks
    one that another try may mend, so that it is not kept. ``cost_usd`` and the tokens are what seeing it took.
    ``counted``: it was made for a count of the same thing, and serves a find.
    """

    width_px: int = 0
    height_px: int = 0
    boxes: tuple[Box, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)
    text: str | None = None
    unreadable: str | None = None
    elapsed_ms: float = 0.0
    cost_usd: float = 0.0
    passing: bool = False
    tokens_in: int = 0
    tokens_out: int = 0
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a sight means for one ask.

    ``count`` is ``None`` where the ask has no number. ``boxes`` are those that belong to the target. ``reason``
    is a sentence for the person, required for ``unsure`` and ``unreadable``.
    """

    outcome: Outcome
    count: int | None = None
    boxes: tuple[Box, ...] = ()
    text: str | None = None
    score: float | None = None
    reason: str | None = None
