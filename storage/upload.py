"""Putting a folder of pictures into a bucket: several at once, and only what is not there yet.

What lies there already is known by its checksum, so an upload that was broken off goes on where it stopped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.errors import SightlineError, SourceUnavailable
from storage.bucket import SUFFIXES
from storage.google_cloud import CloudBucket, StoredObject, crc32c_of

_AT_ONCE = 8
_LONGEST_NAME = 1024  # bytes of UTF-8 (Google's own limit)


class Put(StrEnum):
    """What became of a file."""

    SENT = "sent"
    THERE = "there"  # the same content under the same name
    DIFFERS = "differs"  # another content under the same name, left alone
    MISSING = "missing"  # not there, where nothing was to be sent
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file: its name in the bucket, and what became of it."""

    name: str
    put: Put
    reason: str = ""


def files_in(folder: Path) -> list[Path]:
    """The pictures under ``folder``, in order. Raises :class:`SourceUnavailable` where there is none."""
    named = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = sorted(path for path in named if path.is_file() and not _hidden(path, folder))
    if not found:
        raise SourceUnavailable(f"{folder.name or folder} holds no picture.", "Name the folder that has them.")
    return found


def upload(
    bucket: CloudBucket, folder: Path, files: list[Path], prefix: str, *, overwrite: bool = False, send: bool = True
) -> Iterator[Outcome]:
    """Put ``files`` under ``prefix`` and tell of each as it is done. ``send=False`` only compares. Raises
    :class:`SourceUnavailable` where the bucket can't be listed."""
    there = {stored.name: stored for page in bucket.objects(prefix) for stored in page}

    def one(path: Path) -> Outcome:
        name = prefix + path.relative_to(folder).as_posix()
        if reason := _why_no_name(name):
            return Outcome(name, Put.FAILED, reason)
        try:
            put = _compared(path, name, there)
            if not send or put is Put.THERE or (put is Put.DIFFERS and not overwrite):
                return Outcome(name, put)
            bucket.upload(path, name)
        except SightlineError as error:
            return Outcome(name, Put.FAILED, f"{error.sentence} {error.hint}".rstrip())
        except OSError as error:
            return Outcome(name, Put.FAILED, error.strerror or type(error).__name__)
        return Outcome(name, Put.SENT)

    with ThreadPoolExecutor(_AT_ONCE, "upload") as pool:
        waiting = [pool.submit(one, path) for path in files]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _compared(path: Path, name: str, there: Mapping[str, StoredObject]) -> Put:
    stored = there.get(name)
    if stored is None:
        return Put.MISSING
    if stored.size_bytes != path.stat().st_size:
        return Put.DIFFERS
    if stored.md5 is None:  # an object that was composed of others has the other checksum alone
        return Put.THERE if stored.crc32c in (None, crc32c_of(path)) else Put.DIFFERS
    return Put.THERE if stored.md5 == _md5(path) else Put.DIFFERS


def _why_no_name(name: str) -> str:
    """Why no object can go by ``name``, or nothing."""
    if "\r" in name or "\n" in name:
        return "Its name holds a line break, which no object's name may."
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "Its name is not written in UTF-8."
    return f"Its name is longer than {_LONGEST_NAME:,} bytes." if size > _LONGEST_NAME else ""


def _md5(path: Path) -> str:
    """The checksum that a listing tells; it guards against nobody."""
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()).decode()


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)
