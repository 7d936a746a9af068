"""The one way in which this server fetches what an address from outside names: guarded, in memory, within bounds.

An address is read once, its name is resolved once, every address that the name stands for is checked, and the
connection goes to one of those checked addresses (so a name that changes its mind meanwhile gains nothing). Each
redirect goes through the same again.
"""

from __future__ import annotations

import http.client
import io
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import Clock, SystemClock
from core.errors import FetchFailed
from core.web_address import Reach, WebAddress, read_web_address

Resolve = Callable[[str, int], Sequence[str]]

_MOST_HOPS = 5
_PIECE_BYTES = 65_536
# http.client bounds a head by its lines, and other packages lift that bound for the whole process.
_MOST_HEAD_BYTES = 65_536
_MOST_TRIED = 3  # addresses of one name
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAID = {
    401: "asks for a password",
    403: "refuses access to it",
    404: "has nothing at this address",
    410: "has nothing at this address any more",
    429: "has been asked too often",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was found. ``headers`` are those of the last reply, names in lower case."""

    content: bytes
    headers: Mapping[str, str]


class Fetcher:
    """Fetches from wherever ``reach`` allows; safe to use from several threads.

    ``max_bytes`` bounds what is held in memory, ``time_s`` the whole of a fetch from its name to its last byte, however
    slowly they drip. ``resolve`` gives the IP addresses of a name.
    """

    def __init__(
        self,
        reach: Reach,
        max_bytes: int,
        time_s: float = 20.0,
        resolve: Resolve | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._reach = reach
        self._max_bytes = max_bytes
        self._time_s = time_s
        self._resolve = resolve or _addresses
        self._clock = clock or SystemClock()
        self._tls = ssl.create_default_context()

    def fetch(self, url: str) -> Fetched:
        """What lies at ``url``, after at most five redirects. Raises :class:`AddressRefused` or
        :class:`FetchFailed`, neither of which names more than the host."""
        deadline = Deadline(self._clock, self._time_s)
        address = read_web_address(url)
        for _ in range(_MOST_HOPS + 1):
            found = self._hop(address, deadline)
            if isinstance(found, Fetched):
                return found
            address = address.joined(found)
        raise FetchFailed(f"{address.host} sends from one address to the next without end.")

    def check(self, url: str) -> WebAddress:
        """The address, if it may be fetched from as things stand; nothing is sent. Raises like :meth:`fetch`."""
        address = read_web_address(url)
        self._allowed(address, Deadline(self._clock, self._time_s))
        return address

    def _allowed(self, address: WebAddress, deadline: Deadline) -> Sequence[str]:
        self._reach.check_port(address.port)
        try:
            found = self._looked_up(address, deadline)
        except TimeoutError as error:
            raise FetchFailed(f"Within {self._time_s:g} s nobody says where {address.host} is.") from error
        except OSError as error:
            raise FetchFailed(f"No server goes by the name {address.host}.") from error
        if not found:
            raise FetchFailed(f"No server goes by the name {address.host}.")
        for one in found:  # all of them: a name with one foot inside is no public name
            self._reach.check_address(one)
        return found

    def _looked_up(self, address: WebAddress, deadline: Deadline) -> Sequence[str]:
        """What the name stands for. The system's resolver knows no deadline and can't be called off: it is asked in a
        thread that is left alone with it, and ends when the resolver gives up."""
        answer: queue.SimpleQueue[Sequence[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                answer.put(self._resolve(address.host, address.port))
            except Exception as error:  # noqa: BLE001  (the root of a thread: handed on to who waits)
                answer.put(error)

        threading.Thread(target=look_up, name="look-up", daemon=True).start()
        try:
            found = answer.get(timeout=deadline.left_s())
        except queue.Empty:
            raise TimeoutError from None
        if isinstance(found, Exception):
            raise found
        return found

    def _hop(self, address: WebAddress, deadline: Deadline) -> Fetched | str:
        """What is there, or where it is said to be."""
        connection = _Pinned(address, self._allowed(address, deadline), deadline, self._tls)
        try:
            connection.request("GET", address.path, headers={"Accept": "image/*", "Accept-Encoding": "identity"})
            reply = connection.getresponse()
            connection.read_on()
            if reply.status in _REDIRECTS and (target := reply.headers.get("Location")):
                return target
            _refuse_status(address, reply.status)
            return Fetched(self._body(address, reply), {name.lower(): told for name, told in reply.headers.items()})
        except TimeoutError as error:
            raise FetchFailed(f"{address.host} takes longer than {self._time_s:g} s.") from error
        except ssl.SSLError as error:
            raise FetchFailed(f"{address.host} can't prove who it is (TLS).") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchFailed(f"{address.host} can't be reached, or does not speak HTTP.") from error
        finally:
            connection.hang_up()

    def _body(self, address: WebAddress, reply: http.client.HTTPResponse) -> bytes:
        if reply.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
            raise FetchFailed(f"{address.host} packs the picture, which was not asked for.")
        if reply.length is not None and reply.length > self._max_bytes:
            raise self._too_large(address)
        parts, size = [], 0
        while part := reply.read(_PIECE_BYTES):
            parts.append(part)
            size += len(part)
            if size > self._max_bytes:
                raise self._too_large(address)
        if reply.length:  # http.client counts down what was promised and not sent
            raise FetchFailed(f"{address.host} ends the picture early.")
        return b"".join(parts)

    def _too_large(self, address: WebAddress) -> FetchFailed:
        limit_mb = self._max_bytes / 1_000_000
        return FetchFailed(f"What {address.host} sends is larger than {limit_mb:g} MB.", "MAX_PICTURE_BYTES sets it.")


class Deadline:
    """The moment at which everything must be over."""

    def __init__(self, clock: Clock, time_s: float) -> None:
        self._clock = clock
        self._end_s = clock.monotonic() + time_s

    def left_s(self) -> float:
        """Seconds until then. Raises ``TimeoutError`` where there are none."""
        left = self._end_s - self._clock.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Pinned(http.client.HTTPConnection):
    """A connection that goes to addresses checked before, under the name that was asked for."""

    def __init__(self, address: WebAddress, checked: Sequence[str], deadline: Deadline, tls: ssl.SSLContext) -> None:
        super().__init__(address.host, address.port)
        self._address = address
        self._checked = checked
        self._deadline = deadline
        self._tls = tls
        self._line: socket.socket | None = None
        self._timed: _TimedSocket | None = None
        if address.scheme == "https":
            self.default_port = 443  # what the Host header leaves away

    def connect(self) -> None:
        self._line = self._open()
        if self._address.scheme == "https":
            self._line.settimeout(self._deadline.left_s())
            self._line = self._tls.wrap_socket(self._line, server_hostname=self._address.host)
        # http.client lets go of its own reference when it has read a head that ends the connection.
        self._timed = _TimedSocket(self._line, self._deadline)
        self.sock: Any = self._timed

    def read_on(self) -> None:
        """The head is read: what follows is bounded by whoever reads it."""
        if self._timed is not None:
            self._timed.most_bytes = None

    def hang_up(self) -> None:
        """Close the line. ``close`` can't be it: http.client calls that while a reply is still to be read."""
        self.close()
        if self._line is not None:
            self._line.close()

    def _open(self) -> socket.socket:
        failed: OSError = OSError("no address")
        for one in self._checked[:_MOST_TRIED]:
            try:
                return socket.create_connection((one, self._address.port), timeout=self._deadline.left_s())
            except TimeoutError:
                raise
            except OSError as error:
                failed = error
        raise failed


class _TimedSocket:
    """What http.client needs of a socket, with one deadline for all of it: a socket's own timeout begins anew with each
    byte that drips in. More than ``most_bytes`` are not read."""

    def __init__(self, line: socket.socket, deadline: Deadline) -> None:
        self._line = line
        self._deadline = deadline
        self.most_bytes: int | None = _MOST_HEAD_BYTES

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(self._deadline.left_s())
        self._line.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reading(self))

    def receive(self, buffer: Any) -> int:
        self._line.settimeout(self._deadline.left_s())
        size = self._line.recv_into(buffer)
        if self.most_bytes is not None:
            self.most_bytes -= size
            if self.most_bytes < 0:
                raise OSError("the head has no end")
        return size

    def close(self) -> None:
        """Nothing: the connection owns the line."""


class _Reading(io.RawIOBase):
    """The reading end."""

    def __init__(self, line: _TimedSocket) -> None:
        self._line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._line.receive(buffer)


def _refuse_status(address: WebAddress, status: int) -> None:
    if status != 200:
        said = _SAID.get(status, "can't give it now" if status >= 500 else "does not give it")
        raise FetchFailed(f"{address.host} {said} ({status}).")


def _addresses(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
