"""From a picture to tiles: turned upright, cut and resized as SmolVLM's published processor does.

``HuggingFaceTB/SmolVLM-500M-Instruct``, ``preprocessor_config.json``: Lanczos, tiles of 512, the longest edge at most
2048, mean and deviation .5 (llama.cpp applies those two). Without splitting the whole picture is squeezed into one
square.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from storage.decoding import decode

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

# Changes whenever a tile's pixels could, since what was made of them is kept.
VERSION = "1"
TILE_PX = 512
TILE_TOKENS = 64
LONGEST_PX = 2048


class Splitting(StrEnum):
    """``one``: the whole picture in one tile. ``auto``: also the tiles of the published processor, up to 4 by 4, for
    small things in large pictures, at their price."""

    ONE = "1"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture's tiles, row by row and the whole picture last: uint8 RGB of shape (tiles, 512, 512, 3). ``width_px``
    and ``height_px`` are the picture's own."""

    tiles: NDArray[np.uint8]
    rows: int
    columns: int
    width_px: int
    height_px: int


def cut(content: bytes, splitting: Splitting) -> Cut:
    """The tiles of a picture. Raises :class:`~core.errors.PictureUnreadable` for what can't be decoded whole."""
    from PIL import Image

    pixels = decode(content)
    height, width = pixels.shape[:2]
    whole = Image.fromarray(pixels[:, :, ::-1])
    rows, columns = grid(width, height) if splitting is Splitting.AUTO else (0, 0)
    tiles = [*_tiles(whole, rows, columns), whole.resize((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)]
    return Cut(np.stack([np.asarray(tile) for tile in tiles]), rows, columns, width, height)


def grid(width: int, height: int) -> tuple[int, int]:
    """Rows and columns of the processor's split: the longest edge becomes 2048, the other keeps the shape and is made
    even, both are rounded up to whole tiles (``Idefics3ImageProcessor`` in transformers 4.57, to the pixel)."""
    longer, shorter = max(width, height), min(width, height)
    # The library's own order of operations: another one rounds another way at the edge of a tile.
    side = int(LONGEST_PX / (longer / shorter)) if width >= height else int(LONGEST_PX * (shorter / longer))
    side = max(1, side + side % 2)
    side = int(LONGEST_PX / (LONGEST_PX / side)) if width >= height else int(LONGEST_PX * (side / LONGEST_PX))
    many, few = LONGEST_PX // TILE_PX, -(-side // TILE_PX)
    return (few, many) if width >= height else (many, few)


def _tiles(whole: Image.Image, rows: int, columns: int) -> list[Image.Image]:
    from PIL import Image

    if not rows:
        return []
    large = whole.resize((columns * TILE_PX, rows * TILE_PX), Image.Resampling.LANCZOS)
    places = [(column * TILE_PX, row * TILE_PX) for row in range(rows) for column in range(columns)]
    return [large.crop((x, y, x + TILE_PX, y + TILE_PX)) for x, y in places]
