"""What can be said of a question before any picture is looked at: its title, what it rests on, what it can't mean.

Putting it to the pictures is :mod:`sessions.conversations`' business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analyzer.models.catalogue import Choice
from analyzer.plan import Scope
from analyzer.planner.choices import Unclear
from core.errors import InvalidRequest, ModelUnavailable, SightlineError, UnplannableQuestion
from storage.conversations import MessageRow

TITLE_LENGTH = 60


class StandInOffered(ModelUnavailable):
    """No model at hand can answer fully; one offers something near, for the person to accept or not."""

    code = "stand_in_offered"

    def __init__(self, choice: Choice) -> None:
        super().__init__(choice.ability.sentence, choice.ability.leaves_out)
        self.offer = {"model": choice.model.card.name, "label": choice.ability.sentence}


class AmbiguousPlace(InvalidRequest):
    """A name could be several places; the question is put again with the one that is meant."""

    code = "ambiguous_place"

    def __init__(self, name: Unclear) -> None:
        labels = "; ".join(choice.label for choice in name.choices)
        super().__init__(f"There are several places called “{name.name}”.", f"Which one is meant? {labels}.")
        self.choices = [{"label": choice.label, "text": choice.text} for choice in name.choices]

    def as_json(self) -> dict[str, Any]:
        """With the choices."""
        return super().as_json() | {"choices": self.choices}


LANGUAGE_UNKNOWN = (
    "The planner does not know the language of this question. It is put to the model as it stands, for the places "
    "that it names in full, else for all pictures."
)


def last_look(earlier: Sequence[MessageRow], target: str | None = None) -> MessageRow:
    """The latest look, of those about ``target`` if there are any."""
    looks = [row for row in reversed(earlier) if row.run_id is not None and row.error is None]
    about = [row for row in looks if target is not None and row.plan["target"] == target]
    if not looks:
        raise UnplannableQuestion("There is no earlier answer to go on from.", "Ask about pictures first.")
    return (about or looks)[0]


def title_of(text: str) -> str:
    """A session's title: the first words of its first question. A word that does not fit is left out, unless it is
    as long as a title itself."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[:TITLE_LENGTH]
    end = head.rfind(" ")
    cut = head[: end if end > TITLE_LENGTH // 2 else TITLE_LENGTH - 1]
    return f"{cut.rstrip(' ,;:')}…"


def names_known_place(scope: Scope) -> bool:
    """Whether the register has at least one of the places that are named."""
    return bool(scope.districts or scope.mandals or scope.locations or scope.cameras)


def check_places(scope: Scope, which: Unclear | None) -> None:
    """Raise where no place that is named is known, or where a name may mean several."""
    if scope.unknown and not names_known_place(scope):
        raise _unknown_place(scope)
    if which is not None:
        raise AmbiguousPlace(which)


def _unknown_place(scope: Scope) -> SightlineError:
    """Nothing that is named is in the register: asking all cameras instead would answer another question."""
    names = " and ".join(f"“{name}”" for name in scope.unknown)
    return UnplannableQuestion(
        f"The register has no place called {names}.",
        "Ask with another name, or without a place to search everywhere.",
    )


def notes_on(scope: Scope) -> tuple[str, ...]:
    """What the answer leaves out, in sentences."""
    if not names_known_place(scope):
        return ()
    return tuple(f"The register has no place called “{name}”; it is left out." for name in scope.unknown)
