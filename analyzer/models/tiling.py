"""Cutting large pictures into tiles, and making one list of boxes out of what was found in all of them.

Boxes are float arrays of shape (n, 4): x0, y0, x1, y1 in pixels of the whole picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

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


def fits_overlap(boxes: Floats) -> NDArray[np.bool_]:
    """Boxes so small that some tile is sure to hold the thing whole, whichever edges cut it elsewhere."""
    return (boxes[:, 2:] - boxes[:, :2]).max(axis=1) < TILE_PX * _OVERLAP  # type: ignore[no-any-return]


def cut_by(tile: Tile, boxes: Floats, width: int, height: int) -> NDArray[np.bool_]:
    """Which boxes reach an inner edge of their tile, so that they may be only a part of the thing."""
    near = 0.02 * max(tile.width, tile.height)
    right, bottom = tile.x + tile.width, tile.y + tile.height
    cut = (boxes[:, 0] < tile.x + near) & (tile.x > 0)
    cut |= (boxes[:, 1] < tile.y + near) & (tile.y > 0)
    cut |= (boxes[:, 2] > right - near) & (right < width)
    cut |= (boxes[:, 3] > bottom - near) & (bottom < height)
    return cut


@dataclass(slots=True)
class Finds:
    """What all passes found, row by row.

    ``origin`` is the number of the pass, ``cut`` as of :func:`cut_by`. ``partial`` boxes may be a part of something
    larger: those that are cut, and those of a tile that are too large for its overlap, since a cat's middle looks like
    a cat.
    """

    boxes: Floats
    scores: Floats
    classes: NDArray[np.int64]
    origin: NDArray[np.int64]
    cut: NDArray[np.bool_]
    partial: NDArray[np.bool_]

    def rows(self, which: Any) -> Finds:
        """The finds at these places, in this order."""
        return Finds(*(getattr(self, column.name)[which] for column in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence[Finds]) -> Finds:
        """All finds of several passes."""
        import numpy as np

        return cls(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(cls)))


def suppress(finds: Finds, alike: NDArray[np.int64], same: float, any_class: float) -> Finds:
    """Greedy suppression. Best first, whole things before parts.

    Boxes whose classes look alike (``alike[class]`` equal) are one thing above an intersection over union of ``same``,
    boxes of other classes only above ``any_class``, so that a rider doesn't swallow the motorcycle. A partial box is
    the same thing as an alike box of another pass that shares half of it (intersection over the smaller area above .5);
    two parts that are cut by edges become their union. The one that is kept keeps the best score.
    """
    import numpy as np

    finds = finds.rows(np.lexsort((-finds.scores, finds.partial)))
    overlap, shared = _overlaps(finds.boxes)
    group = alike[finds.classes]
    related = group[:, None] == group[None, :]
    elsewhere = finds.origin[:, None] != finds.origin[None, :]
    pieces = related & elsewhere & finds.partial[None, :] & (shared > 0.5)
    kills = pieces | (overlap > np.where(related, same, any_class))
    alive = np.ones(len(group), bool)
    kept = []
    for i in range(len(group)):
        if not alive[i]:
            continue
        kept.append(i)
        killed = kills[i] & alive
        killed[: i + 1] = False
        if killed.any():
            alive &= ~killed
            _absorb(finds, i, killed, killed & pieces[i] & finds.cut & finds.cut[i])
    return finds.rows(kept)


def _absorb(finds: Finds, keeper: int, killed: NDArray[np.bool_], parts: NDArray[np.bool_]) -> None:
    finds.scores[keeper] = max(finds.scores[keeper], finds.scores[killed].max())
    if parts.any():
        box, others = finds.boxes[keeper], finds.boxes[parts]
        box[:2] = others[:, :2].min(axis=0).clip(max=box[:2])
        box[2:] = others[:, 2:].max(axis=0).clip(min=box[2:])


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
