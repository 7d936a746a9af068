"""Passwords: which are good enough, and how they are kept. Nothing here knows whose a password is.

Argon2id with 32 MiB and two passes, above the least that OWASP asks for (19 MiB, two passes); about 60 ms on one core.
"""

from __future__ import annotations

import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import InvalidRequest, TooMany

FEWEST_CHARACTERS = 10
MOST_CHARACTERS = 256
_FEWEST_DIFFERENT = 4
# Each hash takes 32 MiB and a core: many people at the door must cost neither.
_AT_ONCE = 2
_PATIENCE_S = 5.0
# What people choose when ten characters are asked for.
_COMMON = frozenset(
    """
    0123456789 1234567890 12345678910 123456789a 0987654321 9876543210 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5
    zaq12wsxcde3 qwertyuiop qwerty1234 qwerty12345 qwerty123456 qwertzuiop azertyuiop asdfghjkl1 asdfghjkl; zxcvbnm123
    123qweasdzxc abcdefghij abcdefg123 abc1234567 password12 password123 password1234 passw0rd123 p@ssw0rd123
    p@ssword123 pa$$word123 passwordpassword mypassword1 changeme123 changemenow letmein123 letmein1234 welcome123
    welcome1234 admin12345 admin123456 administrator adminadmin1 rootroot12 iloveyou12 iloveyou123 trustno1trustno1
    football123 baseball123 basketball princess123 sunshine123 superman123 batman1234 dragon1234 monkey12345 master1234
    secret1234 default123 camera1234 camera12345 hikvision1 hikvision123 security123 sightline1 sightline123
    """.split()  # noqa: SIM905  (a list of words is read as one)
)


class Passwords:
    """Keeps and checks passwords; at most two at once, the others wait."""

    def __init__(self, time_cost: int = 2, memory_kib: int = 32 * 1024) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=1)
        self._seats = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash("nobody's")

    def hash(self, password: str) -> str:
        """What is kept instead of ``password``."""
        with _Seat(self._seats):
            return self._hasher.hash(normalised(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether ``kept`` was made of ``password``. Where nothing is kept, the answer takes as long."""
        with _Seat(self._seats):
            try:
                self._hasher.verify(kept or self._nobodys, normalised(password)[: MOST_CHARACTERS + 1])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_stale(self, kept: str) -> bool:
        """Whether ``kept`` was made with other parameters than those of now."""
        return self._hasher.check_needs_rehash(kept)


class _Seat:
    """One of the few places for hashing; :class:`TooMany` when none is free in time."""

    def __init__(self, seats: threading.BoundedSemaphore) -> None:
        self._seats = seats

    def __enter__(self) -> None:
        if not self._seats.acquire(timeout=_PATIENCE_S):
            raise TooMany("Too many people are signing in at once.", "Try again in a moment.")

    def __exit__(self, *_: object) -> None:
        self._seats.release()


def normalised(text: str) -> str:
    """The same text whichever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", text)


def require_good(password: str, name: str) -> None:
    """Refuse, with a sentence, what would be guessed."""
    text = normalised(password)
    if not FEWEST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
        raise InvalidRequest(
            f"A password has {FEWEST_CHARACTERS} to {MOST_CHARACTERS} characters.",
            "A few words in a row are easy to remember and hard to guess.",
        )
    if any(ord(character) < 32 for character in text):
        raise InvalidRequest("A password is one line of text.")
    folded = text.casefold()
    if folded in _COMMON or folded == normalised(name).casefold() or len(set(folded)) < _FEWEST_DIFFERENT:
        raise InvalidRequest("This password would be guessed.", "Take a few words in a row that only you would join.")
