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
    if not sure:
        return _judge_absent(sight, tuple(wanted), meaning)
    if ask.task is Task.CLASSIFY and meaning.levels:
        return _judge_level(sure, ask, meaning.levels)
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


def _judge_level(sure: tuple[Box, ...], ask: Ask, levels: tuple[int, int]) -> Judgement:
    """Light, moderate or heavy by two counts; the choices are taken as given, from the least to the most."""
    light, moderate = levels
    step = 0 if len(sure) <= light else 1 if len(sure) <= moderate else 2
    choices = ask.choices or LEVELS
    label = choices[min(step, len(choices) - 1)] if len(choices) > 2 else choices[min(step // 2, len(choices) - 1)]
    return Judgement(Outcome.MATCH, len(sure), sure, label, max(box.score for box in sure))


LEVELS = ("light", "moderate", "heavy")


def ability_of(meaning: Meaning, target: str, sees: str, leaves_out: str) -> Ability:
    """The ability of a model that counts boxes, for a meaning that is full or a stand-in."""
    if meaning.fit is Fit.FULL:
        return Ability(Fit.FULL, f"It finds and counts {meaning.noun}.", leaves_out, sees)
    if meaning.more_than is not None:
        sentence = (
            f"“{target[:80]}” is no object that can be found. In its place: more than {meaning.more_than} "
            f"{meaning.noun} in the picture."
        )
    else:
        sentence = f"It can't tell {meaning.note}. In its place: all {meaning.noun}."
    return Ability(Fit.STAND_IN, sentence, leaves_out, sees)
