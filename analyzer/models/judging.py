"""From boxes to a judgement: shared by the models that find things. Pure, so that it costs nothing to ask again."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit
from analyzer.models.view import why_blind
from analyzer.models.vocabulary import Meaning
from analyzer.plan import Task
from core.observation import Box, Judgement, Sight
from core.states import Outcome


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A box counts from ``sure`` on; from ``possible`` on it keeps a picture from being a plain "no"."""

    possible: float
    sure: float


def unreadable(sight: Sight) -> Judgement:
    """The judgement of a sight that has ``unreadable`` set."""
    return Judgement(Outcome.UNREADABLE, reason=sight.unreadable)


def judge_boxes(sight: Sight, ask: Ask, meaning: Meaning, limits: Thresholds) -> Judgement:
    """Count the boxes that ``meaning`` stands for and say what that means for ``ask``."""
    wanted = [box for box in sight.boxes if box.label in meaning.classes and box.score >= limits.possible]
    sure = tuple(box for box in wanted if box.score >= limits.sure)
    if ask.task is Task.CLASSIFY and meaning.levels and (sure or not why_blind(sight.facts)):
        return _judge_level(sure, ask, meaning.levels)
    if not sure:
        return _judge_absent(sight, tuple(wanted), meaning)
    if meaning.more_than is not None:
        return _judge_many(sure, len(wanted), meaning)
    return Judgement(Outcome.MATCH, len(sure), sure, score=max(box.score for box in sure))


def _judge_absent(sight: Sight, possible: tuple[Box, ...], meaning: Meaning) -> Judgement:
    """Nothing sure: "no" only where something could have been seen and nothing came near to counting."""
    if meaning.more_than is not None and len(possible) <= meaning.more_than:
        possible = ()
    if possible:
        what = "one faint find" if len(possible) == 1 else f"{len(possible)} faint finds"
        reason = f"Nothing sure, but {what} that could be {meaning.noun}."
        return Judgement(Outcome.UNSURE, 0, possible, score=max(box.score for box in possible), reason=reason)
    blind = why_blind(sight.facts)
    if blind:
        return Judgement(Outcome.UNSURE, reason=blind)
    return Judgement(Outcome.NO_MATCH, 0)


def _judge_many(sure: tuple[Box, ...], possible: int, meaning: Meaning) -> Judgement:
    assert meaning.more_than is not None  # noqa: S101 - the caller asked
    limit, score = meaning.more_than, max(box.score for box in sure)
    text = f"{len(sure)} {meaning.noun}; more than {limit} stand for “{meaning.note}”."
    if len(sure) > limit:
        return Judgement(Outcome.MATCH, len(sure), sure, text, score)
    if possible > limit:
        reason = (
            f"Borderline: {len(sure)} {meaning.noun} for sure, {possible} with those that may be; the limit is {limit}."
        )
        return Judgement(Outcome.UNSURE, len(sure), sure, text, score, reason)
    return Judgement(Outcome.NO_MATCH, len(sure), sure, text, score)


def _judge_level(sure: tuple[Box, ...], ask: Ask, limits: tuple[int, int]) -> Judgement:
    """Light, moderate or heavy by two counts, in the words of the question."""
    light, moderate = limits
    step = 0 if len(sure) <= light else 1 if len(sure) <= moderate else 2
    named = {level: choice for choice, level in steps(ask.choices).items()}
    nearest = min(named, key=lambda level: (abs(level - step), level))
    score = max((box.score for box in sure), default=None)
    return Judgement(Outcome.MATCH, len(sure), sure, named[nearest], score)


LEVELS = ("light", "moderate", "heavy")
_STEPS = {
    **dict.fromkeys(
        ("light", "low", "free", "free flowing", "empty", "smooth", "sparse", "clear", "quiet", "little"), 0
    ),
    **dict.fromkeys(("moderate", "medium", "normal", "average", "some"), 1),
    **dict.fromkeys(("heavy", "high", "dense", "congested", "busy", "crowded", "jammed", "packed", "full"), 2),
}


def steps(choices: tuple[str, ...]) -> dict[str, int]:
    """Each choice's place from light (0) to heavy (2); empty when any of them is no such word, or two are the same."""
    known = {choice: _STEPS.get(choice.casefold().removesuffix(" traffic")) for choice in choices or LEVELS}
    placed = {choice: step for choice, step in known.items() if step is not None}
    return placed if len(placed) == len(known) == len(set(placed.values())) > 1 else {}


def ability_of(meaning: Meaning, ask: Ask, sees: str, leaves_out: str) -> Ability:
    """The ability of a model that counts boxes, for a meaning that is full or a stand-in."""
    if meaning.fit is Fit.FULL:
        return Ability(Fit.FULL, f"It finds and counts {meaning.noun}.", leaves_out, sees)
    if meaning.more_than is None:
        sentence = f"It can't tell {meaning.note}. In its place: all {meaning.noun}."
        return Ability(Fit.STAND_IN, sentence, leaves_out, sees)
    offer = f"more than {meaning.more_than} {meaning.noun} in the picture"
    if ask.task is Task.CLASSIFY and meaning.levels:
        light, moderate = meaning.levels
        offer = f"the count of {meaning.noun}, light up to {light}, moderate up to {moderate}, heavy above"
    sentence = f"“{ask.target[:80]}” is no object that can be found. In its place: {offer}."
    return Ability(Fit.STAND_IN, sentence, leaves_out, sees)
