"""What was seen of pictures before, for whoever asks the same again: in other words, or less than what was asked then.

A sight is kept under (picture identity, canonical ask, model and version, prompt version). A detector keeps all it
finds under one name. A model that is told what to look for keeps each ask; its count also says whether there are any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

from analyzer.ask import Ask
from analyzer.models.model import VisionModel
from core.clock import Clock
from core.observation import Sight
from storage.conversations import RunRow
from storage.observations import ObservationStore, SightKey

_EVER = datetime.fromtimestamp(0, UTC)


class Known:
    """The sights that serve a run; ``reuse_s`` is how long one does whose picture is known by its URL alone. Safe to
    call from any thread."""

    def __init__(
        self, row: RunRow, model: VisionModel, ask: Ask, observations: ObservationStore, clock: Clock, reuse_s: float
    ) -> None:
        self._row = row
        self._counted = model.ability(ask.counted).sees if ask.counted else row.sees
        self._observations = observations
        self._clock = clock
        self._reuse_s = reuse_s

    def __call__(self, identities: Sequence[str]) -> Mapping[str, Sight]:
        """The sights already made of some identities; none where every picture is to be looked at again."""
        found: dict[str, Sight] = {}
        urls_since = datetime.fromtimestamp(max(self._clock.now().timestamp() - self._reuse_s, 0), UTC)
        for key, counted in self._keys:
            missing = [identity for identity in identities if identity not in found]
            sights = self._observations.sights(key, missing, _EVER, urls_since) if missing else {}
            found |= {identity: replace(sight, counted=counted) for identity, sight in sights.items()}
        return found

    @cached_property
    def _keys(self) -> list[tuple[SightKey, bool]]:
        """Under what to look: where nothing was ever kept, there is nothing to ask the store for each page."""
        if self._row.again:
            return []
        row = self._row
        keys = [(SightKey(row.model, row.model_version, row.sees), False)]
        if self._counted != row.sees:
            keys.append((SightKey(row.model, row.model_version, self._counted), True))
        return [(key, counted) for key, counted in keys if self._observations.has_sights(key)]
