"""Conversations: a question is understood, put to the pictures or answered from what is stored, and kept.

A run belongs to its session, not to the request that started it: closing the tab loses nothing. What is announced is
stored first, so that a page that comes back hears all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analyzer.ask import Ask
from analyzer.models.catalogue import Catalogue
from analyzer.models.model import Fit
from analyzer.plan import Kind, Plan
from analyzer.planner import Alteration, alter
from analyzer.planner.choices import Unclear
from analyzer.planner.interpreter import Interpreter
from analyzer.planner.starters import starters
from analyzer.progress import RunProgress
from analyzer.run import Run, RunMeans
from core.bus import Bus
from core.errors import InvalidRequest, ModelUnavailable, SightlineError
from core.ids import Ids
from core.states import RunState
from sessions.announcing import Announcer
from sessions.answered import AnsweredQuestions
from sessions.answers import Answers
from sessions.differences import set_against
from sessions.interpreting import understood
from sessions.questions import StandInOffered, check_places, last_look, notes_on, title_of
from sessions.quoting import Quoted, awaited, described, painted, quote
from sessions.reporting import Reports
from sessions.runs import Runs
from sessions.shelf import UNTITLED
from sessions.site import Site, Sites
from sessions.understanding import Understanding, require_known, told_of, understanding
from sessions.views import MessageView, OpenSession, SessionView
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.event_log import EventLog
from storage.figures import FigureStore


class Conversations(AnsweredQuestions):
    """All sessions of an application, and what is asked in them. Safe to call from any thread."""

    def __init__(
        self,
        sites: Sites,
        catalogue: Catalogue,
        store: ConversationStore,
        figures: FigureStore,
        events: EventLog,
        bus: Bus,
        means: RunMeans,
        ids: Ids,
    ) -> None:
        self._sites = sites
        self._catalogue = catalogue
        self._answers = Answers(sites, figures)
        self._means = means
        announce = Announcer(events, bus, means.clock)
        self._runs = Runs(sites, catalogue, store, means, announce, self._run_ended)
        self._reports = Reports(self._answers, sites, store, means.leaving, self._announce_message)
        super().__init__(store, means.observations, announce, means.clock, ids, self._runs.end)

    @property
    def under_way(self) -> int:
        """How many runs are under way now."""
        return self._runs.under_way

    # Questions

    def open(self, session_id: str) -> OpenSession:
        """A session with all its messages. The event id is read first: what happens meanwhile is heard, not lost."""
        last_event_id = self.last_event_id()
        session = self._kept(session_id)
        messages = [self._view(row) for row in self._store.messages(session_id)]
        return OpenSession(SessionView(session), messages, last_event_id)

    def adopted(self, session_id: str) -> SessionView:
        """A session that came out of a file is stored: work out the answers that it lacks, and tell of it."""
        for row in self._store.messages(session_id):
            looked = self._looked(row)
            if row.answer is None and row.error is None and looked is not None and looked.run_id is not None:
                progress = self._runs.progress(looked.run_id)
                self._store.set_answer(row.id, self._answers.of(row, looked, progress, self.set_against(row)))
        self._announce_session(session_id)
        return SessionView(self._store.session(session_id))

    def ask(
        self,
        text: str,
        session_id: str | None = None,
        model: str | None = None,
        again: bool = False,
        instead_of: str | None = None,
        owner: str | None = None,
        alteration: Alteration | None = None,
    ) -> tuple[SessionView, MessageView]:
        """Understand a question and begin to answer it.

        ``model`` names the model that the person chose, which also accepts a stand-in; ``again`` looks at every
        picture afresh; ``instead_of`` is the question of this session that is asked anew: it is understood as if asked
        in its place; a new session becomes ``owner``'s; ``alteration`` is what was done to its chips before.
        Raises :class:`UnplannableQuestion`; any other trouble becomes the message's error: the question is not lost.
        """
        earlier = self._before(session_id, instead_of)
        now = self._clock.now()
        # Whoever changed the chips has seen the rules' plan, and means it.
        plan, told = self._planned(text, earlier, alteration, None if alteration else self._catalogue.interpreter)
        session_id = self._titled(session_id, text, owner, first=not earlier)
        notes = (*told, *notes_on(plan.scope))
        row = MessageRow(self._ids.new(), session_id, text.strip(), now, plan.to_stored(), notes=notes)
        which = self._sites.now.planner.unclear(text, plan.scope)
        return self._begin(replace(row, instead_of=instead_of), plan, earlier, model, again, which=which)

    def alter(
        self, message_id: str, session_id: str | None, alteration: Alteration, model: str | None = None
    ) -> tuple[SessionView, MessageView]:
        """Ask a question of this session again with some of its chips taken away or changed."""
        old = self._replaced(message_id, session_id)
        plan = Plan.from_stored(old.plan)
        looked = old if plan.kind is Kind.LOOK else self._looked(old) or last_look(self._earlier(old), plan.target)
        altered = self._altered(plan, looked, alteration)
        notes = (*told_of(plan, altered, alteration), *notes_on(altered.scope))
        row = MessageRow(
            self._ids.new(), old.session_id, old.text, self._clock.now(), altered.to_stored(), notes, instead_of=old.id
        )
        rests_on = self._rested(old) if altered.kind is Kind.LOOK else looked
        return self._begin(row, altered, [rests_on] if rests_on else [], model, again=False)

    def understand(
        self,
        text: str,
        session_id: str | None = None,
        alteration: Alteration | None = None,
        instead_of: str | None = None,
    ) -> Understanding:
        """What asking this would mean, before anybody asks: no picture is touched and nothing is kept."""
        plan, _ = self._planned(text, self._before(session_id, instead_of), alteration)
        return understanding(plan, self._catalogue)

    def confirm(self, message_id: str, session_id: str | None) -> tuple[SessionView, MessageView]:
        """Say yes to what a question of this session costs and to where its pictures go: it is put as it was
        understood."""
        old = self._replaced(message_id, session_id)
        model, again = awaited(old)
        row = replace(old, id=self._ids.new(), asked_at=self._clock.now(), error=None, instead_of=old.id)
        return self._begin(row, Plan.from_stored(old.plan), self._earlier(old), model, again, confirmed=True)

    def rate(self, message_id: str, rating: int | None) -> MessageView:
        """Keep what a person thinks of an answer: 1, -1, or nothing."""
        self._store.message(message_id)
        self._store.rate(message_id, rating)
        self._announce_message(message_id)
        return self.message(message_id)

    def message(self, message_id: str) -> MessageView:
        """One question as it stands."""
        return self._view(self._store.message(message_id))

    def starters(self) -> list[str]:
        """Questions to begin with, that the models at hand can answer."""

        def able(plan: Plan) -> bool:
            if plan.kind is not Kind.LOOK:
                return False
            try:
                return self._catalogue.choose(Ask.of(plan), None).ability.fit is Fit.FULL
            except ModelUnavailable:
                return False

        site = self._sites.now
        return starters(site.register, able, site.planner)

    # The site

    def settle(self, site: Site) -> None:
        """Let new questions be about ``site``, and tell every page. Runs under way keep theirs."""
        self._sites.change(site)
        self._announce("site", None, {"register": site.register.name, "version": site.register.version})

    # Runs

    def stop(self, run_id: str) -> RunProgress:
        """Stop a run and keep what it found."""
        return self._runs.stop(run_id)

    def continue_(self, run_id: str) -> RunProgress:
        """Go on with a run that was stopped or that failed."""
        self._kept(self._store.message(self._store.run(run_id).message_id).session_id)
        message, progress = self._runs.continue_(run_id)
        self._announce_message(message.id)
        self._announce_session(message.session_id)
        return progress

    def resume(self) -> None:
        """Go on with the runs that were under way when the process ended."""
        self._runs.resume()

    def close(self) -> None:
        """Interrupt all runs; they resume at the next start."""
        self._runs.close()
        self._reports.close()

    def wait_for_reports(self) -> None:
        """Until runs have ended and the reports that a language model writes are there, or given up."""
        self._runs.wait()
        self._reports.wait()

    # How a question becomes a run or an answer

    def _before(self, session_id: str | None, instead_of: str | None) -> list[MessageRow]:
        """The questions after which one is understood: all of its session, or those before the one it replaces."""
        if session_id is not None:
            self._kept(session_id)
        if instead_of:
            return self._earlier(self._replaced(instead_of, session_id))
        return self._store.messages(session_id) if session_id else []

    def _planned(
        self,
        text: str,
        earlier: Sequence[MessageRow],
        alteration: Alteration | None,
        interpreter: Interpreter | None = None,
    ) -> tuple[Plan, tuple[str, ...]]:
        """The plan of a question as it is asked now, and what is to be said of how it came about."""
        site = self._sites.now
        plans = [Plan.from_stored(row.plan) for row in earlier if row.error is None]
        now = self._clock.now().astimezone(site.timezone)
        plan, said = understood(text, plans, site, now, interpreter, self._means.leaving)
        if not alteration:
            return plan, said
        looked = None if plan.kind is Kind.LOOK else last_look(earlier, plan.target)
        altered = self._altered(plan, looked, alteration)
        return altered, (*said, *told_of(plan, altered, alteration))

    def _altered(self, plan: Plan, looked: MessageRow | None, alteration: Alteration) -> Plan:
        """``plan`` after ``alteration``; without a look that was made, nothing is known yet."""
        planner = self._sites.now.planner
        require_known(alteration, planner)
        look = Plan.from_stored(looked.plan) if looked else plan
        run_id = looked.run_id if looked else None
        seen = run_id is not None and self._runs.progress(run_id).state is RunState.FINISHED
        return alter(plan, alteration, look, seen=seen, covers=lambda wanted: planner.covers(look, wanted))

    def _titled(self, session_id: str | None, text: str, owner: str | None, *, first: bool) -> str:
        """The session to ask in: a new one where there is none, titled by its first question."""
        if session_id is None:
            return self.create(title_of(text), owner).id
        if first and self._store.session(session_id).title == UNTITLED:
            self._store.rename_session(session_id, title_of(text), self._clock.now())
        return session_id

    def _replaced(self, message_id: str, session_id: str | None) -> MessageRow:
        """The question that is asked anew, which must be one of this session; its run need not go on."""
        old = self._store.message(message_id)
        if old.session_id != session_id:
            raise InvalidRequest("This question belongs to another session.", "Open its session, and ask there.")
        return old

    def _begin(
        self,
        row: MessageRow,
        plan: Plan,
        earlier: Sequence[MessageRow],
        model: str | None,
        again: bool,
        confirmed: bool = False,
        which: Unclear | None = None,
    ) -> tuple[SessionView, MessageView]:
        """Keep the question, and begin to answer it. The run of the question it replaces ends first: what that has
        found is known to this one."""
        replaced = self._store.message(row.instead_of).run_id if row.instead_of else None
        if replaced:
            self._runs.end(replaced)
        run: Run | None = None
        try:
            check_places(plan.scope, which)
            if plan.kind is Kind.LOOK:
                row, run = self._look(row, plan, earlier, model, again, confirmed)
            else:
                row = self._recall(row, plan, earlier)
        except (StandInOffered, Quoted) as offered:
            row = replace(row, error=offered.as_json() | {"offer": offered.offer})
        except SightlineError as error:
            row = replace(row, error=error.as_json())
        self._store.add_message(row, run.row if run else None)
        if run is not None:
            self._runs.start(run)
        self._announce_message(row.id)
        self._announce_session(row.session_id)
        return SessionView(self._store.session(row.session_id)), self.message(row.id)

    def _look(
        self,
        row: MessageRow,
        plan: Plan,
        earlier: Sequence[MessageRow],
        wanted: str | None,
        again: bool,
        confirmed: bool,
    ) -> tuple[MessageRow, Run]:
        site = self._sites.now
        choice = self._catalogue.choose(Ask.of(plan), wanted)
        ability, card = choice.ability, choice.model.card
        if ability.fit is Fit.STAND_IN and wanted is None:
            raise StandInOffered(choice)
        if plan.scope.previous is not None:
            row = replace(row, rests_on=last_look(earlier).id)
        run = RunRow(
            id=self._ids.new(),
            message_id=row.id,
            state=RunState.RUNNING,
            source=site.source.name,
            register=site.register.version,
            model=card.name,
            model_version=card.version,
            sees=ability.sees,
            again=again,
            started_at=row.asked_at,
        )
        stand_in = (ability.sentence,) if ability.fit is Fit.STAND_IN else ()
        kept_from = painted(choice, self._means.leaving, site.register)
        told = quote(
            self._runs.question(run, row, choice),
            run,
            self._means,
            confirmed=confirmed,
            texts=self._catalogue.sends_text,
        )
        row = replace(row, run_id=run.id, model=described(choice, told), notes=row.notes + stand_in + kept_from)
        return row, self._runs.prepare(run, row, choice)

    def _recall(self, row: MessageRow, plan: Plan, earlier: Sequence[MessageRow]) -> MessageRow:
        looked, before = last_look(earlier, plan.target), None
        if plan.versus is not None:
            now, before = set_against(plan, earlier, self._sites.now.timezone)
            looked = now.looked
        row = replace(row, rests_on=looked.id, model=looked.model)
        return replace(row, answer=self._answers.of(row, looked, self._runs.progress(looked.run_id or ""), before))

    def _view(self, row: MessageRow) -> MessageView:
        if row.run_id is None:
            return MessageView(row, None, row.answer)
        progress = self._runs.progress(row.run_id)
        if row.answer is None or progress.state is RunState.RUNNING:  # the answer so far
            return MessageView(row, progress, self._answers.of(row, row, progress) if progress.done else None)
        return MessageView(row, progress, row.answer)

    # Keeping and announcing

    def _run_ended(self, message: MessageRow, progress: RunProgress) -> None:
        answer = self._answers.of(message, message, progress)
        lacking = self._answers.without_pictures(message, progress, self._runs.register(progress.id))
        self._store.set_answer(message.id, answer, (*message.notes, *lacking))
        self._announce_message(message.id)
        self._announce_session(message.session_id)
        self._reports.want(message.id, progress.state, answer, self._catalogue.reporter)

    def _announce_message(self, message_id: str) -> None:
        view = self.message(message_id)
        self._announce("message", view.row.session_id, {"message": view.as_json()})
