"""Colours and procedural textures as linear-light NumPy arrays: wood, marble, plaster, soil, patterns.

Textures are (height, width, 3) float64 and tile seamlessly. This file knows nothing of renderers or scenes.
"""

from __future__ import annotations

from math import tau

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def linear(colour: str) -> Floats:
    """The sRGB colour "#rrggbb" as (3,) linear light."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def noise(
    shape: tuple[int, int],
    slope: float = 1.6,
    stretch: tuple[float, float] = (1, 1),
    seed: int = 0,
    lowest: float = 1,
) -> Floats:
    """Periodic Gaussian noise with a power-law spectrum: zero mean, unit variance."""
    rng = np.random.default_rng(seed)
    fy = np.fft.fftfreq(shape[0]) * shape[0] * stretch[0]
    fx = np.fft.rfftfreq(shape[1]) * shape[1] * stretch[1]
    frequency = np.hypot(fy[:, None], fx[None])
    gain = np.where(frequency >= lowest, 1 / np.maximum(frequency, lowest) ** slope, 0)
    field = np.fft.irfft2(gain * np.fft.rfft2(rng.standard_normal(shape)), shape)
    normalised: Floats = (field - field.mean()) / field.std()
    return normalised


def mix(a: ArrayLike, b: ArrayLike, share: ArrayLike) -> Floats:
    """From `a` (share 0) to `b` (share 1); share has one axis less than the colours."""
    t = np.clip(np.asarray(share, dtype=np.float64), 0, 1)[..., None]
    return np.asarray(a) * (1 - t) + np.asarray(b) * t


def wood(
    seed: int = 0, size: int = 1024, planks: int = 5, dark: str = "#84522b", light: str = "#c48d5a"
) -> Floats:
    """Boards of wood, the grain running along the first axis."""
    grain, gap, tone = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    rng = np.random.default_rng(seed)
    width = size // planks
    for k in range(planks):
        broad = noise((size, width), 1.7, (6, 1), seed * 31 + k)
        fine = noise((size, width), 1.0, (30, 1), seed * 31 + k + 500)
        rings = 0.5 + 0.5 * np.sin(tau * (np.linspace(0, 1, width)[None] * 5 + broad * 0.8))
        board = slice(k * width, (k + 1) * width)
        grain[:, board] = 0.55 * rings**1.5 + 0.11 * fine + 0.15 * broad
        tone[:, board] = rng.uniform(-0.18, 0.18)
        gap[:, k * width : k * width + 3] = 1
    colour = mix(linear(light), linear(dark), (grain + tone) * 0.75 + 0.15)
    return np.clip(colour * (1 - 0.75 * gap[..., None]), 0, 1)


def marble(seed: int = 0, size: int = 1024) -> Floats:
    """White marble with grey and a few brown veins."""
    a = noise((size, size), 1.9, (1, 1.4), seed)
    b, c = (noise((size, size), slope, (1, 1), seed + k) for k, slope in ((1, 1.6), (2, 1.5)))
    veins = np.exp(-np.abs(a + 0.35 * b) / 0.045) * np.clip(0.55 + 0.5 * c, 0, 1)
    hairs = np.exp(-np.abs(b * 0.8 + 0.5 * a + 0.4) / 0.02) * np.clip(0.3 + 0.4 * a, 0, 1)
    stone = mix(linear("#e9e7e4"), linear("#bfbec0"), 0.28 + 0.22 * c)
    stone = mix(stone, linear("#6d6d73"), 0.8 * veins)
    return np.clip(mix(stone, linear("#9a8f80"), 0.6 * hairs), 0, 1)


def plaster(colour: str, size: int = 512) -> Floats:
    """A painted wall, slightly uneven."""
    return np.clip(linear(colour) * (1 + 0.05 * noise((size, size), 1.4)[..., None]), 0, 1)


def tiles(first: str, second: str, size: int = 1024, across: int = 4) -> Floats:
    """Square glazed tiles in two tones, `across` of them a side, with pale joints between them."""
    tone = np.random.default_rng(7).uniform(-0.08, 0.08, (across, across))
    y, x = np.mgrid[0:size, 0:size] * across / size
    row, column = y.astype(int), x.astype(int)
    edge = np.minimum.reduce([y - row, row + 1 - y, x - column, column + 1 - x])
    shade = 1 + tone[row, column] + 0.03 * noise((size, size), 1.5, seed=11)
    colour = mix(linear(first), linear(second), (row + column) % 2) * shade[..., None]
    return np.clip(mix(linear("#b9b4ab"), colour, (edge - 0.018) / 0.012), 0, 1)


def garden(size: int = 256) -> Floats:
    """Seen out of focus through a window: bushes, above them pale sky; the first row is the bottom."""
    height = np.linspace(0, 1, size)[:, None] + 0.05 * noise((size, size), 1.8, seed=21)
    leaves = mix(linear("#5f8a4a"), linear("#a9c47f"), 0.5 + 0.3 * noise((size, size), 1.7, seed=22))
    sky = mix(linear("#eef4f8"), linear("#a9cdf0"), np.clip(height * 2 - 1, 0, 1))
    return np.clip(mix(leaves, sky, (height - 0.47) / 0.06), 0, 1)


def soil(size: int = 512) -> Floats:
    """The dark green ground under grass."""
    return np.clip(mix(linear("#2c4a17"), linear("#4d5a22"), 0.5 + 0.3 * noise((size, size), 1.2)), 0, 1)


def speckled(colour: str, amount: float, size: int = 512) -> Floats:
    """Sand or snow: one colour with fine variation."""
    return np.clip(linear(colour) * (1 + amount * noise((size, size), 0.6, seed=4)[..., None]), 0, 1)


def tinted_wood(colour: Floats) -> Floats:
    """The grain of stained wood: mostly the stain (3,), partly the wood beneath."""
    grain = wood(5, 512, 1, "#8a8a8a", "#f2f2f2").mean(-1, keepdims=True)
    stained: Floats = np.clip(grain / grain.mean() * (0.87 * colour + 0.13 * linear("#b07a45")), 0, 1)
    return stained


def pattern_mask(pattern: str, size: int = 256) -> Floats:
    """One period of a pattern, (size, size): 0 = main colour, 1 = second colour, edges anti-aliased.

    Raises ValueError for a pattern it does not know.
    """
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size

    def inside(distance: Floats) -> Floats:
        return np.clip(0.5 - distance * size / 3, 0, 1)

    if pattern == "stripes":
        return inside(np.abs(y - 0.5) - 0.22)
    if pattern == "dots":
        middle = np.hypot(x - 0.5, y - 0.5)
        corner = np.hypot(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
        return inside(np.minimum(middle, corner) - 0.18)
    if pattern == "checks":
        return inside(-(np.sin(tau * x) * np.sin(tau * y)) * 0.05)
    raise ValueError(f"pattern must be stripes, dots or checks, got {pattern!r}")
