"""Clothing and carried things: hat, boot, handbag, umbrella.

Shapes only; objects/__init__.py has the conventions.
"""

from math import pi, tau

import numpy as np

from mrl_demo.still_life.modelling import (
    Floats,
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


def hat(rng: np.random.Generator) -> list[Part]:
    crown, tall, brim = rng.uniform(0.27, 0.31), rng.uniform(0.42, 0.52), rng.uniform(0.46, 0.54)
    curl, pinch = rng.uniform(0.25, 0.6), rng.uniform(0.04, 0.09)

    def worn(v: Floats) -> Floats:
        """Oval, the brim curled up at the sides, the crown pinched along its middle."""
        x, y, z = v.T
        up = np.clip(np.hypot(x, y) - crown, 0, None) ** 1.5 * curl * (x**2 - 0.35 * y**2) / brim**2
        dent = pinch * np.exp(-((x / 0.09) ** 2)) * np.clip(z / tall * 3 - 2, 0, 1)
        return np.stack([x * 0.84, y, z + 2.2 * up - dent], -1)

    rim = [(crown + 0.03, 0.0), (brim, 0.0, 0.012), (brim, 0.03, 0.012), (crown, 0.03, 0.03)]
    felt = fillet([*rim, (crown * 0.86, tall, 0.09), (0, tall + 0.02)], 0.02, 6)
    top = np.c_[np.linspace(felt[-2, 0], 0, 12), np.linspace(felt[-2, 1], tall + 0.02, 12)]
    body = lathe(np.vstack([felt[:-2], top]), 72, sharp=60).warped(worn)
    band = lathe(
        [(crown * (1 - 0.14 * t) + 0.008, tall * t + 0.01) for t in (0.03, 0.15, 0.3)], 72, "second"
    ).warped(worn)
    knot = box(0.03, 0.13, 0.11, 0.012, "second").moved(crown * 0.82, 0, 0.04)
    return [body, band, knot]


def _upper(rows: Floats, power: float = 2.4) -> Part:
    """A skin through level ovals; rows of (back, front, half width, height), the front towards -y."""
    angle = np.linspace(0, tau, 49)
    c, s = (np.sign(f(angle)) * np.abs(f(angle)) ** (2 / power) for f in (np.cos, np.sin))
    back, front, half, z = (rows[:, k, None] for k in range(4))
    x, y = half * c, (back + front) / 2 + (back - front) / 2 * s
    return grid(np.stack([x, y, z + 0 * c], -1), sharp=60)


def boot(rng: np.random.Generator) -> list[Part]:
    tall, toe, calf = rng.uniform(0.86, 1.05), rng.uniform(0.5, 0.58), rng.uniform(0.19, 0.23)
    rows = [(0.19, -toe + 0.03, 0.16, 0.05), (0.2, -toe, 0.175, 0.11), (0.2, -toe + 0.02, 0.175, 0.18)]
    rows += [(0.19, -toe + 0.12, 0.165, 0.25), (0.18, -0.27, 0.155, 0.31), (0.17, -0.19, 0.15, 0.38)]
    rows += [(0.17, -0.17, 0.155, 0.48), (0.19, -calf, calf * 0.9, 0.72), (0.2, -calf, calf, tall)]
    skin = _upper(spline(rows, 40))
    inside = _upper(np.array([(0.19, -calf + 0.01, calf - 0.01, tall), (0.14, -0.12, 0.1, tall - 0.2)]))
    collar = torus(1, 0.09, "second", 48).scaled(calf, (0.2 + calf) / 2, 0.3)
    a = np.linspace(0, tau, 40, endpoint=False)
    half, middle = (0.23 + toe) / 2, (0.19 - toe) / 2
    oval = np.c_[0.185 * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.75, middle + half * np.sin(a)]
    oval[:, 0] *= 1 - 0.22 * np.exp(-(((oval[:, 1] + 0.08) / 0.1) ** 2))  # narrow under the arch
    sole = extrude(oval, 0.06, 0.015, "second").moved(z=0.035)
    heel = extrude(oval[oval[:, 1] > -0.02], 0.07, 0.012, "second")
    tread = extrude(oval[oval[:, 1] < -0.16], 0.05, 0.012, "second")
    return [skin, inside.as_role("dark"), collar.moved(0, (0.2 - calf) / 2, tall), sole, heel, tread]


def handbag(rng: np.random.Generator) -> list[Part]:
    wide, tall, deep = rng.uniform(0.4, 0.47), rng.uniform(0.5, 0.6), rng.uniform(0.26, 0.32)
    top, arch = wide * rng.uniform(0.74, 0.86), rng.uniform(0.3, 0.38)
    outline = fillet([(-wide, 0.0), (wide, 0.0), (top, tall), (-top, tall)], 0.1, 5, closed=True)
    body = extrude(outline, deep, 0.07, steps=5).turned("x", 90).moved(y=deep / 2, z=0.02)
    lap = [
        (-top * 1.02, tall + 0.015),
        (-top * 1.07, tall * 0.62),
        (0, tall * 0.4),
        (top * 1.07, tall * 0.62),
    ]
    flap = extrude(fillet([*lap, (top * 1.02, tall + 0.015)], 0.09, 5, closed=True), 0.04, 0.016)
    seam = [(x, z - 0.005) for x, z in lap[1:4]]
    trim = tube(
        np.c_[fillet(seam, 0.09, 6)[:, 0], np.full(9, -deep / 2 - 0.03), fillet(seam, 0.09, 6)[:, 1]],
        0.016,
        8,
        "second",
    )
    clasp = [
        cylinder(0.06, 0.04, 0.012, "brass", 28)
        .turned("x", 90)
        .moved(0, -deep / 2 - 0.02, tall * 0.47 + 0.02),
    ]
    a = np.linspace(0, pi, 32)
    path = np.c_[top * 0.62 * np.cos(a), 0 * a, tall - 0.03 + arch * np.sin(a) ** 0.8]
    handles = [tube(path, 0.034, 14, "second").moved(y=y) for y in (-0.06, 0.06)]
    rings = [
        torus(0.045, 0.014, "brass", 24).turned("x", 90).moved(s * top * 0.62, -0.06, tall) for s in (-1, 1)
    ]
    feet = [
        ellipsoid(0.035, role="brass", segments=16).moved(s * wide * 0.7, y, 0.03)
        for s in (-1, 1)
        for y in (-0.08, 0.08)
    ]
    return [
        body,
        flap.turned("x", 90).moved(y=-deep / 2 + 0.01, z=0.02),
        trim,
        *clasp,
        *handles,
        *rings,
        *feet,
    ]


def umbrella(rng: np.random.Generator) -> list[Part]:
    wide, deep, ribs = rng.uniform(0.54, 0.6), rng.uniform(0.3, 0.38), 8
    low = 1.02 - deep
    t = np.linspace(0, 1, 22)
    outline = np.c_[wide * (1 - t), low + deep * (1 - (1 - t) ** 2) ** 0.8]
    angle = np.linspace(0, tau, 97)[None]
    between = (
        np.abs(np.sin(ribs / 2 * angle)) * (1 - t[:, None]) ** 2
    )  # cloth sags and swings between the ribs
    radius = outline[:, 0, None] * (1 - 0.07 * between)
    z = outline[:, 1, None] + 0.09 * between
    uv = np.stack([angle / tau + 0 * z, (1 - t[:, None]) * wide * 1.2 + 0 * z], -1)
    canopy = grid(np.stack([radius * np.cos(angle), radius * np.sin(angle), z], -1), uv, sharp=24)
    tips = [
        ellipsoid(0.02, role="second", segments=12).moved(wide, 0, low).turned("z", 360 * k / ribs)
        for k in range(ribs)
    ]
    spike = lathe([(0.03, 1.0), (0.018, 1.04), (0.012, 1.12), (0, 1.13)], 20, "second")
    stick = cylinder(0.021, 0.86, 0.003, "chrome", 14).moved(z=0.16)
    a = np.linspace(0, pi, 20)
    hook = np.vstack(
        [[(0, 0, 0.34), (0, 0, 0.2)], np.c_[0.095 - 0.095 * np.cos(a), 0 * a, 0.13 - 0.1 * np.sin(a)]]
    )
    handle = tube(np.vstack([hook, [(0.19, 0, 0.17)]]), 0.04, 14, "second")
    return [canopy, *tips, spike, stick, handle]
