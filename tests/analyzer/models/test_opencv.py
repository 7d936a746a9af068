"""The model that is always there: people, light, fog, blur and blocked views, on real pictures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.ask import Ask
from analyzer.models.model import Fit, Material, VisionModel
from analyzer.models.opencv import OpenCvModel
from analyzer.plan import Task
from core.observation import Judgement
from core.states import Outcome

Pixels = NDArray[np.uint8]
Png = Callable[[Pixels], bytes]
PEOPLE = Ask(Task.COUNT, "people", "How many people are visible?")
DAY_OR_NIGHT = Ask(Task.CLASSIFY, "day or night", "Is it day or night?", ("day", "night"))


@pytest.fixture(scope="module")
def model() -> OpenCvModel:
    return OpenCvModel()


@pytest.fixture
def judged(model: OpenCvModel, png: Png) -> Callable[[Pixels, Ask], Judgement]:
    return lambda pixels, ask: model.judge(model.look([Material(png(pixels))], ask)[0], ask)


Judged = Callable[[Pixels, Ask], Judgement]


def find(target: str) -> Ask:
    return Ask(Task.FIND, target, f"Is there {target}?")


def grained(pixels: NDArray[Any], seed: int = 1) -> Pixels:
    """With a sensor's noise: no camera gives a flat field."""
    noise = np.random.default_rng(seed).normal(0, 2, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def in_fog(pixels: Pixels, passes: float) -> Pixels:
    """Koschmieder: what passes of the scene, and airlight for the rest."""
    return grained(pixels * passes + 220.0 * (1 - passes))


def test_it_is_a_vision_model(model: OpenCvModel) -> None:
    seen: VisionModel = model
    assert (seen.card.name, seen.card.takes, seen.card.leaves_machine) == ("opencv", "bytes", False)


def test_it_counts_people_on_a_street(judged: Judged, frame: Pixels) -> None:
    judgement = judged(frame, PEOPLE)
    assert judgement.outcome is Outcome.MATCH
    assert judgement.count == len(judgement.boxes)
    assert 3 <= len(judgement.boxes) <= 7
    for box in judgement.boxes:
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
        assert box.label == "person"


@pytest.mark.parametrize("name", ["pets.jpg", "cat_720p.jpg", "traffic_0001.bmp", "traffic_0003.bmp"])
def test_it_sees_no_people_where_there_are_none(model: OpenCvModel, data: Path, name: str) -> None:
    sight = model.look([Material((data / name).read_bytes())], PEOPLE)[0]
    assert model.judge(sight, PEOPLE).outcome is Outcome.NO_MATCH


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: np.zeros_like(p), "black"),
        (lambda p: grained(np.full(p.shape, 4)), "black"),
        (lambda p: np.full_like(p, 128), "blocked"),
        (lambda p: grained(cv2.GaussianBlur(np.full(p.shape, 90, np.uint8), (0, 0), 5)), "blocked"),
        (lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 8), np.uint8), "blurred"),
        (lambda p: in_fog(p, 0.04), "contrast"),
    ],
    ids=["black", "lens cap", "grey", "hand", "out of focus", "thick fog"],
)
def test_a_view_in_which_nothing_can_be_seen_is_unsure_and_never_no(
    judged: Judged, frame: Pixels, make: Callable[[Pixels], Pixels], said: str
) -> None:
    judgement = judged(make(frame), PEOPLE)
    assert judgement.outcome is Outcome.UNSURE
    assert judgement.count is None
    assert said in (judgement.reason or "")


def test_day_and_night_are_told_by_the_light_and_dusk_is_unsure(judged: Judged, frame: Pixels) -> None:
    assert judged(frame, DAY_OR_NIGHT).text == "day"
    assert judged(grained(frame * 0.3), DAY_OR_NIGHT).text == "night"
    dusk = judged(grained(frame * 0.63), DAY_OR_NIGHT)
    assert (dusk.outcome, dusk.text) == (Outcome.UNSURE, None)
    assert "brightness" in (dusk.reason or "")


def test_the_states_may_stand_in_the_target_alone(model: OpenCvModel, judged: Judged, frame: Pixels) -> None:
    ask = Ask(Task.CLASSIFY, "day or night", "?")
    assert model.ability(ask).fit is Fit.FULL
    assert judged(frame, ask).text == "day"


@pytest.mark.parametrize(
    "target", ["images taken at night", "dark images", "blurred images", "fog", "covered cameras", "poor visibility"]
)
def test_a_clear_day_has_none_of_the_faults(judged: Judged, frame: Pixels, target: str) -> None:
    judgement = judged(frame, find(target))
    assert judgement.outcome is Outcome.NO_MATCH
    assert judgement.text


@pytest.mark.parametrize(
    ("target", "make"),
    [
        ("images taken at night", lambda p: grained(p * 0.3)),
        ("blurred images", lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 4), np.uint8)),
        ("fog", lambda p: in_fog(p, 0.4)),
        ("covered cameras", lambda p: grained(np.full(p.shape, 40))),
        ("poor visibility", lambda p: in_fog(p, 0.4)),
        ("poor visibility", lambda p: grained(p * 0.15)),
        ("poor visibility", lambda p: np.asarray(cv2.GaussianBlur(p, (0, 0), 4), np.uint8)),
    ],
)
def test_each_fault_of_the_view_is_found(
    judged: Judged, frame: Pixels, target: str, make: Callable[[Pixels], Pixels]
) -> None:
    assert judged(make(frame), find(target)).outcome is Outcome.MATCH


def test_a_bright_beach_is_not_fog(model: OpenCvModel, data: Path) -> None:
    for name in ("kite_and_cold.jpg", "face.jpg", "pets.jpg", "traffic_0002.bmp"):
        sight = model.look([Material((data / name).read_bytes())], find("fog"))[0]
        assert model.judge(sight, find("fog")).outcome is Outcome.NO_MATCH, name


def test_what_asks_about_light_is_answered_without_looking_for_people(
    model: OpenCvModel, png: Png, frame: Pixels
) -> None:
    assert model.ability(find("fog")).sees != model.ability(PEOPLE).sees
    assert model.look([Material(png(frame))], find("fog"))[0].boxes == ()


def test_a_crowd_is_offered_as_a_number_of_people(model: OpenCvModel) -> None:
    ability = model.ability(find("crowd"))
    assert ability.fit is Fit.STAND_IN
    assert "more than 10 people" in ability.sentence


@pytest.mark.parametrize(
    "target", ["cars", "street lights", "traffic congestion", "two-wheelers", "xyzzy", "people without masks"]
)
def test_what_it_has_no_eyes_for_it_says_plainly(model: OpenCvModel, target: str) -> None:
    ability = model.ability(find(target))
    assert ability.fit is Fit.NONE
    assert ability.sentence.startswith("opencv sees people, light")
    assert "no eyes for" in ability.sentence


@pytest.mark.parametrize("ask", [Ask(Task.DESCRIBE, "scene", "?"), Ask(Task.CLASSIFY, "people", "?", ("young", "old"))])
def test_other_tasks_are_refused(model: OpenCvModel, ask: Ask) -> None:
    assert model.ability(ask).fit is Fit.NONE


def test_people_walking_are_people_and_labelled_so(model: OpenCvModel) -> None:
    ability = model.ability(find("people walking"))
    assert ability.fit is Fit.STAND_IN
    assert "walking" in ability.sentence


def test_an_unreadable_picture_is_a_sight_with_a_reason(model: OpenCvModel, data: Path) -> None:
    cut = (data / "pets.jpg").read_bytes()[:9000]
    sight = model.look([Material(cut)], PEOPLE)[0]
    judgement = model.judge(sight, PEOPLE)
    assert (judgement.outcome, judgement.reason) == (Outcome.UNREADABLE, "The file ends before the picture does.")


def test_two_threads_see_what_one_sees(model: OpenCvModel, png: Png, frame: Pixels) -> None:
    contents = [png(frame), png(np.ascontiguousarray(frame[:, ::-1]))] * 2
    alone = [model.look([Material(content)], PEOPLE)[0].boxes for content in contents]
    with ThreadPoolExecutor(2) as pool:
        assert [s[0].boxes for s in pool.map(lambda c: model.look([Material(c)], PEOPLE), contents)] == alone


@pytest.mark.parametrize(("width", "height"), [(1, 1), (30, 30), (4000, 40), (40, 4000)])
def test_odd_shapes_are_looked_at(judged: Judged, width: int, height: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    assert judged(pixels, PEOPLE).outcome in (Outcome.NO_MATCH, Outcome.UNSURE, Outcome.MATCH)
