"""What one installation holds, and where: the data folder, and the database of state in it or elsewhere by URL.

Nothing is opened before it is asked for, and what opening needs is imported then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from storage.database import Database


@dataclass(frozen=True, slots=True)
class Holdings:
    """The data of one installation. ``database_url`` is empty where state lies in the folder, in SQLite."""

    folder: Path
    database_url: str = ""

    @property
    def state_file(self) -> Path | None:
        """The file that holds the state; ``None`` where a server does."""
        return None if self.database_url else self.folder / "state.db"

    @property
    def observations_folder(self) -> Path:
        """Where chDB keeps what was seen."""
        return self.folder / "observations"

    @property
    def registers_folder(self) -> Path:
        """Where the sheets that were uploaded are kept."""
        return self.folder / "registers"

    def open_state(self) -> Engine:
        """The database of state, with its tables; the caller disposes of it."""
        from storage.state import open_state

        self.folder.mkdir(parents=True, exist_ok=True)
        if self.state_file is not None:
            self.state_file.touch(mode=0o600)  # it holds what people asked, and the hashes of their passwords
        return open_state(self.database_url or f"sqlite:///{self.state_file}")

    def observations(self) -> Database:
        """The database of observations, not opened yet; the caller closes it."""
        from storage.database import Database
        from storage.observations import SCHEMA

        return Database(self.observations_folder, SCHEMA)
