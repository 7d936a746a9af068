"""The register of locations as a reply of /api/v1, apart from the other shapes for its length."""

from __future__ import annotations

from typing import TypedDict


class RegisteredCamera(TypedDict):
    """Where a camera stands."""

    camera: str
    location: str | None
    district: str | None
    mandal: str | None
    latitude: float | None
    longitude: float | None


class RegisterProblem(TypedDict):
    """Something in the sheet that a person should look at; row as a spreadsheet program numbers it."""

    row: int
    column: str | None
    code: str
    value: str
    message: str


class Register(TypedDict):
    """The register of locations: columns are our field to the sheet's heading."""

    name: str | None
    columns: dict[str, str]
    rows: int
    placed: int
    cameras: list[RegisteredCamera]
    problems: list[RegisterProblem]
