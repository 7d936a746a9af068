"""A model that answers as it is told to: for tests, and for people who develop against the seam. Never a default."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material, ModelCard
from core.observation import Box, Judgement, Sight
from core.states import Outcome

Answer = Sight | int | str | Exception
Script = Mapping[bytes, Answer] | Callable[[Material, Ask], Answer]


class ScriptedModel:
    """Answers from a mapping (by the picture's bytes) or a callable.

    An answer is a count (so many boxes), a text, a whole :class:`Sight`, or an exception that is raised. ``latency_s``
    passes before each call returns, unless ``hurry`` is set. ``asked`` lists every picture handed over, in order.
    """

    def __init__(
        self,
        script: Script,
        *,
        name: str = "scripted",
        version: str = "1",
        latency_s: float = 0.0,
        workers: int = 8,
        batch: int = 1,
        takes: str = "bytes",
        cost_usd: float = 0.0,
        ability: Ability | Callable[[Ask], Ability] | None = None,
    ) -> None:
        self._script = script
        self._latency_s = latency_s
        self._ability = ability
        self._lock = threading.Lock()
        self._card = ModelCard(name, version, takes, workers, batch, cost_usd)
        self.asked: list[Material] = []
        self.hurry = threading.Event()

    @property
    def card(self) -> ModelCard:
        return self._card

    def ability(self, ask: Ask) -> Ability:
        if isinstance(self._ability, Ability):
            return self._ability
        if self._ability is not None:
            return self._ability(ask)
        return Ability(Fit.FULL, "It answers as it was told to.", sees="script")

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        with self._lock:
            self.asked.extend(pictures)
        if self._latency_s:
            self.hurry.wait(self._latency_s)
        return [self._sight(picture, ask) for picture in pictures]

    def judge(self, sight: Sight, ask: Ask) -> Judgement:  # noqa: ARG002 - the script has spoken
        if sight.unreadable:
            return Judgement(Outcome.UNREADABLE, reason=sight.unreadable)
        if sight.facts.get("unsure"):
            return Judgement(Outcome.UNSURE, reason="The script says so.")
        if sight.text is not None:
            return Judgement(Outcome.MATCH, text=sight.text)
        outcome = Outcome.MATCH if sight.boxes else Outcome.NO_MATCH
        return Judgement(outcome, count=len(sight.boxes), boxes=sight.boxes, score=1.0 if sight.boxes else None)

    def _sight(self, picture: Material, ask: Ask) -> Sight:
        if callable(self._script):
            answer = self._script(picture, ask)
        else:
            answer = self._script.get(picture.content or (picture.url or "").encode(), 0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Sight):
            return answer
        sight = Sight(640, 480, elapsed_ms=self._latency_s * 1000, cost_usd=self._card.cost_usd)
        if isinstance(answer, str):
            return replace(sight, text=answer)
        return replace(
            sight,
            boxes=tuple(Box(i / answer, 0.25, (i + 1) / answer, 0.75, ask.target, 1.0) for i in range(answer)),
        )
