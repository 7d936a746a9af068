"""Seven kinds of place, composed of ground, houses and furniture. Nobody is in them yet.

Whatever stands here stands at least 11 m away; people walk nearer than that, so they never go behind anything.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from examples.buildings import AWNINGS, Wall, row, skyline
from examples.canvas import SKY_M, Canvas, Colour, Glow, Plane, View, ink, mix, shade
from examples.furniture import (
    bench,
    boat,
    bus,
    car,
    car_end,
    clock_tower,
    fountain,
    hedge,
    lamp,
    planter,
    railing,
    shelter,
    stall,
    tree,
)

_ASPHALT = [ink(c) for c in ("83868a", "7c8084", "8b8a88")]
_PAVING = [ink(c) for c in ("c9bda8", "c4b5a2", "bfb9ae", "cdbfae")]
_HAZE = ink("a9b9c8")
_BLOTCHES = (0.025, 0.025, 0.035, 0.035, 0.03)
_TONES, _JOINT = 0.1, 0.66
_WIDE = (-40.0, 40.0)


@dataclass(frozen=True)
class Place:
    """One camera's view of its place by even light: colours from 0 to 255, depths in metres, where water lies, and
    what will shine after dark."""

    view: View
    colour: Plane
    depth: Plane
    water: NDArray[np.bool_] | None
    glows: Sequence[Glow]
    lamps: Sequence[tuple[float, float, float]]


def build(kind: str, rng: Generator) -> Place:
    """The place that one camera looks at; ``kind`` is a key of :data:`KINDS`."""
    view = View(
        horizon=float(rng.uniform(182, 196)), focal=float(rng.uniform(505, 535)), eye_m=float(rng.uniform(3.1, 3.4))
    )
    canvas = Canvas(view)
    canvas.level()
    level = canvas.depth.copy()
    KINDS[kind](canvas, rng)
    canvas.lamps.append((float(rng.uniform(-2, 2)), 6.0, 5.5))  # the pole that the camera hangs on has a lamp too
    colour = canvas.finished().astype(np.float32)
    ground = canvas.depth == level
    colour *= (_texture(canvas.depth, rng) * _laid(canvas, ground, rng))[..., None]
    water = None
    if kind == "promenade":
        rows = np.arange(view.height)[:, None] > view.horizon
        water = rows & (canvas.depth > _SHORE_M) & (canvas.depth < _FAR_BANK_M - 1)
    return Place(view, colour, canvas.depth, water, canvas.glows, canvas.lamps)


def _texture(depth: Plane, rng: Generator) -> Plane:
    """Surfaces are never even: blotches of all sizes, as of paint and weather, and none on the sky."""
    high, wide = depth.shape
    field = rng.standard_normal((high, wide), np.float32) * np.float32(_BLOTCHES[0])
    for cell, share in zip((2, 5, 11, 24), _BLOTCHES[1:], strict=True):
        noise = rng.standard_normal((high // cell + 2, wide // cell + 2), np.float32) * np.float32(share)
        field += cv2.resize(noise, (wide, high), interpolation=cv2.INTER_CUBIC)
    field[depth > 60] *= 0.4
    return np.asarray(np.where(depth < SKY_M, 1 + field, 1), np.float32)


def _pick(colours: Sequence[Colour], rng: Generator) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _paving(canvas: Canvas, z: tuple[float, float], colour: Colour) -> None:
    """Ground that :func:`_laid` will cut into stones."""
    canvas.ground(_WIDE, z, colour)
    canvas.paved.append(z)


@cache
def _stones(size: float) -> Plane:
    """Rough stones seen from above, one by its neighbour: 16 m square that repeats, as factors around 1."""
    rng = np.random.default_rng(16)
    side, cells, edge = 1024, round(16 / size), 128
    middles = (np.indices((cells, cells)).reshape(2, -1).T + rng.uniform(0.12, 0.88, (cells * cells, 2))) * side / cells
    number = np.zeros((side, side), np.int32)
    number[middles[:, 0].astype(int), middles[:, 1].astype(int)] = np.arange(1, len(middles) + 1)
    number = np.pad(number, edge, mode="wrap")
    seeds = (number == 0).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    stone = np.zeros(int(nearest.max()) + 1, np.int32)
    stone[nearest[number > 0]] = number[number > 0]
    labels = stone[nearest]
    joint = (labels != np.roll(labels, 1, 0)) | (labels != np.roll(labels, 1, 1))
    joint = cv2.dilate(joint.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    tones = rng.normal(1, _TONES, len(middles) + 1).astype(np.float32)
    seen = cv2.GaussianBlur(np.where(joint, np.float32(_JOINT), tones[labels]), (0, 0), 1.0)
    return np.asarray(seen[edge:-edge, edge:-edge], np.float32)


def _laid(canvas: Canvas, ground: NDArray[np.bool_], rng: Generator) -> Plane:
    """The stones of all paved ground in perspective, fading where they get too small to be drawn."""
    view, depth = canvas.view, canvas.depth
    across = (np.arange(view.width, dtype=np.float32) - np.float32(view.width / 2)) / np.float32(view.focal)
    start = rng.uniform(0, 16, 2)
    maps = [
        ((part + np.float32(go)) * 64).astype(np.float32)
        for part, go in ((across[None] * depth, start[0]), (depth, start[1]))
    ]
    stones = _stones(float(rng.choice([0.45, 0.6])))
    seen = cv2.remap(stones, maps[0], maps[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    paved = np.zeros_like(ground)
    for near, far in canvas.paved:
        paved |= ground & (depth >= near) & (depth < far)
    strength = np.where(paved, np.clip((30 - depth) / 20, 0, 1), 0).astype(np.float32)
    return np.asarray(1 + (seen - 1) * strength, np.float32)


def _road(canvas: Canvas, z: tuple[float, float], rng: Generator) -> None:
    colour = _pick(_ASPHALT, rng)
    canvas.ground(_WIDE, z, colour)
    for _ in range(5):
        x, away = float(rng.uniform(-9, 9)), float(rng.uniform(*z))
        canvas.puddle(x, away, float(rng.uniform(0.6, 1.8)), 0.3, shade(colour, 0.86), 0.5)
    middle = (z[0] + z[1]) / 2
    for left in np.arange(-21, 21, 3.0):
        canvas.ground(
            (float(left), float(left) + 1.6), (middle - 0.07, middle + 0.07), mix(colour, ink("f4efe0"), 0.75)
        )
    for edge in z:
        canvas.ground(_WIDE, (edge - 0.16, edge + 0.16), ink("b9b5ab"))
        canvas.ground(_WIDE, (edge - 0.2, edge - 0.12), ink("8d8a83"))


def _front(canvas: Canvas, z: float, floors: tuple[int, int], rng: Generator) -> None:
    reach = z * 0.66
    canvas.puddle(0, z, reach * 1.3, 1.0, (20, 22, 28), 0.35)
    row(Wall(canvas, "x", z, -reach), 2 * reach, floors, rng)


def _street(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 130, _HAZE, (14, 32), rng)
    _paving(canvas, (20, 30), _pick(_PAVING, rng))
    _road(canvas, (11.6, 20), rng)
    _paving(canvas, (4, 11.4), _pick(_PAVING, rng))
    _front(canvas, 24.5, (2, 3), rng)
    for x in (-9.5, 0.5, 10.0):
        lamp(canvas, x + float(rng.uniform(-1, 1)), 21.2)
    for x in (-6.0, 5.5):
        tree(canvas, x + float(rng.uniform(-1.5, 1.5)), 20.8, float(rng.uniform(4.2, 5.4)), rng)
    _parked(canvas, 18.9, rng)


def _parked(canvas: Canvas, z: float, rng: Generator) -> None:
    x = float(rng.uniform(-11, -8))
    while x < 10:
        if rng.random() < 0.62:
            car(canvas, x, z, rng)
        x += float(rng.uniform(5.2, 6.4))


def _avenue(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 150, _HAZE, (16, 40), rng)
    paving = _pick(_PAVING, rng)
    canvas.ground((-120, 120), (4, 140), paving)
    asphalt = _pick(_ASPHALT, rng)
    canvas.ground((-6.2, 6.2), (4, 140), asphalt)
    for side in (-1.0, 1.0):
        canvas.ground((side * 6.2 - 0.14, side * 6.2 + 0.14), (4, 140), ink("b9b5ab"))
        wall = Wall(canvas, "z", side * 10.2, 13.0, 0.78 if side > 0 else 1.0)
        row(wall, 62, (2, 4), rng)
    for away in np.arange(14, 90, 5.0):
        canvas.ground((-0.08, 0.08), (float(away), float(away) + 2.6), mix(asphalt, ink("f4efe0"), 0.75))
    _zebra(canvas, asphalt)
    for away in (56.0, 44.0, 34.0, 25.0, 17.5):
        tree(canvas, -7.9, away, 4.6, rng)
        tree(canvas, 7.9, away, 4.6, rng)
        if rng.random() < 0.7:
            car_end(canvas, float(rng.choice([-5.0, 5.0])), away - 3.5, rng)
    for away in (36.0, 21.0):
        lamp(canvas, -7.2, away)
        lamp(canvas, 7.2, away, -0.9)


def _zebra(canvas: Canvas, asphalt: Colour) -> None:
    paint = mix(asphalt, ink("f4efe0"), 0.42)
    for left in np.arange(-5.8, 5.8, 1.15):
        canvas.ground((float(left), float(left) + 0.6), (6.6, 10.9), paint)


def _square(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 140, _HAZE, (14, 30), rng)
    _paving(canvas, (4, 60), _pick(_PAVING, rng))
    tower = float(rng.choice([-6.5, 6.8, 0.5]))
    _front(canvas, 31, (2, 3), rng)
    clock_tower(canvas, tower, 28.5, ink("d3b28c"))
    _fountain_or_trees(canvas, tower, rng)
    for x in (-5.4, 5.4):
        lamp(canvas, x, 19.0, 0.8 if x < 0 else -0.8)
    for x in (-7.6, -2.4, 2.4, 7.6):
        planter(canvas, x + float(rng.uniform(-0.3, 0.3)), 12.6, rng)


def _fountain_or_trees(canvas: Canvas, tower: float, rng: Generator) -> None:
    for x in (-11.5, -8.0, 8.6, 12.0):
        if abs(x - tower) > 3:
            tree(canvas, x, 25.0, float(rng.uniform(4.6, 5.6)), rng)
    fountain(canvas, -tower * 0.45, 20.0)


def _market(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 120, _HAZE, (12, 26), rng)
    _paving(canvas, (4, 40), _pick(_PAVING, rng))
    _front(canvas, 25, (2, 3), rng)
    for x in (-13.2, 13.2):
        tree(canvas, x, 21.5, 5.2, rng)
    for x in (-7.5, 0.0, 7.5):
        lamp(canvas, x, 19.5)
    start = float(rng.uniform(-7.2, -5.8))
    first = int(rng.integers(len(AWNINGS)))
    for index in range(4):
        stall(
            canvas,
            start + index * 3.35 + (1.6 if index > 1 else 0),
            15.2,
            AWNINGS[(first + index * 2) % len(AWNINGS)],
            rng,
        )


_SHORE_M = 13.4
_FAR_BANK_M = 75.0


def _promenade(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 220, _HAZE, (26, 58), rng)
    canvas.ground((-200, 200), (12.6, _FAR_BANK_M), ink("6f98a8"))
    row(Wall(canvas, "x", _FAR_BANK_M, -54), 108, (2, 5), rng)
    for x in np.arange(-50, 50, 6.5):
        tree(canvas, float(x + rng.uniform(-2, 2)), _FAR_BANK_M - 1, float(rng.uniform(4, 6)), rng)
    for x in (float(rng.uniform(-12, -4)), float(rng.uniform(4, 13))):
        boat(canvas, x, float(rng.uniform(34, 48)), _pick(AWNINGS, rng))
    _paving(canvas, (4, _SHORE_M), _pick(_PAVING, rng))
    canvas.ground(_WIDE, (12.6, _SHORE_M), ink("a39a8c"))
    railing(canvas, (-10.5, 10.5), 13.2)
    for x in (-5.2, 5.2):
        lamp(canvas, x, 12.7, 0.8 if x < 0 else -0.8)
    bench(canvas, float(rng.uniform(-3.5, 3.5)), 12.4)


def _park(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 150, _HAZE, (18, 40), rng)
    lawn = ink("86a35c")
    canvas.ground((-120, 120), (4, 150), lawn)
    for away in np.arange(13, 60, 5.0):
        canvas.ground((-60, 60), (float(away), float(away) + 2.4), shade(lawn, 1.06))
    hedge(canvas, (-24, 24), 34, 1.8, rng)
    for x in np.arange(-19, 20, 4.6):
        tree(canvas, float(x + rng.uniform(-1.2, 1.2)), 30, float(rng.uniform(5.4, 7.8)), rng)
    canvas.puddle(float(rng.uniform(-3, 3)), 21.5, 7.0, 3.0, ink("7fa9b8"), 1.0)
    _paving(canvas, (4, 12.2), ink("cbb794"))
    canvas.ground(_WIDE, (11.9, 12.3), ink("a8946f"))
    for x in (-10.2, 10.2):
        tree(canvas, x, 16.5, 7.0, rng)
    for x in (-5.2, 5.2):
        lamp(canvas, x, 12.9, 0.8 if x < 0 else -0.8)
    bench(canvas, float(rng.uniform(-2.5, 2.5)), 13.0)


def _stand(canvas: Canvas, rng: Generator) -> None:
    skyline(canvas, 130, _HAZE, (16, 34), rng)
    _paving(canvas, (21, 34), _pick(_PAVING, rng))
    _road(canvas, (11.8, 21), rng)
    _paving(canvas, (4, 11.6), _pick(_PAVING, rng))
    _front(canvas, 27, (2, 3), rng)
    for x in (-10.5, 10.5):
        tree(canvas, x, 23, 5.0, rng)
    side = float(rng.choice([-1, 1]))
    for x in (-9.0, 0.0, 9.0):
        lamp(canvas, x, 22.0)
    shelter(canvas, -5.2 * side, 21.6)
    bus(canvas, 4.2 * side, 18.5, _pick(AWNINGS, rng))


KINDS: dict[str, Callable[[Canvas, Generator], None]] = {
    "street": _street,
    "avenue": _avenue,
    "square": _square,
    "market": _market,
    "promenade": _promenade,
    "park": _park,
    "stand": _stand,
}
