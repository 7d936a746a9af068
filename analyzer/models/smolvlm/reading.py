"""From scores to an answer: yes or no, one of several, a number, or text.

The first three are read off the model's scores for what could come next and need no decoding, or one step of it. The
shares given are the model's own, normalised over the answers that are allowed; until they were calibrated against
people's labels they are scores, not probabilities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analyzer.models.smolvlm.native import Native, Row
from analyzer.models.smolvlm.prompt import Form, Query

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.float32]

YES, NO = "yes", "no"
_DIGITS = tuple("0123456789")
# A first digit this unlikely is not followed further, and never more than so many of them.
_LEAST_SHARE, _MOST_BRANCHES, _MOST_DIGITS = 0.03, 3, 3


@dataclass(frozen=True, slots=True)
class Reading:
    """``shares`` gives each possible answer's score, together 1; ``text`` is what was decoded, with the geometric mean
    of its tokens' probabilities as ``fluency``; ``finished`` is false where it was cut at its longest. Of text it is
    also known how many tokens were read before it, the picture's too, and written."""

    shares: Mapping[str, float]
    text: str | None = None
    fluency: float | None = None
    finished: bool = True
    read_tokens: int = 0
    written_tokens: int = 0


@dataclass(slots=True)
class _Branch:
    """A number that begins with ``digits``, in a sequence of its own while it is tried."""

    case: int
    digits: str
    share: float


class Reader:
    """Reads answers after the questions were read into sequences 0, 1, 2 ... of ``native``; for one thread. ``told``
    hears the text so far of a streamed query, by its number."""

    def __init__(self, native: Native, tick: Callable[[], None] = lambda: None) -> None:
        self._native = native
        self._tick = tick
        self.told: Callable[[int, str], None] = lambda _number, _text: None

    def lead(self, query: Query) -> list[int]:
        """Tokens between the prompt and the answer: what stands before a digit, where digits stand alone."""
        return self._before_digit if query.form is Form.COUNT else []

    def positions(self, query: Query) -> int:
        """Positions that reading an answer may take, beside the prompt's."""
        if query.form is Form.COUNT:
            return _MOST_BRANCHES * _MOST_DIGITS
        if query.form is Form.CHOICE:
            return sum(len(tokens) for tokens in self._spelled(query.choices))
        return 0

    def read(self, queries: Sequence[Query], scores: Rows, ends: Sequence[int]) -> list[Reading]:
        """Readings of all queries. ``scores`` are those after each prompt, of shape (queries, vocabulary); ``ends`` how
        many positions each sequence has."""
        readings: dict[int, Reading] = {}
        for number, query in enumerate(queries):
            if query.form is Form.YES_NO:
                readings[number] = self._yes_no(scores[number])
            elif query.form is Form.CHOICE:
                readings[number] = self._choice(query.choices, scores[number], number, ends[number])
        counts = [number for number, query in enumerate(queries) if query.form is Form.COUNT]
        readings |= self._counts(counts, scores, ends, spare=len(queries))
        texts = [number for number, query in enumerate(queries) if query.form is Form.TEXT]
        readings |= self._texts(texts, queries, scores, ends)
        return [readings[number] for number in range(len(queries))]

    # Yes or no, and choices

    def _yes_no(self, scores: Rows) -> Reading:
        shares = _softmax(scores)
        yes, no = (float(shares[list(ids)].sum()) for ids in (self._yes, self._no))
        return Reading({YES: yes / (yes + no), NO: no / (yes + no)})

    @cached_property
    def _yes(self) -> frozenset[int]:
        return self._spellings("yes")

    @cached_property
    def _no(self) -> frozenset[int]:
        return self._spellings("no")

    def _spellings(self, word: str) -> frozenset[int]:
        """First tokens of a word as it may be written; those that other words begin with are left out by taking whole
        words only, unless the vocabulary has none."""
        written = [lead + form for lead in (" ", "") for form in (word.capitalize(), word, word.upper())]
        split = [self._native.tokens(text, special=False) for text in written]
        whole = {tokens[0] for tokens in split if len(tokens) == 1}
        return frozenset(whole or {tokens[0] for tokens in split})

    def _choice(self, choices: tuple[str, ...], scores: Rows, sequence: int, end: int) -> Reading:
        """By the first token where that tells the choices apart, else by each one's whole spelling."""
        spelled = self._spelled(choices)
        logs = _log_softmax(scores)
        values = np.array([logs[tokens[0]] for tokens in spelled])
        if len({tokens[0] for tokens in spelled}) < len(choices):
            values += [self._rest(tokens, sequence, end) for tokens in spelled]
        return Reading(dict(zip(choices, _softmax(values).tolist(), strict=True)))

    def _spelled(self, choices: Sequence[str]) -> list[list[int]]:
        return [self._native.tokens(f" {choice.capitalize()}", special=False) for choice in choices]

    def _rest(self, tokens: Sequence[int], sequence: int, end: int) -> float:
        """The log share of all tokens after the first."""
        if len(tokens) < 2:
            return 0.0
        places = [Row(end + i, sequence, wanted=True) for i in range(len(tokens) - 1)]
        logs = _log_softmax(self._native.decode_tokens(tokens[:-1], places))
        self._native.forget(sequence, end)
        self._tick()
        return float(sum(logs[i, token] for i, token in enumerate(tokens[1:])))

    # Numbers

    @cached_property
    def _digits(self) -> list[int]:
        return [self._native.tokens(digit, special=False)[0] for digit in _DIGITS]

    @cached_property
    def _before_digit(self) -> list[int]:
        """SmolVLM's vocabulary writes each digit by itself, so that the space before it is a token of its own."""
        return self._native.tokens(" 1", special=False)[:-1]

    def _counts(self, cases: Sequence[int], scores: Rows, ends: Sequence[int], spare: int) -> dict[int, Reading]:
        """Numbers of one to three digits with the share of each: the likely first digits are followed, all pictures' at
        once, to see whether another digit comes after them."""
        totals: dict[int, dict[str, float]] = {case: {} for case in cases}
        open_branches = []
        for case in cases:
            open_branches += self._settle(_Branch(case, "", 1.0), self._digit_shares(scores[case], alone=True), totals)
        while open_branches:
            follow = open_branches[: self._native.tuning.sequences - spare]
            del open_branches[: len(follow)]
            for branch, after in zip(follow, self._after(follow, ends, spare), strict=True):
                open_branches += self._settle(branch, after, totals)
        return {case: Reading(_normalised(found)) for case, found in totals.items()}

    def _after(self, branches: Sequence[_Branch], ends: Sequence[int], spare: int) -> Iterator[Sequence[float]]:
        tokens, places = [], []
        for number, branch in enumerate(branches):
            self._native.copy(branch.case, spare + number)
            for offset, digit in enumerate(branch.digits):
                tokens.append(self._digits[int(digit)])
                last = offset == len(branch.digits) - 1
                places.append(Row(ends[branch.case] + offset, spare + number, wanted=last))
        scores = self._native.decode_tokens(tokens, places)
        for number in range(len(branches)):
            self._native.forget(spare + number)
        self._tick()
        for row in scores:
            yield self._digit_shares(row, alone=False)

    def _digit_shares(self, scores: Rows, *, alone: bool) -> Sequence[float]:
        """The shares of the ten digits: among themselves where a digit must come, else among all tokens."""
        shares = _softmax(scores[self._digits]) if alone else _softmax(scores)[self._digits]
        return [float(share) for share in shares]

    def _settle(
        self, branch: _Branch, shares: Sequence[float], totals: Mapping[int, dict[str, float]]
    ) -> list[_Branch]:
        """Book what is known of a number and return the ways in which it may go on."""
        found = totals[branch.case]
        if branch.digits:
            found[branch.digits] = branch.share * (1 - sum(shares))
        children = [_Branch(branch.case, branch.digits + d, branch.share * shares[int(d)]) for d in _DIGITS]
        children.sort(key=lambda child: -child.share)
        follow = [
            child
            for child in children[:_MOST_BRANCHES]
            if child.share >= _LEAST_SHARE and child.digits[0] != "0" and len(child.digits) < _MOST_DIGITS
        ]
        for child in children:
            if child not in follow:
                found[child.digits] = child.share
        return follow

    # Text

    def _texts(
        self, cases: Sequence[int], queries: Sequence[Query], scores: Rows, ends: Sequence[int]
    ) -> dict[int, Reading]:
        """The likeliest next token, again and again, all pictures at a time."""
        written: dict[int, list[int]] = {case: [] for case in cases}
        logs: dict[int, float] = dict.fromkeys(cases, 0.0)
        rules = {case: self._native.grammar(queries[case].grammar) for case in cases}
        finished = set()
        active = {case: scores[case] for case in cases}
        while active:
            following = []
            for case, row in active.items():
                token = rules[case].choose(row)
                if self._native.ends(token):
                    finished.add(case)
                    continue
                logs[case] += float(_log_softmax(row)[token])
                written[case].append(token)
                if queries[case].streamed:
                    self.told(case, self._native.text(written[case]))
                if len(written[case]) < queries[case].most_tokens:
                    following.append(case)
            active = self._next(following, written, ends) if following else {}
        for rule in rules.values():
            rule.close()
        return {
            case: Reading(
                {},
                self._native.text(tokens).strip(),
                _mean(logs[case], len(tokens)),
                case in finished,
                ends[case],
                len(tokens),
            )
            for case, tokens in written.items()
        }

    def _next(self, cases: Sequence[int], written: Mapping[int, list[int]], ends: Sequence[int]) -> dict[int, Rows]:
        places = [Row(ends[case] + len(written[case]) - 1, case, wanted=True) for case in cases]
        rows = self._native.decode_tokens([written[case][-1] for case in cases], places)
        self._tick()
        return dict(zip(cases, rows, strict=True))


def _mean(logs: float, tokens: int) -> float | None:
    return float(np.exp(logs / tokens)) if tokens else None


def _normalised(found: Mapping[str, float]) -> dict[str, float]:
    total = sum(found.values()) or 1.0
    return {number: share / total for number, share in found.items()}


def _softmax(scores: Rows) -> Rows:
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def _log_softmax(scores: Rows) -> Rows:
    moved = scores - scores.max(axis=-1, keepdims=True)
    return moved - np.log(np.exp(moved).sum(axis=-1, keepdims=True))  # type: ignore[no-any-return]
