"""The runs of all sessions: begun, stopped, continued, and resumed after the process was killed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from analyzer.ask import Ask
from analyzer.groups import judged, threshold
from analyzer.models.catalogue import Catalogue, Choice
from analyzer.plan import Plan, Previous
from analyzer.progress import RunProgress
from analyzer.run import Question, Run, RunListener, RunMeans
from analyzer.scope import ScopeFilter
from core.errors import Conflict, ModelUnavailable, SightlineError
from core.states import RunState, move
from sessions.announcing import Announcer
from sessions.site import Sites
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.observations import Observation
from storage.register import Register

log = logging.getLogger(__name__)


class Runs:
    """Owns every run under way. ``ended`` is called, from the run's own thread, when one is over."""

    def __init__(
        self,
        sites: Sites,
        catalogue: Catalogue,
        store: ConversationStore,
        means: RunMeans,
        announce: Announcer,
        ended: Callable[[MessageRow, RunProgress], None],
    ) -> None:
        self._sites = sites
        self._catalogue = catalogue
        self._store = store
        self._means = means
        self._announce = announce
        self._ended = ended
        self._lock = threading.Lock()
        self._active: dict[str, Run] = {}

    @property
    def under_way(self) -> int:
        """How many runs are under way now."""
        with self._lock:
            return len(self._active)

    def prepare(self, row: RunRow, message: MessageRow, choice: Choice | None = None, *, renewed: bool = False) -> Run:
        """A run that can be started: a new one with the model just chosen, or one that goes on with its own. Either way
        with the register it began with.

        Raises when its model or its pictures are not what they were."""
        fresh = choice is not None
        question = self.question(row, message, choice)
        return Run(
            row, question, self._means, _Listener(self, message), fresh=fresh, renewed=renewed, tokens=_tokens(message)
        )

    def question(self, row: RunRow, message: MessageRow, choice: Choice | None = None) -> Question:
        """What a run is about; raises as :meth:`prepare` does."""
        plan = Plan.from_stored(message.plan)
        ask = Ask.of(plan)
        choice = choice or self._catalogue.choose(ask, row.model)
        version = choice.model.card.version
        if version != row.model_version:
            raise ModelUnavailable(
                f"This run was begun with {row.model} {row.model_version}; here is {version}.",
                "Ask the question again: one answer does not mix two versions.",
            )
        site = self._sites.of(row.register)
        if row.source != site.source.name:
            raise Conflict("The pictures now come from another place.", "Ask the question again.")
        scope = ScopeFilter(plan.scope, site.timezone, self._previous(plan, message), site.register.cameras)
        return Question(ask, choice.model, site.source, site.register, scope)

    def start(self, run: Run) -> None:
        """Begin a prepared run."""
        with self._lock:
            self._active[run.row.id] = run
        log.info("run %s of question %s begins with %s", run.row.id, run.row.message_id, run.row.model)
        run.start()

    def stop(self, run_id: str) -> RunProgress:
        """Stop a run and keep what it found."""
        run = self._find(run_id)
        if run is None or run.row.state is not RunState.RUNNING:
            self._store.run(run_id)
            raise Conflict("This run is not under way.", "Reload the page to see where it stands.")
        run.stop()
        run.wait()
        return run.progress()

    def wait(self) -> None:
        """Until no run is under way."""
        with self._lock:
            runs = list(self._active.values())
        for run in runs:
            run.wait()

    def register(self, run_id: str) -> Register | None:
        """The register of a run that is under way or just ends."""
        run = self._find(run_id)
        return run.register if run else None

    def end(self, run_id: str) -> None:
        """Have done with a run, under way or not: nothing more is stored or told of it afterwards."""
        run = self._find(run_id)
        if run is not None:
            run.stop()
            run.wait()

    def continue_(self, run_id: str) -> tuple[MessageRow, RunProgress]:
        """Go on with a run that was stopped or that failed."""
        held = self._find(run_id)  # one whose end could not be kept is over all the same
        row = held.row if held else self._store.run(run_id)
        message = self._store.message(row.message_id)
        run = self.prepare(replace(row, state=move(row.state, RunState.RUNNING), error=None), message, renewed=True)
        self._store.save_run(run.row)
        self.start(run)
        return message, run.progress()

    def resume(self) -> None:
        """Go on with the runs that were under way when the process ended."""
        for row in self._store.runs_in(RunState.RUNNING):
            message = self._store.message(row.message_id)
            try:
                self.start(self.prepare(row, message))
            except SightlineError as error:
                log.warning("run %s can't be resumed: %s", row.id, error)
                sentence = f"{error.sentence} {error.hint}".strip()
                self._store.save_run(replace(row, state=RunState.FAILED, error=sentence))
                self._ended(message, self.progress(row.id))

    def close(self) -> None:
        """Interrupt all runs; they resume at the next start."""
        with self._lock:
            runs = list(self._active.values())
        for run in runs:
            run.interrupt()

    def progress(self, run_id: str) -> RunProgress:
        """Where a run stands, under way or not."""
        run = self._find(run_id)
        if run is not None:
            return run.progress()
        row, tally = self._store.run(run_id), self._means.observations.tally(run_id)
        tokens_in, tokens_out = _tokens(self._store.message(row.message_id))
        return RunProgress(
            id=row.id,
            state=row.state,
            counts=tally.counts,
            listed=row.listed,
            listing=False,
            reused=tally.reused,
            calls=row.calls,
            elapsed_s=row.elapsed_s,
            eta_s=None,
            cost_usd=tally.cost_usd,
            error=row.error,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
        )

    def seen(self, message: MessageRow, progress: RunProgress, observations: Sequence[Observation]) -> None:
        """A group of observations is stored: tell."""
        bounds = threshold(Plan.from_stored(message.plan).condition)
        pictures = [one.as_json() | {"outcome": str(judged(one.outcome, one.count, bounds))} for one in observations]
        data = {"message_id": message.id, "run": progress.as_json(), "pictures": pictures}
        self._announce("seen", message.session_id, data)

    def changed(self, message: MessageRow, progress: RunProgress) -> None:
        """A run's state or size changed: tell, and hand over one that is over."""
        self._announce("run", message.session_id, {"message_id": message.id, "run": progress.as_json()})
        if progress.state is RunState.RUNNING:
            return
        log.info("run %s is %s: %d of %d pictures", progress.id, progress.state, progress.done, progress.listed)
        self._ended(message, progress)
        with self._lock:  # only now: close() must wait for what the ending stores
            run = self._active.get(progress.id)
            if run is not None and run.row.state is not RunState.RUNNING:  # else it was continued meanwhile
                del self._active[progress.id]

    def _find(self, run_id: str) -> Run | None:
        with self._lock:
            return self._active.get(run_id)

    def _previous(self, plan: Plan, message: MessageRow) -> set[str] | None:
        """Ids of the pictures that a follow-up is limited to."""
        if plan.scope.previous is None or message.rests_on is None:
            return None
        run_id = self._store.message(message.rests_on).run_id or ""
        observations = self._means.observations
        return observations.matched(run_id) if plan.scope.previous is Previous.MATCHES else observations.settled(run_id)


def _tokens(message: MessageRow) -> tuple[int, int]:
    """What a message's look has taken so far, as its answer keeps it."""
    answer = message.answer or {}
    return int(answer.get("tokens_in", 0)), int(answer.get("tokens_out", 0))


@dataclass(frozen=True)
class _Listener(RunListener):
    runs: Runs
    message: MessageRow

    def seen(self, progress: RunProgress, observations: Sequence[Observation]) -> None:
        self.runs.seen(self.message, progress, observations)

    def changed(self, progress: RunProgress) -> None:
        self.runs.changed(self.message, progress)
