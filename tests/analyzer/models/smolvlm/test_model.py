"""What SmolVLM's scores mean for an ask: sure, undecided, or nothing seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Fit, Material
from analyzer.models.smolvlm import selftest
from analyzer.models.smolvlm.model import SmolVlmModel
from analyzer.models.smolvlm.process import ModelProcess
from analyzer.models.smolvlm.prompt import Form, Query
from analyzer.models.smolvlm.reading import Reading
from analyzer.models.smolvlm.wire import Setup
from analyzer.plan import Task
from core.observation import Sight
from core.states import Outcome

FIND = Ask(Task.FIND, "cars", "Is there a car?")
COUNT = Ask(Task.COUNT, "cars", "How many cars?")
CLASSIFY = Ask(Task.CLASSIFY, "traffic", "How heavy is it?", ("light", "moderate", "heavy"))
DESCRIBE = Ask(Task.DESCRIBE, "scene", "What is there?")


@pytest.fixture
def model(tmp_path: Path) -> SmolVlmModel:
    """Never asked, so its process never starts."""
    return SmolVlmModel("smolvlm", "1", ModelProcess(Setup(tmp_path, tmp_path, tmp_path, "k")))


def sight(text: str | None = None, **shares: float) -> Sight:
    return Sight(640, 480, facts={f"share:{name.strip('_')}": share for name, share in shares.items()}, text=text)


@pytest.mark.parametrize(
    ("yes", "outcome"),
    [
        (0.99, Outcome.MATCH),
        (0.6, Outcome.MATCH),
        (0.55, Outcome.UNSURE),
        (0.45, Outcome.UNSURE),
        (0.4, Outcome.NO_MATCH),
    ],
)
def test_a_yes_near_the_middle_is_unsure(model: SmolVlmModel, yes: float, outcome: Outcome) -> None:
    judged = model.judge(sight(yes=yes, no=1 - yes), FIND)
    assert (judged.outcome, judged.score) == (outcome, yes)
    assert (judged.reason is not None) is (outcome is Outcome.UNSURE)


def test_a_number_is_taken_where_it_leads_clearly(model: SmolVlmModel) -> None:
    judged = model.judge(sight(_3=0.7, _4=0.2, _0=0.1), COUNT)
    assert (judged.outcome, judged.count, judged.score) == (Outcome.MATCH, 3, 0.7)
    assert model.judge(sight(_0=0.9, _1=0.1), COUNT).outcome is Outcome.NO_MATCH
    assert model.judge(sight(_3=0.36, _4=0.34, _0=0.3), COUNT).outcome is Outcome.UNSURE
    assert model.judge(sight(_12=0.3, _13=0.1), COUNT).outcome is Outcome.UNSURE


def test_a_choice_is_taken_where_it_leads_clearly(model: SmolVlmModel) -> None:
    judged = model.judge(sight(light=0.1, moderate=0.2, heavy=0.7), CLASSIFY)
    assert (judged.outcome, judged.text) == (Outcome.MATCH, "heavy")
    assert model.judge(sight(light=0.34, moderate=0.33, heavy=0.33), CLASSIFY).outcome is Outcome.UNSURE


def test_a_description_is_its_text_and_an_empty_one_is_unsure(model: SmolVlmModel) -> None:
    assert model.judge(sight("A wet street."), DESCRIBE).text == "A wet street."
    assert model.judge(sight(""), DESCRIBE).outcome is Outcome.UNSURE


def test_what_could_not_be_read_is_unreadable_for_every_ask(model: SmolVlmModel) -> None:
    for ask in (FIND, COUNT, CLASSIFY, DESCRIBE):
        assert model.judge(Sight(unreadable="It ends early."), ask).outcome is Outcome.UNREADABLE
    assert model.look([Material(b"junk")], FIND)[0].unreadable


def test_it_can_be_asked_anything_and_says_what_it_misses(model: SmolVlmModel) -> None:
    for ask in (FIND, COUNT, CLASSIFY, DESCRIBE):
        ability = model.ability(ask)
        assert ability.fit is Fit.FULL
        assert "shrunk" in ability.leaves_out
    assert model.ability(FIND).sees != model.ability(COUNT).sees


def test_the_self_test_passes_one_that_sees_and_fails_one_that_guesses() -> None:
    expected = {(case.content, case.query): case.expected for case in selftest.cases()}

    def sees(content: bytes, _digest: str, query: Query) -> Reading:
        return Reading({expected[content, query]: 1.0})

    def guesses(_content: bytes, _digest: str, query: Query) -> Reading:
        said = query.choices[0] if query.choices else {Form.YES_NO: "yes"}.get(query.form, "1")
        return Reading({said: 1.0})

    assert selftest.run(sees).passed
    failed = selftest.run(guesses)
    assert not failed.passed
    assert failed.wrong
    assert len({case.content for case in selftest.cases()}) >= 7
