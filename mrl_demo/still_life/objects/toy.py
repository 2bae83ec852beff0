"""Toys and games: chess pawn, chess rook, drum, spinning top.

Shapes only; objects/__init__.py has the conventions.
"""

from math import cos, sin, tau

import numpy as np

from mrl_demo.still_life.modelling import Part, box, cylinder, ellipsoid, fillet, lathe, spline, torus, tube

CHESS_FOOT = [
    (0, 0, 0),
    (0.3, 0, 0.03),
    (0.3, 0.08, 0.04),
    (0.25, 0.13, 0.02),
    (0.24, 0.18, 0.03),
    (0.17, 0.22, 0.06),
]


def chess_pawn(rng: np.random.Generator) -> list[Part]:
    neck, head = rng.uniform(0.085, 0.115), rng.uniform(0.16, 0.19)
    collar = [(neck, 0.58, 0.1), (0.19, 0.62, 0.02), (0.19, 0.66, 0.02), (0.1, 0.69, 0.02), (0.09, 0.72, 0)]
    profile = fillet([*CHESS_FOOT, *collar], 0.02, 5)
    return [lathe(np.vstack([profile, [(0, 0.74)]])), ellipsoid(head).moved(z=0.84)]


def chess_rook(rng: np.random.Generator) -> list[Part]:
    neck = rng.uniform(0.14, 0.18)
    upper = [
        (neck, 0.62, 0.1),
        (0.25, 0.7, 0.02),
        (0.25, 0.84, 0.01),
        (0.15, 0.84, 0.01),
        (0.15, 0.76, 0.01),
        (0, 0.76, 0),
    ]
    parts = [lathe(fillet([*CHESS_FOOT, *upper], 0.02, 5))]
    for k in range(6):  # the battlements
        a = tau * k / 6
        block = box(0.1, 0.13, 0.11, 0.012).moved(z=0.83).moved(x=0.195)
        parts.append(block.turned("z", np.degrees(a)))
    return parts


def drum(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.44, 0.52), rng.uniform(0.5, 0.66)
    shell = cylinder(radius, height, 0.01)
    hoops = [torus(radius + 0.012, 0.035, "second").moved(z=z) for z in (0.035, height - 0.02)]
    skin = cylinder(radius - 0.01, 0.02, 0.008, "cream").moved(z=height - 0.005)
    cords = []
    for k in range(12):
        a, b = tau * k / 12, tau * (k + 0.5) / 12
        c = tau * (k + 1) / 12
        ends = [
            (radius * 1.03 * cos(t), radius * 1.03 * sin(t), z)
            for t, z in ((a, height - 0.05), (b, 0.06), (c, height - 0.05))
        ]
        cords.append(tube(ends[:2], 0.012, 8, "cream"))
        cords.append(tube(ends[1:], 0.012, 8, "cream"))
    sticks = []
    for side in (-1, 1):
        stick = tube(spline([(-0.42, 0, 0), (0.3, 0, 0)], 8), 0.024, 12, "pale wood")
        tip = ellipsoid(0.05, role="pale wood").moved(x=0.33)
        sticks += [p.turned("z", 62 + side * 24).moved(x=side * 0.02, z=height + 0.04) for p in (stick, tip)]
    return [shell, *hoops, skin, *cords, *sticks]


def spinning_top(rng: np.random.Generator) -> list[Part]:
    wide, waist = rng.uniform(0.4, 0.48), rng.uniform(0.38, 0.46)
    body = lathe(
        spline(
            [
                (0, 0),
                (0.03, 0.02),
                (0.16, 0.18),
                (wide, waist),
                (0.36, waist + 0.14),
                (0.12, waist + 0.22),
                (0, waist + 0.23),
            ],
            44,
        ),
        sharp=60,
    )
    band = torus(wide - 0.005, 0.03, "second").moved(z=waist)
    handle = cylinder(0.045, 0.3, 0.01, "second", 32).moved(z=waist + 0.2)
    knob = ellipsoid(0.075, 0.075, 0.06, "second").moved(z=waist + 0.52)
    lean = [part.turned("y", 11) for part in (body, band, handle, knob)]
    lowest = min(float(part.vertices[:, 2].min()) for part in lean)
    return [part.moved(z=-lowest) for part in lean]
