"""Templates of tiles: what is taken, and which hosts the page's policy will name for them."""

from __future__ import annotations

import pytest

from core.tiles import hosts, read_tiles

WHOLE = "/{z}/{x}/{y}.png"


def test_a_url_alone_is_the_road_map() -> None:
    assert read_tiles(f"https://tile.example{WHOLE}") == (("road", f"https://tile.example{WHOLE}"),)
    assert read_tiles("") == ()


def test_several_kinds_stand_behind_their_names() -> None:
    text = "satellite=https://sat.example:8443/{z}/{y}/{x}?k=a=b road=http://10.0.0.7/tiles/{z}/{x}/{y}{r}.png"
    assert dict(read_tiles(text)).keys() == {"satellite", "road"}
    assert hosts([url for _, url in read_tiles(text)]) == ("https://sat.example:8443", "http://10.0.0.7")


def test_subdomains_are_one_name_in_the_policy() -> None:
    assert hosts([f"https://{{s}}.tile.example{WHOLE}"] * 2) == ("https://*.tile.example",)


@pytest.mark.parametrize(
    "text",
    [
        "tile.example/{z}/{x}/{y}",
        "https://tile.example/{z}/{x}",
        "https://tile.example/{z}/{x}/{y}/{y}",
        "https://user:secret@tile.example/{z}/{x}/{y}",
        "https://{z}.example/{x}/{y}/{z}",
        "https://*.example/{z}/{x}/{y}",
        "https://a.example;script-src/{z}/{x}/{y}",
        "https://a.example/{z}/{x}/{y};script-src",
        "https://a.example/{z}/{x}/{y} https://b.example/{z}/{x}/{y}",
        "moon=https://a.example/{z}/{x}/{y}",
        "javascript:alert(1)//{z}{x}{y}",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_tiles(text)
