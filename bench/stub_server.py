"""Sightline with a model that only waits, for benches and tests of everything around the model.

    python -m bench.stub_server --pictures DIR --data DIR --port N [--latency-s 1] [--workers 64]

It answers each picture after ``--latency-s`` with one of what it was asked for. Serves until it is told to stop.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material
from analyzer.models.scripted import ScriptedModel
from config import Settings
from flask_app import run_server


def waiting_model(latency_s: float, workers: int) -> ScriptedModel:
    """A model that sees one of whatever it is asked for, and looks again when asked for something else."""

    def one(picture: Material, ask: Ask) -> int:  # noqa: ARG001
        return 1

    def able(ask: Ask) -> Ability:
        return Ability(Fit.FULL, "It only waits.", sees=ask.target)

    return ScriptedModel(one, name="stub", latency_s=latency_s, workers=workers, ability=able)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m bench.stub_server", description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--latency-s", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=64)
    options = parser.parse_args(arguments)
    environment = {
        "IMAGES_DIR": options.pictures,
        "DATA_DIR": options.data,
        "PORT": str(options.port),
        "MAX_WORKERS": str(options.workers),
    }
    run_server(Settings.load(environment), [waiting_model(options.latency_s, options.workers)])


if __name__ == "__main__":
    main()
