"""What a picture is reckoned to cost: an unknown price is never taken for none."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from analyzer.models.openai.client import Server
from analyzer.models.openai.prices import find_price
from analyzer.models.openai.supply import Cloud, _price

OWN = 'as_of = "2026-01-01"\n[models.mine]\nusd_in = 1\nusd_out = 2\nbase = 10\ntile = 20\n'


def test_a_price_that_nobody_knows_is_reckoned_as_the_dearest_one() -> None:
    unknown, known = (find_price(name, None, indoors=False) for name in ("made-up", "gpt-4o"))
    assert unknown.usd_in >= known.usd_in > 0
    assert "not known" in unknown.sentence


def test_a_server_of_this_network_is_free_unless_the_persons_file_names_a_price(tmp_path: Path) -> None:
    assert find_price("mine", tmp_path, indoors=True).usd(1e6, 1e6) == 0
    (tmp_path / "prices.toml").write_text(OWN)
    assert find_price("mine", tmp_path, indoors=True).usd(1e6, 1e6) == 3


@pytest.mark.parametrize(
    ("address", "free"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://192.168.1.5/v1", True),
        ("http://gpu-box/v1", True),
        ("https://api.openai.com/v1", False),
        ("https://8.8.8.8/v1", False),
    ],
)
def test_only_a_server_that_others_can_reach_costs_money(address: str, free: bool) -> None:
    assert (_price(Cloud(Server(address, "", "gpt-4o"))).usd(1e6, 0) == 0) is free


def test_prices_that_are_old_say_how_old_and_what_to_do() -> None:
    price = find_price("gpt-4o", None, indoors=False)
    assert price.as_of is not None
    assert price.said(price.as_of + timedelta(days=180)) == f"Prices are those of {price.as_of}."
    told = price.said(price.as_of + timedelta(days=487))
    assert told.startswith(f"Prices are those of {price.as_of}. That was 16 months ago: write today's into prices.toml")
    assert find_price("gpt-4o", None, indoors=True).said(date(2100, 1, 1)) == ""
