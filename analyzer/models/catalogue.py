"""The models of this machine: which there are, how each stands, and which of them is put to an ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, VisionModel
from core.errors import Conflict, ModelUnavailable, NotFound

if TYPE_CHECKING:
    from analyzer.planner.interpreter import Interpreter
    from analyzer.report.author import Reporter

AUTO = "auto"
Able = Callable[[Ask], Ability]


class ModelState(StrEnum):
    """How a model stands."""

    READY = "ready"
    ABSENT = "absent"
    INSTALLING = "installing"
    FAILED = "failed"


class Activity(StrEnum):
    """What a model that runs in a process of its own is doing; ``idle`` is before its first picture."""

    IDLE = "idle"
    LOADING = "loading"
    READY = "ready"
    BUSY = "busy"
    RESTARTING = "restarting"


@dataclass(frozen=True, slots=True)
class Fetching:
    """How far the files of a model are fetched; ``total_bytes`` is 0 while nobody has said."""

    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model stands that is prepared or run by another process. ``hint`` says how to get what is missing;
    ``can_fetch``: it is files, and they may be asked for."""

    state: ModelState
    sentence: str
    hint: str = ""
    activity: Activity | None = None
    fetching: Fetching | None = None
    can_fetch: bool = False
    resident_bytes: int = 0


# Asked whenever models are listed.
Stand = Callable[[], Standing]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Begins to fetch a model's files, and ends that; both return at once."""

    start: Callable[[], None]
    stop: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model as it is listed to people; ``sentence`` says what it does, or why it isn't there and what to do. The rest
    is as in :class:`Standing`."""

    name: str
    label: str
    version: str
    state: ModelState
    sentence: str
    hint: str = ""
    activity: Activity | None = None
    fetching: Fetching | None = None
    can_fetch: bool = False
    resident_bytes: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label": self.label,
            "version": self.version,
            "state": str(self.state),
            "sentence": self.sentence,
            "hint": self.hint,
            "activity": str(self.activity) if self.activity else None,
            "fetching": asdict(self.fetching) if self.fetching else None,
            "can_fetch": self.can_fetch,
            "resident_bytes": self.resident_bytes,
        }


@dataclass(frozen=True, slots=True)
class Choice:
    """The model for an ask; ``why`` tells the person why it is this one."""

    model: VisionModel
    ability: Ability
    why: str


@dataclass(frozen=True, slots=True)
class _Slot:
    entry: ModelEntry
    model: VisionModel | None = None
    able: Able | None = None
    stand: Stand | None = None
    fetch: Fetch | None = None

    def now(self) -> _Slot:
        if self.stand is None:
            return self
        standing = self.stand()
        model = self.model if standing.state is ModelState.READY else None
        told = {name: getattr(standing, name) for name in Standing.__slots__}
        return replace(self, entry=replace(self.entry, **told), model=model)


class Catalogue:
    """Models in the order of preference. Safe from all threads; a model may become ready at any time.

    ``default`` is the setting ``MODEL``: ``auto``, or the name of the model that is always taken. ``interpreter`` is
    the language model that is asked what a question means, ``reporter`` the one that writes reports, where one is at
    hand.
    """

    def __init__(self, models: Sequence[VisionModel] = (), default: str = AUTO) -> None:
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}
        self._closers: list[Callable[[], None]] = []
        self._default = default
        self.interpreter: Interpreter | None = None
        self.reporter: Reporter | None = None
        for model in models:
            self.add(model)

    @property
    def sends_text(self) -> bool:
        """Whether texts may go to a language model, once people have said yes."""
        return self.interpreter is not None or self.reporter is not None

    def add(self, model: VisionModel, label: str = "", sentence: str = "", stand: Stand | None = None) -> None:
        """A model that is ready; takes the place of what was listed under its name. One that may fail later has a
        ``stand`` that says so."""
        card = model.card
        with self._lock:
            known = self._slots.get(card.name)
            label = label or (known.entry.label if known else card.name)
            entry = ModelEntry(card.name, label, card.version, ModelState.READY, sentence or "Ready.")
            self._slots[card.name] = _Slot(entry, model, model.ability, stand, known.fetch if known else None)

    def expect(self, name: str, label: str, state: ModelState, sentence: str, able: Able | None = None) -> None:
        """A model that isn't ready (yet). ``able`` tells what it could answer, so that its lack can be named."""
        with self._lock:
            self._slots[name] = _Slot(ModelEntry(name, label, "", state, sentence), None, able)

    def follow(self, name: str, label: str, stand: Stand, fetch: Fetch | None = None) -> None:
        """A model that another process prepares: how it stands is asked anew each time. ``fetch`` gets its files."""
        with self._lock:
            self._slots[name] = _Slot(ModelEntry(name, label, "", ModelState.ABSENT, ""), stand=stand, fetch=fetch)

    def fetch(self, name: str) -> ModelEntry:
        """Begin to fetch the files of a model, without waiting; how it stands then. Raises
        :class:`~core.errors.NotFound` for one that is not known, and :class:`~core.errors.Conflict` for one of which
        nothing can be fetched now."""
        slot = self._known(name)
        if slot.fetch is None or not slot.entry.can_fetch:
            raise Conflict(f"There is nothing to fetch for {slot.entry.label} now.", slot.entry.sentence)
        slot.fetch.start()
        return self._known(name).entry

    def stop_fetching(self, name: str) -> ModelEntry:
        """End the fetching of a model's files; what has come is kept. Does nothing where none is under way."""
        slot = self._known(name)
        if slot.fetch is not None:
            slot.fetch.stop()
        return self._known(name).entry

    def mark(self, name: str, state: ModelState, sentence: str) -> None:
        """A model that isn't ready stands differently now."""
        with self._lock:
            slot = self._slots[name]
            self._slots[name] = replace(slot, entry=replace(slot.entry, state=state, sentence=sentence), model=None)

    def states(self) -> list[ModelEntry]:
        """All models, ready or not, in the order of preference."""
        return [slot.entry for slot in self._list()]

    def get(self, name: str) -> VisionModel:
        """The model of that name. Raises :class:`ModelUnavailable`."""
        slot = self._find(name)
        if slot is None:
            raise ModelUnavailable(*self._unknown(name))
        if slot.model is None:
            entry = slot.entry
            raise ModelUnavailable(
                f"{entry.label} isn't ready. {entry.sentence}", entry.hint or "Choose another model."
            )
        return slot.model

    def choose(self, ask: Ask, wanted: str | None = None) -> Choice:
        """The model to put ``ask`` to.

        The named one when it can answer at all; else, by itself, the first that answers fully; else the first that has
        a stand-in, which the caller offers and never takes silently. Raises :class:`ModelUnavailable`.
        """
        name = wanted or self._default
        if name != AUTO:
            return self._named(ask, name, asked=wanted is not None)
        ready = [(slot, slot.model, slot.model.ability(ask)) for slot in self._list() if slot.model]
        for fit in (Fit.FULL, Fit.STAND_IN):
            for slot, model, ability in ready:
                if ability.fit is fit:
                    return Choice(model, ability, self._why(slot.entry, fit, ask))
        raise self._nobody(ask, [(slot.entry, ability) for slot, _, ability in ready])

    def on_close(self, closer: Callable[[], None]) -> None:
        """Call ``closer`` when the catalogue is closed."""
        self._closers.append(closer)

    def close(self) -> None:
        """Stop whatever is still being fetched."""
        while self._closers:
            self._closers.pop()()

    def _find(self, name: str) -> _Slot | None:
        return next((slot for slot in self._list() if slot.entry.name == name), None)

    def _known(self, name: str) -> _Slot:
        slot = self._find(name)
        if slot is None:
            raise NotFound(*self._unknown(name))
        return slot

    def _unknown(self, name: str) -> tuple[str, str]:
        names = ", ".join(entry.name for entry in self.states())
        return f"There is no model called {name[:40]}.", f"There are: {names}, and auto."

    def _list(self) -> list[_Slot]:
        with self._lock:
            slots = list(self._slots.values())
        return [slot.now() for slot in slots]

    def _named(self, ask: Ask, name: str, *, asked: bool) -> Choice:
        model = self.get(name)
        ability = model.ability(ask)
        if ability.fit is Fit.NONE:
            better = self._able(ask, ready=True)
            hint = f"{better[0].label} can: choose it, or auto." if better else "Ask for something that it can see."
            raise ModelUnavailable(ability.sentence, hint)
        return Choice(model, ability, "You chose it." if asked else "The setting MODEL names it.")

    def _why(self, entry: ModelEntry, fit: Fit, ask: Ask) -> str:
        if fit is Fit.STAND_IN:
            return f"No model here answers this fully; {entry.label} has the nearest thing."
        better = [other for other in self._able(ask, ready=False) if self._rank(other.name) < self._rank(entry.name)]
        why = f"{entry.label} is the first that can answer this fully."
        return f"{why} {better[0].label} isn't ready: {better[0].sentence}" if better else why

    def _rank(self, name: str) -> int:
        return [slot.entry.name for slot in self._list()].index(name)

    def _able(self, ask: Ask, *, ready: bool) -> list[ModelEntry]:
        """Models that can or could answer ``ask`` fully."""
        return [
            slot.entry
            for slot in self._list()
            if slot.able and (slot.model is not None) is ready and slot.able(ask).fit is Fit.FULL
        ]

    def _nobody(self, ask: Ask, tried: list[tuple[ModelEntry, Ability]]) -> ModelUnavailable:
        missing = self._able(ask, ready=False)
        if missing:
            return ModelUnavailable(
                f"{missing[0].label} could answer this, but isn't ready: {missing[0].sentence}",
                "Ask again when it is, or ask for something that the models at hand can see.",
            )
        # The last model tried is the plainest about its limits; the first knows most words.
        reasons = " ".join(dict.fromkeys(ability.sentence for _, ability in tried)) or "There is no model at all."
        hint = "Ask for what can be seen here instead."
        # Those that another process prepares are language models: they may be asked anything.
        if other := next((entry for entry in self.states() if entry.can_fetch and entry.fetching is None), None):
            hint = f"{other.label} may be able to, once its files are fetched: below the question. {hint}"
        return ModelUnavailable(f"No model here can answer this. {reasons}", hint)
