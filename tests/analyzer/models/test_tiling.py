"""Tiles cover the picture, and what several of them saw counts once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analyzer.models.tiling import Finds, Tile, cut_by, suppress, tiles

ALIKE = np.array([0, -1, -1, 3])  # 1 and 2 look alike
PERSON, CAR, TRUCK, DOG = range(4)
Row = tuple[tuple[float, float, float, float], float, int, int, bool]


def finds(*rows: Row) -> Finds:
    """Rows of box, score, class, pass, cut; cut boxes are partial."""
    boxes, scores, classes, origin, cut = zip(*rows, strict=True)
    return Finds(
        np.array(boxes, np.float32),
        np.array(scores, np.float32),
        np.array(classes),
        np.array(origin),
        np.array(cut),
        np.array(cut),
    )


def kept(*rows: Row) -> list[tuple[int, float]]:
    result = suppress(finds(*rows), ALIKE, same=0.45, any_class=0.8)
    return [(int(kind), round(float(score), 2)) for kind, score in zip(result.classes, result.scores, strict=True)]


def test_small_pictures_are_looked_at_whole() -> None:
    assert tiles(960, 540) == [Tile(0, 0, 960, 540, whole=True)]


@given(st.integers(1, 12_000), st.integers(1, 12_000))
def test_tiles_cover_every_pixel_and_stay_inside_and_few(width: int, height: int) -> None:
    passes = tiles(width, height)
    assert passes[0] == Tile(0, 0, width, height, whole=True)
    assert len(passes) <= 41
    for tile in passes:
        assert 0 <= tile.x <= tile.x + tile.width <= width
        assert 0 <= tile.y <= tile.y + tile.height <= height
    for length, spans in (
        (width, {(t.x, t.x + t.width) for t in passes[1:]}),
        (height, {(t.y, t.y + t.height) for t in passes[1:]}),
    ):
        reached = 0
        for start, end in sorted(spans):
            assert start <= reached
            reached = max(reached, end)
        assert reached == length or not spans


def test_only_inner_edges_cut() -> None:
    boxes = np.array([[0, 0, 50, 50], [600, 10, 640, 50], [100, 100, 200, 200], [1880, 1000, 1920, 1080]], np.float32)
    assert cut_by(Tile(0, 0, 640, 640), boxes[:3], 1920, 1080).tolist() == [False, True, False]
    assert cut_by(Tile(1280, 440, 640, 640), boxes[3:], 1920, 1080).tolist() == [False]


def test_a_car_that_is_also_called_a_truck_counts_once() -> None:
    assert kept(((0, 0, 100, 60), 0.8, CAR, 0, False), ((3, 2, 104, 62), 0.6, TRUCK, 0, False)) == [(CAR, 0.8)]


def test_a_rider_does_not_swallow_what_is_ridden() -> None:
    both = kept(((0, 0, 60, 120), 0.8, PERSON, 0, False), ((0, 40, 60, 120), 0.6, DOG, 0, False))
    assert both == [(PERSON, 0.8), (DOG, 0.6)]


def test_nearly_equal_boxes_of_any_classes_count_once() -> None:
    assert kept(((0, 0, 100, 100), 0.8, PERSON, 0, False), ((1, 1, 101, 101), 0.5, DOG, 0, False)) == [(PERSON, 0.8)]


def test_two_people_side_by_side_are_two() -> None:
    assert len(kept(((0, 0, 40, 100), 0.8, PERSON, 0, False), ((25, 0, 65, 100), 0.7, PERSON, 0, False))) == 2


def test_a_part_seen_in_one_tile_gives_way_to_the_whole_seen_in_another_and_leaves_its_score() -> None:
    assert kept(((0, 0, 100, 100), 0.4, PERSON, 1, False), ((60, 0, 100, 100), 0.9, PERSON, 2, True)) == [(PERSON, 0.9)]


def test_two_parts_of_one_thing_become_their_union() -> None:
    rows = finds(((500, 0, 640, 100), 0.8, CAR, 1, True), ((520, 0, 700, 100), 0.7, CAR, 2, True))
    result = suppress(rows, ALIKE, same=0.45, any_class=0.8)
    assert result.boxes.tolist() == [[500, 0, 700, 100]]


def test_a_small_person_before_a_large_one_in_the_same_pass_stays() -> None:
    assert len(kept(((0, 0, 200, 400), 0.9, PERSON, 0, False), ((50, 250, 100, 390), 0.6, PERSON, 0, False))) == 2


def test_nothing_found_stays_nothing() -> None:
    empty = Finds(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32), *(np.zeros(0, kind) for kind in (int, int, bool, bool))
    )
    assert len(suppress(empty, ALIKE, same=0.45, any_class=0.8).boxes) == 0
