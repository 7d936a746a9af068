"""What a question's stored observations come to: its answer, its places, the statement behind its figures.

``looked`` is the message whose run made the observations: the question itself, or the one it rests on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analyzer.answer import Answer, compose, groups_of
from analyzer.difference import Side, compared, figure_plan
from analyzer.doubts import without_pictures
from analyzer.groups import slice_of
from analyzer.plan import Aggregate, GroupBy, Plan
from analyzer.progress import RunProgress
from analyzer.report.facts import Facts
from analyzer.report.template import by_template
from core.states import Outcome, RunState
from sessions.differences import Answered
from sessions.site import Sites
from sessions.views import Place, place
from storage.conversations import MessageRow
from storage.figures import FigureStore, working
from storage.register import Register
from storage.slices import Among, Slice


class Answers:
    """Works out answers on the clock of the site in force."""

    def __init__(self, sites: Sites, figures: FigureStore) -> None:
        self._sites = sites
        self._figures = figures

    def of(
        self, row: MessageRow, looked: MessageRow, progress: RunProgress, before: Answered | None = None
    ) -> dict[str, Any]:
        """The answer in the shape of the HTTP interface, as far as the run has come; of a difference where there is an
        answer ``before``."""
        facts = self.facts(row, looked, progress.id, before)
        own = row.id == looked.id
        return facts.answer.as_json() | {
            "report": by_template(facts).as_json(),
            "pictures": facts.pictures,
            "counts": {str(outcome): number for outcome, number in facts.counts.items()},
            "calls": progress.calls if own else 0,
            "elapsed_s": round(progress.elapsed_s, 2) if own else 0.0,
            "tokens_in": progress.tokens_in if own else 0,
            "tokens_out": progress.tokens_out if own else 0,
        }

    def facts(self, row: MessageRow, looked: MessageRow, run_id: str, before: Answered | None = None) -> Facts:
        """The answer with all that a report may speak of."""
        plan, base = _plans(row, looked)
        seen = self._figures.seen(self._slice(plan, run_id))
        answer = self._difference(Side(plan, base, seen), before) if before else compose(plan, base, seen)
        return Facts(row.text, plan, base, answer, seen)

    def _difference(self, now: Side, before: Answered) -> Answer:
        plan, base = _plans(before.row, before.looked)
        seen = self._figures.seen(self._slice(plan, before.looked.run_id or ""))
        return compared(now, Side(plan, base, seen, before.row.text))

    def counted(self, row: MessageRow, looked: MessageRow | None) -> Slice | None:
        """The observations that a question counts."""
        return self._slice(_plans(row, looked)[0], looked.run_id) if looked and looked.run_id else None

    def among(self, row: MessageRow, looked: MessageRow | None, outcome: Outcome) -> Among | None:
        """The groups of a question's answer that ended so."""
        if looked is None or looked.run_id is None:
            return None
        plan, base = _plans(row, looked)
        kind, groups = groups_of(plan, base, self._figures.seen(self._slice(plan, looked.run_id)))
        return Among(str(kind), tuple(group.key for group in groups if group.outcome is outcome))

    def places(self, row: MessageRow, looked: MessageRow | None) -> list[Place]:
        """Every camera's part in a question."""
        if looked is None or looked.run_id is None:
            return []
        plan, base = _plans(row, looked)
        spots = self._figures.viewpoints(self._slice(plan, looked.run_id, bucketed=False))
        return [place(spot, plan, base) for spot in spots]

    def without_pictures(self, row: MessageRow, progress: RunProgress, register: Register | None) -> tuple[str, ...]:
        """What is said of the register's cameras that gave a look no picture; only once all pictures are listed."""
        if register is None or progress.state is not RunState.FINISHED:
            return ()
        plan = Plan.from_stored(row.plan)
        spots = self._figures.viewpoints(self._slice(plan, progress.id, bucketed=False))
        seen = {register.key(spot.camera) for spot in spots if spot.camera}
        return without_pictures(plan, register.known, {key for key in seen if key})

    def grouped(self, row: MessageRow, looked: MessageRow | None, by: GroupBy) -> dict[str, Any]:
        """Its figures by something else than was asked for: for a chart."""
        if looked is None or looked.run_id is None:
            return {"group_by": str(by), "unit": None, "groups": []}
        other = replace(Plan.from_stored(row.plan), group_by=by, aggregate=Aggregate.EACH, limit=None, versus=None)
        seen = self._figures.seen(self._slice(other, looked.run_id))
        found = compose(other, Plan.from_stored(looked.plan), seen).as_json()
        return {name: found[name] for name in ("group_by", "unit", "groups")}

    def workings(self, row: MessageRow, looked: MessageRow | None) -> list[dict[str, Any]]:
        """How its figures are worked out: each statement as it is run, with its bound parameters."""
        return [working(counted)] if (counted := self.counted(row, looked)) else []

    def _slice(self, plan: Plan, run_id: str, *, bucketed: bool = True) -> Slice:
        return slice_of(plan, run_id, str(self._sites.now.timezone), bucketed=bucketed)


def _plans(row: MessageRow, looked: MessageRow) -> tuple[Plan, Plan]:
    """What is asked for, and the look that it rests on; of a difference, what either side of it works out."""
    plan, base = Plan.from_stored(row.plan), Plan.from_stored(looked.plan)
    return (plan, base) if plan.versus is None else (figure_plan(plan), replace(base, group_by=None))
