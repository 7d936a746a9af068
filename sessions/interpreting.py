"""How a question is understood where a language model is at hand: by the rules, and by it where they are unsure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from analyzer.leaving import Leaving
from analyzer.plan import Plan
from analyzer.planner.interpreter import Interpreter, Situation
from core.errors import UnplannableQuestion
from sessions.questions import LANGUAGE_UNKNOWN
from sessions.site import Site


def understood(
    text: str, earlier: Sequence[Plan], site: Site, now: datetime, interpreter: Interpreter | None, leaving: Leaving
) -> tuple[Plan, tuple[str, ...]]:
    """The plan of ``text`` after the plans ``earlier``, and what is to be said of how it came about. ``now`` is aware.
    Raises :class:`UnplannableQuestion` where neither the rules nor the model has a plan."""
    planner = site.planner
    plan: Plan | None = None
    refusal: UnplannableQuestion | None = None
    try:
        plan = planner.plan(text, after=earlier, now=now)
    except UnplannableQuestion as error:
        refusal = error
    known = planner.knows_language(text)
    said: tuple[str, ...] = () if known else (LANGUAGE_UNKNOWN,)
    if interpreter is not None and interpreter.wanted(text, leaving, sure=plan is not None and known):
        local = now.astimezone(site.timezone).replace(tzinfo=None)
        found = interpreter.plan(text, Situation(planner, site.register, earlier, local), leaving)
        if found is not None:
            return found, (f"Understood by {interpreter.label}; every name was checked against the register.",)
        said += (f"No plan came from {interpreter.label}, so the rules' stands.",)
    if plan is None:
        raise refusal or UnplannableQuestion("There is no plan.")
    return plan, said
