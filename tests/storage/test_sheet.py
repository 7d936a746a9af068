from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import RegisterUnreadable
from storage.register import Register
from storage.sheet import read_register

HEAD = ("Camera IP", "Location", "District", "Latitude", "Longitude")
Rows = Sequence[Sequence[object]]


def workbook(path: Path, rows: Rows, **others: Rows) -> Path:
    book = openpyxl.Workbook()
    sheets = {"Cameras": rows, **others}
    for name, content in sheets.items():
        sheet = book.create_sheet(name)
        for row in content:
            sheet.append(list(row))
    book.remove(book.worksheets[0])
    book.save(path)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(content.encode(encoding))
    return path


def read(tmp_path: Path, *rows: Sequence[object], head: Sequence[object] = HEAD) -> Register:
    return read_register(workbook(tmp_path / "cameras.xlsx", [head, *rows]))


def told(register: Register) -> list[tuple[int, str | None, str]]:
    return [(problem.row, problem.column, problem.code) for problem in register.problems]


def places(register: Register) -> dict[str, tuple[float | None, float | None]]:
    return {entry.camera: (entry.latitude, entry.longitude) for entry in register.cameras}


def test_a_good_sheet_is_read_without_a_problem(tmp_path: Path) -> None:
    register = read(tmp_path, ["10.0.7.12", "Main Road", "North", 17.385, 78.4867], [101.0, "Gate", "South", 17, 78])
    assert told(register) == []
    assert (register.rows, register.placed) == (2, 2)
    assert places(register) == {"10.0.7.12": (17.385, 78.4867), "101": (17.0, 78.0)}
    found = register.find("010.000.007.012")
    assert found is not None
    assert (found.row, found.location, found.district) == (2, "Main Road", "North")
    assert register.districts() == ("North", "South")
    assert register.headings == HEAD
    assert register.columns["latitude"] == "Latitude"


def test_the_version_is_that_of_the_bytes(tmp_path: Path) -> None:
    one, two = text(tmp_path / "a.csv", "Camera,Lat,Lon\nx,1,2\n"), text(tmp_path / "b.csv", "Camera,Lat,Lon\nx,1,2\n")
    three = text(tmp_path / "c.csv", "Camera,Lat,Lon\nx,1,3\n")
    assert read_register(one).version == read_register(two).version != read_register(three).version


def test_each_row_that_cannot_be_placed_is_kept_and_listed(tmp_path: Path) -> None:
    bad: list[tuple[object, object, str, str]] = [
        (91, 78.0, "Latitude", "out_of_range"),
        (17.0, 181, "Longitude", "out_of_range"),
        ("NaN", 78.0, "Latitude", "not_a_coordinate"),
        (17.0, "inf", "Longitude", "not_a_coordinate"),
        (17.0, "n/a", "Longitude", "not_a_coordinate"),
        (0, 0, "Latitude", "zero_zero"),
        (None, None, "Latitude", "no_coordinates"),
        (17.0, None, "Longitude", "no_coordinates"),
    ]
    good = [[f"good{i}", "", "", 17 + i / 100, 78 + i / 100] for i in range(20)]
    register = read(tmp_path, *good, *([f"bad{i}", "x", "y", *row[:2]] for i, row in enumerate(bad)))
    assert told(register) == [(22 + i, row[2], row[3]) for i, row in enumerate(bad)]
    assert len(register.cameras) == register.rows == 28
    assert register.placed == 20
    assert all(entry.location == "x" for entry in register.cameras if entry.camera.startswith("bad"))


def test_decimal_commas_degrees_and_pairs_are_read(tmp_path: Path) -> None:
    register = read(
        tmp_path,
        ["a", "", "", "17,5", "78,25"],
        ["b", "", "", "17°30′N", "78°15′E"],
        ["c", "", "", "17.5, 78.25", None],
        ["d", "", "", "17.5, 78.25", "17.5, 78.25"],
        ["e", "", "", None, "17.5;78.25"],
    )
    assert told(register) == []
    assert set(places(register).values()) == {(17.5, 78.25)}


def test_one_column_may_hold_both_coordinates(tmp_path: Path) -> None:
    register = read(
        tmp_path, ["a", "17.5,78.25"], ["b", "17,78"], ["c", "nowhere"], ["d", None], head=["Camera", "Lat/Long"]
    )
    assert places(register) == {"a": (17.5, 78.25), "b": (17, 78), "c": (None, None), "d": (None, None)}
    assert told(register) == [(4, "Lat/Long", "not_a_coordinate"), (5, "Lat/Long", "no_coordinates")]
    assert register.columns["latitude"] == register.columns["longitude"] == "Lat/Long"


@pytest.mark.parametrize(("east", "north"), [(78.4, 17.4), (-122.4, 37.8), (139.7, 35.7)])
def test_exchanged_columns_are_mended_and_reported_once(tmp_path: Path, east: float, north: float) -> None:
    register = read(tmp_path, *([f"c{i}", "", "", east + i / 100, north + i / 100] for i in range(5)))
    assert places(register)["c0"] == (north, east)
    assert told(register) == [(1, "Latitude", "columns_swapped")]
    assert register.placed == 5


def test_columns_that_a_person_chose_are_not_exchanged(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [["Id", "Lat", "Lon"], *([f"c{i}", 78.2, 15.6 + i / 100] for i in range(5))])
    chosen = {"camera": "Id", "latitude": "Lat", "longitude": "Lon"}
    assert read_register(path, chosen).cameras[0].latitude == 78.2
    with pytest.raises(RegisterUnreadable, match="Breadth"):
        read_register(path, {"latitude": "Breadth"})


def test_a_row_exchanged_among_many_is_mended_and_reported(tmp_path: Path) -> None:
    good = [[f"c{i}", "", "", 17.4 + i / 100, 78.4 + i / 100] for i in range(20)]
    register = read(tmp_path, *good, ["odd", "", "", 78.45, 17.45])
    assert places(register)["odd"] == (17.45, 78.45)
    assert told(register) == [(22, "Latitude", "row_swapped")]


@pytest.mark.parametrize("number", [3, 9, 11, 18])
def test_a_row_exchanged_among_few_is_mended_and_reported(tmp_path: Path, number: int) -> None:
    good = [[f"c{i}", "", "", 17.4 + i / 100, 78.4 + i / 100] for i in range(number)]
    register = read(tmp_path, *good, ["odd", "", "", 78.45, 17.45])
    assert places(register)["odd"] == (17.45, 78.45)
    assert told(register) == [(number + 2, "Latitude", "row_swapped")]


@pytest.mark.parametrize(
    "places_of",
    [
        [(30.04, 31.24), (30.06, 31.2), (30.1, 31.3), (31.2, 29.92)],  # Cairo, and its mirror image Alexandria
        [(41.7, 44.8), (41.72, 44.79), (41.69, 44.85), (45.04, 41.97)],  # Tbilisi, and Stavropol
        [(17.4, 78.4), (78.2, 15.6)],  # two prove nothing: Svalbard has cameras too
        [(17.4, 78.4), (17.5, 78.5), (78.4, 17.4), (78.5, 17.5)],  # nor do halves
        [(17.4, 78.4), (52.5, 13.4), (-33.9, 18.4), (40.7, -74.0), (18.4, -33.9)],  # nor a sheet of all the world
    ],
)
def test_few_rows_are_exchanged_only_where_nothing_else_is_possible(
    tmp_path: Path, places_of: list[tuple[float, float]]
) -> None:
    register = read(tmp_path, *([f"c{i}", "", "", *place] for i, place in enumerate(places_of)))
    assert told(register) == []
    assert list(places(register).values()) == places_of


def test_nothing_is_exchanged_where_both_readings_lie_among_the_others(tmp_path: Path) -> None:
    rows = [[f"c{i}", "", "", 30 + i / 20, 31 + i / 20] for i in range(20)]  # as in Cairo
    register = read(tmp_path, *rows)
    assert told(register) == []
    assert places(register)["c3"] == (30.15, 31.15)


def test_a_far_place_is_not_moved(tmp_path: Path) -> None:
    good = [[f"c{i}", "", "", 17.4 + i / 100, 78.4 + i / 100] for i in range(20)]
    register = read(tmp_path, *good, ["far", "", "", 52.5, 13.4], ["high", "", "", 91, 78.4])
    assert places(register)["far"] == (52.5, 13.4)
    assert told(register) == [(23, "Latitude", "out_of_range")]


def test_hemisphere_letters_outdo_headings_and_it_is_reported(tmp_path: Path) -> None:
    register = read(tmp_path, ["a", "", "", "78°15'E", "17°30'N"], ["b", "", "", "78.25 E", "17.5 E"])
    assert places(register) == {"a": (17.5, 78.25), "b": (None, None)}
    assert told(register) == [(2, "Latitude", "row_swapped"), (3, "Latitude", "not_a_coordinate")]


def test_empty_and_repeated_keys_are_listed_and_the_first_counts(tmp_path: Path) -> None:
    register = read(tmp_path, ["A-1", "one", "", 1, 2], [None, "nameless", "", 3, 4], ["a-1", "two", "", 5, 6])
    assert told(register) == [(3, "Camera IP", "empty_key"), (4, "Camera IP", "duplicate_key")]
    assert (register.rows, register.placed, len(register.known), len(register.cameras)) == (3, 1, 1, 3)
    assert (found := register.find("a-1")) is not None
    assert found.location == "one"
    assert register.find("") is None


@pytest.mark.parametrize(
    "total",
    [
        ["Total", None, None, None, None],
        [None, "TOTAL", None, 35.5, None],
        ["Grand Total:", 2, None, None, None],
        [None, None, "Total cameras", 2, None],
    ],
)
def test_a_row_of_totals_is_a_problem_and_no_camera(tmp_path: Path, total: list[object]) -> None:
    register = read(tmp_path, ["a", "Total Mall", "", 1, 2], ["b", "Sum Street", "", None, None], total)
    assert [entry.camera for entry in register.cameras] == ["a", "b"]
    assert [code for row, _, code in told(register) if row == 4] == ["total_row"]
    assert register.rows == 3


def test_row_numbers_are_the_spreadsheets_with_titles_gaps_and_hidden_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["B2"] = "Cameras of the city"
    for column, heading in zip("BCEF", ("Camera", "Location", "Lat", "Lon"), strict=True):  # column D is blank
        sheet[f"{column}5"] = heading
    sheet["B7"], sheet["E7"], sheet["F7"] = "a", 1, 2
    sheet["B8"], sheet["E8"], sheet["F8"] = "b", "x", 2
    sheet["B11"], sheet["E11"], sheet["F11"] = "c", "y", 2
    sheet.row_dimensions[8].hidden = True
    book.save(tmp_path / "a.xlsx")
    register = read_register(tmp_path / "a.xlsx")
    assert [entry.row for entry in register.cameras] == [7, 8, 11]
    assert told(register) == [(8, "Lat", "not_a_coordinate"), (11, "Lat", "not_a_coordinate")]
    assert register.headings == ("Camera", "Location", "Lat", "Lon")


def test_the_sheet_with_the_cameras_is_found_and_a_second_one_is_named(tmp_path: Path) -> None:
    rows = [HEAD, ["a", "", "", 1, 2]]
    path = workbook(tmp_path / "a.xlsx", [["Notes"], ["Call Ravi"]], Empty=[], Places=rows)
    assert (read_register(path).placed, told(read_register(path))) == (1, [])
    two = read_register(workbook(tmp_path / "b.xlsx", rows, North=[HEAD, ["b", "", "", 1, 2]]))
    assert [entry.camera for entry in two.cameras] == ["a"]
    assert [(problem.code, problem.value) for problem in two.problems] == [("other_sheet", "North")]


def test_an_empty_template_before_the_sheet_with_the_cameras_is_passed_over(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [HEAD], Filled=[HEAD, ["a", "", "", 1, 2]])
    assert (read_register(path).placed, told(read_register(path))) == (1, [])


def test_cells_merged_downwards_count_for_each_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in ([], ["", *HEAD], *(["", f"c{i}", "", "North" if i == 0 else "", 1, 2] for i in range(3))):
        sheet.append(row)
    sheet.append(["", "c3", "", "", 1, 2])
    sheet.merge_cells("D3:D5")
    sheet.merge_cells("A1:F1")
    sheet.merge_cells("C3:C9")
    book.save(tmp_path / "a.xlsx")
    register = read_register(tmp_path / "a.xlsx")
    assert [entry.district for entry in register.cameras] == ["North", "North", "North", None]
    assert (register.rows, told(register)) == (4, [])


def test_headings_repeated_on_each_page_are_no_cameras(tmp_path: Path) -> None:
    register = read(tmp_path, ["a", "", "", 1, 2], HEAD, ["b", "", "", 3, 4])
    assert [entry.camera for entry in register.cameras] == ["a", "b"]
    assert told(register) == [(3, "Camera IP", "repeated_headings")]


def test_placeholders_are_no_names(tmp_path: Path) -> None:
    register = read(tmp_path, ["-", "N/A", "", 1, 2], ["NA", "", "nil", 3, 4], ["10.0.7.12\u200b ", "", "", 5, 6])
    assert told(register) == [(2, "Camera IP", "empty_key"), (3, "Camera IP", "empty_key")]
    assert register.find("10.0.7.12") is not None
    assert [(entry.location, entry.district) for entry in register.cameras[:2]] == [(None, None), (None, None)]


def test_a_column_of_pairs_may_begin_with_the_longitude(tmp_path: Path) -> None:
    assert places(read(tmp_path, ["a", "13.4, 52.5"], head=["Camera", "Long/Lat"])) == {"a": (52.5, 13.4)}
    rows = [[f"c{i}", f"78.4, 17.{i}"] for i in range(5)]
    register = read(tmp_path, *rows, head=["Camera", "GPS"])
    assert places(register)["c1"] == (17.1, 78.4)
    assert told(register) == [(1, "GPS", "columns_swapped")]


def test_headings_without_rows_are_a_register_of_nothing(tmp_path: Path) -> None:
    register = read(tmp_path)
    assert (register.rows, register.placed, told(register)) == (0, 0, [])


def test_missing_columns_are_one_problem_not_one_for_each_row(tmp_path: Path) -> None:
    register = read(tmp_path, ["a", "x"], ["b", "y"], head=["Camera", "Location"])
    assert (register.rows, register.placed, told(register)) == (2, 0, [(1, None, "no_coordinate_columns")])
    nameless = read_register(workbook(tmp_path / "b.xlsx", [["P", "Q"], ["a", 5]]))
    assert told(nameless) == [(1, None, "no_camera_column"), (1, None, "no_coordinate_columns")]
    assert (nameless.rows, nameless.cameras, nameless.headings) == (1, (), ("P", "Q"))


def test_a_bad_picture_url_is_a_problem_that_leaves_the_camera_on_the_map(tmp_path: Path) -> None:
    urls = [
        "https://x.example/a.jpg",
        "gs://bucket/a.jpg",
        "file:///etc/passwd",
        "x.example/a.jpg",
        "http://",
        "http://a b/",
    ]
    register = read(
        tmp_path, *([f"c{i}", 1, 2, url] for i, url in enumerate(urls)), head=["Camera", "Lat", "Lon", "Image URL"]
    )
    assert told(register) == [(row, "Image URL", "bad_url") for row in (4, 5, 6, 7)]
    assert register.placed == 6
    assert [entry.picture_url for entry in register.cameras][:3] == [*urls[:2], None]


def test_a_password_in_a_bad_url_is_not_shown(tmp_path: Path) -> None:
    register = read(tmp_path, ["c", 1, 2, "rtsp://user:geheim@10.0.0.1/"], head=["Camera", "Lat", "Lon", "Image URL"])
    assert register.problems[0].code == "bad_url"
    assert "geheim" not in register.problems[0].value


def test_hostile_text_stays_text_and_a_long_one_is_cut_and_listed(tmp_path: Path) -> None:
    texts = ["<img src=x onerror=alert(1)>", "'; DROP TABLE cameras; --", "\u202eevil", "x" * 30_000]
    register = read(tmp_path, *([f"c{i}", value, "", 1, 2] for i, value in enumerate(texts)))
    assert [entry.location for entry in register.cameras][:3] == texts[:3]
    assert register.cameras[3].location == "x" * 500
    assert told(register) == [(5, "Location", "text_cut")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_is_read_whatever_parts_its_cells_and_encodes_its_letters(
    tmp_path: Path, separator: str, encoding: str
) -> None:
    rows = [
        ["Camera", "Location", "Lat", "Lon"],
        ["a", "Café, Großer Platz", "52.5", "13.4"],
        ["b", 'the "old" gate', "x", "1"],
    ]
    lines = [separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    register = read_register(text(tmp_path / "a.csv", "\r\n".join(lines), encoding))
    assert [entry.location for entry in register.cameras] == ["Café, Großer Platz", 'the "old" gate']
    assert (register.placed, told(register)) == (1, [(3, "Lat", "not_a_coordinate")])


def test_a_european_csv_is_read(tmp_path: Path) -> None:
    register = read_register(
        text(tmp_path / "a.csv", "sep=;\nKamera;Kamera-ID;Breitengrad;Längengrad\nx;a;52,5;13,4\n")
    )
    assert register.columns["camera"] == "Kamera-ID"
    assert places(register) == {"a": (52.5, 13.4)}


def test_a_cell_of_two_lines_is_one_row_and_blank_lines_count(tmp_path: Path) -> None:
    register = read_register(text(tmp_path / "a.csv", 'Camera,Location,Lat,Lon\na,"two\nlines",1,2\n\nb,,x,2\n'))
    assert [entry.location for entry in register.cameras] == ["two lines", None]
    assert told(register) == [(4, "Lat", "not_a_coordinate")]


cell = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=20),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cell, cell, cell, cell, cell), max_size=12))
def test_whatever_the_rows_hold_every_one_is_accounted_for(tmp_path: Path, rows: list[tuple[object, ...]]) -> None:
    register = read(tmp_path, *rows)
    filled = [row for row in rows if any(value is not None and str(value).strip() for value in row)]
    assert register.rows == len(filled)
    troubled = {problem.row for problem in register.problems}
    for entry in register.cameras:
        assert entry.placed or entry.row in troubled
        if entry.latitude is not None and entry.longitude is not None:
            assert math.isfinite(entry.latitude)
            assert abs(entry.latitude) <= 90
            assert abs(entry.longitude) <= 180
    totals = sum(problem.code in {"total_row", "note_row"} for problem in register.problems)
    assert len(register.cameras) + totals == register.rows
