"""Pictures a second through a whole run, stored and announced, beside a bare loop over the same files.

    python -m bench.throughput [--quick] [--video FILE] [--models DIR]

The bare loop is what one would write without Sightline: decode, prepare, onnxruntime, suppress, one picture after the
other, on all cores (onnxruntime's default). Both sides cut large pictures into the same tiles, in the same process, in
turns; the median of the rounds is compared. Files are JPEGs of the footage's frames at 480 and at 1080 lines.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

from analyzer.models.tiling import tiles
from analyzer.models.weights import find_weights
from bench.report import finish, versions
from config import Settings
from core.bus import Event
from flask_app import create_app
from web.services import EXTENSION, Services

SHARED = Path(__file__).resolve().parents[2] / "shared"
SIZES = {"480p": (640, 480), "1080p": (1920, 1080)}
SIDE = 416


class BareLoop:
    """YOLOX-nano as its own demo runs it: no threads of ours, nothing kept."""

    def __init__(self, weights: Path) -> None:
        self._session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        cells, strides = [], []
        for stride in (8, 16, 32):
            y, x = np.mgrid[: SIDE // stride, : SIDE // stride]
            cells.append(np.stack([x, y], -1).reshape(-1, 2))
            strides.append(np.full((x.size, 1), stride))
        self._cells, self._strides = np.concatenate(cells), np.concatenate(strides)

    def __call__(self, files: Sequence[Path]) -> float:
        """Seconds for all of ``files``."""
        started = time.perf_counter()
        for file in files:
            self._picture(file)
        return time.perf_counter() - started

    def _picture(self, file: Path) -> Any:
        pixels: Any = cv2.imdecode(np.fromfile(file, np.uint8), cv2.IMREAD_COLOR)
        height, width = pixels.shape[:2]
        boxes, scores = [], []
        for tile in tiles(width, height):
            part = pixels[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
            found, sure, scale = self._network(part)
            boxes.append(found / scale + [tile.x, tile.y, 0, 0])
            scores.append(sure)
        return cv2.dnn.NMSBoxes(np.concatenate(boxes).tolist(), np.concatenate(scores).tolist(), 0.1, 0.45)

    def _network(self, part: Any) -> tuple[Any, Any, float]:
        scale = min(SIDE / part.shape[0], SIDE / part.shape[1])
        small = cv2.resize(part, (int(part.shape[1] * scale), int(part.shape[0] * scale)))
        canvas = np.full((SIDE, SIDE, 3), 114, np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        blob = np.ascontiguousarray(canvas.transpose(2, 0, 1)[None], np.float32)
        raw = self._session.run(None, {self._input: blob})[0][0]
        scores = (raw[:, 4:5] * raw[:, 5:]).max(axis=1)
        good = scores > 0.1
        centre = (raw[good, :2] + self._cells[good]) * self._strides[good]
        size = np.exp(raw[good, 2:4]) * self._strides[good]
        return np.concatenate([centre - size / 2, size], axis=1), scores[good], scale


class WholeRun:
    """The application without its server: the same wiring, the same stores."""

    def __init__(self, folder: Path, data: Path, models: Path) -> None:
        environment = {"IMAGES_DIR": str(folder), "DATA_DIR": str(data), "MODELS_DIR": str(models), "MODEL": "detector"}
        self._app = create_app(Settings.load(environment))
        self._house: Services = self._app.extensions[EXTENSION]
        self._house.opening.get()

    def __call__(self, pictures: int) -> float:
        """Seconds from the question to the announcement of its last picture, every picture looked at afresh."""
        with self._house.bus.subscribe() as heard:
            started = time.perf_counter()
            self._house.conversations.ask("How many people are in each image?", again=True)
            announced = 0
            while announced < pictures:
                event: Event | None = heard.receive(120)
                if event is None:
                    raise SystemExit("The run announced nothing more.")
                announced += len(event.data["pictures"]) if event.type == "seen" else 0
            elapsed = time.perf_counter() - started
            while event is None or event.type != "run" or event.data["run"]["state"] == "running":
                event = heard.receive(60)
        return elapsed

    def close(self) -> None:
        """Close the stores."""
        self._house.opening.close()


def write_frames(video: Path, folder: Path, size: tuple[int, int], count: int) -> list[Path]:
    """``count`` frames of ``video``, evenly spread, as JPEGs of ``size``."""
    capture = cv2.VideoCapture(str(video))
    total = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    files = []
    for number in range(count):
        capture.set(cv2.CAP_PROP_POS_FRAMES, number * total // count)
        good, frame = capture.read()
        if not good:
            raise SystemExit(f"{video.name} ends before frame {number * total // count}.")
        minute, second = divmod(number, 60)
        file = folder / f"Crossing_192_0_2_{number % 8 + 1}_20260314_09{minute:02d}{second:02d}.jpg"
        cv2.imwrite(str(file), cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC), [cv2.IMWRITE_JPEG_QUALITY, 90])
        files.append(file)
    return files


def measure(name: str, options: argparse.Namespace, weights: Path, count: int, rounds: int) -> dict[str, float]:
    """Both sides at one size, in turns."""
    with tempfile.TemporaryDirectory() as place:
        folder, data = Path(place, "pictures"), Path(place, "data")
        folder.mkdir()
        files = write_frames(options.video, folder, SIZES[name], count)
        bare, whole = BareLoop(weights), WholeRun(folder, data, options.models)
        bare(files[: count // 4])
        whole(count)
        pairs = [(bare(files), whole(count)) for _ in range(rounds)]
        whole.close()
    bare_rate = statistics.median(count / one for one, _ in pairs)
    whole_rate = statistics.median(count / other for _, other in pairs)
    ratio = statistics.median(one / other for one, other in pairs)
    print(
        f"{name}: {count} files, {rounds} rounds: bare loop {bare_rate:.1f}/s, whole run {whole_rate:.1f}/s, "
        f"ratio {ratio:.2f}"
    )
    return {f"bare_{name}_per_s": bare_rate, f"run_{name}_per_s": whole_rate, f"ratio_{name}": ratio}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether the goals are met."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer files and rounds")
    parser.add_argument("--video", type=Path, default=SHARED / "data" / "vtest_480x360.avi")
    parser.add_argument("--models", type=Path, default=SHARED / "models")
    options = parser.parse_args(arguments)
    weights = find_weights(options.models, options.models)
    if weights is None or not options.video.is_file():
        print("The footage or the detector's weights are not here.")
        return 2
    versions("onnxruntime", "opencv-python-headless", "numpy", "chdb", "pillow")
    rounds = 2 if options.quick else 5
    figures = measure("480p", options, weights, 150 if options.quick else 300, rounds)
    figures |= measure("1080p", options, weights, 24 if options.quick else 60, rounds)
    return finish("throughput", figures, {"ratio_480p": (">=", 0.8), "ratio_1080p": (">=", 0.8)})


if __name__ == "__main__":
    sys.exit(main())
