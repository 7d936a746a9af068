"""What the hour and the weather do to a place: sky, lamps, fog, rain, and the camera's own grain.

Every pixel knows its depth, so light falls off around lamps and fog thickens with distance as they do outdoors.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from examples.canvas import SKY_M, Colour, Plane, ink
from examples.places import Place


class Hour(StrEnum):
    """The light of the sky. Dusk still counts as day: the sun has only just gone."""

    DAY = "day"
    DUSK = "dusk"
    NIGHT = "night"


class Weather(StrEnum):
    """What hangs in the air."""

    CLEAR = "clear"
    FOG = "fog"
    RAIN = "rain"


@dataclass(frozen=True, slots=True)
class _Air:
    """``sky`` from top to horizon; ``wash`` multiplies all colours; ``lamps`` is how much lamps add; ``lit`` scales the
    chance that a window is on."""

    sky: tuple[Colour, ...]
    wash: tuple[float, float, float]
    lamps: float
    lit: float
    cloud: Colour
    grain: float


_AIRS = {
    Hour.DAY: _Air((ink("5f9fd4"), ink("9cc6e6"), ink("e4eef0")), (1.0, 0.985, 0.95), 0.0, 0.0, ink("fbfaf6"), 1.6),
    Hour.DUSK: _Air(
        (ink("46527f"), ink("a0708f"), ink("ee9a6a"), ink("ffd08a")), (0.80, 0.66, 0.62), 0.42, 0.7, ink("e88a78"), 2.2
    ),
    Hour.NIGHT: _Air(
        (ink("04060e"), ink("080d1c"), ink("141c30")), (0.05, 0.058, 0.095), 0.72, 1.0, ink("0d1322"), 2.4
    ),
}
_NIGHT_LEVEL = 43.0
"""The mean level, of 255, that a camera's exposure leaves of a lit street: night stays night."""
_LAMPLIGHT = np.array([1.0, 0.80, 0.52], np.float32)


def light(place: Place, colour: Plane, depth: Plane, hour: Hour, weather: Weather, rng: Generator) -> Plane:
    """``place`` with whoever stands in it (``colour``, ``depth``) as its camera sees it, 0 to 255."""
    air = _AIRS[hour]
    sky = _sky(place, air, hour, weather, rng)
    seen = colour * np.array(air.wash, np.float32)
    if air.lamps:
        seen += colour * _lamplight(place, depth, air.lamps)
    glow = _glow(place, depth, air, rng) if air.lit else None
    if glow is not None:
        seen = np.maximum(seen, glow)
    far = (depth >= SKY_M)[..., None]
    seen = np.where(far, sky, seen)
    if place.water is not None:
        _reflect(place.water, seen, depth, hour)
    seen = _haze(place, seen, depth, sky, weather, hour)
    if glow is not None:
        seen += _bloom(glow, 0.75 if hour is Hour.NIGHT else 0.35)
    if weather is Weather.RAIN:
        seen = _rain(seen, hour, rng)
    if hour is Hour.NIGHT:
        seen *= np.float32(min(1.0, _NIGHT_LEVEL / float(seen.mean())))
    return _camera(seen, air.grain, rng)


def _sky(place: Place, air: _Air, hour: Hour, weather: Weather, rng: Generator) -> Plane:
    view = place.view
    stops = np.linspace(-30, view.horizon + 4, len(air.sky))
    rows = np.arange(view.height)
    bands = [np.interp(rows, stops, [c[channel] for c in air.sky]) for channel in range(3)]
    sky = np.repeat(np.stack(bands, -1)[:, None].astype(np.float32), view.width, 1)
    if weather is not Weather.CLEAR:
        grey = sky.mean(-1, keepdims=True) * np.array([0.92, 0.95, 1.0], np.float32)
        return np.asarray(sky * 0.25 + grey * 0.7, np.float32)
    if hour is Hour.NIGHT:
        _stars(sky, view.horizon, rng)
    _clouds(sky, view.horizon, air.cloud, 0.85 if hour is Hour.DAY else 0.6, rng)
    return sky


def _stars(sky: Plane, horizon: float, rng: Generator) -> None:
    count = 70
    rows, columns = rng.integers(0, int(horizon * 0.8), count), rng.integers(0, sky.shape[1], count)
    sky[rows, columns] += rng.uniform(20, 110, (count, 1)).astype(np.float32)
    if rng.random() < 0.4:
        middle = int(rng.integers(60, sky.shape[1] - 60)), int(rng.integers(22, 60))
        halo = np.zeros(sky.shape[:2], np.float32)
        cv2.circle(halo, middle, 11, 1.0, -1, cv2.LINE_AA)
        sky += cv2.GaussianBlur(halo, (0, 0), 14)[..., None] * np.array([60, 66, 80], np.float32)
        cv2.circle(sky, middle, 11, (232, 230, 215), -1, cv2.LINE_AA)


def _clouds(sky: Plane, horizon: float, colour: Colour, most: float, rng: Generator) -> None:
    """Layered noise, stretched sideways and kept away from the horizon."""
    high = int(horizon)
    field = np.zeros((high, sky.shape[1]), np.float32)
    for cells, weight in (((3, 5), 1.0), ((6, 11), 0.5), ((12, 24), 0.25)):
        noise = rng.random(cells).astype(np.float32)
        field += weight * cv2.resize(noise, (sky.shape[1], high), interpolation=cv2.INTER_CUBIC)
    cover = np.clip((field / 1.75 - float(rng.uniform(0.46, 0.6))) * 4.5, 0, 1) * most
    cover *= np.linspace(1, 0.25, high, dtype=np.float32)[:, None]
    sky[:high] = sky[:high] * (1 - cover[..., None]) + np.array(colour, np.float32) * cover[..., None]


def _lamplight(place: Place, depth: Plane, power: float) -> Plane:
    """How much lamps add at each pixel: inverse square around each head, by where the pixel is in the world."""
    view = place.view
    away = depth[::2, ::2]
    columns = (np.arange(0, view.width, 2, dtype=np.float32) - np.float32(view.width / 2)) / np.float32(view.focal)
    rows = (np.arange(0, view.height, 2, dtype=np.float32) - np.float32(view.horizon)) / np.float32(view.focal)
    x, y = columns[None] * away, np.float32(view.eye_m) - rows[:, None] * away
    total = np.zeros_like(away)
    for left, up, z in place.lamps:
        reach = np.float32(2.7 if up > 4 else 1.4) ** 2
        square = (x - np.float32(left)) ** 2 + 0.3 * (y - np.float32(up)) ** 2 + (away - np.float32(z)) ** 2
        total += 1 / (1 + square / reach) * np.float32(1.7 if up > 4 else 0.9)
    total[away >= SKY_M] = 0
    full = cv2.resize(np.minimum(total, 1.35), (view.width, view.height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[..., None] * (_LAMPLIGHT * np.float32(power)), np.float32)


def _glow(place: Place, depth: Plane, air: _Air, rng: Generator) -> Plane:
    """Lit windows, signs and lamp heads, where nothing nearer hides them."""
    shine = np.zeros((*depth.shape, 3), np.float32)
    away = np.full(depth.shape, -1.0, np.float32)
    for glow, luck in zip(place.glows, rng.random(len(place.glows)), strict=True):
        if luck < glow.chance * air.lit:
            spots = np.round(np.array(glow.corners) * 16).astype(np.int32)
            level = 0.62 + 0.38 * float(luck / max(glow.chance, 0.01))
            cv2.fillPoly(shine, [spots], [c * level for c in glow.colour], cv2.LINE_8, 4)
            cv2.fillPoly(away, [spots], (glow.depth_m,), cv2.LINE_8, 4)
    shine[depth < away * 0.93 - 0.3] = 0
    return shine


def _bloom(glow: Plane, strength: float) -> Plane:
    small = cv2.resize(glow, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 2.0) * 0.5 + cv2.GaussianBlur(small, (0, 0), 7.0) * 0.7
    return np.asarray(cv2.resize(soft, (glow.shape[1], glow.shape[0])), np.float32) * np.float32(strength)


def _reflect(water: NDArray[np.bool_], seen: Plane, depth: Plane, hour: Hour) -> None:
    """Water shows what stands behind it upside down, broken into ripples."""
    rows = np.flatnonzero(water.any(1))
    line, count = int(rows[0]), len(rows)
    ahead = np.arange(count)
    mirrored = np.clip(line - 1 - (ahead * 1.25).astype(int), 0, line - 1)
    sway = (np.sin(ahead * 1.9) * (0.6 + ahead * 0.035)).astype(int)
    columns = (np.arange(seen.shape[1])[None] + sway[:, None]) % seen.shape[1]
    image = seen[mirrored[:, None], columns]
    keep = 0.42 if hour is Hour.DAY else 0.3
    ripple = (1 + 0.05 * np.sin(ahead * 2.7)).astype(np.float32)[:, None, None]
    blended = (seen[rows] * keep + image * (0.95 - keep)) * ripple
    wet = water[rows] & (depth[rows] > 13.3) & (depth[rows] < 74)
    seen[rows] = np.where(wet[..., None], blended, seen[rows])


def _haze(place: Place, seen: Plane, depth: Plane, sky: Plane, weather: Weather, hour: Hour) -> Plane:
    reach = {Weather.CLEAR: 330.0, Weather.RAIN: 110.0, Weather.FOG: 14.0}[weather]
    line = int(place.view.horizon) - 2
    veil = sky[line].mean(0) if weather is not Weather.FOG else sky[line - 60 : line].mean((0, 1)) * 0.97
    if weather is Weather.FOG and hour is Hour.NIGHT:
        veil = np.array([26, 27, 31], np.float32)
    limit = SKY_M if weather is Weather.FOG else SKY_M - 1
    clear = np.exp(-np.minimum(depth, 500) / np.float32(reach))[..., None]
    hazed = seen * clear + veil * (1 - clear)
    return np.asarray(np.where((depth <= limit)[..., None], hazed, seen), np.float32)


def _rain(seen: Plane, hour: Hour, rng: Generator) -> Plane:
    """Slanting streaks and a cooler, flatter picture."""
    streaks = np.zeros(seen.shape[:2], np.uint8)
    for x, y, long in zip(
        rng.integers(-20, seen.shape[1], 340),
        rng.integers(-20, seen.shape[0], 340),
        rng.integers(10, 30, 340),
        strict=True,
    ):
        cv2.line(streaks, (int(x), int(y)), (int(x - long * 0.22), int(y + long)), 255, 1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(streaks, (0, 0), 0.9).astype(np.float32)[..., None] / 255
    bright = np.float32({Hour.DAY: 34.0, Hour.DUSK: 30.0, Hour.NIGHT: 14.0}[hour])
    cool = np.array([0.88, 0.92, 0.98], np.float32)
    return np.asarray(seen * cool + soft * bright, np.float32)


def _camera(seen: Plane, grain: float, rng: Generator) -> Plane:
    """Darker corners and sensor noise."""
    high, wide = seen.shape[:2]
    across = np.linspace(-1, 1, wide, dtype=np.float32)[None] ** 2
    down = np.linspace(-1, 1, high, dtype=np.float32)[:, None] ** 2
    noise = rng.standard_normal((high, wide), np.float32) * np.float32(grain)
    noise += cv2.resize(rng.standard_normal((high // 3, wide // 3), np.float32), (wide, high)) * np.float32(grain)
    return np.asarray(seen * (1 - 0.1 * (across + down))[..., None] + noise[..., None], np.float32)


def blurred(seen: Plane, rng: Generator) -> Plane:
    """A lens that has lost its focus; the sensor behind it is as noisy as ever."""
    soft = cv2.GaussianBlur(seen, (0, 0), 6.0)
    return np.asarray(soft + rng.standard_normal(seen.shape[:2], np.float32)[..., None] * 1.4, np.float32)


def covered(shape: tuple[int, ...], hour: Hour, rng: Generator) -> Plane:
    """Something lies over the lens: a soft brown dark with a little light at one edge."""
    noise = cv2.resize(rng.random((4, 5)).astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    base = np.array({Hour.DAY: (104, 92, 80), Hour.DUSK: (84, 66, 58), Hour.NIGHT: (17, 16, 18)}[hour], np.float32)
    edge = np.linspace(1.06, 0.94, shape[1], dtype=np.float32)[None, :, None]
    cloth = base * edge * (0.94 + 0.12 * noise[..., None])
    return np.asarray(cloth + rng.standard_normal((shape[0], shape[1], 1), np.float32) * 1.2, np.float32)
