"""Bringing SmolVLM into the catalogue: when its engine is built and its files are here, and not before.

The engine is built by another process, files are fetched or put there by hand, both at any time; a thread looks after
it until the model can be asked. Nothing is loaded before the first picture, since loaded it takes a gigabyte.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.models.catalogue import Catalogue, ModelState
from analyzer.models.engine_install import EngineStep, engine_state
from analyzer.models.smolvlm.files import ModelFiles, Release, find_files
from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.process import Condition, Limits, ModelProcess
from analyzer.models.smolvlm.prompt import VERSION
from analyzer.models.smolvlm.tiles import Splitting
from analyzer.models.smolvlm.tuning import Choice, tune
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable

log = logging.getLogger(__name__)

NAME = "smolvlm"
_LOOK_AGAIN_S = 5.0
_SAYS = "A small language model with eyes, on this machine: answers any question about a picture, roughly."


@dataclass(frozen=True, slots=True)
class Keeping:
    """How SmolVLM is run and what it may keep. ``threads`` 0 leaves their number, and all else that ``tuned`` allows,
    to the self-benchmark."""

    threads: int = 0
    tuned: bool = True
    splitting: Splitting = Splitting.ONE
    tiles_limit_bytes: int = 2_000_000_000
    states_limit_bytes: int = 512_000_000
    limits: Limits = field(default_factory=Limits)


class SmolVlmSupply:
    """Keeps the catalogue's entry true. ``start`` looks after it in a thread of its own; ``close`` ends that and the
    model process; ``fetch`` gets missing files beside."""

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
        self._stop = threading.Event()
        self._fetching: threading.Thread | None = None
        self._lock = threading.Lock()
        self._watch = threading.Thread(target=self._run, name="smolvlm-supply", daemon=True)
        self._told = _engine(data_dir) or (ModelState.ABSENT, "SmolVLM's engine is here; its files are looked for.")
        catalogue.follow(NAME, release.label, self._stand)

    def start(self) -> None:
        """Look after it, without waiting."""
        self._watch.start()

    def fetch(self) -> None:
        """Fetch the files, without waiting. Does nothing while that is under way."""
        with self._lock:
            if self._fetching is None or not self._fetching.is_alive():
                self._fetching = threading.Thread(target=self._fetch, name="smolvlm-fetch", daemon=True)
                self._fetching.start()

    def close(self) -> None:
        """End the watch, the fetching and the model process."""
        self._stop.set()
        for thread in (self._watch, self._fetching):
            if thread is not None and thread.is_alive():
                # A silent hub would hold it for its whole time-out; what it had fetched is kept for the next try.
                thread.join(timeout=1.0)
        if self._process is not None:
            self._process.close()

    def _stand(self) -> tuple[ModelState, str]:
        process = self._process
        if process is None:
            return self._told
        if process.condition is Condition.FAILED:
            return ModelState.FAILED, process.sentence
        words = {Condition.LOADING: "Loading.", Condition.RESTARTING: f"Starting again. {process.sentence}"}
        return ModelState.READY, words.get(process.condition, _SAYS)

    def _run(self) -> None:
        try:
            while not self._stop.is_set() and not self._open():
                self._stop.wait(_LOOK_AGAIN_S)
        except Exception:
            log.exception("looking after SmolVLM failed")
            self._tell(ModelState.FAILED, "It couldn't be set up; the log has the details.")

    def _open(self) -> bool:
        """Put the model into the catalogue if everything is here; whether that is done."""
        engine = _engine(self._data_dir)
        if engine is not None:
            self._tell(*engine)
            return False
        try:
            files = find_files(self._release, self._models_dir, self._data_dir)
        except ModelUnavailable as error:
            self._tell(ModelState.FAILED, f"{error.sentence} {error.hint}")
            return False
        if files is None:
            if self._fetching is None or not self._fetching.is_alive():
                self._tell(ModelState.ABSENT, self._missing())
            return False
        try:
            self._add(files, self._tuned(files))
        except ModelUnavailable as error:
            self._tell(ModelState.FAILED, f"{error.sentence} {error.hint}")
        return True

    def _tuned(self, files: ModelFiles) -> Choice:
        keeping = self._keeping
        base = Tuning(threads=keeping.threads or os.cpu_count() or 1)
        if not keeping.tuned:
            return Choice(files.text, files.mmproj, base, "As the settings say.")
        self._tell(
            ModelState.INSTALLING, "Its files are here; what is fastest on this machine is being tried out, once."
        )
        choice = tune(files, self._data_dir, base, keeping.threads, self._stop.is_set)
        log.info("SmolVLM: %s", choice.why)
        return choice

    def _add(self, files: ModelFiles, choice: Choice) -> None:
        from analyzer.models.smolvlm.model import SmolVlmModel

        keeping = self._keeping
        version = f"{files.release.name.removeprefix('smolvlm-')}-{files.version}-p{VERSION}-t{keeping.splitting}"
        setup = Setup(
            text=choice.text,
            mmproj=choice.mmproj,
            tiles_dir=self._data_dir / "smolvlm",
            kind=f"{files.release.name}-{files.version}-{keeping.splitting}",
            tuning=choice.tuning,
            splitting=keeping.splitting,
            tiles_limit_bytes=keeping.tiles_limit_bytes,
            states_limit_bytes=keeping.states_limit_bytes,
        )
        self._process = ModelProcess(setup, keeping.limits, self._changed)
        self._catalogue.add(SmolVlmModel(NAME, version, self._process), self._release.label, _SAYS, self._stand)
        self._changed()

    def _fetch(self) -> None:
        from analyzer.models.smolvlm.fetching import fetch

        def progress(done: int, total: int) -> None:
            self._tell(ModelState.INSTALLING, f"Its files are being fetched: {done / 1e6:.0f} of {total / 1e6:.0f} MB.")

        self._tell(ModelState.INSTALLING, "Its files are being fetched.")
        try:
            fetch(self._release, self._data_dir, progress, self._stop.is_set)
        except ModelUnavailable as error:
            log.warning("SmolVLM's files did not come: %s", error)
            self._tell(ModelState.ABSENT, f"{error.sentence} {error.hint}")
        except Exception:
            log.exception("fetching SmolVLM failed")
            self._tell(ModelState.FAILED, "Fetching failed; the log has the details.")

    def _missing(self) -> str:
        size = self._release.size_bytes / 1e6
        return (
            f"SmolVLM's engine is here, its files (about {size:.0f} MB) are not. "
            f"Fetch them: flask --app flask_app models pull {self._release.name}; or put them into MODELS_DIR."
        )

    def _tell(self, state: ModelState, sentence: str) -> None:
        if self._told != (state, sentence):
            self._told = (state, sentence)
            self._changed()


def _engine(data_dir: Path) -> tuple[ModelState, str] | None:
    """How the engine stands; ``None`` where it is ready."""
    engine = engine_state(data_dir)
    return None if engine.state is EngineStep.READY else (ModelState(engine.state), engine.sentence)
