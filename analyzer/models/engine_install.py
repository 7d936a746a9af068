"""Building SmolVLM's engine beside the running server, and saying how that stands.

llama-cpp-python exists only as source and takes minutes to compile. ``make run`` starts this module as a process of its
own: the lowest priority, one at a time, ended with the server, and whatever becomes of it nothing else is affected. The
server reads :func:`engine_state`. What runs the engine once it is there does not live here.

Why a process and not a thread of the server: pip must not share a process with the packages it writes, and a build
that is a process can be made to yield to everything else.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import importlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import IO

from core.clock import Clock, SystemClock

ENGINE_MODULE = "llama_cpp"
REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
# 7 min 19 s with both of two cores (Zen 5); compiling scales almost with the cores, downloading does not.
_BUILD_CPU_MINUTES = 14
# A machine that could not build it yesterday is tried again today, not at every start: a try costs minutes.
_RETRY_AFTER_S = 24 * 3600
_STATE_FILE = "engine.json"
_LOCK_FILE = "engine.lock"
_LOG_FILE = "engine.log"


class EngineStep(StrEnum):
    """Where the engine stands."""

    ABSENT = "absent"
    INSTALLING = "installing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EngineState:
    """``sentence`` is for the page; ``since`` is aware UTC, ``None`` where nobody wrote it down."""

    state: EngineStep
    sentence: str
    since: datetime | None = None


_READY = "SmolVLM's engine is installed."
_ABSENT = EngineState(EngineStep.ABSENT, "SmolVLM's engine isn't installed; make run builds it in the background.")
_NO_COMPILER = (
    "SmolVLM's engine can't be built without a C++ compiler. "
    "On Debian or Ubuntu: sudo apt-get install g++; then start again with make run."
)
_looking = threading.Lock()
_INTERRUPTED = "The build of SmolVLM's engine was interrupted; make run begins it again."
_BUILD_FAILED = "SmolVLM's engine could not be built; the reason stands at the end of {log}. All else works."


def engine_state(data_dir: Path, module: str = ENGINE_MODULE) -> EngineState:
    """How the engine of ``data_dir`` stands now. Reads two small files; safe to call for every page.

    A build that died without a word is told from one that runs by its lock, which no death leaves behind.
    """
    written = _read(data_dir / _STATE_FILE)
    if _is_building(data_dir):
        return written if written and written.state is EngineStep.INSTALLING else _installing(None)
    if _is_installed(module):
        since = written.since if written and written.state is EngineStep.READY else None
        return EngineState(EngineStep.READY, _READY, since)
    if written is None or written.state is EngineStep.READY:
        return _ABSENT
    if written.state is EngineStep.INSTALLING:
        return EngineState(EngineStep.FAILED, _INTERRUPTED, written.since)
    return written


class EngineInstall:
    """One try at building the engine. ``command`` installs it; one of ``compilers`` must be found."""

    def __init__(
        self,
        data_dir: Path,
        command: Sequence[str],
        module: str = ENGINE_MODULE,
        compilers: Sequence[str] = ("c++", "g++", "clang++"),
        clock: Clock | None = None,
    ) -> None:
        self._data_dir = data_dir
        self._command = command
        self._module = module
        self._compilers = compilers
        self._clock = clock or SystemClock()
        self._ended = threading.Event()

    def close(self) -> None:
        """End the try: :meth:`run` stops the build and returns. Safe from a signal handler and from any thread."""
        self._ended.set()

    def run(self, parent_pid: int | None = None) -> EngineState:
        """Build, unless it is there, being built, or failed lately.

        Ends when ``parent_pid`` is no longer our parent: what the server started stops with it.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        with _lock(self._data_dir) as lock:
            if lock is not None and self._is_due():
                self._write(self._build(lock, parent_pid))
        return engine_state(self._data_dir, self._module)

    def _is_due(self) -> bool:
        if _is_installed(self._module):
            self._write(EngineState(EngineStep.READY, _READY))
            return False
        last = _read(self._data_dir / _STATE_FILE)
        if last is None or last.state is not EngineStep.FAILED or last.sentence in {_NO_COMPILER, _INTERRUPTED}:
            return True
        return last.since is None or (self._clock.now() - last.since).total_seconds() > _RETRY_AFTER_S

    def _build(self, lock: IO[bytes], parent_pid: int | None) -> EngineState:
        if not any(shutil.which(compiler) for compiler in self._compilers):
            return EngineState(EngineStep.FAILED, _NO_COMPILER)
        self._write(_installing(self._clock.now()))
        log_path = self._data_dir / _LOG_FILE
        with log_path.open("wb") as log:
            process = self._start(log, lock)
            try:
                finished = self._wait(process, parent_pid)
            finally:
                _end_group(process)
        if not finished:
            return EngineState(EngineStep.FAILED, _INTERRUPTED)
        if process.returncode == 0 and _is_installed(self._module):
            return EngineState(EngineStep.READY, _READY)
        return EngineState(EngineStep.FAILED, _BUILD_FAILED.format(log=log_path))

    def _start(self, log: IO[bytes], lock: IO[bytes]) -> subprocess.Popen[bytes]:
        idle_io = ["ionice", "-c", "3"] if shutil.which("ionice") else []
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell, nothing of it from outside
            [*idle_io, *self._command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Its own group, so that the compilers end with it, and its own session, for _yield_to_all.
            start_new_session=True,
            # The lock lives as long as the build, even if this process is killed.
            pass_fds=[lock.fileno()],
        )
        _yield_to_all(process.pid)
        return process

    def _wait(self, process: subprocess.Popen[bytes], parent_pid: int | None) -> bool:
        """Whether the build came to its own end, and not to ours or the server's."""
        while process.poll() is None:
            if self._ended.wait(0.5) or (parent_pid is not None and os.getppid() != parent_pid):
                return process.poll() is not None
        return True

    def _write(self, state: EngineState) -> None:
        """At once or not at all: the server may read at any moment."""
        since = state.since or self._clock.now()
        content = json.dumps({"state": state.state, "sentence": state.sentence, "since": since.isoformat()})
        partial = self._data_dir / f".{_STATE_FILE}.{os.getpid()}"
        partial.write_text(content + "\n", encoding="utf-8")
        partial.replace(self._data_dir / _STATE_FILE)


def _installing(since: datetime | None) -> EngineState:
    minutes = max(3, round(_BUILD_CPU_MINUTES / (os.cpu_count() or 1)))
    sentence = f"SmolVLM's engine is being built in the background; about {minutes} minutes."
    return EngineState(EngineStep.INSTALLING, sentence, since)


def _is_installed(module: str) -> bool:
    # Found, not imported: native code that may abort belongs into the model's process.
    with _looking:  # two threads that invalidate at once meet a KeyError inside importlib
        importlib.invalidate_caches()
        return importlib.util.find_spec(module) is not None


def _read(path: Path) -> EngineState | None:
    """What was written, or ``None`` where nothing readable was."""
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
        return EngineState(
            EngineStep(written["state"]), str(written["sentence"]), datetime.fromisoformat(written["since"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_building(data_dir: Path) -> bool:
    try:
        lock = (data_dir / _LOCK_FILE).open("rb")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextlib.contextmanager
def _lock(data_dir: Path) -> Iterator[IO[bytes] | None]:
    """The one place in the queue, or ``None`` while another process builds.

    The kernel drops it with the last process that holds it, so that no death leaves a stale one. A reader of the state
    holds it shared for microseconds, hence the second try.
    """
    with (data_dir / _LOCK_FILE).open("ab") as lock:
        for last in (False, True):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if last:
                    yield None
                    return
                threading.Event().wait(0.2)
        yield lock


def _yield_to_all(pid: int) -> None:
    """Linux weighs sessions against each other before niceness counts (autogroup), so the session is made nice too:
    else a build would take as much as the browser that shows its page."""
    with contextlib.suppress(OSError):  # not Linux, or a kernel without autogroups: niceness is enough
        Path(f"/proc/{pid}/autogroup").write_text("19", encoding="ascii")


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the build and the compilers that it started; one that does not listen is killed."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _build_command() -> list[str]:
    pip = [sys.executable, "-m", "pip", "install", "--no-compile", "--disable-pip-version-check", "--no-input"]
    return [*pip, "-r", str(REQUIREMENTS)]


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m analyzer.models.engine_install --data-dir data``; ends with the process that started it."""
    parser = argparse.ArgumentParser(prog="engine_install", description="Build SmolVLM's engine at low priority.")
    parser.add_argument("--data-dir", type=Path, required=True)
    install = EngineInstall(parser.parse_args(arguments).data_dir, _build_command())
    parent_pid = os.getppid()

    def end(_signal: int, _frame: FrameType | None) -> None:
        install.close()

    for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(sign, end)
    os.nice(19)
    return 0 if install.run(parent_pid).state is EngineStep.READY else 1


if __name__ == "__main__":
    sys.exit(main())
