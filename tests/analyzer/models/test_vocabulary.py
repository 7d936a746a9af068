"""What people say, and what a detector of COCO's classes can honestly make of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.models.model import Fit
from analyzer.models.vocabulary import COCO, LOOK_ALIKES, condition, meaning, normalise, plural

FULL = {
    "people": {"person"},
    "persons": {"person"},
    "pedestrians": {"person"},
    "number of people": {"person"},
    "people in the picture": {"person"},
    "visible people": {"person"},
    "cars": {"car"},
    "Cars": {"car"},
    "lorries": {"truck"},
    "HGVs": {"truck"},
    "motorbikes": {"motorcycle"},
    "scooters": {"motorcycle"},
    "scooty": {"motorcycle"},
    "bikes": {"motorcycle", "bicycle"},
    "two-wheelers": {"motorcycle", "bicycle"},
    "two wheelers": {"motorcycle", "bicycle"},
    "2-wheelers": {"motorcycle", "bicycle"},
    "four-wheelers": {"car", "bus", "truck"},
    "vehicles": {"car", "bus", "truck", "motorcycle"},
    "vehicles on the road": {"car", "bus", "truck", "motorcycle"},
    "heavy vehicles": {"bus", "truck"},
    "cars and buses": {"car", "bus"},
    "cars, trucks and buses": {"car", "truck", "bus"},
    "cats or dogs": {"cat", "dog"},
    "cattle": {"cow"},
    "luggage": {"backpack", "handbag", "suitcase"},
    "mobile phones": {"cell phone"},
    "traffic lights": {"traffic light"},
    "traffic signals": {"traffic light"},
    "aeroplanes": {"airplane"},
    "sofas": {"couch"},
    "knives": {"knife"},
    "buses": {"bus"},
    "hot dogs": {"hot dog"},
    "teddy bears": {"teddy bear"},
}
STAND_INS = {
    "traffic congestion": {"car", "bus", "truck", "motorcycle"},
    "heavy traffic": {"car", "bus", "truck", "motorcycle"},
    "congested junctions": {"car", "bus", "truck", "motorcycle"},
    "traffic jams": {"car", "bus", "truck", "motorcycle"},
    "busy roads": {"car", "bus", "truck", "motorcycle"},
    "crowd": {"person"},
    "crowded places": {"person"},
    "red cars": {"car"},
    "parked cars": {"car"},
    "people walking": {"person"},
    "people crossing the street": {"person"},
    "people on the road": {"person"},
    "children": {"person"},
    "school children": {"person"},
    "men": {"person"},
    "taxis": {"car"},
    "stray dogs": {"dog"},
    "buses at the bus stop": {"bus"},
    "cows on the road": {"cow"},
    "bicycles chained to railings": {"bicycle"},
    "people sat on the kerb": {"person"},
}
NONE = [
    "street lights",
    "accidents",
    "car accidents",
    "traffic violations",
    "people not wearing helmets",
    "people without helmets",
    "motorcycles without helmets",
    "people without umbrellas",
    "people with guns",
    "people wearing masks",
    "autos",
    "auto-rickshaws",
    "tuk-tuks",
    "bus stops",
    "car park",
    "water on the road",
    "potholes",
    "street lights and cars",
    "number plates",
    "people fighting each other",
    "broken glass",
    "traffic police",
    "garbage",
    "fire",
    "poor visibility",
    "xyzzy",
    "",
    "!!!",
]


@pytest.mark.parametrize("target", FULL)
def test_words_for_things_mean_their_classes(target: str) -> None:
    found = meaning(target)
    assert (found.fit, found.classes) == (Fit.FULL, frozenset(FULL[target]))
    assert found.noun


@pytest.mark.parametrize("target", STAND_INS)
def test_what_is_seen_only_in_part_is_a_labelled_stand_in(target: str) -> None:
    found = meaning(target)
    assert (found.fit, found.classes) == (Fit.STAND_IN, frozenset(STAND_INS[target]))
    assert found.note


@pytest.mark.parametrize("target", NONE)
def test_what_has_no_class_is_refused_with_a_sentence(target: str) -> None:
    found = meaning(target)
    assert (found.fit, found.classes) == (Fit.NONE, frozenset())
    assert found.note.endswith(".")


def test_what_a_class_leaves_out_is_said() -> None:
    assert "auto-rickshaw" in meaning("vehicles").leaves_out
    assert "motorcycles" in meaning("two-wheelers").leaves_out
    assert "auto-rickshaw" in meaning("autos").note


def test_a_street_light_is_no_traffic_light() -> None:
    assert "street lights" in meaning("street lights").note


def test_every_class_can_be_asked_for_by_its_name_in_singular_and_plural() -> None:
    assert len(COCO) == 80
    for name in COCO:
        for word in (name, plural(name), name.upper()):
            assert (meaning(word).fit, meaning(word).classes >= {name}) == (Fit.FULL, True), word


def test_look_alikes_are_classes_and_their_groups_meet_no_class_number() -> None:
    assert set(LOOK_ALIKES) <= set(COCO)
    assert max(LOOK_ALIKES.values()) < 0


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("images taken at night", "night"),
        ("night pictures", "night"),
        ("blurry images", "blurred"),
        ("out of focus cameras", "blurred"),
        ("poor visibility", "poor visibility"),
        ("fog", "foggy"),
        ("foggy areas", "foggy"),
        ("covered cameras", "blocked"),
        ("blocked view", "blocked"),
        ("too dark", "dark"),
        ("cars", None),
        ("street lights", None),
        ("", None),
    ],
)
def test_conditions_of_the_view_are_known_by_their_words(target: str, wanted: str | None) -> None:
    assert condition(target) == wanted


def test_hyphens_case_and_plurals_do_not_matter() -> None:
    assert normalise("Two-Wheelers") == normalise("two wheeler") == "two wheeler"
    assert normalise("Lorries, buses & people") == "lorry , bus and person"


@given(st.text(max_size=400))
def test_no_words_break_it(target: str) -> None:
    found = meaning(target)
    assert bool(found.classes) is (found.fit is not Fit.NONE)
    condition(target)
