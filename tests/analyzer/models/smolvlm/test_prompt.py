"""The prompt is SmolVLM's published template, piece by piece; what a person asks gets the form of its answer."""

from __future__ import annotations

import pytest

from analyzer.ask import Ask
from analyzer.models.smolvlm.prompt import END_OF_TURN, TURN, Form, Query, picture_pieces, query
from analyzer.models.smolvlm.tiles import grid
from analyzer.plan import Task
from bench.random_smolvlm import _TEMPLATE


def written(rows: int, columns: int, text: str) -> str:
    """The whole prompt as text, each tile as <image>."""
    pieces = picture_pieces(rows, columns)
    return "".join("<image>" if piece.tile is not None else piece.text for piece in pieces) + text + END_OF_TURN + TURN


def test_one_tile_is_the_template_with_one_whole_picture() -> None:
    from jinja2 import Environment

    parts = [{"type": "image"}, {"type": "text", "text": "Is it day?"}]
    rendered = (
        Environment(autoescape=True)
        .from_string(_TEMPLATE)
        .render(messages=[{"role": "user", "content": parts}], add_generation_prompt=True)
    )
    whole = "<fake_token_around_image><global-img><image><fake_token_around_image>"
    assert written(0, 0, "Is it day?") == rendered.replace("<image>", whole)


def test_tiles_come_row_by_row_and_the_whole_picture_last() -> None:
    assert written(2, 2, "?") == (
        "<|im_start|>User:"
        "<fake_token_around_image><row_1_col_1><image><fake_token_around_image><row_1_col_2><image>\n"
        "<fake_token_around_image><row_2_col_1><image><fake_token_around_image><row_2_col_2><image>\n\n"
        "<fake_token_around_image><global-img><image><fake_token_around_image>"
        "?<end_of_utterance>\nAssistant:"
    )
    tiles = [piece.tile for piece in picture_pieces(2, 2) if piece.tile is not None]
    assert tiles == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        *[
            ((512, 512), (4, 4)),
            ((640, 480), (3, 4)),
            ((1920, 1080), (3, 4)),
            ((480, 640), (4, 3)),
            ((3000, 20), (1, 4)),
        ],
        # A pixel more or less decides about a row of tiles here.
        *[
            ((991, 3957), (4, 1)),
            ((2972, 2230), (3, 4)),
            ((564, 1127), (4, 2)),
            ((3545, 2660), (3, 4)),
            ((1, 4000), (4, 1)),
        ],
    ],
)
def test_the_grid_is_that_of_the_published_processor(size: tuple[int, int], expected: tuple[int, int]) -> None:
    """As ``Idefics3ImageProcessor`` of transformers 4.57.6 gives them; 200,000 random sizes were compared with it."""
    assert grid(*size) == expected


@pytest.mark.parametrize(
    ("ask", "form", "said"),
    [
        (Ask(Task.FIND, "cars", "Is there a car?"), Form.YES_NO, "Is there a car? Answer yes or no."),
        (
            Ask(Task.COUNT, "cars", "How many cars are visible?"),
            Form.COUNT,
            "How many cars are visible? Answer with a number.",
        ),
        (Ask(Task.CLASSIFY, "traffic", "How heavy is it?", ("light", "heavy")), Form.CHOICE, "light, heavy"),
        (Ask(Task.CLASSIFY, "traffic", "What kind is it?"), Form.TEXT, "What kind is it?"),
        (Ask(Task.DESCRIBE, "scene", "What\n is  going on?"), Form.TEXT, "What is going on?"),
    ],
)
def test_each_task_gets_the_form_of_its_answer(ask: Ask, form: Form, said: str) -> None:
    assert query(ask).form is form
    assert said in query(ask).text


def test_another_question_form_or_choice_is_kept_apart() -> None:
    keys = {
        Query(Form.YES_NO, "a").key,
        Query(Form.COUNT, "a").key,
        Query(Form.YES_NO, "b").key,
        Query(Form.CHOICE, "a", ("x", "y")).key,
        Query(Form.CHOICE, "a", ("x", "z")).key,
    }
    assert len(keys) == 5
