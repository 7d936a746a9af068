"""Which model is asked: the first that can answer fully, else a stand-in that is labelled, else a clear no."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from analyzer.ask import Ask
from analyzer.models import detector
from analyzer.models.catalogue import Catalogue, Fetch, ModelState, Standing
from analyzer.models.model import Ability, Fit
from analyzer.models.opencv import OpenCvModel
from analyzer.models.scripted import ScriptedModel
from analyzer.plan import Task
from core.errors import Conflict, ModelUnavailable, NotFound

PEOPLE = Ask(Task.COUNT, "people", "How many people are visible?")
CARS = Ask(Task.COUNT, "cars", "How many cars are visible?")


def scripted(name: str, fit: Fit) -> ScriptedModel:
    return ScriptedModel({}, name=name, ability=Ability(fit, f"{name} says {fit}.", sees="all"))


def house(*, with_detector: bool) -> Catalogue:
    """A catalogue as it stands on a machine: the detector first, OpenCV always there."""
    catalogue = Catalogue()
    catalogue.expect("detector", "Detector", ModelState.ABSENT, "Its weights aren't here.", detector.ability)
    catalogue.add(OpenCvModel(), "OpenCV")
    if with_detector:
        catalogue.add(ScriptedModel({}, name="detector", ability=detector.ability))
    return catalogue


def test_the_first_model_that_answers_fully_is_taken() -> None:
    choice = Catalogue([scripted("a", Fit.STAND_IN), scripted("b", Fit.FULL), scripted("c", Fit.FULL)]).choose(PEOPLE)
    assert (choice.model.card.name, choice.ability.fit) == ("b", Fit.FULL)
    assert "b" in choice.why


def test_a_stand_in_is_offered_only_when_nobody_answers_fully() -> None:
    choice = Catalogue([scripted("a", Fit.NONE), scripted("b", Fit.STAND_IN)]).choose(PEOPLE)
    assert (choice.model.card.name, choice.ability.fit) == ("b", Fit.STAND_IN)
    assert "fully" in choice.why


def test_people_go_to_the_detector_where_it_is_and_to_opencv_where_it_is_not() -> None:
    assert house(with_detector=True).choose(PEOPLE).model.card.name == "detector"
    choice = house(with_detector=False).choose(PEOPLE)
    assert choice.model.card.name == "opencv"
    assert "Its weights aren't here." in choice.why


def test_light_goes_to_opencv_even_where_the_detector_is() -> None:
    choice = house(with_detector=True).choose(Ask(Task.CLASSIFY, "day or night", "Day or night?", ("day", "night")))
    assert choice.model.card.name == "opencv"


def test_congestion_is_offered_as_a_count_of_vehicles_and_says_so() -> None:
    choice = house(with_detector=True).choose(Ask(Task.FIND, "traffic congestion", "Is there congestion?"))
    assert choice.ability.fit is Fit.STAND_IN
    assert "more than 10 vehicles" in choice.ability.sentence


def test_an_ask_that_only_an_absent_model_can_answer_names_it() -> None:
    with pytest.raises(ModelUnavailable, match="Detector could answer this, but isn't ready: Its weights"):
        house(with_detector=False).choose(CARS)


def test_an_ask_that_nobody_can_answer_says_why() -> None:
    with pytest.raises(ModelUnavailable, match="no street lights") as caught:
        house(with_detector=True).choose(Ask(Task.FIND, "street lights", "Are there street lights?"))
    assert caught.value.hint


def test_the_named_model_is_taken_even_where_another_is_better() -> None:
    choice = house(with_detector=True).choose(PEOPLE, "opencv")
    assert (choice.model.card.name, choice.why) == ("opencv", "You chose it.")


def test_a_named_model_that_cannot_answer_is_refused_and_another_suggested() -> None:
    with pytest.raises(ModelUnavailable, match="no eyes for cars") as caught:
        house(with_detector=True).choose(CARS, "opencv")
    assert "detector" in caught.value.hint.casefold()


def test_a_model_that_is_not_ready_or_not_known_is_refused_by_name() -> None:
    with pytest.raises(ModelUnavailable, match="Detector isn't ready"):
        house(with_detector=False).choose(PEOPLE, "detector")
    with pytest.raises(ModelUnavailable, match="no model called gpt-9"):
        house(with_detector=False).choose(PEOPLE, "gpt-9")


def test_the_setting_names_the_model_for_all_asks() -> None:
    catalogue = Catalogue([scripted("a", Fit.FULL), scripted("b", Fit.FULL)], default="b")
    assert catalogue.choose(PEOPLE).model.card.name == "b"
    assert catalogue.choose(PEOPLE, "a").model.card.name == "a"
    assert catalogue.choose(PEOPLE, "auto").model.card.name == "a"


def test_an_empty_catalogue_says_that_there_is_no_model() -> None:
    with pytest.raises(ModelUnavailable, match="no model at all"):
        Catalogue().choose(PEOPLE)


def test_states_list_all_models_in_the_order_of_preference() -> None:
    entries = house(with_detector=False).states()
    assert [(entry.name, entry.state) for entry in entries] == [
        ("detector", ModelState.ABSENT),
        ("opencv", ModelState.READY),
    ]
    assert {"name", "label", "version", "state", "sentence"} <= set(entries[0].as_json())


def test_files_are_fetched_where_some_are_missing_and_nowhere_else() -> None:
    done: list[str] = []
    catalogue = house(with_detector=False)
    standing = [Standing(ModelState.ABSENT, "Not here.", can_fetch=True), Standing(ModelState.INSTALLING, "Coming.")]
    fetch = Fetch(lambda: done.append("start"), lambda: done.append("stop"))
    catalogue.follow("smolvlm", "SmolVLM", lambda: standing[len(done) > 0], fetch)
    assert catalogue.fetch("smolvlm").state is ModelState.INSTALLING
    with pytest.raises(Conflict, match=r"nothing to fetch for SmolVLM"):
        catalogue.fetch("smolvlm")
    catalogue.stop_fetching("smolvlm")
    with pytest.raises(Conflict):
        catalogue.fetch("opencv")
    assert catalogue.stop_fetching("opencv").state is ModelState.READY
    with pytest.raises(NotFound, match="no model called yolo"):
        catalogue.fetch("yolo")
    assert done == ["start", "stop"]


def test_a_model_that_becomes_ready_keeps_its_place() -> None:
    catalogue = house(with_detector=False)
    catalogue.mark("detector", ModelState.INSTALLING, "It is being fetched.")
    catalogue.add(ScriptedModel({}, name="detector", version="7"))
    first = catalogue.states()[0]
    assert (first.name, first.label, first.version, first.state) == ("detector", "Detector", "7", ModelState.READY)


def test_models_may_come_and_be_chosen_from_many_threads_at_once() -> None:
    catalogue = Catalogue([scripted("first", Fit.FULL)])

    def add_and_choose(number: int) -> None:
        for turn in range(50):
            catalogue.add(scripted(f"m{number}-{turn}", Fit.FULL))
            assert catalogue.choose(PEOPLE).model.card.name == "first"
            catalogue.states()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add_and_choose, range(4)))
    assert len(catalogue.states()) == 201


def test_closing_ends_what_was_begun_and_may_be_repeated() -> None:
    closed: list[int] = []
    catalogue = Catalogue()
    catalogue.on_close(lambda: closed.append(1))
    catalogue.close()
    catalogue.close()
    assert closed == [1]
