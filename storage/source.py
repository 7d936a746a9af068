"""The seam to pictures at rest: whatever can list pictures lazily and give one as bytes or as a URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

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
