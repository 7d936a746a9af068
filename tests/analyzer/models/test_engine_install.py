"""The engine's build: real processes, real locks, real deaths; only the compiling is played by a command."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.models.engine_install import EngineInstall, EngineState, EngineStep, engine_state
from core.clock import ManualClock

MODULE = "an_engine_that_only_this_test_builds"
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python imports from, as a virtual environment's is."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def building(site: Path) -> list[str]:
    return python(f"open({str(site / MODULE)!r} + '.py', 'w').write('x = 1')")


def install(data: Path, command: list[str], clock: ManualClock | None = None, compilers: str = "sh") -> EngineInstall:
    return EngineInstall(data, command, MODULE, (compilers,), clock or ManualClock(NOON))


class HeldBuild:
    """A build that says when it began and ends when told to, by two named pipes."""

    def __init__(self, folder: Path) -> None:
        self.began, self.goes_on = folder / "began", folder / "goes_on"
        os.mkfifo(self.began)
        os.mkfifo(self.goes_on)
        self.command = python(f"open({str(self.began)!r}, 'w').write('x'); open({str(self.goes_on)!r}).read()")

    def wait_until_begun(self) -> None:
        assert self.began.read_text() == "x"

    def finish(self) -> None:
        self.goes_on.write_text("x")


def in_thread(run: Callable[[], EngineState]) -> tuple[threading.Thread, list[EngineState]]:
    results: list[EngineState] = []
    thread = threading.Thread(target=lambda: results.append(run()), name="engine install")
    thread.start()
    return thread, results


def test_without_a_word_the_engine_is_absent(tmp_path: Path) -> None:
    state = engine_state(tmp_path, MODULE)
    assert state.state is EngineStep.ABSENT
    assert "make run" in state.sentence


def test_a_build_that_brings_the_module_makes_it_ready(tmp_path: Path, site: Path) -> None:
    assert install(tmp_path, building(site)).run().state is EngineStep.READY
    written = json.loads((tmp_path / "engine.json").read_text())
    assert written == {"state": "ready", "sentence": "SmolVLM's engine is installed.", "since": NOON.isoformat()}


def test_a_command_that_succeeds_without_bringing_the_module_has_failed(tmp_path: Path) -> None:
    assert install(tmp_path, python("pass")).run().state is EngineStep.FAILED


def test_an_engine_that_is_there_is_not_built_again(tmp_path: Path, site: Path) -> None:
    (site / f"{MODULE}.py").write_text("")
    assert install(tmp_path, python("raise SystemExit(1)")).run().state is EngineStep.READY
    assert not (tmp_path / "engine.log").exists()


def test_a_missing_compiler_is_named_with_its_package(tmp_path: Path) -> None:
    state = install(tmp_path, python("pass"), compilers="no-such-compiler").run()
    assert state.state is EngineStep.FAILED
    assert "sudo apt-get install g++" in state.sentence


def test_once_the_compiler_is_there_the_next_start_builds(tmp_path: Path, site: Path) -> None:
    install(tmp_path, building(site), compilers="no-such-compiler").run()
    assert install(tmp_path, building(site)).run().state is EngineStep.READY


def test_a_failed_build_names_its_log(tmp_path: Path) -> None:
    state = install(tmp_path, python("raise SystemExit('cc1plus: out of memory')")).run()
    assert state.state is EngineStep.FAILED
    assert str(tmp_path / "engine.log") in state.sentence
    assert "out of memory" in (tmp_path / "engine.log").read_text()


def test_a_failed_build_is_tried_again_after_a_day_and_not_before(tmp_path: Path, site: Path) -> None:
    clock = ManualClock(NOON)
    install(tmp_path, python("raise SystemExit(1)"), clock).run()
    clock.advance(23 * 3600)
    assert install(tmp_path, building(site), clock).run().state is EngineStep.FAILED
    clock.advance(2 * 3600)
    assert install(tmp_path, building(site), clock).run().state is EngineStep.READY


def test_while_it_builds_the_state_says_for_about_how_long_and_no_second_build_starts(tmp_path: Path) -> None:
    held = HeldBuild(tmp_path)
    thread, results = in_thread(install(tmp_path, held.command).run)
    held.wait_until_begun()
    state = engine_state(tmp_path, MODULE)
    assert (state.state, state.since) == (EngineStep.INSTALLING, NOON)
    assert "minutes" in state.sentence
    second = install(tmp_path, python(f"open({str(tmp_path / 'second')!r}, 'w')")).run()
    assert second.state is EngineStep.INSTALLING
    assert not (tmp_path / "second").exists()
    held.finish()
    thread.join()
    assert results[0].state is EngineStep.FAILED  # it ended and brought no module


def test_closing_ends_the_build_and_the_next_start_begins_again(tmp_path: Path, site: Path) -> None:
    held = HeldBuild(tmp_path)
    first = install(tmp_path, held.command)
    thread, results = in_thread(first.run)
    held.wait_until_begun()
    first.close()
    thread.join()
    assert results[0].state is EngineStep.FAILED
    assert "interrupted" in results[0].sentence
    assert install(tmp_path, building(site)).run().state is EngineStep.READY


@pytest.mark.parametrize("victim", ["server", "installer"])
def test_a_killed_server_or_installer_leaves_no_stale_state(tmp_path: Path, victim: str) -> None:
    """The server takes the build with it; a killed installer leaves its build running, and the lock with the build."""
    held = HeldBuild(tmp_path)
    installer = (
        "import os; from pathlib import Path; from analyzer.models.engine_install import EngineInstall;"
        f"EngineInstall(Path({str(tmp_path)!r}), {held.command!r}, {MODULE!r}, ('sh',)).run(os.getppid())"
    )
    server = (
        "import subprocess, sys;"
        f"child = subprocess.Popen([sys.executable, '-c', {installer!r}]);"
        "print(child.pid, flush=True); child.wait()"
    )
    with subprocess.Popen(python(server), stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        installer_pid = int(process.stdout.readline())
        held.wait_until_begun()
        os.kill(process.pid if victim == "server" else installer_pid, signal.SIGKILL)
        process.stdout.read()  # ends with the server and the installer, who hold the pipe
    if victim == "installer":
        assert engine_state(tmp_path, MODULE).state is EngineStep.INSTALLING
        held.finish()
    with (tmp_path / "engine.lock").open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # ends with the build
    assert engine_state(tmp_path, MODULE).state is EngineStep.FAILED
    assert "interrupted" in engine_state(tmp_path, MODULE).sentence


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": "dreaming"}', '{"state": "ready", "sentence": 1}'])
def test_a_damaged_state_file_is_as_good_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "engine.json").write_text(content)
    assert engine_state(tmp_path, MODULE).state is EngineStep.ABSENT


def test_an_engine_that_was_removed_is_absent_again(tmp_path: Path, site: Path) -> None:
    install(tmp_path, building(site)).run()
    (site / f"{MODULE}.py").unlink()
    assert engine_state(tmp_path, MODULE).state is EngineStep.ABSENT
