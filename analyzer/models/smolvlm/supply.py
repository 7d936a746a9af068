"""Bringing SmolVLM into the catalogue: when its engine is built and its files are here, and not before.

The engine is built by another process, files are fetched or put there by hand, both at any time; a thread looks after
it until the model can be asked. Nothing is loaded before the first picture, since loaded it takes a gigabyte.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from analyzer.models.catalogue import Activity, Catalogue, Fetch, Fetching, ModelState, Standing
from analyzer.models.engine_install import EngineStep, engine_state
from analyzer.models.smolvlm.files import ModelFiles, Release, find_files, missing_files
from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.process import Condition, Limits, ModelProcess
from analyzer.models.smolvlm.prompt import VERSION
from analyzer.models.smolvlm.tiles import VERSION as TILES_VERSION
from analyzer.models.smolvlm.tiles import Splitting
from analyzer.models.smolvlm.tuning import Choice, known, processor, tune
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable
from storage.decoding import MAX_PIXELS

log = logging.getLogger(__name__)

NAME = "smolvlm"
_LOOK_AGAIN_S = 5.0
_ACTIVITIES = {
    Condition.STOPPED: Activity.IDLE,
    Condition.LOADING: Activity.LOADING,
    Condition.READY: Activity.READY,
    Condition.BUSY: Activity.BUSY,
    Condition.RESTARTING: Activity.RESTARTING,
}
_SAYS = "A small language model with eyes, on this machine: answers any question about a picture, roughly."


@dataclass(frozen=True, slots=True)
class Keeping:
    """How SmolVLM is run and what it may keep. ``threads`` 0 leaves their number, and all else that ``tuned`` allows,
    to the self-benchmark; ``self_test`` puts drawn pictures to it before it is used; ``at_once`` loads it as soon as it
    is here, without waiting for a first picture."""

    threads: int = 0
    tuned: bool = True
    self_test: bool = True
    at_once: bool = False
    splitting: Splitting = Splitting.ONE
    tiles_limit_bytes: int = 2_000_000_000
    states_limit_bytes: int = 512_000_000
    limits: Limits = field(default_factory=Limits)
    max_pixels: int = MAX_PIXELS

    @property
    def bounds(self) -> Limits:
        """The limits of its process: what it may keep in memory comes on top of what it needs to run."""
        return replace(self.limits, memory_bytes=self.limits.memory_bytes + self.states_limit_bytes)


class _NotTried(Exception):
    """Something must be tried out first, which takes its time."""


class SmolVlmSupply:
    """Keeps the catalogue's entry true. ``start`` looks after it in a thread of its own; ``close`` ends that and the
    model process; ``fetch`` gets missing files beside, ``stop_fetching`` ends that."""

    def __init__(
        self,
        catalogue: Catalogue,
        release: Release,
        models_dir: Path | None,
        data_dir: Path,
        keeping: Keeping | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._catalogue = catalogue
        self._release = release
        self._models_dir = models_dir
        self._data_dir = data_dir
        self._keeping = keeping or Keeping()
        self._changed = changed
        self._process: ModelProcess | None = None
        self._says = _SAYS
        self._stop = threading.Event()
        self._look_now = threading.Event()
        self._stop_fetching = threading.Event()
        self._is_fetching = False
        self._fetching: threading.Thread | None = None
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._run, name="smolvlm-supply", daemon=True)
        self._told = _engine(data_dir) or Standing(
            ModelState.ABSENT, "SmolVLM's engine is here; its files are looked for."
        )
        catalogue.follow(NAME, release.label, self._stand, Fetch(self.fetch, self.stop_fetching))

    def start(self) -> None:
        """Look after it, without waiting."""
        self._watch.start()

    def open_known(self) -> bool:
        """Put it into the catalogue now if it was set up before, so that what was under way with it can go on; whether
        nothing is left to do. Takes as long as a look at its files."""
        try:
            return self._open(may_try=False)
        except _NotTried:
            return False

    def fetch(self) -> None:
        """Fetch the files, without waiting. Does nothing while that is under way."""
        with self._lock:
            if not self._is_fetching and not self._stop.is_set():
                self._is_fetching = True
                self._stop_fetching.clear()
                self._tell(Standing(ModelState.INSTALLING, "Its files are being fetched.", fetching=Fetching(0, 0)))
                self._fetching = threading.Thread(target=self._fetch, name="smolvlm-fetch", daemon=True)
                self._fetching.start()

    def stop_fetching(self) -> None:
        """End the fetching, without waiting; what has come is kept for the next try."""
        self._stop_fetching.set()

    def close(self) -> None:
        """End the watch, the fetching and the model process."""
        self._stop.set()
        self._stop_fetching.set()
        self._look_now.set()
        for thread in (self._watch, self._fetching):
            if thread is not None and thread.is_alive():
                # A silent hub would hold it for its whole time-out; what it had fetched is kept for the next try.
                thread.join(timeout=1.0)
        if self._process is not None:
            self._process.close()

    def _stand(self) -> Standing:
        process = self._process
        if process is None:
            return self._told
        condition = process.condition
        if condition is Condition.FAILED:
            return Standing(ModelState.FAILED, process.sentence, "It is tried again when Sightline starts anew.")
        words = {Condition.LOADING: "Loading.", Condition.RESTARTING: process.sentence}
        sentence = words.get(condition, self._says)
        return Standing(
            ModelState.READY, sentence, activity=_ACTIVITIES[condition], resident_bytes=process.resident_bytes
        )

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and not self._open():
                self._look_now.wait(_LOOK_AGAIN_S)
                self._look_now.clear()
        except Exception:
            log.exception("looking after SmolVLM failed")
            self._tell(Standing(ModelState.FAILED, "It couldn't be set up; the log has the details."))

    def _open(self, *, may_try: bool = True) -> bool:
        """Put the model into the catalogue if everything is here; whether that is done. Raises :class:`_NotTried` where
        something must be tried out first and may not be."""
        engine = _engine(self._data_dir)
        if engine is not None:
            self._tell(engine)
            return False
        if self._is_fetching:  # what is half here is no wrong file
            return False
        try:
            files = find_files(self._release, self._models_dir, self._data_dir)
        except ModelUnavailable as error:
            # What was fetched can be fetched again; what somebody put there is theirs to replace.
            self._fail(error, can_fetch=self._models_dir is None)
            return False
        if files is None:
            with self._lock:
                # Why they did not come, if it was tried, goes on to stand there.
                is_told = self._told.state is ModelState.ABSENT and self._told.can_fetch
                if not self._is_fetching and not is_told:
                    self._tell(self._missing())
            return False
        try:
            choice = self._tuned(files, may_try=may_try)
            self._add(files, choice, self._doubt(files, choice, may_try=may_try))
        except ModelUnavailable as error:
            self._fail(error)
        return True

    def _fail(self, error: ModelUnavailable, *, can_fetch: bool = False) -> None:
        self._tell(Standing(ModelState.FAILED, error.sentence, error.hint, can_fetch=can_fetch))

    def _tuned(self, files: ModelFiles, *, may_try: bool) -> Choice:
        keeping = self._keeping
        base = Tuning(threads=keeping.threads or os.cpu_count() or 1)
        if not keeping.tuned:
            return Choice(files.text, files.mmproj, base, "As the settings say.")
        if (found_before := known(files, self._data_dir, base, keeping.threads)) is not None:
            return found_before
        if not may_try:
            raise _NotTried
        self._tell(
            Standing(
                ModelState.INSTALLING, "Its files are here; what is fastest on this machine is being tried out, once."
            )
        )
        choice = tune(files, self._data_dir, base, keeping.threads, self._stop.is_set)
        log.info("SmolVLM: %s", choice.why)
        return choice

    def _doubt(self, files: ModelFiles, choice: Choice, *, may_try: bool) -> str:
        """Why it should not be believed, if its self-test gives a reason."""
        if not self._keeping.self_test:
            return ""
        from analyzer.models.smolvlm import selftest

        setup = self._setup(files, choice)

        def examine() -> selftest.Result:
            if not may_try:
                raise _NotTried
            self._tell(
                Standing(ModelState.INSTALLING, "A dozen drawn pictures with obvious answers are put to it, once.")
            )
            return selftest.examine(setup, self._stop.is_set)

        result = selftest.examined(
            self._data_dir / "smolvlm" / "self_test.json",
            f"{files.version} | {VERSION} | {choice.text.name} | {choice.mmproj.name} | {processor()}",
            examine,
        )
        log.log(logging.INFO if result.passed else logging.WARNING, "SmolVLM: %s", result.sentence)
        return "" if result.passed else result.sentence

    def _setup(self, files: ModelFiles, choice: Choice) -> Setup:
        keeping = self._keeping
        return Setup(
            text=choice.text,
            mmproj=choice.mmproj,
            tiles_dir=self._data_dir / "smolvlm" / "tiles",
            kind=f"{files.release.name}-{files.version}-{TILES_VERSION}-{keeping.splitting}",
            tuning=choice.tuning,
            splitting=keeping.splitting,
            tiles_limit_bytes=keeping.tiles_limit_bytes,
            states_limit_bytes=keeping.states_limit_bytes,
            max_pixels=keeping.max_pixels,
        )

    def _add(self, files: ModelFiles, choice: Choice, doubt: str) -> None:
        from analyzer.models.smolvlm.model import SmolVlmModel

        keeping = self._keeping
        version = f"{files.release.name.removeprefix('smolvlm-')}-{files.version}-p{VERSION}-t{keeping.splitting}"
        self._says = f"{doubt} Choose it by name to use it all the same." if doubt else _SAYS
        self._process = process = ModelProcess(self._setup(files, choice), keeping.bounds, self._changed)
        model = SmolVlmModel(NAME, version, process, doubt, keeping.max_pixels)
        self._catalogue.add(model, self._release.label, self._says, self._stand)
        if keeping.at_once:
            process.start()
        self._changed()

    def _fetch(self) -> None:
        from analyzer.models.smolvlm.fetching import fetch

        def progress(done: int, total: int) -> None:
            self._tell(Standing(ModelState.INSTALLING, "Its files are being fetched.", fetching=Fetching(done, total)))

        try:
            fetch(self._release, self._data_dir, progress, self._stop_fetching.is_set)
            self._tell(Standing(ModelState.INSTALLING, "Its files are here."))
        except ModelUnavailable as error:
            log.warning("SmolVLM's files did not come: %s", error)
            self._tell(Standing(ModelState.ABSENT, f"{error.sentence} {error.hint}", can_fetch=True))
        except Exception:
            log.exception("fetching SmolVLM failed")
            self._tell(Standing(ModelState.FAILED, "Fetching failed; the log has the details.", can_fetch=True))
        self._is_fetching = False
        self._look_now.set()

    def _missing(self) -> Standing:
        size = self._release.size_bytes / 1e6
        missing = missing_files(self._release, self._models_dir, self._data_dir)
        return Standing(
            ModelState.ABSENT,
            f"{missing[0]} is missing." if len(missing) == 1 else f"Its files ({size:.0f} MB) are missing.",
            f"Fetch them on the page, or by flask --app flask_app models pull {self._release.name}, "
            "or put them into MODELS_DIR.",
            can_fetch=True,
        )

    def _tell(self, standing: Standing) -> None:
        if self._told != standing:
            self._told = standing
            # Files may be missing for good, where nobody chose it: that is for the page to say.
            if standing.state is ModelState.FAILED or (standing.state is ModelState.ABSENT and self._keeping.at_once):
                log.warning("SmolVLM: %s", f"{standing.sentence} {standing.hint}".strip())
            self._changed()


def _engine(data_dir: Path) -> Standing | None:
    """How the engine stands; ``None`` where it is ready."""
    engine = engine_state(data_dir)
    return None if engine.state is EngineStep.READY else Standing(ModelState(engine.state), engine.sentence)
