"""Regions of a camera's pictures that nobody outside may see: read from a file, painted over before they leave."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import PictureUnreadable, SettingsError
from storage.decoding import decode
from storage.register import camera_key

# Rectangles (x0, y0, x1, y1) in fractions of width and height, from the upper left.
Regions = tuple[tuple[float, float, float, float], ...]

NAME = "redaction.toml"
_MOST_REGIONS = 64
_QUALITY = 90


def read_regions(path: Path) -> Mapping[str, Regions]:
    """The regions of each camera, by what its spellings have in common; none where there is no file. Raises
    :class:`SettingsError`: a file that can't be read must not mean that nothing is painted over."""
    if not path.exists():
        return {}
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        named = [(camera_key(str(camera)), _regions(entry)) for camera, entry in dict(told["cameras"]).items()]
        return {camera: tuple(one for other, rest in named if other == camera for one in rest) for camera, _ in named}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The regions to paint over in {path.name} can't be read: {str(error)[:120]}.",
            'It has a line for each camera under [cameras]: "10.4.12.7" = [[0.0, 0.0, 0.3, 0.2]]. See docs/cloud.md.',
        ) from error


def _regions(entry: Any) -> Regions:
    regions = []
    for x0, y0, x1, y1 in entry:
        if not 0 <= x0 < x1 <= 1 or not 0 <= y0 < y1 <= 1:
            raise ValueError(f"{[x0, y0, x1, y1]} is no rectangle in fractions of the picture")
        regions.append((float(x0), float(y0), float(x1), float(y1)))
    if not 0 < len(regions) <= _MOST_REGIONS:
        raise ValueError(f"{len(regions)} regions")
    return tuple(regions)


def paint_over(content: bytes, regions: Regions) -> bytes:
    """The picture with black ``regions``, as a JPEG without any metadata. Raises :class:`PictureUnreadable`."""
    import cv2

    pixels = decode(content).copy()
    height, width = pixels.shape[:2]
    for x0, y0, x1, y1 in regions:
        # Outwards to whole pixels: what is at an edge is covered too.
        pixels[int(y0 * height) : -int(-y1 * height // 1), int(x0 * width) : -int(-x1 * width // 1)] = 0
    done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise PictureUnreadable("The picture could not be painted over, so it was not sent.")
    return bytes(encoded)
