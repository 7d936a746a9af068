"""The register of locations: which camera stands where. Reading it from a sheet is :mod:`storage.sheet`'s business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storage.names import canonical_address


@dataclass(frozen=True, slots=True)
class RegisteredCamera:
    """One row of the register. ``camera`` is the key as written (an address or a name); ``district`` is the new
    district where there are two, ``row`` the number that a spreadsheet program shows. Coordinates are decimal degrees
    (WGS 84), both set or both ``None``."""

    row: int
    camera: str
    location: str | None = None
    district: str | None = None
    old_district: str | None = None
    mandal: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    camera_type: str | None = None
    analytics_type: str | None = None
    picture_url: str | None = None

    @property
    def placed(self) -> bool:
        """Whether it can stand on a map."""
        return self.latitude is not None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a sheet that a person should look at; nothing is mended or dropped in silence.

    ``code`` is for programs, ``message`` for people; ``column`` is the header as written and ``value`` the cell.
    """

    row: int
    column: str | None
    code: str
    value: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The shape in the HTTP interface."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "value": self.value,
            "message": self.message,
        }


@dataclass(frozen=True)
class Register:
    """All rows of one sheet, in its order, kept whether or not they can be placed.

    ``columns`` maps our field names to the headers found, ``headings`` are all that the sheet has; ``version`` is the
    SHA-256 of the file's bytes; ``rows`` counts every filled row below the headings, a row of totals included.
    """

    name: str
    version: str
    columns: Mapping[str, str]
    cameras: tuple[RegisteredCamera, ...]
    problems: tuple[Problem, ...] = ()
    rows: int = 0
    headings: tuple[str, ...] = ()

    @cached_property
    def _by_camera(self) -> Mapping[str, RegisteredCamera]:
        found: dict[str, RegisteredCamera] = {}
        for entry in self.cameras:  # the first row of a duplicate key wins; the others are listed as problems
            if entry.camera:
                found.setdefault(camera_key(entry.camera), entry)
        return found

    @property
    def known(self) -> tuple[RegisteredCamera, ...]:
        """Each camera once, in the sheet's order: without rows that name none and without repetitions."""
        return tuple(self._by_camera.values())

    @property
    def placed(self) -> int:
        """How many cameras can stand on a map."""
        return sum(entry.placed for entry in self._by_camera.values())

    def find(self, camera: str | None) -> RegisteredCamera | None:
        """The row of ``camera`` (any case, octets with or without leading zeros), or ``None``."""
        return None if camera is None else self._by_camera.get(camera_key(camera))

    def key(self, camera: str) -> str | None:
        """``camera`` as the sheet writes it, or ``None`` if it isn't in it: what a picture source wants to know."""
        entry = self.find(camera)
        return None if entry is None else entry.camera

    def districts(self) -> tuple[str, ...]:
        """The districts there are, in the sheet's order."""
        return tuple(dict.fromkeys(entry.district for entry in self.known if entry.district))

    def locations(self) -> tuple[str, ...]:
        """The locations there are, in the sheet's order."""
        return tuple(dict.fromkeys(entry.location for entry in self.known if entry.location))


def camera_key(camera: str) -> str:
    """What two spellings of one camera have in common."""
    return canonical_address(camera) or " ".join(camera.split()).casefold()


EMPTY_REGISTER = Register(name="", version="", columns={}, cameras=())
