"""docs/parity.md is true: every item once, every test named exists, and what is done has a test that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ITEMS = {"S0": 12, "S1": 20, "S2": 30, "S3": 16, "S4": 20}
STATES = {"done", "partly", "open"}
_ROW = re.compile(r"^\| *(?P<id>S\d\.\d+) *\|(?P<what>[^|]*)\|(?P<state>[^|]*)\|(?P<proof>[^|]*)\|$", re.MULTILINE)


@dataclass(frozen=True)
class Item:
    """One line of the page."""

    id: str
    what: str
    state: str
    tests: tuple[str, ...]
    work: tuple[str, ...]


def read(page: str) -> list[Item]:
    return [
        Item(
            row["id"],
            row["what"].strip(),
            row["state"].strip(),
            tuple(re.findall(r"`([^`]+)`", row["proof"])),
            tuple(re.findall(r"\*([^*]+)\*", row["proof"])),
        )
        for row in _ROW.finditer(page)
    ]


def functions_of(path: Path) -> Mapping[str, str]:
    """The test functions of one file, each with the text that may name an item: its name and its docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {f.name: f"{f.name} {ast.get_docstring(f) or ''}" for f in functions if f.name.startswith("test_")}


def names(text: str, item: str) -> bool:
    """Whether ``text`` names ``item``: as ``S2.9``, or ``S2_9`` in a function's name; ``S2.90`` does not."""
    return re.search(rf"(?<![A-Za-z0-9]){re.escape(item)}(?![0-9])", text.replace("_", "."), re.IGNORECASE) is not None


def complaints(items: list[Item], works: set[str], root: Path) -> Iterator[str]:
    for item in items:
        if item.state not in STATES:
            yield f"{item.id}: {item.state} is no state"
        if (item.state == "open") == bool(item.tests):
            yield f"{item.id}: {item.state}, and {len(item.tests)} tests are named"
        if (item.state == "done") == bool(item.work) or set(item.work) - works:
            yield f"{item.id}: {item.state}, and the work named is {item.work}"
        found = [_text_of(test, root) for test in item.tests]
        yield from (f"{item.id}: there is no {test}" for test, text in zip(item.tests, found, strict=True) if not text)
        if item.state == "done" and not any(names(text or "", item.id) for text in found):
            yield f"{item.id}: is called done, and none of its tests names it"


def _text_of(test: str, root: Path) -> str | None:
    path, _, name = test.partition("::")
    return functions_of(root / path).get(name) if (root / path).is_file() else None


@pytest.fixture(scope="module")
def page() -> str:
    return (ROOT / "docs" / "parity.md").read_text(encoding="utf-8")


def test_every_item_stands_on_the_page_once_and_in_order(page: str) -> None:
    expected = [f"{group}.{number}" for group, last in ITEMS.items() for number in range(1, last + 1)]
    assert [item.id for item in read(page)] == expected
    assert len(expected) == 98


def test_the_page_is_true(page: str) -> None:
    works = set(re.findall(r"\*([^*\n]+)\*", page.split("\n## ")[0])) - STATES
    assert list(complaints(read(page), works, ROOT)) == []


BREACHES = [
    "| S2.9 | health | finished | `tests/test_a.py::test_names_it` *Later* |",
    "| S2.9 | health | open | |",
    "| S2.9 | health | open | *Never heard of* |",
    "| S2.9 | health | open | `tests/test_a.py::test_names_it` *Later* |",
    "| S2.9 | health | partly | `tests/test_a.py::test_names_it` |",
    "| S2.9 | health | partly | `tests/test_a.py::test_that_is_gone` *Later* |",
    "| S2.9 | health | done | `tests/test_gone.py::test_names_it` `tests/test_a.py::test_names_it` |",
    "| S2.9 | health | done | `tests/test_a.py::test_names_another` |",
]


@pytest.mark.parametrize("row", BREACHES)
def test_an_untrue_line_is_seen(row: str, tmp_path: Path) -> None:
    assert len(list(complaints(read(row), {"Later"}, _small_tree(tmp_path)))) == 1


@pytest.mark.parametrize("test", ["test_names_it", "test_s_name_s_it_s2_9"])
def test_a_true_line_raises_no_complaint(test: str, tmp_path: Path) -> None:
    row = f"| S2.9 | health | done | `tests/test_a.py::{test}` |"
    assert list(complaints(read(row), {"Later"}, _small_tree(tmp_path))) == []


def _small_tree(root: Path) -> Path:
    (root / "tests").mkdir()
    (root / "tests" / "test_a.py").write_text(
        'def test_names_it():\n    """Parity S2.9, S2.10."""\n'
        'def test_names_another():\n    """S2.90, XS2.9."""\n'
        "def test_s_name_s_it_s2_9():\n    pass\n"
    )
    return root
