"""Fetching from a hub on this machine: whole, resumed, refused, broken off."""

from __future__ import annotations

import contextlib
import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from analyzer.models.smolvlm import fetching
from analyzer.models.smolvlm.fetching import Stopped, fetch
from analyzer.models.smolvlm.files import DEFAULT, RELEASES, find_files, verify
from core.errors import ModelUnavailable
from tests.analyzer.models.smolvlm.hub import Hub, serving

RELEASE = RELEASES[DEFAULT]


@pytest.fixture(autouse=True)
def little_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiny files in many pieces, and no waiting between two tries."""
    monkeypatch.setattr(fetching, "_CHUNK_BYTES", 10_000)
    monkeypatch.setattr(fetching, "_BETWEEN_S", 0.0)


def whole(folder: Path) -> None:
    """What was fetched is a model, to the byte."""
    found = find_files(RELEASE, None, folder)
    assert found is not None
    verify(found)


def test_a_model_is_fetched_checked_and_found(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch(RELEASE, tmp_path, lambda done, total: told.append((done, total)), endpoint=hub.url)
    whole(tmp_path)
    total = sum(len(content) for content in hub.files.values())
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_here_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    sent = hub.sent_bytes
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert hub.sent_bytes == sent


def fetch_half(hub: Hub, folder: Path) -> int:
    """Fetch, and stop after some of the first file; how much of it was kept."""
    seen: list[int] = []
    with pytest.raises(Stopped):
        fetch(RELEASE, folder, lambda done, _: seen.append(done), lambda: seen[-1:] > [50_000], endpoint=hub.url)
    (part,) = folder.rglob("*.part")
    return part.stat().st_size


def test_fetching_goes_on_where_it_was_stopped(hub: Hub, tmp_path: Path) -> None:
    kept = fetch_half(hub, tmp_path)
    assert kept > 50_000
    told: list[int] = []
    fetch(RELEASE, tmp_path, lambda done, _: told.append(done), endpoint=hub.url)
    assert hub.ranges == [f"bytes={kept}-"]
    assert told[:2] == [0, kept]
    whole(tmp_path)


def test_a_server_without_ranges_sends_all_of_it_again(hub: Hub, tmp_path: Path) -> None:
    fetch_half(hub, tmp_path)
    hub.ranged = False
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    whole(tmp_path)


def test_a_file_that_is_another_one_by_now_is_begun_anew(hub: Hub, tmp_path: Path) -> None:
    fetch_half(hub, tmp_path)
    name = next(iter(hub.files))
    hub.files[name] = changed = hub.files[name][:-1] + b"!"
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert hub.ranges == []
    assert (tmp_path / "models" / DEFAULT / RELEASE.text[0]).read_bytes() == changed
    assert not list(tmp_path.rglob("*.part"))


def test_a_networks_own_page_spoils_nothing(hub: Hub, tmp_path: Path) -> None:
    """As the sign-in page of a hotel comes in the place of everything."""
    kept = fetch_half(hub, tmp_path)
    hub.page = "<!doctype html><title>Sign in</title>"
    with pytest.raises(ModelUnavailable, match="Something else came"):
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    hub.page = ""
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert hub.ranges[-1] == f"bytes={kept}-"
    whole(tmp_path)


def test_the_contents_may_lie_on_another_server(hub: Hub, tmp_path: Path) -> None:
    with serving(Hub(hub.files)) as store:
        hub.elsewhere = store.url
        fetch_half(hub, tmp_path)
        fetch(RELEASE, tmp_path, endpoint=hub.url)
        assert store.ranges
        assert hub.sent_bytes == 0
    whole(tmp_path)


def test_what_is_here_needs_no_room_again(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    total = sum(len(content) for content in hub.files.values())
    kept = fetch_half(hub, tmp_path)
    for free, enough in ((total - kept - 1, False), (int(1.06 * (total - kept)), True)):
        monkeypatch.setattr("shutil.disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        with contextlib.nullcontext() if enough else pytest.raises(ModelUnavailable, match="disk has"):
            fetch(RELEASE, tmp_path, endpoint=hub.url)


def test_a_disk_that_fills_up_is_no_broken_line(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "_read_on", full)
    with pytest.raises(ModelUnavailable, match="No space left on device") as told:
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert "DATA_DIR" in told.value.hint


def test_two_never_write_into_the_same_file(hub: Hub, tmp_path: Path) -> None:
    hub.halfway = threading.Event()
    begun = threading.Event()
    with ThreadPoolExecutor(1) as other:
        first = other.submit(fetch, RELEASE, tmp_path, lambda *_: begun.set(), endpoint=hub.url)
        assert begun.wait(10)
        with pytest.raises(ModelUnavailable, match="being fetched already"):
            fetch(RELEASE, tmp_path, endpoint=hub.url)
        hub.halfway.set()
        first.result()
    whole(tmp_path)


def test_a_line_that_breaks_is_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after = 100_000
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert hub.ranges == ["bytes=100000-"]
    whole(tmp_path)


def test_a_line_that_breaks_without_a_byte_is_given_up(hub: Hub, tmp_path: Path) -> None:
    hub.breaks = True
    with pytest.raises(ModelUnavailable, match="line broke"):
        fetch(RELEASE, tmp_path, endpoint=hub.url)


def test_what_did_not_come_as_the_hub_has_it_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.lies = True
    with pytest.raises(ModelUnavailable, match="did not come as the hub has it"):
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert not list(tmp_path.rglob("*.gguf"))


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "not open"), (403, "not open"), (404, "not there"), (429, "too often"), (503, "can't be had now")],
)
def test_a_refusal_is_a_sentence_that_says_what_to_do(hub: Hub, tmp_path: Path, status: int, says: str) -> None:
    hub.status = status
    with pytest.raises(ModelUnavailable, match=says) as told:
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert str(status) in told.value.sentence
    assert "MODELS_DIR" in told.value.hint


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="can't be reached"):
        fetch(RELEASE, tmp_path, endpoint="http://127.0.0.1:9")
