"""Which earlier answer of a session a question for the difference is set against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from analyzer.difference import figure_plan_before
from analyzer.plan import Kind, Plan, Scope, Task, Versus
from analyzer.planner.followups import canonical
from core.errors import UnplannableQuestion
from storage.conversations import MessageRow


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of a session that has an answer, with the look that its figures come from."""

    row: MessageRow
    looked: MessageRow

    @property
    def plan(self) -> Plan:
        """How it was understood."""
        return Plan.from_stored(self.row.plan)

    @property
    def task(self) -> Task | None:
        """What its figures are worked out for."""
        return self.plan.judged_as(Plan.from_stored(self.looked.plan))


def set_against(plan: Plan, rows: Sequence[MessageRow], zone: ZoneInfo) -> tuple[Answered, Answered]:
    """The two answers whose difference ``plan`` asks for, of the questions ``rows`` before it, the earlier one second,
    with the plan of the figure that it comes to. Raises :class:`UnplannableQuestion` where there is no such pair."""
    versus = plan.versus or Versus()
    about = [one for one in _answered(rows) if _target(one.plan, one.looked) == canonical(plan.target)]
    if not about or about[0].task not in (Task.COUNT, Task.FIND):
        raise _alone(plan, "It was not counted, and only what is counted or found can be set against another time.")
    now, *others = about
    alike = [one for one in others if one.task is now.task and not _same(one, now)]
    found = [one for one in alike if _of_time(one, versus, zone)]
    if not found:
        when = "nothing like it was asked before" if not alike else "no earlier answer is of that time"
        raise _alone(plan, f"There is nothing to compare with: {when}.")
    near = [one for one in found if _places(one.plan.scope) == _places(plan.scope)]
    before = (near or found)[0]
    stored = figure_plan_before(plan, before.plan).to_stored()
    return now, Answered(replace(before.row, plan=stored), before.looked)


def _answered(rows: Sequence[MessageRow]) -> Iterator[Answered]:
    """The newest first; another view of an answer, and a difference itself, are no answers to compare with."""
    known = {row.id: row for row in rows}
    for row in reversed(rows):
        looked = row if row.run_id else known.get(row.rests_on or "")
        plan = Plan.from_stored(row.plan) if row.plan else None
        if row.error is None and looked and looked.run_id and plan and plan.kind is not Kind.SHOW and not plan.versus:
            yield Answered(row, looked)


def _target(plan: Plan, looked: MessageRow) -> str:
    return canonical(plan.target or Plan.from_stored(looked.plan).target)


def _same(one: Answered, other: Answered) -> bool:
    """One figure in two forms is no two answers."""
    return one.looked.id == other.looked.id and one.plan.scope == other.plan.scope


def _of_time(one: Answered, versus: Versus, zone: ZoneInfo) -> bool:
    """Whether it is about the time that is named, or was asked then; where none is named, any will do."""
    if versus.start is None and versus.end is None:
        return True
    if (one.plan.scope.start, one.plan.scope.end) == (versus.start, versus.end):
        return True
    asked = one.row.asked_at.astimezone(zone).replace(tzinfo=None)
    return (versus.start is None or asked >= versus.start) and (versus.end is None or asked < versus.end)


def _places(scope: Scope) -> tuple[tuple[str, ...], ...]:
    return scope.districts, scope.mandals, scope.locations, scope.cameras


def _alone(plan: Plan, sentence: str) -> UnplannableQuestion:
    return UnplannableQuestion(
        sentence,
        f"Ask about {plan.target or 'the same'} at another time, for example “And yesterday?”, or press “Ask again”; "
        "then ask what has changed.",
    )
