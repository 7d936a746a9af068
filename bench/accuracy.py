"""How well the models see people: `How many people are in each image?` on frames of real footage, against eyes.

    python -m bench.accuracy [--quick] [--video FILE --points FILE --counts FILE] [--models DIR]

Each point is the middle of a person, marked by eye; a box owns a point that lies in it when it is grown by 10 % (5 % on
each side), one to one, as many pairs as possible. Only what the models' judgement counts is compared: a picture that
they call unsure has found nobody. Beside it the frames are laid side by side in one picture of 1920x1080.

No threshold was chosen on these frames; the reasons stand beside each in analyzer/models. ``--quick`` takes every other
frame and leaves out OpenCV's slow look at the large picture. Ends with 1 when a goal is missed, with 2 without data.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analyzer.ask import Ask
from analyzer.models.detector import DetectorModel
from analyzer.models.model import Material, VisionModel
from analyzer.models.opencv import OpenCvModel
from analyzer.models.weights import find_weights
from analyzer.plan import Task
from core.observation import Judgement
from core.states import Outcome

SHARED = Path(__file__).resolve().parents[2] / "shared"
CELL, MOSAIC = (480, 360), (4, 3)
GROWN = 0.10
GOALS: Mapping[str, float] = {
    "detector_precision": 0.75,
    "detector_recall": 0.75,
    "detector_mosaic_share_of_recall": 0.7,
    "opencv_precision": 0.9,
    "opencv_recall": 0.6,
}
ASK = Ask(Task.COUNT, "people", "How many people are visible?")

Pixels = NDArray[np.uint8]
Points = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Score:
    """Found and true people of several pictures, and the counts' mean absolute error."""

    matched: int
    found: int
    true: int
    count_error: float

    @property
    def precision(self) -> float:
        return self.matched / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.matched / self.true if self.true else 0.0


def pairs(judgement: Judgement, points: Points, width: int, height: int) -> int:
    """The largest number of boxes and points that can be paired off (augmenting paths)."""
    reach: list[list[int]] = []
    for box in judgement.boxes:
        across, down = (box.x1 - box.x0) * GROWN / 2, (box.y1 - box.y0) * GROWN / 2
        left, right = (box.x0 - across) * width, (box.x1 + across) * width
        top, bottom = (box.y0 - down) * height, (box.y1 + down) * height
        reach.append([i for i, (x, y) in enumerate(points) if left <= x <= right and top <= y <= bottom])
    owner: dict[int, int] = {}

    def claim(box: int, seen: set[int]) -> bool:
        for point in reach[box]:
            if point not in seen:
                seen.add(point)
                if point not in owner or claim(owner[point], seen):
                    owner[point] = box
                    return True
        return False

    return sum(claim(box, set()) for box in range(len(reach)))


def score(model: VisionModel, pictures: Sequence[tuple[Pixels, Points, int]]) -> Score:
    """Put the question to ``model`` for each picture, by the way a run takes: bytes in, a judgement out."""
    matched = found = true = error = 0
    for pixels, points, count in pictures:
        content = cv2.imencode(".png", pixels)[1].tobytes()
        judgement = model.judge(model.look([Material(content)], ASK)[0], ASK)
        if judgement.outcome is not Outcome.MATCH:
            judgement = Judgement(judgement.outcome)
        height, width = pixels.shape[:2]
        matched += pairs(judgement, points, width, height)
        found += len(judgement.boxes)
        true += len(points)
        error += abs((judgement.count or 0) - count)
    return Score(matched, found, true, error / len(pictures))


def read_points(path: Path, video: Path) -> dict[int, Points]:
    """Points by frame number; rows of other files are left out where the sheet names several."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    points: dict[int, Points] = defaultdict(list)
    for row in [row for row in rows if row["file"] == video.name] or rows:
        points[int(row["frame"])].append((float(row["x"]), float(row["y"])))
    return dict(points)


def read_counts(path: Path, video: Path) -> dict[int, int]:
    """People by frame number, counted by eye."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {int(r["frame"]): int(r["true_people"]) for r in [r for r in rows if r["file"] == video.name] or rows}


def cut_frames(video: Path, numbers: set[int]) -> dict[int, Pixels]:
    """The frames of those numbers, read in order: seeking lands on key frames in some containers."""
    capture, frames = cv2.VideoCapture(str(video)), {}
    for number in range(max(numbers) + 1):
        there, frame = capture.read()
        if not there:
            raise SystemExit(f"{video.name} ends before frame {number}")
        if number in numbers:
            frames[number] = np.asarray(frame, np.uint8)
    capture.release()
    return frames


def mosaic(pictures: Sequence[tuple[Pixels, Points, int]]) -> tuple[Pixels, Points, int]:
    """Twelve frames in one 1920x1080 picture; fewer are repeated."""
    width, height = CELL
    whole = np.zeros((MOSAIC[1] * height, MOSAIC[0] * width, 3), np.uint8)
    points: Points = []
    total = 0
    for place in range(MOSAIC[0] * MOSAIC[1]):
        pixels, marked, count = pictures[place % len(pictures)]
        left, top = place % MOSAIC[0] * width, place // MOSAIC[0] * height
        whole[top : top + height, left : left + width] = cv2.resize(pixels, CELL, interpolation=cv2.INTER_AREA)
        across, down = width / pixels.shape[1], height / pixels.shape[0]
        points += [(left + x * across, top + y * down) for x, y in marked]
        total += count
    return whole, points, total


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench; returns the process's exit code."""
    options = _options(arguments)
    weights = find_weights(options.models, Path("data"))
    if not options.video.is_file() or weights is None:
        print("There is no footage or no detector here: nothing was measured.", file=sys.stderr)
        return 2
    points = read_points(options.points, options.video)
    counts = read_counts(options.counts, options.video)
    numbers = sorted(points)[:: 2 if options.quick else 1]
    frames = cut_frames(options.video, set(numbers))
    pictures = [(frames[n], points[n], counts.get(n, len(points[n]))) for n in numbers]
    people = sum(len(p) for _, p, _ in pictures)
    print(f"{options.video.name}: {len(pictures)} frames, {people} people marked by eye")
    names = ("onnxruntime", "opencv-python-headless", "numpy", "pillow")
    print("with " + ", ".join(f"{name} {version(name)}" for name in names) + f", {weights.name}")
    figures = _measure(DetectorModel(weights), pictures, large=True)
    figures |= _measure(OpenCvModel(), pictures, large=not options.quick)
    met = all(figures[name] >= goal for name, goal in GOALS.items())
    print(json.dumps({"bench": "accuracy", "figures": figures, "goals": dict(GOALS), "met": met}))
    return 0 if met else 1


def _measure(model: VisionModel, pictures: Sequence[tuple[Pixels, Points, int]], *, large: bool) -> dict[str, float]:
    name = model.card.name
    single = score(model, pictures)
    _say(f"{name} {model.card.version}, {pictures[0][0].shape[1]}x{pictures[0][0].shape[0]}", single)
    figures = {"precision": single.precision, "recall": single.recall, "count_error": single.count_error}
    if large:
        together = score(model, [mosaic(pictures)])
        _say(f"{name} {model.card.version}, 1920x1080 mosaic", together)
        figures |= {
            "mosaic_precision": together.precision,
            "mosaic_recall": together.recall,
            "mosaic_share_of_recall": together.recall / single.recall if single.recall else 0.0,
        }
    return {f"{name}_{key}": round(value, 3) for key, value in figures.items()}


def _say(what: str, score: Score) -> None:
    print(
        f"{what}: precision {score.precision:.2f}, recall {score.recall:.2f} ({score.matched} of {score.found} boxes, "
        f"{score.true} people), mean absolute count error {score.count_error:.2f}"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="every other frame, no large picture for OpenCV")
    parser.add_argument("--video", type=Path, default=SHARED / "data" / "vtest_480x360.avi")
    parser.add_argument("--points", type=Path, default=SHARED / "data" / "truth_people_points.csv")
    parser.add_argument("--counts", type=Path, default=SHARED / "data" / "truth_people.csv")
    parser.add_argument("--models", type=Path, default=SHARED / "models", help="where the detector's weights lie")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
