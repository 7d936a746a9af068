"""Cutting a question into words and mending their spelling. What the words mean is not known here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from analyzer.planner.phrase import compiled
from analyzer.planner.vocabulary import DOMAIN, SHORT_FORMS

_TOKEN = re.compile(
    r"\d{1,3}(?:[._]\d{1,3}){3}"  # a camera's address
    r"|\d{1,3}(?:,\d{3})+(?!\d)"
    r"|[^\W_]+(?:[-'.:/_][^\W_]+)*"
    r"|>=|<=|==|[><=≥≤%+#&?,;:.!()/–-]"
)
_HOUR = r"(?:\d{1,2}(?:[:.]\d\d)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_BESIDE_AN_HOUR = rf"\b((?:since|from|after|past|before|until|till|by|at|around) {_HOUR})"


def _night_hour(found: re.Match[str]) -> str:
    """11 of a night is before midnight, 2 is after it."""
    small = found[2].lower() in ("one", "two", "three", "four", "five", "1", "2", "3", "4", "5", "12", "twelve")
    return f"{found[1]} {found[2]} {'am' if small else 'pm'}"


_BEFORE_CUTTING: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"[þÞː]", " "),  # the marks of :mod:`analyzer.planner.phrase`: nobody else may set them
    (r"[‘’`´]", "'"),
    (r"[“”]", '"'),
    (r"[–—−]", "-"),
    (r"(?i)\bw/o\b", "without "),
    (r"(?i)\bb/w\b", "between "),
    (r"(?i)\bw/(?=\s)", "with "),
    (r"(?i)\b([ap])\.\s?m\b\.?", r"\1m"),
    (r"(?i)\blat(?:itude)?s?\s*(?:/|&|,|and|-)?\s*(?:longs?|lon|lngs?|longitudes?)\b\.?", "coordinates"),
    (r"(?i)\brite now\b", "right now"),
    (r"(?i)\b(?:at|during|over|around) lunch(?:[ -]?time)?\b", "between 12 pm and 2 pm"),
    (rf"(?i){_BESIDE_AN_HOUR} this morning\b", r"\1 am today"),
    (rf"(?i){_BESIDE_AN_HOUR} this (?:afternoon|evening)\b", r"\1 pm today"),
    (rf"(?i){_BESIDE_AN_HOUR} tonight\b", r"\1 pm tonight"),
    (
        rf"(?i)\btonight ((?:since|from|after|past|before|until|till|by|at|around) {_HOUR})(?! ?[ap]m)\b",
        r"tonight \1 pm",
    ),
    (rf"(?i){_BESIDE_AN_HOUR} yesterday morning\b", r"\1 am yesterday"),
    (rf"(?i){_BESIDE_AN_HOUR} yesterday (?:afternoon|evening)\b", r"\1 pm yesterday"),
    (r"(?i)(?<!years )(?<!year's )(?<!christmas )\beve\b", "evening"),
    (r"(?<=[a-zA-Z])/(?=[a-zA-Z])", " / "),
    (r"(?i)(?<=\w)'s got\b", " has got"),
    (r"(?i)\b(?:local )?(?:council|government) area(s?)\b", r"district\1"),
    (r"(?i)\b(?:can|got) or not\b", "can you"),
    (r"(?i)\b(who|what|where) all\b", r"\1"),
    (r"(?i)\bwetin (?:dey|de) happen\b", "what is happening"),
    (r"(?i)\b(busiest|quietest|peak|calmest|slowest) (?:time|period|part of the day)s?\b", r"\1 hour"),
    (rf"(?i)\b(last night (?:after|from|since|past|at|around|by|before)) ({_HOUR})\b(?! ?[ap]\.?m)", _night_hour),
    (rf"(?i)\b((?:after|from|since|past|at|around|by|before)) ({_HOUR})(?= (?:last night|at night)\b)", _night_hour),
    (r"(?i)\bwhereabouts (?:in|at|on|is|are|do|can)\b", lambda found: "where" + found[0][11:]),
    (r"(?i)\b(?:from|since) (\d{1,2}) (?:till|until|up to|to) (?:right )?now\b", r"since \1 o'clock today"),
    (r"(?i)\b(?:from|since) ([^,?.|]{2,20}?) (?:till|until|up to|to) (?:right )?now\b", r"since \1"),
    (r"(?i)\bat least once\b", " "),
    # what is meant by peak hours is said in hours
    (
        r"(?i)[,;]? ?\b(?:(?:in|at|during) )?(?:the )?(?:peak|rush|busy)[- ]hours?(?: only)?[ ,:(]*(?=(?:between|"
        r"from)? ?\d)",
        " ",
    ),
    (
        r"(?i)^\W*(?:guten (?:tag|morgen|abend)|buen[oa]s (?:d[ií]as|tardes|noches)|bon(?:ne)? (?:jour|soir|"
        r"soir[ée]e)|buon"
        r"(?:giorno| giorno|asera)|dzie[nń] dobry|goede(?:n|)(?:dag|morgen| dag| morgen))\b",
        "hello",
    ),
    (r"(?i)\b(?:since|after) breakfast\b", "since 8 am"),
    (r"(?i)\bbefore breakfast\b", "before 8 am"),
    (r"(?i)\bbefore lunch(?:[ -]?time)?\b", "before 12 pm"),
    (r"(?i)\b(?:since|after) lunch(?:[ -]?time)?\b", "after 2 pm"),
    (r"(?i)\b(?:since|after) (?:dawn|sunrise|daybreak|first light)\b", "after 5 am"),
    (r"(?i)\bbefore (?:dawn|sunrise|daybreak|first light)\b", "before 5 am"),
    (r"(?i)\b(?:after|since) (?:dark|dusk|sunset|nightfall|sundown)\b", "after 8 pm"),
    (r"(?i)\b(?:after|since) (?:work|office hours)\b(?! on)", "after 5 pm"),
    (r"(?i)\b(\d+)\s*(am|pm)\s*-\s*(\d)", r"\1\2 to \3"),
    (r"(?i)\bnos?\.\s+of\b", "number of"),
    (r"(?i)\b(more|less|fewer|greater|higher|lower|other|rather) then\b", r"\1 than"),
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as written and as understood (lower case, mended). ``capital`` is whether its capital tells a name:
    not at the start, and not where everything has one."""

    written: str
    word: str
    capital: bool = False


def cut(question: str) -> list[Token]:
    """The words and signs of ``question`` in order."""
    text = unicodedata.normalize("NFKC", question)
    for pattern, better in _BEFORE_CUTTING:
        text = compiled(pattern).sub(better, text)
    pieces: list[str] = []
    for piece in _TOKEN.findall(text):
        pieces += piece.split(".") if re.fullmatch(r"(?:[^\W\d]+\.)+[^\W\d]+", piece) else [piece]
    capitals = [piece[0].isupper() for piece in pieces[1:] if piece[0].isalpha()]
    shouting = text.isupper() or (len(capitals) > 2 and sum(capitals) > 0.75 * len(capitals))
    return [
        Token(piece, piece.lower(), piece[0].isupper() and not shouting and (at > 0 or len(pieces) < 4))
        for at, piece in enumerate(pieces)
    ]


_BRITISH = (
    (r"our", "or"),
    (r"tre(s?)$", r"ter\1"),
    (r"is(e[ds]?|ing|ation)$", r"iz\1"),
    (r"ll(ed|ing|er|ers)$", r"l\1"),
    (r"ence$", "ense"),
    (r"ogue(s?)$", r"og\1"),
    (r"yre", "ire"),
    (r"mme(s?)$", r"m\1"),
    (r"ellery$", "elry"),
    (r"ough$", "ow"),
)


class Speller:
    """Mends a word to the nearest everyday one. English comes from pyspellchecker's frequency list (160,000 words),
    so that a word which exists is never "mended" into one of ours."""

    def __init__(self) -> None:
        from spellchecker import SpellChecker

        checker = SpellChecker(language="en", distance=1)
        self._frequency: Mapping[str, int] = checker.word_frequency.dictionary
        self._near: Callable[[str], set[str]] = lambda word: set(checker.edit_distance_1(word))
        self.mend = lru_cache(maxsize=20_000)(self._mend)

    def frequency(self, word: str) -> int:
        """How often English has it: 0 for no word, about 50 for a rare one, over 1,000 for an everyday one."""
        if word in DOMAIN:
            return 100_000
        word = word.removesuffix("'s")
        return (
            self._frequency.get(word, 0)
            or self._american(word)
            or (self._frequency.get(word[:-1], 0) // 2 if word.endswith("s") else 0)
        )

    def _american(self, word: str) -> int:
        """The list spells the American way: "colour" is no error."""
        return max(
            (self._frequency.get(re.sub(*change, word), 0) for change in _BRITISH if re.search(change[0], word)),
            default=0,
        )

    def known(self, word: str) -> bool:
        """Whether it is an English word, a compound of such, or no word at all (a number, a sign)."""
        if not word.isalpha():
            return all(self.frequency(part) > 0 or not part.isalpha() for part in re.split(r"[-'/]", word))
        return self.frequency(word) > 0

    def _mend(self, word: str) -> str:
        """The word meant, as one or two words; ``word`` itself when nothing is near."""
        if word in SHORT_FORMS:
            return SHORT_FORMS[word]
        if "-" in word and not self.known(word):
            return "-".join(self.mend(part) if part.isalpha() else part for part in word.split("-"))
        if len(word) < 3 or not word.isalpha():
            return word
        frequency = self.frequency(word)
        if frequency > 60:
            return word
        near = self._near(word)
        ours = [other for other in near if other in DOMAIN]
        if frequency:  # a rare word stands, unless two of its letters were swapped
            ours = [other for other in ours if _slip(word, other) == 2 and len(other) == len(word) > 4]
        if ours:
            return max(ours, key=lambda other: (_slip(word, other), self._frequency.get(other, 0)))
        if frequency or len(word) < 4:
            return word
        if split := self._split(word):
            return split
        if far := _within_two(word):
            return far
        everyday = [
            other for other in near if self._frequency.get(other, 0) > 400 and _slip(word, other) > (len(word) < 6)
        ]
        return max(everyday, key=lambda other: (_slip(word, other), self._frequency[other]), default=word)

    def _split(self, word: str) -> str | None:
        """Two words written as one ("howmany")."""
        for at in range(3, len(word) - 2):
            if word[:at] in DOMAIN and word[at:] in DOMAIN:
                return f"{word[:at]} {word[at:]}"
        return None


def _slip(word: str, other: str) -> int:
    """How likely ``other`` was meant: letters swapped or doubled are slips of the hand, a new first letter is not."""
    if word[0] != other[0]:
        return 0
    return 2 if sorted(word) == sorted(other) or set(word) == set(other) else 1


def _within_two(word: str) -> str | None:
    if len(word) < 7:
        return None
    from rapidfuzz.distance import OSA

    near = [other for other in DOMAIN if other[0] == word[0] and OSA.distance(word, other, score_cutoff=2) <= 2]
    return min(near, key=lambda other: (OSA.distance(word, other), other[-1] != word[-1], other), default=None)
