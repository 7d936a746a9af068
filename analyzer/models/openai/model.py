"""A cloud model behind the seam of the vision models: any ask that fits a sentence, by an OpenAI-compatible server.

One call is one try. What a try comes to is decided here: an answer, a picture that can't be seen, or another try later
(:class:`~analyzer.models.model.NotYet`), which the pool keeps on a timer so that no worker waits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NoReturn

from analyzer.ask import Ask
from analyzer.models.model import UNFETCHABLE, Ability, Cost, Fit, Material, ModelCard, NotYet, Past
from analyzer.models.openai.asking import SYSTEM, VERSION, Form, fits, form_of, judged, kept
from analyzer.models.openai.client import (
    NOT_DOWNLOADED,
    Completion,
    CompletionError,
    Ending,
    OpenAiClient,
    Prompt,
    Shown,
    Trouble,
    Usage,
)
from analyzer.models.openai.limiter import Limiter
from analyzer.models.openai.meter import Meter
from analyzer.models.openai.prices import Price
from core.clock import Clock
from core.errors import PictureUnreadable, Standstill
from core.observation import Judgement, Sight
from core.states import Outcome
from storage.header import read_header

NAME = "openai"
# Gains from as many calls at once as MAX_WORKERS allows.
WORKERS = 256
_SERVER_TRIES, _MALFORMED_TRIES = 4, 3
_BACK_OFF_S = (0.5, 1.5, 4.0)
_LONGEST_WAIT_S = 600.0
_PATIENCE_S = 300.0
_MOST_TOKENS = 400
_TYPICAL_PX = (1024, 768)
_LARGEST_PX = (2048, 768)  # to which OpenAI's models fit whatever is larger

_SAID_NOTHING = {
    Ending.REFUSED: "The model refused to answer about this picture.",
    Ending.FILTERED: "The server's content filter kept the answer back.",
    Ending.CUT: "The model's answer was too long and ended in the middle.",
    Ending.EMPTY: "The model gave no answer.",
}


class OpenAiModel:
    """The model that ``client`` talks to. ``to`` is the server's host; ``reaches`` says whether that server can fetch
    pictures from this network."""

    def __init__(
        self,
        client: OpenAiClient,
        price: Price,
        clock: Clock,
        *,
        to: str,
        reaches: bool,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._price = price
        self._limiter = Limiter(clock)
        self._clock = clock
        self._meter = Meter()
        self._jitter = jitter
        version = f"{client.server.model} {VERSION}"
        self._card = ModelCard(
            NAME, version, "either", WORKERS, cost_usd=price.usd(1000, 25), leaves_machine=True, to=to, reaches=reaches
        )

    @property
    def card(self) -> ModelCard:
        return self._card

    def ability(self, ask: Ask) -> Ability:
        form = form_of(ask)
        sentence = f"{self._client.server.model} at {self._card.to} answers any question about a picture, and can err."
        cost_of = partial(self._expected, form)
        call_s, pace = self._meter.call_s(form.detail), self._limiter.pace
        priced = self._price.said(self._clock.now().date())
        most_usd = self._price.usd(self._expected(form, *_LARGEST_PX).tokens_in, _MOST_TOKENS)
        return Ability(Fit.FULL, sentence, priced, form.key, self._expected(form), most_usd, cost_of, call_s, pace)

    def look(self, pictures: Sequence[Material], ask: Ask) -> list[Sight]:
        return [self._look(picture, ask) for picture in pictures]

    def judge(self, sight: Sight, ask: Ask) -> Judgement:
        if sight.unreadable:
            return Judgement(Outcome.UNREADABLE, reason=sight.unreadable)
        for ending, sentence in _SAID_NOTHING.items():
            if sight.facts.get(str(ending)):
                return Judgement(Outcome.UNSURE, reason=sentence)
        if sight.text is None:
            return Judgement(Outcome.UNSURE, reason="The model's answers to this picture were broken, time and again.")
        return judged(sight.text, ask)

    def close(self) -> None:
        """Drop the connections."""
        self._client.close()

    def _look(self, picture: Material, ask: Ask) -> Sight:
        past = self._await_turn(picture.past, form := form_of(ask))
        prompt = Prompt(SYSTEM, form.text, form.schema, self._shown(picture, form), _MOST_TOKENS)
        try:
            done = self._client.complete(prompt, partial(self._meter.patience_s, self._client.server.timeout_s))
            self._limiter.answered(done.headers)
            self._meter.answered(form.detail, done.elapsed_s)
            if done.ending is Ending.WHOLE and not fits(done.value, ask):
                raise CompletionError(Trouble.MALFORMED, "The answer has another form.", usage=done.usage)  # noqa: TRY301
        except CompletionError as error:
            return self._failed(error, picture, past)
        return self._sight(done, picture, past, form)

    def _await_turn(self, past: Past, form: Form) -> Past:
        """Go now, or come back when it is this picture's turn."""
        turn = self._limiter.reserve(self._expected(form).tokens_in, past.booked_s)
        if turn is None:
            return replace(past, booked_s=None)
        if self._limiter.silent_s > _PATIENCE_S:
            raise Standstill(
                f"{self._card.to} has not answered for {self._limiter.silent_s / 60:.0f} minutes.",
                "Continue when it does; what was answered is kept.",
            )
        booked = replace(past, booked_s=turn.at_s if turn.kept else None)
        raise NotYet(max(turn.at_s - self._clock.monotonic(), 0.0), booked, sent=False)

    def _failed(self, error: CompletionError, picture: Material, past: Past) -> Sight:
        spent = past.spent + self._paid(error.usage)
        tried = replace(past, troubles=(*past.troubles, str(error.trouble)), spent=spent, booked_s=None)
        if error.trouble in {Trouble.MALFORMED, Trouble.UNFETCHABLE, Trouble.REFUSED}:
            self._limiter.answered(error.headers)
        match error.trouble:
            case Trouble.BUSY:
                self._come_back_when_told(error, tried)
            case Trouble.SERVER | Trouble.SILENT:
                self._limiter.failed()
                self._try_again(error, tried)
            case Trouble.MALFORMED:
                if tried.troubles.count(Trouble.MALFORMED) < _MALFORMED_TRIES:
                    raise NotYet(self._wait_s(0.3), tried, sent=True)
                return self._with_cost(Sight(passing=True), spent)  # no text: nothing was understood
            case Trouble.LOCKED:
                hint = "See OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL, then continue: what was answered is kept."
                raise Standstill(error.sentence, hint)
            case Trouble.UNPAID:
                raise Standstill(error.sentence, "Add money to that account, then continue: what was answered is kept.")
            case Trouble.UNFETCHABLE if picture.url is not None:
                said = "" if error.sentence == NOT_DOWNLOADED else error.sentence
                tried = replace(tried, troubles=(*past.troubles, UNFETCHABLE), said=said)
                raise NotYet(self._wait_s(0.2), tried, sent=True)
        return self._with_cost(Sight(unreadable=error.sentence, passing=True), spent)

    def _come_back_when_told(self, error: CompletionError, tried: Past) -> NoReturn:
        after_s = self._wait_s(1.0) if error.after_s is None else error.after_s * (1 + 0.1 * self._jitter())
        if after_s > _LONGEST_WAIT_S:  # nobody else is held up by that: whoever continues asks anew
            self._limiter.refused(error.headers, None)
            raise Standstill(
                f"{self._card.to} asks to wait {_time(error.after_s or after_s)}: {error.sentence}",
                "Continue then; what was answered is kept.",
            )
        self._limiter.refused(error.headers, error.after_s)
        if self._limiter.refused_s > _LONGEST_WAIT_S:
            raise Standstill(
                f"{self._card.to} has refused every call for {_time(self._limiter.refused_s)}: {error.sentence}",
                "Continue later; what was answered is kept.",
            )
        # A refusal for the limit's sake is no failure of the picture's, however often it comes.
        raise NotYet(after_s, replace(tried, troubles=tried.troubles[:-1]), sent=True, counted=False)

    def _try_again(self, error: CompletionError, tried: Past) -> None:
        failures = sum(tried.troubles.count(one) for one in (Trouble.SERVER, Trouble.SILENT))
        if failures < _SERVER_TRIES:
            # Who was silent has been waited for already.
            about_s = _BACK_OFF_S[failures - 1] * (0.2 if error.trouble is Trouble.SILENT else 1.0)
            wait_s = max(self._wait_s(about_s), error.after_s or 0.0)
            raise NotYet(min(wait_s, _LONGEST_WAIT_S), tried, sent=True)

    def _wait_s(self, about_s: float) -> float:
        return about_s * (0.5 + self._jitter())

    def _sight(self, done: Completion, picture: Material, past: Past, form: Form) -> Sight:
        width, height = _size(picture)
        cost = self._paid(done.usage)
        self._meter.paid(form.detail, cost, estimated=self._reckoned(form, width or None, height or None))
        sight = Sight(width, height, elapsed_ms=done.elapsed_s * 1000)
        if done.ending is Ending.WHOLE:
            sight = replace(sight, text=kept(done.value))
        else:
            sight = replace(sight, facts={str(done.ending): 1.0})
        return self._with_cost(sight, past.spent + cost)

    def _with_cost(self, sight: Sight, cost: Cost) -> Sight:
        return replace(sight, cost_usd=cost.usd, tokens_in=int(cost.tokens_in), tokens_out=int(cost.tokens_out))

    def _paid(self, usage: Usage) -> Cost:
        usd = self._price.usd(usage.tokens_in, usage.tokens_out)
        return Cost(usage.tokens_in, usage.tokens_out, usd)

    def _shown(self, picture: Material, form: Form) -> Shown:
        return Shown(picture.url, None if picture.url else picture.content, form.detail)

    def _expected(self, form: Form, width_px: int | None = None, height_px: int | None = None) -> Cost:
        """The reckoning, mended by how far off it was for pictures that were paid for."""
        reckoned = self._reckoned(form, width_px, height_px)
        in_, out = self._meter.mended(form.detail, reckoned)
        return Cost(in_, out, self._price.usd(in_, out))

    def _reckoned(self, form: Form, width_px: int | None, height_px: int | None) -> Cost:
        sides = (width_px or _TYPICAL_PX[0], height_px or _TYPICAL_PX[1])
        # English runs at about four characters a token; a schema is denser.
        words = len(SYSTEM + form.text) / 4.4 + len(str(form.schema.schema)) / 5
        tokens_in = words + self._price.picture_tokens(form.detail, *sides)
        return Cost(tokens_in, form.answer_tokens, self._price.usd(tokens_in, form.answer_tokens))


def _time(seconds: float) -> str:
    """So long, in words."""
    return f"{seconds / 60:,.0f} minutes" if seconds < 7200 else f"{seconds / 3600:,.0f} hours"


def _size(picture: Material) -> tuple[int, int]:
    """The sides of a picture whose bytes are here; 0 where they are not."""
    if picture.content is None:
        return 0, 0
    try:
        header = read_header(picture.content)
    except PictureUnreadable:
        return 0, 0
    return header.width_px, header.height_px
