"""Which column of a sheet is which: by alias first, then by near spelling.

The near match is the plain ratio with a cut-off of 80: partial and weighted ratios take "Latest update" for a latitude
and "Belongs to" for a longitude. What neither finds, a person says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from storage.aliases import ALIASES, COMPOSED, OTHERS
from storage.coordinates import is_possible, read_pair
from storage.names import canonical_address
from storage.picture_address import is_picture_address

_CUTOFF = 80
_NEAR_FROM = 1000
_COORDINATES = frozenset({"latitude", "longitude"})
_SHORTEST_NEAR = 5  # "late" is near "lat", "date" near "gate": short words are matched exactly or not at all
_LETTERS = re.compile(r"column ([a-z]{1,3})")
_BRACKETS = re.compile(r"[(\[{][^)\]}]*[)\]}]")
_SIGNS = re.compile(r"[\W_]+")
_UNDECOMPOSED = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def plain(heading: str) -> str:
    """``heading`` in lower case with single spaces for signs and without accents: the form in which headings are
    compared. Marks of other scripts stay, for there they are vowels."""
    text = heading.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_UNDECOMPOSED)).casefold()
        text = unicodedata.normalize("NFC", "".join(sign for sign in text if not "\u0300" <= sign <= "\u036f"))
        text = "".join(" " if _SIGNS.match(sign) and unicodedata.category(sign)[0] != "M" else sign for sign in text)
        return " ".join(text.split())
    return _SIGNS.sub(" ", text).strip()


_ALIAS_RANK = {plain(alias): (name, rank) for name, names in ALIASES.items() for rank, alias in enumerate(names)}
_FILLERS = frozenset(
    {*("of", "the", "in", "at", "and", "for", "s", "de", "da", "do", "del", "der", "des", "du", "d", "la"), "le", "el"}
)
_ALIAS_WORDS = {frozenset(alias.split()) - _FILLERS: place for alias, place in reversed(_ALIAS_RANK.items())}
# "along" is near "latlong"
_NEAR_ALIASES = [a for a in _ALIAS_RANK if len(a) >= _SHORTEST_NEAR and not a.startswith(("latl", "latitude l"))]


class How(StrEnum):
    """How a column was recognised: by its name, a name like it, what stands in it, or because a person said so (by its
    heading, or, where it has none, by its letter)."""

    ALIAS = "alias"
    NEAR = "near"
    VALUES = "values"
    CHOSEN = "chosen"
    POSITION = "position"


@dataclass(frozen=True, slots=True)
class Headings:
    """A sheet's headings: ``row`` as the spreadsheet shows it (0 where there is none), all cells as ``written``, the
    column ``of`` each of our fields (``pair`` where one cell holds both coordinates), and ``how`` each was found."""

    row: int
    written: tuple[str, ...]
    of: Mapping[str, int]
    how: Mapping[str, How] = field(default_factory=dict)

    def column(self, name: str) -> int | None:
        """The column of a field, or ``None``; where one column holds both coordinates, it is that of either."""
        column = self.of.get(name)
        return self.of.get("pair") if column is None and name in _COORDINATES else column

    def header(self, name: str) -> str | None:
        """The heading of a field as written, or ``None``."""
        column = self.column(name)
        return None if column is None else self.written[column]


Row = tuple[int, Sequence[object]]


def find_headings(rows: Sequence[Row], chosen: Mapping[str, str] | None = None) -> Headings | None:
    """The first row of ``rows`` (a sheet's first ones) that names cameras and places, else the one that names most.

    ``chosen`` gives headings by our field and is obeyed, an empty one for "no column"; ``column C`` names a column that
    has no heading of its own. Only fields that it leaves out are recognised. ``None`` where no row is a heading.
    """
    chosen = chosen or {}
    lettered = {name: index for name, heading in chosen.items() if (index := _lettered(heading, rows)) is not None}
    named = {name: heading for name, heading in chosen.items() if name not in lettered}
    best: Headings | None = None
    for index in range(len(rows)):
        for candidate in _candidates(rows[index : index + 2], named):
            if best is None or len(candidate.of) > len(best.of):
                best = candidate
        if best is not None and "camera" in best.of and best.header("latitude") and best.header("longitude"):
            break  # values below are not to be taken for headings
    return _with_letters(best or likely_headings(rows), lettered) if lettered else best


def likely_headings(rows: Sequence[Row]) -> Headings:
    """What to show a person who is to say which column is which: the first broad row, if it is no row of values; else
    the letters of the columns, above the first row."""
    width = max(sum(cell != "" for cell in cells) for _, cells in rows)
    number, cells = next(row for row in rows if sum(cell != "" for cell in row[1]) >= 0.7 * width)
    if any(_is_value(cell) for cell in cells):
        longest = max(len(cells) for _, cells in rows)
        return Headings(0, tuple(f"column {letter(index)}" for index in range(longest)), {})
    return Headings(number, tuple(str(cell) for cell in cells), {})


def with_values(headings: Headings, rows: Sequence[Row], chosen: Mapping[str, str]) -> Headings:
    """What no heading told, by what stands below: network addresses are cameras, pairs of coordinates are places, and
    the addresses of pictures are theirs."""
    found, how = dict(headings.of), dict(headings.how)
    below = [cells for number, cells in rows if number > headings.row]

    def column_of(tells: Callable[[object], bool], free: Collection[str] = ()) -> int | None:
        taken = {column for name, column in found.items() if name not in free}
        columns = (column for column in range(len(headings.written)) if column not in taken)
        return next(
            (column for column in columns if _all_tell([c[column] for c in below if column < len(c)], tells)), None
        )

    # Some write a place's coordinates under "Location", or a picture's address under "Address".
    free = () if "location" in chosen else ("location",)
    if not {"camera"} & {*found, *chosen}:
        column = column_of(lambda cell: canonical_address(str(cell)) is not None)
        if column is not None:
            found["camera"], how["camera"] = column, How.VALUES
    if not {"pair", *_COORDINATES} & {*found, *chosen}:
        column = column_of(_is_place, free)
        if column is not None:
            found = {name: one for name, one in found.items() if one != column} | {"pair": column}
            how["pair"] = How.VALUES
    if "picture_url" not in {*found, *chosen}:
        column = column_of(is_picture_address, free)
        if column is not None:
            found = {name: one for name, one in found.items() if one != column} | {"picture_url": column}
            how["picture_url"] = How.VALUES
    return Headings(headings.row, headings.written, found, {name: how[name] for name in found})


def _all_tell(cells: Sequence[object], tells: Callable[[object], bool]) -> bool:
    """Whether nearly all of a column's filled cells are of one kind."""
    filled = [cell for cell in cells if cell != ""]
    return bool(filled) and sum(map(tells, filled)) >= 0.9 * len(filled)


def _is_place(cell: object) -> bool:
    pair = read_pair(cell)
    return pair is not None and any(not one.is_integer() for one in pair) and is_possible(*pair)


def letter(column: int) -> str:
    """The letters that a spreadsheet program shows above a column, counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _lettered(heading: str, rows: Sequence[Row]) -> int | None:
    """The column that ``column C`` names, if no heading is written so and the sheet reaches so far."""
    match = _LETTERS.fullmatch(plain(heading))
    if match is None or any(plain(str(cell)) == match[0] for _, cells in rows for cell in cells):
        return None
    index = 0
    for sign in match[1]:
        index = index * 26 + ord(sign) - 96
    return index - 1 if index <= max((len(cells) for _, cells in rows), default=0) else None


def _with_letters(headings: Headings, lettered: Mapping[str, int]) -> Headings:
    width = max(len(headings.written), *(index + 1 for index in lettered.values()))
    written = [*headings.written, *[""] * (width - len(headings.written))]
    for index in lettered.values():
        written[index] = written[index] or f"column {letter(index)}"
    taken = set(lettered.values())
    found: dict[str, int] = {n: c for n, c in headings.of.items() if c not in taken and n not in lettered}
    how = {name: headings.how[name] for name in found} | dict.fromkeys(lettered, How.POSITION)
    return Headings(headings.row, tuple(written), _paired(found | dict(lettered)), how)


def _is_value(cell: object) -> bool:
    return isinstance(cell, int | float) or canonical_address(str(cell)) is not None or read_pair(cell) is not None


def _candidates(rows: Sequence[Row], chosen: Mapping[str, str]) -> Iterator[Headings]:
    """What the first of two rows may be as headings, by itself and above the second."""
    number, cells = rows[0]
    written = tuple(str(cell).strip() for cell in cells)
    found, how = _assign(written, chosen)
    if found and (any(chosen.values()) or _is_heading(cells, found)):
        yield Headings(number, written, found, how)
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
    found, how = _assign(joined, chosen)
    alone, _ = _assign(below, chosen)
    own = {column for column, cell in enumerate(below) if cell}
    headings_only = own <= set(found.values()) or (len(alone) > 1 and not any(_is_value(cell) for cell in cells))
    if len(found) >= len(alone) and alone and headings_only and _is_heading(cells, found):
        yield Headings(number, joined, found, how)


def _assign(written: Sequence[str], chosen: Mapping[str, str]) -> tuple[dict[str, int], dict[str, How]]:
    found = _chosen_columns(written, chosen)
    if found is None:
        return {}, {}
    how = dict.fromkeys(found, How.CHOSEN)
    taken = set(found.values())
    ranked = sorted(
        (score, column, name)
        for column, heading in enumerate(written)
        if column not in taken and heading
        for name, score in _scores(heading)
    )
    for score, column, name in ranked:
        if name in found or name in chosen or column in taken or (name == "pair" and _has_places(found, chosen)):
            continue
        found[name], how[name] = column, How.ALIAS if score < _NEAR_FROM else How.NEAR
        taken.add(column)
    if "pair" in found and set(found) >= _COORDINATES:
        del found["pair"]
    if "district" not in found and "old_district" in found and "district" not in chosen:  # the only one there is
        found["district"], how["district"] = found.pop("old_district"), how["old_district"]
    return found, {name: how[name] for name in found}


def _has_places(found: Mapping[str, int], chosen: Mapping[str, str]) -> bool:
    """Whether a column of pairs is out of the question: both are found, or a person has begun to say which is which."""
    return bool(_COORDINATES & set(chosen)) or set(found) >= _COORDINATES


def _chosen_columns(written: Sequence[str], chosen: Mapping[str, str]) -> dict[str, int] | None:
    """``None`` where a chosen heading is missing: then this is not the row that the person meant."""
    places = {plain(heading): column for column, heading in reversed(list(enumerate(written))) if heading}
    named = {name: plain(heading) for name, heading in chosen.items() if heading}
    if not all(heading in places for heading in named.values()):
        return None
    return _paired({name: places[heading] for name, heading in named.items()})


def _paired(found: dict[str, int]) -> dict[str, int]:
    """One column that was chosen for both coordinates is a column of pairs."""
    if "latitude" in found and found.get("longitude") == found["latitude"]:
        found["pair"] = found.pop("latitude")
        del found["longitude"]
    return found


def _scores(heading: str) -> Iterator[tuple[str, float]]:
    """Fields that ``heading`` may name, lower is better: aliases by rank, then near ones from ``_NEAR_FROM`` on."""
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
    for name, needed, allowed in COMPOSED:  # "Geogr. Breite", "lat_dd", "N° caméra"
        if all(words & some for some in needed) and words <= allowed.union(*needed):
            yield name, 200 if words & allowed else 250
            return
    if words & {"latitude", "longitude"}:  # "Latitude in degrees", "Camera Longitude WGS84"
        axes = words & {"latitude", "longitude"}
        yield ("pair" if len(axes) == 2 else min(axes)), 500
        return
    if len(form) >= _SHORTEST_NEAR and len(form) <= 60 and form not in OTHERS:
        yield from _near(form)


def _near(form: str) -> Iterator[tuple[str, float]]:
    from rapidfuzz import fuzz, process

    hit = process.extractOne(form, _NEAR_ALIASES, scorer=fuzz.ratio, score_cutoff=_CUTOFF)
    if hit is not None:
        yield _ALIAS_RANK[hit[0]][0], _NEAR_FROM + 100 - hit[1]
