from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.aliases import ALIASES
from storage.headings import Row, find_headings

SPINE = [
    *("S.No", "CAMERA IP", "Old DISTRICT", "NEW DISTRICT", "MANDAL", "Location Name", " LATITUDE ", "LONGITUDE"),
    *("TYPE OF CAMERA", "TYPE OF Analytics"),
]


def columns(*headings: object, chosen: Mapping[str, str] | None = None) -> dict[str, object]:
    found = find_headings([(1, headings)], chosen)
    return {} if found is None else {field: headings[column] for field, column in found.of.items()}


def test_the_spines_headings_are_recognised() -> None:
    """S2.16: the nine columns, whatever blanks stand around them."""
    assert columns(*SPINE) == {
        "camera": "CAMERA IP",
        "old_district": "Old DISTRICT",
        "district": "NEW DISTRICT",
        "mandal": "MANDAL",
        "location": "Location Name",
        "latitude": " LATITUDE ",
        "longitude": "LONGITUDE",
        "camera_type": "TYPE OF CAMERA",
        "analytics_type": "TYPE OF Analytics",
    }


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        *(("Lat", "Long"), ("lat.", "lng"), ("Lattitude", "Longitute"), ("LATITUDE (N)", "LONGITUDE (E)")),
        *(("Latitute", "Langitude"), ("gps_lat", "gps_lon"), ("Latitude*", "Longitude*"), ("Latitud", "Longitud")),
    ],
)
def test_near_spellings_are_recognised(latitude: str, longitude: str) -> None:
    found = columns("Camera", latitude, longitude)
    assert (found["latitude"], found["longitude"]) == (latitude, longitude)


@pytest.mark.parametrize(
    "heading", ["Latest update", "Belongs to", "S.No", "Altitude", "Late", "Belong", "Remarks", "Along"]
)
def test_what_only_looks_alike_is_not_taken(heading: str) -> None:
    assert set(columns("Camera IP", "Location", heading)) == {"camera", "location"}


@pytest.mark.parametrize("heading", ["Lat/Long", "LatLng", "Latitude, Longitude", "GPS Coordinates", "Co-ordinates"])
def test_one_column_for_both_coordinates_is_recognised(heading: str) -> None:
    assert columns("Camera IP", heading) == {"camera": "Camera IP", "pair": heading}


def test_words_in_another_order_are_recognised() -> None:
    found = columns("Name of the District", "Camera's IP", "Latitude in degrees", "Longitude in degrees", 2026)
    assert set(found) == {"camera", "district", "latitude", "longitude"}
    assert columns("Type of the Camera", "IP", "Camera location")["camera_type"] == "Type of the Camera"


def test_the_more_telling_of_two_headings_wins() -> None:
    assert columns("Camera Name", "Camera IP", "Lat", "Lon")["camera"] == "Camera IP"
    assert columns("Address", "Location Name", "IP")["location"] == "Location Name"
    assert columns("IP", "Latitude", "GPS", "Longitude") == {
        "camera": "IP",
        "latitude": "Latitude",
        "longitude": "Longitude",
    }


def test_the_only_district_is_the_district() -> None:
    assert columns("IP", "District")["district"] == "District"
    assert columns("IP", "Old District")["district"] == "Old District"


def test_headings_below_titles_are_found() -> None:
    rows: list[Row] = [
        (1, ["Camera locations 2026"]),
        (3, ["Prepared by", "Traffic desk"]),
        (5, SPINE),
        (6, [1.0, "10.0.7.12"]),
    ]
    found = find_headings(rows)
    assert found is not None
    assert found.row == 5


def test_headings_in_two_rows_are_joined() -> None:
    rows: list[Row] = [
        (1, ["Camera IP", "Location", "Coordinates"]),
        (2, ["", "", "Lat", "Long"]),
        (3, ["10.0.0.1", "x", 1.5, 2.5]),
    ]
    found = find_headings(rows)
    assert found is not None
    assert (found.row, found.of["camera"], found.of["latitude"], found.of["longitude"]) == (2, 0, 2, 3)


def test_rows_of_values_are_no_headings() -> None:
    assert find_headings([(1, ["10.0.0.1", "Main Road", 17.0, 78.0]), (2, ["10.0.0.2", "Gate", 17.1, 78.1])]) is None


def test_a_persons_choice_is_obeyed() -> None:
    assert columns("Code", "IP", "N", "E", chosen={"camera": "Code", "latitude": "n", "longitude": "E"}) == {
        "camera": "Code",
        "latitude": "N",
        "longitude": "E",
    }
    assert (
        columns("Code", "Where", chosen={"camera": "Code", "latitude": "Where", "longitude": "Where"})["pair"]
        == "Where"
    )
    assert columns("Code", "IP", chosen={"camera": "Cod"}) == {}


def test_no_alias_stands_for_two_fields_and_each_is_in_the_form_compared() -> None:
    names = [name for aliases in ALIASES.values() for name in aliases]
    assert len(names) == len(set(names))
    assert all(columns(name, "Camera IP", "Lat", "Lon") for name in names)


@given(st.lists(st.one_of(st.text(max_size=30), st.floats(), st.integers()), max_size=12))
def test_any_row_is_looked_at_without_an_error(cells: list[object]) -> None:
    find_headings([(1, cells), (2, cells)])
