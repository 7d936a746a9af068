"""The seam to pictures at rest: whatever can list pictures lazily and give one as bytes or as a URL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

from core.picture import Picture


class ImageSource(Protocol):
    """Pictures somewhere: a folder (``file://``), a bucket (``gs://``), a sheet of URLs (``sheet://``), live cameras
    (``live://``)."""

    @property
    def name(self) -> str:
        """The source's URL, without secrets; part of each picture's id."""
        ...

    def pages(self) -> Iterator[Sequence[Picture]]:
        """List lazily, a page at a time, so that asking starts before the listing has ended.

        Raises :class:`~core.errors.SourceUnavailable` when nothing can be listed.
        """
        ...

    def read(self, picture: Picture) -> bytes:
        """The picture's bytes, in memory only. Raises :class:`~core.errors.PictureUnreadable`."""
        ...

    def url(self, picture: Picture) -> str | None:
        """A URL under which others can fetch the picture, or ``None`` where there is none."""
        ...


@runtime_checkable
class Countable(Protocol):
    """A source that can count its pictures sooner than by listing them page by page."""

    def count(self, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """Call ``tell`` with the number so far, the last time with all, unless ``stopped`` says that nobody wants to
        know any more. Raises like ``pages``."""
        ...


@runtime_checkable
class Breakable(Protocol):
    """A source that may list for long before there is a page."""

    def pages_until(self, stopped: Callable[[], bool]) -> Iterator[Sequence[Picture]]:
        """As ``pages``, ending soon after ``stopped`` says so."""
        ...
