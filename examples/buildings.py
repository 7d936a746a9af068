"""House fronts, painted on a wall that faces the camera or runs away from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from examples.canvas import Canvas, Colour, Glow, Point, ink, mix, shade

WALLS = [ink(c) for c in ("d9a27a", "e3cfa8", "c97f62", "a9b8a0", "9fb3c4", "dcb8a8", "e6dcc8", "b9a58c", "c4b0c0")]
ROOFS = [ink(c) for c in ("8a4b3a", "6f4a44", "55606b", "7a5a3c", "94583f")]
AWNINGS = [ink(c) for c in ("b5473c", "2f6f73", "c98a2b", "3f5f8a", "6a7f3a", "8a4a78")]
_GLASS = ink("4d6478")
_WARM = ink("ffcf86")
_COOL = ink("cfe2ff")
_FRAME = ink("f2ece0")


@dataclass(frozen=True, slots=True)
class Wall:
    """A vertical plane: ``along`` is ``"x"`` for one that faces the camera at depth ``fixed``, ``"z"`` for one that
    runs away from it at that ``x``. Positions on it are metres along from ``start``, and up."""

    canvas: Canvas
    along: str
    fixed: float
    start: float
    light: float = 1.0

    def at(self, u: float, v: float) -> Point:
        """A position on the wall, on the picture."""
        if self.along == "x":
            return self.canvas.view.at(self.start + u, v, self.fixed)
        return self.canvas.view.at(self.fixed, v, self.start + u)

    def depth(self, u: float) -> float:
        """How far away the wall is at ``u``."""
        return self.fixed if self.along == "x" else self.start + u

    def corners(self, u: float, v: float, wide: float, high: float) -> list[Point]:
        """A rectangle on the wall."""
        return [self.at(u, v), self.at(u + wide, v), self.at(u + wide, v + high), self.at(u, v + high)]

    def panel(self, u: float, v: float, wide: float, high: float, colour: Colour) -> None:
        """A painted rectangle on the wall."""
        self.canvas.shape(self.corners(u, v, wide, high), shade(colour, self.light))

    def spots(self, spots: Sequence[Point], colour: Colour) -> None:
        """A painted polygon on the wall."""
        self.canvas.shape([self.at(u, v) for u, v in spots], shade(colour, self.light))

    def body(self, u: float, wide: float, high: float, colour: Colour) -> None:
        """The wall itself, in strips, so that each strip knows its depth."""
        steps = 1 if self.along == "x" else max(1, round(wide / 1.5))
        for step in range(steps):
            part = wide / steps
            corners = self.corners(u + step * part, 0, part * 1.01, high)
            self.canvas.shape(corners, shade(colour, self.light), self.depth(u + (step + 0.5) * part))

    def glow(self, u: float, v: float, wide: float, high: float, colour: Colour, chance: float) -> None:
        """A pane that is lit after dark."""
        self.canvas.glows.append(Glow(self.corners(u, v, wide, high), colour, self.depth(u + wide / 2), chance))


def house(wall: Wall, u: float, wide: float, floors: int, rng: Generator) -> None:
    """One house of ``floors`` floors, 3 m each, with shops or windows below and a roof above."""
    colour = WALLS[rng.integers(len(WALLS))]
    high = 3.0 * floors + 0.5
    _roof(wall, u, wide, high, rng)
    wall.body(u, wide, high, colour)
    wall.panel(u, high - 0.35, wide, 0.35, shade(colour, 1.25))
    wall.panel(u, high - 0.45, wide, 0.1, shade(colour, 0.75))
    wall.panel(u, 0, wide, 0.4, shade(colour, 0.62))
    wall.panel(u + wide - 0.12, 0, 0.12, high, shade(colour, 0.82))
    shutters = AWNINGS[rng.integers(len(AWNINGS))] if rng.random() < 0.45 else None
    for floor in range(1, floors):
        _windows(wall, u, wide, 3.0 * floor + 0.75, shutters, rng)
        wall.panel(u, 3.0 * floor + 0.12, wide, 0.12, shade(colour, 0.88))
    if rng.random() < 0.72:
        _shop(wall, u, wide, rng)
    else:
        _windows(wall, u, wide, 1.0, shutters, rng)


def _roof(wall: Wall, u: float, wide: float, high: float, rng: Generator) -> None:
    colour, kind = ROOFS[rng.integers(len(ROOFS))], rng.random()
    if kind < 0.4:
        inset = wide * 0.12
        wall.spots(
            [(u - 0.2, high), (u + wide + 0.2, high), (u + wide - inset, high + 1.7), (u + inset, high + 1.7)], colour
        )
        wall.panel(u + wide * 0.7, high + 0.6, 0.6, 1.9, shade(colour, 0.8))
    elif kind < 0.65:
        wall.spots([(u - 0.2, high), (u + wide + 0.2, high), (u + wide / 2, high + wide * 0.36)], colour)
        wall.panel(u + wide / 2 - 0.35, high + wide * 0.08, 0.7, 0.8, mix(_GLASS, colour, 0.3))
    else:
        wall.panel(u + wide * 0.15, high, 1.2, 0.9, shade(colour, 0.9))
        wall.panel(u + wide * 0.6, high, 0.12, 1.6, ink("4a4a4a"))


def _windows(wall: Wall, u: float, wide: float, v: float, shutters: Colour | None, rng: Generator) -> None:
    count = max(2, round(wide / 1.9))
    gap = wide / count
    for index in range(count):
        left = u + gap * (index + 0.5) - 0.48
        wall.panel(left - 0.1, v - 0.1, 1.16, 1.75, _FRAME)
        wall.panel(left, v, 0.96, 1.55, _GLASS)
        wall.spots([(left, v + 1.55), (left + 0.6, v + 1.55), (left, v + 0.5)], shade(_GLASS, 1.22))
        wall.panel(left + 0.44, v, 0.08, 1.55, _FRAME)
        wall.panel(left - 0.18, v - 0.2, 1.32, 0.12, shade(_FRAME, 0.82))
        if shutters:
            wall.panel(left - 0.5, v - 0.05, 0.38, 1.65, shutters)
            wall.panel(left + 1.08, v - 0.05, 0.38, 1.65, shutters)
        wall.glow(left, v, 0.96, 1.55, _WARM if rng.random() < 0.8 else _COOL, 0.34)


def _shop(wall: Wall, u: float, wide: float, rng: Generator) -> None:
    colour = AWNINGS[rng.integers(len(AWNINGS))]
    wall.panel(u + 0.3, 0.35, wide - 0.6, 2.2, ink("3a3f45"))
    panes = max(2, round(wide / 2.0))
    gap = (wide - 0.8) / panes
    for pane in range(panes):
        left = u + 0.4 + pane * gap
        wall.panel(left, 0.5, gap - 0.15, 1.9, mix(_GLASS, _WARM, 0.18))
        wall.spots([(left, 2.4), (left + gap * 0.5, 2.4), (left, 1.3)], mix(_GLASS, _FRAME, 0.25))
        wall.glow(left, 0.5, gap - 0.15, 1.9, mix(_WARM, colour, 0.12), 0.8)
    wall.panel(u + 0.3, 2.55, wide - 0.6, 0.5, shade(colour, 0.7))
    wall.glow(u + wide * 0.3, 2.68, wide * 0.4, 0.22, _FRAME, 0.7)
    _awning(wall, u + 0.2, wide - 0.4, colour)


def _awning(wall: Wall, u: float, wide: float, colour: Colour) -> None:
    stripes = max(4, round(wide / 0.55))
    part = wide / stripes
    for stripe in range(stripes):
        left, tone = u + stripe * part, colour if stripe % 2 == 0 else _FRAME
        spread = 0.12 * (2 * stripe / stripes - 1)
        wall.spots(
            [(left + spread, 1.95), (left + part + spread, 1.95), (left + part, 2.6), (left, 2.6)], shade(tone, 0.96)
        )
        wall.panel(left + spread, 1.8, part, 0.16, shade(tone, 0.78))


def row(wall: Wall, length: float, floors: tuple[int, int], rng: Generator) -> None:
    """Houses side by side over ``length`` metres."""
    u = 0.0
    while u < length:
        wide = float(rng.uniform(5.2, 8.6))
        house(wall, u, wide, int(rng.integers(floors[0], floors[1] + 1)), rng)
        u += wide


def skyline(canvas: Canvas, z: float, colour: Colour, high: tuple[float, float], rng: Generator) -> None:
    """Far towers and roofs as one pale silhouette."""
    reach = z * 0.66
    x = -reach
    while x < reach:
        wide, tall = z * float(rng.uniform(0.05, 0.11)), float(rng.uniform(*high))
        tone = shade(colour, float(rng.uniform(0.93, 1.07)))
        canvas.box(x + wide / 2, 0, z, wide * 1.02, tall, tone)
        if rng.random() < 0.3:
            canvas.box(x + wide / 2, tall, z, wide * 0.4, tall * 0.16, tone)
        _far_windows(canvas, x, z, wide, tall, rng)
        x += wide


def _far_windows(canvas: Canvas, x: float, z: float, wide: float, tall: float, rng: Generator) -> None:
    step = z / 36
    for level in range(1, int(tall / step)):
        for column in range(1, max(2, int(wide / step))):
            if rng.random() < 0.5:
                corners = canvas.upright(x + column * step, level * step, z, step * 0.4, step * 0.45)
                canvas.glows.append(Glow(corners, shade(_WARM, 0.75), z, 0.5))
