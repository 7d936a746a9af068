"""Looking at a picture: read it, use what was seen before, else ask the model, then judge. A run's workers do this."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from analyzer.ask import Ask
from analyzer.models.model import Material, VisionModel
from core.errors import PictureUnreadable
from core.observation import Judgement, Sight
from core.picture import Identity, Picture
from core.states import Outcome
from storage.source import ImageSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A picture to look at; ``sight`` is what is already known of it."""

    picture: Picture
    sight: Sight | None = None


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
    or not it answered.
    """

    def __init__(
        self,
        source: ImageSource,
        model: VisionModel,
        ask: Ask,
        known: Callable[[Sequence[str]], Mapping[str, Sight]],
        calls: int = 0,
    ) -> None:
        self._source = source
        self._model = model
        self._ask = ask
        self._known = known
        self._lock = threading.Lock()
        self._calls = calls

    @property
    def calls(self) -> int:
        """Pictures handed to the model so far."""
        with self._lock:
            return self._calls

    def __call__(self, looks: Sequence[Look]) -> list[Seen]:
        """What was seen of each picture, in order; an exception means that the model failed twice."""
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
        if self._model.card.takes == "url":
            return picture, picture.identity, Material(url=self._source.url(picture))
        try:
            content = self._source.read(picture)
        except PictureUnreadable as error:
            return self._seen(picture, picture.identity, Sight(unreadable=error.sentence))
        identity = Identity("content", hashlib.sha256(content).hexdigest())
        if picture.identity is None and (sight := self._known([identity.value]).get(identity.value)):
            return self._seen(picture, identity, sight, reused=True)
        return picture, picture.identity or identity, Material(content=content)

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
        return Seen(picture, identity, sight, self._model.judge(sight, self._ask), reused)
