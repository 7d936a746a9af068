"""Before a question costs money, or its pictures leave this machine for the first time: say so, and wait for a yes."""

from __future__ import annotations

from typing import Any

from analyzer.estimate import LISTING_PATIENCE_S, Estimate, estimate
from analyzer.leaving import Inline, Leaving
from analyzer.models.catalogue import Choice
from analyzer.models.model import ModelCard
from analyzer.run import Question, RunMeans
from core.errors import ConfirmationNeeded, Conflict, ModelUnavailable
from storage.conversations import MessageRow, RunRow
from storage.register import Register

# Where nothing is paid, "at least so many" will do.
_FREE_PATIENCE_S = 0.1


class Quoted(ConfirmationNeeded):
    """The question waits: this is what it takes, and where the pictures go."""

    def __init__(self, sentence: str, hint: str, card: ModelCard, told: Estimate, *, again: bool) -> None:
        super().__init__(sentence, hint)
        self.offer: dict[str, Any] = {
            "model": card.name,
            "label": told.action,
            "confirm": True,
            "again": again,
            "estimate": told.as_json(),
        }


def quote(question: Question, row: RunRow, means: RunMeans, *, confirmed: bool, texts: bool = False) -> Estimate | None:
    """What ``question`` will take; ``None`` for a model that works here. ``texts``: after a yes, texts go there too.
    Raises :class:`Quoted` when the person has to say yes first, and :class:`ModelUnavailable` when the pictures may not
    leave at all. A yes is remembered as far as the host is concerned."""
    card, leaving = question.model.card, means.leaving
    if not card.leaves_machine:
        return None
    if leaving.inline is Inline.NEVER and question.source.name.startswith("file:"):
        raise ModelUnavailable(
            f"{card.to} can't get these pictures: they lie in a folder, and INLINE_IMAGES forbids to send bytes.",
            "Choose another model, or set INLINE_IMAGES=folder.",
        )
    ability = question.model.ability(question.ask)
    free = not ability.cost.usd
    told = estimate(question, row, means, _FREE_PATIENCE_S if free else LISTING_PATIENCE_S)
    foreign = not leaving.agreed(card.to)
    dear = told.cost.usd > leaving.spending.confirm_above or (told.more and told.cost.usd > 0)
    if (foreign or dear) and not confirmed and told.calls:
        where = _where(question, leaving.inline, painted=bool(leaving.regions), texts=texts) if foreign else ""
        hint = " ".join(filter(None, (_hint(told, means), ability.leaves_out if told.cost.usd else "")))
        raise Quoted(f"{where}{told.sentence}", hint, card, told, again=row.again)
    if foreign and confirmed and leaving.budget is not None:
        leaving.budget.tell(card.to)
    return told


def awaited(row: MessageRow) -> tuple[str, bool]:
    """The model that a question waits to be put to, and whether it looks at all afresh. Raises :class:`Conflict` for
    one that doesn't wait."""
    offer = (row.error or {}).get("offer", {})
    if not offer.get("confirm"):
        raise Conflict("This question doesn't wait for a yes.", "Reload the page to see where it stands.")
    return str(offer["model"]), bool(offer.get("again"))


def described(choice: Choice, told: Estimate | None) -> dict[str, Any]:
    """The model as a message keeps it, with what was expected."""
    card = choice.model.card
    what = {"name": card.name, "version": card.version, "why": choice.why, "leaves_out": choice.ability.leaves_out}
    return what | ({"estimate": told.as_json()} if told else {})


def painted(choice: Choice, leaving: Leaving, register: Register) -> tuple[str, ...]:
    """Notes for a question whose pictures leave, where some cameras have regions that nobody outside may see; also of
    names that are no camera's, for whoever wrote them believes that something is painted over."""
    if not choice.model.card.leaves_machine or not leaving.regions:
        return ()
    unknown = [camera for camera in leaving.regions if register.cameras and register.find(camera) is None]
    notes = [f"redaction.toml names “{camera}”, and no camera is called so." for camera in unknown[:3]]
    number = len(leaving.regions) - len(unknown)
    whose = "1 camera" if number == 1 else f"{number} cameras"
    over = f"Pictures of {whose} are sent as bytes, with the regions of redaction.toml painted over."
    return (over, *notes) if number else tuple(notes)


def _where(question: Question, inline: Inline, *, painted: bool, texts: bool) -> str:
    to = question.model.card.to
    if question.source.name.startswith("file:"):
        way = "sent"
    else:
        way = "given by URL" if inline is not Inline.ALWAYS else "given by URL, or sent where that fails"
    over = " Cameras with painted-over regions are sent painted." if painted else ""
    also = " Questions and the figures of answers may go there as text." if texts else ""
    return f"These pictures will be {way} to {to}, outside this machine.{over}{also} This is said once. "


def _hint(told: Estimate, means: RunMeans) -> str:
    spending, budget = means.leaving.spending, means.leaving.budget
    if told.cost.usd > spending.most_per_run:
        return f"The run stops at ${spending.most_per_run:,.2f} (MAX_USD_PER_RUN) and keeps what it has."
    if budget is not None and told.cost.usd > budget.left_usd:
        return f"Only ${budget.left_usd:,.2f} of today's money are left (MAX_USD_PER_DAY); the run stops there."
    return ""
