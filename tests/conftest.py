"""What tests of several rooms stand on: a real chDB, a real SQLite, pictures in memory."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import ManualClock, SystemClock
from core.errors import PictureUnreadable
from core.ids import Ids, stable_id
from core.picture import Picture
from storage.database import Database
from storage.observations import SCHEMA
from storage.state import open_state
from tests.postgresql import Cluster, cluster, installed

MORNING = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A real chDB. One path is open at a time in a process, so a module shares it; ids keep its tests apart."""
    opened = Database(tmp_path_factory.mktemp("chdb") / "observations", SCHEMA)
    opened.open()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """The address of the PyPI emulator of Google Cloud Storage, in memory, with a bucket "city"."""
    from gcp_storage_emulator.server import create_server

    server = create_server("127.0.0.1", 0, in_memory=True, default_bucket="city")
    server.start()
    yield f"http://127.0.0.1:{server._api._httpd.server_address[1]}"
    server.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """Debian's PostgreSQL, once for all tests that ask for it."""
    programs = installed()
    if programs is None:
        assert "CI" not in os.environ, "PostgreSQL is not installed; .ci/run installs it"
        pytest.skip("PostgreSQL is not installed here: apt-get install postgresql")
    with cluster(programs) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of state; a test that takes it runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    running: Cluster = request.getfixturevalue("postgresql")
    return running.database()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_state(f"sqlite:///{tmp_path / 'state.db'}")
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MORNING)


@pytest.fixture
def ids() -> Ids:
    return Ids(SystemClock())


class MemorySource:
    """Pictures in memory: ``count`` of them from ``cameras`` cameras, a minute apart; ``broken`` can't be read."""

    name = "memory://"

    def __init__(self, count: int, cameras: int = 4, page_size: int = 16, broken: Sequence[int] = ()) -> None:
        self._count = count
        self._cameras = cameras
        self._page_size = page_size
        self._broken = {f"{number}.jpg" for number in broken}
        self.pages_given = 0
        self.reads = 0

    def pages(self) -> Iterator[Sequence[Picture]]:
        for start in range(0, self._count, self._page_size):
            self.pages_given += 1
            yield [self.picture(number) for number in range(start, min(start + self._page_size, self._count))]

    def picture(self, number: int) -> Picture:
        name = f"{number}.jpg"
        return Picture(
            id=stable_id(self.name, name),
            source=self.name,
            name=name,
            camera=f"cam-{number % self._cameras}",
            taken_at=MORNING + timedelta(minutes=number),
            taken_from="name",
            size_bytes=4,
            fingerprint="1",
        )

    def read(self, picture: Picture) -> bytes:
        self.reads += 1
        if picture.name in self._broken:
            raise PictureUnreadable("The file is empty.")
        return picture.name.removesuffix(".jpg").encode()

    def url(self, picture: Picture) -> str | None:
        return None
