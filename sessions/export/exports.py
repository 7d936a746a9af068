"""Opens what is to be exported. Read-only: an export changes nothing, and says what the page says at this moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from analyzer.groups import slice_of
from analyzer.plan import Plan
from core.clock import Clock
from core.errors import Conflict
from sessions.conversations import Conversations
from sessions.export.extract import Before, Extract
from sessions.export.session_files import SessionExtract
from sessions.export.spine_answer import SpineAnswer
from sessions.views import MessageView, Place, place
from storage.figures import FigureStore
from storage.observations import ObservationStore, PictureFilter
from storage.register import Register


class Exports:
    """Answers and sessions of ``conversations``, ready to be written in any form."""

    def __init__(
        self,
        conversations: Conversations,
        observations: ObservationStore,
        figures: FigureStore,
        register: Callable[[], Register],
        timezone: ZoneInfo,
        clock: Clock,
        folder: Path,
    ) -> None:
        """``folder`` is for files while they are made; what a killed process left in it goes."""
        shutil.rmtree(folder, ignore_errors=True)
        self.folder = folder
        self._conversations = conversations
        self._observations = observations
        self._figures = figures
        self._register = register
        self.timezone = timezone
        self._clock = clock

    def answer(self, message_id: str, site: str, address: str) -> Extract:
        """One answer. A recall or a show takes the pictures of the look it rests on, and its own figures."""
        message = self._conversations.message(message_id)
        looked = message
        if message.row.run_id is None and message.row.rests_on:
            looked = self._conversations.message(message.row.rests_on)
        if looked.run is None or message.answer is None:
            raise Conflict("This question has no answer to export yet.", "Export it when it is answered.")
        run = looked.run
        counted = slice_of(Plan.from_stored(message.row.plan), run.id, str(self.timezone))
        return Extract(
            message=message,
            looked=looked,
            run=run,
            kept=self._conversations.kept_run(run.id),
            session_title=self._conversations.open(message.row.session_id).session.row.title,
            site=site,
            timezone=self.timezone,
            address=address,
            exported_at=self._clock.now(),
            observations=lambda: self._observations.all(run.id),
            places=lambda: self._places(message, looked, run.id),
            pictures=lambda outcome, most: self._observations.page(counted, PictureFilter(outcome), None, most).rows,
            before=self._before(message),
        )

    def spine_answer(self, message_id: str) -> SpineAnswer:
        """One question in the spine's form, answered or not."""
        message = self._conversations.message(message_id)
        looked = message
        if message.row.run_id is None and message.row.rests_on:
            looked = self._conversations.message(message.row.rests_on)
        observations = self._observations
        return SpineAnswer(message, looked.row.run_id, self._register(), observations.all, observations.some)

    def session(self, session_id: str) -> SessionExtract:
        """One session with all its questions."""
        opened = self._conversations.open(session_id)
        return SessionExtract(
            session=opened.session.row,
            messages=opened.messages,
            seen=self._observations.all,
            register=self._register(),
            exported_at=self._clock.now(),
        )

    def _before(self, message: MessageView) -> Before | None:
        answered = self._conversations.set_against(message.row)
        if answered is None or answered.looked.run_id is None:
            return None
        run_id = answered.looked.run_id
        return Before(answered, lambda: self._observations.all(run_id))

    def _places(self, message: MessageView, looked: MessageView, run_id: str) -> Iterator[Place]:
        plan, base = Plan.from_stored(message.row.plan), Plan.from_stored(looked.row.plan)
        wanted = slice_of(plan, run_id, str(self.timezone), bucketed=False)
        for spot in self._figures.each_viewpoint(wanted):
            yield place(spot, plan, base)
