"""A desk whose register changes in the middle of a run, in a process of its own, to be killed after that.

The first time it asks, and puts ``b.csv`` in force when something was stored; the second time it goes on with what it
finds, and asks once more. Prints ``changed``, then a line whenever something was stored, and ``finished`` at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.scripted import ScriptedModel
from tests.conftest import MemorySource
from tests.sessions.desk import Desk, open_desk

PICTURES = 80
QUESTION = "How many people are in each image?"


def counted(picture: Material, _ask: Ask) -> int:
    return int(picture.content or b"") % 3


def main(data: Path) -> None:
    """Ask or go on over ``data``."""
    desk = open_desk(
        data, MemorySource(PICTURES), ScriptedModel(counted, workers=2, latency_s=0.02), sheet=data / "a.csv"
    )
    if desk.conversations.sessions():
        _follow(desk, desk.conversations.resume)
        _follow(desk, lambda: desk.conversations.ask(QUESTION, again=True))
    else:
        _follow(desk, lambda: desk.conversations.ask(QUESTION), change_to=data / "b.csv")
    desk.close()
    print("finished", flush=True)


def _follow(desk: Desk, begin: object, change_to: Path | None = None) -> None:
    with desk.bus.subscribe() as heard:
        begin()  # type: ignore[operator]
        while (event := heard.receive(60)) is not None:
            if event.type == "seen":
                if change_to is not None:
                    desk.change_register(change_to)
                    change_to = None
                    print("changed", flush=True)
                print(event.data["run"]["done"], flush=True)
            if event.type == "run" and event.data["run"]["state"] != "running":
                return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
