"""Before a picture leaves this machine: in which way it may, what is painted over, whether people were asked. What is
written down about it is :mod:`analyzer.outgoing`'s.

A model that works here is handed what it takes and none of this concerns it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from analyzer.budget import Budget
from analyzer.models.model import UNFETCHABLE, Material, ModelCard, Past
from analyzer.outgoing import OutgoingLog
from analyzer.painting import NAME as REGIONS
from analyzer.painting import Regions, paint_over, read_regions
from analyzer.stripping import stripped
from core.clock import Clock
from core.errors import PictureUnreadable
from core.picture import Picture
from storage.decoding import check
from storage.register import camera_key
from storage.source import ImageSource

_INDOORS = (".local", ".lan", ".internal", ".home.arpa", ".localdomain", ".localhost")


class Inline(StrEnum):
    """When a picture's bytes may go to a cloud model (``INLINE_IMAGES``)."""

    FOLDER = "folder"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Spending:
    """US dollars at which a run stops and at which a day's asking ends, and above which a question is put only after a
    second yes."""

    most_per_run: float = float("inf")
    most_per_day: float = float("inf")
    confirm_above: float = float("inf")


@dataclass(frozen=True, slots=True)
class Leaving:
    """What holds for every picture that leaves: the way it may go, the budget, the log, the regions to paint over by
    the camera's key (:func:`~storage.register.camera_key`).
    ``spending`` says how much."""

    inline: Inline = Inline.FOLDER
    budget: Budget | None = None
    log: OutgoingLog | None = None
    regions: Mapping[str, Regions] = field(default_factory=dict)
    spending: Spending = field(default_factory=lambda: Spending())

    def agreed(self, host: str) -> bool:
        """Whether something may go to ``host`` without asking people first: it is this machine, or they said yes."""
        return is_loopback(host) or self.budget is None or self.budget.knows(host)

    def close(self) -> None:
        """Keep what was spent."""
        if self.budget is not None:
            self.budget.close()


def open_leaving(data_dir: Path, inline: str, spending: Spending, clock: Clock, zone: tzinfo) -> Leaving:
    """As the settings have it. Raises :class:`~core.errors.SettingsError` for regions that can't be read."""
    budget = Budget(data_dir / "cloud.json", spending.most_per_day, clock, zone)
    regions = read_regions(data_dir / REGIONS)
    return Leaving(Inline(inline), budget, OutgoingLog(data_dir / "logs", clock), regions, spending)


class Handing:
    """Hands pictures of one source to one model, as URL or as bytes."""

    def __init__(self, source: ImageSource, card: ModelCard, leaving: Leaving) -> None:
        self._source = source
        self._card = card
        self._leaving = leaving

    def material(self, picture: Picture, past: Past) -> Material:
        """``picture`` as the model gets it this time. Raises :class:`PictureUnreadable` with the reason why not."""
        if self._card.takes == "bytes" and not self._card.leaves_machine:
            return Material(self._source.read(picture), past=past)
        regions = self._leaving.regions.get(camera_key(picture.camera or ""))
        url = None if regions else self._source.url(picture)
        if self._card.takes == "url" and not self._card.leaves_machine:
            return Material(url=url, past=past)
        why = self._why_not_by_url(url, past)
        if url is not None and not why:
            return Material(url=url, past=past)
        has_url = url is not None or (bool(regions) and self._source.url(picture) is not None)
        self._refuse_bytes(why, has_url=has_url, painted=bool(regions))
        content = self._source.read(picture)
        header = check(content)  # what can't be read here is not sent to be paid for
        # BMP is no format that every server knows.
        leaves = paint_over(content, regions or ()) if regions or header.format == "BMP" else stripped(content, header)
        return Material(leaves, past=past, digest=hashlib.sha256(content).hexdigest())

    def _why_not_by_url(self, url: str | None, past: Past) -> str:
        if url is None:
            return ""
        if past.troubles.count(UNFETCHABLE) >= 2:
            return f"{self._card.to} could not fetch the picture from its URL, twice. {past.said}".rstrip()
        host = urlsplit(url).hostname or ""
        if not self._card.reaches and is_indoors(host):
            return f"Its URL can only be reached from this network ({host})."
        return ""

    def _refuse_bytes(self, why: str, *, has_url: bool, painted: bool) -> None:
        inline = self._leaving.inline
        if inline is Inline.ALWAYS or (inline is Inline.FOLDER and (painted or not has_url)):
            return
        if painted:
            raise PictureUnreadable(
                "Parts of this camera's pictures are painted over, so they can't go by URL.", _ALLOW
            )
        raise PictureUnreadable(why or "The picture has no URL, and its bytes may not leave this machine.", _ALLOW)


_ALLOW = "INLINE_IMAGES says which pictures may be sent as bytes."


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


@lru_cache(maxsize=512)
def is_indoors(host: str) -> bool:
    """Whether only this network can reach ``host``, by its address or its name. A name that nobody knows is taken for
    one of the world outside."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    if "." not in host or host.casefold().endswith(_INDOORS):
        return True
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return all(not ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_global for entry in found)
