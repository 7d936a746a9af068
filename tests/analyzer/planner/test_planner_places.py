"""Names of places, against registers that hold them, half hold them, or don't."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from analyzer.plan import Plan, Scope
from analyzer.planner import Planner
from storage.register import EMPTY_REGISTER, Register, RegisteredCamera


@pytest.mark.parametrize(
    ("words", "scope"),
    [
        ("in Guntur", Scope(districts=("Guntur",))),
        ("in GUNTUR dist.", Scope(districts=("Guntur",))),
        ("in gunter district", Scope(districts=("Guntur",))),
        ("in Guntoor", Scope(districts=("Guntur",))),
        ("in Nellore", Scope(districts=("Sri Potti Sriramulu Nellore",))),
        ("in Tenali mandal", Scope(mandals=("Tenali",))),
        ("at benz circel", Scope(locations=("Benz Circle",))),
        ("at circle benz", Scope(locations=("Benz Circle",))),
        ("at Hindu College", Scope(locations=("Hindu College Junction",))),
        ("on Railway Station Road", Scope(locations=("Railway Station Road",))),
        ("at 10.4.2.17", Scope(cameras=("10.4.2.17",))),
        ("on cam 7", Scope(cameras=("CAM-07",))),
        ("in Guntur, Krishna and Atlantis", Scope(districts=("Guntur", "Krishna"), unknown=("Atlantis",))),
        ("in New York", Scope(unknown=("New York",))),
        ("at 10.9.9.9", Scope(unknown=("10.9.9.9",))),
    ],
)
def test_a_name_is_written_as_in_the_register(ask: Callable[..., Plan], words: str, scope: Scope) -> None:
    plan = ask(f"How many cars {words}?")
    assert plan.scope == scope
    assert plan.target == "cars"


@pytest.mark.parametrize(
    "target", ["men in uniform", "people in sarees", "people at the market", "people in red jackets", "women in khaki"]
)
def test_what_people_wear_or_stand_at_is_no_unknown_place(ask: Callable[..., Plan], target: str) -> None:
    plan = ask(f"Find {target}")
    assert plan.target == target
    assert plan.scope == Scope()


def test_an_everyday_word_that_is_a_name_needs_a_preposition() -> None:
    register = Register("shops", "v", {}, (RegisteredCamera(2, "c1", location="Bath", district="Reading"),))
    planner = Planner(register, ZoneInfo("Europe/London"))
    assert planner.plan("How many people are reading?").scope == Scope()
    assert planner.plan("How many people in Reading?").scope.districts == ("Reading",)


def test_without_a_register_names_are_unknown() -> None:
    planner = Planner(EMPTY_REGISTER, None)
    assert planner.plan("How many cars in Guntur?").scope == Scope(unknown=("Guntur",))


def test_a_name_both_old_and_new_means_the_new_district(own_planner: Planner) -> None:
    guntur = own_planner.plan("And in Palnadu?", ["How many cars in Guntur?"])
    assert str(guntur.kind) == "look"  # Palnadu was in the old Guntur; the new one doesn't cover it


def test_a_row_that_names_no_camera_is_no_place_that_any_word_means() -> None:
    """Parity S2.16: the register has rows with an empty key."""
    rows = (RegisteredCamera(2, "10.0.0.1", "Gate"), RegisteredCamera(3, "", "Yard"))
    plan = Planner(Register("a", "", {}, rows), ZoneInfo("UTC")).plan("How many people are in each image?")
    assert plan.scope == Scope()
