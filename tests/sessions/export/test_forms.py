"""One answer in every form: the figures are the page's, every cell is inert, and what comes is complete."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl  # type: ignore[import-untyped]
import pytest

from analyzer.groups import UNBOUNDED, judged
from core.errors import Conflict, PictureUnreadable
from core.states import Outcome
from sessions.export.cells import OBSERVATIONS, inert
from sessions.export.document import answer_document
from sessions.export.drawing import draw
from sessions.export.extract import Extract, plain_name
from sessions.export.features import feature_collection
from sessions.export.report import report
from sessions.export.table import csv_lines
from sessions.export.workbook import workbook
from sessions.views import MessageView, Place
from storage import figures as figures_module
from storage.database import Database
from storage.figures import FigureStore, Viewpoint
from storage.observations import Observation
from storage.slices import Slice, Threshold
from tests.sessions.desk import Desk
from tests.sessions.export.conftest import ADDRESS

RUNNABLE = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://evil")', "＝1+1"]
PIXEL = b"\xff\xd8\xff\xd9"


def whole(pieces: Iterator[bytes]) -> bytes:
    return b"".join(pieces)


def rows_of(extract: Extract) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(whole(csv_lines(extract)).decode("utf-8-sig"), newline="")))


def book_of(extract: Extract, folder: Path) -> Any:
    return openpyxl.load_workbook(io.BytesIO(whole(workbook(extract, folder))))


def hostile(extract: Extract, count: int = 9) -> Extract:
    """The same answer whose places, file names and model's words are what a spreadsheet would run."""

    def seen() -> Iterator[Observation]:
        for number, one in enumerate(extract.observations()):
            if number < count:
                text = RUNNABLE[number]
                yield replace(one, name=text, location=text, text=text, reason=text, camera=text, longitude=-7.5)

    return replace(extract, observations=seen)


def test_the_csv_has_a_line_for_each_observation_and_the_pictures_address(extract: Extract) -> None:
    content = whole(csv_lines(extract))
    assert content.startswith(b"\xef\xbb\xbfoutcome,count,location")
    rows = rows_of(extract)
    assert len(rows) == 24
    assert list(rows[0]) == [column.heading for column in OBSERVATIONS]
    tally = {outcome: sum(row["outcome"] == outcome for row in rows) for outcome in Outcome}
    assert tally == dict(extract.counts)
    assert sum(int(row["count"] or 0) for row in rows) == 22
    for row in rows:
        assert row["picture"] == f"{ADDRESS}/media/{row['picture_id']}"
    first = next(row for row in rows if row["file"] == "0.jpg")
    assert (first["taken_at"], first["latitude"], first["district"]) == (
        "2026-03-14T09:30:00+05:30",
        "10.0",
        "Northside",
    )


def test_rows_come_by_place_and_camera_and_time(extract: Extract) -> None:
    rows = [(row["location"], row["camera"], row["taken_at"]) for row in rows_of(extract)]
    assert rows == sorted(rows)
    assert rows[0][0] == "", "what has no location comes first"


def test_no_cell_of_a_csv_runs_and_numbers_stay_numbers(extract: Extract) -> None:
    """Threat row 27."""
    for row, text in zip(rows_of(hostile(extract)), RUNNABLE, strict=True):
        for heading in ("file", "location", "text", "reason", "camera"):
            assert row[heading].replace("\r\n", "\n") == inert(text).replace("\r\n", "\n")
            assert row[heading].startswith("'")
        assert row["longitude"] == "-7.5"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Old Bus Stand", "Old Bus Stand"),
        ("", ""),
        ("a-b=c+d@e", "a-b=c+d@e"),
        ("=1", "'=1"),
        ("a;=1", "a;'=1"),
        ("two\nlines", "two\nlines"),
        ("two\n=1", "two\n'=1"),
        ("nul\0bell\x07half\ud800", "nul�bell�half�"),
    ],
)  # fmt: skip
def test_text_is_made_inert_and_otherwise_left_alone(text: str, safe: str) -> None:
    assert inert(text) == safe


def test_the_workbook_has_three_sheets_with_the_answers_own_figures(extract: Extract, tmp_path: Path) -> None:
    book = book_of(extract, tmp_path / "tmp")
    assert book.sheetnames == ["Answer", "Observations", "Places"]
    told = {row[0]: row[1:] for row in book["Answer"].iter_rows(values_only=True) if row[0]}
    assert told["Question"][0] == "Count people at each location"
    assert told["Headline"][0] == extract.answer["headline"]
    assert told["Page"][0] == f"{ADDRESS}/s/{extract.message.row.session_id}/{extract.message.id}"
    lines = [row[:4] for row in book["Answer"].iter_rows(values_only=True)]
    by_outcome = lines[lines.index(("Pictures by outcome", "count", None, None)) + 1 :][:4]
    assert by_outcome == [(str(outcome), number, None, None) for outcome, number in extract.counts.items()]
    figures = lines[lines.index(("Figures", "value", "of", "unit")) + 1 :]
    for line, figure in zip(figures, extract.answer["figures"], strict=False):
        assert line == (figure["label"], figure["value"], figure["of"], figure["unit"])
    assert book["Observations"].max_row == 25
    assert book["Places"].max_row == 1 + len(list(extract.places()))
    taken = book["Observations"].cell(2, 9)
    assert taken.is_date
    assert book["Observations"].cell(2, 15).hyperlink.target.startswith(f"{ADDRESS}/media/")


def test_nothing_in_a_workbook_is_a_formula_and_no_file_is_left(extract: Extract, tmp_path: Path) -> None:
    """Threat row 27."""
    folder = tmp_path / "tmp"
    book = book_of(hostile(extract), folder)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d", "b"}
    assert [row[15].value for row in book["Observations"].iter_rows(min_row=2)][:5] == RUNNABLE[:5]
    assert list(folder.iterdir()) == []


def test_a_workbook_whose_reader_goes_away_leaves_no_file(extract: Extract, tmp_path: Path) -> None:
    pieces = workbook(extract, tmp_path / "tmp")
    next(pieces)
    assert list((tmp_path / "tmp").iterdir())
    pieces.close()  # type: ignore[attr-defined]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_does_not_fit_into_a_sheet_goes_on_in_the_next(
    extract: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.export.workbook._ROWS", 11)
    book = book_of(extract, tmp_path / "tmp")
    assert book.sheetnames == ["Answer", "Observations", "Observations 2", "Observations 3", "Places"]
    assert [book[name].max_row for name in book.sheetnames[1:4]] == [11, 11, 5]


def test_a_text_longer_than_a_cell_is_cut(extract: Extract, tmp_path: Path) -> None:
    long = replace(next(iter(extract.observations())), text="x" * 40_000)
    book = book_of(replace(extract, observations=lambda: iter([long])), tmp_path / "tmp")
    assert len(book["Observations"].cell(2, 10).value) == 32_767


def test_geojson_has_a_feature_for_each_place_and_longitude_first(extract: Extract) -> None:
    """RFC 7946: longitude before latitude; what stands nowhere has a null geometry."""
    found = json.loads(whole(feature_collection(extract)))
    assert found["type"] == "FeatureCollection"
    told = {feature["properties"]["camera"]: feature for feature in found["features"]}
    assert told["cam-1"]["geometry"] == {"type": "Point", "coordinates": [20.0, 11.0]}
    assert told["cam-3"]["geometry"] is None
    shown = {place.viewpoint.camera: place.as_json() for place in extract.places()}
    for camera, feature in told.items():
        assert feature["type"] == "Feature"
        assert (feature["properties"]["outcome"], feature["properties"]["value"]) == (
            shown[camera]["outcome"],
            shown[camera]["value"],
        )


def test_the_json_holds_the_message_its_places_and_every_observation(extract: Extract) -> None:
    found = json.loads(whole(answer_document(extract)))
    assert found["message"] == json.loads(json.dumps(extract.message.as_json()))
    assert (found["of"], len(found["places"]), len(found["observations"])) == (None, 4, 24)
    assert found["observations"][0]["picture"].startswith(f"{ADDRESS}/media/")


def test_a_follow_up_exports_the_look_it_rests_on_with_its_own_figures(
    desk: Desk, answered: Callable[..., MessageView], tmp_path: Path
) -> None:
    first = answered("Count people at each location")
    recall = answered("Which district has the most?", first.row.session_id)
    extract = desk.exports.answer(recall.id, "Northside", ADDRESS)
    assert len(rows_of(extract)) == 24
    book = book_of(extract, tmp_path / "tmp")
    told = {row[0]: row[1] for row in book["Answer"].iter_rows(values_only=True)}
    assert recall.answer is not None
    assert told["Headline"] == recall.answer["headline"] != (first.answer or {})["headline"]
    assert json.loads(whole(answer_document(extract)))["of"]["id"] == first.id


def test_a_question_without_an_answer_says_so(desk: Desk, answered: Callable[..., MessageView]) -> None:
    message = answered("How many people are in Atlantis?")
    with pytest.raises(Conflict):
        desk.exports.answer(message.id, "Northside", ADDRESS)


class Page(HTMLParser):
    """What a browser would find in a report: its tags, their attributes and the text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._styling = False
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._styling = tag == "style"

    def handle_data(self, data: str) -> None:
        self.text += "" if self._styling else data


def reported(extract: Extract, thumbnail: Callable[[str], bytes] = lambda _: PIXEL) -> Page:
    return Page(whole(report(extract, thumbnail)).decode())


def test_the_report_tells_the_answer_and_asks_nobody_for_anything(extract: Extract) -> None:
    page = reported(extract)
    assert extract.headline in page.text
    for finding in extract.answer["findings"]:
        assert finding in page.text
    policy = next(value for name, value in page.attributes if value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    loaded = [value for name, value in page.attributes if name in ("src", "href", "xlink:href", "data", "poster")]
    assert all(value.startswith(("data:image/jpeg;base64,", "#", ADDRESS)) for value in loaded)
    assert page.tags.count("img") == 15
    assert "loading" not in {name for name, _ in page.attributes}, "all of it is there to be printed"
    assert page.tags.count("table") == 4
    assert not {"script", "link", "iframe", "object", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]


MARKUP = ['<img src=x onerror=alert(1)>', "'; DROP TABLE sessions; --", "\u202egnp.exe", "</style><script>x</script>",
          "{{ 7*7 }}", "x" * 1_000_000]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP, ids=lambda text: text[:12])
def test_whatever_a_place_is_called_it_is_text(extract: Extract, text: str) -> None:
    """Threat rows 25 and 55."""

    def places() -> Iterator[Place]:
        for place in extract.places():
            yield replace(place, viewpoint=replace(place.viewpoint, location=text, district=text, camera=text))

    changed = replace(
        extract,
        places=places,
        site=text,
        message=replace(extract.message, row=replace(extract.message.row, text=text, notes=(text,))),
        pictures=lambda outcome, most: [
            replace(next(iter(extract.observations())), location=text, name=text, text=text)
        ],
    )
    page = reported(changed)
    assert text in page.text
    assert not {"script"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    for feature in json.loads(whole(feature_collection(changed)))["features"]:
        assert feature["properties"]["location"] == text


def test_a_report_says_what_it_leaves_out(extract: Extract) -> None:
    def gone(_: str) -> bytes:
        raise PictureUnreadable("It is gone.")

    page = reported(extract, gone)
    assert page.tags.count("img") == 0
    assert re.search(r"Shown: 0 of 24 pictures.*15 could not be read any more\.", page.text)
    big = reported(extract, lambda _: b"x" * 1_500_000)
    assert big.tags.count("img") == 2
    assert "Shown: 2 of 24 pictures" in big.text


def spot(number: int, latitude: float | None, longitude: float | None, outcome: Outcome = Outcome.MATCH) -> Place:
    where = Viewpoint(f"c{number}", None, f"c{number}", f"Place {number}", None, None, None, latitude, longitude,
                      1, 1, 0, 0, 0, 1, 2, 2.0, 2, 1, None, "p", "o")  # fmt: skip
    return Place(where, outcome, 2)


@pytest.mark.parametrize(
    "corners",
    [
        [(16.5, 80.6)],
        [(16.5, 80.6), (16.5, 80.6)],
        [(-33.9, 18.4), (-33.8, 18.9)],
        [(89.99, 0.0), (89.0, 179.0)],
        [(-90.0, -180.0), (90.0, 180.0)],
        [(10.0, 20.0), (10.0, 20.00001)],
    ],
)
def test_every_place_lies_on_the_drawing(corners: list[tuple[float, float]]) -> None:
    drawing = draw([spot(number, *corner) for number, corner in enumerate(corners)])
    assert drawing is not None
    for mark in drawing.marks:
        assert 0 <= mark.x <= drawing.width
        assert 0 <= mark.y <= drawing.height
    assert 0 < drawing.scale_width < drawing.width / 2
    assert drawing.meridians
    assert drawing.parallels


def test_north_is_up_and_east_is_right_and_without_places_there_is_no_drawing() -> None:
    drawing = draw([spot(0, 17.0, 80.0), spot(1, 16.0, 81.0), spot(2, None, None)])
    assert drawing is not None
    north_west, south_east = sorted(drawing.marks, key=lambda mark: mark.x)
    assert (north_west.name, south_east.name) == ("Place 0", "Place 1")
    assert north_west.y < south_east.y
    assert draw([spot(2, None, None)]) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Which locations have people crossing?", "sightline-which-locations-have-people-crossing"),
        ('a"b\r\nSet-Cookie: x=1; /../..', "sightline-a-b-set-cookie-x-1"),
        ("ఎన్ని కార్లు?", "sightline-answer"),
        ("Café Größe", "sightline-cafe-groe"),
        ("x" * 500, "sightline-" + "x" * 60),
    ],
)
def test_a_files_name_is_of_plain_letters_whatever_was_asked(text: str, name: str) -> None:
    """Threat row 28."""
    assert plain_name(text, "answer") == name


def test_times_are_the_sites(extract: Extract) -> None:
    moment = extract.local(datetime(2026, 3, 14, 20, 0, tzinfo=UTC))
    assert moment == datetime(2026, 3, 15, 1, 30, tzinfo=ZoneInfo("Asia/Kolkata"))


def test_viewpoints_one_by_one_are_those_that_are_read_whole(
    desk: Desk, extract: Extract, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In stretches of two, with a threshold and without."""
    figures = FigureStore(database)
    stretch = re.sub(r"LIMIT \d+", "LIMIT 2", figures_module._NAMES)
    monkeypatch.setattr(figures_module, "_NAMES", stretch)
    for threshold in (None, Threshold(2, 5)):
        wanted = Slice(extract.run.id, "Asia/Kolkata", threshold=threshold)
        assert list(figures.each_viewpoint(wanted)) == figures.viewpoints(wanted)
        assert len(figures.viewpoints(wanted)) == 4


def test_observations_in_stretches_are_all_of_them_once(
    desk: Desk, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_run = [one.picture_id for one in desk.observations.all(extract.run.id)]
    monkeypatch.setattr("storage.observations._STRETCH", 5)
    assert [one.picture_id for one in desk.observations.all(extract.run.id)] == whole_run
    assert len(set(whole_run)) == 24


@pytest.mark.parametrize(
    ("outcome", "count", "bounds", "said"),
    [
        (Outcome.MATCH, 3, None, Outcome.MATCH),
        (Outcome.MATCH, 3, Threshold(5, UNBOUNDED), Outcome.NO_MATCH),
        (Outcome.MATCH, 7, Threshold(5, UNBOUNDED), Outcome.MATCH),
        (Outcome.MATCH, None, Threshold(1, UNBOUNDED), Outcome.MATCH),
        (Outcome.MATCH, None, Threshold(2, UNBOUNDED), Outcome.UNSURE),
        (Outcome.MATCH, None, Threshold(0, 0), Outcome.NO_MATCH),
        (Outcome.NO_MATCH, None, Threshold(0, 0), Outcome.MATCH),
        (Outcome.UNSURE, 9, Threshold(5, UNBOUNDED), Outcome.UNSURE),
        (Outcome.UNREADABLE, None, Threshold(0, 0), Outcome.UNREADABLE),
    ],
)
def test_a_picture_is_judged_as_the_figures_judge_it(
    outcome: Outcome, count: int | None, bounds: Threshold | None, said: Outcome
) -> None:
    assert judged(outcome, count, bounds) is said
