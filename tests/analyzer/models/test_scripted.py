"""The scripted model does what it is told, so that others can be tested on it."""

from __future__ import annotations

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material, VisionModel
from analyzer.models.scripted import ScriptedModel
from analyzer.plan import Task
from core.observation import Sight
from core.states import Outcome

ASK = Ask(Task.COUNT, "cars", "How many cars?")


def outcomes(model: VisionModel, *contents: bytes) -> list[tuple[Outcome, int | None]]:
    sights = model.look([Material(content) for content in contents], ASK)
    return [(j.outcome, j.count) for j in (model.judge(sight, ASK) for sight in sights)]


def test_answers_come_from_a_mapping_by_content() -> None:
    model = ScriptedModel({b"two": 2, b"bad": Sight(unreadable="Torn."), b"hm": Sight(facts={"unsure": 1})})
    assert outcomes(model, b"two", b"other", b"bad", b"hm") == [
        (Outcome.MATCH, 2),
        (Outcome.NO_MATCH, 0),
        (Outcome.UNREADABLE, None),
        (Outcome.UNSURE, None),
    ]
    assert [material.content for material in model.asked] == [b"two", b"other", b"bad", b"hm"]


def test_answers_come_from_a_callable_and_may_be_text() -> None:
    model = ScriptedModel(lambda material, ask: f"{ask.target} in {material.url}", takes="url")
    sight = model.look([Material(url="https://x/1.jpg")], ASK)[0]
    assert model.judge(sight, ASK).text == "cars in https://x/1.jpg"


def test_failures_come_on_order() -> None:
    model = ScriptedModel({b"boom": RuntimeError("out of order")})
    with pytest.raises(RuntimeError, match="out of order"):
        model.look([Material(b"boom")], ASK)


def test_latency_can_be_cut_short() -> None:
    model = ScriptedModel({}, latency_s=60)
    model.hurry.set()
    assert outcomes(model, b"x") == [(Outcome.NO_MATCH, 0)]
