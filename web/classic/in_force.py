"""The settings that the earlier analyser told of, as this process began with them (S2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

IN_FORCE = "sightline.in_force"


class SettingsTold(Protocol):
    """Those of the settings that are told; no room imports them."""

    @property
    def google_maps_api_key(self) -> str: ...
    @property
    def images_dir(self) -> Path | None: ...
    @property
    def excel_file(self) -> Path | None: ...
    @property
    def data_dir(self) -> Path: ...
    @property
    def max_workers(self) -> int: ...


@dataclass(frozen=True, slots=True)
class InForce:
    """The fields of ``/check_config``."""

    google_maps_api_key_exists: bool
    google_maps_api_key_length: int
    images_dir: str
    excel_file: str
    max_workers: int
    env_file_exists: bool


def in_force(settings: SettingsTold, env_file: Path) -> InForce:
    """What is in force; without a folder of one's own, the sample city's."""
    return InForce(
        google_maps_api_key_exists=bool(settings.google_maps_api_key),
        google_maps_api_key_length=len(settings.google_maps_api_key),
        images_dir=str(settings.images_dir or settings.data_dir / "sample" / "pictures"),
        excel_file=str(settings.excel_file or ""),
        max_workers=settings.max_workers,
        env_file_exists=env_file.exists(),
    )
