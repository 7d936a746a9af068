"""The first version's tables, which it made itself; there is nothing to do."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: a database without a version is taken to stand here."""
