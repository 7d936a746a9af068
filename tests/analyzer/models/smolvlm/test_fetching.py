"""Fetching from a hub on this machine: whole, resumed, refused, broken off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analyzer.models.smolvlm.fetching import Stopped, fetch
from analyzer.models.smolvlm.files import DEFAULT, RELEASES, find_files, verify
from core.errors import ModelUnavailable
from tests.analyzer.models.smolvlm.conftest import Weights
from tests.analyzer.models.smolvlm.hub import Hub, serving

RELEASE = RELEASES[DEFAULT]


@pytest.fixture
def hub(weights: Weights, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    root = f"{RELEASE.repository}/resolve/main"
    files = {f"{root}/{path.name}": path.read_bytes() for path in (weights.text, weights.mmproj)}
    with serving(Hub(files)) as served:
        yield served


def test_a_model_is_fetched_checked_and_found(hub: Hub, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch(RELEASE, tmp_path, lambda done, total: told.append((done, total)), endpoint=hub.url)
    found = find_files(RELEASE, None, tmp_path)
    assert found is not None
    verify(found)
    total = sum(len(content) for content in hub.files.values())
    assert told[-1] == (total, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_here_is_not_fetched_again(hub: Hub, tmp_path: Path) -> None:
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    sent = hub.sent_bytes
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert hub.sent_bytes == sent


def test_fetching_goes_on_where_it_was_stopped(hub: Hub, tmp_path: Path) -> None:
    seen: list[int] = []

    def stop_half_way() -> bool:
        return bool(seen) and seen[-1] > 0

    def progress(done: int, _total: int) -> None:
        seen.append(done)

    with pytest.raises(Stopped):
        fetch(RELEASE, tmp_path, progress, stop_half_way, endpoint=hub.url)
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    found = find_files(RELEASE, None, tmp_path)
    assert found is not None
    verify(found)


def test_a_line_that_breaks_is_taken_up_again(hub: Hub, tmp_path: Path) -> None:
    hub.cut_after = 100_000
    fetch(RELEASE, tmp_path, endpoint=hub.url)
    found = find_files(RELEASE, None, tmp_path)
    assert found is not None
    verify(found)


def test_what_did_not_come_as_the_hub_has_it_is_not_kept(hub: Hub, tmp_path: Path) -> None:
    hub.lies = True
    with pytest.raises(ModelUnavailable, match="did not come as the hub has it"):
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert not list(tmp_path.rglob("*.gguf"))


@pytest.mark.parametrize("status", [401, 404, 503])
def test_a_refusal_is_a_sentence_that_says_what_to_do(hub: Hub, tmp_path: Path, status: int) -> None:
    hub.status = status
    with pytest.raises(ModelUnavailable) as told:
        fetch(RELEASE, tmp_path, endpoint=hub.url)
    assert "MODELS_DIR" in told.value.hint


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="can't be reached"):
        fetch(RELEASE, tmp_path, endpoint="http://127.0.0.1:9")
