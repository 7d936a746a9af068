"""The reports that a language model writes: one after the other, after the answer is there, in a thread of their own.

An answer never waits for its report: it carries the template's from the beginning, and what a model writes takes that
one's place in the store, once, if the answer is still the same. What is under way when the process ends is not written.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from analyzer.leaving import Leaving
from analyzer.report.author import DEADLINE_S, Reporter
from analyzer.report.report import Author, Writer
from analyzer.report.writing import write
from core.states import RunState
from sessions.answers import Answers
from sessions.site import Sites
from storage.conversations import ConversationStore

log = logging.getLogger(__name__)
_MOST_WAITING = 32


class Reports:
    """Owns the thread, which begins with the first report. ``changed`` is called with the id of a message whose report
    was written."""

    def __init__(
        self,
        answers: Answers,
        sites: Sites,
        store: ConversationStore,
        leaving: Leaving,
        changed: Callable[[str], None],
    ) -> None:
        self._answers = answers
        self._sites = sites
        self._store = store
        self._leaving = leaving
        self._changed = changed
        self._waiting: queue.Queue[tuple[str, Reporter] | None] = queue.Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closing = False

    def want(self, message_id: str, state: RunState, answer: Mapping[str, Any], reporter: Reporter | None) -> None:
        """Have the report of a look written, later. The template's stands where the look has not come to its end or
        found nothing that could be read, where no model may be asked, and where too many wait."""
        seen = any(answer["counts"][outcome] for outcome in ("match", "no_match", "unsure"))
        if reporter is None or state is not RunState.FINISHED or not seen or not reporter.wanted(self._leaving):
            return
        with self._lock:
            if self._closing:
                return
            try:
                self._waiting.put_nowait((message_id, reporter))
            except queue.Full:
                log.warning("no report for question %s: %d wait already", message_id, _MOST_WAITING)
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="reports")
                self._thread.start()

    def wait(self) -> None:
        """Until nothing is being written: for a command that saves the answer. Each report has its deadline."""
        self._waiting.join()

    def close(self) -> None:
        """Give up what is being written, and end."""
        with self._lock:
            self._closing = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            try:
                if not self._closing:
                    message_id, reporter = job
                    self._write(message_id, reporter.author(self._leaving, self._patience_s))
            except Exception:  # the root of a thread: one report that fails must not end the others
                log.exception("the report of question %s failed", job[0])
            finally:
                self._waiting.task_done()
        self._waiting.task_done()

    def _patience_s(self) -> float:
        return 0.0 if self._closing else DEADLINE_S

    def _write(self, message_id: str, author: Author) -> None:
        row = self._store.message(message_id)
        if row.answer is None or row.run_id is None or row.answer["report"]["writer"] == Writer.MODEL:
            return
        facts = self._answers.facts(row, row, row.run_id)
        if row.answer | facts.answer.as_json() != row.answer:  # it has changed since: so would its report
            return
        written = row.answer | {"report": write(facts, author, self._sites.now.names).as_json()}
        if not self._closing and self._store.replace_answer(message_id, row.answer, written):
            self._changed(message_id)
