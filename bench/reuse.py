"""Ten questions over the same pictures, with what was learnt used again, beside asking every question of every picture.

    python -m bench.reuse [--quick] [--pictures 1600]

The model is a scripted one that is told what to look for, so each ask is a call of its own: what is measured is the
program's, not a model's. Four things are asked for, by ten questions: in other words, for a city, by station, as "are
there any", with a threshold. Each is a session of its own, so that no follow-up answers it; the other side looks at
every picture afresh. Both answers must be the same to the last figure.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import ScriptedModel
from bench.report import finish, versions
from config import Settings
from core.bus import Bus
from flask_app import create_app
from sessions.conversations import Conversations
from web.services import EXTENSION, Services

CITIES = ("Ashford", "Brampton", "Colby", "Denham")
STATIONS_A_CITY = 20
QUESTIONS = (  # (question, whether it must cost nothing)
    ("How many cars are at each location?", False),
    ("Count the automobiles in Brampton district", True),
    ("Which locations have cars?", True),
    ("How many people are visible?", False),
    ("number of people per district", True),
    ("Which stations have people?", True),
    ("Which locations have more than 5 buses?", False),
    ("Top 5 locations by buses", True),
    ("Which locations have dogs?", False),
    ("How many locations show dogs?", True),
)


def seen(picture: Material, ask: Ask) -> int:
    """A count that depends on the picture and on what is asked for, and on nothing else."""
    digest = hashlib.sha256((picture.content or b"") + ask.key.partition(" | ")[2].encode()).digest()
    return max(digest[0] % 12 - 4, 0)


def draw(folder: Path, pictures: int) -> Path:
    """Small files that differ in their bytes, named after their cameras, and the sheet of these cameras."""
    stations = [(city, f"Station {city[0]}{n}") for city in CITIES for n in range(STATIONS_A_CITY)]
    lines = ["CAMERA IP,NEW DISTRICT,MANDAL,Location Name,LATITUDE,LONGITUDE"]
    for number, (city, station) in enumerate(stations):
        lines.append(
            f"10.0.{number // 250}.{number % 250 + 1},{city},Centre,{station},{50 + number / 100},{number / 100}"
        )
    for number in range(pictures):
        at, round_ = number % len(stations), number // len(stations)
        name = f"Street_10_0_{at // 250}_{at % 250 + 1}_20260314_{9 + round_ // 60:02d}{round_ % 60:02d}00.jpg"
        (folder / name).write_bytes(b"\xff\xd8" + str(number).encode())
    sheet = folder.parent / "cameras.csv"
    sheet.write_text("\n".join(lines), encoding="utf-8")
    return sheet


def answered(conversations: Conversations, bus: Bus, text: str, *, again: bool) -> dict[str, Any]:
    """The message when its run is over."""
    with bus.subscribe() as heard:
        _, message = conversations.ask(text, model="told", again=again)
        if message.row.error is not None:
            raise SystemExit(f"{text}: {message.row.error}")
        while conversations.message(message.id).as_json()["run"]["state"] == "running":
            heard.receive(1)
    return conversations.message(message.id).as_json()


def told(message: dict[str, Any]) -> dict[str, Any]:
    """What an answer says, without what it took."""
    answer = message["answer"]
    return {name: answer[name] for name in ("headline", "findings", "figures", "groups", "counts")}


def measure(pictures: int) -> dict[str, float]:
    """Calls and seconds of both sides."""
    model = ScriptedModel(
        seen, name="told", workers=8, ability=lambda ask: Ability(Fit.FULL, "It answers.", sees=ask.key)
    )
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, "pictures")
        folder.mkdir()
        settings = {
            "IMAGES_DIR": str(folder),
            "EXCEL_FILE": str(draw(folder, pictures)),
            "DATA_DIR": str(Path(place, "data")),
        }
        house: Services = create_app(Settings.load(settings), [model]).extensions[EXTENSION]
        house.opening.get()
        figures = {"pictures": float(pictures), "calls": 0.0, "calls_of_free": 0.0, "seconds": 0.0}
        ours = {}
        for text, free in QUESTIONS:
            began = time.perf_counter()
            message = answered(house.conversations, house.bus, text, again=False)
            figures["seconds"] += time.perf_counter() - began
            figures["calls"] += message["run"]["calls"]
            figures["calls_of_free"] += message["run"]["calls"] if free else 0
            ours[text] = told(message)
            print(f"  {message['run']['calls']:6} calls, {message['run']['reused']:6} known: {text}")
        figures["same_answers"] = 1.0
        figures["calls_without"] = figures["seconds_without"] = 0.0
        for text, _ in QUESTIONS:
            began = time.perf_counter()
            message = answered(house.conversations, house.bus, text, again=True)
            figures["seconds_without"] += time.perf_counter() - began
            figures["calls_without"] += message["run"]["calls"]
            if told(message) != ours[text]:
                figures["same_answers"] = 0.0
                print(f"  the answers differ: {text}")
        house.opening.close()
    figures["times_fewer"] = figures["calls_without"] / max(figures["calls"], 1)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pictures", type=int, default=1_600)
    parser.add_argument("--quick", action="store_true", help="320 pictures")
    given = parser.parse_args()
    versions("chdb")
    figures = measure(320 if given.quick else given.pictures)
    print(
        f"calls {figures['calls']:.0f} beside {figures['calls_without']:.0f}: {figures['times_fewer']:.2f} times fewer"
    )
    goals = {"times_fewer": (">=", 2.0), "same_answers": (">=", 1.0), "calls_of_free": ("<=", 0.0)}
    return finish("reuse", figures, goals)


if __name__ == "__main__":
    sys.exit(main())
