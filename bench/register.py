"""How quickly a register is read, beside what most programs would do: `pandas.read_excel` with openpyxl.

    python -m bench.register [--rows 15000 100000] [--rounds 3]

Both read the same drawn workbook of the spine's ten columns, turn about, each in a fresh process that has already
imported what it needs; the best round counts. Ours opens the file in a child, recognises the headings and checks every
row, which pandas does not; theirs is the bare reading. Memory is the peak of the process and of its child together.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GOAL = 5.0
HEADINGS = (
    *("S.No", "CAMERA IP", "Old DISTRICT", "NEW DISTRICT", "MANDAL", "Location Name", "LATITUDE", "LONGITUDE"),
    *("TYPE OF CAMERA", "TYPE OF Analytics"),
)
_OURS = "from pathlib import Path\nfrom storage.sheet import read_register as read\npath = Path(path)"
_THEIRS = "from functools import partial\nimport pandas, openpyxl\nread = partial(pandas.read_excel, engine='openpyxl')"
_MEASURE = """
import json, re, resource, sys, time
path = sys.argv[1]
{prepare}
started = time.perf_counter()
read(path)
took_s = time.perf_counter() - started
own_kb = int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
child_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({{"s": took_s, "mb": (own_kb + child_kb) / 1024}}))
"""


def draw(path: Path, rows: int) -> None:
    """A workbook of ``rows`` cameras; the same whenever it is drawn."""
    from openpyxl import Workbook  # type: ignore[import-untyped]

    luck = random.Random(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Cameras")
    sheet.append(HEADINGS)
    for index in range(rows):
        texts = [f"10.{index >> 16}.{index >> 8 & 255}.{index & 255}", f"Old {index % 14}", f"New {index % 32}"]
        texts += [f"Mandal {index % 504}", f"Junction {index % 6017}"]
        place = [17 + luck.random(), 78 + luck.random()]
        sheet.append([index + 1, *texts, *place, f"Camera type {index % 6}", f"Analytics {index % 12}"])
    book.save(path)


def measure(prepare: str, path: Path) -> dict[str, float]:
    """Seconds and megabytes of one reading in a fresh process."""
    program = _MEASURE.format(prepare=prepare)
    done = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def compare(path: Path, rounds: int) -> dict[str, Any]:
    """The best of ``rounds`` for each, turn about so that the machine's other work falls on both."""
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(measure(_OURS, path))
        theirs.append(measure(_THEIRS, path))
    best_s, plain_s = min(one["s"] for one in ours), min(one["s"] for one in theirs)
    return {
        "s": round(best_s, 3),
        "openpyxl_s": round(plain_s, 3),
        "times_faster": round(plain_s / best_s, 2),
        "mb": round(max(one["mb"] for one in ours)),
        "openpyxl_mb": round(max(one["mb"] for one in theirs)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[15_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="15,000 rows, one round")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.rows, chosen.rounds = [15_000], 1
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for rows in chosen.rows:
            path = Path(folder) / f"{rows}.xlsx"
            draw(path, rows)
            figures[str(rows)] = found = compare(path, chosen.rounds)
            print(f"{rows:,} rows: " + ", ".join(f"{re.sub('_', ' ', name)} {value}" for name, value in found.items()))
    met = all(found["times_faster"] >= GOAL for found in figures.values())
    print(json.dumps({"bench": "register", "figures": figures, "goals": {"times_faster": GOAL}, "met": met}))


if __name__ == "__main__":
    main()
