"""Uneven ground in NumPy: dunes of sand and snow, blades of grass.

World units: an object is about 1 tall, z up, the camera at -y. It knows nothing of colours or renderers.
"""

from __future__ import annotations

from math import tau

import numpy as np

from mrl_demo.still_life.modelling import Floats, Ints, Part, grid
from mrl_demo.still_life.textures import noise


def heightfield(setting: str, size: int = 120, half: float = 9.0) -> Part:
    """Uneven sand or snow, flat where the object stands."""
    snow = setting == "snow"
    z = noise((size, size), 2.0 if snow else 1.7, (1, 1) if snow else (1, 2.2), 9, 4) * (
        0.045 if snow else 0.028
    )
    ticks = np.linspace(-half, half, size)
    x, y = np.meshgrid(ticks, ticks)
    if not snow:
        z = z + 0.012 * np.sin(9 * y + 2.2 * np.sin(0.9 * x) + z * 30)
    z = z * np.clip(np.hypot(x, y) - 0.2, 0.12, 1) - 0.01
    return grid(np.stack([x, y + 3.5, z], -1), sharp=80)


def grass_blades(count: int = 19000, half: float = 4.2) -> tuple[Floats, Ints, Floats]:
    """Bent blades as (vertices, faces, shade of each face 0 to 1)."""
    rng = np.random.default_rng(0)
    near = count // 2
    y = np.concatenate([rng.uniform(-half, half, near), rng.uniform(-1.8, 1.4, count - near)])
    x = np.concatenate([rng.uniform(-half, half, near), rng.uniform(-2, 2, count - near)])
    height, angle = rng.uniform(0.06, 0.16, count), rng.uniform(0, tau, count)
    width, bend = rng.uniform(0.008, 0.014, count), rng.uniform(0.02, 0.11, count)
    dx, dy = np.cos(angle), np.sin(angle)
    mid_x, mid_y = x + dx * bend * 0.35, y + dy * bend * 0.35
    vertices = np.stack(
        [
            np.c_[x - dy * width, y + dx * width, 0 * x],
            np.c_[x + dy * width, y - dx * width, 0 * x],
            np.c_[mid_x - dy * width * 0.7, mid_y + dx * width * 0.7, height * 0.55],
            np.c_[mid_x + dy * width * 0.7, mid_y - dx * width * 0.7, height * 0.55],
            np.c_[x + dx * bend, y + dy * bend, height],
        ],
        axis=1,
    )
    faces = np.array([[0, 1, 3], [0, 3, 2], [2, 3, 4]])[None] + np.arange(count)[:, None, None] * 5
    return vertices.reshape(-1, 3), faces.reshape(-1, 3), np.repeat(rng.uniform(0, 1, count), 3)
