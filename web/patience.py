"""A request must be whole within a while. Waitress waits as long as a byte comes now and then, and holds the
connection: some hundreds that send a byte every few seconds would leave nobody else a place."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from waitress.channel import HTTPChannel

_BODY = b'{"error":{"code":"too_slow","message":"The request was not whole in time.","hint":"Send it again."}}'
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/json\r\n"
    b"Cache-Control: no-store\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


class PatientChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that is closed, with 408, when a request on it takes longer than ``patience_s`` to arrive."""

    patience_s = 180.0
    _began_s: float | None = None

    def received(self, data: bytes) -> Any:
        """Called by waitress with what has come."""
        taken = super().received(data)
        if self.request is None:
            self._began_s = None
        elif self._began_s is None:
            self._began_s = time.monotonic()
        elif time.monotonic() - self._began_s > self.patience_s and not self.requests:
            self._give_up()
        return taken

    def _give_up(self) -> None:
        with contextlib.suppress(OSError):  # it has gone
            self.socket.send(_TOO_SLOW)
        self.will_close = True
