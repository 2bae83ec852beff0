"""Light sources: candle, table lamp, lantern, light bulb.

Shapes only; objects/__init__.py has the conventions.
"""

from math import pi

import numpy as np

from mrl_demo.still_life.modelling import Part, cylinder, fillet, lathe, spline, torus, tube


def candle(rng: np.random.Generator) -> list[Part]:
    top = rng.uniform(0.52, 0.7)
    wax = lathe(
        spline(
            [
                (0, 0.04),
                (0.17, 0.04),
                (0.17, 0.06),
                (0.17, top - 0.09),
                (0.165, top - 0.01),
                (0.14, top),
                (0.1, top - 0.03),
                (0, top - 0.04),
            ],
            44,
        ),
        sharp=60,
        ripple=lambda angle, z: 1 + 0.02 * np.cos(3 * angle) * np.clip(z - 0.24, 0, 1),
    )
    dish = lathe(
        fillet(
            [
                (0, 0, 0),
                (0.2, 0, 0.02),
                (0.38, 0.1, 0.03),
                (0.36, 0.115, 0.01),
                (0.19, 0.04, 0.02),
                (0, 0.04, 0),
            ],
            0.01,
            4,
        ),
        role="second",
    )
    a = np.linspace(-2.6, 2.6, 26)
    ring = tube(np.c_[0.4 + 0.09 * np.cos(a), np.zeros(26), 0.09 + 0.09 * np.sin(a)], 0.022, role="second")
    wick = tube([(0, 0, top - 0.06), (0, 0, top + 0.04), (0.015, 0, top + 0.08)], 0.012, 8, "dark")
    flame = lathe(
        spline([(0, 0.04), (0.045, 0.09), (0.05, 0.15), (0.02, 0.26), (0, 0.32)], 24), role="flame"
    ).moved(z=top)
    return [wax, dish, ring, wick, flame]


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


def lantern(rng: np.random.Generator) -> list[Part]:
    """A storm lantern: tank, glowing globe between two side tubes, chimney and wire handle."""
    wide, globe = rng.uniform(0.28, 0.33), rng.uniform(0.32, 0.38)
    low, high = 0.28, 0.28 + globe
    tank = [(0, 0), (wide, 0, 0.02), (wide, 0.04, 0.02), (wide * 0.97, 0.18, 0.05), (wide * 0.65, 0.24, 0.03)]
    base = lathe(fillet([*tank, (wide * 0.65, low, 0.01), (0, low)], 0.02, 4), 48)
    half = globe / 2
    glass = lathe(
        spline(
            [(0.15, low), (0.2, low + half * 0.5), (0.21, low + half), (0.16, high - 0.04), (0.14, high)], 22
        ),
        40,
        "lantern",
    )
    hood = [(0.16, high, 0.01), (0.27, high, 0.01), (0.26, high + 0.05, 0.02), (0.15, high + 0.11, 0.02)]
    hood += [
        (0.13, high + 0.2, 0.01),
        (0.17, high + 0.22, 0.01),
        (0.1, high + 0.28, 0.03),
        (0, high + 0.29, 0),
    ]
    cap = lathe(fillet([(0, high, 0), *hood], 0.01, 3), 40)
    sides, wires = [], []
    for s in (-1, 1):
        bow = [(s * wide * 0.85, 0, 0.1), (s * (wide + 0.06), 0, 0.3), (s * (wide + 0.07), 0, high - 0.06)]
        sides.append(
            tube(spline([*bow, (s * 0.25, 0, high + 0.1), (s * 0.08, 0, high + 0.14)], 24), 0.032, 12)
        )
    for z in (low + half * 0.55, high - half * 0.55):
        wires.append(torus(0.218, 0.01, "dark", 40).moved(z=z))
    a = np.linspace(0, pi, 32)
    grip = np.c_[(wide + 0.02) * np.cos(a), 0 * a, high + 0.02 + rng.uniform(0.5, 0.58) * np.sin(a) ** 0.9]
    bail = tube(grip, 0.016, 10, "dark")
    key = cylinder(0.045, 0.03, 0.01, "brass", 20).turned("x", 90).moved(0, -wide * 0.95, 0.13)
    return [base, glass, cap, *sides, *wires, bail, key]


def light_bulb(rng: np.random.Generator) -> list[Part]:
    """A screw-base bulb standing on its contact."""
    wide, neck, tall = rng.uniform(0.3, 0.34), rng.uniform(0.13, 0.15), rng.uniform(0.72, 0.82)
    foot = 0.3
    outline = [(neck, foot), (neck + 0.01, foot + 0.05), (wide * 0.78, foot + tall * 0.34)]
    outline += [(wide, foot + tall * 0.62), (wide * 0.72, foot + tall * 0.92), (0, foot + tall)]
    globe = lathe(spline(outline, 36), 56, sharp=80)
    t = np.linspace(0, 1, 40)
    screw = np.c_[neck + 0.004 + 0.018 * np.cos(4 * 2 * pi * t), 0.09 + (foot - 0.08) * t]
    base = lathe(np.vstack([[(0, 0.08)], screw, [(0, foot + 0.01)]]), 40, "chrome", 80)
    contact = lathe(
        fillet([(0, 0), (0.05, 0, 0.015), (neck * 1.05, 0.1, 0.01), (0, 0.1)], 0.01, 3), 32, "dark"
    )
    coil = spline(
        [(-0.1, 0, foot), (-0.12, 0, foot + 0.36), (-0.05, 0, foot + 0.42), (0, 0, foot + 0.37)], 12
    )
    wire = tube(np.vstack([coil, (coil * [-1, 1, 1])[-2::-1]]), 0.014, 8, "bulb")
    stem = cylinder(0.05, 0.2, 0.02, "cream", 20, top=0.03).moved(z=foot)
    return [globe, base, contact, wire, stem]
