"""Identifiers: sortable by time, unguessable, safe in a URL."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from hashlib import blake2b

from core.clock import Clock

# Crockford's base 32: no I, L, O or U, so that an id can be read out over the telephone.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def _base32(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


class Ids:
    """Makes ids of 26 characters: 10 of time in milliseconds, 16 of randomness (the shape of a ULID)."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock
        self._random_bits = random_bits

    def new(self) -> str:
        """A new id; ids of different milliseconds sort by time."""
        milliseconds = int(self._clock.now().timestamp() * 1000)
        return _base32(milliseconds, 10) + _base32(self._random_bits(80), 16)


def stable_id(*parts: str) -> str:
    """A 26-character id that is the same whenever the same parts are given."""
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=17).digest()
    return _base32(int.from_bytes(digest, "big") >> 6, 26)
