"""The commands about buckets and caches, against the emulator."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from config import Settings
from flask_app import create_app
from storage.google_cloud import Access, CloudBucket


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pictures"
    (made / "gate").mkdir(parents=True)
    for number in range(5):
        (made / "gate" / f"{number}.jpg").write_bytes(f"picture {number}".encode())
    (made / "notes.txt").write_text("no picture")
    return made


@contextmanager
def reader_only(content: bytes) -> Iterator[str]:
    """A public bucket with one picture, in which nobody may write."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listing = b'{"items": [{"name": "a.jpg", "size": "9", "generation": "1"}]}'
            self._give(200, listing if "/o?" in self.path else content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._give(403, b"{}")

        def _give(self, status: int, given: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(given)))
            self.end_headers()
            self.wfile.write(given)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run(emulator: str, tmp_path: Path, *words: str) -> Result:
    told = Settings(data_dir=tmp_path / "data", gcs_bucket_name="city", storage_emulator_host=emulator)
    app = create_app(told)
    return CliRunner().invoke(app.cli, list(words), obj=_info(app))


def _info(app: object) -> object:
    from flask.cli import ScriptInfo

    return ScriptInfo(create_app=lambda: app)  # type: ignore[arg-type, return-value]


def test_a_folder_goes_up_once_and_what_changed_only_on_request(emulator: str, tmp_path: Path, folder: Path) -> None:
    """Parity S2.20."""
    prefix = ["--prefix", "up/"]
    first = run(emulator, tmp_path, "gcs", "upload", str(folder), *prefix)
    assert (first.exit_code, "5 of 5" in first.output) == (0, True), first.output
    (folder / "gate" / "0.jpg").write_bytes(b"another 0")
    (folder / "gate" / "new.jpg").write_bytes(b"new")
    checked = run(emulator, tmp_path, "gcs", "verify", str(folder), *prefix)
    assert checked.exit_code == 1
    assert "differs  up/gate/0.jpg" in checked.output
    assert "missing  up/gate/new.jpg" in checked.output
    again = run(emulator, tmp_path, "gcs", "upload", str(folder), *prefix)
    assert again.exit_code == 1
    bucket = CloudBucket("city", Access(endpoint=emulator))
    assert bucket.read("up/gate/0.jpg", 100) == b"picture 0"
    assert run(emulator, tmp_path, "gcs", "upload", str(folder), "--overwrite", *prefix).exit_code == 0
    assert bucket.read("up/gate/0.jpg", 100) == b"another 0"
    assert run(emulator, tmp_path, "gcs", "verify", str(folder), *prefix).exit_code == 0
    listed = run(emulator, tmp_path, "gcs", "list", *prefix)
    assert listed.exit_code == 0
    assert listed.output.count("up/gate/") == 6
    assert "notes" not in listed.output


def test_the_self_test_says_what_works_and_leaves_nothing(emulator: str, tmp_path: Path) -> None:
    told = run(emulator, tmp_path, "gcs", "self-test", "--prefix", "self/")
    assert told.exit_code == 0, told.output
    assert told.output.count(" ok") == 6
    assert list(CloudBucket("city", Access(endpoint=emulator)).objects("self/")) in ([], [[]])


def test_who_may_only_read_is_tried_with_what_lies_there(tmp_path: Path) -> None:
    """To ask, nobody need write: what fails after that is not blamed on the pictures."""
    with reader_only(b"a picture") as endpoint:
        told = run(endpoint, tmp_path, "gcs", "self-test")
    assert told.exit_code == 1
    lines = [line.split(": ")[0].rstrip() for line in told.output.splitlines()]
    assert lines == [
        "list          ok",
        "write         failed",
        "sign          ok",
        "fetch by URL  ok",
        "read          ok",
    ]


def test_a_prefix_is_a_folder_and_no_name_steers_the_terminal(emulator: str, tmp_path: Path, folder: Path) -> None:
    (folder / "red\x1b[31m.jpg").write_bytes(b"red")
    (folder / "two\nlines.jpg").write_bytes(b"two")
    told = run(emulator, tmp_path, "gcs", "upload", str(folder), "--prefix", "cams")
    assert told.exit_code == 1
    assert "failed   cams/two\\nlines.jpg Its name holds a line break" in told.output
    listed = run(emulator, tmp_path, "gcs", "list", "--prefix", "cams/")
    assert "cams/gate/0.jpg" in listed.output
    assert "cams/red\\x1b[31m.jpg" in listed.output
    assert "\x1b" not in told.output + listed.output


def test_a_bucket_that_is_not_there_is_one_line(emulator: str, tmp_path: Path, folder: Path) -> None:
    for words in (("list",), ("upload", str(folder))):
        told = run(emulator, tmp_path, "gcs", *words, "--bucket", "nowhere")
        assert told.exit_code == 1
        assert "There is no bucket nowhere" in told.output
    assert "failed" in run(emulator, tmp_path, "gcs", "self-test", "--bucket", "nowhere").output


def test_caches_are_told_and_cleaned_by_age(emulator: str, tmp_path: Path) -> None:
    kept = tmp_path / "data" / "thumbnails" / "ab"
    kept.mkdir(parents=True)
    for name, hours in (("new", 0), ("two", 2), ("old", 30)):
        (kept / name).write_bytes(bytes(1000))
        at = time.time() - hours * 3600
        os.utime(kept / name, (at, at))
    (tmp_path / "data" / "said.db").write_bytes(b"stays")
    assert "3 files" in run(emulator, tmp_path, "cache", "info").output
    assert "1 files" in run(emulator, tmp_path, "cache", "clean", "--dry-run").output
    assert len(list(kept.iterdir())) == 3
    for age, left in (("24h", 2), ("1h", 1), ("all", 0)):
        assert run(emulator, tmp_path, "cache", "clean", "--older-than", age).exit_code == 0
        assert len(list(kept.iterdir())) == left
    assert (tmp_path / "data" / "said.db").exists()
