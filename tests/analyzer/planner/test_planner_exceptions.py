"""Places that are left out: the others are named in their stead, by the largest wholes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from analyzer.plan import Kind, Plan
from analyzer.planner import Planner
from analyzer.scope import PlaceFilter
from storage.register import Register
from tests.analyzer.planner.conftest import SATURDAY


@pytest.mark.parametrize(
    ("question", "left_out"),
    [
        ("Count cars everywhere except Benz Circle", {"10.4.2.17"}),
        ("how many cars not counting Clock Tower and Beach Road", {"10.4.2.19", "10.4.2.21"}),
        ("Which places apart from Clock Tower have potholes?", {"10.4.2.19"}),
        ("excluding NTR, how many dogs are there", {"10.4.2.17", "10.4.2.20"}),
        ("number of buses outside of Bapatla", {"10.4.2.25"}),
    ],
)
def test_what_is_excepted_is_not_asked_and_all_else_is(
    own_planner: Planner, own_register: Register, question: str, left_out: set[str]
) -> None:
    plan = own_planner.plan(question, (), SATURDAY)
    held = PlaceFilter(plan.scope, own_register.cameras)
    assert {camera.camera for camera in own_register.cameras if not held.holds(camera)} == left_out
    assert "except" not in (plan.target or "") and plan.target in ("cars", "potholes", "dogs", "buses")


def test_whole_districts_stand_for_their_cameras(ask: Callable[..., Plan]) -> None:
    scope = ask("Count cars everywhere except RTC Complex").scope
    assert "Prakasam" in scope.districts and not scope.cameras
    assert scope.mandals == ("Mangalagiri",)


def test_a_follow_up_leaves_out_of_what_was_asked_before(ask: Callable[..., Plan]) -> None:
    plan = ask("everywhere but Benz Circle", "Count cars at each location in NTR district")
    assert plan.kind is Kind.RECALL
    assert plan.scope.mandals == () and plan.scope.locations == ("Kanaka Durga Temple",)


def test_outside_a_door_is_by_it_and_a_bar_is_no_exception(ask: Callable[..., Plan]) -> None:
    assert ask("How many people are queueing outside Benz Circle?").scope.locations == ("Benz Circle",)
    assert ask("How many people are in the bar at Benz Circle?").scope.locations == ("Benz Circle",)


def test_an_unknown_name_that_is_excepted_is_told(ask: Callable[..., Plan]) -> None:
    assert ask("Count cars everywhere except Timbuktu").scope.unknown == ("Timbuktu",)
