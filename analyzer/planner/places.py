"""Names of the register in a question: districts old and new, mandals, locations and camera addresses.

The longest match wins. Case, punctuation, word order and small errors of spelling are forgiven; an everyday word that
is also a name ("Market") needs a preposition or a capital. Names that only look like places are reported as unknown.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from analyzer.plan import Scope
from analyzer.planner.phrase import PLACE
from analyzer.planner.place import KIND_WORDS, Place, PlaceKind, past_kind_word
from analyzer.planner.place_names import (
    FILLERS,
    GENERIC,
    Key,
    compact,
    folded,
    key_of,
    key_of_words,
    looser,
    other_names,
    sound_of,
)
from analyzer.planner.surroundings import (
    GROUPING,
    LEADS,
    NO_PLACE_AFTER,
    STRONG_LEADS,
    all_that_is_said,
    continues_a_list,
    ends_here,
    heads,
    is_counted,
    stands_alone,
    word_before,
)
from analyzer.planner.unregistered import Unregistered
from analyzer.planner.vocabulary import DOMAIN
from analyzer.planner.words import Speller, Token
from storage.register import Register, RegisteredCamera

_MOST_PARTS = 4
_CONNECTED = 2  # "platform two at the Seaford": words that stand between those of a name


class PlaceIndex:
    """The register's names, indexed once."""

    def __init__(self, register: Register, speller: Speller) -> None:
        self._speller = speller
        self._exact: dict[Key, dict[PlaceKind, dict[str, None]]] = {}
        self._loose: dict[Key, list[tuple[PlaceKind, str]]] = defaultdict(list)
        self._parts: dict[str, set[Key]] = defaultdict(set)
        self._ends: dict[Key, list[tuple[PlaceKind, str]]] = defaultdict(list)
        self._cameras: dict[str, str] = {}
        self._districts: dict[str, dict[str, None]] = defaultdict(dict)
        self._longest = 1
        self._rows: dict[tuple[str, str], set[int]] = defaultdict(set)
        for entry in register.cameras:
            self._add(PlaceKind.DISTRICT, entry.district)
            self._add(PlaceKind.MANDAL, entry.mandal)
            self._add(PlaceKind.LOCATION, entry.location)
            if entry.location and entry.district:
                self._districts[entry.location.casefold()][entry.district] = None
            if called := compact(entry.camera):  # a row may name no camera
                self._cameras.setdefault(called, entry.camera)
        for entry in register.cameras:  # after all new ones: a name that is both means the new district
            if entry.old_district and PlaceKind.DISTRICT not in self._exact.get(key_of(entry.old_district), {}):
                self._add(PlaceKind.DISTRICT, entry.old_district)
        shapes = {re.sub(r"\d+", "0", called) for called in self._cameras if not called[0].isdigit()}
        numbered = {a for key in self._exact for a, b in pairwise(key) if b.isdigit() and a.isalpha()}
        self._unregistered = Unregistered(speller, shapes, numbered)
        new = {entry.district for entry in register.cameras}
        for entry in register.cameras:
            self._place_row(entry, entry.old_district if entry.old_district not in new else None)
        self._vocabulary = sorted({part for part in self._parts if len(part) > 3 and part.isalpha()})
        self._sounds: dict[str, str] = {}
        for part in self._vocabulary:
            self._sounds.setdefault(sound_of(part), part)
        self._nearest = lru_cache(maxsize=20_000)(self._find_nearest)

    def _add(self, kind: PlaceKind, name: str | None) -> None:
        if not name or not (key := key_of(name)) or name in self._exact.get(key, {}).get(kind, {}):
            return
        kinds = self._exact.setdefault(key, {})
        if kind in kinds and kind is PlaceKind.DISTRICT:
            return  # the same district in another case
        kinds.setdefault(kind, {})[name] = None
        self._longest = max(self._longest, len(key))
        for form in looser(key):
            self._loose[form].append((kind, name))
        for part in key:
            self._parts[part].add(key)
        for start in range(1, len(key)):
            self._ends[key[start:]].append((kind, name))

    def _place_row(self, entry: RegisteredCamera, old_district: str | None) -> None:
        named = (("districts", entry.district), ("mandals", entry.mandal), ("locations", entry.location))
        for level, name in (*named, ("districts", old_district), ("cameras", entry.camera)):
            if name:
                self._rows[level, name].add(entry.row)

    def rows(self, level: str, name: str) -> frozenset[int]:
        """The register's rows in a place, by the field of a scope that names it."""
        return frozenset(self._rows.get((level, name), ()))

    def beside(self, scope: Scope) -> Scope:
        """With the districts of locations that the named ones would leave out: "the market in Wola and the old "
        "bridge"."""
        inside = {row for name in scope.districts for row in self._rows.get(("districts", name), ())}
        lost = [name for name in scope.locations if inside.isdisjoint(self._rows.get(("locations", name), ()))]
        if not inside or len(lost) == len(scope.locations):
            return scope
        more = (district for name in lost for district in self.districts_of(name))
        return replace(scope, districts=tuple(dict.fromkeys((*scope.districts, *more))))

    def districts_of(self, location: str) -> list[str]:
        """The districts in which some place of that name stands, in the order of the register."""
        return list(self._districts.get(location.casefold(), ()))

    def holds(self, word: str) -> bool:
        """Whether some name has ``word`` in it."""
        return folded(word) in self._parts

    def nearest(self, word: str) -> str | None:
        """The word of a name that ``word`` is a misspelling of."""
        word = folded(word)
        return word if word in self._parts else self._nearest(word)

    def _find_nearest(self, word: str) -> str | None:
        if len(word) < 4 or not word.isalpha():
            return None
        if renamed := next((name for name in other_names(word) if name in self._parts), None):
            return renamed
        if same := self._sounds.get(sound_of(word)):
            return same
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 1 if len(word) < 7 else 2
        near = process.extract(word, self._vocabulary, scorer=OSA.distance, score_cutoff=most, limit=2)
        close = [(name, distance) for name, distance, _ in near if name[0] == word[0] or distance == 1]
        if not close or (len(close) > 1 and close[0][1] == close[1][1]):
            return None
        return close[0][0]

    def mark(self, tokens: Sequence[Token]) -> tuple[list[Token], list[Place]]:
        """``tokens`` with each place replaced by :data:`PLACE` and its index in the list of places."""
        marked: list[Token] = []
        places: list[Place] = []
        at = 0
        while at < len(tokens):
            listed = continues_a_list(marked)
            found = self._at(tokens, at, listed)
            if found is None:
                marked.append(tokens[at])
                at += 1
                continue
            place, end, start = found
            del marked[len(marked) - (at - start) :]
            marked.append(Token("", f"{PLACE}{len(places)}"))
            places.append(
                place if place.said else replace(place, said=" ".join(token.written for token in tokens[start:end]))
            )
            at = end
        return marked, places

    def _at(self, tokens: Sequence[Token], at: int, listed: bool) -> tuple[Place, int, int] | None:
        """The longest place that begins at ``at``, its end, and its start (before a kind word: "district X")."""
        for end in range(min(len(tokens), at + max(self._longest, 3) + _CONNECTED), at, -1):
            window = tokens[at:end]
            place = self._camera(window, word_before(tokens, at) in STRONG_LEADS) or self._named(
                tokens, at, end, listed
            )
            if place is not None:
                place = replace(place, said=" ".join(token.written for token in tokens[at:end]))
                past = past_kind_word(tokens, end, place)
                aged = (
                    at > 0 and past > end and place.kind is PlaceKind.DISTRICT and tokens[at - 1].word in ("old", "new")
                )
                return place, past, at - aged
        return self._unregistered.at(tokens, at, listed)

    def _camera(self, window: Sequence[Token], led: bool) -> Place | None:
        text = "".join(token.written for token in window)
        camera = self._cameras.get(compact(text))
        if camera is None and window[0].word in ("camera", "cam", "cctv") and len(window) > 1:
            rest = "".join(token.written for token in window[1:])
            camera = self._cameras.get(compact("cam" + rest)) or self._cameras.get(compact(rest))
        if camera is None or (camera.isdigit() and window[0].word not in ("camera", "cam", "cctv")):
            return None
        everyday = all(token.word.isalpha() and self._speller.frequency(token.word) > 60 for token in window)
        if everyday and not led and not all(token.capital for token in window):
            return None  # a camera called "lobby"
        return Place(PlaceKind.CAMERA, (camera,))

    def _named(self, tokens: Sequence[Token], at: int, end: int, listed: bool) -> Place | None:
        key = key_of_words([token.word for token in tokens[at:end] if token.word not in (".", "&")])
        if not key or tokens[end - 1].word in (".", "&"):
            return None
        after = tokens[end].word if end < len(tokens) else ""
        wanted = next((kind for kind, words in KIND_WORDS.items() if re.fullmatch(words, after)), None)
        whole = self._exact_place(key, wanted)
        place = whole or self._loose_place(key, wanted) or self._near_place(key, wanted)
        if place is None and self._may_be_part(tokens, at, end) and not (after.isdigit() or self._goes_on(after)):
            place = self._part_place(key, wanted)
            if place is not None and len(place.names) > 1 and tokens[at - 1].word in GROUPING and at:
                place = None  # "skiers per piste": of each of them
        led = listed or word_before(tokens, at) in STRONG_LEADS or word_before(tokens, at) == "on"
        alone = (led and stands_alone(tokens, at, end)) or (end - at > 1 and key[-1].isdigit())
        if place is None and alone and not after.isdigit():
            place = self._only_one(key)
        named = whole is not None and end - at > 1 and (key[-1].isdigit() or stands_alone(tokens, at, end))
        fits = place is not None and (listed or named or self._fits(tokens, at, end, wanted, exact=whole is not None))
        return place if fits else None

    def _exact_place(self, key: Key, wanted: PlaceKind | None) -> Place | None:
        kinds = self._exact.get(key)
        if not kinds:
            return None
        kind = wanted if wanted in kinds else next(kind for kind in PlaceKind if kind in kinds)
        return Place(kind, tuple(kinds[kind]))

    def _loose_place(self, key: Key, wanted: PlaceKind | None) -> Place | None:
        telling = tuple(sorted(part for part in key if part not in FILLERS))
        if FILLERS.issuperset((key[0],)) or FILLERS.issuperset((key[-1],)):
            return None
        if len(key) > 2 and key[1] in FILLERS and key[2:] in self._exact:
            return None  # "every street in Maitland" is no Maitland Street
        fits = self._loose.get(telling) or self._loose.get(("".join(key),))
        return _one_kind(fits, wanted) if fits else None

    def _near_place(self, key: Key, wanted: PlaceKind | None) -> Place | None:
        """A name of several words of which one is misspelt into a word of another name."""
        if len(key) < 2 or not any(part in self._parts for part in key):
            return None
        from rapidfuzz.distance import OSA

        near = {each for part in key for each in self._parts.get(part, ()) if len(each) == len(key)}
        said = " ".join(key)
        close = [
            each
            for each in near
            if each[0][0] == key[0][0]
            and OSA.distance(" ".join(each), said, score_cutoff=2) <= 2
            and all(
                a == b or (len(a) > 4 and a not in GENERIC and b not in DOMAIN) for a, b in zip(each, key, strict=True)
            )
        ]
        return self._exact_place(close[0], wanted) if len(close) == 1 else None

    def ends_with(self, key: Key) -> bool:
        """Whether some name is ``key`` or ends so, and none is its last word alone."""
        return (key in self._exact or key in self._ends) and key[-1:] not in self._exact

    def _only_one(self, key: Key) -> Place | None:
        """ "In the waiting room", where one name has these words; "in the lounge", "in central"."""
        ends = self._ends.get(key, ())
        if len(key) > 1:
            part = Place(ends[0][0], (ends[0][1],)) if len(ends) == 1 else self._part_place(key, None)
            return part if part is not None and len(part.names) == 1 else None
        word, keys = key[0], self._parts.get(key[0], ())
        said_of_any = word in GENERIC or word in DOMAIN or len(word) < 4 or not word.isalpha()
        return None if said_of_any or len(keys) != 1 else self._exact_place(next(iter(keys)), None)

    def _may_be_part(self, tokens: Sequence[Token], at: int, end: int) -> bool:
        """A part of a name must be its telling part: no everyday word alone."""
        return (end - at == 3 and tokens[at + 1].word == "&") or any(
            token.word not in GENERIC
            and (len(token.word) > 3 or re.fullmatch(r"[a-z]{1,3}\d{1,3}", token.word))
            and (token.capital or not self._everyday(token.word))
            for token in tokens[at:end]
        )

    def _goes_on(self, word: str) -> bool:
        """Whether ``word`` is no English one: "Plac Trzech" is no part of "Plac Bankowy"."""
        return word.isalpha() and len(word) > 3 and not self._speller.frequency(word) and not self.holds(word)

    def _part_place(self, key: Key, wanted: PlaceKind | None) -> Place | None:
        sets = [self._parts.get(part) for part in key]
        if not all(sets):
            return None
        keys = set.intersection(*(each for each in sets if each))
        if not keys or len(keys) > _MOST_PARTS:
            return None
        fits = [(kind, name) for each in sorted(keys) for kind, names in self._exact[each].items() for name in names]
        return _one_kind(fits, wanted)

    def _everyday(self, word: str) -> bool:
        return word in DOMAIN or self._speller.frequency(word) > 1_000

    def _fits(self, tokens: Sequence[Token], at: int, end: int, wanted: PlaceKind | None, *, exact: bool) -> bool:
        """Whether the surroundings let an everyday word be a name here."""
        window = tokens[at:end]
        if wanted is None and is_counted(tokens, at, end) and self._speller.known(tokens[at].word):
            return False
        if wanted is not None or any(not self._everyday(token.word) and not token.word.isdigit() for token in window):
            return True
        before = word_before(tokens, at)
        if before in STRONG_LEADS or (before in LEADS and window[0].capital):
            return True
        if all(token.capital or not token.word.isalpha() for token in window):
            return len(window) > 1 or window[0].word not in DOMAIN
        if exact and (self._definite(tokens, at, end) or self._beside_another(tokens, end) or heads(tokens, at, end)):
            return True  # "on the glacier"
        if len(window) > 1 and before.endswith(("ing", "ed")) and ends_here(tokens, end):
            return True  # "vehicles entering airport toll today"
        if len(window) == 1 and exact and window[0].word in ("downtown", "uptown", "midtown", "upstairs", "downstairs"):
            return True
        if len(window) == 1 and exact and all_that_is_said(tokens, at, end):
            return True
        alone = at == 0 or tokens[at - 1].word in (",", "and", "only", "|")
        return (
            len(window) > 1
            and (alone or before in LEADS or before in ("is", "was", "about"))
            and before not in ("by", "of", "to")
        )

    def _definite(self, tokens: Sequence[Token], at: int, end: int) -> bool:
        """ "The pavilion", where one is called just so: no word for any place, and nothing that is held or worn."""
        said = {token.word for token in tokens[at:end]}
        led = at > 0 and tokens[at - 1].word == "the" and (at < 2 or tokens[at - 2].word not in NO_PLACE_AFTER)
        end += end < len(tokens) and tokens[end].word in ("area", "section")
        return led and ends_here(tokens, end) and said.isdisjoint(DOMAIN | GENERIC)

    def _beside_another(self, tokens: Sequence[Token], end: int) -> bool:
        """ "Playground or picnic lawn", both names."""
        after = [token.word for token in tokens[end + 1 : end + 5] if token.word not in ("the", "at", "in")]
        joined = end < len(tokens) and tokens[end].word in ("or", "vs", "versus")
        return joined and any(key_of_words(after[:many]) in self._exact for many in range(1, len(after) + 1))


def _one_kind(fits: Sequence[tuple[PlaceKind, str]], wanted: PlaceKind | None) -> Place:
    kinds = [kind for kind, _ in fits]
    kind = wanted if wanted in kinds else min(kinds, key=list(PlaceKind).index)
    return Place(kind, tuple(dict.fromkeys(name for each, name in fits if each is kind)))
