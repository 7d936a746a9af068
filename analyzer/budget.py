"""The money that may be spent on a cloud model: for a run, and for a day over all runs and restarts.

Before a call its expected price is set aside, after it the real one is booked: with many calls in flight the sum never
goes beyond the cap. What was spent today is kept in ``DATA_DIR/cloud.json``, with the hosts of which people were told.
"""

from __future__ import annotations

import json
import math
import os
import threading
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.errors import Standstill

_KEEP_INTERVAL_S = 1.0
_ENOUGH = 1e-9


class Budget:
    """One day's money, by the clock of ``zone``; safe from all threads."""

    def __init__(self, book: Path, most_usd: float, clock: Clock, zone: tzinfo) -> None:
        self._book = book
        self._most_usd = most_usd
        self._clock = clock
        self._zone = zone
        self._lock = threading.Lock()
        told = _read(book)
        self._day = str(told.get("day", ""))
        self._spent_usd = float(told.get("usd", 0.0))
        self._told = [str(host) for host in told.get("told", [])]
        self._aside_usd = 0.0
        self._kept_at_s = float("-inf")

    @property
    def spent_usd(self) -> float:
        """What was spent today."""
        with self._lock:
            self._turn_page()
            return self._spent_usd

    @property
    def left_usd(self) -> float:
        """What may still be spent today."""
        with self._lock:
            self._turn_page()
            return max(self._most_usd - self._spent_usd - self._aside_usd, 0.0)

    def set_aside(self, usd: float, most_usd: float = 0.0) -> bool:
        """Keep ``most_usd`` for a call that is expected to cost ``usd``; ``False`` while calls under way hold what is
        left. The last call of a day may cost more than is expected, never several. Raises :class:`Standstill` when the
        day has no ``usd`` left."""
        most_usd = max(usd, most_usd)
        with self._lock:
            self._turn_page()
            if self._spent_usd + usd > self._most_usd + _ENOUGH:
                raise Standstill(
                    f"Today ${self._spent_usd:.2f} of the ${self._most_usd:.2f} that MAX_USD_PER_DAY allows are spent.",
                    "What was answered is kept. Continue tomorrow, or raise it.",
                )
            if self._aside_usd and self._spent_usd + self._aside_usd + most_usd > self._most_usd + _ENOUGH:
                return False
            self._aside_usd += most_usd
            return True

    def book(self, aside_usd: float, spent_usd: float) -> None:
        """A call is over: ``aside_usd`` is free again, ``spent_usd`` is gone."""
        with self._lock:
            self._turn_page()
            self._aside_usd = _less(self._aside_usd, aside_usd)
            self._spent_usd += spent_usd
            if spent_usd and self._clock.monotonic() - self._kept_at_s >= _KEEP_INTERVAL_S:
                self._keep()

    def knows(self, host: str) -> bool:
        """Whether people were told that pictures go to ``host``."""
        with self._lock:
            return host in self._told

    def tell(self, host: str) -> None:
        """People were told, and said yes."""
        with self._lock:
            if host not in self._told:
                self._told.append(host)
                self._keep()

    def close(self) -> None:
        """Keep what was spent since it was kept last."""
        with self._lock:
            if self._spent_usd:
                self._keep()

    def _turn_page(self) -> None:
        now = self._clock.now().astimezone(self._zone)
        today, tomorrow = now.date().isoformat(), (now + timedelta(days=1)).date().isoformat()
        if today > self._day:  # a clock set back does not give the money twice
            self._day, self._spent_usd = today, 0.0
        elif self._day > tomorrow:  # it was years ahead for a while: what was spent then counts as today's
            self._day = today

    def _keep(self) -> None:
        self._kept_at_s = self._clock.monotonic()
        text = json.dumps({"day": self._day, "usd": round(self._spent_usd, 6), "told": self._told})
        self._book.parent.mkdir(parents=True, exist_ok=True)
        whole = self._book.with_suffix(".part")
        with whole.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self._book)


class Purse:
    """One run's money, out of the day's. ``spent_usd`` is what an earlier part of the run has spent of the cap."""

    def __init__(self, budget: Budget | None, most_usd: float, spent_usd: float = 0.0) -> None:
        self._budget = budget
        self._most_usd = most_usd
        self._lock = threading.Lock()
        self._spent_usd = spent_usd
        self._aside_usd = 0.0

    def set_aside(self, usd: float, most_usd: float = 0.0) -> bool:
        """Keep money for a call as :meth:`Budget.set_aside` does, out of the run's and the day's."""
        most_usd = max(usd, most_usd)
        with self._lock:
            if usd and self._spent_usd + usd > self._most_usd + _ENOUGH:
                spent = f"${self._spent_usd:.2f} of the ${self._most_usd:.2f}"
                raise Standstill(
                    f"This run has spent {spent} that MAX_USD_PER_RUN allows.",
                    "What was answered is kept. Continue to go on for as much again.",
                )
            if self._aside_usd and self._spent_usd + self._aside_usd + most_usd > self._most_usd + _ENOUGH:
                return False
            if usd and self._budget is not None and not self._budget.set_aside(usd, most_usd):
                return False
            self._aside_usd += most_usd
            return True

    def book(self, aside_usd: float, spent_usd: float) -> None:
        """A call is over."""
        with self._lock:
            self._aside_usd = _less(self._aside_usd, aside_usd)
            self._spent_usd += spent_usd
        if self._budget is not None and (aside_usd or spent_usd):
            self._budget.book(aside_usd, spent_usd)


def _less(aside_usd: float, over_usd: float) -> float:
    """What is still set aside; fractions of a cent that rounding leaves are nothing."""
    left = aside_usd - over_usd
    return left if left > _ENOUGH else 0.0


def _read(book: Path) -> dict[str, Any]:
    """What the book says; one that is damaged says nothing, which never gives more money than a day has."""
    try:
        told = json.loads(book.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    sound = (
        isinstance(told, dict)
        and isinstance(told.get("usd", 0.0), int | float)
        and math.isfinite(told.get("usd", 0.0))
        and isinstance(told.get("told", []), list)
    )
    return told if sound else {}
