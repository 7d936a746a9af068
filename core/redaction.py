"""Taking secrets out of text before it reaches a log, an error, an export or a page."""

from __future__ import annotations

import re
from collections.abc import Iterable

_MASK = "•••"
_URL_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)[^/\s@]*(?:@[^/\s@]*)*@", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?P<name>(?:x-goog-signature|x-goog-credential|x-amz-signature|signature|sig|token|key|api_key|password|pwd)=)"
    r"[^&\s\"'<>]+",
    re.IGNORECASE,
)
_API_KEY = re.compile(r"\b(?:sk-[A-Za-z0-9_*-]{3,}|AIza[0-9A-Za-z_-]{10,})")
_BEARER = re.compile(r"(?P<name>\bBearer\s+)[A-Za-z0-9._~+/=-]+", re.IGNORECASE)

_LINK = re.compile(r"(?P<name>/shared/)[A-Za-z0-9_-]{20,}")


class Redactor:
    """Masks the secrets it was told of, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # The longest first, so that a secret that holds another leaves nothing behind.
        self._secrets = sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """``text`` without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        text = _URL_USERINFO.sub(rf"\g<scheme>{_MASK}@", text)
        text = _SIGNATURE.sub(rf"\g<name>{_MASK}", text)
        text = _BEARER.sub(rf"\g<name>{_MASK}", text)
        text = _LINK.sub(rf"\g<name>{_MASK}", text)
        return _API_KEY.sub(_MASK, text)
