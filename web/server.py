"""Serving: one process, threads, waitress. Another WSGI server could take its place here and nowhere else."""

from __future__ import annotations

import ctypes
import logging
import resource
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask

from core.errors import SettingsError
from web.workers import Workers

_log = logging.getLogger(__name__)
# Threads for everything that is no stream: pages, questions, pictures.
_WORKERS = 32
# A browser holds up to six connections, and keeps those that are idle for as long as it is let.
_CONNECTIONS_EACH, _SPARE_FILES = 6, 512
_IDLE_S = 60
# A reader who takes nothing for this long is cut off by the kernel: one that waits for him holds a thread.
_STALLED_MS = 30_000
# A request must be whole by then: a large sheet over a slow line takes a minute or two.
_PATIENCE_S = 180.0
# glibc's number for "at most so many heaps" (malloc.h).
_M_ARENA_MAX, _HEAPS = -8, 2
# What is larger never reaches a route; what the routes take is less, and they say so in a sentence.
_LARGEST_BODY = 1024 * 1024


def share_heaps() -> None:
    """Let all threads allocate from two heaps of the C library. By default each of hundreds of threads is given one of
    its own, and what is freed in one is of no use to the next: 40 MB more in a run with 64 workers. Where the C library
    knows no such choice (musl), nothing changes."""
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_M_ARENA_MAX, _HEAPS)


def _connections(streams: int) -> int:
    """How many connections may be open, after asking the system for as many files as that takes."""
    wanted = 1024 + _CONNECTIONS_EACH * streams
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + _SPARE_FILES if hard == resource.RLIM_INFINITY else min(wanted + _SPARE_FILES, hard)
    if files > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(min(wanted, max(files, soft) - _SPARE_FILES), 128)


def open_server(
    app: Flask,
    host: str,
    port: int,
    streams: int,
    body_bytes: int = _LARGEST_BODY,
    stalled_ms: int = _STALLED_MS,
    patience_s: float = _PATIENCE_S,
    sockets: dict[int, Any] | None = None,
) -> Any:
    """A waitress server that listens; ``sockets`` is where it keeps its connections, for those who turn its loop."""
    from waitress.server import create_server

    from web.patience import PatientChannel

    server = create_server(
        app,
        map=sockets,
        host=host,
        port=port,
        _dispatcher=Workers(_WORKERS, _WORKERS + streams),
        connection_limit=_connections(streams),
        channel_timeout=_IDLE_S,
        # Or a viewer who stops reading costs 16 MiB. send_bytes stays as it is: set, it holds back single events.
        outbuf_high_watermark=65536,
        # select() fails at the 1,024th file descriptor, which a busy server has.
        asyncore_use_poll=True,
        max_request_body_size=body_bytes,
        max_request_header_size=64 * 1024,
        # What a proxy says is read, or passed over, by werkzeug's ProxyFix (TRUSTED_PROXIES), and seen by the gate.
        clear_untrusted_proxy_headers=False,
        ident="",
    )
    server.channel_class = type("Channel", (PatientChannel,), {"patience_s": patience_s})
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        stalled = (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stalled_ms)
        server.adj.socket_options = [*server.adj.socket_options, stalled]
    return server


def serve(app: Flask, host: str, port: int, streams: int, upload_bytes: int, end_streams: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; returns then.

    ``end_streams`` is called first, in the signal's handler: a stream holds a thread, and waitress would wait five
    seconds for each that does not end. A second signal ends the process where it stands.
    """
    try:
        server = open_server(app, host, port, streams, body_bytes=max(_LARGEST_BODY, 2 * upload_bytes))
    except OSError as error:
        raise SettingsError(
            f"Port {port} on {host} can't be used: {error.strerror}.", "Set PORT to another, or stop what uses it."
        ) from error
    # It tells of every page that is closed, and of every request that waits for its thread to be made.
    logging.getLogger("waitress").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)

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
