"""Who asks: a person with a name and a role. Passwords and tokens are :mod:`storage.people`'s business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: an ``operator`` asks and changes, a ``viewer`` looks."""

    OPERATOR = "operator"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has signed in."""

    id: str
    name: str
    role: Role

    @property
    def may_change(self) -> bool:
        """Whether this person may ask questions and change things."""
        return self.role is Role.OPERATOR
