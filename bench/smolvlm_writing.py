"""How fast SmolVLM writes, one text alone and many together; for :mod:`bench.smolvlm`.

By the engine's own code, about a kept picture. Beside it stands the limit: one token of each text decoded bare, with
nothing read before. The rows of a batch share the weights' way through the memory but not the arithmetic, so what is
gained by writing together is a property of the processor: of how many rows it computes while the weights pass.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from analyzer.models.smolvlm.engine import FRESH_AT_ONCE, WRITTEN_AT_ONCE, Engine, Question
from analyzer.models.smolvlm.kept import StateCache, TileStore
from analyzer.models.smolvlm.native import Native, Row
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.tuning import Choice

WRITTEN = Query(Form.TEXT, "Describe the picture.", most_tokens=40, grammar="root ::= [a-z ]*")
_BARE_STEPS = 20


class Chosen(Protocol):
    """What the self-benchmark chose."""

    @property
    def chosen(self) -> Choice: ...


def rates(kind: str, text: Path, files: Chosen, picture: bytes) -> Mapping[str, float]:
    """``alone``: tokens a second of one text of 40; ``together``: how many times that all texts written at once come
    to; ``together_bare``: the same of bare calls."""
    native = Native(text, files.chosen.mmproj, files.chosen.tuning)
    with tempfile.TemporaryDirectory() as folder:
        tiles = TileStore(Path(folder), "bench", native.width, 10**9)
        asked = Engine(native, tiles, StateCache(10**9))
        numbered = _kept(asked, tiles, picture)

        def wrote(texts: int, most_tokens: int) -> tuple[int, float]:
            query, began = replace(WRITTEN, most_tokens=most_tokens), time.perf_counter()
            readings = asked.answer([Question(*one, query) for one in numbered[:texts]])
            return sum(reading.written_tokens for reading in readings), time.perf_counter() - began

        def rate(texts: int) -> float:
            """Of the tokens after the first: before that one the question is read, which is no writing."""
            (one, reading_s), (all_tokens, whole_s) = wrote(texts, 1), wrote(texts, WRITTEN.most_tokens)
            return (all_tokens - one) / (whole_s - reading_s)

        alone, together = max(rate(1) for _ in range(2)), max(rate(WRITTEN_AT_ONCE) for _ in range(2))
    bare_alone, bare_together = _bare(native, 1), _bare(native, WRITTEN_AT_ONCE)
    native.close()
    print(f"{kind}: {alone:.0f} tokens a second alone, {together:.0f} for {WRITTEN_AT_ONCE} together;", end=" ")
    print(f"bare {bare_alone:.0f} and {bare_together:.0f}", flush=True)
    return {"alone": alone, "together": together / alone, "together_bare": bare_together / bare_alone}


def _kept(asked: Engine, tiles: TileStore, picture: bytes) -> list[tuple[bytes, str]]:
    """The picture under as many names as texts are written at once, each read before."""
    numbered = [(picture, f"{number:064x}") for number in range(WRITTEN_AT_ONCE)]
    first = replace(WRITTEN, most_tokens=1)
    asked.encode(Question(*numbered[0], first))
    encoded = tiles.get(numbered[0][1])
    if encoded is None:
        raise SystemExit("the picture was not kept")
    for start in range(0, len(numbered), FRESH_AT_ONCE):
        group = numbered[start : start + FRESH_AT_ONCE]
        for _, digest in group:
            tiles.put(digest, encoded)
        asked.answer([Question(*one, first) for one in group])
    return numbered


def _bare(native: Native, sequences: int) -> float:
    """Tokens a second of the fastest of some steps, each one token of every sequence; nothing was read before."""
    token, steps = native.tokens("a", special=False)[0], []
    native.clear()
    for position in range(_BARE_STEPS):
        began = time.perf_counter()
        native.decode_tokens([token] * sequences, [Row(position, number, wanted=True) for number in range(sequences)])
        steps.append(time.perf_counter() - began)
    return sequences / min(steps)
