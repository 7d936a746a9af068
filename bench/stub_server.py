"""Sightline with a model that only waits, for benches and tests of everything around the model.

    python -m bench.stub_server --pictures DIR --data DIR --port N [--latency-s 1] [--workers 64] [--told FILE]

It answers each picture after ``--latency-s`` with one of what it was asked for. Serves until it is told to stop. With
``--told FILE`` it writes down when it announced which event.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import ScriptedModel
from config import Settings
from core.bus import Bus, Event
from flask_app import run_server


def waiting_model(latency_s: float, workers: int) -> ScriptedModel:
    """A model that sees one of whatever it is asked for, and looks again when asked for something else."""

    def one(picture: Material, ask: Ask) -> int:  # noqa: ARG001
        return 1

    def able(ask: Ask) -> Ability:
        return Ability(Fit.FULL, "It only waits.", sees=ask.target)

    return ScriptedModel(one, name="stub", latency_s=latency_s, workers=workers, ability=able)


def write_down_when(told: Path) -> None:
    """Note the moment at which each event leaves the bus."""
    publish, file = Bus.publish, told.open("a", buffering=1)

    def noting(bus: Bus, event: Event) -> None:
        file.write(f"{event.id} {time.time():.6f}\n")
        publish(bus, event)

    Bus.publish = noting  # type: ignore[method-assign, assignment]


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m bench.stub_server", description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--latency-s", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--told", type=Path)
    options = parser.parse_args(arguments)
    if options.told:
        write_down_when(options.told)
    environment = {
        "IMAGES_DIR": options.pictures,
        "DATA_DIR": options.data,
        "PORT": str(options.port),
        "MAX_WORKERS": str(options.workers),
    }
    run_server(Settings.load(environment), [waiting_model(options.latency_s, options.workers)])


if __name__ == "__main__":
    main()
