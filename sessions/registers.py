"""Which register is in force: a sheet that somebody gave in the page, else the file that the settings name."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.errors import RegisterUnreadable, SightlineError, StoreUnavailable
from sessions.site import Site
from storage.reading import Reading, Remembered
from storage.register import EMPTY_REGISTER, Problem, Register
from storage.register_shelf import RegisterShelf
from storage.sheet import read_sheet

log = logging.getLogger(__name__)


class Origin(StrEnum):
    """Where the register in force comes from."""

    UPLOAD = "upload"
    SETTINGS = "settings"
    SAMPLE = "sample"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class GivenSheet:
    """The file that holds while nobody has given another: the settings', or the sample city's."""

    path: Path | None
    origin: Origin

    @property
    def name(self) -> str | None:
        """Its name without its folder."""
        return self.path.name if self.path else None


class Registers:
    """Opens the register in force and those that runs still need, each as a site that ``make`` makes of it."""

    def __init__(self, shelf: RegisterShelf, given: GivenSheet, make: Callable[[Register], Site]) -> None:
        self._shelf = shelf
        self._make = make
        self._lock = threading.Lock()
        self._register = EMPTY_REGISTER
        self.given = given
        self.origin = Origin.NONE

    @property
    def register(self) -> Register:
        """The register in force."""
        return self._register

    def open(self) -> Site:
        """The site as it was when the program ended, or as the settings have it."""
        with self._lock:
            shelved = self._shelf.current()
            if shelved is None:
                return self._take_given()
            try:
                register = self._shelf.read(shelved.version).register
            except SightlineError as error:
                log.warning("the uploaded register %s can't be read: %s", shelved.name, error)
                message = f"The sheet can't be read any more, so the settings' file is used. {error.sentence}"
                lost = Problem(0, None, error.code, shelved.name, message)
                return self._take_given(lost)
            return self._take(register, Origin.UPLOAD)

    def earlier(self, version: str) -> Site:
        """The site with a register of before. Raises where it is not kept."""
        return self._make(self._shelf.read(version).register if version else EMPTY_REGISTER)

    def adopt(self, sheet: Path, reading: Reading) -> Site:
        """Keep a sheet and put it in force."""
        with self._lock:
            self._shelf.keep(sheet, reading, current=True)
            self._shelf.prune(reading.register.version)
            return self._take(reading.register, Origin.UPLOAD)

    def put_back(self) -> Site:
        """Use the settings' file again, as it is now."""
        with self._lock:
            self._shelf.put_back()
            return self._take_given()

    def read_again(self) -> Reading | None:
        """How the register in force was understood, if it is one of a sheet."""
        version = self._register.version
        return self._shelf.read(version) if version else None

    def remembered(self) -> list[Remembered]:
        """What was said of the columns of sheets before."""
        return self._shelf.remembered()

    def path(self, reading: Reading) -> Path:
        """Where the sheet of a reading lies on the shelf."""
        return self._shelf.path(reading.register.version, reading.register.name)

    def _take(self, register: Register, origin: Origin) -> Site:
        self._register, self.origin = register, origin
        return self._make(register)

    def _take_given(self, lost: Problem | None = None) -> Site:
        register = self._read_given()
        if lost is not None:
            register = replace(register, name=register.name or lost.value, problems=(lost, *register.problems))
        return self._take(register, self.given.origin if self.given.path else Origin.NONE)

    def _read_given(self) -> Register:
        """A sheet that can't be read costs the map, not the answer."""
        path = self.given.path
        if path is None:
            return EMPTY_REGISTER
        try:
            reading = read_sheet(path, remembered=self._shelf.remembered())
        except RegisterUnreadable as error:
            problem = Problem(0, None, error.code, "", f"{error.sentence} {error.hint}".strip())
            return replace(EMPTY_REGISTER, name=path.name, problems=(problem,))
        try:  # a run that is resumed reads it from there, whatever the file has become meanwhile
            self._shelf.keep(path, reading, current=False)
        except (StoreUnavailable, RegisterUnreadable) as error:
            log.warning("the register %s is not kept: %s", path.name, error)
        self._shelf.prune(reading.register.version)
        return reading.register
