"""Coordinates as people write them, read into decimal degrees.

Decimal points and commas, degrees-minutes-seconds with any of the usual signs, hemisphere letters before or behind, and
both coordinates in one cell. What can't be read surely is ``None``; nothing is guessed here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NUMBER = r"\d+(?:[.,]\d+)?"
_DECIMAL = re.compile(r"[+-]?\d+(?:[.,]\d*)?(?:[eE][+-]?\d{1,2})?|[+-]?[.,]\d+")
_ANGLE = re.compile(
    rf"(?P<before>[NSEW])?\s*(?P<sign>[+-])?\s*(?P<degrees>{_NUMBER})\s*(?:°|DEG(?:REES?)?\.?|D|:)?\s*"
    rf"(?:(?P<minutes>{_NUMBER})\s*(?:'|MIN(?:UTES?)?\.?|M|:)?\s*"
    rf"(?:(?P<seconds>{_NUMBER})\s*(?:\"|''|SEC(?:ONDS?)?\.?)?)?)?\s*(?P<after>[NSEW]|NORTH|SOUTH|EAST|WEST)?"
)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("−–—‒﹣－", "-"),
        **dict.fromkeys("º˚ᵒ∘", "°"),
        **dict.fromkeys("′’‘´`ʹ‛", "'"),
        **dict.fromkeys("″”“„ʺ", '"'),
        **dict.fromkeys("\u00a0\u2009\u202f\u200b\ufeff", " "),
        "，": ",",
        "；": ";",
        "٫": ".",
        "،": ",",
    }
)
_WORDS = re.compile(r"\b(?:LAT(?:ITUDE)?|LON(?:G(?:ITUDE)?)?|LNG)\b\.?\s*[:=]?")
_LINK = re.compile(r"[@=/:](?P<lat>[+-]?\d{1,3}\.\d+),\s*(?P<lon>[+-]?\d{1,3}\.\d+)")
_QUARTERS = {
    **dict.fromkeys(("NORD", "NORTE", "NOORD"), "N"),
    **dict.fromkeys(("SUD", "SÜD", "SUR", "SUL", "ZUID"), "S"),
    **dict.fromkeys(("EST", "ESTE", "OST", "OOST", "LESTE"), "E"),
    **dict.fromkeys(("OUEST", "OESTE", "OVEST"), "W"),
}
_QUARTER = re.compile(rf"\b(?:{'|'.join(_QUARTERS)})\b")
_LETTER_O = re.compile(r"(?<![A-Za-z])[Oo](?![A-Za-z])")
# Geographic formats put the longitude first.
_POINT = re.compile(
    r"(?:POINT(?:\s*Z)?\s*\(\s*|\"COORDINATES\"\s*:\s*\[\s*)"
    r"(?P<lon>[+-]?\d{1,3}(?:\.\d+)?)\s*[\s,]\s*(?P<lat>[+-]?\d{1,2}(?:\.\d+)?)(?:[\s,]+[+-]?\d+(?:\.\d+)?)?\s*[)\]]"
)
# In this order: a semicolon can part nothing but the two; a comma may belong to a number.
_PARTINGS = (
    re.compile(r"\s*[;|\n/]\s*"),
    re.compile(r"\s*,\s+|\s+,\s*"),
    re.compile(r"(?<=[NSEW])[\s,]+(?=[\d+-])"),  # 40.4 N 3.7 W
    re.compile(r"[\s,]+(?=[NSEW]\s*\d)"),  # N 40.4 W 3.7
    re.compile(r"\s*,\s*"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Angle:
    """Signed decimal degrees; ``axis`` is ``lat`` or ``lon`` where a hemisphere letter told it, else empty."""

    degrees: float
    axis: str = ""


def read_angle(cell: object) -> Angle | None:
    """One coordinate: a finite number, or text that is one. Ranges are not checked here."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return Angle(float(cell)) if math.isfinite(cell) else None
    text = _tidy(str(cell))
    if _DECIMAL.fullmatch(text):
        return Angle(float(text.replace(",", ".")))
    match = _ANGLE.fullmatch(_QUARTER.sub(_initial, text))
    return None if match is None else _angle(match)


def read_pair(cell: object) -> tuple[float, float] | None:
    """Latitude and longitude out of one cell; a hemisphere letter may put the longitude first."""
    if not isinstance(cell, str) or len(cell) > 500:
        return None
    link = _LINK.search(cell)
    if link is not None:
        return float(link["lat"]), float(link["lon"])
    text = _tidy(cell)
    point = _POINT.search(text)
    if point is not None:
        return float(point["lat"]), float(point["lon"])
    text = _WORDS.sub(" ", _QUARTER.sub(_initial, text)).strip(" ()[]{},;")
    for parting in _PARTINGS:
        parts = parting.split(text)
        if len(parts) == 4 and all(part.lstrip("+-").isdigit() for part in parts) and "," in text:
            parts = [".".join(parts[:2]), ".".join(parts[2:])]  # 17,385,78,486
        if len(parts) == 2:
            pair = _ordered(read_angle(parts[0]), read_angle(parts[1]))
            if pair is not None:
                return pair
    return None


def with_letter_o(cell: object, meant: str) -> object:
    """``cell`` with ``E`` or ``W`` for the letter O: Ost and Oost are east, oeste, ouest and ovest are west."""
    return _LETTER_O.sub(meant, cell) if isinstance(cell, str) else cell


def is_possible(latitude: float, longitude: float) -> bool:
    """Whether this can be a place on Earth."""
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _tidy(text: str) -> str:
    return text.translate(_SIGNS).strip().removeprefix("'").lstrip().upper()  # Excel's sign for text may be in it


def _initial(quarter: re.Match[str]) -> str:
    return _QUARTERS[quarter[0]]


def _angle(match: re.Match[str]) -> Angle | None:
    letters = [letter[0] for letter in (match["before"], match["after"]) if letter]
    if len(letters) == 2 or (letters and match["sign"]):  # "N 12 S", "-12 S": which is meant?
        return None
    parts = [match["degrees"], match["minutes"], match["seconds"]]
    written = [part.replace(",", ".") for part in parts if part]
    if any("." in part for part in written[:-1]):  # only the last part may have a fraction
        return None
    numbers = [float(part) for part in written] + [0.0, 0.0]
    if numbers[1] >= 60 or numbers[2] >= 60:
        return None
    degrees = numbers[0] + numbers[1] / 60 + numbers[2] / 3600
    negative = match["sign"] == "-" or letters in (["S"], ["W"])
    axis = "" if not letters else "lat" if letters[0] in "NS" else "lon"
    return Angle(-degrees if negative else degrees, axis)


def _ordered(first: Angle | None, second: Angle | None) -> tuple[float, float] | None:
    if first is None or second is None or (first.axis and first.axis == second.axis):
        return None
    if first.axis == "lon" or second.axis == "lat":
        return second.degrees, first.degrees
    return first.degrees, second.degrees
