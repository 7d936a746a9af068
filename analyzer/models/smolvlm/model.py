"""SmolVLM behind the seam of the vision models: any ask that fits a sentence, answered with a score."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from analyzer.ask import Ask
from analyzer.models.model import Ability, Fit, Material, ModelCard
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query, kept_under, query
from analyzer.models.smolvlm.reading import YES, Reading
from analyzer.plan import Task
from core.errors import PictureUnreadable, TooMany
from core.observation import Judgement, Sight
from core.states import Outcome
from storage.decoding import MAX_PIXELS, check
from storage.header import Header, orientation

# Between these the model's "yes" is no answer. They are scores and not probabilities: nothing here has calibrated them.
UNSURE_FROM, SURE_FROM = 0.4, 0.6
# The likeliest of several answers must have this share, and this much more than the next.
LEAST_SHARE, LEAST_LEAD = 0.35, 0.1
# So many callers may wait at once: what waits is answered together.
CALLERS = 16
# More than these are not taken from those who speak to the model itself.
MOST_WAITING = 2 * CALLERS
_LONGEST_TEXT = 2_000
_TURNED = 5  # EXIF orientations from here on change width and height


class SmolVlmModel:
    """A SmolVLM in its process. The process starts at the first picture.

    ``doubt`` is why it should not be believed, where its self-test gave a reason: it is then offered with that sentence
    as a stand-in, and never taken by itself.
    """

    def __init__(
        self, name: str, version: str, process: ModelProcess, doubt: str = "", max_pixels: int = MAX_PIXELS
    ) -> None:
        self._card = ModelCard(name, version, takes="bytes", workers=CALLERS)
        self._process = process
        self._doubt = doubt
        self._max_pixels = max_pixels

    @property
    def card(self) -> ModelCard:
        return self._card

    def ability(self, ask: Ask) -> Ability:
        sentence = (
            "A small language model with eyes; it answers anything about one picture, and errs more than it says."
        )
        leaves_out = "Small and distant things may be missed: pictures are shrunk for it."
        if ask.task is Task.COUNT:
            leaves_out = f"It guesses numbers rather than counting; above five they are rough. {leaves_out}"
        if self._doubt:
            return Ability(Fit.STAND_IN, f"SmolVLM all the same. {self._doubt}", leaves_out, sees=kept_under(ask))
        return Ability(Fit.FULL, sentence, leaves_out, sees=kept_under(ask))

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        if len(pictures) == 1:
            return [self._look(pictures[0], ask)]
        with ThreadPoolExecutor(CALLERS, thread_name_prefix="smolvlm-look") as callers:
            return list(callers.map(lambda picture: self._look(picture, ask), pictures))

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        if sight.unreadable:
            return Judgement(Outcome.UNREADABLE, reason=sight.unreadable)
        form = query(ask).form
        if form is Form.YES_NO:
            return _judge_yes_no(sight)
        if form is Form.COUNT:
            return _judge_count(sight)
        return _judge_choice(sight) if form is Form.CHOICE else _judge_text(sight)

    def write(self, content: bytes, asked: Query, told: Callable[[str], None] = lambda _text: None) -> Future[Reading]:
        """Text about one picture, for who speaks to the model itself; ``told`` hears what is written so far of a
        streamed query, on a thread that must not be held up. Raises as :meth:`ModelProcess.submit` does, and
        :class:`~core.errors.TooMany` where many are waiting: pictures of a run must get their turn."""
        try:
            check(content, self._max_pixels)
        except PictureUnreadable as error:  # its hint is for pictures that lie in a folder
            raise PictureUnreadable(error.sentence, "Send another picture.") from error
        if self._process.waiting >= MOST_WAITING:
            raise TooMany(f"{MOST_WAITING} questions are waiting for SmolVLM already.", "Ask less often.")
        return self._process.submit(content, hashlib.sha256(content).hexdigest(), asked, told)

    def _look(self, picture: Material, ask: Ask) -> Sight:
        began = time.perf_counter()
        content = picture.content or b""
        try:
            header = check(content, self._max_pixels)
            reading = self._process.ask(content, hashlib.sha256(content).hexdigest(), query(ask))
        except PictureUnreadable as error:
            return Sight(unreadable=error.sentence)
        return _sight(reading, header, (time.perf_counter() - began) * 1000)


def _sight(reading: Reading, header: Header, elapsed_ms: float) -> Sight:
    """All shares are kept, so that another band needs no other look."""
    sides = (header.width_px, header.height_px)
    width, height = sides if orientation(header.exif) < _TURNED else sides[::-1]
    facts = {f"share:{answer}": share for answer, share in reading.shares.items()}
    if reading.fluency is not None:
        facts["fluency"] = reading.fluency
    return Sight(
        width_px=width,
        height_px=height,
        facts=facts,
        text=reading.text if reading.text is None or reading.finished else f"{reading.text} …",
        elapsed_ms=elapsed_ms,
    )


def _shares(sight: Sight) -> list[tuple[str, float]]:
    found = [(name.removeprefix("share:"), share) for name, share in sight.facts.items() if name.startswith("share:")]
    return sorted(found, key=lambda entry: -entry[1])


def _judge_yes_no(sight: Sight) -> Judgement:
    score = sight.facts[f"share:{YES}"]
    if score >= SURE_FROM:
        return Judgement(Outcome.MATCH, score=score)
    if score > UNSURE_FROM:
        return Judgement(Outcome.UNSURE, score=score, reason=f"SmolVLM is undecided: {score:.0%} for yes.")
    return Judgement(Outcome.NO_MATCH, score=score)


def _judge_count(sight: Sight) -> Judgement:
    (number, share), *others = _shares(sight)
    none = sight.facts.get("share:0", 0.0)
    if share < LEAST_SHARE or (others and share - others[0][1] < LEAST_LEAD):
        likely = ", ".join(f"{other} ({part:.0%})" for other, part in _shares(sight)[:3])
        return Judgement(Outcome.UNSURE, score=1 - none, reason=f"SmolVLM can't settle on a number: {likely}.")
    return Judgement(Outcome.MATCH if int(number) else Outcome.NO_MATCH, count=int(number), score=share)


def _judge_choice(sight: Sight) -> Judgement:
    (choice, share), *others = _shares(sight)
    if share < LEAST_SHARE or (others and share - others[0][1] < LEAST_LEAD):
        return Judgement(
            Outcome.UNSURE, text=choice, score=share, reason=f"SmolVLM is undecided: {choice} {share:.0%}."
        )
    return Judgement(Outcome.MATCH, text=choice, score=share)


def _judge_text(sight: Sight) -> Judgement:
    if not sight.text:
        return Judgement(Outcome.UNSURE, reason="SmolVLM said nothing.")
    return Judgement(Outcome.MATCH, text=sight.text[:_LONGEST_TEXT], score=sight.facts.get("fluency"))
