"""Velmarra, a city that does not exist: its districts, streets and cameras, and the register that lists them.

Addresses are from the blocks kept for documentation (RFC 5737), coordinates lie in the open ocean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from numpy.random import Generator

from examples.workbook import Cell

HEADERS = (
    "S.No",
    "CAMERA IP",
    "Old DISTRICT",
    "NEW DISTRICT",
    "MANDAL",
    "Location Name",
    "LATITUDE",
    "LONGITUDE",
    "TYPE OF CAMERA",
    "TYPE OF Analytics",
)


@dataclass(frozen=True, slots=True)
class District:
    """``north`` and ``east`` place its middle, in degrees from the city's."""

    name: str
    old: str
    mandals: tuple[str, str]
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Spot:
    """A location: its name, the kind of place, how busy it is (people in an average picture)."""

    name: str
    kind: str
    busy: float


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera of the city. ``fault`` is what it suffers from: ``covered``, ``blurred`` or nothing."""

    number: int
    address: str
    district: District
    mandal: str
    spot: Spot
    latitude: float
    longitude: float
    fault: str = ""


DISTRICTS = (
    District("Ostrelle", "Velmarra Central", ("Ostrelle North", "Candlewick"), 0.000, 0.002),
    District("Quillhaven", "Velmarra Coast", ("Gullmere", "Tidewend"), -0.021, 0.034),
    District("Brindlemoor", "Velmarra Uplands", ("Hartsbrae", "Fennick Rise"), 0.036, -0.012),
    District("Thistlewane", "Velmarra Uplands", ("Wanecross", "Dapplefold"), 0.024, 0.037),
    District("Cindervale", "Velmarra Central", ("Emberlow", "Kilnhurst"), -0.008, -0.041),
    District("Saltmarrow", "Velmarra Coast", ("Reedholm", "Marrowgate"), -0.043, -0.011),
)
SPOTS = (
    (
        Spot("Clock Square", "square", 4.2),
        Spot("Lantern Market", "market", 4.6),
        Spot("Founders Avenue", "avenue", 3.0),
        Spot("Ostrelle Bus Stand", "stand", 3.6),
    ),
    (
        Spot("Gull Promenade", "promenade", 3.2),
        Spot("Rope Street", "street", 1.6),
        Spot("Pilot Quay", "promenade", 1.4),
        Spot("Sailmaker Market", "market", 3.4),
    ),
    (
        Spot("Heather Park", "park", 1.8),
        Spot("School Crossing", "avenue", 2.8),
        Spot("Hill Bus Stand", "stand", 2.0),
        Spot("Weavers Street", "street", 1.2),
    ),
    (
        Spot("Orchard Square", "square", 2.6),
        Spot("Beekeeper Park", "park", 1.4),
        Spot("Long Avenue", "avenue", 1.6),
        Spot("Dapple Street", "street", 0.8),
    ),
    (
        Spot("Kiln Market", "market", 3.0),
        Spot("Potters Street", "street", 2.0),
        Spot("Foundry Square", "square", 2.4),
        Spot("West Bus Stand", "stand", 2.8),
    ),
    (
        Spot("Reed Promenade", "promenade", 2.2),
        Spot("Causeway Avenue", "avenue", 1.2),
        Spot("Heron Park", "park", 1.0),
        Spot("Saltpan Street", "street", 1.4),
    ),
)
_CITY = (11.4200, 63.2500)
_BLOCKS = ("192.0.2", "198.51.100", "203.0.113")
_TYPES = ("Fixed Box", "Dome", "PTZ", "Bullet")
_ANALYTICS = {
    "square": "Crowd Counting",
    "market": "Crowd Counting",
    "promenade": "Perimeter Watch",
    "park": "Perimeter Watch",
    "street": "Traffic Monitoring",
    "avenue": "Traffic Monitoring",
    "stand": "Public Safety",
}
_FAULTS = {11: "covered", 18: "blurred"}
_UNPLACED = {7: None, 16: "63.28O4"}
"""Cameras whose longitude is missing, or typed with the letter O; registers in the field have both."""


def cameras(count: int, rng: Generator) -> list[Camera]:
    """``count`` cameras, district by district in turn; from the 25th on a location gets a further camera."""
    return [_camera(index, rng) for index in range(count)]


def _camera(index: int, rng: Generator) -> Camera:
    district = DISTRICTS[index % 6]
    number = index // 6
    angle_north, angle_east = ((0.008, -0.006), (-0.005, 0.009), (0.004, 0.008), (-0.009, -0.005))[number % 4]
    jitter = rng.uniform(-0.0022, 0.0022, 2)
    return Camera(
        number=index + 1,
        address=f"{_BLOCKS[index % 3]}.{11 + index // 3 * 7 % 240}",
        district=district,
        mandal=district.mandals[number % 2],
        spot=SPOTS[index % 6][number % 4],
        latitude=round(_CITY[0] + district.north + angle_north + float(jitter[0]), 6),
        longitude=round(_CITY[1] + district.east + angle_east + float(jitter[1]), 6),
        fault=_FAULTS.get(index + 1, ""),
    )


def unregistered(cameras: Sequence[Camera]) -> Camera:
    """The camera that sends pictures though nobody has entered it in the register: the last one."""
    return cameras[-1]


def register_rows(cameras: Sequence[Camera]) -> list[list[Cell]]:
    """The register, headers first, with all but the camera that nobody entered."""
    missing = unregistered(cameras)
    rows: list[list[Cell]] = [list(HEADERS)]
    for camera in cameras:
        if camera is not missing or len(cameras) == 1:
            rows.append(_register_row(camera, len(rows)))
    return rows


def _register_row(camera: Camera, number: int) -> list[Cell]:
    longitude: Cell = _UNPLACED.get(camera.number, camera.longitude)
    return [
        number,
        camera.address,
        camera.district.old,
        camera.district.name,
        camera.mandal,
        camera.spot.name,
        camera.latitude,
        longitude,
        _TYPES[camera.number % len(_TYPES)],
        _ANALYTICS[camera.spot.kind],
    ]
