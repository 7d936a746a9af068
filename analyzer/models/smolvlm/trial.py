"""One way of running SmolVLM, measured: prints four times as JSON. Run by :mod:`.tuning`, in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

import numpy as np

from analyzer.models.smolvlm.engine import FRESH_AT_ONCE, KEPT_AT_ONCE
from analyzer.models.smolvlm.leash import end_with_the_app
from analyzer.models.smolvlm.native import Native, Row
from analyzer.models.smolvlm.wire import Setup

_PICTURE_TOKENS, _QUESTION_TOKENS, _WRITTEN_TOKENS = 70, 17, 8


def measure(setup: Setup) -> dict[str, float]:
    """Seconds a picture: encoding one tile, reading one prompt in a group, one more question in a group; and one
    token written."""
    native = Native(setup.text, setup.mmproj, setup.tuning)
    side = native.tile.side_px
    tile = np.random.default_rng(1).integers(0, 255, (side, side, 3), dtype=np.uint8)
    rows = native.rows([1] * (_PICTURE_TOKENS + _QUESTION_TOKENS))

    def read() -> None:
        native.clear()
        places = [Row(position, sequence) for sequence in range(FRESH_AT_ONCE) for position in range(len(rows))]
        native.decode_rows(np.concatenate([rows] * FRESH_AT_ONCE), places)

    def ask() -> None:
        places = [
            Row(_PICTURE_TOKENS + offset, sequence)
            for sequence in range(KEPT_AT_ONCE)
            for offset in range(_QUESTION_TOKENS)
        ]
        for sequence in range(KEPT_AT_ONCE):
            native.forget(sequence, _PICTURE_TOKENS)
        native.decode_tokens([1] * len(places), places)

    def write() -> None:
        native.forget(0, _PICTURE_TOKENS)
        for offset in range(_WRITTEN_TOKENS):
            native.decode_tokens([1], [Row(_PICTURE_TOKENS + offset, 0, wanted=True)])

    native.encode(tile)  # the first one pays for reading the weights
    times = {
        "encode_s": _least(lambda: native.encode(tile)),
        "read_s": _least(read) / FRESH_AT_ONCE,
    }
    for sequence in range(FRESH_AT_ONCE, KEPT_AT_ONCE):
        native.copy(0, sequence)
    times["ask_s"] = _least(ask) / KEPT_AT_ONCE
    times["write_s"] = _least(write) / _WRITTEN_TOKENS
    native.close()
    return times


def _least(step: Callable[[], object], tries: int = 3) -> float:
    """The shortest of some tries: what else the machine does only ever makes it longer."""
    took = []
    for _ in range(tries):
        began = time.perf_counter()
        step()
        took.append(time.perf_counter() - began)
    return min(took)


if __name__ == "__main__":
    end_with_the_app()
    sys.stdout.write(json.dumps(measure(Setup.load(sys.argv[1]))))
