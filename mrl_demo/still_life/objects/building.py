"""Buildings: house, lighthouse, castle tower.

Shapes only; objects/__init__.py has the conventions.
"""

from math import tau

import numpy as np

from mrl_demo.still_life.modelling import (
    Part,
    box,
    cylinder,
    ellipsoid,
    extrude,
    fillet,
    lathe,
    spline,
    torus,
)


def house(rng: np.random.Generator) -> list[Part]:
    walls = box(0.8, 0.7, 0.55, 0.012)
    gable = extrude([(-0.4, 0), (0.4, 0), (0, 0.36)], 0.7, 0.005).turned("x", 90).moved(y=0.35, z=0.545)
    roof = [
        box(0.62, 0.86, 0.05, 0.015, "second")
        .moved(z=-0.025)
        .turned("y", side * 42)
        .moved(side * 0.215, 0, 0.765)
        for side in (-1, 1)
    ]
    door = [
        box(0.17, 0.03, 0.31, 0.008, "dark wood").moved(y=-0.352),
        ellipsoid(0.014, role="brass").moved(0.05, -0.375, 0.15),
    ]
    windows = []
    for x in (-0.25, 0.25):
        windows += [
            box(0.19, 0.02, 0.19, 0.005, "cream").moved(x, -0.35, 0.24),
            box(0.15, 0.02, 0.15, 0.003, "window").moved(x, -0.356, 0.26),
            box(0.015, 0.02, 0.16, 0.003, "cream").moved(x, -0.362, 0.255),
            box(0.16, 0.02, 0.015, 0.003, "cream").moved(x, -0.362, 0.327),
        ]
    windows.append(cylinder(0.09, 0.03, 0.004, "cream").turned("x", 90).moved(0, -0.345, 0.66))
    windows.append(cylinder(0.07, 0.03, 0.004, "window").turned("x", 90).moved(0, -0.35, 0.66))
    x = rng.choice([-0.22, 0.22])
    chimney = [
        box(0.13, 0.13, 0.34, 0.01, "brick").moved(x, 0.1, 0.7),
        box(0.17, 0.17, 0.05, 0.01, "brick").moved(x, 0.1, 1.03),
    ]
    tall = rng.uniform(0.95, 1.15)
    step = box(0.28, 0.14, 0.05, 0.01, "stone").moved(0, -0.42)
    return [part.scaled(1, 1, tall) for part in (walls, gable, *roof, *door, *windows, *chimney, step)]


def lighthouse(rng: np.random.Generator) -> list[Part]:
    foot, neck = rng.uniform(0.23, 0.28), rng.uniform(0.14, 0.17)
    rock = lathe(fillet([(0, 0), (0.36, 0, 0.03), (0.3, 0.09, 0.03), (0, 0.09)], 0.02, 3), role="stone")
    shaft = lathe([(r, 0.08 + 0.78 * t) for t in np.linspace(0, 1, 12) for r in [foot + (neck - foot) * t]])
    bands = []
    for low in (0.24, 0.52):
        rows = [(foot + (neck - foot) * t + 0.006, 0.08 + 0.78 * t) for t in np.linspace(low, low + 0.15, 6)]
        bands.append(lathe(rows, role="second"))
    gallery = cylinder(neck + 0.07, 0.04, 0.01, "dark").moved(z=0.855)
    rail = torus(neck + 0.06, 0.01, "dark").moved(z=0.96)
    posts = [
        cylinder(0.008, 0.08, 0.001, "dark", 8).moved(x=neck + 0.06, z=0.885).turned("z", 45 * k)
        for k in range(8)
    ]
    room = cylinder(0.095, 0.17, 0.005, "lantern").moved(z=0.89)
    bars = [
        cylinder(0.009, 0.17, 0.001, "dark", 8).moved(x=0.097, z=0.89).turned("z", 60 * k) for k in range(6)
    ]
    cap = lathe(spline([(0.14, 1.05), (0.1, 1.13), (0.03, 1.2), (0, 1.21)], 14), role="second", sharp=70)
    lid = cylinder(0.14, 0.015, 0.004, "second").moved(z=1.045)
    knob = ellipsoid(0.022, role="brass").moved(z=1.22)
    door = box(0.1, 0.04, 0.17, 0.015, "dark wood").moved(0, -foot + 0.012, 0.085)
    windows = [
        box(0.05, 0.03, 0.08, 0.01, "window").moved(0, -(foot + (neck - foot) * t), 0.08 + 0.78 * t - 0.02)
        for t in (0.46, 0.76)
    ]
    return [rock, shaft, *bands, gallery, rail, *posts, room, *bars, lid, cap, knob, door, *windows]


def castle_tower(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.25, 0.31), rng.uniform(0.72, 0.86)
    top = radius + 0.05
    wall = lathe(
        fillet(
            [
                (0, 0),
                (radius + 0.05, 0, 0.01),
                (radius, 0.1, 0.05),
                (radius, height - 0.08, 0.04),
                (top, height, 0.02),
                (top, height + 0.08, 0.005),
                (top - 0.08, height + 0.08, 0.005),
                (top - 0.08, height, 0.01),
                (0, height, 0),
            ],
            0.01,
            4,
        )
    )
    count = 8
    merlons = [
        box(0.08, tau * top / count * 0.55, 0.12, 0.008)
        .moved(x=top - 0.04, z=height + 0.07)
        .turned("z", 360 * (k + 0.5) / count)
        for k in range(count)
    ]
    spire = lathe(
        fillet(
            [(0, height), (top - 0.1, height, 0), (top - 0.1, height + 0.1, 0.01), (0, height + 0.5, 0)],
            0.01,
            3,
        ),
        role="second",
    )
    pole = cylinder(0.01, 0.2, 0.002, "brass", 10).moved(z=height + 0.46)
    flag = box(0.15, 0.012, 0.09, 0.004, "second").moved(0.08, 0, height + 0.57)
    door = [
        box(0.17, 0.06, 0.2, 0.01, "dark wood").moved(0, -radius - 0.012, 0.0),
        cylinder(0.085, 0.06, 0.004, "dark wood").turned("x", 90).moved(0, -radius + 0.018, 0.2),
    ]
    slits = [
        box(0.05, 0.05, 0.15, 0.02, "window")
        .moved(0, -radius + 0.005, 0)
        .turned("z", a)
        .moved(z=height * 0.55)
        for a in (0, 55, -55)
    ]
    return [wall, *merlons, spire, pole, flag, *door, *slits]
