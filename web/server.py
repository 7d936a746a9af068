"""Serving: one process, threads, waitress. Another WSGI server could take its place here and nowhere else."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from types import FrameType

from flask import Flask

from core.errors import SettingsError

_log = logging.getLogger(__name__)
# Threads for everything that is no stream: pages, questions, pictures.
_WORKERS = 32
# What is larger never reaches a route; what the routes take is less, and they say so in a sentence.
_LARGEST_BODY = 1024 * 1024


def serve(app: Flask, host: str, port: int, streams: int, upload_bytes: int, end_streams: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; returns then.

    ``end_streams`` is called first, in the signal's handler: a stream holds a thread, and waitress would wait five
    seconds for each that does not end. A second signal ends the process where it stands.
    """
    from waitress.server import create_server

    try:
        server = create_server(
            app,
            host=host,
            port=port,
            threads=_WORKERS + streams,
            connection_limit=1024,
            channel_timeout=120,
            # Or a viewer who stops reading costs 16 MiB. send_bytes stays as it is: set, it holds back single events.
            outbuf_high_watermark=262144,
            # select() fails at the 1,024th file descriptor, which a busy server has.
            asyncore_use_poll=True,
            max_request_body_size=max(_LARGEST_BODY, 2 * upload_bytes),
            max_request_header_size=64 * 1024,
            ident="",
        )
    except OSError as error:
        raise SettingsError(
            f"Port {port} on {host} can't be used: {error.strerror}.", "Set PORT to another, or stop what uses it."
        ) from error

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        _log.info("stopping on %s", signal.Signals(number).name)
        end_streams()
        raise SystemExit

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    name = f"[{host}]" if ":" in host else host
    _log.info("serving http://%s:%s", name, getattr(server, "effective_port", port))
    server.run()  # returns when the handler raises SystemExit
    server.close()
