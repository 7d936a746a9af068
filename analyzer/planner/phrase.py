"""The text of a question while it is taken apart: each rule takes its phrase out, what is left is looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

PLACE = "þ"  # stands before the index of a place that was found: a letter, so that \b and \w see one word
JOIN = "ː"  # holds words together that no rule may cut ("noːparking"): a letter for the same reason
GAP = "|"  # what was taken out; words on either side of it do not belong together

NUMBER_WORDS = {
    **{
        word: number
        for number, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
        )
    },
    **{
        word: 11 + number
        for number, word in enumerate(["eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"])
    },
    **{word: 17 + number for number, word in enumerate(["seventeen", "eighteen", "nineteen", "twenty"])},
    **{
        word: 30 + 10 * number
        for number, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
    },
    "dozen": 12,
    "hundred": 100,
    "thousand": 1000,
}
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
UNITS = "one|two|three|four|five|six|seven|eight|nine"
NUMBER = (
    rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|(?:{TENS})[ -](?:{UNITS})"
    rf"|(?:a )?couple of|(?:a |one |two |three |half a )?(?:dozen|hundred|thousand)|{'|'.join(NUMBER_WORDS)})"
)


def number(text: str) -> float:
    """The value of what :data:`NUMBER` matched."""
    plain = text.replace(",", "")
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain)
    parts = re.split(r"[ -]", plain)
    if "couple" in parts:
        return 2
    if parts[0] == "half":
        return NUMBER_WORDS[parts[-1]] / 2
    if parts[-1] in ("dozen", "hundred", "thousand"):
        return NUMBER_WORDS.get(parts[0], 1) * NUMBER_WORDS[parts[-1]] if len(parts) > 1 else NUMBER_WORDS[parts[-1]]
    return sum(NUMBER_WORDS[part] for part in parts)


# The rules have more patterns than the 512 that ``re`` keeps for the whole process: forgotten ones cost milliseconds.
compiled = lru_cache(maxsize=4_096)(re.compile)


class Phrase:
    """Lower-case words with single spaces; places are :data:`PLACE` and a number, taken phrases are :data:`GAP`."""

    def __init__(self, text: str) -> None:
        self.text = _tidy(text)

    def search(self, pattern: str) -> re.Match[str] | None:
        """The first match, left in place."""
        return compiled(pattern).search(self.text)

    def take(self, pattern: str, leave: str = GAP) -> re.Match[str] | None:
        """Take the first match out, leaving a gap (or ``leave``)."""
        found = compiled(pattern).search(self.text)
        if found is not None:
            self.text = _tidy(f"{self.text[: found.start()]} {found.expand(leave)} {self.text[found.end() :]}")
        return found

    def take_all(self, pattern: str, leave: str = GAP) -> bool:
        """Take every match out; whether there was any."""
        text, times = compiled(pattern).subn(f" {leave} ", self.text)
        self.text = _tidy(text)
        return times > 0

    def hold(self, patterns: Sequence[str]) -> None:
        """Join the words of each match, so that later rules see one word."""
        for pattern in patterns:
            self.text = compiled(pattern).sub(lambda found: found[0].replace(" ", JOIN), self.text)

    def words(self) -> list[str]:
        """What is left, without gaps and places."""
        return [word for word in self.text.split() if word != GAP and not word.startswith(PLACE)]


def released(text: str) -> str:
    """``text`` with held words as people write them."""
    return text.replace(JOIN, " ")


def _tidy(text: str) -> str:
    return " ".join(re.sub(r"(?:\|\s*)+\|", GAP, text).split())
