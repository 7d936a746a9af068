from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.coordinates import read_angle, read_pair


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        (17.385, 17.385),
        (-17, -17.0),
        ("17.385", 17.385),
        ("+17.385", 17.385),
        ("17,385", 17.385),
        ("12,5", 12.5),
        (" 17.385° ", 17.385),
        ("17.385 N", 17.385),
        ("17.385°S", -17.385),
        ("S 17.385", -17.385),
        ("−17.385", -17.385),
        ("1.7385E1", 17.385),
        ("51°30′N", 51.5),
        ("51°30'N", 51.5),
        ("51° 30’ 36” N", 51.51),
        ("51º30´36´´ n", 51.51),
        ("51 30 36 N", 51.51),
        ("51:30:36", 51.51),
        ("N51°30.6'", 51.51),
        ("51°30,6' N", 51.51),
        ("51 deg 30 min 36 sec", 51.51),
        ("51d30m36", 51.51),
        ("0°7'39\"W", -0.1275),
        ("-0°7'39\"", -0.1275),
        ("17.385 North", 17.385),
    ],
)
def test_a_coordinate_is_read_however_it_is_written(cell: object, degrees: float) -> None:
    angle = read_angle(cell)
    assert angle is not None
    assert angle.degrees == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "",
            "north",
            "n/a",
            "-",
            "nan",
            "inf",
            "17.385.1",
            "1_7",
            "17 385",
            "51°75'N",
            "51.5°30'N",
            "N 51 S",
            "-51 S",
        ),
        *(float("nan"), float("inf"), True, "17,385,044", "2026-01-31 00:00:00", "10.0.7.12", "0x11", "=1+1"),
    ],
)
def test_what_is_no_coordinate_is_not_guessed(cell: object) -> None:
    assert read_angle(cell) is None


def test_a_hemisphere_tells_the_axis() -> None:
    assert [getattr(read_angle(cell), "axis", None) for cell in ("51°30'N", "0°7'W", "51.5")] == ["lat", "lon", ""]


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "17.385,78.4867",
            "17.385, 78.4867",
            "17.385;78.4867",
            "17.385 78.4867",
            "(17.385 , 78.4867)",
            "17.385/78.4867",
        ),
        *("17,385; 78,4867", "17,385 78,4867", "17,385, 78,4867", "17,385,78,4867", "17.385°N 78.4867°E"),
        *("N17.385 E78.4867", "78.4867 E, 17.385 N", "Lat: 17.385, Long: 78.4867", "lat 17.385 lon 78.4867"),
        *("17.385\n78.4867", "[17.385, 78.4867]", "geo:17.385,78.4867", "17°23'6\"N 78°29'12.12\"E"),
        "https://www.google.com/maps/@17.385,78.4867,15z",
        "https://maps.google.com/?q=17.385,78.4867",
    ],
)
def test_both_coordinates_are_read_out_of_one_cell(cell: str) -> None:
    assert read_pair(cell) == pytest.approx((17.385, 78.4867), abs=1e-9)


@pytest.mark.parametrize(
    "cell", ["", "17.385", "here, there", "1,2,3", "17N, 18N", 17.385, "a" * 10_000, "https://x.example/"]
)
def test_what_is_no_pair_is_not_guessed(cell: object) -> None:
    assert read_pair(cell) is None


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_pair_is_read_back_as_it_was_written(latitude: float, longitude: float) -> None:
    assert read_pair(f"{latitude:.6f}, {longitude:.6f}") == (round(latitude, 6), round(longitude, 6))


@given(st.integers(0, 89), st.integers(0, 59), st.integers(0, 59), st.sampled_from("NS"))
def test_degrees_minutes_and_seconds_are_read_back(degrees: int, minutes: int, seconds: int, letter: str) -> None:
    angle = read_angle(f"{degrees}°{minutes}′{seconds}″{letter}")
    assert angle is not None
    expected = (degrees + minutes / 60 + seconds / 3600) * (1 if letter == "N" else -1)
    assert angle.degrees == pytest.approx(expected)


@given(st.one_of(st.text(max_size=60), st.floats(), st.integers(), st.booleans()))
def test_any_cell_is_read_without_an_error(cell: object) -> None:
    read_angle(cell)
    read_pair(cell)


@pytest.mark.parametrize(
    "written", ["N 40.5 W 3.25", "40.5 N 3.25 W", "40.5N 3.25W", "N40.5, W3.25", "W 3.25 N 40.5", "40° 30' N 3° 15' W"]
)
def test_hemisphere_letters_part_a_pair_on_either_side_of_its_numbers(written: str) -> None:
    assert read_pair(written) == (40.5, -3.25)
