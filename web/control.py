"""The control socket: how a command reaches the Sightline that is running, since only one process may open its data.

``DATA_DIR/control.sock`` is a Unix socket that only its owner can reach; nothing here listens on a network. A client
sends one line, a JSON object with the name of the command under ``do``; the answer is one line, ``{"done": ...}`` or
``{"error": {"code", "message", "hint"}}``. One request is served at a time, and has little time to say what it wants.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from core.errors import InvalidRequest, SightlineError, StoreUnavailable

NAME = "control.sock"
_LINE_BYTES = 64 * 1024
_PATIENCE_S = 5.0
# How long an answer may take: a backup of a hundred million rows.
_ANSWER_S = 6 * 3600.0
# What the system allows for a socket's path, on the strictest of them.
_LONGEST_PATH = 100
_log = logging.getLogger(__name__)

# What was asked, and a question whether the server is ending: a command that takes long then breaks off.
Command = Callable[[Mapping[str, Any], Callable[[], bool]], Mapping[str, Any]]


class ControlSocket:
    """Serves commands in a thread of its own; ``find`` gives one by its name. A socket that can't be opened costs the
    commands, not the server."""

    def __init__(self, folder: Path, find: Callable[[str], Command | None]) -> None:
        self._folder = folder
        self._find = find
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._closing = threading.Event()

    def start(self) -> None:
        """Listen. The folder must be owned: what a killed process left under the name is removed."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._bind(listener)
        except OSError as error:
            listener.close()
            _log.warning("no control socket in %s: %s; commands need the server stopped", self._folder, error.strerror)
            return
        self._listener = listener
        self._thread = threading.Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a command under way is told, and waited for."""
        self._closing.set()
        if self._listener is None or self._thread is None:
            return
        with suppress(OSError):  # an accept() under way does not notice that its socket is closed
            self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()
        (self._folder / NAME).unlink(missing_ok=True)
        self._thread = self._listener = None

    def _bind(self, listener: socket.socket) -> None:
        path = self._folder / NAME
        path.unlink(missing_ok=True)
        os.fchmod(listener.fileno(), 0o600)  # before it has a name, so that it is never open to others
        with _address(self._folder) as address:
            listener.bind(address)
        path.chmod(0o600)
        listener.listen(8)

    def _serve(self) -> None:
        assert self._listener is not None  # noqa: S101
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._answer(connection)
                except OSError as error:  # it went away
                    _log.info("a client of the control socket left: %s", error.strerror)

    def _answer(self, connection: socket.socket) -> None:
        reply: Mapping[str, Any]
        try:
            reply = {"done": self._run(_read_line(connection, _PATIENCE_S))}
        except SightlineError as error:
            reply = {"error": error.as_json()}
        except Exception:  # noqa: BLE001  (the root of a request)
            _log.exception("a command failed")
            reply = {"error": StoreUnavailable("The command failed.", "The reason is in the log.").as_json()}
        connection.settimeout(_PATIENCE_S)
        connection.sendall(json.dumps(reply).encode() + b"\n")

    def _run(self, line: bytes) -> Mapping[str, Any]:
        try:
            words = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InvalidRequest("The command can't be read.") from error
        command = self._find(str(words.get("do"))) if isinstance(words, dict) else None
        if command is None:
            raise InvalidRequest("There is no such command.")
        _log.info("command %s", words["do"])
        return command(words, self._closing.is_set)


def ask_running(folder: Path, do: str, **words: Any) -> Mapping[str, Any] | None:
    """Have the Sightline that owns ``folder`` carry out a command; ``None`` where none is running.

    Raises what the command raised."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with connection:
        try:
            with _address(folder) as address:
                connection.connect(address)
        except OSError:  # no socket, or one that a killed process left behind
            return None
        connection.sendall(json.dumps({"do": do, **words}).encode() + b"\n")
        reply = json.loads(_read_line(connection, _ANSWER_S) or b"{}")
    if "error" in reply:
        raise _as_error(reply["error"])
    if "done" not in reply:
        raise StoreUnavailable("Sightline ended before the command was done.", "Start it and try again.")
    done: Mapping[str, Any] = reply["done"]
    return done


def _as_error(told: Mapping[str, str]) -> SightlineError:
    error = SightlineError(told["message"], told["hint"])
    error.code = told["code"]
    return error


def _read_line(connection: socket.socket, patience_s: float) -> bytes:
    """One line; whoever sends more, or too slowly, has said nothing."""
    deadline = time.monotonic() + patience_s
    line = bytearray()
    while not line.endswith(b"\n"):
        left_s = deadline - time.monotonic()
        if len(line) > _LINE_BYTES or left_s <= 0:
            raise InvalidRequest("The command is too long, or came too slowly.")
        connection.settimeout(left_s)
        try:
            chunk = connection.recv(4096)
        except TimeoutError:
            continue
        if not chunk:
            break
        line += chunk
    return bytes(line)


@contextmanager
def _address(folder: Path) -> Iterator[str]:
    """The socket's path, by way of an open folder where it would be too long for the system."""
    path = str((folder / NAME).absolute())
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield path
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{NAME}"
    finally:
        os.close(descriptor)
