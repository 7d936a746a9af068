"""What a question waits for, as shapes of /api/v1: a stand-in that may be taken, a price that wants a yes."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Estimate(TypedDict):
    """What a run was expected to take; ``more`` says that there are at least so many pictures."""

    pictures: int
    more: bool
    known: int
    calls: int
    tokens_in: int
    tokens_out: int
    cost_usd: float
    seconds: float
    to: str


class Offer(TypedDict):
    """A stand-in that the person may accept by asking again with this model; or, with ``confirm``, what a question
    takes, to which the person says yes by asking with ``confirmed``."""

    model: str
    label: str
    confirm: NotRequired[bool]
    again: NotRequired[bool]
    estimate: NotRequired[Estimate]
