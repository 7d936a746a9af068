"""Asking pictures: what was computed before is used again, what must be computed is computed for several at once.

A picture is encoded, read by the model together with the question, and its state is kept. The next question restores
the state and reads only the question, eight pictures at a time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analyzer.models.smolvlm.kept import Encoded, State, StateCache, TileStore
from analyzer.models.smolvlm.native import Native, Row
from analyzer.models.smolvlm.prompt import END_OF_TURN, NEXT_TURN, TURN, Form, Query, picture_pieces
from analyzer.models.smolvlm.reading import Reader, Reading
from analyzer.models.smolvlm.tiles import Splitting, cut
from storage.decoding import MAX_PIXELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

# Above these nothing is gained: measured on two cores, four pictures to read and eight questions on kept states.
FRESH_AT_ONCE = 4
KEPT_AT_ONCE = 8
# Writing gains more: with Q8_0 weights it is the sixteenth that makes it worth the while.
WRITTEN_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Question:
    """A picture's bytes, their hash, and what is asked of it."""

    content: bytes
    digest: str
    query: Query


@dataclass(frozen=True, slots=True)
class Need:
    """How many tokens must be read at once, and how many positions are held until the answer is there."""

    read: int
    held: int


@dataclass(slots=True)
class _Case:
    """One question being answered, in the sequence of its number. ``prefix`` is what must still be read of the picture,
    ``None`` where a state was restored."""

    question: Question
    sequence: int
    prefix: Rows | None
    prefix_tokens: int
    tokens: list[int]

    @property
    def tokens_all(self) -> int:
        return self.prefix_tokens + len(self.tokens)


class Engine:
    """Answers questions about pictures; for one thread. ``tick`` is called between steps, to show that it is alive."""

    def __init__(
        self,
        native: Native,
        tiles: TileStore,
        states: StateCache,
        splitting: Splitting = Splitting.ONE,
        tick: Callable[[], None] = lambda: None,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        self._native = native
        self._tiles = tiles
        self._at_hand: OrderedDict[str, Encoded] = OrderedDict()
        self._states = states
        self._splitting = splitting
        self._max_pixels = max_pixels
        self._tick = tick
        self._reader = Reader(native, tick)

    def is_kept(self, question: Question) -> bool:
        """Whether the picture was read before and its state is still here."""
        return question.digest in self._states

    def encode(self, question: Question) -> None:
        """See to it that the picture needs no eyes any more. Raises :class:`~core.errors.PictureUnreadable`."""
        if not self.is_kept(question):
            self._encoded(question)

    def need(self, question: Question) -> Need:
        """What the question takes at most of what all questions of a group share."""
        query = question.query
        kept = self.is_kept(question)
        picture = self._states.get(question.digest).tokens if kept else len(self._prefix(self._encoded(question)))
        asked = len(self._question(query))
        answers = query.most_tokens if query.form is Form.TEXT else self._reader.positions(query)
        return Need(read=asked if kept else picture + asked, held=picture + asked + answers)

    def answer(
        self, questions: Sequence[Question], told: Callable[[int, str], None] = lambda _number, _text: None
    ) -> list[Reading]:
        """One reading a question, in order; all of them have gone through :meth:`encode`, and their :meth:`need`
        fits together. ``told`` hears the text so far of a streamed one, by its number."""
        self._reader.told = told
        self._native.clear()
        cases = [self._case(question, number) for number, question in enumerate(questions)]
        scores = np.empty((len(cases), self._native.vocabulary_size), np.float32)
        for fresh in (False, True):
            group = [case for case in cases if (case.prefix is not None) is fresh]
            if group:
                scores[[case.sequence for case in group]] = self._read(group)
                self._tick()
        readings = self._reader.read([q.query for q in questions], scores, [case.tokens_all for case in cases])
        self._keep(cases)
        return readings

    def _case(self, question: Question, number: int) -> _Case:
        tokens = self._question(question.query)
        if self.is_kept(question):
            state = self._states.get(question.digest)
            self._native.restore(number, state.data)
            return _Case(question, number, None, state.tokens, tokens)
        prefix = self._prefix(self._encoded(question))
        return _Case(question, number, prefix, len(prefix), tokens)

    def _encoded(self, question: Question) -> Encoded:
        """What the eyes made of the picture. That of the last few is at hand: it is needed until they are answered, and
        the disk may be full, or be cleaned by somebody meanwhile."""
        digest = question.digest
        found = self._at_hand.get(digest) or self._tiles.get(digest) or self._encode(question)
        self._at_hand[digest] = found
        while len(self._at_hand) > FRESH_AT_ONCE:
            self._at_hand.popitem(last=False)
        return found

    def _encode(self, question: Question) -> Encoded:
        parts = cut(question.content, self._splitting, self._native.tile, self._max_pixels)
        values = []
        for tile in parts.tiles:
            values.append(self._native.encode(tile).astype(np.float16))
            self._tick()
        encoded = Encoded(parts.rows, parts.columns, np.stack(values))
        self._tiles.put(question.digest, encoded)
        return encoded

    def _prefix(self, encoded: Encoded) -> Rows:
        """The prompt up to the question, as rows: float32 of shape (tokens, width)."""
        pieces = picture_pieces(encoded.rows, encoded.columns)
        return np.concatenate(
            [
                self._native.rows(self._native.tokens(piece.text, special=True))
                if piece.tile is None
                else encoded.values[piece.tile].astype(np.float32)
                for piece in pieces
            ]
        )

    def _question(self, query: Query) -> list[int]:
        """The rest of the prompt. What a person wrote never becomes a control token."""
        turn = self._native.tokens(END_OF_TURN + TURN, special=True)
        following = self._native.tokens(END_OF_TURN + NEXT_TURN, special=True)
        tokens = []
        for asked, answered in query.earlier:
            tokens += [*self._native.tokens(asked, special=False), *turn]
            tokens += [*self._native.tokens(f" {answered}", special=False), *following]
        return [*tokens, *self._native.tokens(query.text, special=False), *turn, *self._reader.lead(query)]

    def _read(self, cases: Sequence[_Case]) -> Rows:
        """Read what is due of each case; the scores after each one's last token."""
        places = [
            Row(position, case.sequence, position == case.tokens_all - 1)
            for case in cases
            for position in range(0 if case.prefix is not None else case.prefix_tokens, case.tokens_all)
        ]
        if cases[0].prefix is None:
            return self._native.decode_tokens([token for case in cases for token in case.tokens], places)
        parts = [part for case in cases for part in (case.prefix, self._native.rows(case.tokens)) if part is not None]
        return self._native.decode_rows(np.concatenate(parts), places)

    def _keep(self, cases: Sequence[_Case]) -> None:
        for case in cases:
            if case.prefix is not None:
                self._native.forget(case.sequence, case.prefix_tokens)
                self._states.put(case.question.digest, State(self._native.keep(case.sequence), case.prefix_tokens))
