"""From a picture to tiles: turned upright, cut and resized as SmolVLM's published processor does.

``HuggingFaceTB/SmolVLM-500M-Instruct``, ``preprocessor_config.json``: Lanczos, tiles of 512, the longest edge at most
2048, mean and deviation .5 (llama.cpp applies those two). SmolVLM 2.2B has other eyes: tiles of 384, the longest edge
at most 1536, four tiles both. Without splitting the whole picture is squeezed into one square.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from storage.decoding import MAX_PIXELS, decode

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

# Changes whenever a tile's pixels could, since what was made of them is kept.
VERSION = "1"
_ALONG = 4  # tiles along the longest edge


@dataclass(frozen=True, slots=True)
class TileShape:
    """What a model's eyes look at: ``side_px`` pixels square, which come to ``tokens`` rows. As given here, those of
    SmolVLM 256M and 500M."""

    side_px: int = 512
    tokens: int = 64

    @property
    def longest_px(self) -> int:
        """The longest edge of a picture that is split."""
        return _ALONG * self.side_px


class Splitting(StrEnum):
    """``one``: the whole picture in one tile. ``auto``: also the tiles of the published processor, up to 4 by 4, for
    small things in large pictures, at their price."""

    ONE = "1"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Cut:
    """A picture's tiles, row by row and the whole picture last: uint8 RGB of shape (tiles, side, side, 3). ``width_px``
    and ``height_px`` are the picture's own."""

    tiles: NDArray[np.uint8]
    rows: int
    columns: int
    width_px: int
    height_px: int


def cut(content: bytes, splitting: Splitting, shape: TileShape | None = None, max_pixels: int = MAX_PIXELS) -> Cut:
    """The tiles of a picture, for eyes of ``shape``. Raises :class:`~core.errors.PictureUnreadable` for what can't be
    decoded whole or has more than ``max_pixels``."""
    from PIL import Image

    shape = shape or TileShape()
    pixels = decode(content, max_pixels)
    height, width = pixels.shape[:2]
    whole = Image.fromarray(pixels[:, :, ::-1])
    rows, columns = grid(width, height, shape.longest_px) if splitting is Splitting.AUTO else (0, 0)
    square = whole.resize((shape.side_px, shape.side_px), Image.Resampling.LANCZOS)
    tiles = [*_tiles(whole, rows, columns, shape.side_px), square]
    return Cut(np.stack([np.asarray(tile) for tile in tiles]), rows, columns, width, height)


def grid(width: int, height: int, longest_px: int = 2048) -> tuple[int, int]:
    """Rows and columns of the processor's split: the longest edge becomes ``longest_px``, the other keeps the shape and
    is made even, both are rounded up to whole tiles (``Idefics3ImageProcessor`` in transformers 4.57, to the pixel)."""
    longer, shorter = max(width, height), min(width, height)
    # The library's own order of operations: another one rounds another way at the edge of a tile.
    side = int(longest_px / (longer / shorter)) if width >= height else int(longest_px * (shorter / longer))
    side = max(1, side + side % 2)
    side = int(longest_px / (longest_px / side)) if width >= height else int(longest_px * (side / longest_px))
    few = -(-side // (longest_px // _ALONG))
    return (few, _ALONG) if width >= height else (_ALONG, few)


def _tiles(whole: Image.Image, rows: int, columns: int, side_px: int) -> list[Image.Image]:
    from PIL import Image

    if not rows:
        return []
    large = whole.resize((columns * side_px, rows * side_px), Image.Resampling.LANCZOS)
    places = [(column * side_px, row * side_px) for row in range(rows) for column in range(columns)]
    return [large.crop((x, y, x + side_px, y + side_px)) for x, y in places]
