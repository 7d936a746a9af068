"""The view as a whole: light, contrast, sharpness, haze. Numbers about the picture, and what they mean.

No weights and no training. The bands between "yes" and "no" are wide on purpose: what falls into one is ``unsure``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.observation import Judgement
from core.states import Outcome

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Facts are taken at one size, so that they don't depend on the camera's resolution.
_LONG_SIDE = 320
_CELL = 16


class Condition(StrEnum):
    """What can be asked about a view as a whole."""

    NIGHT = "night"
    DAY = "day"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    FOGGY = "foggy"
    BLOCKED = "blocked"
    POOR = "poor visibility"
    CLEAR = "clear"


def measure(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """The facts of a BGR picture.

    ``brightness``: mean grey, 0-255. ``range``: 99th minus 1st percentile of grey. ``visible``: share of 16-pixel cells
    whose Michelson contrast is above 5 %, the least that counts as visible in the definition of meteorological
    visibility (CIE 17.4), and at least 8 grey levels, below which it is the sensor's noise. ``sharpness``: variance of
    the Laplacian (Pech-Pacheco and others, 2000) over the variance of grey, so that haze and dusk are not taken for
    blur. ``veil``: mean dark channel, 0-1 (He, Sun and Tang, 2009), high where even dark things look pale.
    """
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    scale = _LONG_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    spread = float(grey.std())
    shares = np.cumsum(np.bincount(grey.ravel(), minlength=256)) / grey.size
    return {
        "brightness": float(grey.mean()),
        "range": float(np.searchsorted(shares, 0.99) - np.searchsorted(shares, 0.01)),
        "visible": _visible_share(cv2.blur(grey, (3, 3))),
        "sharpness": float(cv2.Laplacian(grey, cv2.CV_32F).var()) / (spread * spread) if spread > 1 else 0.0,
        "veil": _dark_channel(small) / 255,
    }


def _visible_share(grey: Any) -> float:
    """Share of cells with contrast; a dilation, read once a cell, is their maximum at a tenth of numpy's price."""
    import cv2
    import numpy as np

    cell = np.ones((_CELL, _CELL), np.uint8)
    middle = slice(_CELL // 2, None, _CELL)
    high = cv2.dilate(grey, cell)[middle, middle].astype(np.float32)
    low = cv2.erode(grey, cell)[middle, middle].astype(np.float32)
    if not high.size:
        return 0.0
    return float(((high - low >= 8) & ((high - low) > 0.05 * (high + low))).mean())


def _dark_channel(small: Any) -> float:
    import cv2
    import numpy as np

    blue, green, red = cv2.split(small)
    return float(cv2.erode(cv2.min(cv2.min(blue, green), red), np.ones((15, 15), np.uint8)).mean())


@dataclass(frozen=True, slots=True)
class _Verdict:
    """``strength`` grows with the condition: from ``sure`` on it holds, below ``possible`` it doesn't."""

    strength: float
    possible: float
    sure: float
    words: str

    def outcome(self) -> Outcome:
        if self.strength >= self.sure:
            return Outcome.MATCH
        return Outcome.UNSURE if self.strength >= self.possible else Outcome.NO_MATCH


def judge_condition(facts: Mapping[str, float], condition: Condition) -> Judgement:
    """Whether ``condition`` holds for the view with these facts."""
    if condition in _OPPOSITES:
        opposite = judge_condition(facts, _OPPOSITES[condition])
        return Judgement(_NEGATED[opposite.outcome], text=opposite.text, reason=opposite.reason)
    if condition is Condition.POOR:
        return _judge_poor(facts)
    verdict = _VERDICTS[condition](facts)
    outcome = verdict.outcome()
    reason = f"Borderline: {verdict.words}" if outcome is Outcome.UNSURE else None
    return Judgement(outcome, text=verdict.words, reason=reason)


def why_blind(facts: Mapping[str, float]) -> str | None:
    """Why nothing can be made out in this view, as a sentence; ``None`` when things could be seen if they were there.

    The limits are far below those of :func:`judge_condition`: a dusky or hazy street is still looked at.
    """
    if facts["range"] < 20 or facts["visible"] < 0.03:
        if facts["brightness"] < 30:
            return "The view is black: too dark, or the lens is covered."
        return "The view is blocked or blank: it holds next to no contrast."
    if facts["brightness"] < 10:
        return "The view is too dark to see anything in."
    if facts["sharpness"] < 0.015:
        return "The view is too blurred to see anything in."
    if facts["visible"] < 0.15 and facts["veil"] > 0.4 and facts["range"] < 100:
        return "The view is lost in fog or glare."
    return None


def _night(facts: Mapping[str, float]) -> _Verdict:
    # A quarter and a third of the scale: lit streets at night stay below the one, dull days above the other.
    light = facts["brightness"]
    return _Verdict(-light, -85, -64, f"mean brightness {light:.0f} of 255 (night below 64, day from 85).")


def _bright(facts: Mapping[str, float]) -> _Verdict:
    light = facts["brightness"]
    return _Verdict(light, 150, 180, f"mean brightness {light:.0f} of 255 (very bright from 180).")


def _blurred(facts: Mapping[str, float]) -> _Verdict:
    sharp = facts["sharpness"]
    words = f"sharpness {sharp:.3f} (blurred below .03, sharp from .06)."
    if facts["range"] < 20:  # a blank view is neither sharp nor blurred
        return _Verdict(1, 0, 2, words)
    return _Verdict(-sharp, -0.06, -0.03, words)


def _foggy(facts: Mapping[str, float]) -> _Verdict:
    """Fog lifts the dark parts and takes half of the contrast (Koschmieder): a white beach has only the one, a dark
    street only the other. In a blank view it can't be told from a covered lens."""
    veil, spread, lost = facts["veil"], facts["range"], 1 - facts["visible"]
    words = f"the darkest parts are at {veil:.0%} brightness and the contrast spans {spread:.0f} of 255."
    if veil >= 0.45 and 20 <= spread <= 125:
        return _Verdict(1, 0, 1, words)
    return _Verdict(float(veil >= 0.4 and (spread <= 150 or lost >= 0.5)), 1, 2, words)


def _blocked(facts: Mapping[str, float]) -> _Verdict:
    empty = 1 - facts["visible"]
    words = f"{empty:.0%} of the view is without any contrast."
    if facts["range"] > 100:
        return _Verdict(0, 1, 1, words)
    return _Verdict(1.0 if facts["range"] < 20 else empty, 0.85, 0.97, words)


_VERDICTS: Mapping[Condition, Callable[[Mapping[str, float]], _Verdict]] = {
    Condition.NIGHT: _night,
    Condition.DARK: _night,
    Condition.BRIGHT: _bright,
    Condition.BLURRED: _blurred,
    Condition.FOGGY: _foggy,
    Condition.BLOCKED: _blocked,
}
_OPPOSITES: Mapping[Condition, Condition] = {Condition.DAY: Condition.NIGHT, Condition.CLEAR: Condition.POOR}
_NEGATED: Mapping[Outcome, Outcome] = {
    Outcome.MATCH: Outcome.NO_MATCH,
    Outcome.NO_MATCH: Outcome.MATCH,
    Outcome.UNSURE: Outcome.UNSURE,
}


def _dim(facts: Mapping[str, float]) -> _Verdict:
    """Too dark to see well; a night street under lamps is not."""
    light, spread = facts["brightness"], facts["range"]
    words = f"mean brightness {light:.0f} and contrast {spread:.0f} of 255."
    if light >= 64:
        return _Verdict(0, 1, 1, words)
    if light < 30 or spread < 80:
        return _Verdict(1, 0, 1, words)
    return _Verdict(1 - facts["visible"], 0.5, 2, words)


def _judge_poor(facts: Mapping[str, float]) -> Judgement:
    """Poor visibility is any of fog, darkness, blur and a blocked view."""
    found = {cause: verdict(facts) for cause, verdict in _POOR.items()}
    for wanted in (Outcome.MATCH, Outcome.UNSURE):
        for cause, verdict in found.items():
            if verdict.outcome() is wanted:
                text = f"{cause}: {verdict.words}"
                return Judgement(wanted, text=text, reason=f"Borderline: {text}" if wanted is Outcome.UNSURE else None)
    return Judgement(Outcome.NO_MATCH, text="neither fog, darkness, blur nor a blocked view.")


_POOR: Mapping[str, Callable[[Mapping[str, float]], _Verdict]] = {
    "blocked": _blocked,
    "dark": _dim,
    "foggy": _foggy,
    "blurred": _blurred,
}
