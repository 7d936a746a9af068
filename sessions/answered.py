"""What stands behind a question that is answered: its pictures, its places, its statements, its figures by something
else. Asking and answering is :mod:`sessions.conversations`' business."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analyzer.plan import GroupBy, Plan
from core.errors import UnplannableQuestion
from sessions.answers import Answers
from sessions.differences import Answered, set_against
from sessions.shelf import Shelf
from sessions.site import Sites
from sessions.views import Place
from storage.conversations import MessageRow
from storage.observations import ObservationPage, OtherSide, PictureFilter


class AnsweredQuestions(Shelf):
    """The evidence of all questions. Safe to call from any thread."""

    _answers: Answers
    _sites: Sites

    def pictures(self, message_id: str, wanted: PictureFilter, after: str | None, limit: int) -> ObservationPage:
        """A page of the pictures behind a question: those it counts, each with what the question makes of it. A
        difference has those of two answers: of the newer, unless ``wanted`` says another side."""
        row = self._store.message(message_id)
        now = Answered(row, looked) if (looked := self._looked(row)) else None
        if wanted.side is None:
            return self._page(now, wanted, after, limit)
        before = self.set_against(row)
        if wanted.side is OtherSide.BEFORE:
            return self._page(before, wanted, after, limit)
        return self._both(now, before, wanted, after, limit)

    def places(self, message_id: str) -> list[Place]:
        """Every camera's part in a question."""
        row = self._store.message(message_id)
        return self._answers.places(row, self._looked(row))

    def workings(self, message_id: str) -> list[dict[str, Any]]:
        """How an answer's figures are worked out: each statement as it is run, with its bound parameters."""
        row = self._store.message(message_id)
        before = self.set_against(row)
        statements = self._answers.workings(row, self._looked(row))
        return statements + (self._answers.workings(before.row, before.looked) if before else [])

    def grouped(self, message_id: str, by: GroupBy) -> dict[str, Any]:
        """A question's figures by something else than it asked for; no picture is looked at."""
        row = self._store.message(message_id)
        return self._answers.grouped(row, self._looked(row), by)

    def set_against(self, row: MessageRow) -> Answered | None:
        """The earlier answer that a question for the difference is set against; ``None`` for any other question."""
        plan = Plan.from_stored(row.plan) if row.plan else None
        if plan is None or plan.versus is None:
            return None
        try:
            return set_against(plan, self._earlier(row), self._sites.now.timezone)[1]
        except UnplannableQuestion:  # that was said when it was asked
            return None

    def _earlier(self, old: MessageRow) -> list[MessageRow]:
        return [row for row in self._store.messages(old.session_id) if row.id < old.id]

    def _rested(self, row: MessageRow) -> MessageRow | None:
        return self._store.message(row.rests_on) if row.rests_on else None

    def _looked(self, row: MessageRow) -> MessageRow | None:
        """The look that a message's figures come from: itself, or the one it rests on."""
        if row.run_id is not None:
            return row
        return self._rested(row)

    def _page(self, of: Answered | None, wanted: PictureFilter, after: str | None, limit: int) -> ObservationPage:
        counted = self._answers.counted(of.row, of.looked) if of else None
        if of is None or counted is None:
            return ObservationPage()
        among = self._answers.among(of.row, of.looked, wanted.places) if wanted.places else None
        return self._observations.page(counted, wanted, after, limit, among)

    def _both(
        self, now: Answered | None, before: Answered | None, wanted: PictureFilter, after: str | None, limit: int
    ) -> ObservationPage:
        """The pictures of the newer answer, then those of the earlier: the cursor counts through both."""
        start = int(after) if after and after.isdecimal() else 0
        one = self._page(now, wanted, str(start), limit)
        skipped = max(0, start - one.total)
        other = self._page(before, wanted, str(skipped), max(1, limit - len(one.rows)))
        rows = [*one.rows, *other.rows[: limit - len(one.rows)]]
        total, following = one.total + other.total, start + len(rows)
        scores = [score for page in (one, other) if page.scores for score in page.scores]
        return replace(
            one,
            rows=rows,
            following=str(following) if following < total else None,
            total=total,
            hidden=one.hidden + other.hidden,
            scores=(min(scores), max(scores)) if scores else None,
        )
