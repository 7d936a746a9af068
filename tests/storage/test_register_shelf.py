from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert

from core.clock import ManualClock
from core.errors import NotFound, RegisterUnreadable
from storage.reading import Choice, Reading
from storage.register_shelf import RegisterShelf
from storage.sheet import read_sheet
from storage.state import messages, runs, sessions

ODD = "Zeichen,Hochwert,Rechtswert\na,17.5,78.25\n"
CHOSEN = {"camera": "Zeichen", "latitude": "Hochwert", "longitude": "Rechtswert"}


def sheet(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def shelf(tmp_path: Path, engine: Engine, clock: ManualClock) -> RegisterShelf:
    return RegisterShelf(tmp_path / "registers", engine, clock)


def kept(shelf: RegisterShelf, path: Path, choice: Choice = Choice(), current: bool = True) -> Reading:  # noqa: B008
    reading = read_sheet(path, choice)
    shelf.keep(path, reading, current=current)
    return reading


def test_a_sheet_is_read_again_as_it_was_read_whatever_becomes_of_the_file(
    tmp_path: Path, shelf: RegisterShelf
) -> None:
    path = sheet(tmp_path, "a.csv", ODD)
    reading = kept(shelf, path, Choice(CHOSEN))
    path.unlink()
    again = shelf.read(reading.register.version)
    assert (again.register, again.choice) == (reading.register, reading.choice)
    assert (again.register.name, again.register.placed) == ("a.csv", 1)
    with pytest.raises(NotFound):
        shelf.read("x")


def test_what_was_chosen_is_part_of_the_version(tmp_path: Path) -> None:
    path = sheet(tmp_path, "a.csv", ODD)
    assert read_sheet(path).register.version != read_sheet(path, Choice(CHOSEN)).register.version
    assert read_sheet(path, Choice(CHOSEN)).digest == read_sheet(path).digest == read_sheet(path).register.version


def test_one_sheet_is_current_until_it_is_put_back(tmp_path: Path, shelf: RegisterShelf) -> None:
    assert shelf.current() is None
    kept(shelf, sheet(tmp_path, "a.csv", "Camera,Lat,Lon\na,1,2\n"))
    kept(shelf, sheet(tmp_path, "b.csv", "Camera,Lat,Lon\nb,1,2\n"))
    kept(shelf, sheet(tmp_path, "c.csv", "Camera,Lat,Lon\nc,1,2\n"), current=False)
    assert (found := shelf.current()) is not None
    assert found.name == "b.csv"
    shelf.put_back()
    assert shelf.current() is None


def test_what_was_said_of_columns_is_remembered_for_the_same_headings_only(
    tmp_path: Path, shelf: RegisterShelf
) -> None:
    kept(shelf, sheet(tmp_path, "a.csv", ODD), Choice(CHOSEN))
    next_month = sheet(tmp_path, "b.csv", "Stand: April\n" + ODD.replace("17.5", "17.6"))
    found = read_sheet(next_month, remembered=shelf.remembered())
    assert (found.register.placed, found.from_memory, dict(found.choice.columns)) == (1, True, CHOSEN)
    other = sheet(tmp_path, "c.csv", ODD.replace("Zeichen", "Zeichen,Notiz").replace("a,", "a,x,"))
    assert read_sheet(other, remembered=shelf.remembered()).from_memory is False


def test_a_file_that_changed_after_it_was_read_is_not_kept(tmp_path: Path, shelf: RegisterShelf) -> None:
    path = sheet(tmp_path, "a.csv", ODD)
    reading = read_sheet(path)
    path.write_text("Camera\n")
    with pytest.raises(RegisterUnreadable, match="changed"):
        shelf.keep(path, reading, current=True)
    assert list((tmp_path / "registers").iterdir()) == []
    assert shelf.current() is None


def test_sheets_go_when_neither_a_run_nor_the_latest_five_need_them(
    tmp_path: Path, shelf: RegisterShelf, engine: Engine, clock: ManualClock
) -> None:
    readings = []
    for number in range(8):
        clock.advance(timedelta(days=1).total_seconds())
        readings.append(kept(shelf, sheet(tmp_path, f"{number}.csv", f"Camera,Lat,Lon\nc{number},1,2\n")))
    versions = [reading.register.version for reading in readings]
    with engine.begin() as connection:
        connection.execute(insert(sessions).values(id="s", title="", created_at="", updated_at=""))
        for run_id, state, version in (("r0", "stopped", versions[0]), ("r1", "finished", versions[1])):
            connection.execute(
                insert(messages).values(id=run_id, session_id="s", text="", asked_at="", plan={}, notes=[])
            )
            connection.execute(
                insert(runs).values(
                    id=run_id,
                    message_id=run_id,
                    state=state,
                    source="",
                    model="",
                    again=False,
                    model_version="",
                    sees="",
                    started_at="",
                    elapsed_s=0,
                    listed=0,
                    calls=0,
                    register=version,
                )
            )
    shelf.prune(versions[-1])
    left = {path.stem for path in (tmp_path / "registers").iterdir()}
    assert left == {versions[0], *versions[-5:]}
    with pytest.raises(NotFound):
        shelf.read(versions[1])
