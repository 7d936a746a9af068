"""What the documents say can be done can be done: every command, file, link and setting that they name exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
# Words in capitals that are no settings of the program: those of make, of pip, and of file formats.
NOT_SETTINGS = frozenset({"ENGINE", "BENCHES", "PYTEST_ARGS", "PIP_CACHE_DIR", "SIGTERM", "FILE"})
FOREIGN_TOOLS = frozenset({"cp", "sudo", "git", "cd"})


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fenced(text: str) -> Iterator[str]:
    """The command lines of all ``sh`` blocks, less their comments and the settings of an ``.env``."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            command = line.split("  #")[0].strip()
            if command and not re.match(r"[A-Z_]+=", command):
                yield command


def make_targets(text: str) -> set[str]:
    """``make x`` where it is code, in a block or between backticks."""
    code = [*fenced(text), *re.findall(r"`([^`\n]+)`", text)]
    return {found for line in code for found in re.findall(r"^make ([a-z][a-z-]*)", line)}


@pytest.fixture(scope="module")
def readme() -> str:
    return read(ROOT / "README.md")


@pytest.fixture(scope="module")
def listed_by_make() -> set[str]:
    output = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  make (\S+) +\S", output, re.MULTILINE))


def test_the_two_commands_stand_on_the_first_screen(readme: str) -> None:
    first_screen = "\n".join(readme.splitlines()[:25])
    assert {"run", "test"} <= make_targets(first_screen)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_named_is_listed_by_make(page: Path, listed_by_make: set[str]) -> None:
    assert make_targets(read(page)) - listed_by_make == set()


def test_every_make_target_listed_is_named(readme: str, listed_by_make: set[str]) -> None:
    assert listed_by_make - make_targets(readme) - {"help", "setup", "sample"} == set()


def test_every_command_of_the_program_exists(readme: str) -> None:
    named = {line.split(" flask_app ")[1].split()[0] for line in fenced(readme) if " flask_app " in line}
    listed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert listed.returncode == 0, listed.stderr
    assert named
    assert named - set(re.findall(r"^  ([a-z-]+)  ", listed.stdout, re.MULTILINE)) == set()


def test_every_option_of_the_plan_command_exists(readme: str) -> None:
    named = {word for line in fenced(readme) if " plan " in line for word in shlex.split(line) if word.startswith("--")}
    listed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "flask_app", "plan", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert listed.returncode == 0, listed.stderr
    assert named - {"--app"} - set(re.findall(r"--[a-z-]+", listed.stdout)) == set()


def test_no_other_command_is_shown(readme: str) -> None:
    """A command of a kind that no test here knows would go stale unseen."""
    tools = {line.split()[0] for line in fenced(readme)}
    assert tools - FOREIGN_TOOLS <= {"make", ".venv/bin/flask", ".venv/bin/python"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_run_from_the_command_line_exists(page: Path) -> None:
    named = re.findall(r"python -m ([a-z_.]+)", read(page))
    missing = [m for m in named if not (ROOT / (m.replace(".", "/") + ".py")).is_file() and m != "venv"]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_picture_is_there(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(page))
    assert [t for t in targets if "://" not in t and not (page.parent / t).exists()] == []


def test_every_file_named_in_the_architecture_page_is_there() -> None:
    named = re.findall(r"`([a-z_]+/[a-z_/.]+\.(?:py|md))`", read(ROOT / "docs" / "architecture.md"))
    assert named
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_word_of_the_glossary_is_explained_once() -> None:
    words = re.findall(r"\| \*\*([a-z -]+)\*\* \|", read(ROOT / "docs" / "glossary.md"))
    assert len(words) > 40
    assert sorted(words) == sorted(set(words))


def test_every_setting_named_exists(readme: str) -> None:
    code = " ".join([*re.findall(r"`([^`\n]+)`", readme), *re.findall(r"^[A-Z_]+=", readme, re.MULTILINE)])
    named = set(re.findall(r"\b[A-Z][A-Z_]{3,}\b", code))
    assert "IMAGES_DIR" in named
    assert named - NOT_SETTINGS - {name.upper() for name in Settings.__dataclass_fields__} == set()
