"""What people say, in terms of what a detector of COCO's 80 classes and a look at the whole view can tell.

The words stand in ``vocabulary.toml``. Nothing is guessed: a target that isn't covered whole is either offered as a
labelled stand-in or refused with the reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from analyzer.models.model import Fit

# In the model's order (the order of the COCO detection challenge).
COCO: tuple[str, ...] = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
    "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
    "hair drier", "toothbrush",
)  # fmt: skip
# Classes that the detector takes for each other, by the number of their group: one thing must not count as two.
# Numbers are negative so that they can't meet a class's own number.
LOOK_ALIKES: Mapping[str, int] = {
    **dict.fromkeys(("car", "bus", "truck", "train"), -1),
    **dict.fromkeys(("bicycle", "motorcycle"), -2),
    **dict.fromkeys(("cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"), -3),
    **dict.fromkeys(("backpack", "handbag", "suitcase"), -4),
    **dict.fromkeys(("bottle", "wine glass", "cup", "vase", "bowl"), -5),
    **dict.fromkeys(("chair", "couch", "bench", "bed"), -6),
    **dict.fromkeys(("tv", "laptop", "microwave", "oven"), -7),
    **dict.fromkeys(("skis", "snowboard", "skateboard", "surfboard"), -8),
    **dict.fromkeys(("airplane", "bird", "kite"), -9),
}
_LONGEST = 5  # words in a known phrase
_VEHICLES = frozenset({"car", "bus", "truck", "motorcycle", "bicycle"})

_IRREGULAR = {
    "people": "person", "persons": "person", "men": "man", "women": "woman", "children": "child", "ladies": "lady",
    "gentlemen": "gentleman", "buses": "bus", "busses": "bus", "taxis": "taxi", "knives": "knife", "mice": "mouse",
    "leaves": "leaf", "calves": "calf", "wolves": "wolf", "oxen": "ox", "geese": "goose", "feet": "foot",
    "policemen": "policeman", "firemen": "fireman", "passersby": "passerby", "passers": "passer", "skis": "ski",
    "clothes": "clothes", "shoes": "shoe", "potatoes": "potato",
    "lenses": "lens", "lens": "lens", "buffaloes": "buffalo", "vehical": "vehicle", "tvs": "tv",
}  # fmt: skip
_ARTICLES = frozenset({"the", "a", "an", "any", "some", "all", "every", "each", "other", "various", "several", "many"})
_BEFORE = _ARTICLES | {
    "visible",
    "individual",
    "different",
    "total",
    "number",
    "of",
    "count",
    "kind",
    "type",
    "present",
}
_AFTER = re.compile(
    r"(?: (?:visible|present|seen|shown|here|there|overall|altogether|in total|in view"
    r"|in (?:the |this |each |that |an? )?(?:image|picture|photo|frame|view|scene|camera view|footage)"
    r"|on (?:the )?(?:camera|cctv|screen)))+$"
)
_ON_THE_ROAD = re.compile(
    r" (?:on|in|at|along|near|passing|using) (?:the |a |this |that |these )?(?:main )?"
    r"(?:road|street|highway|traffic|junction|intersection|crossing|signal|roadway|carriageway|motorway|roundabout)$"
)
_NEGATION = frozenset({"without", "not", "no", "missing", "lacking", "non", "never", "nor", "isnt", "arent", "dont"})
# What may follow the noun that is meant; after any other word the noun was only part of a longer name ("car park").
_LINKS = frozenset({
    "on", "in", "at", "near", "with", "by", "under", "over", "behind", "beside", "around", "inside", "outside",
    "along", "from", "to", "of", "for", "across", "between", "who", "that", "which", "whose", "against", "into",
    "onto", "through", "during", "facing", "left", "parked", "stuck", "stopped", "abandoned", "gathered", "seated",
    "lined", "sat", "injured", "lost", "is", "are",
})  # fmt: skip
# After these, a thing without a class only says where: "people near the temple", not "people with guns".
_PLACING = frozenset({"on", "in", "at", "near", "by", "under", "over", "behind", "beside", "around", "inside",
                      "outside", "along", "across", "between", "through", "crossing", "to", "from"})  # fmt: skip
_VIEW_NOUNS = re.compile(
    r"(?: (?:image|picture|photo|photograph|camera|view|scene|condition|frame|footage|lens|weather|shot|area|place"
    r"|location|feed|situation|quality))+$"
)
_VIEW_LEADS = re.compile(
    r"^(?:(?:image|picture|photo|scene|camera|view|taken|shot|captured|that|which|with|is|are|at|in|of) )+"
)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a target comes down to.

    ``classes`` are COCO names and empty when ``fit`` is ``NONE``; ``noun`` names them to people. ``more_than`` is set
    where a count stands in for something that is no object; ``levels`` are the counts up to which it is light and
    moderate. ``note`` says what isn't seen, ``leaves_out`` what the classes leave out.
    """

    fit: Fit
    classes: frozenset[str] = frozenset()
    noun: str = ""
    note: str = ""
    leaves_out: str = ""
    more_than: int | None = None
    levels: tuple[int, int] | None = None


@dataclass(frozen=True)
class _Words:
    """The table, keyed by normalised words."""

    concepts: Mapping[str, Meaning]
    stand_ins: Mapping[str, Meaning]
    adjectives: Mapping[str, Meaning]
    unseen: Mapping[str, str]
    happenings: Mapping[str, str]
    conditions: Mapping[str, str]

    @cached_property
    def known(self) -> frozenset[str]:
        return frozenset({*self.concepts, *self.stand_ins, *self.unseen})


def normalise(text: str) -> str:
    """Lower case, hyphens as spaces, punctuation gone (commas stay, they part a list), each word in the singular."""
    text = re.sub(r"[-_/‐-–]", " ", text.casefold().replace("'", "").replace("’", ""))
    text = re.sub(r"[^\w,& ]", " ", text).replace(",", " , ").replace("&", " and ")
    return " ".join(_singular(word) for word in text.split())


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is", "ous")):
        return word[:-1]
    return word


@cache
def _table() -> _Words:
    data = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
    concepts = {normalise(name): Meaning(Fit.FULL, frozenset({name}), plural(name)) for name in COCO}
    for entry in data["concept"]:
        concepts |= _concept(entry)
    stand_ins = {normalise(word): _stand_in(entry) for entry in data["stand_in"] for word in entry["say"]}
    return _Words(
        concepts=concepts,
        stand_ins=stand_ins,
        adjectives={word: _stand_in(entry) for entry in data["stand_in"] for word in entry["contains"]},
        unseen={normalise(word): entry["why"] for entry in data["unseen"] for word in entry["say"]},
        happenings={
            normalise(word): entry["why"] for entry in data["unseen"] if entry.get("happens") for word in entry["say"]
        },
        conditions={normalise(word): entry["is"] for entry in data["condition"] for word in entry["say"]},
    )


def _concept(entry: Mapping[str, Any]) -> dict[str, Meaning]:
    meaning = Meaning(Fit.FULL, frozenset(entry["classes"]), entry["name"], leaves_out=entry.get("leaves_out", ""))
    found = {normalise(word): meaning for word in (*entry["say"], entry["name"])}
    narrower = entry.get("narrower")
    if narrower:
        partial = Meaning(Fit.STAND_IN, meaning.classes, listed(sorted(map(plural, meaning.classes))), narrower["note"])
        found |= {normalise(word): partial for word in narrower["say"]}
    return found


def _stand_in(entry: Mapping[str, Any]) -> Meaning:
    light, moderate = entry["levels"]
    return Meaning(
        Fit.STAND_IN,
        frozenset(entry["classes"]),
        entry["noun"],
        note=entry["name"],
        more_than=entry["more_than"],
        levels=(light, moderate),
    )


def plural(name: str) -> str:
    """The plural of a COCO class name."""
    if name == "person":
        return "people"
    if name in ("sheep", "skis", "scissors", "broccoli", "luggage"):
        return name
    if name.endswith(("ss", "s", "sh", "ch", "x")):
        return name + "es"
    return {"knife": "knives", "mouse": "mice"}.get(name, name + "s")


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def condition(target: str) -> str | None:
    """The name of the view's condition that ``target`` asks for (``night``, ``blurred``, ...), or ``None``."""
    words = _table().conditions
    said = _trim(normalise(target))
    for form in (said, _VIEW_NOUNS.sub("", said), _VIEW_NOUNS.sub("", _VIEW_LEADS.sub("", said))):
        if form in words:
            return words[form]
    return None


@cache
def meaning(target: str) -> Meaning:
    """What ``target`` means to a detector of COCO's classes; never raises, whatever is typed."""
    said = normalise(target[:300])
    whole = _phrase(said)
    if whole.fit is Fit.FULL or whole.more_than is not None:
        return whole
    parts = [part for part in re.split(r" , (?:and |or )?| and | or | plus | as well as ", said) if part.strip()]
    return whole if len(parts) < 2 else _together([_phrase(part) for part in parts])


def _together(parts: list[Meaning]) -> Meaning:
    """A list of things: as good as its worst part."""
    worst = next((part for part in parts if part.fit is Fit.NONE), None)
    if worst:
        return worst
    classes = frozenset().union(*(part.classes for part in parts))
    nouns = list(dict.fromkeys(part.noun for part in parts))
    left_out = " ".join(dict.fromkeys(part.leaves_out for part in parts if part.leaves_out))
    notes = list(dict.fromkeys(part.note for part in parts if part.note))
    fit = Fit.STAND_IN if any(part.fit is Fit.STAND_IN for part in parts) else Fit.FULL
    return Meaning(fit, classes, listed(nouns), listed(notes) if notes else "", left_out)


def _trim(said: str) -> str:
    words = said.strip(" ,").split()
    while words and words[0] in _BEFORE:
        words.pop(0)
    return _AFTER.sub("", " ".join(words))


def _phrase(said: str) -> Meaning:
    said = _trim(said)
    table = _table()
    if said in table.concepts:
        return table.concepts[said]
    if said in table.stand_ins:
        return table.stand_ins[said]
    street = _ON_THE_ROAD.sub("", said)
    known = table.concepts.get(_trim(street))
    if street != said and known and known.fit is Fit.FULL and known.classes <= _VEHICLES:
        where = f"{known.leaves_out} Where in the picture they are isn't looked at.".strip()
        return replace(known, leaves_out=where)
    return _with_attributes(said.split())


def _with_attributes(words: list[str]) -> Meaning:
    """A known noun with words around it that no class stands for, or nothing known at all."""
    table = _table()
    if not words:
        return Meaning(Fit.NONE, note="There is nothing to look for.")
    found = _phrases(words)
    for _, _, phrase in found:
        if phrase in table.happenings:
            return Meaning(Fit.NONE, note=table.happenings[phrase])
    for word in words:
        if word in table.adjectives:
            return table.adjectives[word]
    if _NEGATION.intersection(words):
        return Meaning(Fit.NONE, note=_unseen_in(found) or "It finds what is there, not who or what is without it.")
    for _, _, phrase in found:
        if phrase in table.stand_ins:
            return table.stand_ins[phrase]
    return _about_head(words, found)


def _about_head(words: list[str], found: list[tuple[int, int, str]]) -> Meaning:
    """Judge by the head noun: the first known phrase that isn't itself part of a longer name ("car park")."""
    table = _table()
    for place, (at, size, phrase) in enumerate(found):
        after = words[at + size] if at + size < len(words) else ""
        if after and after not in _LINKS and not after.endswith(("ing", "ed")):
            continue
        if phrase in table.unseen:
            return Meaning(Fit.NONE, note=table.unseen[phrase])
        for later, _, other in found[place + 1 :]:
            if other in table.unseen and not _PLACING.intersection(words[max(0, later - 2) : later]):
                return Meaning(Fit.NONE, note=table.unseen[other])
        rest = " ".join(words[:at] + words[at + size :])
        return replace(table.concepts[phrase], fit=Fit.STAND_IN, note=f"which are “{rest}”")
    return Meaning(Fit.NONE, note=f"COCO's 80 classes hold nothing that is called “{' '.join(words)[:60]}”.")


def _unseen_in(found: list[tuple[int, int, str]]) -> str | None:
    unseen = _table().unseen
    return next((unseen[phrase] for _, _, phrase in found if phrase in unseen), None)


def _phrases(words: list[str]) -> list[tuple[int, int, str]]:
    """The known phrases among ``words``, from the left, the longest first at each place: (place, size, phrase)."""
    known = _table().known
    found, at = [], 0
    while at < len(words):
        fits = range(min(_LONGEST, len(words) - at), 0, -1)
        size = next((n for n in fits if " ".join(words[at : at + n]) in known), 0)
        if size:
            found.append((at, size, " ".join(words[at : at + size])))
        at += max(1, size)
    return found
