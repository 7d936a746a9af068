"""The threads that answer requests. What they answer with is the routes' business."""

from __future__ import annotations

from typing import Any

from waitress.task import ThreadedTaskDispatcher


class Workers(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads for requests, made as they are needed: each stream holds one, and most servers have few streams."""

    def __init__(self, first: int, most: int) -> None:
        super().__init__()
        self._most = most
        self.set_thread_count(first)

    def add_task(self, task: Any) -> None:
        """Have ``task`` done, by one more thread where all are busy."""
        with self.lock:
            busy = self.active_count + len(self.queue)
            wanted = min(len(self.threads) + 1, self._most) if busy >= len(self.threads) else len(self.threads)
        self.set_thread_count(wanted)
        super().add_task(task)
