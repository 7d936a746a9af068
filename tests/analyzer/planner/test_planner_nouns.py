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
