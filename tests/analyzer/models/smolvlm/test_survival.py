"""A thousand looks, one in a hundred at a corrupt picture, and the model aborted three times: nothing is lost.

A hundred pictures are looked at ten times each, fresh, by their kept states, and after each abort by what is on disk;
``bench.smolvlm`` does the same with a thousand that are all different.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.smolvlm.model import CALLERS, SmolVlmModel
from analyzer.models.smolvlm.native import Tuning
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.wire import Setup
from analyzer.plan import Task
from core.states import Outcome
from tests.analyzer.models.smolvlm.conftest import Weights, picture

ASK = Ask(Task.FIND, "cars", "Is there a car?")
LOOKS = 1_000
ABORTED = {250, 500, 750}


def test_a_thousand_looks_with_corrupt_ones_and_three_aborts_all_end_as_they_should(
    weights: Weights, tmp_path: Path
) -> None:
    setup = Setup(weights.text, weights.mmproj, tmp_path, "tiny", Tuning(threads=2))
    process = ModelProcess(setup)
    model, pids = SmolVlmModel("smolvlm", "1", process), set[int | None]()

    def outcome(number: int) -> tuple[Outcome, str | None]:
        content = picture(number % 100, (96, 72))
        if number % 100 == 7:
            content = content[:500]
        if number in ABORTED:
            pids.add(process.pid)
            os.kill(process.pid or 0, signal.SIGABRT)
        (sight,) = model.look([Material(content)], ASK)
        judged = model.judge(sight, ASK)
        return judged.outcome, judged.reason

    with ThreadPoolExecutor(CALLERS) as callers:
        outcomes = list(callers.map(outcome, range(LOOKS)))
    pids.add(process.pid)
    process.close()
    unreadable = [number for number, (told, _) in enumerate(outcomes) if told is Outcome.UNREADABLE]
    assert unreadable == [number for number in range(LOOKS) if number % 100 == 7]
    assert Counter(told for told, _ in outcomes).total() == LOOKS
    assert len(pids) == 4
