"""The seam to workers: many pictures are looked at at once, answers come back as they are ready.

Threads here; actors on a cluster behind the same four methods later.
"""

from __future__ import annotations

import heapq
import itertools
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Done(Generic[Job, Result]):
    """One finished job: its result, or the error that ended it."""

    job: Job
    result: Result | None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Postponed(Generic[Job]):
    """What work returns for a job that is to be done later: it waits on a timer, and no worker waits with it."""

    job: Job
    after_s: float


class Pool(Protocol[Job, Result]):
    """Works on jobs with a bounded window: a feeder that is too fast waits, so nothing piles up."""

    def submit(self, job: Job) -> bool:
        """Hand in a job, waiting while the window is full; ``False`` once the pool was cancelled."""
        ...

    def completed(self) -> Iterator[list[Done[Job, Result]]]:
        """Finished jobs as they come, all that are ready at a time and at least one, until :meth:`finish` and the
        last one, or until :meth:`cancel` and the last one that had begun."""
        ...

    def finish(self) -> None:
        """No more jobs will be submitted; those submitted are worked off."""
        ...

    def cancel(self) -> None:
        """Drop the jobs that have not begun; those in hand are finished and still come out."""
        ...


class ThreadPool(Generic[Job, Result]):
    """A pool of named threads in this process.

    ``work`` takes up to ``batch`` jobs and returns as many results in order; a :class:`Postponed` in a result's place
    brings that job back when its time has come. An exception ends those jobs, never the thread. The window is one batch
    in hand and one waiting for each worker; as many again may be postponed.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Sequence[Result | Postponed[Job]]],
        workers: int,
        batch: int = 1,
        name: str = "look",
    ) -> None:
        self._work = work
        self._batch = batch
        self._window = workers * batch
        self._waiting: deque[Job] = deque()
        # (when, a number that keeps the order and spares comparing jobs, the job)
        self._postponed: list[tuple[float, int, Job]] = []
        self._numbers = itertools.count()
        # Two conditions on one lock: who hands a job in wakes one worker, not all that are idle.
        lock = threading.Lock()
        self._due, self._room = threading.Condition(lock), threading.Condition(lock)
        self._finished = self._cancelled = False
        self._done: queue.SimpleQueue[Done[Job, Result] | None] = queue.SimpleQueue()
        self._alive = workers
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{number}", daemon=True)
            for number in range(1, workers + 1)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> bool:
        with self._room:
            self._room.wait_for(lambda: self._cancelled or self._has_room())
            if self._cancelled:
                return False
            self._waiting.append(job)
            self._due.notify()
        return True

    def completed(self) -> Iterator[list[Done[Job, Result]]]:
        ended = False
        while not ended:
            ready = [self._done.get()]
            while not self._done.empty():  # this thread alone takes, so what is there stays there
                ready.append(self._done.get())
            ended = None in ready
            if finished := [done for done in ready if done is not None]:
                yield finished

    def finish(self) -> None:
        with self._due:
            self._finished = True
            self._due.notify_all()

    def cancel(self) -> None:
        with self._due:
            self._cancelled = True
            self._waiting.clear()
            self._postponed.clear()
            self._due.notify_all()
            self._room.notify_all()

    def close(self) -> None:
        """Cancel and join the threads."""
        self.cancel()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while jobs := self._take():
            for done in self._worked(jobs):
                self._done.put(done)
        with self._due:
            self._alive -= 1
            if self._alive == 0:
                self._done.put(None)

    def _has_room(self) -> bool:
        return len(self._waiting) < self._window and len(self._waiting) + len(self._postponed) < 2 * self._window

    def _take(self) -> list[Job]:
        """The next jobs, at least one; none when there will be no more. A postponed job keeps the worker that postponed
        it from ending, so there is always one to take it up again. Whoever takes jobs wakes one more for the rest."""
        with self._due:
            while not self._waiting and not self._recall():
                if self._cancelled or (self._finished and not self._postponed):
                    return []
                self._due.wait(max(self._postponed[0][0] - time.monotonic(), 0) if self._postponed else None)
            jobs = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
            self._room.notify()
            if self._waiting or self._postponed:
                self._due.notify()
        return jobs

    def _recall(self) -> bool:
        """Put the postponed jobs whose time has come before the others; whether there were any."""
        now, due = time.monotonic(), []
        while self._postponed and self._postponed[0][0] <= now:
            due.append(heapq.heappop(self._postponed)[2])
        self._waiting.extendleft(reversed(due))
        return bool(due)

    def _postpone(self, later: Postponed[Job]) -> None:
        with self._due:
            if not self._cancelled:
                heapq.heappush(self._postponed, (time.monotonic() + later.after_s, next(self._numbers), later.job))

    def _worked(self, jobs: Sequence[Job]) -> Iterator[Done[Job, Result]]:
        try:
            results = self._work(jobs)
        except Exception as error:  # noqa: BLE001  (the root of a worker: what failed is handed on, the thread lives)
            for job in jobs:
                yield Done(job, None, error)
            return
        for job, result in zip(jobs, results, strict=True):
            if isinstance(result, Postponed):
                self._postpone(result)
            else:
                yield Done(job, result)
