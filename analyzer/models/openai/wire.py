"""Plain HTTP to one server: kept connections, one deadline for a whole exchange, a limit to what comes back.

Threads share a :class:`Wire`; each call has a connection to itself while it lasts. What an answer means is not known
here.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
import urllib.request
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Literal
from urllib.parse import urlsplit

_CONNECT_TIMEOUT_S = 10.0
_LOOK_UP_S = 1.0


class WireError(Exception):
    """No whole answer came. ``sent`` is false where the server can't have begun to work on it."""

    def __init__(self, sentence: str, *, sent: bool = True) -> None:
        super().__init__(sentence)
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    elapsed_s: float


class Wire:
    """The way to ``base_url``. Safe from all threads; ``close`` drops the connections that wait."""

    def __init__(self, base_url: str, headers: Mapping[str, str], most_bytes: int) -> None:
        parts = urlsplit(base_url)
        self._tls = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._tls else 80)
        self._root = parts.path.rstrip("/")
        self._headers = dict(headers)
        self._most_bytes = most_bytes
        self._context = ssl.create_default_context() if self._tls else None
        self._proxy = _proxy_for(parts.scheme, self._host)
        if self._proxy and not self._tls:
            self._root = f"http://{parts.netloc}{self._root}"
        self._idle: deque[HTTPConnection] = deque()

    def post(self, path: str, body: bytes, patience_s: Callable[[], float]) -> Reply:
        """Send ``body`` (JSON) and wait for the whole answer, at most ``patience_s()`` for everything. That is asked
        again every second: it may have become less. Raises :class:`WireError`."""
        began = time.monotonic()
        deadline = _Deadline(began, patience_s)
        try:
            connection = self._connected(deadline)
        except TimeoutError as error:  # whoever asks ends before it began
            raise WireError("There was no time left for it.", sent=False) from error
        try:
            status, headers, content, keep = self._exchange(connection, path, body, deadline)
        except TimeoutError as error:
            connection.close()
            raise WireError(f"No whole answer within {time.monotonic() - began:.0f} s.") from error
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            raise WireError(f"The connection broke ({type(error).__name__}).") from error
        if keep:
            self._idle.append(connection)
        else:
            connection.close()
        return Reply(status, headers, content, time.monotonic() - began)

    def close(self) -> None:
        """Drop the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(
        self, connection: HTTPConnection, path: str, body: bytes, deadline: _Deadline
    ) -> tuple[int, dict[str, str], bytes, bool]:
        connection.sock.settimeout(deadline.left_s)
        connection.response_class = lambda sock, **more: HTTPResponse(_Until(sock, deadline), **more)  # type: ignore[assignment, arg-type]
        headers = self._headers | {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", self._root + path, body, headers)
        with connection.getresponse() as response:
            content = response.read(self._most_bytes + 1)
            if len(content) <= self._most_bytes and not response.isclosed():
                raise ConnectionError("the answer ends early")
            told = {name.lower(): value for name, value in response.getheaders()}
            return response.status, told, content, response.isclosed() and not response.will_close

    def _connected(self, deadline: _Deadline) -> HTTPConnection:
        """A connection that is open: the one used last, or a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if _quiet(connection.sock):
                return connection
            connection.close()
        connection = self._new(min(_CONNECT_TIMEOUT_S, deadline.left_s))
        try:
            connection.connect()
        except (OSError, HTTPException) as error:
            connection.close()
            raise WireError(f"{self._host} can't be reached ({_short(error)}).", sent=False) from error
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _new(self, timeout_s: float) -> HTTPConnection:
        host, port = self._proxy or (self._host, self._port)
        if not self._tls:
            return HTTPConnection(host, port, timeout=timeout_s)
        connection = HTTPSConnection(host, port, timeout=timeout_s, context=self._context)
        if self._proxy:
            connection.set_tunnel(self._host, self._port)
        return connection


class _Deadline:
    def __init__(self, began_s: float, patience_s: Callable[[], float]) -> None:
        self._began_s = began_s
        self._patience_s = patience_s

    @property
    def left_s(self) -> float:
        """Seconds that are left, a thousandth at least. Raises :class:`TimeoutError` when there are none."""
        left = self._began_s + self._patience_s() - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return max(left, 0.001)


class _Until:
    """A socket as an answer reads it: every read waits only for what is left until the deadline."""

    def __init__(self, sock: socket.socket, deadline: _Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def makefile(self, mode: Literal["rb"]) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self._sock, self._sock.makefile(mode, buffering=0), self._deadline))


class _Reading(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: socket.SocketIO, deadline: _Deadline) -> None:
        self._sock = sock
        self._raw = raw
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        while not self._readable(self._deadline.left_s):
            pass
        self._sock.settimeout(self._deadline.left_s)
        return self._raw.readinto(buffer)

    def _readable(self, left_s: float) -> bool:
        """Whether something has come within a second at most."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        watch = select.poll()
        watch.register(self._sock, select.POLLIN)
        return bool(watch.poll(min(left_s, _LOOK_UP_S) * 1000))

    def close(self) -> None:
        self._raw.close()
        super().close()


def _quiet(sock: socket.socket) -> bool:
    """Whether an idle connection may be used again: one that has something to read was closed by the server."""
    watch = select.poll()
    watch.register(sock, select.POLLIN)
    return not watch.poll(0)


def _short(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ssl.SSLError):
        return f"its certificate: {error.reason or type(error).__name__}"
    return getattr(error, "strerror", None) or type(error).__name__


def _proxy_for(scheme: str, host: str) -> tuple[str, int] | None:
    """The proxy that the environment names for ``host``."""
    named = urllib.request.getproxies().get(scheme)
    if not named or urllib.request.proxy_bypass(host):
        return None
    parts = urlsplit(named if "//" in named else f"//{named}")
    return (parts.hostname, parts.port or 8080) if parts.hostname else None
