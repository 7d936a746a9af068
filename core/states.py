"""States and the moves that are allowed between them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.errors import Conflict


class Outcome(StrEnum):
    """What became of one picture. "Could not see" is never "no".

    ``MATCH`` means that the target is present; a question's condition is applied afterwards, in the answer.
    """

    MATCH = "match"
    NO_MATCH = "no_match"
    UNSURE = "unsure"
    UNREADABLE = "unreadable"


class RunState(StrEnum):
    """Where a run stands. A run found ``RUNNING`` at start-up was interrupted and is resumed."""

    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"
    FAILED = "failed"


RUN_MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.RUNNING: frozenset({RunState.STOPPED, RunState.FINISHED, RunState.FAILED}),
    RunState.STOPPED: frozenset({RunState.RUNNING}),
    RunState.FAILED: frozenset({RunState.RUNNING}),
    RunState.FINISHED: frozenset(),
}


def move(state: RunState, to: RunState) -> RunState:
    """Return ``to`` if a run in ``state`` may go there, else raise :class:`Conflict`."""
    if to not in RUN_MOVES[state]:
        raise Conflict(f"A run that is {state} can't become {to}.", "Reload the page to see where it stands.")
    return to
