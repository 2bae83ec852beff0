"""Furniture: chair, stool, table lamp.

Shapes only; objects/__init__.py has the conventions.
"""

import numpy as np

from mrl_demo.still_life.modelling import Part, box, cylinder, fillet, lathe, spline, torus, tube


def _leg(height: float) -> Part:
    return lathe(fillet([(0, 0), (0.026, 0, 0.008), (0.042, height, 0), (0, height)], 0.01, 3), 24)


def chair(rng: np.random.Generator) -> list[Part]:
    tall = rng.uniform(1.02, 1.2)
    parts = [box(0.62, 0.6, 0.07, 0.03).moved(z=0.46)]
    parts += [_leg(0.47).moved(x, y) for x in (-0.25, 0.25) for y in (-0.24, 0.24)]
    parts += [
        tube(spline([(x, 0.25, 0.5), (x, 0.27, 0.8), (x * 1.02, 0.34, tall)], 12), 0.032)
        for x in (-0.26, 0.26)
    ]
    for y, z in ((0.262, 0.66), (0.285, 0.82), (0.315, 0.98)):
        parts.append(box(0.56, 0.035, 0.1, 0.015).turned("x", -8).moved(0, y, z))
    parts += [tube([(x, -0.24, 0.2), (x, 0.24, 0.2)], 0.018) for x in (-0.25, 0.25)]
    return [*parts, tube([(-0.25, 0, 0.2), (0.25, 0, 0.2)], 0.018)]


def stool(rng: np.random.Generator) -> list[Part]:
    height, spread = rng.uniform(0.62, 0.78), rng.uniform(0.26, 0.32)
    seat = lathe(fillet([(0, 0), (0.33, 0, 0.03), (0.34, 0.08, 0.03), (0, 0.075)], 0.02, 4)).moved(z=height)
    legs = []
    for k in range(3):
        foot, top = (spread + 0.06, 0.0, 0.02), (0.2, 0.0, height + 0.01)
        legs.append(tube(spline([foot, top], 8), np.linspace(0.034, 0.05, 8)).turned("z", 120 * k + 90))
    ring = torus(0.275 + (spread - 0.29) * 0.6, 0.02).moved(z=height * 0.36)
    return [seat, *legs, ring]


def table_lamp(rng: np.random.Generator) -> list[Part]:
    wide, belly = rng.uniform(0.36, 0.44), rng.uniform(0.14, 0.2)
    foot = lathe(
        spline(
            [
                (0, 0),
                (0.2, 0),
                (0.22, 0.03),
                (0.1, 0.08),
                (belly, 0.26),
                (0.05, 0.44),
                (0.03, 0.5),
                (0, 0.51),
            ],
            40,
        ),
        role="second",
        sharp=60,
    )
    pole = cylinder(0.025, 0.2, 0.004, "brass", 24).moved(z=0.46)
    outside = fillet([(wide, 0.52, 0), (wide * 0.55, 0.96, 0)], 0, 1)
    shade = lathe(np.vstack([outside, outside[::-1] - [0.02, 0]]))
    rims = [torus(wide - 0.01, 0.016).moved(z=0.52), torus(wide * 0.55 - 0.01, 0.014).moved(z=0.96)]
    bulb = cylinder(0.09, 0.1, 0.03, "bulb", 24).moved(z=0.6)
    return [foot, pole, shade, *rims, bulb]
