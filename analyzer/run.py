"""A run: one ask put to every picture concerned. Lists lazily, looks in a pool, stores, then announces.

Three kinds of thread work on a run: one feeder lists pictures and submits them, the pool's workers look, one writer
stores what is ready and announces it. A run that is stopped, or whose process was killed, goes on from what is stored.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from analyzer.ask import Ask
from analyzer.budget import Purse
from analyzer.leaving import Leaving
from analyzer.look import Look, Looker, Seen
from analyzer.models.model import VisionModel
from analyzer.pool import Done, Pool, ThreadPool
from analyzer.progress import RunProgress
from analyzer.reuse import Known
from analyzer.scope import ScopeFilter
from analyzer.twins import Twins
from core.clock import Clock
from core.errors import SightlineError, Standstill
from core.ids import stable_id
from core.observation import Sight
from core.states import Outcome, RunState, move
from storage.census import Count
from storage.conversations import ConversationStore, RunRow
from storage.observations import Observation, ObservationStore, SightKey
from storage.picture_index import PictureIndex
from storage.register import Register
from storage.source import ImageSource

log = logging.getLogger(__name__)

# Stored in groups: an insert costs as much for one row as for a hundred. The first of a run goes at once.
COMMIT_INTERVAL_S = 0.05
# A model that fails this often in a row is broken; asking on would only mark good pictures as unreadable.
FAILURES_IN_A_ROW = 16
SAVE_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class RunMeans:
    """What every run of an application works with. Sights older than ``reuse_s`` are not used again where only a URL
    tells which picture it was. ``counted`` tells how many pictures the source in force has, as far as that is known."""

    observations: ObservationStore
    pictures: PictureIndex
    conversations: ConversationStore
    clock: Clock
    workers_limit: int
    reuse_s: float
    # Raises while there is still room to say that there is none.
    check_room: Callable[[], None] = lambda: None
    leaving: Leaving = field(default_factory=Leaving)
    counted: Callable[[], Count | None] = lambda: None


class RunListener:
    """What a run tells while it works. Calls come from the run's own threads."""

    def seen(self, progress: RunProgress, observations: Sequence[Observation]) -> None:
        """A group of observations is stored."""

    def changed(self, progress: RunProgress) -> None:
        """The run ended, or its listing did."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a run is about: the ask, the model that looks, the pictures it may look at and where their cameras stand."""

    ask: Ask
    model: VisionModel
    source: ImageSource
    register: Register
    scope: ScopeFilter


class Run:
    """One run under way. Whoever starts it ends it, by :meth:`stop` and :meth:`wait` or by :meth:`interrupt`."""

    def __init__(
        self,
        row: RunRow,
        question: Question,
        means: RunMeans,
        listener: RunListener,
        *,
        fresh: bool = False,
        renewed: bool = False,
        tokens: tuple[int, int] = (0, 0),
    ) -> None:
        """``fresh`` says that nothing of this run can be stored yet, which saves looking for it; ``renewed`` that a
        person let it go on, for as much money again; ``tokens`` are those of its earlier parts."""
        self._row = row
        self._fresh = fresh
        self._question = question
        self._means = means
        self._listener = listener
        self._key = SightKey(row.model, row.model_version, row.sees)
        self._known = Known(row, question.model, question.ask, means.observations, means.clock, means.reuse_s)
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._interrupted = False
        self._counts: dict[Outcome, int] = dict.fromkeys(Outcome, 0)
        self._listed, self._listing = 0, True
        self._settled: set[str] = set()
        self._remembers = False
        self._twins = Twins()
        self._reused, self._cost_usd = 0, 0.0
        self._tokens = tokens
        self._done_before = 0
        self._failures = 0
        self._error: str | None = None
        self._saved_at = self._began = self._counted_at = means.clock.monotonic()
        card = question.model.card
        before_usd = 0.0 if fresh or renewed else means.observations.tally(row.id).cost_usd
        purse = Purse(means.leaving.budget, means.leaving.spending.most_per_run, before_usd)
        self._looker = Looker(
            question.source, question.model, question.ask, self._known, row.calls, row.id, means.leaving, purse
        )
        self._pool: Pool[Look, Seen] = ThreadPool(
            self._looker, min(card.workers, means.workers_limit), card.batch, name=f"look-{row.id[-4:]}"
        )
        self._threads = [
            threading.Thread(target=self._feed, name=f"feed-{row.id[-4:]}", daemon=True),
            threading.Thread(target=self._write, name=f"write-{row.id[-4:]}", daemon=True),
        ]

    @property
    def row(self) -> RunRow:
        """The run as it is kept."""
        return self._row

    @property
    def register(self) -> Register:
        """Where the cameras stand, as it was when the run began."""
        return self._question.register

    def start(self) -> None:
        """Begin, or go on from what is stored."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop asking; what is in hand is finished and kept."""
        self._stopping.set()
        self._pool.cancel()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; whether it came."""
        return self._finished.wait(timeout_s)

    def interrupt(self) -> None:
        """End because the process ends: the run stays ``running`` in the store and resumes at the next start."""
        self._interrupted = True
        self._listener = RunListener()
        self.stop()
        for thread in self._threads:
            thread.join()

    def progress(self) -> RunProgress:
        """Where the run stands now."""
        with self._lock:
            return self._progress()

    def _progress(self) -> RunProgress:
        running = self._row.state is RunState.RUNNING
        elapsed = self._means.clock.monotonic() - self._began if running else 0.0
        done = sum(self._counts.values())
        fresh = done - self._done_before
        known = running and fresh > 0 and not self._listing
        return RunProgress(
            id=self._row.id,
            state=self._row.state,
            counts=dict(self._counts),
            listed=self._listed,
            listing=self._listing and running,
            reused=self._reused,
            calls=self._looker.calls,
            elapsed_s=self._row.elapsed_s + elapsed,
            eta_s=self._left_s(max(self._listed - done, 0), fresh, elapsed) if known else None,
            cost_usd=self._cost_usd,
            tokens_in=self._tokens[0],
            tokens_out=self._tokens[1],
            error=self._error,
        )

    def _left_s(self, left: int, fresh: int, elapsed_s: float) -> float:
        """By the pace up to the last picture that was done: those in hand are not slower for being in hand."""
        done_after_s = self._counted_at - self._began
        return max(left * done_after_s / fresh - (elapsed_s - done_after_s), 0.0)

    # The feeder

    def _feed(self) -> None:
        try:
            self._restore()
            self._submit_all()
        except SightlineError as error:
            self._fail(f"{error.sentence} {error.hint}".strip())
        except Exception as error:
            log.exception("run %s: listing failed", self._row.id)
            self._fail(f"Listing the pictures failed: {error}.")
        self._pool.finish()

    def _restore(self) -> None:
        observations = self._means.observations
        if self._fresh:
            return
        tally = observations.tally(self._row.id)
        self._settled = observations.settled(self._row.id)
        with self._lock:
            self._counts.update(tally.counts)
            # Pictures on which the model failed are asked again, and counted when they are.
            self._counts[Outcome.UNREADABLE] -= sum(tally.counts.values()) - len(self._settled)
            self._reused, self._cost_usd = tally.reused, tally.cost_usd
            self._done_before = sum(self._counts.values())

    def _submit_all(self) -> None:
        register, scope = self._question.register, self._question.scope
        for page in self._question.source.pages():
            listed = self._means.pictures.list(page)
            wanted = [picture for picture in listed if scope.holds(picture, register.find(picture.camera))]
            with self._lock:
                self._listed += len(wanted)
            waiting = [picture for picture in wanted if picture.id not in self._settled]
            self._twins.turn_page()
            sights = self._known_by_listing([picture.identity.value for picture in waiting if picture.identity])
            for picture in waiting:
                sight = sights.get(picture.identity.value) if picture.identity else None
                if sight is None and self._twins.holds_back(picture):
                    continue
                if not self._pool.submit(Look(picture, sight or self._twins.sight(picture))):
                    return
            if self._stopping.is_set():
                return
        with self._lock:
            self._listing = False
            progress = self._progress()
        self._listener.changed(progress)

    def _known_by_listing(self, identities: Sequence[str]) -> Mapping[str, Sight]:
        """Also what this run itself has seen, which is not asked twice even where it is told to look afresh."""
        found = self._known(identities)
        missing = [identity for identity in identities if identity not in found]
        if not missing or not self._remembers:
            return found
        began = self._row.started_at
        return {**found, **self._means.observations.sights(self._key, missing, began, began)}

    # The writer

    def _write(self) -> None:
        try:
            for ready in self._pool.completed():
                if settled := [seen for done in ready if (seen := self._settle(done)) is not None]:
                    self._store(settled)
                    if twins := self._twins.let_go(settled):
                        self._store(twins)
                self._finished.wait(COMMIT_INTERVAL_S)
        except SightlineError as error:
            log.error("run %s stops: %s", self._row.id, error.sentence)  # noqa: TRY400  (it is told in full)
            self._fail(f"{error.sentence} {error.hint}".strip())
        except Exception as error:
            log.exception("run %s: storing failed", self._row.id)
            self._fail(f"What was seen could not be stored: {error}.")
        self._end()

    def _settle(self, done: Done[Look, Seen]) -> Seen | None:
        """What came of a picture; nothing where it was not asked and the run ends."""
        if done.result is not None:
            self._failures = 0
            return done.result
        if isinstance(done.error, Standstill):
            self._fail(f"{done.error.sentence} {done.error.hint}".strip())
            return None
        self._failures += 1
        if self._failures == FAILURES_IN_A_ROW:
            name = self._question.model.card.name
            self._fail(f"{name} failed on {self._failures} pictures in a row. The last time: {done.error}")
        return self._looker.unseen(done.job.picture, done.error)

    def _store(self, seen: Sequence[Seen]) -> None:
        """Store, then announce, then keep for later questions what this one need not wait for."""
        self._means.check_room()
        now = self._means.clock.now()
        observations = [self._observation(one, now) for one in seen]
        self._means.observations.add(observations)
        with self._lock:
            self._counted_at = self._means.clock.monotonic()
            for observation in observations:
                self._counts[observation.outcome] += 1
                self._reused += observation.reused
                self._cost_usd += observation.cost_usd
            fresh = [one.sight for one in seen if not one.reused]
            self._tokens = (
                self._tokens[0] + sum(sight.tokens_in for sight in fresh),
                self._tokens[1] + sum(sight.tokens_out for sight in fresh),
            )
            progress = self._progress()
        self._listener.seen(progress, observations)
        self._remember(seen, now)
        if self._means.clock.monotonic() - self._saved_at >= SAVE_INTERVAL_S:
            self._save()

    def _remember(self, seen: Sequence[Seen], now: datetime) -> None:
        fresh = [
            (one.identity.kind, one.identity.value, one.sight)
            for one in seen
            if one.identity is not None and not one.reused and not one.failed and not one.sight.passing
        ]
        if fresh:
            self._means.observations.add_sights(self._key, fresh, now)
            self._remembers = True
        self._means.pictures.identify(
            [(one.picture.id, one.identity) for one in seen if one.identity and one.picture.identity is None]
        )

    def _observation(self, seen: Seen, now: datetime) -> Observation:
        picture, sight, judgement = seen.picture, seen.sight, seen.judgement
        place = self._question.register.find(picture.camera)
        return Observation(
            run_id=self._row.id,
            picture_id=picture.id,
            observation_id=stable_id(self._row.id, picture.id),
            source=picture.source,
            name=picture.name,
            camera=picture.camera,
            location=place.location if place else None,
            district=place.district if place else None,
            old_district=place.old_district if place else None,
            mandal=place.mandal if place else None,
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
            taken_at=picture.taken_at,
            identity_kind=seen.identity.kind if seen.identity else "",
            identity=seen.identity.value if seen.identity else "",
            model=self._row.model,
            model_version=self._row.model_version,
            outcome=judgement.outcome,
            count=judgement.count,
            text=judgement.text,
            score=judgement.score,
            reason=judgement.reason,
            boxes=judgement.boxes,
            width=sight.width_px,
            height=sight.height_px,
            elapsed_ms=sight.elapsed_ms,
            cost_usd=0.0 if seen.reused else sight.cost_usd,
            reused=seen.reused,
            failed=seen.failed,
            observed_at=now,
        )

    def _fail(self, sentence: str) -> None:
        with self._lock:
            self._error = self._error or sentence
        self.stop()

    def _save(self) -> None:
        with self._lock:
            self._saved_at = self._means.clock.monotonic()
            progress = self._progress()
            row = replace(
                self._row,
                elapsed_s=progress.elapsed_s,
                listed=progress.listed,
                calls=progress.calls,
                error=progress.error,
                matched=progress.counts[Outcome.MATCH],
            )
        self._means.conversations.save_run(row)

    def _end(self) -> None:
        with self._lock:
            progress = self._progress()
            complete = not self._listing and progress.done >= self._listed
            ended = RunState.FINISHED if complete else RunState.FAILED if self._error else RunState.STOPPED
            if not self._interrupted:
                self._row = replace(self._row, state=move(self._row.state, ended), elapsed_s=progress.elapsed_s)
        try:
            self._keep_end()
        except Exception:  # the root of a thread: nobody must wait for an end that could not be kept
            log.exception("run %s: its end can't be kept; it goes on at the next start", self._row.id)
        self._finished.set()

    def _keep_end(self) -> None:
        self._save()
        self._listener.changed(self.progress())
