"""The threads that answer: made as they are needed, up to a number."""

from __future__ import annotations

import threading

from web.workers import Workers


class Held:
    """A task that says when it began and ends when it is let."""

    def __init__(self, may_end: threading.Event) -> None:
        self.may_end = may_end
        self.began = threading.Event()

    def service(self) -> None:
        self.began.set()
        self.may_end.wait(10)

    def cancel(self) -> None:
        """Never begun."""


def test_there_are_as_many_threads_as_tasks_and_no_more_than_is_allowed() -> None:
    workers, may_end = Workers(2, 12), threading.Event()
    assert len(workers.threads) == 2
    tasks = [Held(may_end) for _ in range(12)]
    for task in tasks:
        workers.add_task(task)
    assert all(task.began.wait(5) for task in tasks)
    late = Held(may_end)
    workers.add_task(late)
    assert not late.began.wait(0.05)
    assert len(workers.threads) == 12
    may_end.set()
    assert late.began.wait(5)
    workers.shutdown()
