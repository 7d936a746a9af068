"""The names under which sheets write our fields. How a heading is compared with them is :mod:`storage.headings`."""

from __future__ import annotations

from collections.abc import Mapping

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
OTHERS = frozenset(
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
