"""The model process as the app sees it: questions go in, readings come out, and a death is mended.

One child owns the model, its threads and its memory, since llama.cpp may end a process without a word. A thread here
listens to it, restarts it when it dies, hangs or outgrows its memory, and asks what was in hand once more, each
picture by itself; a picture that ends the model twice is given up.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO

from analyzer.models.smolvlm.prompt import Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.wire import Report, Request, Setup, Word, receive_report, send_request
from core.errors import ModelUnavailable, PictureUnreadable

log = logging.getLogger(__name__)
_child_log = logging.getLogger("smolvlm")

_ROOT = Path(__file__).resolve().parents[3]
_POLL_S = 0.25
# The first wait after a death; doubled with each that follows without an answer in between.
_RESTART_S = 0.5
_LONGEST_RESTART_S = 60.0
_MOST_DEATHS = 5


class QuestionTooLong(ModelUnavailable):
    """More words than the model can hold at once."""

    code = "question_too_long"
    status = 400


class Condition(StrEnum):
    """How the model process stands."""

    STOPPED = "stopped"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Limits:
    """``silent_s``: without a sign of progress for so long it is taken for hung. ``load_s``: the same while it loads.
    ``memory_bytes``: above that it is restarted."""

    silent_s: float = 60.0
    load_s: float = 180.0
    memory_bytes: int = 4_000_000_000


@dataclass(slots=True)
class _Pending:
    request: Request
    future: Future[Reading]
    told: Callable[[str], None]
    deaths: int = 0
    begun: bool = False


class ModelProcess:
    """Owns the child. ``start`` it when it is wanted; ``close`` ends it. ``ask`` may be called from many threads."""

    def __init__(
        self,
        setup: Setup,
        limits: Limits | None = None,
        changed: Callable[[], None] = lambda: None,
        worker: str = "analyzer.models.smolvlm.worker",
    ) -> None:
        self._setup = setup
        self._worker = worker
        self._limits = limits or Limits()
        self._changed = changed
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self._number = 0
        self._child: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._condition = Condition.STOPPED
        self._sentence = ""
        self._deaths = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._heard_at = 0.0

    @property
    def condition(self) -> Condition:
        """How it stands now."""
        with self._lock:
            return Condition.BUSY if self._condition is Condition.READY and self._pending else self._condition

    @property
    def sentence(self) -> str:
        """Why it failed or restarts; empty where all is well."""
        return self._sentence

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._child.pid if self._child else None

    @property
    def waiting(self) -> int:
        """How many questions are not answered yet."""
        with self._lock:
            return len(self._pending)

    @property
    def resident_bytes(self) -> int:
        """What the child holds of the machine's memory now; 0 without a child."""
        child = self._child
        return _resident_bytes(child.pid) if child is not None and child.returncode is None else 0

    def start(self) -> None:
        """Begin loading, without waiting for it. Does nothing where it is running."""
        with self._lock:
            if self._thread is None and not self._closing.is_set():
                self._condition = Condition.LOADING
                self._thread = threading.Thread(target=self._run, name="smolvlm", daemon=True)
                self._thread.start()

    def ask(
        self, content: bytes, digest: str, query: Query, told: Callable[[str], None] = lambda _text: None
    ) -> Reading:
        """The reading of one picture; waits for it, see :meth:`submit`."""
        return self.submit(content, digest, query, told).result()

    def submit(
        self, content: bytes, digest: str, query: Query, told: Callable[[str], None] = lambda _text: None
    ) -> Future[Reading]:
        """The reading of one picture, once it is there. ``told`` hears the text so far of a streamed query, on a thread
        that must not be held up.

        The future raises :class:`~core.errors.PictureUnreadable` for a picture that can't be decoded or that ended the
        model twice; it, and this call, :class:`~core.errors.ModelUnavailable` where the model can't be run or the
        question is too long.
        """
        self.start()
        future: Future[Reading] = Future()
        with self._lock:
            if self._condition is Condition.FAILED or self._closing.is_set():
                raise ModelUnavailable(self._sentence or "SmolVLM is stopping.", "Choose another model.")
            self._number += 1
            pending = _Pending(Request(self._number, digest, query, content), future, told)
            if not self._pending:  # it had nothing to say while nobody asked
                self._heard_at = time.monotonic()
            self._pending[self._number] = pending
            connection = self._connection if self._condition is Condition.READY else None
        if connection is not None:
            self._send(connection, pending.request)
        return future

    def close(self) -> None:
        """End the child; whoever waits is told that it is stopping."""
        self._closing.set()
        self._end_child()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closing.is_set() and self._deaths < _MOST_DEATHS:
                why = self._live()
                if self._closing.is_set():
                    break
                self._deaths += 1
                self._after_death(why)
                if self._deaths < _MOST_DEATHS:
                    self._closing.wait(min(_RESTART_S * 2 ** max(0, self._deaths - 1), _LONGEST_RESTART_S))
            self._give_up("SmolVLM is stopping." if self._closing.is_set() else self._sentence)
        except Exception:
            log.exception("the model process can't be kept")
            self._give_up("SmolVLM can't be run; the log has the reason.")
        finally:
            self._end_child()

    def _live(self) -> str:
        """One life of the child; returns why it ended."""
        connection = self._start_child()
        self._heard_at = time.monotonic()
        while not self._closing.is_set():
            trouble = self._trouble()
            if trouble:
                return trouble
            if not connection.poll(_POLL_S):
                continue
            try:
                report = receive_report(connection)
            except (EOFError, OSError):
                return self._how_it_died()
            self._heard_at = time.monotonic()
            if report.word is Word.REFUSED and not report.numbers:
                self._deaths = _MOST_DEATHS
                return str(report.values["sentence"])
            self._hear(report, connection)
        return ""

    def _trouble(self) -> str | None:
        """Why the child must be ended, if it must."""
        with self._lock:
            working, loading = bool(self._pending), self._condition is not Condition.READY
        silent = time.monotonic() - self._heard_at
        if (loading and silent > self._limits.load_s) or (not loading and working and silent > self._limits.silent_s):
            return f"It made no progress for {silent:.0f} seconds."
        if self._child and _resident_bytes(self._child.pid) > self._limits.memory_bytes:
            return f"It took more than {self._limits.memory_bytes / 1e9:.1f} GB of memory."
        return None

    def _hear(self, report: Report, connection: Connection) -> None:
        if report.word is Word.READY:
            with self._lock:
                self._condition, self._sentence = Condition.READY, ""
                self._connection = connection
                waiting = [entry.request for entry in self._pending.values()]
            self._changed()
            for request in waiting:
                self._send(connection, request)
        elif report.word is Word.PART:
            with self._lock:
                entry = self._pending.get(report.numbers[0])
            if entry is not None:
                entry.told(str(report.values["text"]))
        elif report.word is Word.BEGUN:
            with self._lock:
                for number in report.numbers:
                    if number in self._pending:
                        self._pending[number].begun = True
        else:
            for number in report.numbers:
                self._settle(number, report)

    def _settle(self, number: int, report: Report) -> None:
        with self._lock:
            entry = self._pending.pop(number, None)
        if entry is None:
            return
        self._deaths = 0
        sentence = str(report.values.get("sentence", ""))
        if report.word is Word.ANSWER:
            entry.future.set_result(Reading(**report.values))
        elif report.word is Word.UNREADABLE:
            entry.future.set_exception(PictureUnreadable(sentence))
        elif report.word is Word.REFUSED:
            entry.future.set_exception(QuestionTooLong(sentence, "Ask in fewer words."))
        else:
            entry.future.set_exception(ModelUnavailable(f"SmolVLM failed: {sentence}.", "Ask again."))

    def _after_death(self, why: str) -> None:
        """What was in hand is asked once more, alone, so that the guilty picture is told from those beside it."""
        self._end_child()
        log.warning("the model process ended: %s", why)
        with self._lock:
            self._condition, self._connection = Condition.RESTARTING, None
            self._sentence = why
            for number, entry in list(self._pending.items()):
                if not entry.begun:
                    continue
                entry.deaths += 1
                if entry.deaths > 1:
                    del self._pending[number]
                    entry.future.set_exception(
                        PictureUnreadable("The model ended twice while looking at this picture.")
                    )
                    self._deaths = 0
                else:
                    entry.begun = False
                    entry.request = replace(entry.request, alone=True)
        self._changed()

    def _give_up(self, sentence: str) -> None:
        with self._lock:
            self._condition = Condition.STOPPED if self._closing.is_set() else Condition.FAILED
            self._sentence, self._connection = sentence, None
            pending, self._pending = list(self._pending.values()), {}
        for entry in pending:
            entry.future.set_exception(ModelUnavailable(sentence, "Choose another model."))
        self._changed()

    def _send(self, connection: Connection, request: Request) -> None:
        try:
            with self._sending:
                send_request(connection, request)
        except (OSError, ValueError):  # it died, or was ended: asked again when the next one is ready
            log.info("the model process was gone before question %s reached it", request.number)

    def _start_child(self) -> Connection:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", self._worker, str(theirs.fileno()), self._setup.dump()]
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno()],
                env=_environment() | self._setup.tuning.environment,
            )
        if self._child.stderr is not None:
            relay = threading.Thread(target=_relay, args=(self._child.stderr,), name="smolvlm-log", daemon=True)
            relay.start()
        return Connection(ours.detach())

    def _how_it_died(self) -> str:
        code = self._child.wait(timeout=10) if self._child else None
        return _how_it_ended(code)

    def _end_child(self) -> None:
        child = self._child
        if child is not None:
            child.kill()
            child.wait()


def _how_it_ended(code: int | None) -> str:
    if code == -signal.SIGKILL:
        return "It was killed; memory may have been short."
    if code is not None and code < 0:
        return f"It ended by itself ({signal.Signals(-code).name})."
    return f"It ended by itself (exit status {code})."


def _relay(lines: IO[bytes]) -> None:
    with lines:
        for line in lines:
            _child_log.info("[smolvlm] %s", line.decode("utf-8", "replace").rstrip()[:500])


def _resident_bytes(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def _environment() -> dict[str, str]:
    """Without our secrets: the child needs none."""
    passed = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "OMP_NUM_THREADS")
    return {name: os.environ[name] for name in passed if name in os.environ}
