"""The run, on a real chDB and SQLite: lazy, stored before announced, keyed, stoppable, resumable."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material, ModelCard
from analyzer.plan import Aggregate, Kind, Plan, Scope, Task
from analyzer.progress import RunProgress
from analyzer.run import Question, Run, RunListener, RunMeans
from analyzer.scope import ScopeFilter
from core.clock import ManualClock, SystemClock
from core.ids import Ids
from core.observation import Box, Judgement, Sight
from core.picture import Identity, Picture
from core.states import Outcome, RunState
from storage.conversations import ConversationStore, MessageRow, RunRow
from storage.database import Database
from storage.observations import Observation, ObservationStore, PictureFilter
from storage.picture_index import PictureIndex
from storage.register import Register, RegisteredCamera
from storage.session_list import SessionRow
from storage.slices import Slice
from tests.conftest import MemorySource

PLAN = Plan(Kind.LOOK, Task.COUNT, "people", "How many people are visible?", aggregate=Aggregate.EACH)
REGISTER = Register("r", "1", {}, tuple(RegisteredCamera(n, f"cam-{n}", f"Place {n}", f"D{n % 2}") for n in range(3)))


class NumberModel:
    """Sees as many people as the picture's number modulo 3; a hook runs before each look."""

    def __init__(self, before: Callable[[bytes], object] = lambda content: None, version: str = "1") -> None:
        self.card = ModelCard("numbers", version, "bytes", workers=4)
        self.before = before
        self.asked: list[bytes] = []

    def ability(self, ask: Ask) -> Ability:
        return Ability(Fit.FULL, "counts", sees="people")

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        sights = []
        for picture in pictures:
            assert picture.content is not None
            self.before(picture.content)
            self.asked.append(picture.content)
            boxes = (Box(0, 0, 1, 1, "person", 0.123456789),) * (int(picture.content) % 3)
            sights.append(Sight(640, 480, boxes, elapsed_ms=1.0))
        return sights

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        if sight.unreadable:
            return Judgement(Outcome.UNREADABLE, reason=sight.unreadable)
        outcome = Outcome.MATCH if sight.boxes else Outcome.NO_MATCH
        return Judgement(outcome, len(sight.boxes), sight.boxes)


@dataclass
class Ear(RunListener):
    """Hears what a run tells, and checks that it was stored before."""

    store: ObservationStore
    heard: list[Observation] = field(default_factory=list)
    states: list[RunState] = field(default_factory=list)
    first: threading.Event = field(default_factory=threading.Event)
    listed: threading.Event = field(default_factory=threading.Event)

    def seen(self, progress: RunProgress, observations: Sequence[Observation]) -> None:
        stored = {one.picture_id for one in self.store.all(observations[0].run_id)}
        assert {observation.picture_id for observation in observations} <= stored
        self.heard += observations
        self.first.set()

    def changed(self, progress: RunProgress) -> None:
        self.states.append(progress.state)
        if not progress.listing:
            self.listed.set()


@dataclass
class Bench:
    """Everything a run needs, for one test."""

    means: RunMeans
    ids: Ids
    ear: Ear

    def row(self, again: bool = False, version: str = "1") -> RunRow:
        conversations, now = self.means.conversations, self.means.clock.now()
        message_id, session_id = self.ids.new(), self.ids.new()
        conversations.add_session(SessionRow(session_id, "t", now, now))
        row = RunRow(
            self.ids.new(), message_id, RunState.RUNNING, "memory://", "numbers", version, "people", again, now
        )
        conversations.add_message(MessageRow(message_id, session_id, "q", now, PLAN.to_stored(), run_id=row.id), row)
        return row

    def run(self, row: RunRow, source: MemorySource, model: NumberModel, scope: Scope | None = None) -> Run:
        only = ScopeFilter(scope or Scope(), ZoneInfo("Asia/Kolkata"))
        return Run(row, Question(Ask.of(PLAN), model, source, REGISTER, only), self.means, self.ear)

    def finished(
        self, row: RunRow, source: MemorySource, model: NumberModel, scope: Scope | None = None
    ) -> RunProgress:
        run = self.run(row, source, model, scope)
        run.start()
        assert run.wait(30)
        return run.progress()


@pytest.fixture
def bench(database: Database, engine: Engine, ids: Ids) -> Bench:
    observations = ObservationStore(database)
    observations._database.command("TRUNCATE TABLE sights")
    conversations, pictures = ConversationStore(engine), PictureIndex(engine)
    means = RunMeans(observations, pictures, conversations, SystemClock(), workers_limit=8, reuse_s=3600.0)
    return Bench(means, ids, Ear(observations))


def test_every_picture_ends_with_one_stored_and_announced_observation(bench: Bench) -> None:
    row = bench.row()
    progress = bench.finished(row, MemorySource(50, broken=[7, 9]), NumberModel())
    assert progress.state is RunState.FINISHED
    assert (progress.done, progress.listed, progress.counts[Outcome.UNREADABLE]) == (50, 50, 2)
    stored = {observation.picture_id: observation for observation in bench.means.observations.all(row.id)}
    assert len(stored) == 50
    assert {observation.picture_id for observation in bench.ear.heard} == set(stored)
    assert bench.ear.states == [RunState.RUNNING, RunState.FINISHED]


def test_an_unreadable_picture_is_never_a_no(bench: Bench) -> None:
    row = bench.row()
    bench.finished(row, MemorySource(6, broken=[0, 3]), NumberModel())
    page = bench.means.observations.page(Slice(row.id, "UTC"), PictureFilter(outcome=Outcome.UNREADABLE), None, 10)
    assert page.total == 2
    assert {(one.count, one.reason) for one in page.rows} == {(None, "The file is empty.")}


def test_asking_starts_before_the_listing_has_ended(bench: Bench) -> None:
    source = MemorySource(400, page_size=10)
    pages_at_first_look: list[int] = []
    model = NumberModel(before=lambda content: pages_at_first_look.append(source.pages_given))
    bench.finished(bench.row(), source, model)
    assert pages_at_first_look[0] < 5
    assert source.pages_given == 40


def test_only_pictures_in_scope_are_asked(bench: Bench) -> None:
    model = NumberModel()
    progress = bench.finished(bench.row(), MemorySource(40), model, Scope(districts=("d1",)))
    assert progress.listed == 10  # only cam-1 stands in D1; cam-3 is in no register
    assert {int(content) % 4 for content in model.asked} == {1}


def test_a_second_question_about_the_same_thing_reads_and_asks_nothing(bench: Bench) -> None:
    source, model = MemorySource(30, broken=[4]), NumberModel()
    first, second = bench.row(), bench.row()
    bench.finished(first, source, model)
    reads = source.reads
    progress = bench.finished(second, source, model)
    assert len(model.asked) == 29
    assert source.reads == reads + 1  # the broken one is tried again
    assert (progress.reused, progress.calls) == (29, 0)

    def outcomes(run_id: str) -> list[tuple[str, Outcome, int | None]]:
        return [(one.picture_id, one.outcome, one.count) for one in bench.means.observations.all(run_id)]

    assert outcomes(first.id) == outcomes(second.id)


def test_another_version_of_a_model_looks_again(bench: Bench) -> None:
    source = MemorySource(10)
    bench.finished(bench.row(), source, NumberModel())
    newer = NumberModel(version="2")
    bench.finished(bench.row(version="2"), source, newer)
    assert len(newer.asked) == 10


def test_asking_again_looks_again(bench: Bench) -> None:
    source, model = MemorySource(10), NumberModel()
    bench.finished(bench.row(), source, model)
    bench.finished(bench.row(again=True), source, model)
    assert len(model.asked) == 20


def test_a_stopped_run_keeps_what_it_has_and_goes_on_from_there(bench: Bench) -> None:
    row = bench.row()
    gate = threading.Event()
    source = MemorySource(60)
    model = NumberModel(before=lambda content: None if len(model.asked) < 8 else gate.wait(10))
    run = bench.run(row, source, model)
    run.start()
    assert bench.ear.first.wait(10)
    threading.Timer(0.2, gate.set).start()
    run.stop()
    assert run.wait(10)
    stopped = run.progress()
    assert stopped.state is RunState.STOPPED
    assert 0 < stopped.done < 60
    assert bench.means.observations.tally(row.id).counts == stopped.counts

    went_on = bench.finished(replace(run.row, state=RunState.RUNNING), source, model)
    assert (went_on.state, went_on.done) == (RunState.FINISHED, 60)
    assert len(model.asked) == len(set(model.asked)) == 60


def test_the_time_left_is_by_the_pace_so_far_and_not_longer_for_pictures_in_hand(bench: Bench) -> None:
    clock, gate = ManualClock(SystemClock().now()), threading.Event()
    bench = replace(bench, means=replace(bench.means, clock=clock))

    def before(content: bytes) -> None:
        if content == b"0":
            clock.advance(10)
        else:
            gate.wait(10)

    run = bench.run(bench.row(), MemorySource(5), NumberModel(before))
    run.start()
    assert bench.ear.first.wait(10)
    assert bench.ear.listed.wait(10)
    assert (run.progress().done, run.progress().eta_s) == (1, 40.0)
    clock.advance(10)
    assert run.progress().eta_s == 30.0
    clock.advance(100)
    assert run.progress().eta_s == 0.0
    gate.set()
    assert run.wait(10)
    assert run.progress().eta_s is None


@pytest.mark.parametrize(("kind", "asked_again"), [("url", 6), ("md5", 0)])
def test_only_what_was_seen_behind_a_url_grows_old(bench: Bench, kind: str, asked_again: int) -> None:
    """REUSE_OBSERVATIONS_S (an hour here) is for pictures that may be others by now."""

    class Kept(MemorySource):
        def picture(self, number: int) -> Picture:
            return replace(super().picture(number), identity=Identity(kind, f"{kind}-{number}"))

    clock, model = ManualClock(SystemClock().now()), NumberModel()
    bench = replace(bench, means=replace(bench.means, clock=clock))
    bench.finished(bench.row(), Kept(6), model)
    clock.advance(3500)
    bench.finished(bench.row(), Kept(6), model)
    assert len(model.asked) == 6
    clock.advance(200)
    bench.finished(bench.row(), Kept(6), model)
    assert len(model.asked) == 6 + asked_again


def test_an_interrupted_run_stays_running_in_the_store(bench: Bench) -> None:
    row = bench.row()
    run = bench.run(row, MemorySource(60), NumberModel(before=lambda content: threading.Event().wait(0.01)))
    run.start()
    assert bench.ear.first.wait(10)
    run.interrupt()
    assert bench.means.conversations.run(row.id).state is RunState.RUNNING


def test_a_model_that_fails_once_is_asked_once_more(bench: Bench) -> None:
    failed: set[bytes] = set()

    def fail_first(content: bytes) -> None:
        if content not in failed:
            failed.add(content)
            raise RuntimeError("out of memory")

    progress = bench.finished(bench.row(), MemorySource(12), NumberModel(before=fail_first))
    assert (progress.counts[Outcome.UNREADABLE], progress.calls) == (0, 24)


def test_a_picture_that_breaks_the_model_twice_is_unreadable_and_asked_again_on_continue(bench: Bench) -> None:
    def fail_five(content: bytes) -> None:
        if content == b"5" and broken:
            raise RuntimeError("segment fault")

    broken = [True]
    row, source, model = bench.row(), MemorySource(12), NumberModel(before=fail_five)
    progress = bench.finished(row, source, model)
    assert progress.counts[Outcome.UNREADABLE] == 1
    (one,) = bench.means.observations.page(
        Slice(row.id, "UTC"), PictureFilter(outcome=Outcome.UNREADABLE), None, 5
    ).rows
    assert one.reason == "numbers failed on this picture twice: segment fault"
    broken.clear()
    progress = bench.finished(row, source, model)
    assert (progress.done, progress.counts[Outcome.UNREADABLE]) == (12, 0)
    assert bench.means.observations.tally(row.id).counts[Outcome.UNREADABLE] == 0


def test_a_model_that_always_fails_ends_the_run_with_the_reason(bench: Bench) -> None:
    def fail(content: bytes) -> None:
        raise RuntimeError("no weights")

    row = bench.row()
    progress = bench.finished(row, MemorySource(5000), NumberModel(before=fail))
    assert progress.state is RunState.FAILED
    assert progress.done < 5000
    assert bench.means.observations.settled(row.id) == set()  # the pictures are not to blame: all are asked again
    assert progress.error == "numbers failed on 16 pictures in a row. The last time: no weights"


def test_an_empty_source_finishes_with_nothing(bench: Bench) -> None:
    progress = bench.finished(bench.row(), MemorySource(0), NumberModel())
    assert (progress.state, progress.done, progress.listed) == (RunState.FINISHED, 0, 0)


def test_the_place_of_each_camera_is_kept_with_its_observation(bench: Bench) -> None:
    row = bench.row()
    bench.finished(row, MemorySource(8), NumberModel())
    places = {one.camera: (one.location, one.district) for one in bench.means.observations.all(row.id)}
    assert places == {
        "cam-0": ("Place 0", "D0"),
        "cam-1": ("Place 1", "D1"),
        "cam-2": ("Place 2", "D0"),
        "cam-3": (None, None),
    }


@pytest.mark.parametrize("chosen", [1, 3])
def test_as_many_pictures_are_looked_at_at_once_as_were_chosen(bench: Bench, chosen: int) -> None:
    """Parity S2.11: the model would gain from four."""
    together = threading.Barrier(chosen)
    inside = threading.Semaphore(chosen)

    def meet(content: bytes) -> None:
        assert inside.acquire(blocking=False), "one more than was chosen"
        together.wait(30)
        inside.release()

    workers = replace(bench, means=replace(bench.means, workers_limit=chosen))
    progress = workers.finished(bench.row(), MemorySource(12), NumberModel(meet))
    assert (progress.done, progress.calls, progress.state) == (12, 12, RunState.FINISHED)


class Copies(MemorySource):
    """A source whose listing says that every tenth picture has the same content."""

    def picture(self, number: int) -> Picture:
        return replace(super().picture(number), identity=Identity("md5", f"{self.name}{number % 10}"))


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("page_size", [3, 16, 200])
def test_equal_pictures_are_asked_once_without_being_read(bench: Bench, page_size: int, again: bool) -> None:
    source, model, row = Copies(100, page_size=page_size), NumberModel(), bench.row(again=again)
    progress = bench.finished(row, source, model)
    assert len(model.asked) == source.reads == 10
    assert (progress.state, progress.done, progress.calls, progress.reused) == (RunState.FINISHED, 100, 10, 90)
    stored = list(bench.means.observations.all(row.id))
    assert len({one.picture_id for one in stored}) == 100
    by_content: dict[str, set[int | None]] = {}
    for one in stored:
        by_content.setdefault(one.identity, set()).add(one.count)
    assert len(by_content) == 10
    assert all(len(counts) == 1 for counts in by_content.values())
