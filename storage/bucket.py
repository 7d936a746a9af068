"""A bucket of pictures (``gs://bucket/prefix``), listed lazily and never copied.

What a listing says of an object (its hash, else its generation) is the picture's identity, so that equal pictures are
known as such without a byte of them being read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo
from functools import partial
from pathlib import PurePosixPath
from typing import Protocol

from core.clock import Clock
from core.errors import PictureUnreadable, SourceUnavailable
from core.ids import stable_id
from core.picture import Identity, Picture
from storage.google_cloud import StoredObject
from storage.names import camera_in, read_name
from storage.sweep import Sweep

SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp")
_FRESH_S = 300.0
_MOST_KEPT = 20_000  # objects of a listing; a larger one is read anew, since it would fill the memory
_FIRST_PAGE = 16


class Bucket(Protocol):
    """What is needed of a bucket; :class:`storage.google_cloud.CloudBucket` is one."""

    name: str

    @property
    def origin(self) -> str: ...

    def objects(self, prefix: str = "") -> Iterator[Sequence[StoredObject]]: ...

    def ranged(
        self, prefix: str = "", start: str = "", end: str = ""
    ) -> Iterator[tuple[Sequence[StoredObject], bool]]: ...

    def require_signing(self) -> None: ...

    def url(self, name: str) -> str: ...

    def read(self, name: str, max_bytes: int) -> bytes: ...


class Listing:
    """The pictures under a prefix of a bucket; a short list is kept for five minutes."""

    def __init__(self, bucket: Bucket, prefix: str, clock: Clock) -> None:
        self.bucket = bucket
        self.prefix = prefix
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: Sequence[StoredObject] | None = None
        self._kept_until_s = 0.0

    def pages(self, stopped: Callable[[], bool] = lambda: False) -> Iterator[Sequence[StoredObject]]:
        """Pages as they come, until ``stopped`` says that it is enough. Raises :class:`SourceUnavailable`, also where
        there is no picture."""
        kept = self._fresh()
        if kept is not None:
            yield kept
            return
        seen = _Keeping()
        for page in self.bucket.objects(self.prefix):
            if pictures := _pictures(page):
                seen.add(pictures)
                yield pictures
            if stopped():
                return
        self._end(seen)

    def count(self, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """How many pictures there are, by ranges of names at once. Raises like :meth:`pages`."""
        kept = self._fresh()
        if kept is not None:
            tell(len(kept))
            return
        seen = _Keeping()

        def take(page: Sequence[StoredObject]) -> None:
            seen.add(_pictures(page))
            tell(seen.number)

        Sweep(partial(self.bucket.ranged, self.prefix), take, stopped, self.prefix).run()
        if not stopped():
            self._end(seen)

    def _fresh(self) -> Sequence[StoredObject] | None:
        with self._lock:
            return self._kept if self._clock.monotonic() < self._kept_until_s else None

    def _end(self, seen: _Keeping) -> None:
        """All of it was listed: keep a short list, and say so where there is none."""
        if not seen.number:
            raise SourceUnavailable(
                f"The bucket {self.bucket.name} holds no picture under “{self.prefix}”."
                if self.prefix
                else f"The bucket {self.bucket.name} holds no picture.",
                "Pictures end in jpg, png, webp or bmp; a prefix is written as in gs://bucket/prefix.",
            )
        kept = sorted(seen.kept, key=lambda one: one.name) if seen.kept else None
        with self._lock:
            self._kept, self._kept_until_s = kept, self._clock.monotonic() + _FRESH_S if kept else 0.0


class _Keeping:
    """Pictures that were listed: how many, and which as long as these are few."""

    def __init__(self) -> None:
        self.number = 0
        self.kept: list[StoredObject] | None = []

    def add(self, pictures: Sequence[StoredObject]) -> None:
        self.number += len(pictures)
        if self.number > _MOST_KEPT:
            self.kept = None
        elif self.kept is not None:
            self.kept.extend(pictures)


def _pictures(page: Sequence[StoredObject]) -> list[StoredObject]:
    return [one for one in page if one.name.lower().endswith(SUFFIXES)]


class BucketSource:
    """The pictures of ``listing``; the rest as in :class:`storage.folder.FolderSource`."""

    def __init__(
        self,
        listing: Listing,
        timezone: tzinfo,
        known_cameras: Callable[[str], str | None],
        max_bytes: int,
        *,
        folders_are_cameras: bool = False,
    ) -> None:
        self._listing = listing
        self._bucket = listing.bucket
        self._timezone = timezone
        self._known_cameras = known_cameras
        self._max_bytes = max_bytes
        self._folders_are_cameras = folders_are_cameras
        self.name = f"gs://{listing.bucket.name}/{listing.prefix}"

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a browser loads the pictures from."""
        return (self._bucket.origin,)

    def pages(self) -> Iterator[Sequence[Picture]]:
        """List lazily, by name; the first page is small, so that asking starts while it is stored."""
        return self.pages_until(lambda: False)

    def pages_until(self, stopped: Callable[[], bool]) -> Iterator[Sequence[Picture]]:
        """The same, until ``stopped`` says that it is enough; also where there is no picture for long."""
        self._bucket.require_signing()
        first = True
        for objects in self._listing.pages(stopped):
            parts = (objects[:_FIRST_PAGE], objects[_FIRST_PAGE:]) if first else (objects,)
            first = False
            for part in parts:
                for begin in range(0, len(part), 1000):
                    yield [self._picture(one) for one in part[begin : begin + 1000]]

    def count(self, tell: Callable[[int], None], stopped: Callable[[], bool]) -> None:
        """The pictures' number, without a picture's being made of each object."""
        self._bucket.require_signing()
        self._listing.count(tell, stopped)

    def read(self, picture: Picture) -> bytes:
        """The bytes, in memory only."""
        if picture.size_bytes is not None and picture.size_bytes > self._max_bytes:
            limit = f"{self._max_bytes / 1e6:g}"
            raise PictureUnreadable(f"The picture is larger than {limit} MB.", "MAX_PICTURE_BYTES sets the limit.")
        try:
            content = self._bucket.read(picture.name, self._max_bytes)
        except SourceUnavailable as error:
            raise PictureUnreadable(error.sentence, error.hint) from error
        if not content:
            raise PictureUnreadable("The file is empty.")
        return content

    def url(self, picture: Picture) -> str | None:
        """A URL signed for this moment: made when it is asked for, and so never too old."""
        try:
            return self._bucket.url(picture.name)
        except SourceUnavailable as error:
            raise PictureUnreadable(error.sentence, error.hint) from error

    def camera_of(self, name: str) -> str | None:
        """Whose picture this is, by its name alone."""
        return camera_in(PurePosixPath(name), self._timezone, self._known_cameras, self._folders_are_cameras)

    def _picture(self, stored: StoredObject) -> Picture:
        taken_at, taken_from = self._taken(stored)
        return Picture(
            id=stable_id(self.name, stored.name),
            source=self.name,
            name=stored.name,
            camera=self.camera_of(stored.name),
            taken_at=taken_at,
            taken_from=taken_from,
            size_bytes=stored.size_bytes,
            identity=_identity(stored, self._bucket.name),
        )

    def _taken(self, stored: StoredObject) -> tuple[datetime | None, str | None]:
        named = read_name(PurePosixPath(stored.name).stem, self._timezone).taken_at
        if named is not None:
            return named, "name"
        return stored.updated, "modified" if stored.updated else None


def _identity(stored: StoredObject, bucket: str) -> Identity:
    if stored.md5:
        return Identity("md5", stored.md5)
    if stored.crc32c:
        return Identity("crc32c", f"{stored.crc32c}-{stored.size_bytes}")
    return Identity("generation", stable_id(bucket, stored.name, stored.generation))
