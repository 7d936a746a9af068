"""Draw a small city under cameras: a register, pictures of an evening and a day, and what is truly in them.

    python -m examples.sample_city OUT_DIR [--seed 7] [--cameras 24] [--per-camera 4] [--now 2026-03-14T18:40:00]

writes ``OUT_DIR/cameras.xlsx``, ``OUT_DIR/pictures/*.jpg`` and ``OUT_DIR/truth.csv``. The same seed, sizes and ``now``
give the same bytes. Pictures are dated by the four daily rounds before ``now`` (local time), the last of each camera's
a day older than its newest, so that "yesterday", "last night" and "this morning" find something. One file in ten is
broken on purpose, one camera is covered, one is out of focus, one is in no register.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime, time, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator

from examples.canvas import Pixels
from examples.figures import Person, place
from examples.gazetteer import Camera, cameras, register_rows
from examples.light import Hour, Weather, blurred, covered, light
from examples.places import Place, build
from examples.workbook import write

DEFAULT_NOW = datetime(2026, 3, 14, 18, 40)  # noqa: DTZ001 - camera names carry local time without a zone
_ROUNDS = ((time(8, 20), Hour.DAY), (time(13, 10), Hour.DAY), (time(18, 5), Hour.DUSK), (time(21, 40), Hour.NIGHT))
_MINUTE_S = 60
_BROKEN_SHARE = 0.1
_BREAKS = ("truncated", "empty", "text", "header")


@dataclass(frozen=True, slots=True)
class Truth:
    """What is in one picture. ``light`` is day or night, ``weather`` clear, fog or rain, ``view`` clear, covered or
    blurred, ``broken`` how the file was spoilt; people are counted as drawn, also behind a spoilt file."""

    file: str
    camera: str
    taken: str
    people: int
    light: str
    weather: str
    view: str
    readable: bool
    broken: str


@dataclass(frozen=True, slots=True)
class City:
    """Where everything was written, and what is true of each picture."""

    register: Path
    pictures: Path
    truth: tuple[Truth, ...]


@dataclass(frozen=True, slots=True)
class _Round:
    """One time at which all cameras take a picture."""

    at: datetime
    hour: Hour


def draw_city(
    folder: Path, seed: int = 7, camera_count: int = 24, per_camera: int = 4, now: datetime = DEFAULT_NOW
) -> City:
    """Draw the city into ``folder``, which is made if need be; pictures of an earlier drawing there are removed.

    ``now`` is local time (a zone, if any, is dropped); no picture is younger. Raises ``ValueError`` for sizes out of
    range.
    """
    if not (1 <= camera_count <= 240 and 1 <= per_camera <= 40):
        raise ValueError("between 1 and 240 cameras, and 1 and 40 pictures of each")
    now = now.replace(tzinfo=None)
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    for old in pictures.glob("*.jpg"):
        old.unlink()
    town = cameras(camera_count, np.random.default_rng([seed, 0]))
    write(folder / "cameras.xlsx", register_rows(town))
    breaks = _breaks(camera_count * per_camera, per_camera, np.random.default_rng([seed, 1]))
    truth: list[Truth] = []
    for camera in town:
        truth += _shoot(camera, pictures, _rounds(now, per_camera, camera.number), breaks[len(truth) :], seed)
    _write_truth(folder / "truth.csv", truth)
    return City(folder / "cameras.xlsx", pictures, tuple(truth))


def _rounds(now: datetime, count: int, number: int) -> list[_Round]:
    """The rounds that one camera took part in: the newest, the same a day before, and others between, in turn."""
    past: list[_Round] = []
    day = now.date()
    while len(past) < count + len(_ROUNDS):
        taken = [_Round(datetime.combine(day, at), hour) for at, hour in reversed(_ROUNDS)]
        past += [r for r in taken if r.at + timedelta(minutes=15) <= now]
        day -= timedelta(days=1)
    skipped = 1 + number % 3
    chosen = past[: count + 1]
    return [r for index, r in enumerate(chosen) if count < 3 or index != skipped][:count][::-1]


def _breaks(total: int, per_camera: int, rng: Generator) -> list[str]:
    """How each file is spoilt, if at all: a tenth of them, at most one of a camera as long as that goes."""
    spoilt = [""] * total
    camera_count = total // per_camera
    order = rng.permutation(camera_count)
    for index in range(round(total * _BROKEN_SHARE)):
        camera = int(order[index % camera_count])
        picture = (int(rng.integers(per_camera)) + index // camera_count) % per_camera
        spoilt[camera * per_camera + picture] = _BREAKS[index % len(_BREAKS)]
    return spoilt


def _shoot(camera: Camera, folder: Path, rounds: Sequence[_Round], breaks: Sequence[str], seed: int) -> list[Truth]:
    scene = build(camera.spot.kind, np.random.default_rng([seed, 2, camera.number]))
    return [_picture(camera, scene, folder, *pair, seed) for pair in zip(rounds, breaks, strict=False)]


def _picture(camera: Camera, scene: Place, folder: Path, taken: _Round, spoilt: str, seed: int) -> Truth:
    rng = np.random.default_rng([seed, 3, camera.number, int(taken.at.toordinal()), taken.at.hour])
    at = taken.at + timedelta(seconds=int(rng.integers(14 * _MINUTE_S)))
    weather = _weather(camera, taken, seed)
    people = _crowd(camera, scene, taken.hour, rng)
    seen = _see(camera, scene, people, taken.hour, weather, rng)
    name = f"{camera.spot.name.replace(' ', '_')}_{camera.address.replace('.', '_')}_{at:%Y%m%d_%H%M%S}.jpg"
    (folder / name).write_bytes(_spoil(_encoded(seen), spoilt, rng))
    return Truth(
        file=name,
        camera=camera.address,
        taken=at.isoformat(),
        people=0 if camera.fault == "covered" else len(people),
        light="night" if taken.hour is Hour.NIGHT else "day",
        weather=weather.value,
        view=camera.fault or "clear",
        readable=not spoilt,
        broken=spoilt,
    )


def _weather(camera: Camera, taken: _Round, seed: int) -> Weather:
    """Weather belongs to a district and a round: neighbours share it."""
    district = (camera.number - 1) % 6
    luck = np.random.default_rng([seed, 4, district, taken.at.toordinal(), taken.at.hour]).random()
    fog = 0.34 if taken.at.hour < 12 else 0.06
    if luck < fog:
        return Weather.FOG
    return Weather.RAIN if luck > 0.86 else Weather.CLEAR


def _crowd(camera: Camera, scene: Place, hour: Hour, rng: Generator) -> list[Person]:
    """Who is there: more where it is busy, fewer at night, and no two hide each other."""
    share = {Hour.DAY: 1.0, Hour.DUSK: 1.15, Hour.NIGHT: 0.6}[hour]
    wanted = min(int(rng.poisson(camera.spot.busy * share)), 7)
    if camera.fault == "blurred":
        wanted = min(wanted, 1)
    people: list[Person] = []
    spots: list[tuple[float, float]] = []
    for _ in range(200):
        if len(people) == wanted:
            break
        tall_px, left = float(rng.uniform(88, 126)), float(rng.uniform(45, 595))
        gap = 0.34 if rng.random() < 0.15 else 0.5  # some walk together and overlap a little
        if all(abs(left - x) > gap * max(tall_px, tall) for x, tall in spots):
            tall_m = float(rng.uniform(1.6, 1.85))
            z = scene.view.focal * tall_m / tall_px
            people.append(Person((left - scene.view.width / 2) * z / scene.view.focal, z, tall_m))
            spots.append((left, tall_px))
    return people


def _see(
    camera: Camera, scene: Place, people: Sequence[Person], hour: Hour, weather: Weather, rng: Generator
) -> Pixels:
    if camera.fault == "covered":
        seen = covered(scene.colour.shape, hour, rng)
    else:
        colour, depth = scene.colour.copy(), scene.depth.copy()
        cast = {Hour.DAY: 0.7, Hour.DUSK: 1.5, Hour.NIGHT: 0.0}[hour] if weather is Weather.CLEAR else 0.0
        place(colour, depth, scene.view, people, cast, rng)
        seen = light(scene, colour, depth, hour, weather, rng)
        if camera.fault == "blurred":
            seen = blurred(seen, rng)
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def _encoded(seen: Pixels) -> bytes:
    _, data = cv2.imencode(".jpg", seen[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
    return data.tobytes()


def _spoil(data: bytes, kind: str, rng: Generator) -> bytes:
    if kind == "truncated":
        return data[: int(len(data) * rng.uniform(0.25, 0.7))]
    if kind == "empty":
        return b""
    if kind == "text":
        return b"HTTP/1.1 503 Service Unavailable\r\n\r\ncamera is restarting\r\n"
    return data[:20] if kind == "header" else data


def _write_truth(path: Path, truth: Sequence[Truth]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([field.name for field in fields(Truth)])
        writer.writerows(
            [str(value).lower() if value is True or value is False else value for value in astuple(t)] for t in truth
        )


def main(words: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.sample_city", description="Draw a small city under cameras."
    )
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cameras", type=int, default=24)
    parser.add_argument("--per-camera", type=int, default=4)
    parser.add_argument(
        "--now", type=datetime.fromisoformat, default=DEFAULT_NOW, help="local time; no picture is younger"
    )
    given = parser.parse_args(words)
    city = draw_city(given.folder, given.seed, given.cameras, given.per_camera, given.now)
    broken = sum(not t.readable for t in city.truth)
    print(f"{len(city.truth)} pictures ({broken} broken on purpose) in {city.pictures}, register {city.register}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
