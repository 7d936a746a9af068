"""Weights are found or fetched whole, checked either way, and their lack breaks nothing else. A real HTTP server."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analyzer.models.catalogue import ModelState
from analyzer.models.opening import open_catalogue
from analyzer.models.weights import NAME, YOLOX_NANO, Release, fetch_weights, find_weights
from core.errors import ModelUnavailable

CONTENT = bytes(range(256)) * 1000
Serve = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server(serve: Serve) -> Iterator[str]:
    """A server on loopback that answers every GET by ``serve``; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                serve(self)
            except OSError:
                self.close_connection = True  # the client hung up, as some of these tests want

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/{NAME}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def release(url: str, content: bytes = CONTENT) -> Release:
    return Release(url, len(content), hashlib.sha256(content).hexdigest())


def send(content: bytes, *, length: int | None = None) -> Serve:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return serve


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "models").iterdir())


def test_a_good_file_is_fetched_whole_and_found_afterwards(tmp_path: Path) -> None:
    with server(send(CONTENT)) as url:
        path = fetch_weights(tmp_path, release(url))
    assert path.read_bytes() == CONTENT
    assert left_behind(tmp_path) == [NAME]
    assert find_weights(None, tmp_path, release("http://unused")) == path


def test_a_redirect_is_followed_as_releases_do(tmp_path: Path) -> None:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/real":
            send(CONTENT)(handler)
        else:
            handler.send_response(302)
            handler.send_header("Location", "/real")
            handler.send_header("Content-Length", "0")
            handler.end_headers()

    with server(serve) as url:
        assert fetch_weights(tmp_path, release(url)).read_bytes() == CONTENT


def test_a_file_cut_short_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with server(send(CONTENT[:1000], length=len(CONTENT))) as url, pytest.raises(ModelUnavailable) as caught:
        fetch_weights(tmp_path, release(url))
    assert "short" in caught.value.sentence or "IncompleteRead" in caught.value.sentence
    assert left_behind(tmp_path) == []


def test_wrong_bytes_are_refused_with_both_checksums(tmp_path: Path) -> None:
    wrong = CONTENT[::-1]
    with server(send(wrong)) as url, pytest.raises(ModelUnavailable) as caught:
        fetch_weights(tmp_path, release(url))
    assert hashlib.sha256(wrong).hexdigest() in caught.value.sentence
    assert hashlib.sha256(CONTENT).hexdigest() in caught.value.sentence
    assert left_behind(tmp_path) == []


def test_a_file_without_end_is_cut_off(tmp_path: Path) -> None:
    sent = 0

    def serve(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while sent < 400 * len(CONTENT):
            sent += handler.wfile.write(CONTENT)

    with server(serve) as url, pytest.raises(ModelUnavailable, match="isn't the detector's file"):
        fetch_weights(tmp_path, release(url))
    assert sent < 100 * len(CONTENT)
    assert left_behind(tmp_path) == []


def test_a_missing_file_is_named_by_its_status(tmp_path: Path) -> None:
    with server(lambda handler: handler.send_error(404)) as url, pytest.raises(ModelUnavailable, match="404"):
        fetch_weights(tmp_path, release(url))


def test_a_silent_server_is_given_up(tmp_path: Path) -> None:
    over = threading.Event()

    def serve(handler: BaseHTTPRequestHandler) -> None:
        over.wait(30)

    with server(serve) as url:
        with pytest.raises(ModelUnavailable, match="timed out"):
            fetch_weights(tmp_path, release(url), timeout_s=0.2)
        over.set()
    assert left_behind(tmp_path) == []


def test_a_server_that_trickles_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    over = threading.Event()

    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.02):
            handler.wfile.write(b"x")

    with server(serve) as url:
        with pytest.raises(ModelUnavailable, match="not finished after"):
            fetch_weights(tmp_path, release(url), timeout_s=5, deadline_s=0.3)
        over.set()


def test_no_network_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="isn't here and can't be fetched from 127") as caught:
        fetch_weights(tmp_path, release("http://127.0.0.1:9/none"))
    assert "MODELS_DIR" in caught.value.hint


def test_other_schemes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    with pytest.raises(ModelUnavailable, match="https only"):
        fetch_weights(tmp_path, release(f"file://{tmp_path}/secret"))


def test_parts_of_a_killed_fetch_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / f"{NAME}.abc.part").write_bytes(b"half")
    with server(send(CONTENT)) as url:
        fetch_weights(tmp_path, release(url))
    assert left_behind(tmp_path) == [NAME]


def test_weights_in_models_dir_are_taken_by_checksum(tmp_path: Path) -> None:
    (tmp_path / "yolox_nano_416.onnx").write_bytes(CONTENT)
    wanted = Release("http://unused", 1, "0" * 64, frozenset({hashlib.sha256(CONTENT).hexdigest()}))
    assert find_weights(tmp_path, tmp_path / "data", wanted) == tmp_path / "yolox_nano_416.onnx"


def test_another_file_of_that_name_is_refused_with_both_checksums(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"something else")
    with pytest.raises(ModelUnavailable) as caught:
        find_weights(tmp_path, tmp_path / "data")
    assert YOLOX_NANO.sha256 in caught.value.sentence
    assert hashlib.sha256(b"something else").hexdigest() in caught.value.sentence


def test_a_damaged_file_of_our_own_counts_as_absent(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / NAME).write_bytes(b"damaged")
    assert find_weights(None, tmp_path) is None
    assert find_weights(tmp_path / "empty", tmp_path) is None


def test_without_network_the_catalogue_still_opens_and_says_what_is_missing(tmp_path: Path) -> None:
    catalogue = open_catalogue(None, tmp_path, release=release("http://127.0.0.1:9/none"))
    catalogue.close()
    detector, opencv = catalogue.states()[:2]
    assert (detector.state, opencv.state) == (ModelState.ABSENT, ModelState.READY)
    assert "can't be fetched" in detector.sentence


def test_a_refused_file_fails_the_detector_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"something else")
    catalogue = open_catalogue(tmp_path, tmp_path / "data", fetch=False)
    detector, opencv = catalogue.states()[:2]
    assert (detector.state, opencv.state) == (ModelState.FAILED, ModelState.READY)
    assert YOLOX_NANO.sha256 in detector.sentence


def test_a_fetched_file_that_is_no_network_fails_the_detector_alone(tmp_path: Path) -> None:
    with server(send(CONTENT)) as url:
        catalogue = open_catalogue(None, tmp_path, release=release(url))
        wait_for("detector-supply")
    catalogue.close()
    assert catalogue.states()[0].state is ModelState.ABSENT
    assert "can't load" in catalogue.states()[0].sentence


def test_closing_stops_a_fetch_that_is_under_way(tmp_path: Path) -> None:
    begun, over = threading.Event(), threading.Event()

    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.01):
            handler.wfile.write(b"x")
            begun.set()

    with server(serve) as url:
        catalogue = open_catalogue(None, tmp_path, release=release(url))
        assert catalogue.states()[0].state is ModelState.INSTALLING
        assert begun.wait(10)
        catalogue.close()
        over.set()
    assert not [thread for thread in threading.enumerate() if thread.name == "detector-supply"]
    assert "stopped" in catalogue.states()[0].sentence


def wait_for(thread_name: str) -> None:
    """Until the named thread has ended by itself."""
    for thread in threading.enumerate():
        if thread.name == thread_name:
            thread.join(20)
