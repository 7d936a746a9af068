"""Looking at pictures before they are used: what lies at an address that a person names, and the line that takes it."""

from __future__ import annotations

import os.path
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path

from core.addresses import read_pictures_from
from core.errors import NotFound
from storage.left_out import LeavesOut
from storage.register import Register
from storage.source import Breakable
from storage.sources import Pictures

_PATIENCE_S = 2.0
_ENOUGH = 5000
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_PLAIN = re.compile(r"[\w./:@%+,=~-]+")
NO_REGISTER = Register("", "", {}, ())


@dataclass(frozen=True, slots=True)
class Trial:
    """Pictures that were found (``more`` says that looking ended before the listing did), of how many cameras, one of
    their names, and the line of ``.env`` that takes them; ``left_out`` says why most of the files that could be taken
    for pictures are none of them, if there are any."""

    pictures: int
    more: bool
    cameras: int
    example: str | None
    line: str
    left_out: str | None = None


def try_pictures(given: Pictures, where: str) -> Trial:
    """What lies at ``where``: a folder's path, ``gs://bucket/prefix`` or ``sheet://file``; the rest is as ``given``.
    Lists for two seconds, or 5,000 pictures. Raises :class:`NotFound` for what is no such address, and what the
    source raises."""
    pictures = replace(given, address=_address(where))
    _check_folder(pictures.folder)
    names: list[str] = []
    cameras: set[str | None] = set()
    ends_s = time.monotonic() + _PATIENCE_S

    def stopped() -> bool:
        return len(names) >= _ENOUGH or time.monotonic() > ends_s

    source = pictures.under(_register(pictures))
    for page in source.pages_until(stopped) if isinstance(source, Breakable) else source.pages():
        names += [picture.name for picture in page]
        cameras |= {picture.camera for picture in page}
        if stopped():
            break
    line = f"PICTURES_FROM={_quoted(pictures.address.removeprefix('file://'))}"
    reasons = source.left_out if isinstance(source, LeavesOut) and not stopped() else ()
    why = reasons[0].reason if reasons else None
    return Trial(len(names), stopped(), len(cameras - {None}), names[0] if names else None, line, why)


def _check_folder(folder: Path | None) -> None:
    """Say of what is no folder how to name one: whoever tries knows of no setting yet."""
    # Not the path's own methods: they raise where a folder above may not be entered.
    if folder is None or os.path.isdir(folder):  # noqa: PTH112
        return
    if not os.path.exists(folder):  # noqa: PTH110
        raise NotFound(f"There is no folder {folder}.", "Check the path; capital letters count.")
    from storage.sheet import SUFFIXES

    if folder.suffix.lower() in SUFFIXES:
        raise NotFound(f"{folder.name} is a sheet, not a folder.", "Choose “A sheet with their addresses” before it.")
    raise NotFound(f"{folder.name} is a file, not a folder.", "Unpack it if it holds pictures, then name their folder.")


def _address(where: str) -> str:
    try:
        address = read_pictures_from(where.strip())
    except ValueError as error:
        raise NotFound("This is no folder, bucket or sheet.", "A bucket is written as gs://bucket/prefix.") from error
    scheme, _, rest = address.partition("://")
    if scheme == "gs" and not _BUCKET.fullmatch(rest.partition("/")[0]):
        raise NotFound("This can't be a bucket's name.", "A bucket is written as gs://bucket/prefix.")
    if scheme != "gs" and not rest.startswith("/"):
        raise NotFound("This is no whole path.", "Write it from its beginning, such as /home/me/pictures.")
    return address


def _register(pictures: Pictures) -> Register:
    """A sheet of addresses is its own register."""
    if pictures.sheet is None:
        return NO_REGISTER
    from storage.sheet import read_sheet

    if not pictures.sheet.is_file():
        raise NotFound("There is no such sheet.", "Check the path; it ends in the file's name.")
    return read_sheet(pictures.sheet).register


def _quoted(text: str) -> str:
    """As ``.env`` reads it back."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
