"""A line to the program that can be cut and mended, for tests of what the page does without one."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from types import TracebackType


class Wire:
    """Forwards connections to a port of this machine. Cut, it drops those it has and refuses new ones."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._door = self._open(0)
        self.port = self._door.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._lock = threading.Lock()
        self._whole = True
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._carry, name="wire")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Drop every connection, and each new one as it comes."""
        with self._lock:
            self._whole = False
            for end in list(self._pairs):
                self._drop(end)

    def mend(self) -> None:
        """Let connections through again."""
        with self._lock:
            self._whole = True

    def __enter__(self) -> Wire:
        self._selector.register(self._door, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._thread.join()
        self.cut()
        self._door.close()
        self._selector.close()

    def _open(self, port: int) -> socket.socket:
        return socket.create_server(("127.0.0.1", port))

    def _carry(self) -> None:
        while not self._closing.is_set():
            for ready, _ in self._selector.select(0.05):
                with self._lock:
                    if ready.fileobj is self._door:
                        self._accept()
                    elif ready.fileobj in self._pairs:
                        self._pass_on(ready.fileobj)

    def _accept(self) -> None:
        near, _ = self._door.accept()
        if not self._whole:
            near.close()
            return
        far = socket.create_connection(self._target)
        for one, other in ((near, far), (far, near)):
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = end.recv(65536)
        try:
            self._pairs[end].sendall(data)
        except OSError:
            data = b""
        if not data:
            self._drop(end)

    def _drop(self, end: socket.socket) -> None:
        other = self._pairs.pop(end, None)
        for one in (end, other):
            if one is not None:
                self._pairs.pop(one, None)
                with contextlib.suppress(KeyError, ValueError):
                    self._selector.unregister(one)
                one.close()
