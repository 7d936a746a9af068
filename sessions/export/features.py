"""An answer as GeoJSON (RFC 7946): one feature for each place, in WGS 84; what stands nowhere has no geometry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sessions.export.cells import PLACES
from sessions.export.document import listed, spliced
from sessions.export.extract import Extract
from sessions.views import Place

_DECIMALS = 7  # a centimetre


def feature_collection(extract: Extract) -> Iterator[bytes]:
    """The file, place by place. ``properties`` of the collection are the answer's own, as a foreign member."""
    head = {
        "type": "FeatureCollection",
        "question": extract.question,
        "headline": extract.headline,
        "exported_at": extract.exported_at.isoformat().replace("+00:00", "Z"),
    }
    return spliced(head, "features", listed(_feature(extract, place) for place in extract.places()), {})


def _feature(extract: Extract, place: Place) -> dict[str, Any]:
    spot = place.viewpoint
    geometry = None
    if spot.latitude is not None and spot.longitude is not None:
        geometry = {"type": "Point", "coordinates": [round(spot.longitude, _DECIMALS), round(spot.latitude, _DECIMALS)]}
    properties = {column.heading: column.value(extract, place) for column in PLACES}
    return {"type": "Feature", "id": spot.viewpoint, "geometry": geometry, "properties": properties}
