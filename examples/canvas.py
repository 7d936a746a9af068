"""A canvas in metres: what is painted on it keeps its distance, so that light and fog can be laid over it later.

The camera stands at ``View.eye_m`` above a flat ground and looks level. ``x`` runs right, ``y`` up, ``z`` away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Plane = NDArray[np.float32]
Colour = tuple[int, int, int]
Point = tuple[float, float]

SKY_M = 900.0
"""The depth of what is not painted."""
_SHIFT = 4
_FINE = 2  # painted at twice the size, then averaged: edges stay clean without a vector library


def ink(code: str) -> Colour:
    """``"c96f4a"`` as red, green, blue."""
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """``first`` with ``share`` of ``second`` in it."""
    r, g, b = (round(a + (c - a) * share) for a, c in zip(first, second, strict=True))
    return r, g, b


def shade(colour: Colour, factor: float) -> Colour:
    """Darker below 1, lighter above."""
    return mix(colour, (0, 0, 0), 1 - factor) if factor <= 1 else mix(colour, (255, 255, 255), factor - 1)


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera; lengths on the picture in pixels."""

    width: int = 640
    height: int = 480
    horizon: float = 190.0
    focal: float = 520.0
    eye_m: float = 3.2

    def at(self, x: float, y: float, z: float) -> Point:
        """Where a point in metres falls on the picture."""
        return self.width / 2 + self.focal * x / z, self.horizon + self.focal * (self.eye_m - y) / z


@dataclass(frozen=True, slots=True)
class Glow:
    """Something that shines by itself after dark, with the chance that it is switched on."""

    corners: Sequence[Point]
    colour: Colour
    depth_m: float
    chance: float


@dataclass
class Canvas:
    """Paint from far to near."""

    view: View
    colour: Pixels = field(init=False)
    depth: Plane = field(init=False)
    glows: list[Glow] = field(default_factory=list)
    lamps: list[tuple[float, float, float]] = field(default_factory=list)
    paved: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = self.view.height, self.view.width
        self.colour = np.zeros((size[0] * _FINE, size[1] * _FINE, 3), np.uint8)
        self.depth = np.full(size, SKY_M, np.float32)

    def shape(self, corners: Sequence[Point], colour: Colour, depth_m: float | None = None) -> None:
        """A filled polygon, corners in pixels; without ``depth_m`` it lies on what is there already."""
        spots = np.array(corners, np.float64)
        cv2.fillPoly(self.colour, [_fixed(spots * _FINE)], colour, cv2.LINE_AA, _SHIFT)
        if depth_m is not None:
            cv2.fillPoly(self.depth, [_fixed(spots)], (depth_m,), cv2.LINE_8, _SHIFT)

    def box(self, x: float, y: float, z: float, wide: float, high: float, colour: Colour, paint: bool = True) -> None:
        """An upright rectangle facing the camera; ``x`` is its middle and ``y`` its lower edge."""
        self.shape(self.upright(x, y, z, wide, high), colour, z if paint else None)

    def upright(self, x: float, y: float, z: float, wide: float, high: float) -> list[Point]:
        """The corners of such a rectangle, in pixels."""
        sides = ((-0.5, 0.0), (0.5, 0.0), (0.5, 1.0), (-0.5, 1.0))
        return [self.view.at(x + u * wide, y + v * high, z) for u, v in sides]

    def upright_shape(self, x: float, y: float, z: float, spots: Sequence[Point], colour: Colour) -> None:
        """A polygon facing the camera, ``spots`` in metres from ``x``, ``y``."""
        self.shape([self.view.at(x + u, y + v, z) for u, v in spots], colour, z)

    def disc(self, x: float, y: float, z: float, radius: float, colour: Colour, squash: float = 1.0) -> None:
        """A disc facing the camera, radius in metres."""
        turns = np.linspace(0, 2 * np.pi, 28, endpoint=False)
        spots = [(radius * float(np.cos(t)), radius * squash * float(np.sin(t))) for t in turns]
        self.upright_shape(x, y, z, spots, colour)

    def puddle(self, x: float, z: float, wide: float, deep: float, colour: Colour, share: float) -> None:
        """An ellipse lying on the ground, blended in: a shadow, a drain, a patch."""
        turns = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        spots = [self.view.at(x + wide * float(np.cos(t)), 0, z + deep * float(np.sin(t))) for t in turns]
        self.veil(spots, colour, share)

    def veil(self, corners: Sequence[Point], colour: Colour, share: float) -> None:
        """A see-through polygon."""
        spots = _fixed(np.array(corners, np.float64) * _FINE)
        left, top, wide, high = cv2.boundingRect(spots >> _SHIFT)
        rows, columns = slice(max(top - 2, 0), top + high + 2), slice(max(left - 2, 0), left + wide + 2)
        part = self.colour[rows, columns]
        if part.size:
            over = part.copy()
            cv2.fillPoly(
                over, [spots - (np.array([columns.start, rows.start], np.int32) << _SHIFT)], colour, 16, _SHIFT
            )
            self.colour[rows, columns] = cv2.addWeighted(over, share, part, 1 - share, 0)

    def ground(self, x: tuple[float, float], z: tuple[float, float], colour: Colour) -> None:
        """A rectangle on the ground; depth is set by :meth:`level`."""
        corners = [self.view.at(a, 0, b) for a, b in ((x[0], z[0]), (x[1], z[0]), (x[1], z[1]), (x[0], z[1]))]
        self.shape(corners, colour)

    def level(self) -> None:
        """Give everything below the horizon the depth of flat ground; call before anything upright is painted."""
        rows = np.arange(self.view.height, dtype=np.float32) - np.float32(self.view.horizon)
        away = np.where(rows > 0, self.view.focal * self.view.eye_m / np.maximum(rows, 0.1), SKY_M)
        self.depth[:] = np.minimum(away, SKY_M)[:, None]

    def finished(self) -> Pixels:
        """The picture at its proper size."""
        size = self.view.width, self.view.height
        return np.asarray(cv2.resize(self.colour, size, interpolation=cv2.INTER_AREA), np.uint8)


def _fixed(spots: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.round(np.clip(spots, -4000, 6000) * (1 << _SHIFT)).astype(np.int32)
