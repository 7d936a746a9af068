"""The detector on real pictures with its real weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.ask import Ask
from analyzer.models.detector import DetectorModel
from analyzer.models.model import Fit, Material, VisionModel
from analyzer.plan import Task
from core.errors import ModelUnavailable
from core.observation import Box, Sight
from core.states import Outcome

Pixels = NDArray[np.uint8]
Png = Callable[[Pixels], bytes]
CLEAR = {"brightness": 120.0, "range": 200.0, "visible": 0.9, "sharpness": 0.3, "veil": 0.2}


def ask(target: str, task: Task = Task.COUNT, choices: tuple[str, ...] = ()) -> Ask:
    return Ask(task, target, f"{target}?", choices)


def seen(model: DetectorModel, content: bytes, target: str = "people") -> Counter[str]:
    """Labels of what counts in a picture."""
    sight = model.look([Material(content)], ask(target))[0]
    return Counter(box.label for box in sight.boxes if box.score >= 0.3)


def sight_of(*found: tuple[str, float], facts: dict[str, float] | None = None) -> Sight:
    boxes = tuple(Box(0.1, 0.1, 0.2, 0.3, label, score) for label, score in found)
    return Sight(640, 480, boxes, CLEAR if facts is None else facts)


def test_it_is_a_vision_model(detector: DetectorModel) -> None:
    model: VisionModel = detector
    assert model.card.name == "detector"
    assert model.card.takes == "bytes"


@pytest.mark.parametrize(
    ("name", "label", "count"),
    [
        ("pets.jpg", "dog", 2),
        ("cat_720p.jpg", "cat", 1),
        ("grace_hopper.bmp", "person", 1),
        ("traffic_0001.bmp", "car", 3),
    ],
)
def test_it_counts_what_photographs_show(
    data: Path, detector: DetectorModel, name: str, label: str, count: int
) -> None:
    assert seen(detector, (data / name).read_bytes())[label] == count


def test_it_finds_small_things_in_a_large_picture_and_large_ones_once(data: Path, detector: DetectorModel) -> None:
    found = seen(detector, (data / "kite_and_cold.jpg").read_bytes())
    assert 8 <= found["person"] <= 12
    assert 6 <= found["kite"] <= 9


def test_a_large_picture_shows_what_its_parts_show(detector: DetectorModel, frame: Pixels, png: Png) -> None:
    alone = seen(detector, png(frame))["person"]
    mosaic = np.tile(frame, (3, 4, 1))
    assert mosaic.shape == (1080, 1920, 3)
    assert 0.7 * 12 * alone <= seen(detector, png(mosaic))["person"] <= 1.3 * 12 * alone


def test_boxes_are_fractions_of_the_picture(detector: DetectorModel, data: Path) -> None:
    sight = detector.look([Material((data / "face.jpg").read_bytes())], ask("people"))[0]
    assert sight.boxes
    for box in sight.boxes:
        assert 0 <= box.x0 < box.x1 <= 1
        assert 0 <= box.y0 < box.y1 <= 1
    assert (sight.width_px, sight.height_px) == (512, 355)
    assert sight.elapsed_ms > 0


def test_the_same_picture_larger_or_smaller_shows_the_same(detector: DetectorModel, data: Path, png: Png) -> None:
    pixels = cv2.imread(str(data / "pets.jpg"))
    assert pixels is not None
    for factor in (0.5, 2.0, 4.0):
        resized = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        assert seen(detector, png(np.asarray(resized, np.uint8)))["dog"] == 2, factor


def test_odd_shapes_are_looked_at(detector: DetectorModel, png: Png) -> None:
    for width, height in ((1, 1), (3, 2000), (2000, 3), (961, 961), (417, 1)):
        sight = detector.look([Material(png(np.full((height, width, 3), 90, np.uint8)))], ask("people"))[0]
        assert (sight.width_px, sight.height_px) == (width, height)


def test_an_unreadable_picture_is_a_sight_with_a_reason(detector: DetectorModel, data: Path) -> None:
    good = (data / "pets.jpg").read_bytes()
    sights = detector.look([Material(good[:5000]), Material(good), Material(b""), Material()], ask("dogs"))
    outcomes = [detector.judge(sight, ask("dogs")) for sight in sights]
    assert [one.outcome for one in outcomes] == [
        Outcome.UNREADABLE,
        Outcome.MATCH,
        Outcome.UNREADABLE,
        Outcome.UNREADABLE,
    ]
    assert all(one.reason for one in outcomes if one.outcome is Outcome.UNREADABLE)


def test_a_sight_made_for_one_ask_answers_the_next(detector: DetectorModel, data: Path) -> None:
    sight = detector.look([Material((data / "kite_and_cold.jpg").read_bytes())], ask("people"))[0]
    assert detector.judge(sight, ask("kites")).outcome is Outcome.MATCH
    assert detector.judge(sight, ask("elephants")).outcome is Outcome.NO_MATCH
    assert detector.ability(ask("people")).sees == detector.ability(ask("kites")).sees == "objects"


def test_two_threads_see_what_one_sees(detector: DetectorModel, data: Path) -> None:
    contents = [
        (data / name).read_bytes() for name in ("pets.jpg", "face.jpg", "traffic_0001.bmp", "kite_and_cold.jpg")
    ]
    alone = [seen(detector, content) for content in contents]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda content: seen(detector, content), contents * 2)) == alone * 2


@pytest.mark.parametrize(
    ("sight", "outcome", "count"),
    [
        (sight_of(), Outcome.NO_MATCH, 0),
        (sight_of(("person", 0.9), ("person", 0.35), ("person", 0.25), ("car", 0.9)), Outcome.MATCH, 2),
        (sight_of(("person", 0.25)), Outcome.UNSURE, 0),
        (sight_of(("person", 0.12)), Outcome.NO_MATCH, 0),
        (sight_of(("car", 0.9)), Outcome.NO_MATCH, 0),
        (sight_of(facts=CLEAR | {"range": 5.0, "visible": 0.0}), Outcome.UNSURE, None),
        (sight_of(("person", 0.9), facts=CLEAR | {"range": 5.0, "visible": 0.0}), Outcome.MATCH, 1),
        (Sight(unreadable="The file is empty."), Outcome.UNREADABLE, None),
    ],
)
def test_people_are_judged_by_sure_boxes_and_never_by_silence(
    detector: DetectorModel, sight: Sight, outcome: Outcome, count: int | None
) -> None:
    for task in (Task.COUNT, Task.FIND):
        judgement = detector.judge(sight, ask("people", task))
        assert (judgement.outcome, judgement.count) == (outcome, count)
        assert (judgement.reason is not None) is (outcome in (Outcome.UNSURE, Outcome.UNREADABLE))


def test_two_wheelers_are_motorcycles_and_bicycles(detector: DetectorModel) -> None:
    sight = sight_of(("motorcycle", 0.8), ("bicycle", 0.7), ("car", 0.9))
    judgement = detector.judge(sight, ask("two-wheelers"))
    assert judgement.count == 2
    assert {box.label for box in judgement.boxes} == {"motorcycle", "bicycle"}


def test_congestion_is_more_than_ten_vehicles_and_labelled_so(detector: DetectorModel) -> None:
    congestion = ask("traffic congestion", Task.FIND)
    ability = detector.ability(congestion)
    assert ability.fit is Fit.STAND_IN
    assert "more than 10 vehicles" in ability.sentence
    cars = [("car", 0.9)] * 10
    assert detector.judge(sight_of(*cars), congestion).outcome is Outcome.NO_MATCH
    assert detector.judge(sight_of(*cars, ("bus", 0.9)), congestion).outcome is Outcome.MATCH
    assert detector.judge(sight_of(*cars, ("bus", 0.25)), congestion).outcome is Outcome.UNSURE
    assert detector.judge(sight_of(), congestion).outcome is Outcome.NO_MATCH


def test_levels_of_traffic_are_counts_under_their_names(detector: DetectorModel) -> None:
    levels = ask("traffic", Task.CLASSIFY, ("light", "moderate", "heavy"))
    assert detector.ability(levels).fit is Fit.STAND_IN
    assert "3" in detector.ability(levels).sentence
    texts = [detector.judge(sight_of(*[("car", 0.9)] * count), levels).text for count in (0, 2, 7, 30)]
    assert texts == ["light", "light", "moderate", "heavy"]
    two = ask("traffic", Task.CLASSIFY, ("heavy", "light"))
    assert [detector.judge(sight_of(*[("car", 0.9)] * count), two).text for count in (1, 30)] == ["light", "heavy"]
    assert detector.judge(sight_of(facts=CLEAR | {"range": 5.0}), levels).outcome is Outcome.UNSURE


def test_other_states_are_not_told_apart(detector: DetectorModel) -> None:
    for target, choices in (
        ("traffic", ("red", "green")),
        ("cars", ("light", "heavy")),
        ("traffic", ("heavy", "dense")),
    ):
        assert detector.ability(ask(target, Task.CLASSIFY, choices)).fit is Fit.NONE


@pytest.mark.parametrize("target", ["street lights", "accidents", "people not wearing helmets", "autos", "xyzzy"])
def test_what_it_cannot_see_it_refuses_with_a_sentence(detector: DetectorModel, target: str) -> None:
    ability = detector.ability(ask(target, Task.FIND))
    assert ability.fit is Fit.NONE
    assert target in ability.sentence


def test_describing_is_left_to_others(detector: DetectorModel) -> None:
    assert detector.ability(ask("people", Task.DESCRIBE)).fit is Fit.NONE


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelUnavailable, match=r"can't load bad\.onnx"):
        DetectorModel(tmp_path / "bad.onnx")
    with pytest.raises(ModelUnavailable):
        DetectorModel(tmp_path / "absent.onnx")
