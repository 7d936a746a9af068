"""A dozen drawn pictures with obvious answers, put to the model at set-up: one that fails is not used in silence.

Wrong files, a build for another processor or a broken template give answers that look like any others. These pictures
can't say how good a model is, only that it sees and understands at all.
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.wire import Setup
from core.errors import ModelUnavailable

# A model that guesses gets five of twelve right on average, and nine about once in a hundred tries.
LEAST_RIGHT = 9
_SIDE = 256
_Draw = Callable[[ImageDraw.ImageDraw], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A picture (PNG) and the answer that anybody would give."""

    content: bytes
    query: Query
    expected: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a model did; ``wrong`` says what it got wrong, in words."""

    right: int
    asked: int
    wrong: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the model may be used."""
        return self.right >= LEAST_RIGHT

    @property
    def sentence(self) -> str:
        """What is told to people."""
        if self.passed:
            return f"It answered {self.right} of {self.asked} obvious pictures rightly."
        return f"It failed its self-test: {self.right} of {self.asked} obvious pictures were answered rightly."


def examine(
    setup: Setup, stopped: Callable[[], bool] = lambda: False, worker: str = "analyzer.models.smolvlm.worker"
) -> Result:
    """Put all cases to a model process of its own, which ends with this. Raises
    :class:`~core.errors.ModelUnavailable` where the model can't be run, or ``stopped`` says so in between."""
    with tempfile.TemporaryDirectory() as folder:
        process = ModelProcess(replace(setup, tiles_dir=Path(folder)), worker=worker)
        try:
            return run(process.ask, stopped)
        finally:
            process.close()


def examined(note: Path, key: str, examine_now: Callable[[], Result]) -> Result:
    """The result under ``key`` in the file ``note``, else what an examination gives now, which is written there."""
    known = _read(note)
    if key not in known:
        known[key] = asdict(examine_now())
        note.parent.mkdir(parents=True, exist_ok=True)
        part = note.with_suffix(".part")
        part.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        part.replace(note)
    return Result(**(known[key] | {"wrong": tuple(known[key]["wrong"])}))


def run(ask: Callable[[bytes, str, Query], Reading], stopped: Callable[[], bool] = lambda: False) -> Result:
    """Put all cases to ``ask`` (a picture's bytes, their SHA-256, the question)."""
    wrong = []
    for case in cases():
        if stopped():
            raise ModelUnavailable("SmolVLM's self-test was stopped.", "It is done at the next start.")
        reading = ask(case.content, hashlib.sha256(case.content).hexdigest(), case.query)
        answer = max(reading.shares, key=lambda name: reading.shares[name])
        if answer != case.expected:
            wrong.append(f"{case.query.text} It said {answer}, which should be {case.expected}.")
    asked = len(cases())
    return Result(asked - len(wrong), asked, tuple(wrong))


def cases() -> Sequence[Case]:
    """All cases; yes and no, and the numbers, in equal parts."""
    red, blue = _disc("red"), _disc("blue")
    return [
        _yes_no(red, "Is there a red circle in the picture?", yes=True),
        _yes_no(red, "Is there a blue circle in the picture?", yes=False),
        _yes_no(blue, "Is there a blue circle in the picture?", yes=True),
        _yes_no(blue, "Is there a green square in the picture?", yes=False),
        _yes_no(_square("green"), "Is there a green square in the picture?", yes=True),
        _yes_no(_nothing, "Is there a circle in the picture?", yes=False),
        _count(_discs(1), 1),
        _count(_discs(2), 2),
        _count(_discs(3), 3),
        _choice(red, "Which colour is the circle?", ("red", "green", "blue"), "red"),
        _choice(blue, "Which colour is the circle?", ("red", "green", "blue"), "blue"),
        _choice(_square("black"), "Which shape is in the picture?", ("circle", "square", "triangle"), "square"),
    ]


def _read(note: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _yes_no(draw: _Draw, text: str, *, yes: bool) -> Case:
    return Case(_drawn(draw), Query(Form.YES_NO, f"{text} Answer yes or no."), "yes" if yes else "no")


def _count(draw: _Draw, number: int) -> Case:
    return Case(_drawn(draw), Query(Form.COUNT, "How many circles are there? Answer with a number."), str(number))


def _choice(draw: _Draw, text: str, choices: tuple[str, ...], expected: str) -> Case:
    return Case(
        _drawn(draw), Query(Form.CHOICE, f"{text} Answer with one of: {', '.join(choices)}.", choices), expected
    )


def _drawn(draw: _Draw) -> bytes:
    image = Image.new("RGB", (_SIDE, _SIDE), "white")
    draw(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _nothing(_canvas: ImageDraw.ImageDraw) -> None:
    pass


def _disc(colour: str) -> _Draw:
    return lambda canvas: canvas.ellipse((64, 64, 192, 192), fill=colour)


def _square(colour: str) -> _Draw:
    return lambda canvas: canvas.rectangle((64, 64, 192, 192), fill=colour)


def _discs(number: int) -> _Draw:
    def draw(canvas: ImageDraw.ImageDraw) -> None:
        for place in range(number):
            left = _SIDE * (place + 1) // (number + 1)
            canvas.ellipse((left - 24, 104, left + 24, 152), fill="red")

    return draw
