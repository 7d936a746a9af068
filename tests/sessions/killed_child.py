"""A desk in a process of its own, to be killed: asks once, then goes on with what it finds.

Every picture that the model is asked about is written to ``calls`` before the answer comes, so that a call is counted
even when its answer is lost. Prints a line whenever something was stored, and ``finished`` at the end.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from tests.conftest import MemorySource
from tests.sessions.desk import open_desk

PICTURES, WORKERS, LATENCY_S = 500, 8, 0.1


def main(data: Path) -> None:
    """Ask or resume over ``data``, and end when the run has."""
    calls = os.open(data / "calls", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def counted(picture: Material, ask: Ask) -> int:
        os.write(calls, (picture.content or b"") + b"\n")
        return int(picture.content or b"") % 3

    model = ScriptedModel(counted, workers=WORKERS, latency_s=LATENCY_S)
    desk = open_desk(data, MemorySource(PICTURES), model)
    with desk.bus.subscribe() as heard:
        if desk.conversations.sessions():
            desk.conversations.resume()
        else:
            desk.conversations.ask("How many people are in each image?")
        while (event := heard.receive(60)) is not None:
            if event.type == "seen":
                print(event.data["run"]["done"], flush=True)
            if event.type == "run" and event.data["run"]["state"] != "running":
                break
    desk.close()
    print("finished", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
