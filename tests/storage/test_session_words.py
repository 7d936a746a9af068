"""What a session is found by: folded alike in both databases, and shown where it was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.session_words import fold, snippet


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Café", "cafe"),
        ("Łódź", "lodz"),
        ("STRASSE straße", "strasse strasse"),
        ("İstanbul ılık", "istanbul ilik"),
        ("ﬁre №5", "fire no5"),
        ("Ώρα Ёлка", "ωρα елка"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "cafe"),
    ],
)
def test_case_and_accents_do_not_count(written: str, compared: str) -> None:
    assert fold(written) == compared


def test_a_vowel_of_an_indian_script_is_no_accent() -> None:
    assert fold("గుంటూరు") == "గుంటూరు"
    assert fold("దిల్లీ") != fold("దల్ల")


def test_a_snippet_shows_its_words_as_they_are_written() -> None:
    assert snippet("Dogs at Łódź café", ["lodz", "cafe"]) == [
        ("Dogs at ", False),
        ("Łódź", True),
        (" ", False),
        ("café", True),
    ]


def test_a_long_line_is_cut_to_what_is_near_its_first_word() -> None:
    parts = snippet("many words before it, " * 9 + "then the needle and " + "many words after it " * 9, ["needle"])
    text = "".join(text for text, _ in parts)
    assert text.startswith("…")
    assert text.endswith("…")
    assert ("needle", True) in parts
    assert len(text) <= 112


def test_letters_that_fold_to_several_are_marked_whole() -> None:
    assert snippet("große ﬁsche", ["ss", "fi"]) == [
        ("gro", False),
        ("ß", True),
        ("e ", False),
        ("ﬁ", True),
        ("sche", False),
    ]


@given(st.text(max_size=300), st.lists(st.text(min_size=1, max_size=4).map(fold).filter(bool), max_size=3))
def test_the_parts_of_a_snippet_are_the_line_itself(line: str, words: list[str]) -> None:
    text = "".join(text for text, _ in snippet(line, words))
    assert text.removeprefix("…").removesuffix("…") in line or text in line
