"""The cloud model behind its seam, against a real server that misbehaves on order.

Threat rows 34, 36, 38, 39 and 44.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.ask import Ask
from analyzer.models.model import UNFETCHABLE, Fit, Material, NotYet, Past
from analyzer.models.openai.client import Server
from analyzer.models.openai.model import OpenAiModel
from analyzer.models.openai.supply import Cloud, cloud_model
from analyzer.plan import Task
from bench.openai_deeds import Deed, Order
from bench.openai_server import OpenAiServer
from core.errors import Standstill
from core.observation import Judgement, Sight
from core.states import Outcome

FIND = Ask(Task.FIND, "street lights", "Are street lights visible?")
COUNT = Ask(Task.COUNT, "cars", "How many cars are visible?")
LEVEL = Ask(Task.CLASSIFY, "traffic", "How heavy is the traffic?", ("light", "heavy"))
TELL = Ask(Task.DESCRIBE, "scene", "What is happening?")
PICTURE = Material(b"\xff\xd8\xff not decoded here")
PRICES = "as_of = 2026-03-01\n[models.gpt-4o]\nusd_in = 2.5\nusd_out = 10.0\nbase = 85\ntile = 170\n"
KEY = "sk-test-0123456789"


@pytest.fixture
def model(server: OpenAiServer, tmp_path: Path) -> Iterator[OpenAiModel]:
    (tmp_path / "prices.toml").write_text(PRICES)
    made = cloud_model(Cloud(Server(server.url, KEY, "gpt-4o", timeout_s=2.0), tmp_path))
    yield made
    made.close()


def seen(model: OpenAiModel, ask: Ask, picture: Material = PICTURE) -> Sight:
    return model.look([picture], ask)[0]


def judged(server: OpenAiServer, model: OpenAiModel, ask: Ask, answer: object) -> Judgement:
    server.orders.append(Order(content=answer if isinstance(answer, str) else json.dumps(answer)))
    return model.judge(seen(model, ask), ask)


def put_off(model: OpenAiModel, ask: Ask, picture: Material = PICTURE) -> NotYet:
    with pytest.raises(NotYet) as caught:
        model.look([picture], ask)
    return caught.value


@pytest.mark.parametrize(
    ("ask", "answer", "expected"),
    [
        (FIND, {"answer": "yes", "reason": "two lamps"}, Judgement(Outcome.MATCH, text="two lamps")),
        (FIND, {"answer": "no", "reason": "none"}, Judgement(Outcome.NO_MATCH, text="none")),
        (FIND, {"answer": "unsure", "reason": "too dark"}, Judgement(Outcome.UNSURE, reason="too dark")),
        (COUNT, {"answer": "yes", "count": 3, "reason": "a"}, Judgement(Outcome.MATCH, 3, text="a")),
        (COUNT, {"answer": "no", "count": 0, "reason": "a"}, Judgement(Outcome.NO_MATCH, 0, text="a")),
        (LEVEL, {"answer": "heavy", "reason": "a"}, Judgement(Outcome.MATCH, text="heavy")),
        (LEVEL, {"answer": "unsure", "reason": "fog"}, Judgement(Outcome.UNSURE, reason="fog")),
        (TELL, {"answer": "A bus stops.", "unsure": False}, Judgement(Outcome.MATCH, text="A bus stops.")),
        (TELL, {"answer": "", "unsure": True}, Judgement(Outcome.UNSURE, reason="The model can't tell.")),
    ],
)
def test_an_answer_is_judged_by_the_form_of_the_ask(
    server: OpenAiServer, model: OpenAiModel, ask: Ask, answer: object, expected: Judgement
) -> None:
    """S0.10 and S2.14: a free instruction becomes a form."""
    assert judged(server, model, ask, answer) == expected


@pytest.mark.parametrize("count", [10**9, -1, 3.5, 10**30, 1e300])
def test_a_number_that_can_not_be_a_count_is_unsure_and_flagged(
    server: OpenAiServer, model: OpenAiModel, count: float
) -> None:
    judgement = judged(server, model, COUNT, {"answer": "yes", "count": count, "reason": "a"})
    assert (judgement.outcome, judgement.count) == (Outcome.UNSURE, None)
    assert "can't be a count" in (judgement.reason or "")


def test_an_answer_that_contradicts_itself_is_unsure(server: OpenAiServer, model: OpenAiModel) -> None:
    judgement = judged(server, model, COUNT, {"answer": "no", "count": 4, "reason": "a"})
    assert judgement.outcome is Outcome.UNSURE
    assert "contradicts itself" in (judgement.reason or "")


@pytest.mark.parametrize(
    "order", [Order(Deed.REFUSAL), Order(Deed.CONTENT_FILTER), Order(finish_reason="length"), Order(Deed.EMPTY_CHOICES)]
)
def test_no_answer_is_unsure_with_a_reason_and_never_a_no(
    server: OpenAiServer, model: OpenAiModel, order: Order
) -> None:
    for ask in (FIND, COUNT, LEVEL, TELL):
        server.orders.append(order)
        judgement = model.judge(seen(model, ask), ask)
        assert judgement.outcome is Outcome.UNSURE
        assert judgement.reason


def test_no_place_and_nothing_of_this_machine_is_in_the_request(server: OpenAiServer, model: OpenAiModel) -> None:
    """S2.14: the ask for one picture holds no place."""
    seen(model, FIND)
    said = json.dumps(server.calls[0].body)
    for word in ("Guntur", "Vijayawada", "/home", "latitude", "district", KEY):
        assert word not in said
    assert server.calls[0].body["response_format"]["json_schema"]["strict"] is True


def test_detail_follows_the_kind_of_question(server: OpenAiServer, model: OpenAiModel) -> None:
    """S2.14: detail by the kind of question."""
    for ask in (COUNT, FIND, LEVEL):
        seen(model, ask)
    assert [call.pictures[0]["detail"] for call in server.calls] == ["high", "high", "low"]


@pytest.mark.parametrize("deed", [Deed.BROKEN_JSON, Deed.TRUNCATED, Deed.WRONG_SCHEMA, Deed.NO_BODY])
def test_a_broken_answer_is_asked_for_twice_more_and_then_unsure(
    server: OpenAiServer, model: OpenAiModel, deed: Deed
) -> None:
    """S2.14: broken output is no answer."""
    past = Past()
    for tries in (1, 2):
        server.orders.append(Order(deed))
        later = put_off(model, FIND, Material(PICTURE.content, past=past))
        past = later.past
        assert len(past.troubles) == tries
        assert later.after_s < 1
    server.orders.append(Order(deed))
    sight = seen(model, FIND, Material(PICTURE.content, past=past))
    assert model.judge(sight, FIND).outcome is Outcome.UNSURE
    assert sight.passing
    if deed is not Deed.NO_BODY:
        assert sight.cost_usd > 0  # all three were paid for


def test_after_a_broken_answer_a_good_one_counts_and_all_is_paid_for(server: OpenAiServer, model: OpenAiModel) -> None:
    server.orders.append(Order(Deed.WRONG_SCHEMA))
    later = put_off(model, FIND)
    sight = seen(model, FIND, Material(PICTURE.content, past=later.past))
    assert model.judge(sight, FIND).outcome is Outcome.MATCH
    once = seen(model, FIND)
    assert sight.tokens_in == 2 * once.tokens_in
    assert sight.cost_usd > 1.5 * once.cost_usd


@pytest.mark.parametrize("deed", [Deed.SERVER_ERROR, Deed.RESET, Deed.HANG, Deed.DRIP])
def test_a_failure_is_tried_again_later_and_at_last_the_picture_is_unreadable_for_now(
    server: OpenAiServer, model: OpenAiModel, deed: Deed
) -> None:
    if deed in {Deed.HANG, Deed.DRIP}:
        model._client.server = Server(server.url, KEY, "gpt-4o", timeout_s=0.2)
    past, waits = Past(), []
    for _ in range(3):
        server.orders.append(Order(deed))
        later = put_off(model, FIND, Material(PICTURE.content, past=past))
        past = later.past
        waits.append(later.after_s)
    assert all(0.04 < wait < 7 for wait in waits)
    server.orders.append(Order(deed))
    sight = seen(model, FIND, Material(PICTURE.content, past=past))
    assert sight.unreadable
    assert sight.passing


def test_a_refusal_for_the_limits_sake_costs_no_try_and_says_when_to_come_back(
    server: OpenAiServer, model: OpenAiModel
) -> None:
    server.orders.append(Order(Deed.RATE_LIMIT, retry_after="90"))
    later = put_off(model, FIND)
    assert 90 <= later.after_s <= 99
    assert later.past.troubles == ()
    assert not later.counted
    assert 80 < put_off(model, FIND).after_s <= 90  # everybody waits
    assert len(server.calls) == 1


def test_a_url_that_the_server_could_not_fetch_is_handed_back_to_be_signed_anew(
    server: OpenAiServer, model: OpenAiModel
) -> None:
    for deed, said in ((Deed.EXPIRED, "with status 403"), (Deed.DOWNLOAD_TIMEOUT, "timed out")):
        server.orders.append(Order(deed))
        later = put_off(model, FIND, Material(url="https://pictures.example/1.jpg?X-Goog-Signature=abc"))
        assert later.past.troubles == (UNFETCHABLE,)
        assert said in later.past.said


@pytest.mark.parametrize(("deed", "what"), [(Deed.KEY_IN_ERROR, "OPENAI_API_KEY"), (Deed.QUOTA, "Add money")])
def test_a_key_that_is_refused_stops_everything_with_a_sentence_that_holds_no_key(
    server: OpenAiServer, model: OpenAiModel, deed: Deed, what: str
) -> None:
    server.orders.append(Order(deed))
    with pytest.raises(Standstill) as caught:
        seen(model, FIND)
    assert what in caught.value.hint
    assert "sk-" not in f"{caught.value.sentence} {caught.value.hint}"


def test_it_answers_anything_and_a_sight_serves_only_its_own_ask(model: OpenAiModel) -> None:
    abilities = [model.ability(ask) for ask in (FIND, COUNT, LEVEL, TELL)]
    assert {ability.fit for ability in abilities} == {Fit.FULL}
    assert len({ability.sees for ability in abilities}) == 4
    assert abilities[0].cost.tokens_in > 700


def test_the_estimate_of_a_picture_is_near_what_the_server_counts(server: OpenAiServer, model: OpenAiModel) -> None:
    for ask in (FIND, COUNT, LEVEL, TELL):
        reckoned = model.ability(ask).cost
        paid = seen(model, ask)
        assert reckoned.tokens_in == pytest.approx(paid.tokens_in, rel=0.2)
    assert model.ability(COUNT).cost.tokens_in == pytest.approx(seen(model, COUNT).tokens_in, rel=0.05)
