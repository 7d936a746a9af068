"""A region of very many cameras, and Sightline served over it with a model that answers from a script.

    python -m bench.crowded_city --folder DIR --port N [--cameras 15000] [--pictures]

Twenty-six districts round their towns, fifteen thousand cameras by default, the same each time. With ``--pictures``
each camera has one, which the script turns into a match, a no, an unsure or an unreadable; without, the register is
all.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import Answer, ScriptedModel
from config import Settings
from core.observation import Sight
from flask_app import run_server

DISTRICTS = 26
CAMERAS = 15_000
HEADINGS = ("CAMERA IP", "NEW DISTRICT", "MANDAL", "Location Name", "LATITUDE", "LONGITUDE")


def cameras(count: int) -> Iterator[tuple[str, str, str, str, float, float]]:
    """Rows of the register: most stand close round a district's town, the rest along its roads."""
    dice = random.Random(7)
    towns = [
        (13.5 + 1.3 * (n // 7) + 0.5 * dice.random(), 76.8 + 1.15 * (n % 7) + 0.5 * dice.random())
        for n in range(DISTRICTS)
    ]
    for number in range(count):
        district = (
            min(int(dice.paretovariate(0.8)) - 1, DISTRICTS * 4) % DISTRICTS if number % 3 else number % DISTRICTS
        )
        latitude, longitude = towns[district]
        spread = 0.06 if dice.random() < 0.5 else 0.26
        address = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
        yield (
            address,
            f"District {district + 1:02}",
            f"Mandal {district + 1:02}-{number % 17 + 1}",
            f"Junction {number + 1}",
            round(latitude + dice.gauss(0, spread), 6),
            round(longitude + dice.gauss(0, spread), 6),
        )


def write_register(folder: Path, count: int = CAMERAS) -> Path:
    """``cameras.csv`` in ``folder``, which also gets an empty folder ``pictures``."""
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    path = folder / "cameras.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADINGS)
        lines.writerows(cameras(count))
    return path


def write_pictures(folder: Path, count: int) -> None:
    """One file a camera: the same small picture, with the camera's number behind its end for the script."""
    grey = io.BytesIO()
    Image.new("RGB", (64, 40), (96, 104, 112)).save(grey, "JPEG")
    for number, row in enumerate(cameras(count)):
        name = f"{row[0].replace('.', '_')}_20260314_180500.jpg"
        (folder / "pictures" / name).write_bytes(grey.getvalue() + str(number).encode())


def scripted(picture: Material, ask: Ask) -> Answer:  # noqa: ARG001
    """What is said of a picture, by its number: about a quarter match, one in twenty is unsure or unreadable."""
    number = int((picture.content or b"").rpartition(b"\xff\xd9")[2] or 0)
    dice = random.Random(number)
    kind = dice.random()
    if kind < 0.03:
        return Sight(0, 0, unreadable="The file is empty.")
    if kind < 0.06:
        return Sight(640, 480, facts={"unsure": True})
    return dice.randint(1, 9) if kind < 0.30 else 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowded_city", description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    parser.add_argument("--pictures", action="store_true")
    options = parser.parse_args(arguments)
    register = write_register(options.folder, options.cameras)
    if options.pictures:
        write_pictures(options.folder, options.cameras)
    environment = {
        "IMAGES_DIR": str(options.folder / "pictures"),
        "EXCEL_FILE": str(register),
        "DATA_DIR": str(options.folder / "data"),
        "PORT": str(options.port),
    }
    run_server(Settings.load(environment), [ScriptedModel(scripted)])


if __name__ == "__main__":
    main()
