"""What questions are asked about. It may be replaced while the program runs; a run keeps the one it began with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from analyzer.planner import Planner
from analyzer.report.check import register_names
from analyzer.report.names import Names
from core.errors import Conflict
from core.picture import Picture
from storage.census import count
from storage.left_out import LeavesOut, LeftOut
from storage.register import Register
from storage.source import ImageSource
from storage.sources import Elsewhere


@dataclass(frozen=True)
class Site:
    """Where the pictures are, where the cameras stand, whose clock counts."""

    source: ImageSource
    register: Register
    timezone: ZoneInfo

    @cached_property
    def planner(self) -> Planner:
        """Understands questions about this site; built at the first one."""
        return Planner(self.register, self.timezone)

    @cached_property
    def names(self) -> Names:
        """Every name that the register has, as a report is searched for them."""
        rows = self.register.cameras
        named = ((one.camera, one.location, one.district, one.old_district, one.mandal) for one in rows)
        return register_names(name for row in named for name in row if name)


def _none_kept(_version: str) -> Site:
    raise Conflict("The register that this question began with is no longer kept.", "Ask the question again.")


class Sites:
    """The site in force, and by the version of its register any that a run may still need."""

    def __init__(self, now: Site, earlier: Callable[[str], Site] = _none_kept) -> None:
        """``earlier`` opens a site of before; it raises where its register is not kept."""
        self._lock = threading.Lock()
        self._now = now
        self._earlier = earlier

    @property
    def now(self) -> Site:
        """The site that new questions are about. Whoever needs two things of it takes it once."""
        with self._lock:
            return self._now

    def change(self, site: Site) -> None:
        """Let new questions be about ``site``."""
        with self._lock:
            self._now = site

    def of(self, version: str | None) -> Site:
        """The site with that version of the register; without one, as in runs of an older program, the one in force."""
        now = self.now
        return now if version in (None, now.register.version) else self._earlier(str(version))


class SourceInForce:
    """The pictures of whichever site is in force when they are asked for: what counts and serves them looks here."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    @property
    def name(self) -> str:
        return self._sites.now.source.name

    def pages(self) -> Iterator[Sequence[Picture]]:
        return self._sites.now.source.pages()

    def count(self, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        count(self._sites.now.source, tell, stopped)

    def read(self, picture: Picture) -> bytes:
        return self._sites.now.source.read(picture)

    def url(self, picture: Picture) -> str | None:
        return self._sites.now.source.url(picture)

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a browser is let to load pictures from."""
        source = self._sites.now.source
        return source.origins if isinstance(source, Elsewhere) else ()

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What its last whole listing left out."""
        source = self._sites.now.source
        return source.left_out if isinstance(source, LeavesOut) else ()

    @property
    def undated(self) -> int:
        """How many of its pictures tell no time themselves."""
        source = self._sites.now.source
        return source.undated if isinstance(source, LeavesOut) else 0
