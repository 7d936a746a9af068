"""The ask: what is put to a model for one picture. No place, no time, no aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.plan import Plan, Task


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
        """The ask of a ``look`` plan."""
        if plan.task is None or plan.target is None or plan.ask is None:
            raise ValueError("only a look has an ask")
        return cls(plan.task, plan.target, plan.ask, plan.choices)
