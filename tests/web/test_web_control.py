"""The control socket: its owner's commands reach the running process; whatever else arrives costs it nothing."""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict, SightlineError, StoreUnavailable
from web.control import NAME, ControlSocket, ask_running


def echo(words: Mapping[str, Any], _stopping: Callable[[], bool]) -> Mapping[str, Any]:
    return {"heard": words["text"]}


def refuse(_words: Mapping[str, Any], _stopping: Callable[[], bool]) -> Mapping[str, Any]:
    raise Conflict("It is there already.", "Name another.")


def break_(_words: Mapping[str, Any], _stopping: Callable[[], bool]) -> Mapping[str, Any]:
    raise RuntimeError("secret of the inside")


@pytest.fixture
def control(tmp_path: Path) -> Iterator[ControlSocket]:
    served = ControlSocket(tmp_path, {"echo": echo, "refuse": refuse, "break": break_}.get)
    served.start()
    yield served
    served.close()


def say(folder: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(folder / NAME))
        client.sendall(line)
        client.shutdown(socket.SHUT_WR)
        return client.makefile("rb").read()


def test_a_command_is_carried_out_and_answered(control: ControlSocket, tmp_path: Path) -> None:
    assert ask_running(tmp_path, "echo", text="ключ\n") == {"heard": "ключ\n"}


def test_only_the_owner_can_reach_it_and_nothing_stays_behind(control: ControlSocket, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    control.close()
    assert not (tmp_path / NAME).exists()
    assert ask_running(tmp_path, "echo", text="x") is None


def test_what_a_command_raises_is_raised_to_whoever_asked(control: ControlSocket, tmp_path: Path) -> None:
    with pytest.raises(SightlineError, match="It is there already") as refused:
        ask_running(tmp_path, "refuse")
    assert (refused.value.code, refused.value.hint) == ("conflict", "Name another.")
    with pytest.raises(SightlineError, match="The command failed"):
        ask_running(tmp_path, "break")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"[]\n",
        b'{"do": "shutdown"}\n',
        b'{"do": {}}\n',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b"x" * 200_000,
    ],
)
def test_what_is_no_command_is_refused_and_the_next_is_served(
    line: bytes, control: ControlSocket, tmp_path: Path
) -> None:
    try:
        reply = say(tmp_path, line)
    except (BrokenPipeError, ConnectionResetError):  # it did not read to the end
        reply = b""
    if reply:
        assert json.loads(reply)["error"]["code"] == "invalid_request"
    assert ask_running(tmp_path, "echo", text="still here") == {"heard": "still here"}


def test_whoever_says_nothing_holds_nobody_up_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.control._PATIENCE_S", 0.2)
    served = ControlSocket(tmp_path, {"echo": echo}.get)
    served.start()
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(tmp_path / NAME))
        assert ask_running(tmp_path, "echo", text="me") == {"heard": "me"}
    served.close()


def test_a_folder_with_a_long_name_has_one_too(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 100) / ("b" * 100)
    deep.mkdir(parents=True)
    served = ControlSocket(deep, {"echo": echo}.get)
    served.start()
    assert ask_running(deep, "echo", text="far") == {"heard": "far"}
    served.close()


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / NAME))
    assert ask_running(tmp_path, "echo", text="x") is None
    served = ControlSocket(tmp_path, {"echo": echo}.get)
    served.start()
    assert ask_running(tmp_path, "echo", text="x") == {"heard": "x"}
    served.close()


def test_a_long_command_is_told_that_the_server_ends(tmp_path: Path) -> None:
    begun = threading.Event()

    def long(_words: Mapping[str, Any], stopping: Callable[[], bool]) -> Mapping[str, Any]:
        begun.set()
        while not stopping():
            pass
        raise StoreUnavailable("Sightline is stopping.")

    served = ControlSocket(tmp_path, {"long": long}.get)
    served.start()
    told: list[SightlineError] = []

    def ask() -> None:
        try:
            ask_running(tmp_path, "long")
        except SightlineError as error:
            told.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert begun.wait(10)
    served.close()
    asking.join()
    assert [error.sentence for error in told] == ["Sightline is stopping."]
