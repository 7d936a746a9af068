"""docs/page.md is true: every behaviour of the page once, and every test named exists."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_parity import functions_of

ROOT = Path(__file__).resolve().parent.parent
_ROW = re.compile(r"^\| *(?P<no>\d+) *\|(?P<what>[^|]*)\|(?P<state>[^|]*)\|(?P<proof>[^|]*)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Promise:
    """One line of the page."""

    number: int
    state: str
    tests: tuple[str, ...]
    work: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Done has tests and no work left, open has work and no tests, partly has both."""
        return (bool(self.tests), bool(self.work)) == {
            "done": (True, False), "partly": (True, True), "open": (False, True)
        }.get(self.state)  # fmt: skip


@pytest.fixture(scope="module")
def promises() -> list[Promise]:
    page = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    return [
        Promise(
            int(row["no"]),
            row["state"].strip(),
            tuple(re.findall(r"`([^`]+)`", row["proof"])),
            tuple(re.findall(r"\*([^*]+)\*", row["proof"])),
        )
        for row in _ROW.finditer(page)
    ]


def test_all_twenty_five_stand_there_once_and_in_order(promises: list[Promise]) -> None:
    assert [promise.number for promise in promises] == list(range(1, 26))


def test_every_promise_has_its_proof(promises: list[Promise]) -> None:
    assert [promise.number for promise in promises if not promise.is_sound] == []
    named = [test for promise in promises for test in promise.tests]
    assert [test for test in named if not _exists(test)] == []


def test_the_scripts_of_the_first_paint_travel_in_less_than_60_kb() -> None:
    first = _with_imports(ROOT / "static" / "app.js") | {ROOT / "static" / "theme.js"}
    assert {"store.js", "card.js", "composer.js"} <= {script.name for script in first}
    assert not {"viewer.js", "chart.js", "sheet.js"} & {script.name for script in first}, "these come when wanted"
    assert sum(len(gzip.compress(script.read_bytes(), 6)) for script in first) < 60_000


def _with_imports(script: Path) -> set[Path]:
    """A module with all that it imports at once; what it fetches later is left out."""
    found, due = set[Path](), [script]
    while due:
        module = due.pop().resolve()
        if module not in found:
            found.add(module)
            named = re.findall(r"""from ['"](\.{1,2}/[^'"]+)['"]""", module.read_text(encoding="utf-8"))
            due += [module.parent / name for name in named]
    return found


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    return (ROOT / path).is_file() and name in functions_of(ROOT / path)
