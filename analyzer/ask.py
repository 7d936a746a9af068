"""The ask: what is put to a model for one picture. No place, no time, no aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.plan import Plan, Task
from analyzer.planner.followups import canonical
from analyzer.planner.targets import ask_for


@dataclass(frozen=True, slots=True)
class Ask:
    """``target`` is what is looked for, ``text`` the sentence a language model is given, ``choices`` the named
    states of a ``classify``."""

    task: Task
    target: str
    text: str
    choices: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> Ask:
        """The ask of a ``look`` plan. Where its condition needs a number, one is asked for: a plain yes would not say
        whether there are more than five."""
        if plan.task is None or plan.target is None or plan.ask is None:
            raise ValueError("only a look has an ask")
        if plan.task is Task.FIND and plan.condition is not None and plan.condition.needs_number:
            return cls(Task.COUNT, plan.target, ask_for(Task.COUNT, plan.target))
        return cls(plan.task, plan.target, plan.ask, plan.choices)

    @property
    def key(self) -> str:
        """The same for all ways to ask the same: "count the cars", "number of cars visible", "how many automobiles"."""
        said = canonical(self.target) if self._plain else " ".join(self.text.split())
        return " | ".join((self.task, said, *self.choices))

    @property
    def counted(self) -> Ask | None:
        """The count that answers this too: who knows how many there are knows whether there are any."""
        if self.task is not Task.FIND or not self._plain:
            return None
        return Ask(Task.COUNT, self.target, ask_for(Task.COUNT, self.target))

    @property
    def _plain(self) -> bool:
        return self.task in (Task.COUNT, Task.FIND) and self.text == ask_for(self.task, self.target)
