"""What stands in a street and is nobody: trees, lamps, cars, stalls, benches, railings."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from examples.canvas import Canvas, Colour, Glow, ink, mix, shade

CARS = [ink(c) for c in ("a8322d", "2d5f8a", "e8e4da", "3d6b52", "c9962f", "5a5f68", "8fa3ad", "7a3f5a")]
_LEAVES = [ink(c) for c in ("5f8a45", "4e7d4a", "789a4a", "6b8f5e", "a3a14c")]
_BLOSSOM = [ink(c) for c in ("d98fa3", "e2b0b8", "d9a441")]
_BARK = ink("6a4f3a")
_IRON = ink("3c4248")
_LOBES = (
    (-0.4, 0.38),
    (-0.3, 0.58),
    (-0.12, 0.36),
    (-0.08, 0.7),
    (0.1, 0.5),
    (0.14, 0.74),
    (0.3, 0.56),
    (0.42, 0.36),
    (0.18, 0.34),
)
"""Where a crown's lobes sit, in heights of the tree: broader than high, or it reads as a head on a body."""
_GLASS = ink("54697a")


def tree(canvas: Canvas, x: float, z: float, tall: float, rng: Generator) -> None:
    """A broad, low-crowned tree of uneven lobes; one in six is in blossom."""
    leaf = (_BLOSSOM if rng.random() < 0.16 else _LEAVES)[int(rng.integers(3))]
    canvas.puddle(x + 0.4, z, tall * 0.5, tall * 0.18, (20, 24, 30), 0.3)
    canvas.upright_shape(
        x, 0, z, [(-0.32, 0.0), (0.32, 0.0), (0.2, tall * 0.4), (-0.2, tall * 0.4)], mix(_BARK, leaf, 0.25)
    )
    lobes = [(u + float(rng.uniform(-0.04, 0.04)), v + float(rng.uniform(-0.05, 0.05))) for u, v in _LOBES]
    for tone, shift in ((0.74, 0.03), (0.9, 0.0), (1.06, -0.04)):
        for u, v in lobes:
            wide = tall * float(rng.uniform(0.11, 0.16)) * (1 if tone < 1 else 0.7)
            canvas.disc(x + tall * (u + shift), tall * (v - shift), z, wide, shade(leaf, tone), 0.8)
    _leaves(canvas, x, z, tall, leaf, rng)


def _leaves(canvas: Canvas, x: float, z: float, tall: float, leaf: Colour, rng: Generator) -> None:
    for u, v in _LOBES:
        for _ in range(5):
            left, up = (float(part) for part in rng.uniform(-0.12, 0.12, 2))
            tone = shade(leaf, float(rng.uniform(0.7, 1.25)))
            canvas.disc(x + tall * (u + left), tall * (v + up * 0.8), z, tall * 0.018, tone, 0.6)


def hedge(canvas: Canvas, x: tuple[float, float], z: float, tall: float, rng: Generator) -> None:
    """A clipped hedge with an uneven top."""
    middle, wide = (x[0] + x[1]) / 2, x[1] - x[0]
    canvas.box(middle, 0, z, wide, tall, ink("3f6140"))
    for left in np.arange(x[0], x[1], 0.35):
        canvas.disc(
            float(left),
            tall * float(rng.uniform(0.8, 1.0)),
            z,
            0.24,
            shade(ink("4f7549"), float(rng.uniform(0.9, 1.15))),
        )


def lamp(canvas: Canvas, x: float, z: float, arm: float = 0.9) -> None:
    """A street lamp; its head is where light comes from after dark."""
    canvas.puddle(x, z, 0.3, 0.15, (20, 24, 30), 0.35)
    canvas.box(x, 0, z, 0.22, 0.5, shade(_IRON, 0.9))
    canvas.box(x, 0, z, 0.1, 5.0, _IRON)
    canvas.upright_shape(x, 0, z, [(0, 4.9), (arm, 5.25), (arm, 5.33), (0, 5.05)], _IRON)
    canvas.upright_shape(x + arm, 5.15, z, [(-0.32, 0), (0.32, 0), (0.16, 0.2), (-0.16, 0.2)], shade(_IRON, 1.1))
    canvas.glows.append(Glow(canvas.upright(x + arm, 5.05, z, 0.5, 0.12), ink("fff0c8"), z, 1.0))
    canvas.lamps.append((x + arm, 5.0, z))


def car(canvas: Canvas, x: float, z: float, rng: Generator) -> None:
    """A parked car seen from the side."""
    colour, way = CARS[rng.integers(len(CARS))], float(rng.choice([-1, 1]))
    canvas.puddle(x, z, 2.3, 0.5, (15, 17, 20), 0.5)
    low = [(-2.1, 0.3), (2.1, 0.3), (2.15, 0.7), (1.9, 0.88), (1.1, 0.95), (-1.7, 0.98), (-2.1, 0.85)]
    roof = [(1.15, 0.93), (0.5, 1.44), (-1.1, 1.46), (-1.75, 0.95)]
    pane = [(0.95, 0.96), (0.42, 1.36), (-1.05, 1.38), (-1.5, 0.98)]
    for spots, tone in ((low, colour), (roof, shade(colour, 0.92)), (pane, _GLASS)):
        canvas.upright_shape(x, 0, z, [(way * u, v) for u, v in spots], tone)
    canvas.upright_shape(
        x, 0, z, [(way * u, v) for u, v in ((-0.2, 0.95), (-0.1, 0.95), (-0.15, 1.4), (-0.25, 1.4))], colour
    )
    canvas.upright_shape(
        x, 0, z, [(way * u, v) for u, v in ((-2.1, 0.3), (2.1, 0.3), (2.1, 0.42), (-2.1, 0.42))], shade(colour, 0.6)
    )
    for u in (-1.3, 1.3):
        canvas.disc(x + u, 0.33, z, 0.34, ink("1d1f22"))
        canvas.disc(x + u, 0.33, z, 0.17, ink("9a9ea3"))
    canvas.upright_shape(
        x, 0, z, [(way * u, v) for u, v in ((1.95, 0.6), (2.12, 0.6), (2.1, 0.75), (1.9, 0.75))], ink("f3e9c8")
    )


def car_end(canvas: Canvas, x: float, z: float, rng: Generator) -> None:
    """A parked car seen from behind."""
    colour = CARS[rng.integers(len(CARS))]
    canvas.puddle(x, z, 1.05, 0.5, (15, 17, 20), 0.5)
    for u in (-0.68, 0.68):
        canvas.box(x + u, 0, z, 0.26, 0.5, ink("1b1d20"))
    canvas.upright_shape(
        x, 0, z, [(-0.88, 0.25), (0.88, 0.25), (0.9, 0.85), (0.78, 0.95), (-0.78, 0.95), (-0.9, 0.85)], colour
    )
    canvas.upright_shape(x, 0, z, [(-0.78, 0.93), (0.78, 0.93), (0.58, 1.46), (-0.58, 1.46)], shade(colour, 0.9))
    canvas.upright_shape(x, 0, z, [(-0.66, 0.97), (0.66, 0.97), (0.5, 1.36), (-0.5, 1.36)], _GLASS)
    for u in (-0.72, 0.72):
        canvas.box(x + u, 0.66, z, 0.26, 0.14, ink("b33a32"))
    canvas.box(x, 0.42, z, 0.5, 0.14, ink("e9e6dc"))


def bus(canvas: Canvas, x: float, z: float, colour: Colour) -> None:
    """A town bus seen from the side, its windows lit after dark."""
    canvas.puddle(x, z, 5.2, 0.6, (15, 17, 20), 0.5)
    canvas.box(x, 0.35, z, 9.6, 2.6, colour)
    canvas.box(x, 0.35, z, 9.6, 0.7, shade(colour, 0.75))
    canvas.box(x, 1.12, z, 9.6, 0.12, ink("f2ece0"))
    canvas.box(x, 2.75, z, 9.6, 0.22, shade(colour, 1.2))
    for index in range(6):
        left = x - 3.9 + index * 1.45
        canvas.box(left, 1.4, z, 1.28, 1.1, _GLASS)
        canvas.glows.append(Glow(canvas.upright(left, 1.4, z, 1.28, 1.1), ink("ffe3ad"), z, 1.0))
    for u in (-3.1, 3.0):
        canvas.disc(x + u, 0.45, z, 0.48, ink("1d1f22"))
        canvas.disc(x + u, 0.45, z, 0.22, ink("9a9ea3"))


def stall(canvas: Canvas, x: float, z: float, colour: Colour, rng: Generator) -> None:
    """A market stall under a striped roof, with crates of fruit."""
    canvas.puddle(x, z, 1.8, 0.5, (15, 17, 20), 0.4)
    canvas.box(x, 0.8, z, 3.3, 1.4, mix(shade(colour, 0.5), ink("4a4038"), 0.5))
    canvas.box(x, 0, z, 3.3, 0.85, ink("7d5c3f"))
    canvas.box(x, 0.7, z, 3.3, 0.18, ink("96714e"))
    fruit = [ink(c) for c in ("c9452f", "e0a02f", "7f9a3a", "d8c04a", "8a4a6a")]
    for index in range(5):
        tone = fruit[rng.integers(len(fruit))]
        canvas.box(x - 1.1 + index * 0.55, 0.88, z, 0.5, 0.16, ink("a8835a"))
        for dot in range(4):
            canvas.disc(x - 1.28 + index * 0.55 + dot * 0.12, 1.08, z, 0.085, shade(tone, float(rng.uniform(0.9, 1.1))))
    for stripe in range(8):
        tone = colour if stripe % 2 == 0 else ink("f2ece0")
        a, b = -1.6 + stripe * 0.4, -1.2 + stripe * 0.4
        canvas.upright_shape(x, 0, z, [(a, 2.15), (b, 2.15), (b * 0.92, 2.75), (a * 0.92, 2.75)], tone)
        canvas.upright_shape(x, 0, z, [(a, 1.98), (b, 1.98), (b, 2.16), (a, 2.16)], shade(tone, 0.82))
    canvas.glows.append(Glow(canvas.upright(x, 1.9, z, 0.22, 0.16), ink("fff0c8"), z, 1.0))
    canvas.lamps.append((x, 1.95, z - 0.6))


def bench(canvas: Canvas, x: float, z: float) -> None:
    """A park bench."""
    canvas.puddle(x, z, 1.0, 0.3, (15, 17, 20), 0.35)
    for u in (-0.75, 0.75):
        canvas.box(x + u, 0, z, 0.08, 0.45, _IRON)
    for v in (0.42, 0.6, 0.75):
        canvas.box(x, v, z, 1.8, 0.1, ink("8a6242"))


def planter(canvas: Canvas, x: float, z: float, rng: Generator) -> None:
    """A tub with flowers."""
    canvas.puddle(x, z, 0.6, 0.25, (15, 17, 20), 0.4)
    canvas.upright_shape(x, 0, z, [(-0.42, 0), (0.42, 0), (0.52, 0.48), (-0.52, 0.48)], ink("a67a5b"))
    petals = [ink(c) for c in ("d0503f", "e6b04a", "c66a8f", "efe6d2")]
    for _ in range(12):
        u, v = float(rng.uniform(-0.48, 0.48)), float(rng.uniform(0.46, 0.72))
        canvas.disc(x + u, v, z, 0.12, ink("567f48"))
    for _ in range(9):
        u, v = float(rng.uniform(-0.46, 0.46)), float(rng.uniform(0.55, 0.78))
        canvas.disc(x + u, v, z, 0.065, petals[rng.integers(len(petals))])


def shelter(canvas: Canvas, x: float, z: float) -> None:
    """A bus shelter with a lit panel."""
    canvas.puddle(x, z, 2.4, 0.5, (15, 17, 20), 0.4)
    canvas.box(x, 0.3, z, 4.2, 1.9, mix(_GLASS, (235, 240, 242), 0.45))
    for u in (-2.1, -0.7, 0.7, 2.1):
        canvas.box(x + u, 0, z, 0.09, 2.4, _IRON)
    canvas.box(x, 0.45, z, 3.4, 0.12, ink("8a6242"))
    canvas.box(x, 2.35, z, 4.7, 0.2, ink("2f6f73"))
    canvas.box(x + 1.4, 0.6, z, 1.1, 1.5, ink("e9d9a8"))
    canvas.glows.append(Glow(canvas.upright(x + 1.4, 0.6, z, 1.1, 1.5), ink("fff2cf"), z, 1.0))
    canvas.lamps.append((x, 2.3, z - 0.5))


def railing(canvas: Canvas, x: tuple[float, float], z: float) -> None:
    """A railing across the picture."""
    middle, wide = (x[0] + x[1]) / 2, x[1] - x[0]
    for left in np.arange(x[0], x[1], 0.42):
        canvas.box(float(left), 0, z, 0.045, 1.0, _IRON)
    for left in np.arange(x[0], x[1], 2.52):
        canvas.box(float(left), 0, z, 0.16, 1.15, shade(_IRON, 0.85))
    canvas.box(middle, 0.98, z, wide, 0.09, shade(_IRON, 1.12))
    canvas.box(middle, 0.12, z, wide, 0.05, _IRON)


def clock_tower(canvas: Canvas, x: float, z: float, wall: Colour) -> None:
    """A stout tower with a lit clock under a broad roof."""
    canvas.box(x, 0, z, 6.4, 10.2, wall)
    canvas.box(x + 2.5, 0, z, 1.4, 10.2, shade(wall, 0.9))
    for v in (3.4, 6.6, 9.9):
        canvas.box(x, v, z, 6.8, 0.35, shade(wall, 1.22))
    canvas.upright_shape(x, 10.2, z, [(-3.8, 0), (3.8, 0), (1.5, 2.3), (-1.5, 2.3)], ink("7d5248"))
    canvas.box(x, 12.4, z, 2.6, 0.3, ink("6f4a44"))
    for u in (-1.9, 0.0, 1.9):
        canvas.box(x + u, 0, z, 1.2, 2.5, mix(wall, ink("54402f"), 0.6))
        canvas.box(x + u, 4.3, z, 0.9, 1.6, mix(_GLASS, wall, 0.3))
        canvas.glows.append(Glow(canvas.upright(x + u, 4.3, z, 0.9, 1.6), ink("ffcf86"), z, 0.5))
    canvas.disc(x, 8.3, z, 1.15, shade(wall, 0.75))
    canvas.disc(x, 8.3, z, 1.0, ink("f6f0dc"))
    face = [
        canvas.view.at(x + 0.95 * float(np.cos(t)), 8.3 + 0.95 * float(np.sin(t)), z) for t in np.linspace(0, 6.0, 20)
    ]
    canvas.glows.append(Glow(face, ink("f2dfae"), z, 1.0))
    canvas.upright_shape(x, 8.3, z, [(-0.06, 0), (0.06, 0), (0.06, 0.75), (-0.06, 0.75)], ink("2a2a2a"))
    canvas.upright_shape(x, 8.3, z, [(0, -0.06), (0, 0.06), (0.5, 0.26), (0.55, 0.16)], ink("2a2a2a"))


def fountain(canvas: Canvas, x: float, z: float) -> None:
    """A low round fountain."""
    canvas.puddle(x, z, 3.3, 1.4, (15, 17, 20), 0.35)
    canvas.puddle(x, z, 3.0, 1.2, ink("b9ae9c"), 1.0)
    canvas.box(x, 0.0, z - 1.0, 5.2, 0.42, ink("a89c88"))
    canvas.puddle(x, z + 0.6, 2.7, 0.95, ink("7fb0c0"), 1.0)
    canvas.box(x, 0.2, z, 0.5, 0.9, ink("b9ae9c"))
    canvas.disc(x, 1.15, z, 1.0, ink("c8bda8"), 0.22)
    for u in (-0.5, -0.25, 0.0, 0.25, 0.5):
        canvas.upright_shape(x, 1.2, z, [(0, 0.9), (u, 0.75), (u * 1.8, 0), (u * 1.5, 0)], ink("d8ebf0"))


def boat(canvas: Canvas, x: float, z: float, colour: Colour) -> None:
    """A small sailing boat on the water."""
    canvas.upright_shape(x, 0, z, [(-2.2, 0.75), (2.4, 0.75), (1.7, 0.0), (-1.7, 0.0)], colour)
    canvas.box(x, 0.7, z, 0.12, 6.0, ink("6a4f3a"))
    canvas.upright_shape(x, 0, z, [(0.2, 1.1), (2.1, 1.1), (0.2, 6.3)], ink("f3eee2"))
    canvas.upright_shape(x, 0, z, [(-0.2, 1.1), (-1.5, 1.1), (-0.2, 5.3)], ink("e6dcc8"))
