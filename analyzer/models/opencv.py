"""The model that is always there: people by HOG, and the view as a whole. No weights, no network, no key."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from analyzer.ask import Ask
from analyzer.models.judging import Thresholds, ability_of, judge_boxes, steps, unreadable
from analyzer.models.model import Ability, Fit, Material, ModelCard
from analyzer.models.view import Condition, judge_condition, measure
from analyzer.models.vocabulary import Meaning, condition, listed, meaning
from analyzer.plan import Task
from core.errors import ModelUnavailable, PictureUnreadable
from core.observation import Box, Judgement, Sight
from core.states import Outcome
from storage.decoding import MAX_PIXELS, decode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Stride and step as in OpenCV's own sample (samples/python/peopledetect.py). Its padding of 32 is half a window of
# mirrored border, in which it sees people who aren't there; 16 is the margin that the detector was trained with, so
# that somebody who touches the picture's edge still fits.
_WINDOW_STRIDE = (8, 8)
_PADDING = (16, 16)
_SCALE_STEP = 1.05
# The sample trims that margin off the same way for drawing.
_TRIM_X, _TRIM_Y = 0.15, 0.05
# The detector's own limit is a weight of 0; in common use its finds below .3 are called of low, above .7 of high
# confidence. The middle counts; what lies between low and middle doesn't, but isn't a plain "no" either.
_LIMITS = Thresholds(possible=0.3, sure=0.5)
# Its window is 64x128, so in the picture as it is it sees nobody smaller than about 100 pixels: the picture is doubled.
_ENLARGE = 2.0
_MAX_WORK_PIXELS = 3840 * 2160

_PEOPLE, _VIEW = "people", "view"
_CAN = "opencv sees people, light, fog, blur and blocked views"
_PEOPLE_LEAVE_OUT = (
    "It finds people who stand or walk, of about 50 pixels' height or more. Who sits, is half hidden or close to the "
    "camera is often missed."
)


class OpenCvModel:
    """People, light, fog, blur and blocked views, by OpenCV alone."""

    def __init__(self, max_pixels: int = MAX_PIXELS) -> None:
        self._max_pixels = max_pixels
        self._local = threading.local()
        self._card = ModelCard("opencv", "1", takes="bytes", workers=os.cpu_count() or 1)

    @property
    def card(self) -> ModelCard:
        return self._card

    def ability(self, ask: Ask) -> Ability:
        """Full for people and for conditions of the view, a stand-in for crowds and kinds of people, else none."""
        if ask.task is Task.CLASSIFY and _conditions(ask):
            return Ability(
                Fit.FULL, f"It tells {listed(_choices(ask))} by the light and contrast of the view.", sees=_VIEW
            )
        found = meaning(ask.target)
        if ask.task in (Task.FIND, Task.COUNT) and condition(ask.target):
            return Ability(Fit.FULL, f"It measures light, contrast and sharpness for “{ask.target[:80]}”.", sees=_VIEW)
        if found.classes != {"person"} or ask.task is Task.DESCRIBE:
            return Ability(Fit.NONE, f"{_CAN}; {_lacks(ask, found)}")
        if ask.task is Task.CLASSIFY and not (found.levels and steps(ask.choices)):
            return Ability(Fit.NONE, f"{_CAN}; it can't sort them into {listed(ask.choices or ('kinds',))}.")
        return ability_of(found, ask, _PEOPLE, _PEOPLE_LEAVE_OUT)

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        people = self.ability(ask).sees == _PEOPLE
        return [self._look(picture, people) for picture in pictures]

    def _look(self, picture: Material, people: bool) -> Sight:
        started = time.perf_counter()
        if picture.content is None:
            return Sight(unreadable="The picture's bytes weren't handed over.")
        try:
            pixels = decode(picture.content, self._max_pixels)
        except PictureUnreadable as error:
            return Sight(unreadable=error.sentence, elapsed_ms=_since(started))
        boxes = self._find_people(pixels) if people else ()
        height, width = pixels.shape[:2]
        return Sight(width, height, boxes, measure(pixels), elapsed_ms=_since(started))

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        if sight.unreadable:
            return unreadable(sight)
        if ask.task is Task.CLASSIFY and _conditions(ask):
            return _classify(sight, ask)
        view = condition(ask.target)
        if view:
            judgement = judge_condition(sight.facts, Condition(view))
            count = int(judgement.outcome is Outcome.MATCH) if ask.task is Task.COUNT else None
            return Judgement(judgement.outcome, count, text=judgement.text, reason=judgement.reason)
        return judge_boxes(sight, ask, meaning(ask.target), _LIMITS)

    def _find_people(self, pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
        import cv2
        import numpy as np

        height, width = pixels.shape[:2]
        factor = min(_ENLARGE, (_MAX_WORK_PIXELS / (height * width)) ** 0.5)
        size = (max(64, round(width * factor)), max(128, round(height * factor)))
        work = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_AREA)
        found, weights = self._hog().detectMultiScale(
            work, hitThreshold=0, winStride=_WINDOW_STRIDE, padding=_PADDING, scale=_SCALE_STEP
        )
        if not len(found):
            return ()
        x, y, w, h = np.asarray(found, np.float64).T
        corners = np.stack([x + _TRIM_X * w, y + _TRIM_Y * h, x + w - _TRIM_X * w, y + h - _TRIM_Y * h], axis=1)
        corners = np.clip(corners / (size[0], size[1], size[0], size[1]), 0.0, 1.0)
        return tuple(
            Box(x0, y0, x1, y1, "person", float(weight))
            for (x0, y0, x1, y1), weight in zip(corners.tolist(), np.ravel(weights), strict=True)
            if x1 > x0 and y1 > y0
        )

    def _hog(self) -> Any:
        """One descriptor a thread. Loud when the installed OpenCV has none: 5.x's headless wheel left it out."""
        import cv2

        hog = getattr(self._local, "hog", None)
        if hog is None:
            if not hasattr(cv2, "HOGDescriptor"):
                raise ModelUnavailable(
                    f"OpenCV {cv2.__version__} has no people detector.",
                    "Install the version that requirements-core.txt names: make setup.",
                )
            hog = cv2.HOGDescriptor()
            hog.setSVMDetector(cv2.HOGDescriptor_getDefaultPeopleDetector())  # type: ignore[attr-defined]
            self._local.hog = hog
        return hog


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _lacks(ask: Ask, found: Meaning) -> str:
    if ask.task is Task.DESCRIBE:
        return "it can't put a picture into words."
    return f"it has no eyes for {found.noun if found.fit is Fit.FULL else ask.target[:80]}."


def _choices(ask: Ask) -> tuple[str, ...]:
    """The states to tell apart: as given, else as the target names them ("day or night")."""
    if ask.choices:
        return ask.choices
    named = ask.target.replace("/", " or ").casefold().split(" or ")
    return tuple(name.strip() for name in named) if len(named) > 1 else ()


def _conditions(ask: Ask) -> list[tuple[str, Condition]]:
    """The choices as conditions of the view; empty when any of them is something else."""
    known = [(choice, condition(choice)) for choice in _choices(ask)]
    if any(name is None for _, name in known):
        return []
    return [(choice, Condition(name)) for choice, name in known if name]


def _classify(sight: Sight, ask: Ask) -> Judgement:
    """The first choice that holds; conditions overlap ("night", "blurred"), so the order given decides."""
    judged = [(choice, judge_condition(sight.facts, view)) for choice, view in _conditions(ask)]
    for choice, judgement in judged:
        if judgement.outcome is Outcome.MATCH:
            return Judgement(Outcome.MATCH, text=choice, reason=judgement.text)
    unsure = next((judgement.reason for _, judgement in judged if judgement.reason), None)
    return Judgement(Outcome.UNSURE, reason=unsure or f"None of {listed(_choices(ask))} fits this view.")
