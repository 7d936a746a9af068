"""Staying under a server's limits: how fast calls may go out, found from what the server says and from what it refuses.

Nobody waits in here: :meth:`Limiter.reserve` says when a call may go. Three things hold calls back:

* the **pace**, in requests and in tokens a second, learnt from ``x-ratelimit-limit-*`` headers; else from refusals,
  after CUBIC (RFC 9438): a refusal takes a little off, the pace comes back to where it was refused quickly at first and
  slowly near it, stays there a while, and then tries more. Refusals that go on set it to what gets through; a share
  of them that stays the same at a lower pace is no limit but chance, and is borne;
* a **pause** that the server asked for (``Retry-After``);
* the **breaker**: after several failures in a row with no answer between them only one probe goes at a time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from core.clock import Clock

# Told a limit, go this close to it: its clock and ours do not agree on when a minute begins.
_SHARE_OF_TOLD = 0.98
_KEPT = 0.92  # of the pace, at a refusal
_KEPT_OF_MEASURED = 0.95
_LEAST_KEPT = 0.4
_LEAST_PACE = 0.2
_CUBIC = 0.001  # a second cubed, of the pace that was refused
_WINDOW_S = 1.0
_FEW = 20.0  # calls a second, below which the window is twice as long
_ONE_REFUSAL_S = 1.0  # refusals that come so close together are one
_GOING_ON_S = 3.0
_CHANCE_BELOW_PACE = 0.87  # of the pace at which refusals began, and still as many of them
_CHANCE_LEAST_SHARE, _CHANCE_MOST_SHARE = 0.5, 0.25
_CHANCE_ENOUGH = 40
_LEAST_TOKENS = 1000  # a minute; with fewer no picture could be asked about
_UNTRUE_REFUSALS, _UNTRUE_AFTER_S = 4, 5.0
_FORGOTTEN_S = 900.0  # refusals that far apart are no row
_AHEAD_S = 1.0  # a turn is kept at most this far ahead
_LONG_WAIT_S = 5.0  # asked to wait this long, nobody else goes either
_FAILURES_TO_BREAK = 12
_FIRST_PROBE_S, _LAST_PROBE_S = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Turn:
    """When to come back. A ``kept`` turn is handed in then; else that is the time to ask again: no turn is kept far
    ahead, since the pace may be another by then."""

    at_s: float
    kept: bool


class Limiter:
    """Keeps the pace of one server's calls. Safe from all threads; times are the clock's monotonic seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._pace: float | None = None  # requests a second; None: not known to be limited
        self._ceiling: float | None = None  # the pace at which the server refused
        self._told: float | None = None
        self._token_pace: float | None = None
        self._next_s = self._next_token_s = 0.0
        self._paused_until_s = 0.0
        self._refused_at_s = float("-inf")
        self._began_at: tuple[float | None, float, float] = (None, 0.0, 0.0)  # pace, calls a second, share refused
        self._chance: float | None = None
        self._sent: deque[float] = deque()
        self._refusals: deque[float] = deque()
        self._first_sent_s = float("inf")
        self._failures = 0
        self._probe_at_s = 0.0
        self._probe_wait_s = _FIRST_PROBE_S
        self._broken_since_s: float | None = None
        self._refused_since_s: float | None = None  # since then nothing but refusals came
        self._last_refusal_s = float("-inf")
        self._deaf = False  # the server tells a limit in requests that isn't its own

    @property
    def pace(self) -> float | None:
        """Requests a second that are thought to be allowed; ``None`` while no limit is known."""
        with self._lock:
            return self._pace

    @property
    def silent_s(self) -> float:
        """For how long the server has answered nothing, once the breaker is open; else 0."""
        with self._lock:
            return 0.0 if self._broken_since_s is None else self._clock.monotonic() - self._broken_since_s

    @property
    def refused_s(self) -> float:
        """For how long every call was refused, up to the latest refusal."""
        with self._lock:
            return 0.0 if self._refused_since_s is None else self._last_refusal_s - self._refused_since_s

    def reserve(self, tokens: float = 0.0, booked_s: float | None = None) -> Turn | None:
        """``None``: go now. Else when to come back; ``booked_s`` is the moment of a turn that was kept."""
        with self._lock:
            now = self._clock.monotonic()
            if self._broken_since_s is not None:
                return self._probe(now)
            if booked_s is not None and self._paused_until_s <= booked_s <= now:
                self._go(now)
                return None
            self._rise(now)
            turn = max(now, self._paused_until_s, *self._next())
            if turn - now > _AHEAD_S:
                return Turn(max(now + _AHEAD_S, self._paused_until_s), kept=False)
            if self._pace is not None:
                self._next_s = turn + 1 / self._pace
            if self._token_pace is not None:
                self._next_token_s = turn + tokens / self._token_pace
            if turn > now:
                return Turn(turn, kept=True)
            self._go(now)
            return None

    def answered(self, headers: Mapping[str, str]) -> None:
        """A call was answered; its headers may tell the limits."""
        with self._lock:
            self._failures, self._broken_since_s, self._refused_since_s = 0, None, None
            self._listen(headers)

    def refused(self, headers: Mapping[str, str], after_s: float | None) -> None:
        """A call was refused for the limit's sake (429)."""
        with self._lock:
            now = self._clock.monotonic()
            self._failures, self._broken_since_s = 0, None
            self._listen(headers)
            self._refusals.append(now)
            if self._refused_since_s is None or now - self._last_refusal_s > _FORGOTTEN_S:
                self._refused_since_s = now
            self._last_refusal_s = now
            if self._told is not None and self._is_untrue(now):
                self._told, self._deaf = None, True
            if after_s and after_s >= _LONG_WAIT_S:
                self._paused_until_s = max(self._paused_until_s, now + after_s)
            if self._told is None:
                self._fall(now)

    def failed(self) -> None:
        """A call had no answer, or one that told of a failure."""
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES_TO_BREAK and self._broken_since_s is None:
                self._broken_since_s = self._clock.monotonic()
                self._probe_wait_s = _FIRST_PROBE_S
                self._probe_at_s = self._broken_since_s + self._probe_wait_s

    def _go(self, now: float) -> None:
        """A call goes out now: remember it, as long as it tells the pace."""
        self._first_sent_s = min(self._first_sent_s, now)
        self._sent.append(now)
        for moments in (self._sent, self._refusals):
            while moments and moments[0] < now - 2 * _WINDOW_S:
                moments.popleft()

    def _admitted(self, now: float) -> float:
        """Calls a second that were not refused lately."""
        window = _WINDOW_S if self._pace is not None and self._pace > _FEW else 2 * _WINDOW_S
        sent, refused = (sum(1 for at in moments if at > now - window) for moments in (self._sent, self._refusals))
        since = min(max(now - self._first_sent_s, 1.0), window)
        return max((sent - refused) / since, _LEAST_PACE)

    def _next(self) -> tuple[float, float]:
        return (
            self._next_s if self._pace is not None else 0.0,
            self._next_token_s if self._token_pace is not None else 0.0,
        )

    def _probe(self, now: float) -> Turn | None:
        if now < self._probe_at_s:
            return Turn(self._probe_at_s, kept=False)
        self._probe_wait_s = min(self._probe_wait_s * 2, _LAST_PROBE_S)
        self._probe_at_s = now + self._probe_wait_s
        self._go(now)
        return None

    def _listen(self, headers: Mapping[str, str]) -> None:
        requests = _number(headers.get("x-ratelimit-limit-requests"))
        if requests and not self._deaf:
            self._told = self._pace = requests / 60 * _SHARE_OF_TOLD
        tokens = _number(headers.get("x-ratelimit-limit-tokens"))
        if tokens and tokens >= _LEAST_TOKENS:
            self._token_pace = tokens / 60 * _SHARE_OF_TOLD

    def _is_untrue(self, now: float) -> bool:
        """Whether so many calls are refused at the pace that was told that it can't be the limit: some servers tell
        that of a day."""
        _, share = self._lately(now)
        many = sum(1 for at in self._refusals if at > now - 2 * _WINDOW_S) >= _UNTRUE_REFUSALS
        return many and share > _CHANCE_MOST_SHARE and now - self._first_sent_s > _UNTRUE_AFTER_S

    def _fall(self, now: float) -> None:
        """Refusals that come close together are one: their calls were sent before the first was heard of."""
        if self._is_chance(now):
            return
        since, pace = now - self._refused_at_s, self._pace
        if since < _ONE_REFUSAL_S or (pace is None and now - self._first_sent_s < _ONE_REFUSAL_S):
            return  # the first second tells how large a burst is let through, not the pace
        if since > _GOING_ON_S:
            sent, share = self._lately(now)
            self._began_at = (pace, sent, share)
        if pace is not None and since > _GOING_ON_S:
            self._ceiling, self._pace = pace, pace * _KEPT
        else:
            floor = 0.0 if pace is None else pace * _LEAST_KEPT
            self._ceiling = max(self._admitted(now), floor)
            self._pace = self._ceiling * _KEPT_OF_MEASURED
        self._refused_at_s = now
        self._next_s = max(self._next_s, now)

    def _lately(self, now: float) -> tuple[float, float]:
        """Calls a second, and the share of them that was refused."""
        window = 2 * _WINDOW_S
        sent, refused = (sum(1 for at in moments if at > now - window) for moments in (self._sent, self._refusals))
        since = min(max(now - self._first_sent_s, 1.0), window)
        return sent / since, refused / max(sent, 1)

    def _is_chance(self, now: float) -> bool:
        """Whether calls are refused whatever the pace: then the pace goes back to what it was."""
        sent, share = self._lately(now)
        if self._chance is not None and share <= 2 * self._chance + 0.02:
            return True
        self._chance = None
        pace_before, sent_before, share_before = self._began_at
        slower = self._pace is not None and self._pace <= sent_before * _CHANCE_BELOW_PACE
        as_many = share_before * _CHANCE_LEAST_SHARE <= share <= _CHANCE_MOST_SHARE
        going_on = _ONE_REFUSAL_S <= now - self._refused_at_s <= _GOING_ON_S
        if slower and as_many and going_on and 0 < share_before <= _CHANCE_MOST_SHARE and sent >= _CHANCE_ENOUGH / 2:
            self._chance, self._pace, self._ceiling = share, pace_before, None
            return True
        return False

    def _rise(self, now: float) -> None:
        if self._pace is None or self._ceiling is None or self._told is not None:
            return
        at_ceiling_s = ((1 - _KEPT) / _CUBIC) ** (1 / 3)
        grown = 1 + _CUBIC * (now - self._refused_at_s - at_ceiling_s) ** 3
        self._pace = max(self._pace, self._ceiling * grown)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() and len(text) < 12 else None
