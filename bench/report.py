"""How a bench ends: versions first, both sides of every ratio as they come, one JSON line last."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.metadata import version


def versions(*packages: str) -> None:
    """Print what was measured with, and how busy the machine was."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(", ".join(f"{name} {version(name)}" for name in packages), f"| {os.cpu_count()} cores, load {load}")


def finish(bench: str, figures: Mapping[str, float], goals: Mapping[str, tuple[str, float]]) -> int:
    """Print the JSON line; 0 when every goal is met. A goal is ``(">=" or "<=", bound)`` on the figure of its name."""
    missed = [
        name
        for name, (sign, bound) in goals.items()
        if not (figures[name] >= bound if sign == ">=" else figures[name] <= bound)
    ]
    if missed:
        print("missed:", ", ".join(missed))
    line = {
        "bench": bench,
        "figures": {name: round(value, 4) for name, value in figures.items()},
        "goals": {name: f"{sign} {bound:g}" for name, (sign, bound) in goals.items()},
        "met": not missed,
    }
    print(json.dumps(line))
    return 1 if missed else 0
