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

    def as_json(self) -> dict[str, str]:
        """The shape in the HTTP interface."""
        return {"name": self.name, "role": str(self.role)}


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a cookie says: which sign-in it is, of whom, in which epoch of theirs."""

    id: str
    person_id: str
    epoch: int


def may_edit(person: Person | None, owner: str | None) -> bool:
    """Whether a session of ``owner`` is ``person``'s to change. Nobody's sessions, made while there were no people, are
    every operator's; without people (``None``) everything is everybody's."""
    if person is None:
        return True
    return person.may_change if owner is None else owner == person.id


def may_see(person: Person | None, owner: str | None, shared: bool) -> bool:
    """Whether ``person`` may look into a session of ``owner``."""
    return shared or may_edit(person, owner)
