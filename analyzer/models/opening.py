"""Filling the catalogue: OpenCV at once, the detector from disk at once, or fetched once beside the serving threads."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from pathlib import Path

from analyzer.models import detector
from analyzer.models.catalogue import AUTO, Catalogue, ModelState
from analyzer.models.openai.supply import Cloud, add_cloud
from analyzer.models.opencv import OpenCvModel
from analyzer.models.smolvlm.files import DEFAULT, RELEASES
from analyzer.models.smolvlm.supply import Keeping, SmolVlmSupply
from analyzer.models.weights import YOLOX_NANO, Release, fetch_weights, find_weights
from core.errors import ModelUnavailable
from storage.decoding import MAX_PIXELS

log = logging.getLogger(__name__)

_LABEL = "Detector (YOLOX-nano)"
_FINDS = "Finds and counts COCO's 80 kinds of things: people, vehicles, animals, luggage and more."
_SEES = "Always there: people by HOG, and light, fog, blur and blocked views."


def open_catalogue(
    models_dir: Path | None,
    data_dir: Path,
    default: str = AUTO,
    *,
    fetch: bool = True,
    release: Release = YOLOX_NANO,
    smolvlm: str = DEFAULT,
    cloud: Cloud | None = None,
    keeping: Keeping | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Catalogue:
    """The models of this machine, best first. Weights that are here are loaded before this returns, and SmolVLM is
    listed as ready if it was set up before; what is missing is fetched or tried out beside. Never raises: what can't be
    had is listed with the reason. Pictures of more than ``max_pixels`` are unreadable to those that decode them here.
    """
    catalogue = Catalogue(default=default)
    catalogue.expect("detector", _LABEL, ModelState.ABSENT, "Its weights aren't here.", detector.ability)
    catalogue.add(OpenCvModel(max_pixels), "OpenCV", _SEES)
    supply = DetectorSupply(catalogue, models_dir, data_dir, release, max_pixels)
    if not supply.load() and fetch:
        supply.start()
        catalogue.on_close(supply.close)
    if cloud is not None:
        add_cloud(catalogue, cloud)
    keeping = replace(keeping or Keeping(), max_pixels=max_pixels)
    language = SmolVlmSupply(catalogue, RELEASES[smolvlm], models_dir, data_dir, keeping)
    catalogue.on_close(language.close)
    if not language.open_known():
        language.start()
    return catalogue


class DetectorSupply:
    """Brings the detector into the catalogue. ``start`` fetches in a thread of its own, ``close`` ends that."""

    def __init__(
        self,
        catalogue: Catalogue,
        models_dir: Path | None,
        data_dir: Path,
        release: Release,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._max_pixels = max_pixels
        self._catalogue = catalogue
        self._models_dir = models_dir
        self._data_dir = data_dir
        self._release = release
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="detector-supply", daemon=True)

    def load(self) -> bool:
        """Load the weights that are on this machine. True when nothing is left to do, be it for good or ill."""
        try:
            weights = find_weights(self._models_dir, self._data_dir, self._release)
            if weights is None:
                return False
            self._add(weights)
        except ModelUnavailable as error:
            self._catalogue.mark("detector", ModelState.FAILED, f"{error.sentence} {error.hint}")
            log.warning("no detector: %s", error)
        return True

    def start(self) -> None:
        """Fetch what is missing, without waiting for it."""
        megabytes = self._release.size_bytes / 1e6
        sentence = f"Its weights ({megabytes:.1f} MB) are being fetched, once."
        self._catalogue.mark("detector", ModelState.INSTALLING, sentence)
        self._thread.start()

    def close(self) -> None:
        """Stop fetching. A silent server would hold the thread for its whole time-out, and nobody who stops Sightline
        waits for that: the thread dies with the process, and what it had fetched has another name until it is whole."""
        self._stop.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        try:
            self._add(fetch_weights(self._data_dir, self._release, stop=self._stop))
        except ModelUnavailable as error:
            self._catalogue.mark("detector", ModelState.ABSENT, f"{error.sentence} {error.hint}")
            log.warning("no detector: %s", error)
        except Exception:
            self._catalogue.mark("detector", ModelState.FAILED, "It couldn't be set up; the log has the details.")
            log.exception("the detector's set-up failed")

    def _add(self, weights: Path) -> None:
        model = detector.DetectorModel(weights, self._max_pixels)
        self._catalogue.add(model, _LABEL, _FINDS)
