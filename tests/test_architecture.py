"""The house holds: which room imports which, where heavy packages live, how long things are, what the page never does.

The rules are functions from sources to complaints, so that each is tried on small sources that break it before it is
believed about the tree.
"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the roof to the ground: a room imports only rooms that stand after it.
ROOMS = ("flask_app", "config", "web", "sessions", "monitors", "analyzer", "cameras", "storage", "core")
STRANGERS = {("analyzer", "cameras")}
NEVER_BY_ROOMS = frozenset({"examples", "bench", "tests"})

# Package -> the only files (or, ending in "/", the only room) that may import it.
AT_HOME = {
    "chdb": ("storage/database.py",),
    "clickhouse_connect": ("storage/database.py",),
    "flask": ("web/", "flask_app.py"),
    "waitress": ("flask_app.py", "web/"),
    "config": ("flask_app.py",),
}
IN_ONE_FILE = frozenset({"openai", "llama_cpp", "google.cloud", "onnxruntime", "ray"})
HEAVY = frozenset({"pandas", "cv2", "onnxruntime", "chdb", "clickhouse_connect", "openai", "llama_cpp", "google.cloud"})

VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "misc"})
LONGEST_FUNCTION = 60
LONGEST_FILE = 400
MEDIAN_FUNCTION = 12

# The page puts text into nodes; markup never comes from data, and no script stands in a page (the CSP forbids it).
SCRIPT_NEVER = re.compile(
    r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|srcdoc)\b"
    r"|\bdocument\.write|\beval\s*\(|\bnew\s+Function\b|\bset(?:Timeout|Interval)\s*\(\s*[\"'`]"
)
TEMPLATE_NEVER = re.compile(
    r"\|\s*safe\b|\bMarkup\b|\sautoescape\s+false|\son[a-z]+\s*=\s*[\"']|javascript:"
    r"|(?:src|href)\s*=\s*[\"'](?:https?:)?//",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """One file of the project: its path from the root, with forward slashes, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def room(self) -> str:
        return self.path.removesuffix(".py").split("/")[0]

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module imported anywhere in the file, by dotted name; ``from a import b`` gives ``a`` and ``a.b``."""
        return frozenset(name for node in ast.walk(self.tree) for name in _imported(node, self.path))

    @cached_property
    def imports_at_start(self) -> frozenset[str]:
        """Those that run when the module is imported: not in a function, not under ``if TYPE_CHECKING``."""
        return frozenset(name for node in _run_at_start(self.tree.body) for name in _imported(node, self.path))

    @property
    def functions(self) -> Iterator[tuple[str, int]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def _imported(node: ast.AST, path: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = path.split("/")[: -node.level] if node.level else []
        base = ".".join([*package, *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
        yield from (a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str))


def _run_at_start(body: list[ast.stmt]) -> Iterator[ast.AST]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _run_at_start(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "finalbody"):
            yield from _run_at_start(getattr(node, part, []))


def _is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def arrows(sources: list[Source]) -> Mapping[str, frozenset[str]]:
    """The table itself: each room, and the rooms that it imports."""
    drawn: dict[str, set[str]] = {room: set() for room in ROOMS}
    for source in sources:
        if source.room in drawn:
            drawn[source.room] |= {name.split(".")[0] for name in source.imports} & set(ROOMS) - {source.room}
    return {room: frozenset(into) for room, into in drawn.items()}


def arrows_up(sources: list[Source]) -> Iterator[str]:
    for room, into in arrows(sources).items():
        for other in into:
            if ROOMS.index(other) < ROOMS.index(room) or (room, other) in STRANGERS:
                yield f"{room} imports {other}"


def rooms_that_lean_on_what_stands_outside(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        # The roof may hand the sample to the person who has no pictures yet; no room below knows of it.
        allowed = {"examples"} if source.room == "flask_app" else set()
        if source.room in ROOMS:
            for name in {name.split(".")[0] for name in source.imports} & NEVER_BY_ROOMS - allowed:
                yield f"{source.path} imports {name}"


def packages_away_from_home(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for package, homes in AT_HOME.items():
            at_home = any(source.path.startswith(h) if h.endswith("/") else source.path == h for h in homes)
            if source.room in ROOMS and not at_home and any(_is_of(name, package) for name in source.imports):
                yield f"{source.path} imports {package}, which belongs to {' and '.join(homes)}"


def packages_in_two_files(sources: list[Source]) -> Iterator[str]:
    for package in sorted(IN_ONE_FILE):
        users = [s.path for s in sources if s.room in ROOMS and any(_is_of(name, package) for name in s.imports)]
        if len(users) > 1:
            yield f"{package} is imported in {' and '.join(users)}"


def heavy_packages_at_start(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for package in HEAVY:
            if source.room in ROOMS and any(_is_of(name, package) for name in source.imports_at_start):
                yield f"{source.path} imports {package} when it is imported itself"


def core_beyond_the_standard_library(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        if source.room == "core":
            for name in {name.split(".")[0] for name in source.imports}:
                if name != "core" and name not in sys.stdlib_module_names:
                    yield f"{source.path} imports {name}"


def vague_names(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        if VAGUE & set(source.path.removesuffix(".py").split("/")):
            yield source.path


def modules_without_docstring(sources: list[Source]) -> Iterator[str]:
    """A test file mirrors the file that it tests; an empty file has nothing to say."""
    for source in sources:
        if source.text.strip() and source.room != "tests" and not ast.get_docstring(source.tree):
            yield source.path


def long_functions(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for name, lines in source.functions:
            if lines > LONGEST_FUNCTION and source.room != "tests":
                yield f"{source.path}: {name} has {lines} lines"


def long_files(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        lines = source.text.count("\n")
        if lines >= LONGEST_FILE and source.room != "tests":
            yield f"{source.path} has {lines} lines"


def sleeping_tests(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        if source.room == "tests":
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
                    yield f"{source.path}:{node.lineno} sleeps"


def scripts_that_write_markup(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := SCRIPT_NEVER.search(line):
                yield f"{source.path}:{number} has {found.group(0).strip()}"


def templates_that_trust(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for number, line in enumerate(source.text.splitlines(), 1):
            if found := TEMPLATE_NEVER.search(line):
                yield f"{source.path}:{number} has {found.group(0).strip()}"


Rule = Callable[[list[Source]], Iterator[str]]
PYTHON_RULES: dict[Rule, list[tuple[str, str]]] = {
    # rule: sources that break it, each by itself
    arrows_up: [
        ("core/ids.py", "import storage.folder"),
        ("storage/folder.py", "from analyzer.plan import Plan"),
        ("analyzer/run.py", "def f():\n    from sessions import conversations"),
        ("analyzer/run.py", "from cameras import ring"),
        ("analyzer/models/opencv.py", "import importlib\nimportlib.import_module('web.pages')"),
        ("web/pages.py", "from config import Settings"),
    ],
    rooms_that_lean_on_what_stands_outside: [
        ("storage/folder.py", "from examples import sample_city"),
        ("flask_app.py", "import tests.scripted"),
    ],
    packages_away_from_home: [
        ("sessions/store.py", "import chdb.session"),
        ("storage/folder.py", "def f():\n    from clickhouse_connect import get_client"),
        ("sessions/conversations.py", "from flask import request"),
        ("storage/folder.py", "import config"),
    ],
    heavy_packages_at_start: [
        ("storage/sheet.py", "import pandas as pd"),
        ("analyzer/models/opencv.py", "try:\n    import cv2\nexcept ImportError:\n    raise"),
        ("storage/bucket.py", "class A:\n    from google.cloud import storage"),
    ],
    core_beyond_the_standard_library: [("core/picture.py", "import numpy"), ("core/clock.py", "from web import x")],
    vague_names: [("storage/utils.py", ""), ("analyzer/common/plan.py", "")],
    modules_without_docstring: [("core/x.py", "a = 1"), ("bench/y.py", "# only a comment")],
    long_functions: [("web/x.py", "def f():\n" + "    a = 1\n" * LONGEST_FUNCTION)],
    long_files: [("web/x.py", "a = 1\n" * LONGEST_FILE)],
    sleeping_tests: [("tests/test_x.py", "import time\ntime.sleep(1)")],
}
INNOCENT = [
    ("core/clock.py", "import time\nfrom core.errors import Conflict"),
    ("storage/database.py", "def f():\n    import chdb\n    import clickhouse_connect"),
    ("storage/sheet.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas\nimport core.ids"),
    ("storage/places.py", "from . import register\nfrom .register import Register"),
    ("web/pages.py", "from flask import Blueprint\nfrom sessions import conversations"),
    ("flask_app.py", "import config\nimport web.pages\nfrom examples import sample_city"),
    ("tests/web/test_pages.py", "import chdb\nimport config\nfrom flask import Flask\nimport pandas"),
    ("analyzer/run.py", "class Run:\n" + "    a = 1\n" * 100 + "    def f(self):\n        import cv2"),
]


def _tree(*suffixes: str) -> list[Source]:
    """The files that git knows or would add, so that run-time data and what is ignored stay out of it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True, text=True,
    )  # fmt: skip
    paths = sorted(path for path in listed.stdout.split("\0") if path.endswith(suffixes) and (ROOT / path).is_file())
    return [Source(path, (ROOT / path).read_text(encoding="utf-8")) for path in paths]


@pytest.fixture(scope="module")
def python() -> list[Source]:
    return _tree(".py")


@pytest.mark.parametrize("rule", PYTHON_RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps_the_rule(rule: Rule, python: list[Source]) -> None:
    assert list(rule(python)) == []


BREACHES = [(rule, path, body) for rule, cases in PYTHON_RULES.items() for path, body in cases]


@pytest.mark.parametrize(("rule", "path", "body"), BREACHES)
def test_a_breach_is_seen(rule: Rule, path: str, body: str) -> None:
    assert len(list(rule([Source(path, body)]))) == 1


@pytest.mark.parametrize(("path", "body"), INNOCENT)
def test_what_is_allowed_raises_no_complaint(path: str, body: str) -> None:
    source = Source(path, '"""What lives here."""\n' + body)
    assert {rule.__name__: list(rule([source])) for rule in PYTHON_RULES if list(rule([source]))} == {}


def test_a_package_with_one_home_is_imported_in_one_file(python: list[Source]) -> None:
    assert list(packages_in_two_files(python)) == []


@pytest.mark.parametrize("package", sorted(IN_ONE_FILE))
def test_a_package_in_two_files_is_seen(package: str) -> None:
    one, two = (Source(f"storage/{name}.py", f"def f():\n    from {package} import x") for name in "ab")
    assert list(packages_in_two_files([one])) == []
    assert len(list(packages_in_two_files([one, two]))) == 1


def test_the_arrows_are_drawn_from_the_code() -> None:
    drawn = arrows([Source("web/a.py", "import core.ids\nfrom sessions import x"), Source("core/b.py", "import os")])
    assert drawn["web"] == {"core", "sessions"}
    assert drawn["core"] == frozenset()


def test_the_arrow_table_in_the_documentation_is_the_one_drawn_from_the_code(python: list[Source]) -> None:
    """docs/architecture.md shows one line a room; on a failure, the lines printed here are those to put there."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    here = {source.room for source in python}
    drawn = [
        f"| `{room}` | {' '.join(f'`{other}`' for other in ROOMS if other in into) or '-'} |"
        for room, into in arrows(python).items()
        if room in here
    ]
    assert re.findall(r"^\| `\w+` \| (?:`.*`|-) \|$", page, re.MULTILINE) == drawn


def test_the_rule_sees_the_tree(python: list[Source]) -> None:
    """A rule that is handed no files finds nothing wrong."""
    assert {"core", "storage", "analyzer", "web", "sessions", "flask_app", "config"} <= {s.room for s in python}


def test_functions_fit_a_screen(python: list[Source]) -> None:
    lengths = [lines for source in python if source.room in ROOMS for _, lines in source.functions]
    assert statistics.median(lengths) < MEDIAN_FUNCTION


def test_no_script_of_the_page_writes_markup() -> None:
    scripts = [source for source in _tree(".js", ".mjs") if source.room == "static"]
    assert scripts
    assert list(scripts_that_write_markup(scripts)) == []
    assert list(long_files(scripts)) == []


@pytest.mark.parametrize(
    "line",
    ["a.innerHTML = text", "a.insertAdjacentHTML('x', y)", "document.write(x)", "eval (x)", "new Function('x')",
     "setTimeout('x()', 1)"],
)  # fmt: skip
def test_a_script_that_writes_markup_is_seen(line: str) -> None:
    assert len(list(scripts_that_write_markup([Source("static/x.js", line)]))) == 1


def test_no_template_trusts_its_data_or_reaches_out() -> None:
    templates = [source for source in _tree(".html") if source.room == "templates"]
    assert templates
    assert list(templates_that_trust(templates)) == []


@pytest.mark.parametrize(
    "line",
    ["{{ title | safe }}", '<a onclick="go()">', "<a href='javascript:x'>", '<script src="https://cdn.example/x.js">',
     '<link href="//cdn.example/x.css">', "{% autoescape false %}"],
)  # fmt: skip
def test_a_template_that_trusts_is_seen(line: str) -> None:
    assert len(list(templates_that_trust([Source("templates/x.html", line)]))) == 1
