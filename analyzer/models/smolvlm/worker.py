"""The model process: takes questions from the app, answers them in groups, says that it lives. Run by :mod:`.process`.

    python -m analyzer.models.smolvlm.worker FILE_DESCRIPTOR SETUP

One thread reads what comes, the main thread runs the model. A picture that comes while the model is idle is answered at
once, by itself; what waits when that is done is answered together.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection

from analyzer.models.smolvlm.engine import FRESH_AT_ONCE, KEPT_AT_ONCE, WRITTEN_AT_ONCE, Engine, Need, Question
from analyzer.models.smolvlm.kept import StateCache, TileStore
from analyzer.models.smolvlm.leash import end_with_the_app
from analyzer.models.smolvlm.native import Native, NativeError
from analyzer.models.smolvlm.prompt import Form
from analyzer.models.smolvlm.wire import (
    Request,
    Setup,
    Word,
    reading_values,
    receive_request,
    send_report,
)
from core.errors import ModelUnavailable, PictureUnreadable

log = logging.getLogger("worker")
_WAITING = 64


class Worker:
    """Answers what comes over ``connection`` until the app is gone."""

    def __init__(self, connection: Connection, engine: Engine, room: Need, sequences: int) -> None:
        self._connection = connection
        self._engine = engine
        self._room = room
        self._sequences = sequences
        self._arrived: queue.Queue[Request | None] = queue.Queue(_WAITING)
        self._waiting: deque[Request] = deque()

    def run(self) -> None:
        """Serve; returns when the app is gone."""
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        while self._wait():
            self._answer(self._group())

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._arrived.put(receive_request(self._connection))
        self._arrived.put(None)

    def _wait(self) -> bool:
        """Whether there is something to do; waits for it, and takes all that has come."""
        self._idle = not self._waiting and self._arrived.empty()
        while not self._waiting or not self._arrived.empty():
            request = self._arrived.get()
            if request is None:
                return False
            self._waiting.append(request)
        return True

    def _group(self) -> list[Request]:
        """What is answered together: those whose pictures were read before, else some that were not, in order."""
        first = self._waiting[0]
        if first.alone:
            return [self._waiting.popleft()]
        kept = [request for request in self._waiting if not request.alone and self._engine.is_kept(_question(request))]
        written = [request for request in kept if request.query.form is Form.TEXT]
        if kept and kept[0].query.form is Form.TEXT:
            group = written[: min(WRITTEN_AT_ONCE, self._sequences)]
        elif kept:  # half of the sequences is for following several numbers
            group = kept[: min(KEPT_AT_ONCE, self._sequences // 2)]
        else:
            # Reading several at once gains next to nothing, and keeps what was read from those who wait; writing gains.
            together = FRESH_AT_ONCE if first.query.form is Form.TEXT and not self._idle else 1
            group = [request for request in self._waiting if not request.alone][:together]
        taken = {request.number for request in group}
        self._waiting = deque(request for request in self._waiting if request.number not in taken)
        return group

    def _answer(self, group: list[Request]) -> None:
        send_report(self._connection, Word.BEGUN, *(request.number for request in group))
        ready = list(self._encoded(group))
        for part in self._fitting(ready):
            try:
                readings = self._engine.answer([_question(request) for request in part], self._teller(part))
            except NativeError as error:
                send_report(self._connection, Word.FAILED, *(request.number for request in part), sentence=str(error))
                continue
            for request, reading in zip(part, readings, strict=True):
                send_report(self._connection, Word.ANSWER, request.number, **reading_values(reading))

    def _teller(self, part: Sequence[Request]) -> Callable[[int, str], None]:
        return lambda number, text: send_report(self._connection, Word.PART, part[number].number, text=text)

    def _encoded(self, group: Iterable[Request]) -> Iterator[Request]:
        for request in group:
            try:
                self._engine.encode(_question(request))
            except PictureUnreadable as error:
                send_report(self._connection, Word.UNREADABLE, request.number, sentence=error.sentence)
            except (NativeError, ValueError) as error:
                send_report(self._connection, Word.FAILED, request.number, sentence=str(error))
            else:
                yield request

    def _fitting(self, requests: Iterable[Request]) -> Iterator[list[Request]]:
        """Groups that fit together; one that fits nowhere is refused."""
        part: list[Request] = []
        left = self._room
        for request in requests:
            need = self._engine.need(_question(request))
            if need.read > self._room.read or need.held > self._room.held:
                send_report(
                    self._connection, Word.REFUSED, request.number, sentence="The question is too long for SmolVLM."
                )
                continue
            if part and (need.read > left.read or need.held > left.held):
                yield part
                part, left = [], self._room
            part.append(request)
            left = Need(left.read - need.read, left.held - need.held)
        if part:
            yield part


def _question(request: Request) -> Question:
    return Question(request.content, request.digest, request.query)


def main(descriptor: int, setup: Setup) -> None:
    """Load the model, say so, and serve."""
    end_with_the_app()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(message)s")
    connection, began = Connection(descriptor), time.monotonic()
    try:
        native = Native(setup.text, setup.mmproj, setup.tuning)
    except ModelUnavailable as error:
        send_report(connection, Word.REFUSED, sentence=f"{error.sentence} {error.hint}".strip())
        return
    tiles = TileStore(setup.tiles_dir, setup.kind, native.width, setup.tiles_limit_bytes, native.tile.tokens)
    engine = Engine(
        native,
        tiles,
        StateCache(setup.states_limit_bytes),
        setup.splitting,
        tick=lambda: send_report(connection, Word.ALIVE),
        max_pixels=setup.max_pixels,
    )
    send_report(connection, Word.READY, width=native.width)
    log.info("%s is loaded, in %.1f s", setup.text.name, time.monotonic() - began)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        room = Need(read=native.batch_tokens, held=setup.tuning.context_tokens)
        Worker(connection, engine, room, setup.tuning.sequences).run()


if __name__ == "__main__":
    main(int(sys.argv[1]), Setup.load(sys.argv[2]))
