"""Looking at a picture: read it, use what was seen before, else ask the model, then judge. A run's workers do this."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from analyzer.ask import Ask
from analyzer.budget import Purse
from analyzer.leaving import Handing, Leaving
from analyzer.models.model import NO_PAST, Material, NotYet, Past, VisionModel
from analyzer.pool import Postponed
from core.errors import PictureUnreadable, Standstill
from core.observation import Judgement, Sight
from core.picture import Identity, Picture
from core.states import Outcome
from storage.source import ImageSource

log = logging.getLogger(__name__)

# Near the cap, a call waits so long for those under way to be paid for.
_UNTIL_PAID_S = 0.1


@dataclass(frozen=True, slots=True)
class Look:
    """A picture to look at; ``sight`` is what is already known of it, ``past`` what became of earlier tries."""

    picture: Picture
    sight: Sight | None = None
    past: Past = NO_PAST


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture that was looked at. ``reused`` sights cost nothing; ``failed`` marks the model's fault."""

    picture: Picture
    identity: Identity | None
    sight: Sight
    judgement: Judgement
    reused: bool = False
    failed: bool = False


class Looker:
    """Looks at pictures for one ask; called by several workers at once.

    ``known`` gives the sights already made of some identities. ``calls`` counts pictures handed to the model, whether
    or not it answered. ``leaving`` and ``purse`` concern models to which pictures are sent.
    """

    def __init__(
        self,
        source: ImageSource,
        model: VisionModel,
        ask: Ask,
        known: Callable[[Sequence[str]], Mapping[str, Sight]],
        calls: int = 0,
        run_id: str = "",
        leaving: Leaving | None = None,
        purse: Purse | None = None,
    ) -> None:
        self._source = source
        self._model = model
        self._ask = ask
        self._known = known
        self._run_id = run_id
        self._leaving = leaving or Leaving()
        self._handing = Handing(source, model.card, self._leaving)
        self._purse = purse or Purse(None, float("inf"))
        ability = model.ability(ask) if model.card.leaves_machine else None
        self._expected_usd = ability.cost.usd if ability else 0.0
        self._most_usd = max(self._expected_usd, ability.most_usd if ability else 0.0)
        self._lock = threading.Lock()
        self._calls = calls

    @property
    def calls(self) -> int:
        """Pictures handed to the model so far."""
        with self._lock:
            return self._calls

    def __call__(self, looks: Sequence[Look]) -> Sequence[Seen | Postponed[Look]]:
        """What was seen of each picture, in order, or that it is to be looked at later; an exception means that the
        model failed twice."""
        if self._model.card.leaves_machine:
            return [self._send(look) for look in looks]
        prepared = [self._prepare(look) for look in looks]
        asking = [entry for entry in prepared if not isinstance(entry, Seen)]
        sights = iter(self._asked([material for _, _, material in asking]) if asking else [])
        return [
            entry if isinstance(entry, Seen) else self._seen(entry[0], entry[1], next(sights)) for entry in prepared
        ]

    def unseen(self, picture: Picture, error: Exception | None) -> Seen:
        """What is said of a picture on which the model failed."""
        reason = f"{self._model.card.name} failed on this picture twice: {error}"
        judgement = Judgement(Outcome.UNREADABLE, reason=reason)
        return Seen(picture, picture.identity, Sight(unreadable=reason), judgement, failed=True)

    def _prepare(self, look: Look) -> Seen | tuple[Picture, Identity | None, Material]:
        picture = look.picture
        if look.sight is not None:
            return self._seen(picture, picture.identity, look.sight, reused=True)
        try:
            material = self._handing.material(picture, look.past)
        except PictureUnreadable as error:
            # What may leave is a setting, and another day the disk may give what it did not: told anew each time.
            passing = self._model.card.leaves_machine
            return self._seen(picture, picture.identity, Sight(unreadable=error.sentence, passing=passing))
        if picture.identity is not None or material.content is None:
            return picture, picture.identity, material
        identity = Identity("content", material.digest or hashlib.sha256(material.content).hexdigest())
        if sight := self._known([identity.value]).get(identity.value):
            return self._seen(picture, identity, sight, reused=True)
        return picture, identity, material

    def _send(self, look: Look) -> Seen | Postponed[Look]:
        """Ask a model to which the picture is sent: what that costs is set aside first and booked afterwards."""
        prepared = self._prepare(look)
        if isinstance(prepared, Seen):
            return prepared
        picture, identity, material = prepared
        if not self._purse.set_aside(self._expected_usd, self._most_usd):
            return Postponed(look, _UNTIL_PAID_S)
        spent_usd, sent, counted = 0.0, True, True
        try:
            sight = self._model.look([material], self._ask)[0]
            spent_usd = sight.cost_usd - look.past.spent.usd
        except NotYet as later:
            spent_usd, sent, counted = later.past.spent.usd - look.past.spent.usd, later.sent, later.counted
            return Postponed(replace(look, past=later.past), later.after_s)
        except Standstill:
            sent = False
            raise
        finally:
            self._purse.book(self._most_usd, spent_usd)
            if sent:
                self._count(int(counted))
                self._note(picture, material)
        return self._seen(picture, identity, sight)

    def _note(self, picture: Picture, material: Material) -> None:
        if self._leaving.log is not None:
            card, size = self._model.card, len(material.content or b"")
            self._leaving.log.sent(
                picture, self._run_id, card.to, card.version, by_url=material.url is not None, bytes_sent=size
            )

    def _asked(self, materials: Sequence[Material]) -> list[Sight]:
        self._count(len(materials))
        try:
            return self._model.look(materials, self._ask)
        except Exception:  # whatever a model raises, a second try is due; the second error is raised
            log.exception("%s failed; asking once more", self._model.card.name)
        self._count(len(materials))
        return self._model.look(materials, self._ask)

    def _count(self, number: int) -> None:
        with self._lock:
            self._calls += number

    def _seen(self, picture: Picture, identity: Identity | None, sight: Sight, *, reused: bool = False) -> Seen:
        judgement = self._judged(sight)
        failed = sight.passing and judgement.outcome is Outcome.UNREADABLE
        return Seen(picture, identity, sight, judgement, reused, failed)

    def _judged(self, sight: Sight) -> Judgement:
        """A sight that was made for a count is judged as one: more than none is a yes."""
        ask = self._ask.counted if sight.counted else None
        return self._model.judge(sight, ask or self._ask)
