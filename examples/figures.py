"""People: small drawn figures with a head, a torso, arms and legs, no two quite alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator

from examples.canvas import Colour, Plane, Point, View, ink, shade

_FINE = 4
_TOPS = [ink(c) for c in ("1f2937", "23303f", "3b1f2b", "1d3a3a", "2b2440", "3a2a1d", "16324f", "4a1f24", "26352a")]
_BRIGHT = [ink(c) for c in ("7a2e2e", "215a6d", "5b3a78", "2f5d3a", "6b4a1e")]
_LEGS = [ink(c) for c in ("15181f", "1c2433", "2a241f", "20262b", "182238")]
_SKINS = [ink(c) for c in ("8d5a3b", "b07a55", "6d4530", "c79872", "a56c47")]
_HAIR = [ink(c) for c in ("15110f", "241a15", "3a2a1f", "4b4642", "1b1b22")]


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody stands, in metres, and how tall."""

    x: float
    z: float
    tall_m: float


@dataclass(frozen=True, slots=True)
class _Look:
    """``lean`` mirrors the figure, ``stride`` is half the distance of the feet; all in units of the height."""

    top: Colour
    legs: Colour
    skin: Colour
    hair: Colour
    stride: float
    broad: float
    coat: bool
    bag: bool
    long_hair: bool
    lean: int


def _look(rng: Generator) -> _Look:
    tops = _BRIGHT if rng.random() < 0.22 else _TOPS
    return _Look(
        top=tops[rng.integers(len(tops))],
        legs=_LEGS[rng.integers(len(_LEGS))],
        skin=_SKINS[rng.integers(len(_SKINS))],
        hair=_HAIR[rng.integers(len(_HAIR))],
        stride=float(rng.uniform(0.045, 0.115)),
        broad=float(rng.uniform(0.92, 1.08)),
        coat=bool(rng.random() < 0.3),
        bag=bool(rng.random() < 0.25),
        long_hair=bool(rng.random() < 0.3),
        lean=int(rng.choice([-1, 1])),
    )


class _Patch:
    """One figure, painted large; x from -0.35 to 0.35 and y from 0 to 1.04, in heights."""

    def __init__(self, tall: float) -> None:
        self.unit = tall * _FINE
        self.size = int(np.ceil(self.unit * 0.7)), int(np.ceil(self.unit * 1.06))
        self.colour = np.zeros((self.size[1], self.size[0], 3), np.uint8)
        self.cover = np.zeros((self.size[1], self.size[0]), np.uint8)

    def spot(self, at: Point) -> tuple[int, int]:
        return round((at[0] + 0.35) * self.unit), round((1.04 - at[1]) * self.unit)

    def shape(self, corners: Sequence[Point], colour: Colour) -> None:
        spots = np.array([self.spot(c) for c in corners], np.int32)
        cv2.fillPoly(self.colour, [spots], colour)
        cv2.fillPoly(self.cover, [spots], 255)

    def limb(self, joints: Sequence[Point], thick: float, colour: Colour) -> None:
        for start, end in pairwise(joints):
            wide = max(1, round(thick * self.unit))
            cv2.line(self.colour, self.spot(start), self.spot(end), colour, wide)
            cv2.line(self.cover, self.spot(start), self.spot(end), 255, wide)

    def oval(self, middle: Point, wide: float, high: float, colour: Colour, turn: tuple[int, int] = (0, 360)) -> None:
        axes = round(wide * self.unit), round(high * self.unit)
        cv2.ellipse(self.colour, self.spot(middle), axes, 0, turn[0], turn[1], colour, -1)
        cv2.ellipse(self.cover, self.spot(middle), axes, 0, turn[0], turn[1], 255, -1)


def _legs(patch: _Patch, look: _Look) -> None:
    for side, tone in ((-1, 0.8), (1, 1.0)):
        foot = side * look.stride
        knee = (side * 0.045 + foot * 0.35, 0.27)
        colour = shade(look.legs, tone)
        patch.limb([(side * 0.045, 0.5), knee, (foot, 0.045)], 0.078, colour)
        patch.oval((foot + 0.014 * look.lean, 0.022), 0.042, 0.022, shade(look.legs, 0.55))


def _torso(patch: _Patch, look: _Look) -> None:
    b, hem = look.broad, 0.36 if look.coat else 0.46
    flare = 0.112 if look.coat else 0.094
    edge = [(-0.05, 0.845), (-0.115 * b, 0.815), (-0.095 * b, 0.62), (-flare * b, hem)]
    patch.shape([*edge, *[(-x, y) for x, y in reversed(edge)]], look.top)
    patch.shape(
        [(0.02, 0.84), (0.1 * b, 0.81), (0.088 * b, 0.62), (flare * b, hem), (0.04, hem)], shade(look.top, 1.08)
    )


def _arms(patch: _Patch, look: _Look) -> None:
    for side in (-1, 1):
        swing = 0.35 * look.stride * side * look.lean
        elbow, hand = (side * 0.142 * look.broad, 0.64), (side * 0.135 * look.broad + swing, 0.49)
        patch.limb(
            [(side * 0.112 * look.broad, 0.795), elbow, hand], 0.052, shade(look.top, 0.82 if side < 0 else 0.94)
        )
        patch.oval((hand[0], hand[1] - 0.018), 0.021, 0.026, look.skin)


def _head(patch: _Patch, look: _Look) -> None:
    patch.limb([(0, 0.83), (0, 0.88)], 0.05, shade(look.skin, 0.8))
    if look.long_hair:
        patch.oval((0, 0.905), 0.064, 0.088, look.hair)
    patch.oval((0, 0.925), 0.052, 0.068, look.skin)
    patch.oval((-0.004 * look.lean, 0.945), 0.056, 0.054, look.hair, (175, 365))


def _drawn(tall: float, look: _Look) -> _Patch:
    patch = _Patch(tall)
    _legs(patch, look)
    _arms(patch, look)
    _torso(patch, look)
    _head(patch, look)
    if look.bag:
        x = 0.15 * look.lean
        patch.limb([(-0.06 * look.lean, 0.82), (x, 0.55)], 0.014, shade(look.legs, 0.7))
        patch.shape([(x - 0.045, 0.56), (x + 0.045, 0.56), (x + 0.05, 0.45), (x - 0.05, 0.45)], shade(look.hair, 1.12))
    return patch


def _shadow(colour: Plane, view: View, person: Person, cast: float) -> None:
    """A soft patch under the feet, drawn out to one side when the sun is low (``cast`` in metres, signed)."""
    left, y = view.at(person.x, 0, person.z)
    scale = view.focal / person.z
    long = 0.34 + abs(cast) / 2
    middle = (round((left + cast / 2 * scale) * 8), round((y + 0.02 * scale) * 8))
    mask = np.zeros(colour.shape[:2], np.uint8)
    axes = round(long * scale * 8), round(0.09 * scale * 8)
    cv2.ellipse(mask, middle, axes, -3 if cast > 0 else 3, 0, 360, 255, -1, cv2.LINE_AA, 3)
    top, low = max(0, int(y - 20)), min(colour.shape[0], int(y + 20))
    soft = cv2.GaussianBlur(mask[top:low], (0, 0), 1.6).astype(np.float32) / np.float32(255 / 0.42)
    colour[top:low] *= (1 - soft)[..., None]


def place(colour: Plane, depth: Plane, view: View, people: Sequence[Person], cast: float, rng: Generator) -> None:
    """Paint ``people`` into a picture (0-255) and its depths, the farthest first."""
    looks = [_look(rng) for _ in people]
    for person, look in sorted(zip(people, looks, strict=True), key=lambda pair: -pair[0].z):
        _shadow(colour, view, person, cast)
        _stand(colour, depth, view, person, look)


def _stand(colour: Plane, depth: Plane, view: View, person: Person, look: _Look) -> None:
    tall = view.focal * person.tall_m / person.z
    patch = _drawn(tall, look)
    size = max(1, patch.size[0] // _FINE), max(1, patch.size[1] // _FINE)
    paint = cv2.resize(patch.colour, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.resize(patch.cover, size, interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    x, y = view.at(person.x, 0, person.z)
    left, top = round(x - 0.35 * tall), round(y - 1.04 * tall)
    rows, columns, inner = _inside(colour.shape, (top, left), (size[1], size[0]))
    paint, cover = paint[inner], cover[inner]
    part = colour[rows, columns]
    colour[rows, columns] = part * (1 - cover) + paint  # the patch is black where it covers nothing
    depth[rows, columns][cover[..., 0] > 0.5] = person.z


def _inside(
    shape: tuple[int, ...], corner: tuple[int, int], size: tuple[int, int]
) -> tuple[slice, slice, tuple[slice, slice]]:
    top, left = max(corner[0], 0), max(corner[1], 0)
    low, right = min(corner[0] + size[0], shape[0]), min(corner[1] + size[1], shape[1])
    inner = slice(top - corner[0], low - corner[0]), slice(left - corner[1], right - corner[1])
    return slice(top, low), slice(left, right), inner
