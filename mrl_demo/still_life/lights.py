"""The four lights as environment maps, with exposure and the lamps of the dark ones.

A map is equirectangular radiance (height, 2 * height, 3), the top row up: a gentle fill and a few soft boxes,
so that shiny things have something to mirror. This file knows nothing of renderers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np

from mrl_demo.still_life.textures import Floats, mix, noise


@dataclass(frozen=True)
class Lamp:
    """A spot above the scene; `power` in the renderer's units, the whole cone in degrees.

    `even` is the share of the cone's radius that is lit evenly; beyond it the light falls off to the edge.
    """

    position: tuple[float, float, float]
    aim: tuple[float, float, float]
    cone: float
    even: float
    power: float
    colour: tuple[float, float, float]


LAMPS = {
    "cool night": Lamp((-1.5, -1.3, 2.9), (0.05, 0.1, 0.2), 56, 0.4, 400, (1.0, 0.86, 0.66)),
    "hard spot": Lamp((-2.3, -2.6, 3.6), (0.0, 0.0, 0.3), 36, 0.94, 1500, (1.0, 0.98, 0.95)),
}
EXPOSURE = {"soft daylight": -0.1, "warm evening": 0.1, "cool night": 0.45, "hard spot": 0.0}
# Stops taken away on pale ground, given on dark ground.
GROUND = {
    ("soft daylight", "sand"): 0.4,
    ("soft daylight", "snow"): 0.4,
    ("cool night", "sand"): 0.6,
    ("cool night", "snow"): 0.75,
    ("cool night", "paper"): 0.35,
    ("hard spot", "sand"): 0.2,
    ("hard spot", "snow"): 0.5,
    ("hard spot", "paper"): 0.2,
    ("warm evening", "grass"): -0.2,
    ("cool night", "grass"): -0.2,
    ("hard spot", "grass"): -0.4,
}


def exposure(light: str, setting: str) -> float:
    """Stops of exposure for one scene: bright ground needs less, so as to look like night; grass more."""
    return EXPOSURE[light] - GROUND.get((light, setting), 0.0)


def environment(light: str, setting: str, height: int = 128) -> Floats:
    """The light around a scene: the sky outdoors, a room with windows otherwise."""
    v, u = np.meshgrid(
        (np.arange(height) + 0.5) / height, (np.arange(2 * height) + 0.5) / (2 * height), indexing="ij"
    )
    up = np.cos(pi * v)
    if setting in ("grass", "sand", "snow"):
        return _sky(light, setting, u, v, up)
    return _room(light, u, v, up)


def _sky(light: str, setting: str, u: Floats, v: Floats, up: Floats) -> Floats:
    horizon = np.exp(-np.abs(up) * 5)
    if light == "soft daylight":
        sky = mix((0.22, 0.42, 0.9), (0.85, 0.93, 1.0), horizon) * 0.9
        sun = np.multiply((1, 0.93, 0.8), 190 * _soft_box(u, v, -152, 0.25, 0.022, 0.03, 0.2))
    elif light == "warm evening":
        sky = mix((0.24, 0.26, 0.5), (1.1, 0.66, 0.42), horizon**0.7) * 0.75
        sun = np.multiply((1, 0.68, 0.38), 270 * _soft_box(u, v, -165, 0.385, 0.022, 0.03, 0.2))
    elif light == "hard spot":
        sky = mix((0.05, 0.05, 0.055), (0.13, 0.13, 0.135), horizon)
        sun = np.multiply((1, 1, 1), 3 * _soft_box(u, v, 62, 0.25, 0.05, 0.05, 0.1))
    else:
        sky = mix((0.014, 0.026, 0.085), (0.07, 0.11, 0.24), horizon) * 1.5
        sun = np.multiply((0.5, 0.68, 1), 55 * _soft_box(u, v, -145, 0.24, 0.03, 0.04, 0.2))
    clouds = np.clip(noise(u.shape, 1.5, (1, 0.6)) * 0.6, 0, 1) * np.clip(up * 4, 0, 1)
    sky = mix(sky, sky.max(-1, keepdims=True) * [1.25, 1.25, 1.28], clouds * 0.8)
    ground = {"grass": (0.05, 0.08, 0.02), "sand": (0.5, 0.4, 0.27), "snow": (0.55, 0.6, 0.68)}[setting]
    edge = -0.02 if setting == "grass" else -0.075
    lit: Floats = np.where(up[..., None] > edge, sky, np.multiply(ground, sky.mean() / 0.5)) + sun
    return lit


def _room(light: str, u: Floats, v: Floats, up: Floats) -> Floats:
    cross = (1 - 0.85 * _soft_box(u, v, -150, 0.31, 0.004, 0.5, 0.05)) * (
        1 - 0.85 * _soft_box(u, v, -150, 0.31, 0.5, 0.007, 0.05)
    )
    if light == "soft daylight":
        base = mix((0.15, 0.14, 0.13), (0.42, 0.44, 0.48), 0.5 + 0.5 * up)
        window = _soft_box(u, v, -150, 0.31, 0.055, 0.115, 0.06) * cross
        boxes = np.multiply((1, 0.98, 0.94), 15 * window)
        boxes += np.multiply((0.85, 0.93, 1), 1.3 * _soft_box(u, v, -30, 0.36, 0.05, 0.16, 0.08))
        boxes += 5 * _soft_box(u, v, 62, 0.19, 0.06, 0.05, 0.08)
    elif light == "warm evening":
        base = mix((0.09, 0.075, 0.075), (0.2, 0.175, 0.19), 0.5 + 0.5 * up)
        boxes = np.multiply((1, 0.72, 0.45), 22 * _soft_box(u, v, -160, 0.385, 0.035, 0.07, 0.06))
        boxes += np.multiply((0.5, 0.58, 1), 1.1 * _soft_box(u, v, -30, 0.36, 0.06, 0.16, 0.08))
        boxes += np.multiply((1, 0.56, 0.32), 7 * _soft_box(u, v, 62, 0.2, 0.06, 0.05, 0.08))
    elif light == "hard spot":
        base = mix((0.06, 0.058, 0.056), (0.11, 0.11, 0.115), 0.5 + 0.5 * up)
        boxes = 4 * _soft_box(u, v, 62, 0.2, 0.05, 0.05, 0.08)
        boxes = boxes + 0.9 * _soft_box(u, v, -30, 0.36, 0.05, 0.16, 0.08)
    else:
        base = mix((0.02, 0.026, 0.055), (0.05, 0.075, 0.17), 0.5 + 0.5 * up)
        boxes = np.multiply((1, 0.85, 0.62), 0.5 * _soft_box(u, v, -135, 0.2, 0.026, 0.05, 0.06))
        boxes += np.multiply((0.2, 0.36, 0.95), 1.5 * _soft_box(u, v, -25, 0.36, 0.06, 0.16, 0.08))
        boxes += np.multiply((0.3, 0.46, 1), 9 * _soft_box(u, v, 62, 0.19, 0.06, 0.05, 0.08))
    return base + boxes


def _soft_box(
    u: Floats,
    v: Floats,
    azimuth: float,
    height: float,
    half_width: float,
    half_height: float,
    softness: float,
) -> Floats:
    """A soft-edged rectangle of light (h, w, 1) at `azimuth` degrees and `height` (0 up, 1 down)."""
    centre = ((180 - azimuth) / 360) % 1
    across = np.abs((u - centre + 0.5) % 1 - 0.5) / half_width
    along = np.abs(v - height) / half_height

    def fade(d: Floats) -> Floats:
        return 1 / (1 + np.exp(np.clip((d - 1) / softness, -40, 40)))

    return (fade(across) * fade(along))[..., None]
