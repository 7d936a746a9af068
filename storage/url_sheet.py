"""A fleet that is a sheet of addresses (``sheet://``): each row with a picture's URL is a picture of that row's camera.

Listing reads no picture. Nothing of an address but its host and path is ever kept or shown: what stands after the
question mark may be a key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

from core.errors import AddressRefused, FetchFailed, PictureUnreadable, SourceUnavailable
from core.ids import stable_id
from core.picture import Identity, Picture
from core.web_address import WebAddress
from storage.names import read_name
from storage.picture_address import read_picture_address, unsigned
from storage.register import Register, RegisteredCamera

_MOST_ORIGINS = 100  # a page's policy names them all in one header
_FIRST_PAGE = 16


@dataclass(frozen=True, slots=True)
class _Row:
    camera: RegisteredCamera
    address: WebAddress


class UrlSheet:
    """The pictures whose addresses stand in ``register``. ``fetch`` gives the bytes at a URL, guarded."""

    def __init__(
        self, name: str, register: Register, timezone: tzinfo, fetch: Callable[[str], bytes], page_size: int = 256
    ) -> None:
        self.name = name
        self._register = register
        self._timezone = timezone
        self._fetch = fetch
        self._page_size = page_size

    def pages(self) -> Iterator[Sequence[Picture]]:
        """The rows with an address, in the sheet's order; the first page is small. Raises :class:`SourceUnavailable`
        for a sheet without any."""
        bad = next((one for one in self._register.problems if one.code == "bad_url"), None)
        if not self._rows and bad is not None:
            raise SourceUnavailable(
                "None of the sheet's addresses of pictures can be used.", f"Row {bad.row}: {bad.message}"
            )
        if not self._rows:
            raise SourceUnavailable(
                "The sheet names no address of a picture.",
                "One of its columns must hold them, under a heading such as “Image URL”.",
            )
        pictures = [self._picture(name, row) for name, row in self._rows.items()]
        begin, size = 0, min(_FIRST_PAGE, self._page_size)
        while begin < len(pictures):
            yield pictures[begin : begin + size]
            begin, size = begin + size, self._page_size

    def read(self, picture: Picture) -> bytes:
        """The bytes, in memory only."""
        row = self._rows.get(picture.name)
        if row is None:
            raise PictureUnreadable("The sheet has no longer an address for this picture.")
        try:
            return self._fetch(row.address.url)
        except (AddressRefused, FetchFailed) as error:
            raise PictureUnreadable(error.sentence, error.hint) from error

    def url(self, picture: Picture) -> str | None:
        """The address as the sheet has it."""
        row = self._rows.get(picture.name)
        return None if row is None else row.address.url

    def camera_of(self, name: str) -> str | None:
        """Whose picture this is."""
        row = self._rows.get(name)
        return None if row is None else row.camera.camera or None

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a browser must be let to load pictures from: the hundred that most of them lie at."""
        counted = Counter(row.address.origin for row in self._rows.values())
        return tuple(origin for origin, _ in counted.most_common(_MOST_ORIGINS))

    @cached_property
    def _rows(self) -> Mapping[str, _Row]:
        rows: dict[str, _Row] = {}
        for camera in self._register.cameras:
            if camera.picture_url and (address := _address(camera.picture_url)) is not None:
                name = _name(address)  # of one picture's rows the first says whose it is, the last is signed last
                rows[name] = _Row(rows[name].camera if name in rows else camera, address)
        return rows

    def _picture(self, name: str, row: _Row) -> Picture:
        stem = PurePosixPath(unquote(row.address.path.partition("?")[0])).stem
        taken_at = read_name(stem, self._timezone).taken_at
        return Picture(
            id=stable_id(self.name, name),
            source=self.name,
            name=name,
            camera=row.camera.camera or None,
            taken_at=taken_at,
            taken_from="name" if taken_at else None,
            size_bytes=None,
            identity=Identity("url", stable_id(row.address.origin + unsigned(row.address))),
        )


def _address(written: str) -> WebAddress | None:
    """The register has told the person of those that are none."""
    try:
        return read_picture_address(written)
    except AddressRefused:
        return None


def _name(address: WebAddress) -> str:
    """Host and path; two that differ only behind the question mark are told apart without showing what stands there."""
    _, mark, query = unsigned(address).partition("?")
    return address.shown if not mark else f"{address.shown}?{stable_id(query)[:8]}"
