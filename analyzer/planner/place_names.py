"""How names of places are compared: their parts, their other forms, how they sound."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from analyzer.planner.phrase import NUMBER_WORDS

Key = tuple[str, ...]

_NAME_FORMS = {"rd": "road", "jn": "junction", "jct": "junction", "junc": "junction", "stn": "station", "ctr": "centre",
               "center": "centre",
               "saint": "st", "sainte": "st", "ste": "st", "opp": "opposite",
               "ave": "avenue", "mkt": "market", "hosp": "hospital", "bldg": "building", "blvd": "boulevard",
               "sq": "square", "hwy": "highway"}  # fmt: skip

GENERIC = frozenset(
    [
        "junction",
        "jn",
        "circle",
        "centre",
        "road",
        "street",
        "main",
        "cross",
        "station",
        "railway",
        "bus",
        "stand",
        "stop",
        "market",
        "temple",
        "school",
        "college",
        "hospital",
        "office",
        "signal",
        "point",
        "area",
        "colony",
        "nagar",
        "camp",
        "gate",
        "bridge",
        "north",
        "south",
        "east",
        "west",
        "new",
        "old",
        "near",
        "opposite",
        "to",
        "the",
        "of",
        "and",
        "in",
        "at",
        "no",
        "side",
        "town",
        "city",
        "village",
        "district",
        "mandal",
        "police",
        "church",
        "mosque",
        "park",
        "lane",
        "square",
        "high",
        "avenue",
        "entrance",
        "exit",
        "check",
        "post",
        "toll",
        "plaza",
        "statue",
        "tower",
        "complex",
        "hotel",
        "shop",
        "store",
        "branch",
        "floor",
    ]
)

_SUFFIXES = ("junction", "signal", "area", "point")

FILLERS = frozenset(("of", "the", "and", "at", "in", "on"))


# Letters that no decomposition takes apart.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
_FIGURES = {word: str(value) for word, value in NUMBER_WORDS.items() if value < 100 and word != "dozen"} | {
    "ii": "2",
    "iii": "3",
    "iv": "4",
}


def folded(word: str) -> str:
    """``word`` as keyboards without its marks write it: "świętokrzyski" is "swietokrzyski"."""
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.translate(_PLAIN))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def key_of(name: str) -> Key:
    return key_of_words(re.findall(r"[^\W_]+(?:['’][^\W_]+)?", name.lower().replace("’", "'")))


_INNER = re.compile(r"(?<=[^\W\d_])[-'](?=[^\W\d_])")


def key_of_words(parts: Sequence[str]) -> Key:
    """The key of a name that is cut into words, in lower case. At its end, "st" is a street and no saint."""
    key = tuple(form_of(part) for word in parts for part in _INNER.split(word.removesuffix("'s")))
    return (*key[:-1], "street") if len(key) > 1 and key[-1] == "st" else key


def form_of(word: str) -> str:
    word = folded(word.removesuffix("'s"))
    return _NAME_FORMS.get(word) or _FIGURES.get(word, word)


def looser(key: Key) -> Iterator[Key]:
    """The other ways to say a name: any order, in one word, without its "junction"."""
    yield tuple(sorted(part for part in key if part not in FILLERS))
    yield ("".join(key),)
    if len(key) > 1 and key[-1] in _SUFFIXES and any(part not in GENERIC for part in key[:-1]):
        yield tuple(sorted(part for part in key[:-1] if part not in FILLERS))


def compact(camera: str) -> str:
    """A camera's key without case, signs and leading zeros: "CAM-007" is "cam7"; addresses keep their dots."""
    lowered = camera.casefold().replace("_", ".") if re.fullmatch(r"[\d._]+", camera) else camera.casefold()
    if re.fullmatch(r"[\d.]+", lowered):
        return lowered
    return re.sub(r"(?<![0-9])0+(?=\d)", "", re.sub(r"[\W_]", "", lowered.replace("camera", "cam")))


# Cities that have changed their names: people say either, whatever the register has.
_RENAMED = tuple(
    frozenset(names.split())
    for names in (
        "bangalore bengaluru", "mysore mysuru", "belgaum belagavi", "bellary ballari", "bijapur vijayapura",
        "mangalore mangaluru", "hubli hubballi", "gulbarga kalaburagi", "shimoga shivamogga", "tumkur tumakuru",
        "hospet hosapete", "vizag visakhapatnam", "bombay mumbai", "madras chennai", "calcutta kolkata",
        "trivandrum thiruvananthapuram", "cochin kochi", "calicut kozhikode", "poona pune", "baroda vadodara",
        "allahabad prayagraj", "gurgaon gurugram", "pondicherry puducherry", "benares banaras varanasi",
        "trichy tiruchirappalli", "tanjore thanjavur", "cuddapah kadapa", "quilon kollam", "simla shimla",
        "cawnpore kanpur", "anantapur anantapuramu", "ooty udhagamandalam", "alleppey alappuzha", "trichur thrissur",
    )
)  # fmt: skip


def other_names(word: str) -> frozenset[str]:
    """The old and new names of the city that ``word`` is a name of."""
    return next((names - {word} for names in _RENAMED if word in names), frozenset())


_SOUNDS = (
    ("ee|ii|ea", "i"), ("oo|uu", "u"), ("aa", "a"), ("w", "v"), ("ph", "f"), ("z", "s"), ("borough", "boro"),
    ("burgh", "burg"), ("(?<=[tdkgbpscj])h", ""), ("y", "i"), (r"(.)\1", r"\1"),
)  # fmt: skip


def sound_of(word: str) -> str:
    """How a name sounds: transliterations of one name differ in these."""
    for pattern, sound in _SOUNDS:
        word = re.sub(pattern, sound, word)
    return word
