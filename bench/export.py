"""What an export of a large answer costs: seconds, rows a second, and how far the process's memory grows.

    python -m bench.export [--rows 100000] [--cameras 1500] [--quick]

A real chDB holds the observations. Each form is written in a fresh process that has already exported a small answer, so
that what counts is the growth by size: the peak of resident memory while the file is written, less what was resident
before. The pieces are thrown away as they come, as a server does once they are sent.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from analyzer.groups import slice_of
from analyzer.plan import GroupBy, Kind, Plan, Task
from analyzer.progress import RunProgress
from bench.report import finish, versions
from core.ids import stable_id
from core.observation import Box
from core.states import Outcome, RunState
from sessions.export.document import answer_document
from sessions.export.extract import Extract
from sessions.export.features import feature_collection
from sessions.export.report import report
from sessions.export.session_files import SessionExtract
from sessions.export.table import csv_lines
from sessions.export.workbook import workbook
from sessions.views import MessageView, place
from storage.conversations import MessageRow, RunRow
from storage.database import Database
from storage.figures import FigureStore
from storage.observations import SCHEMA, Observation, ObservationStore, PictureFilter
from storage.register import EMPTY_REGISTER
from storage.session_list import SessionRow

ROOT = Path(__file__).resolve().parent.parent
GROWTH_MB = 50.0
FORMS = ("csv", "json", "geojson", "xlsx", "html", "session")
PLAN = Plan(Kind.LOOK, Task.COUNT, "people", "How many people are visible?", group_by=GroupBy.LOCATION)
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Kolkata")
_BATCH = 2000


def fill(store: ObservationStore, run_id: str, rows: int, cameras: int) -> None:
    """Observations of a run; the same whenever they are made."""
    luck = Random(rows)
    for start in range(0, rows, _BATCH):
        store.add([seen(run_id, number, cameras, luck) for number in range(start, min(start + _BATCH, rows))])


def seen(run_id: str, number: int, cameras: int, luck: Random) -> Observation:
    camera = number % cameras
    address = f"10.{camera >> 16}.{camera >> 8 & 255}.{camera & 255}"
    outcome = luck.choices(list(Outcome), weights=[40, 45, 8, 7])[0]
    picture_id = stable_id("bench", str(number))
    return Observation(
        run_id=run_id,
        picture_id=picture_id,
        observation_id=stable_id(run_id, picture_id),
        source="file:///bench",
        name=f"{address}_20260314_{number % 86400:06d}.jpg",
        camera=address,
        location=f"Junction {camera % 6017}",
        district=f"District {camera % 32}",
        old_district=f"Old {camera % 14}",
        mandal=f"Mandal {camera % 504}",
        latitude=16 + camera % 997 / 997,
        longitude=80 + camera % 991 / 991,
        taken_at=NOON + timedelta(seconds=number),
        identity_kind="sha256",
        identity="",
        model="detector",
        model_version="1",
        outcome=outcome,
        count={Outcome.MATCH: 3, Outcome.NO_MATCH: 0}.get(outcome),
        text="Three people wait at the gate." if outcome is Outcome.MATCH else None,
        score=0.8,
        reason="It is too dark to tell." if outcome in (Outcome.UNSURE, Outcome.UNREADABLE) else None,
        boxes=(Box(0.1, 0.2, 0.3, 0.4, "person", 0.8),) * (3 if outcome is Outcome.MATCH else 0),
        width=1920,
        height=1080,
        elapsed_ms=9.0,
        cost_usd=0.0,
        reused=False,
        failed=False,
        observed_at=NOON,
    )


def extract_of(store: ObservationStore, figures: FigureStore, run_id: str) -> Extract:
    """The answer that rests on a run, as the program would export it."""
    tally = store.tally(run_id)
    done = sum(tally.counts.values())
    run = RunProgress(run_id, RunState.FINISHED, tally.counts, done, False, 0, done, 60.0, None, 0.0, None)
    row = MessageRow(stable_id("message"), stable_id("session"), "How many people are there?", NOON, PLAN.to_stored())
    answer = {"headline": f"{done} pictures.", "findings": [], "figures": [], "groups": [], "group_by": "location"}
    message = MessageView(row, run, answer)
    kept = RunRow(run_id, row.id, RunState.FINISHED, "folder", "bench", "1", "people", False, NOON)
    wanted = slice_of(PLAN, run_id, str(ZONE), bucketed=False)
    return Extract(
        message=message,
        looked=message,
        run=run,
        kept=kept,
        session_title="Bench",
        site="Bench",
        timezone=ZONE,
        address="http://127.0.0.1:5000",
        exported_at=NOON,
        observations=lambda: store.all(run_id),
        places=lambda: (place(spot, PLAN, PLAN) for spot in figures.each_viewpoint(wanted)),
        pictures=lambda outcome, most: store.page(wanted, PictureFilter(outcome), None, most).rows,
    )


def pieces(form: str, extract: Extract, store: ObservationStore, folder: Path) -> Iterator[bytes]:
    """The file in one form."""
    session = SessionRow(extract.message.row.session_id, "Bench", NOON, NOON)
    writers: dict[str, Callable[[], Iterator[bytes]]] = {
        "csv": lambda: csv_lines(extract),
        "json": lambda: answer_document(extract),
        "geojson": lambda: feature_collection(extract),
        "xlsx": lambda: workbook(extract, folder / "tmp"),
        "html": lambda: report(extract, lambda _: b"\xff" * 30_000),
        "session": lambda: SessionExtract(session, [extract.message], store.all, EMPTY_REGISTER, NOON).document(),
    }
    return writers[form]()


def measure(form: str, data: Path) -> dict[str, float]:
    """One form in this process: the small answer first, then the large one."""
    database = Database(data / "observations", SCHEMA)
    store, figures = ObservationStore(database), FigureStore(database)
    for _ in pieces(form, extract_of(store, figures, "small"), store, data):
        pass
    extract = extract_of(store, figures, "large")
    before = _status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    began, size = time.perf_counter(), 0
    for piece in pieces(form, extract, store, data):
        size += len(piece)
    took_s = time.perf_counter() - began
    figures_told = {"s": took_s, "growth_mb": _status_mb("VmHWM") - before, "mb": size / 2**20}
    database.close()
    return figures_told


def _status_mb(name: str) -> float:
    found = re.search(rf"{name}:\s*(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cameras", type=int, default=1500)
    parser.add_argument("--quick", action="store_true", help="20,000 rows")
    parser.add_argument("--form", choices=FORMS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.form:
        print(json.dumps(measure(chosen.form, chosen.data)))
        return 0
    rows = 20_000 if chosen.quick else chosen.rows
    versions("chdb", "clickhouse-connect", "XlsxWriter")
    told: dict[str, float] = {"rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", _FILL, folder, str(rows), str(chosen.cameras)], cwd=ROOT, check=True)
        for form in FORMS:
            command = [sys.executable, "-m", "bench.export", "--form", form, "--data", folder]
            done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            print(f"{form:8} {found['s']:6.1f} s, {found['mb']:6.1f} MB, memory +{found['growth_mb']:.1f} MB")
            told |= {f"{form}_s": found["s"], f"{form}_growth_mb": found["growth_mb"]}
            told[f"{form}_rows_per_s"] = rows / found["s"]
    return finish("export", told, {f"{form}_growth_mb": ("<=", GROWTH_MB) for form in FORMS})


# In a process of its own: one that is to be measured must not have written a hundred thousand rows before.
_FILL = """
import sys
from pathlib import Path
from bench.export import fill
from storage.database import Database
from storage.observations import SCHEMA, ObservationStore
database = Database(Path(sys.argv[1]) / "observations", SCHEMA)
store = ObservationStore(database)
fill(store, "small", 2500, 50)
fill(store, "large", int(sys.argv[2]), int(sys.argv[3]))
database.close()
"""


if __name__ == "__main__":
    sys.exit(main())
