"""Housekeeping: what is old leaves, once an hour, as the settings say; and nothing leaves while the clock is in doubt.

A machine that boots in 1970 or jumps into next year must not take everybody's sessions for old. So the moment of each
round is kept: a clock that went back since, or forward by more than a day, stops all deleting until a person says that
it is right (``flask --app flask_app housekeeping --confirm``). A machine that was simply off for a few days looks the
same, and is asked about the same way, but only when something would leave.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.clock import Clock
from core.errors import SightlineError
from sessions.conversations import Conversations
from storage.observations import ObservationStore

_log = logging.getLogger(__name__)
ROUND_S = 3600.0
EVENTS_KEPT = timedelta(days=2)
# How far a clock may be put back by its time server without anybody being asked.
_BACK = timedelta(minutes=10)
_FORWARD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many days what is kept; 0 keeps it for ever."""

    bin_days: int = 7
    sessions_days: int = 0
    sights_days: int = 0


class Housekeeper:
    """Goes its round in a thread of its own. ``book`` is the file that holds the moment of the last round."""

    def __init__(
        self,
        conversations: Conversations,
        observations: ObservationStore,
        keeping: Keeping,
        book: Path,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._conversations = conversations
        self._observations = observations
        self._keeping = keeping
        self._book = book
        self._clock = clock
        self._jitter = jitter
        self._ending = threading.Event()
        self._round = threading.Lock()
        self._warning: str | None = None
        self._thread = threading.Thread(target=self._run, name="housekeeper", daemon=True)

    @property
    def warning(self) -> str | None:
        """Why nothing old leaves at present, where something would."""
        return self._warning

    def start(self) -> None:
        """Go the first round now, then one an hour."""
        self._thread.start()

    def close(self) -> None:
        """End after the round under way."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()

    def go_round(self, *, confirmed: bool = False) -> None:
        """Let what is old leave. ``confirmed`` says that a person has looked at the clock."""
        with self._round:
            now, last = self._clock.now(), self._last_round()
            doubt = None if confirmed else _doubt(last, now)
            if doubt is not None:
                self._warning = doubt if self._would_leave(now) else None
                if self._warning is None and last is not None and now > last:
                    self._note(now)  # nothing hangs on it
                return
            self._warning = None
            self._tidy(now)
            self._note(now)

    def _tidy(self, now: datetime) -> None:
        keeping, conversations = self._keeping, self._conversations
        conversations.forget_events(now - EVENTS_KEPT)
        for session_id in self._old_sessions(now):
            conversations.delete(session_id)  # into the bin, so that it can still be taken out
        if keeping.bin_days:
            conversations.empty_bin(now - timedelta(days=keeping.bin_days))
        if keeping.sights_days:
            self._observations.forget_sights(now - timedelta(days=keeping.sights_days))

    def _old_sessions(self, now: datetime) -> list[str]:
        days = self._keeping.sessions_days
        return self._conversations.untouched_since(now - timedelta(days=days)) if days else []

    def _would_leave(self, now: datetime) -> bool:
        keeping = self._keeping
        binned = keeping.bin_days and self._conversations.binned_before(now - timedelta(days=keeping.bin_days))
        sights = keeping.sights_days and self._observations.has_sights_before(now - timedelta(days=keeping.sights_days))
        return bool(binned or sights or self._old_sessions(now))

    def _run(self) -> None:
        while True:
            try:
                self.go_round()
            except SightlineError as error:
                _log.warning("housekeeping: %s %s", error.sentence, error.hint)
            except Exception:  # noqa: BLE001  (the root of a thread)
                _log.exception("housekeeping failed")
            # Not all installations of a city at the same minute.
            if self._ending.wait(ROUND_S * (0.9 + 0.2 * self._jitter())):
                return

    def _last_round(self) -> datetime | None:
        try:
            return datetime.fromisoformat(json.loads(self._book.read_text())["last_round"])
        except (OSError, ValueError, KeyError, TypeError):  # none yet, or half-written: then nobody knows
            return None

    def _note(self, now: datetime) -> None:
        unfinished = self._book.with_suffix(".new")
        unfinished.write_text(json.dumps({"last_round": now.isoformat()}))
        unfinished.replace(self._book)


def _doubt(last: datetime | None, now: datetime) -> str | None:
    """Why the clock is not to be trusted; ``None`` where it is."""
    confirm = "Nothing old is deleted until somebody confirms the date: flask --app flask_app housekeeping --confirm"
    if last is None or -_BACK <= now - last <= _FORWARD:
        return None
    if now < last:
        return f"The clock says {now:%Y-%m-%d %H:%M} UTC, but it was {last:%Y-%m-%d %H:%M} before. {confirm}"
    days = (now - last) / timedelta(days=1)
    return f"Since the last round {days:,.0f} days have passed by the clock: it jumped, or Sightline was off. {confirm}"
