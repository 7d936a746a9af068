"""What a picture costs, out of a dated file that the person can edit: ``prices.toml`` here, and one in ``DATA_DIR``."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from core.errors import SettingsError

NAME = "prices.toml"
# How pictures are fitted before they are cut into tiles (platform.openai.com, "Images and vision").
_LONGEST_PX, _SHORTER_PX, _TILE_PX = 2048, 768, 512
_OLD = timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars a million tokens, and tokens a picture. ``sentence`` says where that is from, for the person,
    ``as_of`` on which day somebody looked."""

    usd_in: float
    usd_out: float
    base: int
    tile: int
    sentence: str
    as_of: date | None = None

    def said(self, today: date) -> str:
        """The sentence, and what to do where the prices are old."""
        if self.as_of is None or (age := today - self.as_of) < _OLD:
            return self.sentence
        months = round(age.days / 30.4)
        return f"{self.sentence} That was {months} months ago: write today's into {NAME} in DATA_DIR (docs/cloud.md)."

    def usd(self, tokens_in: float, tokens_out: float) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.usd_in + tokens_out * self.usd_out) / 1e6

    def picture_tokens(self, detail: str, width_px: int, height_px: int) -> int:
        """What a picture of that size counts for."""
        if detail == "low":
            return self.base
        shrink = min(1.0, _LONGEST_PX / max(width_px, height_px, 1))
        shrink *= min(1.0, _SHORTER_PX / max(min(width_px, height_px) * shrink, 1))
        across, down = (max(math.ceil(side * shrink / _TILE_PX), 1) for side in (width_px, height_px))
        return self.base + self.tile * across * down


def find_price(model: str, data_dir: Path | None, *, indoors: bool) -> Price:
    """The price of ``model``. ``indoors`` says that only this network reaches the server: then it is free, unless the
    person's own file names a price. Elsewhere an unknown price is never taken for none. Raises :class:`SettingsError`
    for a file that can't be read."""
    own = data_dir / NAME if data_dir else None
    files = [own] if own and own.is_file() else []
    files += [Path(__file__).with_name(NAME)] if not indoors else []
    known = [_read(path) for path in files]
    for as_of, models in known:
        for name in (model, *sorted((name for name in models if model.startswith(f"{name}-")), key=len, reverse=True)):
            if name in models:
                return _price(models[name], f"Prices are those of {as_of}.", as_of)
    if indoors:
        return Price(0.0, 0.0, 85, 170, "")
    as_of, models = known[-1]
    dearest = max(models.values(), key=lambda one: float(one["usd_in"]))
    return _price(dearest, f"The price of {model} is not known; it is reckoned as the dearest one of {as_of}.", as_of)


def _price(told: dict[str, Any], sentence: str, as_of: date) -> Price:
    return Price(told["usd_in"], told["usd_out"], told["base"], told["tile"], sentence, as_of)


def _read(path: Path) -> tuple[date, dict[str, dict[str, Any]]]:
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        models = {name: _entry(one) for name, one in dict(told["models"]).items()}
        return date.fromisoformat(str(told["as_of"])), models
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The prices in {path.name} can't be read: {type(error).__name__} at {str(error)[:80]}.",
            "It needs as_of, and for each model usd_in, usd_out, base and tile; docs/cloud.md shows one.",
        ) from error


def _entry(told: dict[str, Any]) -> dict[str, Any]:
    for name, kind in (("usd_in", (int, float)), ("usd_out", (int, float)), ("base", int), ("tile", int)):
        if isinstance(told[name], bool) or not isinstance(told[name], kind) or not 0 <= told[name] <= 1_000_000:
            raise ValueError(name)
    return told
