"""What is slow is opened beside the serving, once, and its failure is told to everybody who needs it."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core.errors import StoreUnavailable
from storage.room import Room
from web.opening import Opening, OpeningState
from web.services import EXTENSION


def test_it_opens_once_for_all_who_wait() -> None:
    opened: list[int] = []
    go = threading.Event()

    def open_it() -> str:
        go.wait()
        opened.append(1)
        return "open"

    opening = Opening(open_it, lambda _: None)
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(opening.get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert opening.state in {OpeningState.WAITING, OpeningState.OPENING}
    go.set()
    for thread in threads:
        thread.join()
    assert got == ["open"] * 8
    assert opened == [1]
    opening.close()


def test_a_failure_is_kept_and_told_to_each() -> None:
    def fail() -> str:
        raise StoreUnavailable("The folder is in use.", "Stop the other.")

    opening = Opening(fail, lambda _: None)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="in use"):
            opening.get()
    assert opening.state is OpeningState.FAILED
    opening.close()


def test_a_failure_that_nobody_foresaw_is_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    opening: Opening[float] = Opening(lambda: 1 / 0, lambda _: None)
    with pytest.raises(StoreUnavailable, match="can't be opened"):
        opening.get()
    assert "ZeroDivisionError" in caplog.text
    opening.close()


def test_closing_waits_for_what_is_being_opened_and_closes_it() -> None:
    go = threading.Event()
    closed: list[object] = []
    opening: Opening[object] = Opening(lambda: go.wait() and "open", closed.append)
    opening.start()
    closing = threading.Thread(target=opening.close)
    closing.start()
    go.set()
    closing.join()
    assert closed == ["open"]
    opening.close()
    assert closed == ["open"]
    with pytest.raises(StoreUnavailable, match="stopping"):
        opening.get()


def test_what_was_never_asked_for_is_never_opened() -> None:
    opening: Opening[float] = Opening(lambda: 1 / 0, lambda _: None)
    opening.close()
    assert opening.state is OpeningState.CLOSED


def test_who_loses_patience_is_told_to_come_back() -> None:
    go = threading.Event()
    opening = Opening(go.wait, lambda _: None, patience_s=0.01)
    with pytest.raises(StoreUnavailable, match="still opening"):
        opening.get()
    go.set()
    opening.close()


def test_health_and_ready_tell_the_truth(app: Flask, client: FlaskClient) -> None:
    house = app.extensions[EXTENSION]
    assert client.get("/health").get_json()["stores"] == "waiting"
    house.opening.get()
    assert client.get("/ready").get_json() == {"ready": True}
    assert client.get("/health").get_json()["stores"] == "open"


def test_a_full_disk_is_told_and_answers_can_still_be_read(app: Flask, client: FlaskClient) -> None:
    """A new start makes no room: 503 would only have it started again and again."""
    house = app.extensions[EXTENSION]
    object.__setattr__(house, "room", Room(house.room.folder, lambda _: 12_000_000))
    reply = client.get("/health")
    told = reply.get_json()
    assert (reply.status_code, told["status"], told["disk_free_bytes"]) == (200, "full", 12_000_000)
    assert told["error"]["message"].startswith("The disk that holds DATA_DIR is full: 12 MB are left.")
    house.opening.get()
    assert client.get("/ready").status_code == 200


@pytest.fixture
def locked_out(app: Flask, client: FlaskClient) -> FlaskClient:
    """A browser in front of a house whose stores can't be opened."""

    def fail() -> None:
        raise StoreUnavailable("The data folder is in use.", "Stop the other.")

    house = app.extensions[EXTENSION]
    object.__setattr__(house, "opening", Opening(fail, lambda _: None))
    house.opening.start()
    with pytest.raises(StoreUnavailable):
        house.opening.get()
    return client


def test_stores_that_cant_be_opened_make_it_neither_healthy_nor_ready(locked_out: FlaskClient) -> None:
    for path in ("/health", "/ready"):
        reply = locked_out.get(path)
        assert reply.status_code == 503
        assert reply.get_json()["error"]["message"] == "The data folder is in use."
    assert locked_out.get("/").status_code == 200  # the page comes, and says what is wrong
    reply = locked_out.get("/api/v1/state")
    assert reply.status_code == 503
    assert reply.get_json()["error"]["code"] == "store_unavailable"
    assert reply.headers["Retry-After"]
    assert locked_out.get("/api/updates").status_code == 503


def test_ready_does_not_wait_and_is_not_ready_when_the_store_does_not_answer(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = app.extensions[EXTENSION]
    conversations = house.opening.get().conversations

    def fail() -> int:
        raise OSError("disk I/O error at /a/path")

    monkeypatch.setattr(conversations, "last_event_id", fail)
    reply = client.get("/ready")
    assert reply.status_code == 503
    assert "/a/path" not in reply.text
