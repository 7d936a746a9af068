"""The register of locations: which camera stands where. Reading it from a sheet is :mod:`storage.sheet`'s business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


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


@dataclass(frozen=True)
class Register:
    """All rows of one sheet, in its order, kept whether or not they can be placed.

    ``columns`` maps our field names to the headers found; ``version`` is the SHA-256 of the file's bytes.
    """

    name: str
    version: str
    columns: Mapping[str, str]
    cameras: tuple[RegisteredCamera, ...]
    problems: tuple[Problem, ...] = ()

    @cached_property
    def _by_camera(self) -> Mapping[str, RegisteredCamera]:
        found: dict[str, RegisteredCamera] = {}
        for entry in self.cameras:  # the first row of a duplicate key wins; the others are listed as problems
            found.setdefault(entry.camera.casefold(), entry)
        return found

    def find(self, camera: str | None) -> RegisteredCamera | None:
        """The row of ``camera`` (any case), or ``None``."""
        return None if camera is None else self._by_camera.get(camera.casefold())


EMPTY_REGISTER = Register(name="", version="", columns={}, cameras=())
