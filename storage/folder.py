"""A folder of pictures, listed lazily and without ever leaving it.

Links to folders are never followed: inside the root their pictures are listed under their own names anyway, outside it
they are nobody's business, and so no loop can arise. What starts with a dot is another program's and is passed over.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, tzinfo
from itertools import takewhile
from pathlib import Path, PurePosixPath

from core.errors import PictureUnreadable, SourceUnavailable
from core.ids import stable_id
from core.picture import Picture
from storage import exif
from storage.left_out import LeftOut, ListingNotes, not_read
from storage.names import NameParts, camera_in, read_name

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp"})
_FIRST_PAGE = 16  # a small first page is asked at once; the next ones grow
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")
_NEEDS_ESCAPE = re.compile(r"[\x00-\x1f\x7f\\\udc80-\udcff]")


class FolderSource:
    """The pictures under ``root``; ``known_cameras`` gives the register's key for a spelling of it, or ``None``.

    ``folders_are_cameras`` takes each folder below the root for a camera: for pictures that come without a register.
    """

    def __init__(
        self,
        root: Path,
        timezone: tzinfo,
        known_cameras: Callable[[str], str | None],
        max_bytes: int,
        page_size: int = 256,
        *,
        folders_are_cameras: bool = False,
    ) -> None:
        self._root = os.path.realpath(root)
        self._timezone = timezone
        self._known_cameras = known_cameras
        self._max_bytes = max_bytes
        self._page_size = page_size
        self._folders_are_cameras = folders_are_cameras
        self._latest = ListingNotes()
        self._whole = self._latest
        self.name = Path(self._root).as_uri()

    @property
    def problems(self) -> Mapping[str, str]:
        """What the latest listing had to leave out: name under the root, reason. The first thousand are kept."""
        return dict(self._latest.problems)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What the last listing that came to its end left out, by reason."""
        return self._whole.left_out()

    @property
    def undated(self) -> int:
        """How many pictures of that listing have the time of their files, for want of one of their own."""
        return self._whole.undated

    def pages(self) -> Iterator[Sequence[Picture]]:
        """List lazily; the first page is small, later ones grow to ``page_size``, in no promised order."""
        return self.pages_until(lambda: False)

    def pages_until(self, stopped: Callable[[], bool]) -> Iterator[Sequence[Picture]]:
        """The same, until ``stopped`` says that it is enough; also where there is no picture for long."""
        notes = self._latest = ListingNotes()  # its own: a run and the count of pictures list side by side
        page: list[Picture] = []
        size = min(_FIRST_PAGE, self._page_size)
        for entry in self._entries(notes, stopped):
            picture = self._listed(entry, notes)
            if picture is None:
                continue
            page.append(picture)
            if len(page) >= size:
                yield page
                page = []
                size = min(size * 2, self._page_size)
        if page:
            yield page
        if not stopped():
            self._whole = notes

    def picture(self, name: str) -> Picture:
        """The picture of that name without listing the folder. Raises :class:`PictureUnreadable`."""
        path = self._path(name)
        try:
            status = path.stat()
        except OSError as error:
            raise PictureUnreadable(_reason(error)) from error
        return self._describe(name, path, status)

    def read(self, picture: Picture) -> bytes:
        """The bytes. The size is checked before anything is read, and again while reading, since files grow."""
        path = self._path(picture.name)
        try:
            content = self._read_file(path)
        except OSError as error:
            raise PictureUnreadable(_reason(error)) from error
        if not content:
            raise PictureUnreadable("The file is empty.")
        if len(content) > self._max_bytes:
            raise self._too_large()
        return content

    def camera_of(self, name: str) -> str | None:
        """Whose picture this is, by its name alone."""
        return camera_in(PurePosixPath(name), self._timezone, self._known_cameras, self._folders_are_cameras)

    def url(self, picture: Picture) -> str | None:  # noqa: ARG002 - a folder has no URL for anybody
        """``None``: nobody else can fetch from a folder."""
        return None

    def _read_file(self, path: Path) -> bytes:
        # O_NONBLOCK: a pipe put in a picture's place would hold the worker for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise PictureUnreadable("This is not a file.")
            if status.st_size > self._max_bytes:
                raise self._too_large()
            parts = []
            remaining = self._max_bytes + 1
            while remaining > 0 and (part := file.read(remaining)):
                parts.append(part)
                remaining -= len(part)
            return b"".join(parts)

    def _too_large(self) -> PictureUnreadable:
        limit_mb = self._max_bytes / 1_000_000
        return PictureUnreadable(f"The file is larger than {limit_mb:g} MB.", "MAX_PICTURE_BYTES sets the limit.")

    def _entries(self, notes: ListingNotes, stopped: Callable[[], bool]) -> Iterator[os.DirEntry[str]]:
        """Every entry that may be a picture. One folder is open at a time; folders found wait on a stack."""
        waiting = [self._root]
        while waiting and not stopped():
            folder = waiting.pop()
            try:
                scan = os.scandir(folder)
            except OSError as error:
                if folder == self._root:
                    raise _unavailable(self._root, error) from error
                notes.problem(_name_of(folder, self._root), _folder_reason(error))
                continue
            with closing(scan):
                yield from takewhile(lambda _: not stopped(), self._in_folder(scan, folder, waiting, notes))

    def _in_folder(
        self, scan: Iterator[os.DirEntry[str]], folder: str, waiting: list[str], notes: ListingNotes
    ) -> Iterator[os.DirEntry[str]]:
        try:
            for entry in scan:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif _is_picture_name(entry.name):
                    yield entry
                else:
                    notes.passed_over(_name_of(entry.path, self._root), _suffix(entry.name))
        except OSError as error:  # the folder vanished or the disk failed half-way
            notes.problem(_name_of(folder, self._root), _folder_reason(error))

    def _listed(self, entry: os.DirEntry[str], notes: ListingNotes) -> Picture | None:
        try:
            status = entry.stat()
            if entry.is_symlink() and not self._link_counts(entry.path, notes):
                return None
        except OSError as error:
            notes.problem(_name_of(entry.path, self._root), _reason(error))
            return None
        if not stat.S_ISREG(status.st_mode):
            if not stat.S_ISDIR(status.st_mode):  # a link to a folder is passed over like any other
                notes.problem(_name_of(entry.path, self._root), "This is not a file.")
            return None
        picture = self._describe(_name_of(entry.path, self._root), Path(entry.path), status)
        notes.undated += picture.taken_from == "modified"
        return picture

    def _link_counts(self, path: str, notes: ListingNotes) -> bool:
        """Whether a link to a file is a picture of its own: not outside, and not listed under its own name already."""
        target = os.path.realpath(path)
        if not _is_under(target, self._root):
            notes.problem(_name_of(path, self._root), "The link leaves the folder.")
            return False
        inside = PurePosixPath(target).relative_to(self._root)
        hidden = any(part.startswith(".") for part in inside.parts)
        return hidden or not _is_picture_name(inside.name)

    def _describe(self, name: str, path: Path, status: os.stat_result) -> Picture:
        parts = read_name(PurePosixPath(name).stem, self._timezone)
        moment, moment_from = self._taken(parts, path, status)
        return Picture(
            id=stable_id(self.name, name),
            source=self.name,
            name=name,
            camera=self.camera_of(name),
            taken_at=moment,
            taken_from=moment_from,
            size_bytes=status.st_size,
            fingerprint=f"{status.st_size}-{status.st_mtime_ns}-{status.st_ino}",
        )

    def _taken(self, parts: NameParts, path: Path, status: os.stat_result) -> tuple[datetime | None, str | None]:
        if parts.taken_at is not None:
            return parts.taken_at, "name"
        if path.suffix.lower() != ".bmp":  # which has no place for it
            moment = self._from_header(path)
            if moment is not None:
                return moment, "exif"
        try:
            return datetime.fromtimestamp(status.st_mtime, UTC), "modified"
        except (OverflowError, ValueError):  # a file system's clock gone wild
            return None, None

    def _from_header(self, path: Path) -> datetime | None:
        try:
            file = path.open("rb", buffering=4096)
        except OSError:  # reading will say why; listing goes on
            return None
        with file:
            return exif.taken_at(file, self._timezone)

    def _path(self, name: str) -> Path:
        """Where ``name`` really lies. Links are resolved now, not when it was listed: it may have been exchanged."""
        plain = _unescape(name)
        target = os.path.realpath(f"{self._root}/{plain}") if "\0" not in plain else ""
        if not _is_under(target, self._root):
            raise PictureUnreadable("The file lies outside the folder of pictures.")
        return Path(target)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - called once per file


def _is_picture_name(name: str) -> bool:
    return _suffix(name) in SUFFIXES


def _is_under(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip("/") + "/")


def _name_of(path: str, root: str) -> str:
    """The name under ``root``, always printable and valid UTF-8, and reversible by :func:`_unescape`: bytes that are
    not text, control characters and backslashes are written ``\\xNN``."""
    name = path[len(root) :].lstrip("/")
    return _NEEDS_ESCAPE.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", name)


def _unescape(name: str) -> str:
    def byte(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        return chr(number) if number < 0x80 else chr(0xDC00 + number)

    return _ESCAPED.sub(byte, name)


def _reason(error: OSError) -> str:
    """A sentence for the person; the system's own words would show the machine's paths."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "The file is gone."
    if isinstance(error, PermissionError):
        return "The program may not read this; its permissions forbid it."
    return f"The disk could not read this ({error.strerror or type(error).__name__})."


def _folder_reason(error: OSError) -> str:
    """As :func:`_reason`, of a folder: what lies in it is in no answer."""
    if isinstance(error, PermissionError):
        return "The program may not open this folder; its permissions forbid it."
    return _reason(error)


def _unavailable(root: str, error: OSError) -> SourceUnavailable:
    if isinstance(error, PermissionError):
        sentence = f"The folder of pictures {root} can't be opened: its permissions forbid it."
    elif isinstance(error, NotADirectoryError):
        sentence = f"{root} is a file, not a folder of pictures."
        if kind := not_read(_suffix(root)):
            return SourceUnavailable(sentence, f"{kind} IMAGES_DIR sets the folder.")
    else:
        sentence = f"The folder of pictures {root} is not there."
    return SourceUnavailable(sentence, "IMAGES_DIR sets the folder.")
