"""Real pictures and real weights for the models' tests; where they are absent the tests say so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.models.detector import DetectorModel
from analyzer.models.weights import find_weights

SHARED = Path(__file__).resolve().parents[4] / "shared"
Pixels = NDArray[np.uint8]


def _skip_or_fail(what: str) -> None:
    assert not os.environ.get("CI"), f"{what} must be there in CI"
    pytest.skip(f"{what} isn't here")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real pictures."""
    if not (SHARED / "data").is_dir():
        _skip_or_fail("the folder of real pictures")
    return SHARED / "data"


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The detector's real weights."""
    found = find_weights(SHARED / "models", tmp_path_factory.mktemp("none"))
    if found is None:
        _skip_or_fail("the detector's file")
    assert found
    return found


@pytest.fixture(scope="session")
def detector(weights: Path) -> DetectorModel:
    return DetectorModel(weights)


@pytest.fixture(scope="session")
def frame(data: Path) -> Pixels:
    """The first frame of the campus footage: people on a crossing, by day."""
    capture = cv2.VideoCapture(str(data / "vtest_480x360.avi"))
    there, pixels = capture.read()
    capture.release()
    assert there
    return np.asarray(pixels, np.uint8)


@pytest.fixture(scope="session")
def png() -> Callable[[Pixels], bytes]:
    """A picture's bytes, without loss."""
    return lambda pixels: bytes(cv2.imencode(".png", pixels)[1].tobytes())
