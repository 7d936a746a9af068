"""Twenty kinds of follow-up over a million stored observations, beside the same in pandas.

    python -m bench.followups [--quick] [--rows 1000000] [--rounds 20]

A program that keeps what it saw has it in many runs: a million observations here are 64 runs of 15,625 pictures (250
cameras), and a follow-up is answered from one of them, as in a session. Each is planned, read from chDB by the
statement that the program runs, and worded. pandas holds the million rows in memory, in the columns that are needed,
and does the same grouping by hand, unworded. Both are warm; every kind is asked of other runs in turn. Memory is what
the process holds with chDB open, and what pandas' rows add to that.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from analyzer.answer import compose
from analyzer.groups import slice_of
from analyzer.plan import Plan
from analyzer.planner import Planner
from bench.report import finish, versions
from storage.database import Database
from storage.figures import FigureStore
from storage.observations import SCHEMA
from storage.register import Register, RegisteredCamera

CAMERAS, RUNS = 250, 64
NOW = datetime(2026, 3, 15, 12)  # noqa: DTZ001 - local site time
LOOK = "How many cars are at each location?"
# As SQL, because a million rows made in Python take longer than all that is measured.
FILL = """
INSERT INTO observations
SELECT 'run-' || toString({run:UInt32}), 'p' || toString(number), 'o' || toString(number), 'bench://',
    toString(number) || '.jpg',
    'cam-' || toString(number % {cameras:UInt32}), 'Place ' || toString(intDiv(number % {cameras:UInt32}, 2)),
    'District ' || toString(number % {cameras:UInt32} % 14), NULL,
    'Mandal ' || toString(number % {cameras:UInt32} % 40),
    16.0, 80.0,
    toDateTime64('2026-03-13 00:00:00', 3, 'UTC') + toIntervalSecond(intDiv(number, {cameras:UInt32}) * 2700),
    'content', toString(number), 'm', '1',
    ['match', 'match', 'match', 'no_match', 'unsure', 'unreadable'][1 + cityHash64(number, {run:UInt32}) % 6]
        AS outcome,
    multiIf(outcome = 'match', toInt32(1 + cityHash64(number, {run:UInt32}, 'n') % 20), outcome = 'no_match', 0, NULL),
    NULL, NULL, NULL, '[]', 640, 480, 1.0, 0.0, false, false, toDateTime64('2026-03-15 12:00:00', 3, 'UTC')
FROM numbers({rows:UInt64})
"""
Frame = Any
CERTAIN = ("match", "no_match")


def _newest(frame: Frame) -> Frame:
    readable = frame[frame.outcome != "unreadable"].sort_values("taken_at")
    return readable.groupby("camera", observed=True).last()


def _places(frame: Frame) -> Frame:
    return _newest(frame).groupby("location", observed=True)["count"].sum()


def _means(frame: Frame, *keys: str) -> Frame:
    certain = frame[frame.outcome.isin(CERTAIN)]
    return certain.groupby([*keys, "camera"], observed=True)["count"].mean().groupby(list(keys), observed=True).sum()


def _between(frame: Frame, start: str, end: str) -> Frame:
    return frame[(frame.taken_at >= start) & (frame.taken_at < end)]


def _hours(frame: Frame, first: int, last: int) -> Frame:
    hour = frame.taken_at.dt.hour
    return frame[(hour >= first) & (hour < last)]


# Twenty kinds, as people ask them, and what stands for each in pandas.
KINDS: dict[str, Callable[[Frame], Any]] = {
    "And the total?": lambda frame: _newest(frame)["count"].sum(),
    "And the average?": lambda frame: _newest(frame)["count"].mean(),
    "Which has the most?": lambda frame: _places(frame).idxmax(),
    "Which has the least?": lambda frame: _places(frame).idxmin(),
    "Top 5": lambda frame: _places(frame).nlargest(5),
    "Bottom 5": lambda frame: _places(frame).nsmallest(5),
    "Which district has the most?": lambda frame: (
        _newest(frame).groupby("district", observed=True)["count"].sum().idxmax()
    ),
    "By district": lambda frame: _newest(frame).groupby("district", observed=True)["count"].sum(),
    "Per hour": lambda frame: _means(frame.assign(hour=frame.taken_at.dt.hour), "hour"),
    "Per day": lambda frame: _means(frame.assign(day=frame.taken_at.dt.date), "day"),
    "Only those above 12": lambda frame: _places(frame)[lambda each: each > 12],
    "Between 5 and 15 only": lambda frame: _places(frame)[lambda each: (each >= 5) & (each <= 15)],
    "Which ones have none?": lambda frame: _places(frame)[lambda each: each == 0],
    "What share have at least one?": lambda frame: (_places(frame) > 0).mean(),
    "And in District 3?": lambda frame: _places(frame[frame.district == "District 3"]),
    "Compare District 1 and District 2": lambda frame: (
        _newest(frame[frame.district.isin(["District 1", "District 2"])])
        .groupby("district", observed=True)["count"]
        .sum()
    ),
    "And yesterday?": lambda frame: _means(_between(frame, "2026-03-14", "2026-03-15"), "location"),
    "And between 6 and 9 pm?": lambda frame: _means(_hours(frame, 18, 21), "location"),
    "How does yesterday compare with the day before?": lambda frame: _means(
        _between(frame, "2026-03-13", "2026-03-15").assign(day=lambda one: one.taken_at.dt.date), "day"
    ),
    "Show me on a map": lambda frame: _newest(frame)[["location", "count"]],
}


def megabytes() -> float:
    """What this process holds."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def register() -> Register:
    rows = (
        RegisteredCamera(
            n + 2, f"cam-{n}", f"Place {n // 2}", f"District {n % 14}", None, f"Mandal {n % 40}", 16.0, 80.0
        )
        for n in range(CAMERAS)
    )
    return Register("bench", "1", {}, tuple(rows))


class Ours:
    """Planned, read, worded."""

    def __init__(self, database: Database) -> None:
        self._figures = FigureStore(database)
        self._planner = Planner(register(), ZoneInfo("UTC"))
        self._look = self._planner.plan(LOOK, now=NOW)

    def plan(self, question: str) -> Plan:
        return self._planner.plan(question, [self._look], NOW)

    def __call__(self, question: str, run: int) -> str:
        plan = self.plan(question)
        return compose(plan, self._look, self._figures.seen(slice_of(plan, f"run-{run}", "UTC"))).headline


def fill(database: Database, rows: int) -> None:
    for run in range(RUNS):
        database.command(FILL, {"run": run, "cameras": CAMERAS, "rows": rows // RUNS})


def load(database: Database) -> Frame:
    """All of it in memory, with categories where pandas people would have them."""
    columns = ["run_id", "camera", "location", "district", "taken_at", "outcome", "count"]
    rows: list[Any] = []
    for run in range(RUNS):
        sql = f"SELECT {', '.join(columns)} FROM observations WHERE run_id = {{run:String}}"
        part = pd.DataFrame(database.select(sql, {"run": f"run-{run}"}), columns=columns)
        rows.append(part)
    frame = pd.concat(rows, ignore_index=True)
    for column in ("run_id", "camera", "location", "district", "outcome"):
        frame[column] = frame[column].astype("category")
    frame["count"] = frame["count"].astype("Float64")
    return frame


def timed(ask: Callable[[int], Any], rounds: int, luck: random.Random) -> list[float]:
    """Milliseconds of each asking, of one run after the other."""
    took = []
    for _ in range(rounds):
        run = luck.randrange(RUNS)
        began = time.perf_counter()
        ask(run)
        took.append((time.perf_counter() - began) * 1000)
    return took


def of_run(frame: Frame, do: Callable[[Frame], Any], run: int) -> Any:
    """One kind in pandas, of one run."""
    return do(frame[frame.run_id == f"run-{run}"])


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def measure(rows: int, rounds: int) -> dict[str, float]:
    luck = random.Random(4)
    with tempfile.TemporaryDirectory() as place:
        database = Database(Path(place), SCHEMA)
        database.open()
        fill(database, rows)
        ours = Ours(database)
        print("plans:", sum(ours.plan(question).kind != "look" for question in KINDS), f"of {len(KINDS)} make no call")
        for question in KINDS:
            ours(question, 0)
        before = megabytes()
        mine = {question: timed(partial(ours, question), rounds, luck) for question in KINDS}
        held = megabytes()
        frame = load(database)
        theirs = {question: timed(partial(of_run, frame, do), rounds, luck) for question, do in KINDS.items()}
        figures = {"rows": float(rows), "rss_mb": before, "rss_pandas_mb": megabytes() - held}
        database.close()
    for question in KINDS:
        medians = [statistics.median(each[question]) for each in (mine, theirs)]
        print(f"  {medians[0]:7.1f} ms, pandas {medians[1]:7.1f} ms: {question}")
    for name, took in (("", mine), ("pandas_", theirs)):
        every = [one for each in took.values() for one in each]
        figures |= {f"{name}p50_ms": statistics.median(every), f"{name}p95_ms": percentile(every, 0.95)}
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--quick", action="store_true", help="the same million, five rounds")
    given = parser.parse_args()
    versions("chdb", "pandas")
    figures = measure(given.rows, 5 if given.quick else given.rounds)
    print(", ".join(f"{name} {value:.1f}" for name, value in figures.items()))
    return finish("followups", figures, {"p95_ms": ("<=", 50.0)})


if __name__ == "__main__":
    sys.exit(main())
