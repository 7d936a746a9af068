"""What makes a picture the same picture again, where its bytes are at hand."""

from __future__ import annotations

from hashlib import sha256

from core.picture import Identity


def content_identity(content: bytes) -> Identity:
    """The SHA-256 of the bytes: the strongest identity there is, and the one of a folder's pictures."""
    return Identity("content", sha256(content).hexdigest())
