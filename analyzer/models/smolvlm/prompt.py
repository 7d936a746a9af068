"""What SmolVLM is told for one picture: its published chat template, written out piece by piece.

The template (HuggingFaceTB/SmolVLM-500M-Instruct, ``chat_template.json``) begins with ``<|im_start|>``, names the role,
puts no space between ``User:`` and a picture that comes first, ends each turn with ``<end_of_utterance>`` and asks
with ``Assistant:``. A picture that is not split stands between two ``<fake_token_around_image>`` after
``<global-img>``; split ones bring their tiles before it, row by row. The picture stands before the question, so that
what was computed for it serves the next question too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analyzer.ask import Ask
from analyzer.plan import Task

# Changes whenever an answer could, since answers are kept under it.
VERSION = "1"

OPENING = "<|im_start|>User:"
AROUND = "<fake_token_around_image>"
GLOBAL = "<global-img>"
END_OF_TURN = "<end_of_utterance>"
TURN = "\nAssistant:"
NEXT_TURN = "\nUser: "
# One JSON object in GBNF. Blanks are few, or a model that likes them would never come to an end.
JSON_OBJECT = r"""
root   ::= " "? object
object ::= "{" " "? (pair ("," " "? pair)*)? "}"
pair   ::= string ":" " "? value
array  ::= "[" " "? (value ("," " "? value)*)? "]"
value  ::= object | array | string | number | "true" | "false" | "null"
string ::= "\"" ([^"\\\x00-\x1F\x7F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F]{4}))* "\""
number ::= "-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})?
"""


class Form(StrEnum):
    """How an answer is read: from the first token's scores, as a number's digits, or as decoded text."""

    YES_NO = "yes_no"
    CHOICE = "choice"
    COUNT = "count"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Query:
    """One question for one picture. ``text`` is a person's and is tokenised without special tokens; ``choices`` are the
    answers allowed in a choice; ``most_tokens`` bounds decoded text; ``grammar`` is GBNF that the text must obey;
    ``earlier`` are the turns before, a question and its answer each; ``streamed`` text is told as it is written."""

    form: Form
    text: str
    choices: tuple[str, ...] = ()
    most_tokens: int = 48
    grammar: str | None = None
    earlier: tuple[tuple[str, str], ...] = ()
    streamed: bool = False

    @property
    def key(self) -> str:
        """What an answer to this is kept under."""
        parts = (VERSION, self.form, self.text, *self.choices)
        return " | ".join(parts)


def query(ask: Ask) -> Query:
    """The question for ``ask``, with the hint that tells the model the form of its answer."""
    text = " ".join(ask.text.split())
    if ask.task is Task.COUNT:
        return Query(Form.COUNT, f"{text} Answer with a number.")
    if ask.task is Task.FIND:
        return Query(Form.YES_NO, f"{text} Answer yes or no.")
    if ask.task is Task.CLASSIFY and len(ask.choices) > 1:
        return Query(Form.CHOICE, f"{text} Answer with one of: {', '.join(ask.choices)}.", ask.choices)
    return Query(Form.TEXT, text)


def kept_under(ask: Ask) -> str:
    """What a sight made for ``ask`` is kept under: the version of the prompts, and the ask however it was worded."""
    return f"{VERSION} | {ask.key}"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the prompt: text of ours whose special tokens count, or the tile of that number."""

    text: str = ""
    tile: int | None = None


def picture_pieces(rows: int, columns: int) -> Sequence[Piece]:
    """Everything before the question. Tiles are numbered row by row; the whole picture, always last, comes after them.
    Without tiles (``rows`` and ``columns`` 0) it stands alone."""
    pieces = [Piece(OPENING)]
    for row in range(rows):
        for column in range(columns):
            pieces += [Piece(f"{AROUND}<row_{row + 1}_col_{column + 1}>"), Piece(tile=row * columns + column)]
        pieces.append(Piece("\n" if row < rows - 1 else "\n\n"))
    return [*pieces, Piece(f"{AROUND}{GLOBAL}"), Piece(tile=rows * columns), Piece(AROUND)]
