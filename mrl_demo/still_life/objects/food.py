"""Food: apple, pear, cupcake, donut.

Shapes only; objects/__init__.py has the conventions.
"""

from math import cos, pi, sin, tau

import numpy as np

from mrl_demo.still_life.modelling import Part, cylinder, ellipsoid, fillet, grid, lathe, spline, torus, tube

SPRINKLES = ("sprinkle white", "sprinkle yellow", "sprinkle blue")


def _leaf(turn: float, height: float) -> Part:
    u, v = np.meshgrid(np.linspace(0, 1, 16), np.linspace(-1, 1, 9))
    width = 0.1 * np.sin(pi * u**0.8)
    lift = 0.12 * np.sin(2.2 * u) + 0.06 * np.abs(v) * np.sin(pi * u)
    return grid(np.stack([0.03 + 0.34 * u, width * v, height + lift], -1), role="leaf").turned("z", turn)


def apple(rng: np.random.Generator) -> list[Part]:
    a = np.linspace(0, pi, 40)
    radius = 0.42 * np.sin(a) ** 0.92 * (1 + rng.uniform(0.06, 0.13) * np.cos(a))
    height = -0.36 * np.cos(a)
    height = height - 0.12 * np.exp(-((radius / 0.13) ** 2)) * np.where(a > pi / 2, 1, -0.8)
    radius[0] = radius[-1] = 0
    body = lathe(
        np.c_[radius, height],
        sharp=80,
        ripple=lambda angle, z: 1 + 0.025 * np.cos(5 * angle) * np.clip(-z * 2 + 0.3, 0, 1),
    )
    stem = tube(
        spline([(0, 0, 0.58), (0.01, 0, 0.7), (0.05, 0, 0.82)], 14),
        np.linspace(0.018, 0.026, 14),
        role="stem",
    )
    return [body.moved(z=0.38), stem, _leaf(rng.uniform(0, 360), 0.72)]


def pear(rng: np.random.Generator) -> list[Part]:
    waist = rng.uniform(0.19, 0.24)
    outline = [
        (0, 0.04),
        (0.16, 0.0),
        (0.34, 0.12),
        (0.38, 0.3),
        (0.29, 0.52),
        (waist, 0.68),
        (0.15, 0.84),
        (0.07, 0.91),
        (0, 0.88),
    ]
    lean = rng.uniform(-0.06, 0.06)
    body = lathe(spline(outline, 44), sharp=80).warped(
        lambda v: v + np.c_[lean * v[:, 2] ** 2, 0 * v[:, 2], 0 * v[:, 2]]
    )
    stem = tube(
        spline([(lean * 0.75, 0, 0.86), (lean, 0, 0.97), (lean + 0.06, 0, 1.06)], 14),
        np.linspace(0.018, 0.025, 14),
        role="stem",
    )
    return [body, stem, _leaf(rng.uniform(0, 360), 0.93).scaled(0.75, 0.75, 1)]


def cupcake(rng: np.random.Generator) -> list[Part]:
    cup = lathe(
        fillet([(0, 0), (0.27, 0, 0.02), (0.38, 0.36, 0.01), (0.35, 0.36), (0, 0.33)], 0.01, 3),
        segments=144,
        role="second",
        sharp=80,
        ripple=lambda angle, z: 1 + 0.03 * np.cos(28 * angle) * np.clip(z * 3, 0, 1),
    )
    t = np.linspace(0, 1, 160)
    turn, out = t * tau * 3.6, 0.27 * (1 - t) ** 0.8
    frosting = tube(
        np.c_[out * np.cos(turn), out * np.sin(turn), 0.37 + 0.46 * t], 0.135 * (1 - t) ** 0.6 + 0.02
    )
    core = lathe(spline([(0, 0.3), (0.34, 0.34), (0.2, 0.6), (0, 0.8)], 16))
    cherry = ellipsoid(0.085, role="cherry").moved(z=0.9)
    stem = tube(spline([(0, 0, 0.95), (0.02, 0, 1.05), (0.08, 0, 1.13)], 10), 0.011, role="stem", segments=8)
    parts = [cup, core, frosting, cherry, stem]
    for k in range(36):
        up, around = rng.uniform(0.05, 0.85), rng.uniform(0, tau)
        out_k = 0.27 * (1 - up) ** 0.8 + 0.115 * (1 - up) ** 0.6
        grain = cylinder(0.014, 0.07, 0.012, SPRINKLES[k % 3], segments=8).moved(z=-0.035)
        grain = grain.turned("x", rng.uniform(60, 120)).turned("z", rng.uniform(0, 360))
        parts.append(grain.moved(out_k * cos(around), out_k * sin(around), 0.42 + 0.46 * up))
    return parts


def donut(rng: np.random.Generator) -> list[Part]:
    dough = torus(0.32, 0.19, "dough", 96).scaled(1, 1, 0.85).moved(z=0.165)
    a = np.linspace(-0.35, pi + 0.35, 30)
    phase = rng.uniform(0, tau)

    def drip(v: np.ndarray) -> np.ndarray:  # the icing's lower edge runs down unevenly
        angle = np.arctan2(v[:, 1], v[:, 0])
        low = np.clip((0.05 - v[:, 2]) / 0.12, 0, 1)
        v[:, 2] += (
            low * (0.05 * np.sin(5 * angle + phase) + 0.03 * np.sin(9 * angle + 2 * phase) + 0.02) + 0.17
        )
        return v

    icing = lathe(np.c_[0.32 + 0.2 * np.cos(a), 0.17 * np.sin(a)], 120, sharp=80).warped(drip)
    parts = [dough, icing]
    for k in range(46):
        around, over = rng.uniform(0, tau), rng.uniform(0.35, pi - 0.35)
        out = 0.32 + 0.205 * cos(over)
        grain = cylinder(0.013, 0.075, 0.012, SPRINKLES[k % 3], segments=8).moved(z=-0.037)
        grain = grain.turned("y", 90).turned("z", rng.uniform(0, 360))
        parts.append(grain.moved(out * cos(around), out * sin(around), 0.169 + 0.174 * sin(over)))
    # leaning towards the viewer, so that the hole is seen
    return [part.turned("x", 22) for part in parts]
