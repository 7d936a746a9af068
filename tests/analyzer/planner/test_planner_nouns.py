"""A register's own words for its places, and names that could be several."""

from __future__ import annotations

import pytest

from analyzer.plan import GroupBy
from analyzer.planner import Planner
from tests.analyzer.planner.conftest import SATURDAY


@pytest.mark.parametrize(
    ("question", "group", "districts", "locations"),
    [
        ("Which wing has the most shoppers?", GroupBy.DISTRICT, ("East Wing", "West Wing"), ()),
        ("shoppers in both wings", None, ("East Wing", "West Wing"), ()),
        ("Which lift lobbies have cartons?", GroupBy.LOCATION, (), ("Lift Lobby A", "Lift Lobby B")),
        ("Is there a bird with red wings?", None, (), ()),
    ],
)
def test_a_noun_that_names_share_asks_for_these_places(
    planner_elsewhere: dict[str, Planner],
    question: str,
    group: GroupBy | None,
    districts: tuple[str, ...],
    locations: tuple[str, ...],
) -> None:
    plan = planner_elsewhere["mall"].plan(question, (), SATURDAY)
    assert (plan.group_by, plan.scope.districts, plan.scope.locations) == (group, districts, locations)


@pytest.mark.parametrize(
    ("register", "question", "labels"),
    [
        ("mall", "How many people are at the lift lobby?", ["Lift Lobby A", "Lift Lobby B", "All of them"]),
        ("wisla", "How many people are at rynek?", ["Rynek, Śródmieście", "Rynek, Wola", "All of them"]),
        ("clyde", "cars on main st", ["Main Street, East Renfrewshire", "Main Street, North Ayrshire", "All of them"]),
        ("mall", "Which lift lobbies have cartons?", []),
        ("wisla", "How many people are at Rynek in Koło?", []),
        ("wisla", "How many people are there except at rynek?", []),
    ],
)
def test_a_name_of_several_places_is_asked_back_and_each_choice_means_one(
    planner_elsewhere: dict[str, Planner], register: str, question: str, labels: list[str]
) -> None:
    planner = planner_elsewhere[register]
    which = planner.unclear(question, planner.plan(question, (), SATURDAY).scope)
    assert ([choice.label for choice in which.choices] if which else []) == labels
    for choice in which.choices if which else ():
        plan = planner.plan(choice.text, (), SATURDAY)
        assert planner.unclear(choice.text, plan.scope) is None and not plan.scope.unknown
        assert plan.target in ("people", "cars")


def test_what_is_compared_keeps_its_own_district(planner_elsewhere: dict[str, Planner]) -> None:
    scope = planner_elsewhere["wisla"].plan("Compare people at Rynek in Śródmieście district and Plac Wilsona").scope
    assert scope.districts == ("Śródmieście", "Żoliborz")
    assert scope.locations == ("Rynek", "Plac Wilsona")


@pytest.mark.parametrize(
    ("register", "question", "locations"),
    [
        ("farm", "how many hens in houses 1 and 2", ("Hen House 1", "Hen House 2")),
        ("port", "trucks in lanes east and west", ("Lanes East", "Lanes West")),
        ("alpe", "cars in car parks P1 and P2", ("Car Park P1", "Car Park P2")),
        ("alpe", "compare p1 with p2 by number of cars", ("Car Park P1", "Car Park P2")),
        ("zoo", "visitors at main and east entrance", ("Main Entrance", "East Entrance")),
        ("farm", "how many cows in the parlour", ("Milking Parlour",)),
        ("cape", "people at v&a", ("V&A Waterfront",)),
        ("farm", "are any hens out of hen house 2", ("Hen House 2",)),
        ("museum", "people in rooms 12 to 14", ("Room 12", "Room 13", "Room 14")),
        ("aquapark", "people on slide towers A & B", ("Slide Tower A", "Slide Tower B")),
        ("freight", "cars at dock doors 1-3", ("Dock Door 1", "Dock Door 2", "Dock Door 3")),
        ("delhi", "people at rajiv chowk gate no 2", ("Rajiv Chowk Gate 2",)),
    ],
)
def test_people_shorten_names_and_share_their_nouns(
    planner_elsewhere: dict[str, Planner], register: str, question: str, locations: tuple[str, ...]
) -> None:
    plan = planner_elsewhere[register].plan(question, (), SATURDAY)
    assert plan.scope.locations == locations and not plan.scope.unknown
    assert plan.target in ("hens", "trucks", "cars", "visitors", "cows", "people", "hens out")


@pytest.mark.parametrize(
    ("register", "question", "unknown"),
    [
        ("alpe", "How many snow groomers on Piste 5", ("Piste 5",)),
        ("wisla", "how many people at plac trzech krzyzy", ("plac trzech krzyzy",)),
        ("school", "how many students are in room 204", ()),
    ],
)
def test_a_name_that_begins_like_one_of_the_register_is_not_taken_for_it(
    planner_elsewhere: dict[str, Planner], register: str, question: str, unknown: tuple[str, ...]
) -> None:
    scope = planner_elsewhere[register].plan(question, (), SATURDAY).scope
    assert (scope.unknown, scope.locations) == (unknown, ())


def test_per_field_is_for_each_location_where_one_is_called_so(planner_elsewhere: dict[str, Planner]) -> None:
    plan = planner_elsewhere["farm"].plan("sheep per field", (), SATURDAY)
    assert (plan.target, plan.group_by, plan.scope.locations) == ("sheep", GroupBy.LOCATION, ())


def test_a_question_in_another_language_asks_at_the_places_that_it_names(
    planner_elsewhere: dict[str, Planner],
) -> None:
    plan = planner_elsewhere["alpe"].plan("Wie viele Skifahrer warten am Sonnenalp Chairlift?", (), SATURDAY)
    assert plan.ask == "Wie viele Skifahrer warten am Sonnenalp Chairlift?"
    assert plan.scope.locations == ("Sonnenalp Chairlift",) and not plan.scope.unknown


def test_a_thing_is_counted_though_a_place_is_called_so(planner_elsewhere: dict[str, Planner]) -> None:
    plan = planner_elsewhere["freight"].plan("how many trailers in row A", (), SATURDAY)
    assert (plan.target, plan.scope.locations, plan.scope.mandals) == ("trailers", ("Trailer Row A",), ())
