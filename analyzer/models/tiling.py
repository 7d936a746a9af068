"""Cutting large pictures into tiles, and making one list of boxes out of what was found in all of them.

Boxes are float arrays of shape (n, 4): x0, y0, x1, y1 in pixels of the whole picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

# A picture wider or higher than this is tiled: shrunk to the network's 416 pixels, its people would be specks.
TILE_ABOVE_PX = 960
TILE_PX = 640
# A fifth, as in slicing-aided inference (Akyon and others, 2022), whose defaults the merging below uses too.
_OVERLAP = 0.2
_MOST_TILES = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the picture; ``whole`` is the pass over all of it, for things larger than a tile's overlap."""

    x: int
    y: int
    width: int
    height: int
    whole: bool = False


def tiles(width: int, height: int) -> list[Tile]:
    """The passes over a picture: itself, and for a large one its tiles besides."""
    whole = Tile(0, 0, width, height, whole=True)
    if max(width, height) <= TILE_ABOVE_PX:
        return [whole]
    side = TILE_PX
    while _steps(width, side) * _steps(height, side) > _MOST_TILES:
        side = math.ceil(side * 1.1)
    return [whole] + [
        Tile(x, y, min(side, width), min(side, height)) for y in _starts(height, side) for x in _starts(width, side)
    ]


def _steps(length: int, side: int) -> int:
    overlap = round(side * _OVERLAP)
    return max(1, math.ceil((length - overlap) / (side - overlap)))


def _starts(length: int, side: int) -> list[int]:
    steps = _steps(length, side)
    return [0] if steps == 1 else [round((length - side) * step / (steps - 1)) for step in range(steps)]


def small_in_whole(boxes: Floats, tile: Tile) -> NDArray[np.bool_]:
    """Boxes of the whole-picture pass that some tile holds whole and sees better: they are left to the tiles."""
    longest = (boxes[:, 2:] - boxes[:, :2]).max(axis=1)
    return longest < (round(TILE_PX * _OVERLAP) if tile.whole else 0)  # type: ignore[no-any-return]


def cut_by(tile: Tile, boxes: Floats, width: int, height: int) -> NDArray[np.bool_]:
    """Which boxes reach an inner edge of their tile, so that they may be only a part of the thing."""
    near = 0.01 * max(tile.width, tile.height)
    right, bottom = tile.x + tile.width, tile.y + tile.height
    cut = (boxes[:, 0] < tile.x + near) & (tile.x > 0)
    cut |= (boxes[:, 1] < tile.y + near) & (tile.y > 0)
    cut |= (boxes[:, 2] > right - near) & (right < width)
    cut |= (boxes[:, 3] > bottom - near) & (bottom < height)
    return cut


@dataclass(slots=True)
class Finds:
    """What all passes found, row by row: ``cut`` as of :func:`cut_by`, ``origin`` the number of the pass."""

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int64]
    origin: NDArray[np.int64]
    cut: NDArray[np.bool_]


def suppress(finds: Finds, alike: NDArray[np.int64], same: float, any_class: float) -> Finds:
    """Greedy suppression. Best first, whole things before parts.

    Boxes whose classes look alike (``alike[class]`` equal) are one thing above an intersection over union of ``same``,
    boxes of other classes only above ``any_class``, so that a rider doesn't swallow the motorcycle. A part cut off by
    a tile's edge is the same thing as an alike box of another tile that holds half of it (intersection over the
    smaller area above .5); two such parts become their union. The one that is kept keeps the best score.
    """
    import numpy as np

    order = np.lexsort((-finds.scores, finds.cut))
    boxes, scores = finds.boxes[order].copy(), finds.scores[order].copy()
    classes, origin, cut = finds.classes[order], finds.origin[order], finds.cut[order]
    overlap, part = _overlaps(boxes)
    group = alike[classes]
    related = group[:, None] == group[None, :]
    kills = overlap > np.where(related, same, any_class)
    elsewhere = origin[:, None] != origin[None, :]
    pieces = related & elsewhere & cut[None, :] & (part > 0.5)
    kills |= pieces
    alive = np.ones(len(boxes), bool)
    kept = []
    for i in range(len(boxes)):
        if not alive[i]:
            continue
        kept.append(i)
        killed = kills[i] & alive
        killed[: i + 1] = False
        alive[killed] = False
        if killed.any():
            scores[i] = max(scores[i], scores[killed].max())
            parts = killed & pieces[i] & cut[i]
            if parts.any():
                boxes[i, :2] = np.minimum(boxes[i, :2], boxes[parts, :2].min(axis=0))
                boxes[i, 2:] = np.maximum(boxes[i, 2:], boxes[parts, 2:].max(axis=0))
    return Finds(boxes[kept], scores[kept], classes[kept], origin[kept], cut[kept])


def _overlaps(boxes: Floats) -> tuple[Floats, Floats]:
    """Intersection over union, and over the smaller of the two areas, of every pair."""
    import numpy as np

    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    both = areas[:, None] + areas[None, :] - shared
    smaller = np.minimum(areas[:, None], areas[None, :])
    return shared / np.maximum(both, 1e-9), shared / np.maximum(smaller, 1e-9)
