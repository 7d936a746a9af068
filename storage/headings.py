"""Which column of a sheet is which: by alias first, then by near spelling.

The near match is the plain ratio with a cut-off of 80: partial and weighted ratios take "Latest update" for a latitude
and "Belongs to" for a longitude. What neither finds, a person says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# Our fields; the aliases of each, most telling first: where two columns fit, the earlier alias wins.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "camera": (
        *("camera ip", "camera ip address", "cctv ip", "device ip", "ip address", "ip", "camera id", "camera no"),
        *(
            "camera number",
            "camera code",
            "cctv id",
            "cctv no",
            "cctv number",
            "device id",
            "cam id",
            "cam ip",
            "cam no",
        ),
        *("camera key", "camera", "cctv", "cam", "camera name", "cctv name", "device name", "device", "host"),
    ),
    "latitude": (
        *("latitude", "lat", "gps latitude", "gps lat", "latitude n", "lat n", "y coordinate", "y coord"),
        *("breitengrad", "geographische breite", "latitud", "latitudine", "camera latitude", "camera lat"),
    ),
    "longitude": (
        *(
            "longitude",
            "long",
            "lon",
            "lng",
            "gps longitude",
            "gps long",
            "gps lon",
            "gps lng",
            "longitude e",
            "long e",
        ),
        *("lon e", "x coordinate", "x coord", "längengrad", "laengengrad", "longitud", "longitudine"),
        *("camera longitude", "camera long", "camera lon"),
    ),
    "pair": (
        *(
            "lat long",
            "lat lon",
            "lat lng",
            "latlong",
            "latlon",
            "latlng",
            "latitude longitude",
            "latitude and longitude",
        ),
        *("long lat", "lon lat", "lng lat", "longlat", "lonlat", "lnglat", "longitude latitude"),
        *("lat and long", "coordinates", "coordinate", "co ordinates", "gps coordinates", "gps co ordinates", "gps"),
        *(
            "geo coordinates",
            "geolocation",
            "geo location",
            "gps location",
            "gps position",
            "koordinaten",
            "coordenadas",
        ),
    ),
    "location": (
        *("location name", "location", "camera location", "location of camera", "location of cctv", "cctv location"),
        *(
            "site name",
            "site",
            "place",
            "place name",
            "junction name",
            "junction",
            "spot",
            "landmark",
            "address",
            "area",
        ),
        *("street", "location description", "location address", "installed at", "standort", "ubicacion", "lieu"),
    ),
    "district": (
        "new district",
        "district",
        "district name",
        "current district",
        "dist",
        "borough",
        "bezirk",
        "distrito",
    ),
    "old_district": ("old district", "erstwhile district", "previous district", "former district", "old dist"),
    "mandal": ("mandal", "mandal name", "taluk", "taluka", "tehsil", "tahsil", "sub district", "subdistrict", "block"),
    "camera_type": (
        "type of camera",
        "camera type",
        "cctv type",
        "type of cctv",
        "device type",
        "kind of camera",
        "type",
    ),
    "analytics_type": ("type of analytics", "analytics type", "analytics", "video analytics", "analytic"),
    "picture_url": (
        *("picture url", "image url", "snapshot url", "photo url", "still url", "picture link", "image link"),
        *("photo link", "snapshot link", "picture", "image", "snapshot", "photo", "url", "link"),
    ),
}
# Headings that lie near an alias and are something else.
_OTHERS = frozenset(
    {
        *("altitude", "elevation", "camera make", "camera model", "camera status", "camera count", "camera height"),
        *(
            "camera user",
            "no of cameras",
            "number of cameras",
            "camera port",
            "mac address",
            "camera mac",
            "camera vendor",
        ),
    }
)
_CUTOFF = 80
_SHORTEST_NEAR = 5  # "late" is near "lat", "date" near "gate": short words are matched exactly or not at all
_ALIAS_RANK = {alias: (field, rank) for field, names in ALIASES.items() for rank, alias in enumerate(names)}
_FILLERS = frozenset({"of", "the", "in", "at", "and", "for", "s"})
_ALIAS_WORDS = {frozenset(alias.split()) - _FILLERS: place for alias, place in reversed(_ALIAS_RANK.items())}
# "along" is near "latlong"
_NEAR_ALIASES = [a for a in _ALIAS_RANK if len(a) >= _SHORTEST_NEAR and not a.startswith(("latl", "latitude l"))]
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Headings:
    """A sheet's headings: ``row`` as the spreadsheet shows it, all cells as ``written``, and the column ``of`` each of
    our fields (``pair`` where one cell holds both coordinates)."""

    row: int
    written: tuple[str, ...]
    of: Mapping[str, int]

    def header(self, field: str) -> str | None:
        """The heading of ``field`` as written, or ``None``."""
        column = self.of.get(field)
        if column is None and field in {"latitude", "longitude"}:
            column = self.of.get("pair")
        return None if column is None else self.written[column]


Row = tuple[int, Sequence[object]]


def find_headings(rows: Sequence[Row], chosen: Mapping[str, str] | None = None) -> Headings | None:
    """The first row of ``rows`` (a sheet's first ones) that names cameras and places, else the one that names most.

    ``chosen`` gives headings by our field and is obeyed; only fields that it leaves out are recognised. ``None`` where
    no row is a heading.
    """
    best: Headings | None = None
    for index in range(len(rows)):
        for candidate in _candidates(rows[index : index + 2], chosen or {}):
            if best is None or len(candidate.of) > len(best.of):
                best = candidate
        if best is not None and "camera" in best.of and best.header("latitude") and best.header("longitude"):
            break  # values below are not to be taken for headings
    return best


def _candidates(rows: Sequence[Row], chosen: Mapping[str, str]) -> Iterator[Headings]:
    """What the first of two rows may be as headings, by itself and above the second."""
    number, cells = rows[0]
    written = tuple(str(cell).strip() for cell in cells)
    found = _assign(written, chosen)
    if found and _is_heading(cells, found):
        yield Headings(number, written, found)
    for below in rows[1:]:
        if any(plain(str(cell)) in _ALIAS_RANK for cell in below[1]):
            yield from _two_rows(written, below, chosen)


def _is_heading(cells: Sequence[object], found: Mapping[str, int]) -> bool:
    """Few numbers stand in headings; and a lone word that could be one may as well be a title or a cell."""
    if sum(isinstance(cell, int | float) for cell in cells) > len(found):
        return False
    return len(found) >= 2 or "camera" in found or "pair" in found


def _two_rows(upper: tuple[str, ...], lower: Row, chosen: Mapping[str, str]) -> Iterator[Headings]:
    """Headings in two rows: "Coordinates" above "Lat" and "Long", the others joined downwards."""
    number, cells = lower
    below = tuple(str(cell).strip() for cell in cells)
    width = max(len(upper), len(below))
    pairs = zip(upper + ("",) * (width - len(upper)), below + ("",) * (width - len(below)), strict=True)
    joined = tuple(under or over for over, under in pairs)
    found = _assign(joined, chosen)
    alone = _assign(below, chosen)
    own = {column for column, cell in enumerate(below) if cell}
    if len(found) > len(alone) and alone and own <= set(found.values()) and _is_heading(cells, found):
        yield Headings(number, joined, found)


def _assign(written: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int]:
    found = _chosen_columns(written, chosen)
    if found is None:
        return {}
    taken = set(found.values())
    ranked = sorted(
        (score, column, field)
        for column, heading in enumerate(written)
        if column not in taken and heading
        for field, score in _scores(heading)
    )
    for _, column, field in ranked:
        if (
            field not in found
            and column not in taken
            and not (field == "pair" and {"latitude", "longitude"} <= set(found))
        ):
            found[field] = column
            taken.add(column)
    if "pair" in found and {"latitude", "longitude"} <= set(found):
        del found["pair"]
    if "district" not in found and "old_district" in found:  # the only one there is
        found["district"] = found.pop("old_district")
    return found


def _chosen_columns(written: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int] | None:
    """``None`` where a chosen heading is missing: then this is not the row that the person meant."""
    places = {plain(heading): column for column, heading in reversed(list(enumerate(written))) if heading}
    if not all(plain(heading) in places for heading in chosen.values()):
        return None
    found = {field: places[plain(heading)] for field, heading in chosen.items()}
    if "latitude" in found and found.get("longitude") == found["latitude"]:
        found["pair"] = found.pop("latitude")
        del found["longitude"]
    return found


def _scores(heading: str) -> Iterator[tuple[str, float]]:
    """Fields that ``heading`` may name, lower is better: exact aliases by rank, then near ones from 1000 on."""
    for form in dict.fromkeys((plain(heading), plain(_BRACKETS.sub(" ", heading)))):
        if form in _ALIAS_RANK:
            field, rank = _ALIAS_RANK[form]
            yield field, rank
            return
    form = plain(_BRACKETS.sub(" ", heading))
    words = frozenset(form.split()) - _FILLERS
    if words in _ALIAS_WORDS:  # "Name of the District"
        field, rank = _ALIAS_WORDS[words]
        yield field, 100 + rank
        return
    if words & {"latitude", "longitude"}:  # "Latitude in degrees", "Camera Longitude WGS84"
        axes = words & {"latitude", "longitude"}
        yield ("pair" if len(axes) == 2 else min(axes)), 500
        return
    if len(form) >= _SHORTEST_NEAR and len(form) <= 60 and form not in _OTHERS:
        yield from _near(form)


def _near(form: str) -> Iterator[tuple[str, float]]:
    from rapidfuzz import fuzz, process

    hit = process.extractOne(form, _NEAR_ALIASES, scorer=fuzz.ratio, score_cutoff=_CUTOFF)
    if hit is not None:
        yield _ALIAS_RANK[hit[0]][0], 1100 - hit[1]


def plain(heading: str) -> str:
    """``heading`` in lower case with single spaces for signs: the form in which headings are compared."""
    return _SIGNS.sub(" ", heading).strip().casefold()
