"""The log of what left: a line for each, found again whatever stands between."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from analyzer.outgoing import OutgoingLog, Sending, Way, read_sendings
from core.clock import ManualClock
from tests.conftest import MORNING, MemorySource

PICTURE = MemorySource(1).picture(0)


@pytest.fixture
def log(tmp_path: Path) -> OutgoingLog:
    return OutgoingLog(tmp_path / "logs", ManualClock(MORNING))


def test_what_left_is_read_as_it_was_written(log: OutgoingLog) -> None:
    log.sent(PICTURE, "run", "api.example", "gpt-4o 1", by_url=True, bytes_sent=0)
    log.sent(PICTURE, "run", "api.example", "gpt-4o 1", by_url=False, bytes_sent=34_000)
    log.asked("How many cars?", "api.example", "gpt-4o", bytes_sent=900)
    at = MORNING.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert list(read_sendings(log.path.parent)) == [
        Sending(at, "api.example", "gpt-4o 1", Way.URL, PICTURE.name, "run", 0),
        Sending(at, "api.example", "gpt-4o 1", Way.BYTES, PICTURE.name, "run", 34_000),
        Sending(at, "api.example", "gpt-4o", Way.TEXT, "How many cars?", "", 900, "plan"),
    ]


def test_lines_that_cant_be_read_are_passed_over(log: OutgoingLog) -> None:
    assert list(read_sendings(log.path.parent)) == []
    log.asked("Cars?", "api.example", "gpt-4o", bytes_sent=9)
    hostile = (
        b'[1]\n"text"\n{"as": "fax"}\n{"at": 1, "to": "b", "as": "url", "picture": "c"}\n{"as": ["url"]}\n'
        b'{"at": "a", "to": "b", "as": "url", "picture": "c", "bytes": "many"}\n\xff\xfe\n'
        + b"[" * 100_000
        + b'\n{"at": "2026-03-15T04'
    )
    with log.path.open("ab") as file:
        file.write(hostile)
    assert [one.named for one in read_sendings(log.path.parent)] == ["Cars?"]


def test_a_log_that_was_moved_away_is_begun_anew(log: OutgoingLog) -> None:
    log.asked("First?", "api.example", "gpt-4o", bytes_sent=9)
    log.path.rename(log.path.with_name("kept.log"))
    log.asked("Second?", "api.example", "gpt-4o", bytes_sent=9)
    assert [one.named for one in read_sendings(log.path.parent)] == ["Second?"]


def test_the_log_of_what_left_is_kept_small(log: OutgoingLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.outgoing._MOST_LOG_BYTES", 1000)
    for _ in range(40):
        log.sent(PICTURE, "run", "api.example", "gpt-4o 1", by_url=True, bytes_sent=0)
    assert sorted(file.name for file in log.path.parent.iterdir()) == ["outgoing.log", "outgoing.log.1"]
    assert all(file.stat().st_size < 1500 for file in log.path.parent.iterdir())


def test_lines_of_many_threads_stay_whole(log: OutgoingLog) -> None:
    def ask(who: int) -> None:
        for number in range(50):
            log.asked(f"{who}-{number}?" + "é" * 500, "api.example", "gpt-4o", bytes_sent=9)

    threads = [threading.Thread(target=ask, args=(who,)) for who in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log.path.read_text(encoding="utf-8").splitlines()) == len(list(read_sendings(log.path.parent))) == 400
