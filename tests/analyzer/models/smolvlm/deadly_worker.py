"""The model process with pictures in it that do what llama.cpp's faults do: abort, hang, or eat memory."""

from __future__ import annotations

import os
import sys
import threading

from analyzer.models.smolvlm import worker
from analyzer.models.smolvlm.engine import Engine, Question
from analyzer.models.smolvlm.wire import Setup

ABORTS, HANGS, GROWS = b"aborts", b"hangs", b"grows"
_encode = Engine.encode


def encode(engine: Engine, question: Question) -> None:
    if question.content.endswith(ABORTS):
        os.abort()
    if question.content.endswith(HANGS):
        threading.Event().wait()
    if question.content.endswith(GROWS):
        eaten = bytearray(1_500_000_000)
        eaten[::4096] = b"\1" * len(eaten[::4096])
        threading.Event().wait()
    _encode(engine, question)


if __name__ == "__main__":
    Engine.encode = encode  # type: ignore[method-assign, assignment]
    worker.main(int(sys.argv[1]), Setup.load(sys.argv[2]))
