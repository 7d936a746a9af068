"""The page's own files and the vendor files, packed once and kept: a telephone on a slow line loads a quarter.

Nothing else is packed: replies that hold a person's data beside their token must not betray it by their length.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

_TYPES = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})


def register_compression(app: Flask) -> None:
    """Pack style sheets and scripts for browsers that take gzip."""
    app.after_request(_Packer().pack)


class _Packer:
    """Holds each file's packed bytes until the file changes; there are only as many as the two folders have."""

    def __init__(self) -> None:
        self._packed: dict[str, tuple[str, bytes]] = {}

    def pack(self, reply: Response) -> Response:
        if reply.status_code != 200 or reply.mimetype not in _TYPES:
            return reply
        if not request.path.startswith(("/static/", "/vendor/")):
            return reply
        reply.vary.add("Accept-Encoding")
        tag, _ = reply.get_etag()
        if tag is None or request.method != "GET" or request.range or not request.accept_encodings["gzip"]:
            return reply
        reply.direct_passthrough = False
        body = reply.get_data()
        kept = self._packed.get(request.path)
        if kept is None or kept[0] != tag:
            kept = self._packed[request.path] = (tag, gzip.compress(body, mtime=0))
        reply.set_data(kept[1])
        reply.headers["Content-Encoding"] = "gzip"
        # Weak, since the bytes differ; the next visit is still answered with 304.
        reply.set_etag(tag, weak=True)
        return reply
