"""Buildings: house, lighthouse, castle tower, windmill, tent.

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
    grid,
    lathe,
    spline,
    torus,
    tube,
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


def _slat(x: float, width: float, low: float, high: float, role: str = "dark wood") -> Part:
    """An upright board of the sails; what is not cloth stands a little in front."""
    half, front = width / 2, 0.0 if role == "second" else -0.012
    outline = [(x - half, low), (x + half, low), (x + half, high), (x - half, high)]
    return extrude(outline, 0.014, 0.003, role, 1).turned("x", 90).moved(y=front)


def windmill(rng: np.random.Generator) -> list[Part]:
    foot, neck, height = rng.uniform(0.32, 0.39), rng.uniform(0.2, 0.24), rng.uniform(0.68, 0.8)
    reach, first = rng.uniform(0.54, 0.6), rng.uniform(25, 65)
    tower = lathe([(0, 0), (foot, 0), (neck, height), (0, height)], 8, sharp=30).turned("z", 22.5)
    ledge = cylinder(neck + 0.05, 0.05, 0.01, "pale wood", 32).moved(z=height - 0.03)
    cap = lathe(spline([(neck + 0.03, 0), (neck, 0.12), (0.1, 0.24), (0, 0.28)], 14), 40, "second", 70)
    front, hub = -neck - 0.1, height + 0.1
    axle = cylinder(0.05, 0.2, 0.015, "dark wood", 24).turned("x", 90).moved(0, front + 0.16, hub)
    sails = []
    for k in range(4):
        blade = [_slat(0, 0.035, 0, reach), _slat(0.085, 0.15, 0.13, reach - 0.01, "second")]
        blade += [_slat(0.085, 0.17, z, z + 0.016) for z in (0.13, 0.27, 0.41, reach - 0.016)]
        sails += [part.turned("y", first + 90 * k).moved(0, front, hub) for part in blade]
    door = [
        box(0.14, 0.05, 0.2, 0.008, "dark wood").moved(0, -foot * 0.9),
        box(0.22, 0.12, 0.035, 0.01, "stone").moved(0, -foot * 0.98),
    ]
    lean = (foot - neck) / height
    windows = [
        box(0.08, 0.04, 0.1, 0.01, "window").turned("z", a).moved(y=-(foot - lean * z) * 0.92 + 0.005, z=z)
        for z, a in ((0.36, 0), (0.56, 0))
    ]
    return [tower, ledge, cap.moved(z=height), axle, *sails, *door, *windows]


def tent(rng: np.random.Generator) -> list[Part]:
    half, tall, back = rng.uniform(0.5, 0.6), rng.uniform(0.62, 0.74), rng.uniform(0.45, 0.55)
    u, v = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-back, back, 9))
    slack = 0.07 * np.sin(np.pi * np.abs(u)) + 0.03 * (1 - (v / back) ** 2) * (1 - np.abs(u))
    canvas = grid(np.stack([half * u, v, tall * (1 - np.abs(u)) - slack], -1), sharp=30, flip=True)

    def wall(y: float, role: str, share: float = 1.0) -> Part:
        """A gable wall hung from the ridge, `share` of the tent's width."""
        edge = np.linspace(-1, 1, 21)
        z = tall * (1 - np.abs(edge)) - 0.07 * np.sin(np.pi * np.abs(edge))
        rows = [np.c_[share * half * edge, np.full(21, y), top] for top in (0 * edge, z - 0.002)]
        return grid(np.stack(rows), role=role, sharp=80)

    gape = rng.uniform(0.45, 0.6)
    door = wall(-back - 0.004, "dark", gape)
    flaps = []
    for side in (-half * gape, half * gape):
        fold = [(0, -back - 0.02, tall * 0.97), (side * 0.45, -back - 0.03, tall * 0.42)]
        edge = spline([*fold, (side, -back - 0.03, 0.02)], 14)
        flaps.append(tube(edge, np.linspace(0.02, 0.06, 14), 12, "second"))
    ridge = tube([(0, -back - 0.07, tall + 0.005), (0, back + 0.07, tall + 0.005)], 0.022, 10, "second")
    hems = [box(0.03, 2 * back, 0.04, 0.008, "second").moved(s * half) for s in (-1, 1)]
    poles = [cylinder(0.018, tall, 0.003, "dark wood", 12).moved(0, y) for y in (-back - 0.03, back + 0.03)]
    ropes = [
        tube([(0, y, tall), (0.0, y * 1.22, 0.0)], 0.008, 6, "cream") for y in (-back - 0.03, back + 0.03)
    ]
    return [canvas, wall(-back, "main"), wall(back, "main"), door, *flaps, ridge, *hems, *poles, *ropes]
