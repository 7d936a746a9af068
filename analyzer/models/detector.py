"""COCO's 80 classes by YOLOX-nano, through onnxruntime. A sight holds everything found, whatever was asked."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.ask import Ask
from analyzer.models.judging import Thresholds, ability_of, judge_boxes, steps, unreadable
from analyzer.models.model import Ability, Fit, Material, ModelCard
from analyzer.models.tiling import Finds, Tile, cut_by, fits_overlap, suppress, tiles
from analyzer.models.view import measure
from analyzer.models.vocabulary import COCO, LOOK_ALIKES, meaning
from analyzer.plan import Task
from core.errors import ModelUnavailable, PictureUnreadable
from core.observation import Box, Judgement, Sight
from storage.decoding import MAX_PIXELS, decode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_SIDE = 416
_STRIDES = (8, 16, 32)
_GREY = 114
# From YOLOX's own ONNX demo (demo/ONNXRuntime/onnx_inference.py): boxes below .1 are dropped before suppression at .45,
# and .3 is where a box is drawn.
_FLOOR = 0.1
_SAME = 0.45
_SURE = 0.3
# Between half-way and sure a box keeps the picture from being a plain "no".
_POSSIBLE = 0.2
# The demo suppresses across all classes at .45, which loses the motorcycle under its rider; only classes that are
# taken for each other (car and truck) are suppressed so, and whatever else only where the boxes are as good as equal.
_ANY_CLASS = 0.8
_SEES = "objects"


def ability(ask: Ask) -> Ability:
    """What a detector of COCO's classes can make of ``ask``; needs no weights, so that it can be told beforehand."""
    found = meaning(ask.target)
    if ask.task is Task.DESCRIBE:
        return Ability(Fit.NONE, "The detector finds and counts objects; it can't put a picture into words.")
    if found.fit is Fit.NONE:
        return Ability(Fit.NONE, f"The detector has no eyes for “{ask.target[:80]}”. {found.note}")
    if ask.task is Task.CLASSIFY and not (found.levels and steps(ask.choices)):
        return Ability(Fit.NONE, f"The detector counts {found.noun}; it can't tell what state they are in.")
    return ability_of(found, ask, _SEES, found.leaves_out)


class DetectorModel:
    """YOLOX-nano. Safe from as many threads as its card says; each has its own buffers, all share one session."""

    def __init__(self, weights: Path, max_pixels: int = MAX_PIXELS, threads: int = 1) -> None:
        """Load ``weights``. Raises :class:`ModelUnavailable` when onnxruntime is missing or refuses the file."""
        import numpy as np

        self._max_pixels = max_pixels
        self._local = threading.local()
        self._session = _open_session(weights, threads)
        self._input = self._session.get_inputs()[0].name
        self._grid, self._stride = _grid()
        self._alike = np.array([LOOK_ALIKES.get(name, index) for index, name in enumerate(COCO)], np.int64)
        workers = max(1, (os.cpu_count() or 1) // threads)
        self._card = ModelCard("detector", "yolox-nano-1", takes="bytes", workers=workers)

    @property
    def card(self) -> ModelCard:
        return self._card

    def ability(self, ask: Ask) -> Ability:
        return ability(ask)

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:  # noqa: ARG002 - it sees all, whatever the ask
        return [self._look(picture) for picture in pictures]

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        if sight.unreadable:
            return unreadable(sight)
        return judge_boxes(sight, ask, meaning(ask.target), Thresholds(_POSSIBLE, _SURE))

    def _look(self, picture: Material) -> Sight:
        started = time.perf_counter()
        if picture.content is None:
            return Sight(unreadable="The picture's bytes weren't handed over.")
        try:
            pixels = decode(picture.content, self._max_pixels)
        except PictureUnreadable as error:
            return Sight(unreadable=error.sentence, elapsed_ms=(time.perf_counter() - started) * 1000)
        height, width = pixels.shape[:2]
        boxes = self._find(pixels)
        return Sight(width, height, boxes, measure(pixels), elapsed_ms=(time.perf_counter() - started) * 1000)

    def _find(self, pixels: NDArray[np.uint8]) -> tuple[Box, ...]:
        import numpy as np

        height, width = pixels.shape[:2]
        passes = tiles(width, height)
        found = [self._pass(pixels, tile, number, len(passes) > 1) for number, tile in enumerate(passes)]
        kept = suppress(Finds.joined(found), self._alike, _SAME, _ANY_CLASS)
        shares = np.clip(kept.boxes / np.array([width, height, width, height], np.float32), 0.0, 1.0)
        return tuple(
            Box(x0, y0, x1, y1, COCO[kind], score)
            for (x0, y0, x1, y1), kind, score in zip(
                shares.tolist(), kept.classes.tolist(), kept.scores.tolist(), strict=True
            )
            if x1 > x0 and y1 > y0
        )

    def _pass(self, pixels: NDArray[np.uint8], tile: Tile, number: int, tiled: bool) -> Finds:
        """One run of the network over one part of the picture, suppressed within itself."""
        import numpy as np

        part = pixels[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
        blob, scale = self._prepare(part)
        raw = self._session.run(None, {self._input: blob})[0][0]
        boxes, scores, classes = self._decode(raw)
        boxes = boxes / scale + np.array([tile.x, tile.y, tile.x, tile.y], np.float32)
        height, width = pixels.shape[:2]
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        cut = cut_by(tile, boxes, width, height)
        finds = Finds(boxes, scores, classes, np.full(len(boxes), number), cut, cut)
        if not tiled:
            return finds
        small = fits_overlap(boxes)
        if tile.whole:
            return finds.rows(~small)
        finds.partial = cut | ~small
        return finds

    def _prepare(self, part: NDArray[np.uint8]) -> tuple[Any, float]:
        """Letterbox to the network's square: top left, the rest grey, BGR 0-255, as the network was trained."""
        import cv2
        import numpy as np

        buffers = self._local.__dict__
        if "canvas" not in buffers:
            buffers["canvas"] = np.full((_SIDE, _SIDE, 3), _GREY, np.uint8)
        canvas = buffers["canvas"]
        height, width = part.shape[:2]
        scale = min(_SIDE / height, _SIDE / width)
        size = (max(1, int(width * scale)), max(1, int(height * scale)))
        canvas[size[1] :] = _GREY
        canvas[:, size[0] :] = _GREY
        canvas[: size[1], : size[0]] = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
        return cv2.dnn.blobFromImage(canvas), scale

    def _decode(self, raw: Floats) -> tuple[Floats, Floats, NDArray[np.int64]]:
        """Rows of the undecoded grid to boxes in pixels of the network's square, scores and class numbers.

        The export applies the sigmoid to objectness and classes, and leaves centre and size to us:
        ``(xy + cell) * stride`` and ``exp(wh) * stride`` (YOLOX, ``demo_postprocess``).
        """
        import numpy as np

        hopeful = np.flatnonzero(raw[:, 4] > _FLOOR)  # a class score is at most 1, so objectness bounds the product
        rows = raw[hopeful]
        kinds = rows[:, 5:].argmax(axis=1)
        scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + kinds]
        good = scores > _FLOOR
        rows, hopeful = rows[good], hopeful[good]
        stride = self._stride[hopeful, None]
        middle = (rows[:, :2] + self._grid[hopeful]) * stride
        half = np.exp(rows[:, 2:4].clip(max=10)) * stride / 2
        return np.concatenate([middle - half, middle + half], axis=1), scores[good], kinds[good]


def _grid() -> tuple[Floats, Floats]:
    """The cell (x, y) and the stride of each of the network's 3,549 output rows."""
    import numpy as np

    cells, strides = [], []
    for stride in _STRIDES:
        y, x = np.mgrid[: _SIDE // stride, : _SIDE // stride]
        cells.append(np.stack([x, y], axis=-1).reshape(-1, 2))
        strides.append(np.full(x.size, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)


def _open_session(weights: Path, threads: int) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ModelUnavailable("The detector needs onnxruntime.", "pip install onnxruntime") from None
    options = onnxruntime.SessionOptions()
    # One thread a call and as many calls as cores beats one call on all cores: nothing waits for the slowest part.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    binding = onnxruntime.capi.onnxruntime_pybind11_state  # its errors share no base class of their own
    refusals = (binding.Fail, binding.InvalidArgument, binding.InvalidGraph, binding.InvalidProtobuf,
                binding.NoSuchFile, binding.NotImplemented, binding.RuntimeException)  # fmt: skip
    try:
        return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
    except refusals as error:
        raise ModelUnavailable(
            f"onnxruntime can't load {weights.name}: {str(error)[:200]}", "Replace the file by the official release."
        ) from error
