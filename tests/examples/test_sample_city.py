"""The sample city is drawn for people to look at, and a detector that knows nothing of it must see it rightly."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from analyzer.ask import Ask
from analyzer.models.model import Material
from analyzer.models.opencv import OpenCvModel
from analyzer.plan import Task
from core.errors import PictureUnreadable
from core.observation import Sight
from core.states import Outcome
from examples.gazetteer import HEADERS
from examples.sample_city import City, Truth, draw_city, main
from storage.decoding import decode
from storage.names import read_name
from storage.sheet import read_register

PEOPLE = Ask(Task.COUNT, "people", "How many people are visible?")
NIGHT = Ask(Task.FIND, "night", "Is it night?")
LOOKS = ((7, time(18, 40)), (11, time(23, 0)), (23, time(14, 0)))
"""Seeds and hours: the newest round is one at dusk, one at night and one by day."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The city as a first visitor gets it."""
    return draw_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module", autouse=True)
def _looks_are_forgotten() -> Iterator[None]:
    yield
    _looked.cache_clear()


@cache
def _looked(seed: int, at: time) -> list[tuple[Truth, Sight]]:
    """One readable picture of each of 18 cameras, as ``opencv`` saw it; looked at once for all tests."""
    model = OpenCvModel()
    with TemporaryDirectory() as folder:
        drawn = draw_city(Path(folder), seed, 18, 1, datetime.combine(datetime(2026, 5, 6, tzinfo=UTC), at))
        readable = [truth for truth in drawn.truth if truth.readable]
        pictures = [Material((drawn.pictures / truth.file).read_bytes()) for truth in readable]
    return list(zip(readable, model.look(pictures, PEOPLE), strict=True))


def _bytes(city: City) -> dict[str, bytes]:
    files = [city.register, *city.pictures.iterdir()]
    return {path.name: path.read_bytes() for path in files}


def test_the_same_seed_draws_the_same_bytes(tmp_path: Path) -> None:
    first, again = draw_city(tmp_path / "a", 5, 8, 2), draw_city(tmp_path / "b", 5, 8, 2)
    assert _bytes(first) == _bytes(again)
    assert first.truth == again.truth


def test_another_seed_draws_another_city(tmp_path: Path) -> None:
    first, other = draw_city(tmp_path / "a", 5, 3, 1), draw_city(tmp_path / "b", 6, 3, 1)
    assert not set(_bytes(first).values()) & set(_bytes(other).values())


def test_drawing_again_leaves_nothing_of_the_city_before(tmp_path: Path) -> None:
    draw_city(tmp_path, 5, 4, 2)
    smaller = draw_city(tmp_path, 6, 2, 1)
    assert {path.name for path in smaller.pictures.iterdir()} == {truth.file for truth in smaller.truth}


def test_there_are_24_cameras_with_four_pictures_in_six_districts(city: City) -> None:
    assert len(city.truth) == len(list(city.pictures.iterdir())) == 96
    assert len({truth.camera for truth in city.truth}) == 24
    assert len({camera.district for camera in read_register(city.register).cameras}) == 6


@pytest.mark.parametrize(("seed", "at"), LOOKS)
def test_people_are_counted_within_one_on_nine_of_ten(seed: int, at: time) -> None:
    model = OpenCvModel()
    counted = [
        (truth.people, model.judge(sight, PEOPLE).count) for truth, sight in _looked(seed, at) if truth.view == "clear"
    ]
    right = [abs(people - count) <= 1 for people, count in counted if count is not None]
    assert sum(right) >= 0.9 * len(counted), counted
    assert sum(people for people, _ in counted) > 20


@pytest.mark.parametrize(("seed", "at"), LOOKS)
def test_night_and_day_are_told_apart(seed: int, at: time) -> None:
    model = OpenCvModel()
    for truth, sight in _looked(seed, at):
        if truth.view != "covered":
            expected = Outcome.MATCH if truth.light == "night" else Outcome.NO_MATCH
            assert model.judge(sight, NIGHT).outcome is expected, truth


def test_a_covered_lens_is_never_a_plain_no() -> None:
    model = OpenCvModel()
    covered = [sight for seed, at in LOOKS for truth, sight in _looked(seed, at) if truth.view == "covered"]
    assert covered
    assert {model.judge(sight, PEOPLE).outcome for sight in covered} == {Outcome.UNSURE}


def test_a_tenth_of_the_files_is_broken_in_four_ways_and_only_those(city: City) -> None:
    broken = [truth for truth in city.truth if not truth.readable]
    assert len(broken) == 10
    assert {truth.broken for truth in broken} == {"truncated", "empty", "text", "header"}
    for truth in city.truth:
        content = (city.pictures / truth.file).read_bytes()
        if truth.readable:
            assert decode(content).shape == (480, 640, 3)
        else:
            with pytest.raises(PictureUnreadable):
                decode(content)


def test_there_are_day_and_night_fog_and_rain_and_people_and_none(city: City) -> None:
    assert {truth.light for truth in city.truth} == {"day", "night"}
    assert {truth.weather for truth in city.truth} == {"clear", "fog", "rain"}
    assert {truth.view for truth in city.truth} == {"clear", "covered", "blurred"}
    assert {0, 1, 2, 3} <= {truth.people for truth in city.truth}


def test_names_tell_camera_and_time(city: City) -> None:
    for truth in city.truth:
        parts = read_name(Path(truth.file).stem, UTC)
        assert parts.address == truth.camera
        assert parts.taken_at == datetime.fromisoformat(truth.taken).replace(tzinfo=UTC)


def test_the_register_reads_with_its_problems(city: City) -> None:
    register = read_register(city.register)
    assert set(register.columns.values()) == set(HEADERS) - {"S.No"}
    assert len(register.cameras) == 23
    assert sum(not camera.placed for camera in register.cameras) == 2
    assert {problem.column for problem in register.problems} == {"LONGITUDE"}


def test_one_camera_sends_pictures_and_is_in_no_register(city: City) -> None:
    register = read_register(city.register)
    strangers = {truth.camera for truth in city.truth if register.find(truth.camera) is None}
    assert len(strangers) == 1


def test_no_picture_is_from_the_future_and_yesterday_is_there_at_any_hour(tmp_path: Path) -> None:
    midnight = datetime(2026, 7, 1)  # noqa: DTZ001 - names carry local time
    for hour in range(0, 24, 4):
        now = midnight + timedelta(hours=hour)
        taken = [datetime.fromisoformat(truth.taken) for truth in draw_city(tmp_path, 3, 3, 4, now).truth]
        assert max(taken) <= now
        assert any(moment.date() == now.date() - timedelta(days=1) for moment in taken)


def test_truth_is_written_as_a_table(city: City) -> None:
    with (city.pictures.parent / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], int(row["people"]), row["readable"] == "true") for row in rows] == [
        (truth.file, truth.people, truth.readable) for truth in city.truth
    ]


def test_the_command_says_what_it_drew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--cameras", "5", "--per-camera", "2", "--seed", "4"]) == 0
    assert capsys.readouterr().out.startswith("10 pictures (1 broken on purpose)")


def test_sizes_out_of_range_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="between 1 and 240 cameras"):
        draw_city(tmp_path, camera_count=0)
