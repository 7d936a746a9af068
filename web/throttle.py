"""How often somebody may try to sign in: by account, by network and by both. In memory, and bounded.

Each of the three allows some failures, then makes one wait, twice as long for each failure more. Attempts count before
the password is looked at, so that many at once are many. A browser that has been signed in as that person has an
account of its own here: whoever guesses from elsewhere locks nobody out of it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.clock import Clock
from core.errors import SightlineError

_FIRST_WAIT_S = 15.0
_LONGEST_WAIT_S = 900.0
# Failures are forgotten after so long without another.
_FORGOTTEN_AFTER_S = 3600.0
# One person at one place mistypes; behind one address stand many people; one account is guessed at from many places.
_FREE: Mapping[str, int] = MappingProxyType({"both": 5, "network": 30, "account": 60})
_MOST_KEPT = 20_000
Key = tuple[str, str]


class TooManyAttempts(SightlineError):
    """Somebody must wait before they try again."""

    code = "too_many_attempts"
    status = 429

    def __init__(self, wait_s: float) -> None:
        self.wait_s = int(wait_s) + 1
        super().__init__("There were too many attempts to sign in.", f"Try again in {_words(self.wait_s)}.")


@dataclass(slots=True)
class _Failures:
    number: int = 0
    latest_s: float = 0.0
    shut_until_s: float = 0.0


class Throttle:
    """Counts attempts. Safe to call from any thread."""

    def __init__(self, clock: Clock, most_kept: int = _MOST_KEPT) -> None:
        self._clock = clock
        self._most_kept = most_kept
        self._lock = threading.Lock()
        self._failures: OrderedDict[Key, _Failures] = OrderedDict()

    def attempt(self, account: str, address: str, known_browser: str | None = None) -> None:
        """Count an attempt as failed until :meth:`succeeded` says otherwise; :class:`TooManyAttempts` while one must
        wait. ``known_browser`` is the id of a sign-in of before, as a browser proves that it had it."""
        keys = _keys(account, address, known_browser)
        with self._lock:
            now_s = self._clock.monotonic()
            wait_s = max(self._wait_s(key, now_s) for key in keys)
            if wait_s > 0:
                raise TooManyAttempts(wait_s)
            for key in keys:
                self._count(key, now_s)

    def succeeded(self, account: str, address: str, known_browser: str | None = None) -> None:
        """The password was right: this person's failures from there are forgotten, and the attempt was none. What came
        from the same network for other accounts stays."""
        keys = _keys(account, address, known_browser)
        with self._lock:
            self._failures.pop(keys[0], None)
            for key in keys[1:]:
                found = self._failures.get(key)
                if found is not None:
                    found.number -= 1
                    found.shut_until_s = 0.0

    def __len__(self) -> int:
        return len(self._failures)

    def _wait_s(self, key: Key, now_s: float) -> float:
        found = self._failures.get(key)
        return 0.0 if found is None else found.shut_until_s - now_s

    def _count(self, key: Key, now_s: float) -> None:
        found = self._failures.setdefault(key, _Failures())
        if now_s - found.latest_s > _FORGOTTEN_AFTER_S:
            found.number = 0
        found.number += 1
        found.latest_s = now_s
        over = found.number - _FREE[key[0]]
        if over >= 0:
            found.shut_until_s = now_s + min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(over, 10))
        self._failures.move_to_end(key)
        while len(self._failures) > self._most_kept:
            self._failures.popitem(last=False)


def _keys(account: str, address: str, known_browser: str | None) -> list[Key]:
    name = _short(account)
    if known_browser is not None:
        return [("both", f"{name} {known_browser}")]
    network = _network(address)
    return [("both", f"{name} {network}"), ("network", network), ("account", name)]


def _short(text: str) -> str:
    """A key of one length, whatever somebody typed."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _network(address: str) -> str:
    """What one household or attacker has: an IPv4 address, or 64 bits of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _words(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} seconds"
    return f"{(seconds + 59) // 60} minutes"
