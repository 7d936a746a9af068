"""Every number of a text is found, whatever it is written with; what can't be read for certain equals nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.numbers import Sort, quantities

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def in_words(value: int) -> str:
    if value < 20:
        return WORDS[value]
    if value < 100:
        return TENS[value // 10 - 2] + (f"-{WORDS[value % 10]}" if value % 10 else "")
    if value < 1000:
        tail = f" and {in_words(value % 100)}" if value % 100 else ""
        return f"{WORDS[value // 100]} hundred{tail}"
    rest = value % 1000
    joint = " and " if rest < 100 else " "
    return f"{in_words(value // 1000)} thousand{joint + in_words(rest) if rest else ''}"


@given(st.integers(0, 999_999))
def test_a_number_in_words_or_digits_is_the_number(value: int) -> None:
    for text in (in_words(value), str(value), f"{value:,}", in_words(value).capitalize()):
        (found,) = quantities(f"There are {text} people.")
        assert (found.value, found.sort) == (value, Sort.COUNT)


@pytest.mark.parametrize(
    ("text", "value", "sort"),
    [
        ("1,234.5", 1234.5, Sort.COUNT),
        ("12,34,567", 1234567, Sort.COUNT),
        ("12 thousand", 12_000, Sort.COUNT),
        ("-5", -5, Sort.COUNT),
        ("12th", 12, Sort.COUNT),
        ("twelfth", 12, Sort.COUNT),
        ("twenty-first", 21, Sort.COUNT),
        ("13 %", 13, Sort.PERCENT),
        ("4.5%", 4.5, Sort.PERCENT),
        ("fifty percent", 50, Sort.PERCENT),
        ("7 per cent", 7, Sort.PERCENT),
        ("half", 1 / 2, Sort.FRACTION),
        ("a third", 1 / 3, Sort.FRACTION),
        ("one-third", 1 / 3, Sort.FRACTION),
        ("two thirds", 2 / 3, Sort.FRACTION),
        ("three quarters", 3 / 4, Sort.FRACTION),
    ],
)
def test_what_a_number_means_is_known(text: str, value: float, sort: Sort) -> None:
    (found,) = quantities(f"It is {text}.")
    assert found.value == pytest.approx(value)
    assert found.sort is sort


@pytest.mark.parametrize(
    "text",
    [
        "12 345", "12k", "x12", "12x", "1e3", "1,5", "1.2.3", "007", "$12", "12+", "12/30", "12:30", "doubled", "twice",
        "threefold", "several", "a majority", "dozens", "twentyone", "one and a half", "twenty thirty", "3 times", "%",
        "two point five", "a couple", "12\u00b2",
    ],
)  # fmt: skip
def test_what_may_mean_another_number_equals_none(text: str) -> None:
    assert any(math.isnan(found.value) for found in quantities(f"It is {text}."))


@given(st.text(st.sampled_from("0123456789 .,-%abthsndrk")))
def test_no_digit_is_overlooked(text: str) -> None:
    found = quantities(text)
    for place, sign in enumerate(text):
        if sign.isdigit():
            assert any(one.start <= place < one.end for one in found)
