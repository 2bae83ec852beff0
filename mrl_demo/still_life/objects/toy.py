"""Toys and games: chess pawn, chess rook, drum, spinning top, die, skittle, stacking toy, teddy bear.

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


PIPS = {
    1: ((0, 0),),
    2: ((-1, -1), (1, 1)),
    3: ((-1, -1), (0, 0), (1, 1)),
    4: ((-1, -1), (-1, 1), (1, -1), (1, 1)),
    5: ((-1, -1), (-1, 1), (0, 0), (1, -1), (1, 1)),
    6: ((-1, -1), (-1, 0), (-1, 1), (1, -1), (1, 0), (1, 1)),
}


def die(rng: np.random.Generator) -> list[Part]:
    """A cube with pips, opposite faces adding up to seven; which face is up is left to chance."""
    spread, pip = rng.uniform(0.2, 0.235), rng.uniform(0.07, 0.085)
    parts = [box(0.84, 0.84, 0.84, rng.uniform(0.08, 0.15)).moved(z=-0.42)]
    sides = (("x", 0), ("x", 90), ("y", 90), ("y", -90), ("x", -90), ("x", 180))
    for number, (axis, degrees) in enumerate(sides, 1):
        for x, y in PIPS[number]:
            dot = ellipsoid(pip, pip, 0.02, "second", 16).moved(x * spread, y * spread, 0.418)
            parts.append(dot.turned(axis, degrees))
    roll = [(axis, 90 * int(rng.integers(4))) for axis in ("x", "y", "z")]
    for axis, degrees in roll:
        parts = [part.turned(axis, degrees) for part in parts]
    return [part.moved(z=0.42) for part in parts]


def skittle(rng: np.random.Generator) -> list[Part]:
    belly, neck, head = rng.uniform(0.19, 0.225), rng.uniform(0.075, 0.09), rng.uniform(0.115, 0.13)
    outline = [(0.11, 0), (0.125, 0.01), (belly, 0.38), (0.15, 0.6), (neck, 0.8), (head, 1.0), (0.07, 1.1)]
    curve = spline([*outline, (0, 1.13)], 44)
    middle = rng.uniform(0.74, 0.8)
    bands = []
    for low in (middle - 0.07, middle + 0.05):
        rows = [(np.interp(z, curve[:, 1], curve[:, 0]) + 0.006, z) for z in np.linspace(low, low + 0.06, 4)]
        bands.append(lathe(fillet([(0, low), *rows, (0, low + 0.06)], 0, 1), 48, "second"))
    return [lathe(np.vstack([[(0, 0)], curve]), sharp=60), *bands]


def stacking_toy(rng: np.random.Generator) -> list[Part]:
    """Rings on a pole, widest below, in turns of the two colours."""
    count, thick = int(rng.integers(4, 6)), rng.uniform(0.085, 0.1)
    wide, narrow = rng.uniform(0.42, 0.48), rng.uniform(0.2, 0.24)
    parts = [cylinder(wide * 0.92, 0.08, 0.025, "pale wood")]
    a = np.linspace(-2, 2, 16)  # the side of a ring that shows
    ring, z = thick * np.c_[np.cos(a), 0.95 * np.sin(a)], 0.07
    for k, reach in enumerate(np.linspace(wide, narrow, count)):
        z += thick
        role = "second" if k % 2 else "main"
        parts.append(lathe(np.add(ring, [reach - thick, z]), 48, role))
        z += thick * 0.84
    parts.append(cylinder(0.07, z + 0.04, 0.01, "pale wood", 24))
    return [*parts, ellipsoid(0.11, segments=28).moved(z=z + 0.08)]


def teddy_bear(rng: np.random.Generator) -> list[Part]:
    """Sitting, legs towards the viewer; snout, soles and bow in the second colour."""
    plump, head, ear = rng.uniform(0.26, 0.31), rng.uniform(0.23, 0.26), rng.uniform(0.085, 0.11)
    neck = 0.56
    top = neck + head * 0.78

    def ball(x: float, y: float, z: float, rx: float, ry: float, rz: float, role: str = "main") -> Part:
        return ellipsoid(rx, ry, rz, role, 24).moved(x, y, z)

    parts = [
        ball(0, 0, 0.3, plump, plump * 0.88, 0.32),
        ball(0, 0, top, head * 1.05, head * 0.95, head),
        ball(0, -head * 0.82, top - 0.07, 0.115, 0.1, 0.085, "second"),
        ball(0, -head * 0.82 - 0.09, top - 0.03, 0.04, 0.025, 0.028, "dark"),
    ]
    for s in (-1, 1):
        parts += [
            ball(s * head * 0.82, 0.02, top + head * 0.76, ear, ear * 0.55, ear),
            ball(s * head * 0.82, -0.035, top + head * 0.76, ear * 0.6, 0.025, ear * 0.6, "second"),
            ball(s * 0.09, -head * 0.84, top + 0.055, 0.03, 0.025, 0.033, "dark"),
            ball(0, 0, 0, 0.1, 0.1, 0.21).turned("y", -s * 38).turned("x", -28).moved(s * 0.31, -0.08, 0.4),
            ball(0, 0, 0, 0.13, 0.24, 0.125).turned("z", s * 22).moved(s * 0.21, -0.24, 0.125),
            ball(0, -0.2, 0, 0.095, 0.05, 0.1, "second").turned("z", s * 22).moved(s * 0.21, -0.24, 0.13),
        ]
        bow = ellipsoid(0.1, 0.04, 0.065, "second", 18).turned("y", s * 16)
        parts.append(bow.moved(s * 0.09, -plump * 0.78, neck - 0.02))
    parts.append(ball(0, -plump * 0.8, neck - 0.02, 0.04, 0.045, 0.04, "second"))
    return parts
