"""Sheets in other scripts, their old code pages, and the ways in which geographic programs write a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.sheet import read_sheet

# The encoding, the headings of camera, location, district, latitude and longitude, and the cells of one row.
SHEETS = {
    "Beijing": ("gb18030", "摄像头编号,位置,区,纬度,经度\nc1,天安门广场,东城区,39.9,116.4\n"),
    "Taipei": ("cp950", "攝影機,位置,區,緯度,經度\nc1,台北車站,中正區,25.05,121.52\n"),
    "Tokyo": ("cp932", "カメラ,場所,区,緯度,経度\nc1,渋谷駅前,渋谷区,35.66,139.7\n"),
    "Seoul": ("cp949", "카메라,위치,구,위도,경도\nc1,서울역 광장,용산구,37.55,126.97\n"),
    "Cairo": ("utf-8", "الكاميرا,الموقع,الحي,خط العرض,خط الطول\nc1,الميدان,وسط,٣٠٫٠٤,٣١٫٢٣\n"),
    "Nagpur": ("utf-8", "कैमरा,स्थान,जिला,अक्षांश,देशांतर\nc1,चौक,नागपुर,२१.१४,79.08\n"),
    "Guntur": ("utf-8", "కెమెరా,ప్రదేశం,జిల్లా,అక్షాంశం,రేఖాంశం\nc1,కూడలి,గుంటూరు,16.3,80.4\n"),
    "Chennai": ("utf-8-sig", "கேமரா,இடம்,மாவட்டம்,அட்சரேகை,தீர்க்கரேகை\nc1,சந்தை,சென்னை,13.08,80.27\n"),
    "Jakarta": ("utf-8", "Kamera,Lokasi,Kecamatan,Lintang,Bujur\nc1,Simpang,Menteng,-6.19,106.83\n"),
    "Kyiv": ("cp1251", "Камера;Адрес;Район;Широта;Долгота\nк1;Хрещатик;Центр;50,45;30,52\n"),
}


@pytest.mark.parametrize("town", SHEETS)
def test_a_sheet_in_another_script_is_understood(tmp_path: Path, town: str) -> None:
    encoding, text = SHEETS[town]
    path = tmp_path / "cameras.csv"
    path.write_bytes(text.encode(encoding))
    register = read_sheet(path).register
    headings, row = (line.split(";" if ";" in line else ",") for line in text.splitlines())
    fields = ("camera", "location", "district", "latitude", "longitude")
    assert [register.columns[field] for field in fields] == headings
    (camera,) = register.cameras
    assert [camera.camera, camera.location, camera.district] == row[:3]
    assert camera.placed
    assert register.problems == ()


@pytest.mark.parametrize("encoding", ["cp1251", "cp1252", "cp1250"])
def test_accents_and_cyrillic_are_not_taken_for_an_east_asian_script(tmp_path: Path, encoding: str) -> None:
    words = {
        "cp1251": "Дома;Школ;Завода;Рынк",  # each an even number of letters, as two-byte signs would be
        "cp1252": "Élysée à côté;Größe Füße;Ñandú niño",
        "cp1250": "Żółty rynek;Śródmieście;Příčná ulice",
    }[encoding]
    path = tmp_path / "cameras.csv"
    names = words.split(";")
    path.write_bytes(
        ("Camera;Location;Lat;Lon\n" + "".join(f"c{n};{name};50,1;14,4\n" for n, name in enumerate(names))).encode(
            encoding
        )
    )
    assert [camera.location for camera in read_sheet(path).register.cameras] == names


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Geometry", "POINT (80.4 16.3)"),
        ("geom", "SRID=4326;POINT Z(80.4 16.3 12.5)"),
        ("geo", '{"type": "Point", "coordinates": [80.4, 16.3]}'),
        ("Coordinates", "16.3 N 80.4 E"),
        ("Coordinates", "N 16.3 E 80.4"),
        ("Coordinates", "16.3 Nord, 80.4 Est"),
        ("Koordinaten", "16,3 N 80,4 O"),
        ("Coordenadas", "16.3 Norte, 80.4 Este"),
        ("Map link", "https://maps.google.com/?q=16.3,80.4"),
    ],
)
def test_one_cell_holds_a_place_as_other_programs_write_it(tmp_path: Path, heading: str, cell: str) -> None:
    path = tmp_path / "cameras.csv"
    quoted = cell.replace('"', '""')
    path.write_text(f'Camera,{heading}\nc1,"{quoted}"\nc2,"{quoted}"\n', encoding="utf-8")
    assert [(c.latitude, c.longitude) for c in read_sheet(path).register.cameras] == [(16.3, 80.4)] * 2


@pytest.mark.parametrize(
    ("headings", "longitude"),
    [
        ("Breitengrad;Längengrad", 3.7),  # Ost
        ("Breedtegraad;Lengtegraad", 3.7),  # Oost
        ("Latitud;Longitud", -3.7),  # Oeste
        ("Latitudine;Longitudine", -3.7),  # Ovest
    ],
)
def test_the_letter_o_is_east_or_west_by_the_headings_language(tmp_path: Path, headings: str, longitude: float) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text(f"Camera;{headings}\nc1;40,4 N;3,7 O\n", encoding="utf-8")
    (camera,) = read_sheet(path).register.cameras
    assert (camera.latitude, camera.longitude) == (40.4, longitude)


def test_the_letter_o_under_a_heading_of_no_language_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    path.write_text("Camera,Latitude,Longitude\nc1,40.4 N,3.7 O\n", encoding="utf-8")
    register = read_sheet(path).register
    assert register.placed == 0
    assert [problem.code for problem in register.problems] == ["not_a_coordinate"]
