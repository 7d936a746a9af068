"""Every pair of colours that the style sheet puts together can be read, by day and by night (WCAG 2, level AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SHEET = (Path(__file__).resolve().parents[2] / "static" / "sightline.css").read_text(encoding="utf-8")
PAPERS = ("paper", "surface", "sunken")
TEXT = [(ink, paper) for ink in ("ink", "muted", "accent", "amber", "danger") for paper in PAPERS] + [
    ("on-accent", "accent"), ("amber", "amber-soft"), ("ink", "amber-soft"), ("muted", "amber-soft"),
    ("ink", "danger-soft"), ("ink", "accent-soft"), ("muted", "accent-soft"), ("muted", "ground"),
]  # fmt: skip
SHAPES = [(shape, ground) for shape in ("grey", "hatch", "accent", "amber") for ground in ("surface", "land", "ground")]


def colours(theme: str) -> dict[str, str]:
    block = SHEET.split(f'[data-bs-theme="{theme}"] {{', 1)[1].split("\n}", 1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_has_the_contrast_that_the_formula_promises() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(theme: str) -> None:
    known = colours(theme)
    assert [pair for pair in TEXT if contrast(known[pair[0]], known[pair[1]]) < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_shapes_of_outcomes_have_a_contrast_of_three(theme: str) -> None:
    known = colours(theme)
    assert [pair for pair in SHAPES if contrast(known[pair[0]], known[pair[1]]) < 3] == []
