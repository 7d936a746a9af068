"""Where the pictures are, by an address's scheme: the one place that knows every kind of source.

``file:///folder``, ``gs://bucket/prefix``, ``sheet:///file.xlsx``, and ``sheet://`` for the addresses that stand in the
register itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from core.web_address import Reach
from storage.google_cloud import Access
from storage.register import Register
from storage.source import ImageSource

if TYPE_CHECKING:
    from storage.bucket import Listing
    from storage.trial import Trial


@runtime_checkable
class Elsewhere(Protocol):
    """A source whose pictures a browser loads from where they are."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Scheme, host and port of each place that it loads from."""
        ...


class Fleet(ImageSource, Protocol):
    """A source that tells by a picture's name whose it is."""

    def camera_of(self, name: str) -> str | None:
        """The camera's key, or ``None``."""
        ...


@dataclass(frozen=True)
class Pictures:
    """An installation's pictures: their ``address``, and what it takes to list and to read them."""

    address: str
    timezone: tzinfo
    max_bytes: int
    reach: Reach
    access: Access

    def under(self, register: Register) -> Fleet:
        """The source, whose cameras are known by ``register``."""
        return _OPENERS[self.scheme](self, register)

    def tried(self, where: str) -> Trial:
        """What lies at another address; see :func:`storage.trial.try_pictures`."""
        from storage.trial import try_pictures

        return try_pictures(self, where)

    @property
    def scheme(self) -> str:
        """What the address begins with."""
        return self.address.partition("://")[0]

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one."""
        return self._path if self.scheme == "file" else None

    @property
    def sheet(self) -> Path | None:
        """The sheet that the address names, which is the register as long as no other is given."""
        return self._path if self.scheme == "sheet" and self.address != "sheet://" else None

    def beside(self, name: str) -> Path | None:
        """What lies beside the folder under ``name``."""
        return self.folder.with_name(name) if self.folder else None

    @property
    def label(self) -> str:
        """What the page calls them."""
        return self.address.rstrip("/").rpartition("/")[2] or "Addresses in the register"

    @property
    def _path(self) -> Path:
        return Path(self.address.partition("://")[2]).expanduser()

    @cached_property
    def listing(self) -> Listing:
        """What the bucket holds, for all registers alike."""
        from core.clock import SystemClock
        from storage.bucket import Listing
        from storage.google_cloud import CloudBucket

        name, _, prefix = self.address.partition("://")[2].partition("/")
        return Listing(CloudBucket(name, self.access), prefix, SystemClock())

    @cached_property
    def fetch(self) -> Callable[[str], bytes]:
        """The bytes at a URL, through the guard."""
        from storage.fetching import Fetcher

        fetcher = Fetcher(self.reach, self.max_bytes)
        return lambda url: fetcher.fetch(url).content


def _folder(pictures: Pictures, register: Register) -> Fleet:
    from storage.folder import FolderSource

    return FolderSource(
        pictures._path,
        pictures.timezone,
        register.key,
        pictures.max_bytes,
        folders_are_cameras=not register.cameras,
    )


def _url_sheet(pictures: Pictures, register: Register) -> Fleet:
    from storage.url_sheet import UrlSheet

    return UrlSheet(pictures.address, register, pictures.timezone, pictures.fetch)


def _bucket(pictures: Pictures, register: Register) -> Fleet:
    from storage.bucket import BucketSource

    return BucketSource(
        pictures.listing,
        pictures.timezone,
        register.key,
        pictures.max_bytes,
        folders_are_cameras=not register.cameras,
    )


_OPENERS: Mapping[str, Callable[[Pictures, Register], Fleet]] = {"file": _folder, "gs": _bucket, "sheet": _url_sheet}
