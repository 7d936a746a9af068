"""Sheets as different towns would write them: each is understood without a question, or asks the right one."""

from __future__ import annotations

import datetime
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.headings import How
from storage.reading import Choice, Reading
from storage.sheet import read_sheet

Row = tuple[object, ...]

TEXTS: dict[str, tuple[str, str]] = {
    "Düsseldorf": (
        "cp1252",
        "Kamera-Nr.;Straße;Stadtbezirk;Geogr. Breite;Geogr. Länge;Kameratyp;Bild-URL\n"
        "K 1;Königsallee;Mitte;51,2244;6,7794;Dome;http://x.example/1.jpg\n"
        "K 2;Rheinufer;Nord;51,2301;6,7702;Bullet;\n"
        "\n",
    ),
    "Berlin, UTF-16": (
        "utf-16",
        "Kameranummer\tStandort\tBezirk\tBreite\tLänge\nA1\tAlexanderplatz\tMitte\t52,5219\t13,4132\n\n",
    ),
    "Paris": (
        "cp1252",
        "N° caméra;Libellé;Adresse;Arrondissement;Latitude (WGS84);Longitude (WGS84)\n"
        "C-12;Gare du Nord;18 rue de Dunkerque;10e;48,8809;2,3553\n"
        "C-13;Bastille;Pl. de la Bastille;11e;48,8532;2,3692\n"
        "\n",
    ),
    "Paris, one cell": (
        "utf-8",
        'Identifiant caméra,Emplacement,Quartier,Coordonnées GPS\nC-12,Gare,Nord,"48.8809, 2.3553"\n\n',
    ),
    "New York, a point": (
        "utf-8",
        "Camera Name,Cross Street,Borough,Location 1\n"
        'BQE @ Atlantic,Atlantic Ave,Brooklyn,"(40.6892, -74.0012)"\n'
        'FDR @ 34,34 St,Manhattan,"(40.7440, -73.9712)"\n'
        "\n",
    ),
    "Austin, x and y": (
        "utf-8",
        "OBJECTID,device_name,intersection,council_district,x,y,snapshot_url\n"
        "1,CAM-1,Main & 1st,District 3,-97.74,30.27,https://x.example/1.jpg\n"
        "2,CAM-2,Main & 2nd,District 3,-97.75,30.28,https://x.example/2.jpg\n"
        "3,CAM-3,Oak,District 4,-97.76,30.29,https://x.example/3.jpg\n"
        "\n",
    ),
    "São Paulo": (
        "cp1252",
        "Código da Câmera;Endereço;Bairro;Município;Latitude;Longitude;Link da imagem\n"
        "CAM-01;Av. Paulista, 1000;Bela Vista;São Paulo;-23,5614;-46,6559;\n"
        "CAM-02;R. Augusta;Consolação;São Paulo;-23,5531;-46,6570;\n"
        "\n",
    ),
    "Madrid": (
        "utf-8",
        "Nº Cámara;Dirección;Distrito;Latitud;Longitud\n"
        "28;Gran Vía;Centro;40.4200;-3.7025\n"
        "29;Alcalá;Centro;40.4190;-3.6930\n"
        "Total cámaras: 2;;;;\n"
        "\n",
    ),
    "Bologna": (
        "utf-8",
        "Codice telecamera;Ubicazione;Quartiere;Latitudine;Longitudine\nT1;Piazza Maggiore;Centro;44,4938;11,3427\n\n",
    ),
    "Amsterdam": ("utf-8", "Camera-ID;Locatie;Wijk;Breedtegraad;Lengtegraad\nN1;Dam;Centrum;52,3731;4,8922\n\n"),
    "no headings": ("utf-8", "10.0.0.1,Main Gate,17.385,78.486\n10.0.0.2,Yard,17.386,78.487\n\n"),
    "Moscow, cp1251": ("cp1251", "№ камеры;Адрес;Район;Широта;Долгота\n1;Тверская;ЦАО;55,7600;37,6100\n\n"),
    "a report with notes": (
        "utf-8",
        "Report generated 2026-01-05 by cctv@example.org\n"
        "Filter: all\n"
        "\n"
        "camera_id,camera_name,site,lat_dd,long_dd,status\n"
        "7,Gate A,HQ,59.33,18.06,ok\n"
        "8,Gate B,HQ,59.34,18.07,ok\n"
        "\n"
        "End of report\n"
        "* estimated\n"
        "\n",
    ),
    "Ankara": ("utf-8", "Kamera No;Mahalle;İlçe;Enlem;Boylam\nK1;Kızılay;Çankaya;39,9208;32,8541\n\n"),
    "Warsaw, cp1250": (
        "cp1250",
        "Nr kamery;Ulica;Dzielnica;Szerokość geograficzna;Długość geograficzna\n"
        "K1;Marszałkowska;Śródmieście;52,2297;21,0122\n"
        "\n",
    ),
    "a campus": (
        "utf-8",
        "Building,Camera Label,Floor,IP,GPS Lat,GPS Long\n"
        "Library,LIB-01,1,10.9.0.1,42.36,-71.09\n"
        "Library,LIB-02,2,10.9.0.2,42.36,-71.09\n"
        "\n",
    ),
    "a town with a total": (
        "utf-8",
        "CCTV Sl.No,CCTV Location (Junction / Road),Police Station Limits,Lattitude,Longtitude,No. of Cameras\n"
        "1,Clock Tower,Town PS,14.44,79.98,4\n"
        "2,RTC Bus Stand,Town PS,14.45,79.99,2\n"
        ",,,,Total,6\n"
        "\n",
    ),
}
BOOKS: dict[str, tuple[list[Row], tuple[str, ...]]] = {
    "a police station": (
        [
            ("CCTV CAMERAS INSTALLED UNDER SAFE CITY PROJECT",),
            (
                "Sl. No.",
                "Name of the Police Station",
                "Name of the Location",
                "Camera ID",
                "Ward No.",
                "Lat.",
                "Long.",
                "IP Address",
                "Date of installation",
                "Remarks",
            ),
            (
                1,
                "Saidabad PS",
                "IS Sadan X Roads",
                "SDB-001",
                12,
                17.3521,
                78.5112,
                "10.20.1.5",
                datetime.date(2024, 3, 1),
                "Working",
            ),
            (
                2,
                "Saidabad PS",
                "Champapet",
                "SDB-002",
                12,
                "17.3401 N",
                "78.5202 E",
                "10.20.1.6",
                datetime.date(2024, 3, 2),
                "",
            ),
            ("Note: data as on 31.03.2024, subject to verification",),
        ],
        (),
    ),
    "a highway by chainage": (
        [
            (
                "S.No",
                "Chainage (Km)",
                "Camera IP",
                "LHS/RHS",
                "Latitude (Deg. Min. Sec)",
                "Longitude (Deg. Min. Sec)",
                "District",
                "Type of Camera (Fixed/PTZ)",
            ),
            (1, "112+500", "10.1.1.1", "LHS", "17 21 30.5 N", "78 30 15 E", "Medak", "PTZ"),
            (2, "113+200", "10.1.1.2", "RHS", "17°22'10\"", "78°31'05\"", "Medak", "Fixed"),
        ],
        (),
    ),
    "two rows of headings": (
        [
            ("Sl No", "Site Details", "", "Geo Coordinates", "", "Camera"),
            ("", "Junction Name", "Zone", "Latitude", "Longitude", "IP"),
            (1, "Benz Circle", "East", 16.5, 80.6, "10.0.0.1"),
            (2, "Ring Road", "West", 16.51, 80.61, "10.0.0.2"),
        ],
        ("A1:A2", "B1:C1", "D1:E1"),
    ),
    "a projected grid": (
        [
            ("Kamera", "Standort", "Ostwert", "Nordwert"),
            ("A1", "Alex", 392500.1, 5820100.2),
            ("A2", "Zoo", 389500.1, 5819100.2),
        ],
        (),
    ),
    "an English council": (
        [
            ("Camera Ref", "Camera Location", "Ward", "Easting", "Northing", "Lat", "Lng", "Operational?"),
            ("CCTV 001", "High Street j/w Mill Lane", "Abbey", 451000, 206000, 51.75, -1.25, "Y"),
            ("CCTV 002", "Station Approach", "Abbey", 451100, 206100, 51.7534, -1.2699, "N"),
        ],
        (),
    ),
    "numbers as text": (
        [
            ("Asset ID", "Description", "LAT", "LON"),
            ("A-1", "Gate", "'17.385", " 78.486 "),
            ("A-2", "Yard", "17.386°", "78.487°"),
            ("A-3", "Mast", "N17.387", "E78.488"),
        ],
        (),
    ),
    "the spine, misspelt": (
        [
            (
                "Sno",
                "DEVICE NAME",
                "CAMERA IP",
                "OLD DIST",
                "NEW DIST",
                "MANDAL NAME",
                "LOCATION DESCRIPTION",
                "LATITUDE",
                "LONGITIDE",
                "CAMERA TYPE",
                "ANALYTIC TYPE",
            ),
            (1, "D1", "10.1.2.3", "Medak", "Siddipet", "Gajwel", "Bus stand", "17.85", "78.68", "Bullet", "ANPR"),
        ],
        (),
    ),
    "webcams": (
        [
            ("Stream", "Where", "Latitude/Longitude", "Thumbnail URL"),
            ("cam-a", "Pier", "54.32, 10.14", "http://x.example/a.jpg"),
            ("cam-b", "Beach", "54.33, 10.15", "nope"),
        ],
        (),
    ),
}
# Camera, latitude, longitude, location, district; how many are placed; what is wrong.
UNDERSTOOD: dict[str, tuple[str, int, list[str]]] = {
    "a police station": ("IP Address | Lat. | Long. | Name of the Location | -", 2, ["note_row"]),
    "a highway by chainage": ("Camera IP | Latitude (Deg. Min. Sec) | Longitude (Deg. Min. Sec) | - | District", 2, []),
    "two rows of headings": ("IP | Latitude | Longitude | Junction Name | -", 2, []),
    "Düsseldorf": ("Kamera-Nr. | Geogr. Breite | Geogr. Länge | Straße | Stadtbezirk", 2, []),
    "Berlin, UTF-16": ("Kameranummer | Breite | Länge | Standort | Bezirk", 1, []),
    "a projected grid": ("Kamera | - | - | Standort | -", 0, ["no_coordinate_columns"]),
    "an English council": ("Camera Ref | Lat | Lng | Camera Location | Ward", 2, []),
    "Paris": ("N° caméra | Latitude (WGS84) | Longitude (WGS84) | Libellé | Arrondissement", 2, []),
    "Paris, one cell": ("Identifiant caméra | Coordonnées GPS | Coordonnées GPS | Emplacement | Quartier", 1, []),
    "New York, a point": ("Camera Name | Location 1 | Location 1 | Cross Street | Borough", 2, []),
    "Austin, x and y": ("device_name | y | x | intersection | council_district", 3, []),
    "São Paulo": ("Código da Câmera | Latitude | Longitude | Endereço | Município", 2, []),
    "Madrid": ("Nº Cámara | Latitud | Longitud | Dirección | Distrito", 2, ["total_row"]),
    "Bologna": ("Codice telecamera | Latitudine | Longitudine | Ubicazione | Quartiere", 1, []),
    "Amsterdam": ("Camera-ID | Breedtegraad | Lengtegraad | Locatie | Wijk", 1, []),
    "numbers as text": ("Asset ID | LAT | LON | Description | -", 3, []),
    "the spine, misspelt": ("CAMERA IP | LATITUDE | LONGITIDE | LOCATION DESCRIPTION | NEW DIST", 1, []),
    "no headings": ("column A | - | - | - | -", 0, ["no_coordinate_columns"]),
    "webcams": ("Stream | Latitude/Longitude | Latitude/Longitude | Where | -", 2, ["bad_url"]),
    "Moscow, cp1251": ("№ камеры | Широта | Долгота | Адрес | Район", 1, []),
    "a report with notes": ("camera_id | lat_dd | long_dd | site | -", 2, ["note_row", "note_row"]),
    "Ankara": ("Kamera No | Enlem | Boylam | Mahalle | İlçe", 1, []),
    "Warsaw, cp1250": ("Nr kamery | Szerokość geograficzna | Długość geograficzna | Ulica | Dzielnica", 1, []),
    "a campus": ("IP | GPS Lat | GPS Long | Building | -", 2, []),
    "a town with a total": (
        "CCTV Sl.No | Lattitude | Longtitude | CCTV Location (Junction / Road) | -",
        2,
        ["total_row"],
    ),
}


def file(folder: Path, name: str) -> Path:
    if name in TEXTS:
        encoding, text = TEXTS[name]
        (folder / "a.csv").write_bytes(text.encode(encoding))
        return folder / "a.csv"
    rows, merges = BOOKS[name]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for merge in merges:
        book.active.merge_cells(merge)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def told(reading: Reading) -> tuple[str, int, list[str]]:
    headings = {found.field: found.heading for found in reading.columns}
    fields = ("camera", "latitude", "longitude", "location", "district")
    line = " | ".join(headings.get(field, "-") for field in fields)
    return line, reading.register.placed, [problem.code for problem in reading.register.problems]


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_a_sheet_of_another_town_is_understood(tmp_path: Path, name: str) -> None:
    """Parity S2.16."""
    assert told(read_sheet(file(tmp_path, name))) == UNDERSTOOD[name]


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_what_libreoffice_saves_is_read_alike(tmp_path: Path, ending: str) -> None:
    soffice = shutil.which("soffice")
    if soffice is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs LibreOffice: apt-get install --no-install-recommends libreoffice-calc")
        pytest.skip("no LibreOffice here: apt-get install libreoffice-calc")
    path = file(tmp_path, "two rows of headings")
    command = [soffice, f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", "--headless", "--convert-to", ending]
    subprocess.run([*command, "--outdir", str(tmp_path), str(path)], check=True, capture_output=True, timeout=120)
    assert told(read_sheet(path.with_suffix(f".{ending}"))) == UNDERSTOOD["two rows of headings"]


def test_columns_without_headings_are_chosen_by_their_letters(tmp_path: Path) -> None:
    path = file(tmp_path, "no headings")
    first = read_sheet(path)
    assert first.headings == ("column A", "column B", "column C", "column D")
    assert [(found.field, found.how) for found in first.columns] == [("camera", How.VALUES)]
    chosen = {"latitude": "column C", "longitude": "Column D", "location": "column B"}
    second = read_sheet(path, Choice(chosen))
    assert told(second) == ("column A | column C | column D | column B | -", 2, [])
    assert [entry.row for entry in second.register.cameras] == [1, 2]


def test_a_letter_counts_blank_columns_at_the_left(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["", "", "Cam", "", ""], ["", "", "a", 17.5, 78.5], ["", "", "b", 17.6, 78.6]):
        book.active.append([cell or None for cell in row])
    book.save(tmp_path / "a.xlsx")
    reading = read_sheet(tmp_path / "a.xlsx", Choice({"latitude": "column D", "longitude": "column E"}))
    assert told(reading)[:2] == ("Cam | column D | column E | - | -", 2)
    assert {found.how for found in reading.columns} == {How.ALIAS, How.POSITION}


def test_a_person_may_say_that_there_is_no_such_column_and_which_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Camera", "Ward", "Lat", "Lon"])
    book.active.append(["a", "5", 1, 2])
    other = book.create_sheet("Other")
    other.append(["Camera"])
    other.append(["x"])
    book.save(tmp_path / "a.xlsx")
    first = read_sheet(tmp_path / "a.xlsx", Choice({"district": ""}))
    assert told(first)[0] == "Camera | Lat | Lon | - | -"
    assert [(seen.name, seen.rows, seen.is_register) for seen in first.sheets] == [
        ("Sheet", 1, True),
        ("Other", 1, False),
    ]
    assert read_sheet(tmp_path / "a.xlsx", Choice(sheet="Other")).register.cameras[0].camera == "x"


def test_half_a_choice_of_two_coordinates_is_not_mixed_with_a_column_of_both(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('Camera,Coordinates,North\na,"1.5, 2.5",3.5\n')
    assert told(read_sheet(tmp_path / "a.csv"))[1] == 1
    half = read_sheet(tmp_path / "a.csv", Choice({"latitude": "North"}))
    assert told(half) == ("Camera | North | - | - | -", 0, ["no_coordinate_columns"])


def test_a_camera_with_words_for_a_name_is_no_note(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Camera,Lat,Lon\nMain Gate,1,2\nBack Gate,,\n")
    assert told(read_sheet(tmp_path / "a.csv"))[2] == ["no_coordinates"]


CELLS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.sampled_from(
        ["17.5", "17,5", "17°30′N", "78 15 00 E", "17.5, 78.5", "10.0.0.1", "Lat", "Camera", "Total", "=1+1", "\u202e"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, max_size=6), max_size=10), st.sampled_from([",", ";", "\t"]), st.booleans())
def test_whatever_a_text_holds_it_is_read_or_refused_in_a_sentence(
    tmp_path: Path, rows: list[list[str]], separator: str, chosen: bool
) -> None:
    """Threat row 24."""
    from core.errors import RegisterUnreadable

    text = "\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    (tmp_path / "a.csv").write_text(text, encoding="utf-8", newline="")
    try:
        reading = read_sheet(tmp_path / "a.csv", Choice({"camera": "column A", "district": ""} if chosen else {}))
    except RegisterUnreadable as error:
        assert error.sentence.endswith(".")
        return
    register = reading.register
    troubled = {problem.row for problem in register.problems}
    if {"latitude", "longitude"} <= set(register.columns):
        assert all(entry.placed or entry.row in troubled for entry in register.cameras)
    left_out = sum(problem.code in {"total_row", "repeated_headings", "note_row"} for problem in register.problems)
    assert "camera" not in register.columns or len(register.cameras) + left_out == register.rows
