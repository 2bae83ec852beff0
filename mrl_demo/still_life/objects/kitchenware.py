"""Kitchenware: mug, bowl, bottle, teapot, goblet, jug, cooking pot.

Shapes only; objects/__init__.py has the conventions.
"""

import numpy as np

from mrl_demo.still_life.modelling import (
    Floats,
    Part,
    cylinder,
    ellipsoid,
    fillet,
    lathe,
    spline,
    torus,
    tube,
)


def mug(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.32, 0.4), rng.uniform(0.7, 0.86)
    taper = rng.uniform(0.8, 1.0)
    outline = [
        (0, 0, 0),
        (radius * 0.92 * taper, 0, 0.05),
        (radius * taper, 0.06, 0.06),
        (radius, height, 0.02),
        (radius - 0.05, height, 0.02),
        (radius * taper - 0.05, 0.07, 0.05),
        (0, 0.06, 0),
    ]
    bend = np.linspace(-1.75, 1.75, 36)
    size = rng.uniform(0.21, 0.25)
    handle = np.c_[radius - 0.05 + size * np.cos(bend), np.zeros(36), height * 0.51 + size * np.sin(bend)]
    return [lathe(fillet(outline, 0.02, 5)), tube(handle, 0.05)]


def bowl(rng: np.random.Generator) -> list[Part]:
    height, rim = rng.uniform(0.36, 0.46), rng.uniform(0.52, 0.6)
    outside = spline([(0.2, 0.05), (0.36, 0.1), (rim - 0.06, height * 0.55), (rim, height)], 26)
    inside = outside[::-1] + np.array([-0.035, 0.0])
    inside[:, 1] = np.maximum(inside[:, 1], 0.09)
    foot = fillet([(0, 0), (0.24, 0, 0.015), (0.22, 0.06)], 0.01, 3)
    lip = [(rim - 0.017, height + 0.014)]
    return [lathe(np.vstack([foot, outside, lip, inside, [(0, 0.085)]]), sharp=50)]


def bottle(rng: np.random.Generator) -> list[Part]:
    radius, shoulder = rng.uniform(0.21, 0.27), rng.uniform(0.5, 0.68)
    neck = shoulder + 0.22
    outside = fillet(
        [(0, 0, 0), (radius, 0, 0.04), (radius, shoulder, 0.2), (0.085, neck, 0.12), (0.085, 1.05, 0)],
        0.04,
        8,
    )
    inside = fillet(
        [(0.06, 1.05), (0.06, neck), (radius - 0.035, shoulder), (radius - 0.035, 0.05), (0, 0.05)], 0.1, 6
    )
    cork = cylinder(0.066, 0.12, 0.01, "cork", top=0.074).moved(z=1.0)
    return [lathe(np.vstack([outside, inside]), sharp=50), torus(0.085, 0.022).moved(z=1.03), cork]


def teapot(rng: np.random.Generator) -> list[Part]:
    body = lathe(
        spline(
            [(0, 0), (0.2, 0), (0.26, 0.02), (0.42, 0.2), (0.45, 0.34), (0.38, 0.5), (0.22, 0.6), (0, 0.62)],
            46,
        ),
        sharp=60,
    )
    foot = cylinder(0.22, 0.04).moved(z=-0.015)
    lid = lathe(spline([(0.235, 0.585), (0.24, 0.6), (0.15, 0.66), (0.05, 0.69), (0, 0.69)], 20))
    knob = ellipsoid(0.055, 0.055, 0.05, "second").moved(z=0.725)
    reach = rng.uniform(0.6, 0.68)
    spout = tube(
        spline([(0.34, 0, 0.2), (0.48, 0, 0.26), (0.56, 0, 0.4), (reach, 0, 0.53)], 24),
        np.linspace(0.1, 0.042, 24),
    )
    bend = np.linspace(1.9, 4.4, 36)
    handle = np.c_[-0.38 + 0.25 * np.cos(bend), np.zeros(36), 0.35 + 0.22 * np.sin(bend)]
    tall = rng.uniform(0.92, 1.15)
    parts = [body, foot, lid, knob, spout, tube(handle, 0.038, role="second")]
    return [part.scaled(1, 1, tall) for part in parts]


def goblet(rng: np.random.Generator) -> list[Part]:
    stem, width = rng.uniform(0.42, 0.55), rng.uniform(0.24, 0.3)
    foot = fillet(
        [
            (0, 0, 0),
            (0.26, 0, 0.015),
            (0.25, 0.025, 0.01),
            (0.05, 0.06, 0.05),
            (0.035, 0.1, 0.03),
            (0.035, stem, 0.05),
        ],
        0.02,
        4,
    )
    outside = spline(
        [(0.05, stem + 0.02), (width, stem + 0.16), (width * 1.03, stem + 0.32), (width * 0.86, stem + 0.56)],
        28,
    )
    inside = outside[::-1] + np.array([-0.022, 0.0])
    inside = inside[inside[:, 1] > stem + 0.05]
    return [lathe(np.vstack([foot, outside, inside, [(0, stem + 0.05)]]), sharp=50)]


def jug(rng: np.random.Generator) -> list[Part]:
    belly, neck, top = rng.uniform(0.3, 0.36), rng.uniform(0.16, 0.2), rng.uniform(0.92, 1.06)
    low = rng.uniform(0.26, 0.38)
    outside = spline(
        [(0.19, 0), (0.22, 0.02), (belly, low), (neck, top - 0.24), (neck, top - 0.14), (neck + 0.06, top)],
        36,
    )
    inside = outside[::-1] + np.array([-0.03, 0])
    inside = inside[inside[:, 1] > 0.05]
    rim = [outside[-1] + [-0.015, 0.012]]

    def lip(v: Floats) -> Floats:  # the rim is drawn out and up into a beak for pouring
        up = np.clip((v[:, 2] - top + 0.24) / 0.24, 0, 1.1) ** 1.6
        beak = np.clip(v[:, 0] / np.maximum(np.hypot(v[:, 0], v[:, 1]), 1e-9), 0, 1) ** 6 * up
        v[:, 0] += 0.15 * beak
        v[:, 1] *= 1 - 0.12 * beak
        v[:, 2] += 0.05 * beak
        return v

    body = lathe(np.vstack([[(0, 0)], outside, rim, inside, [(0, 0.05)]]), sharp=50).warped(lip)
    reach = belly + rng.uniform(0.14, 0.19)
    bow = [(-neck + 0.02, 0, top - 0.07), (-reach + 0.04, 0, top - 0.07), (-reach, 0, top * 0.6)]
    handle = tube(spline([*bow, (-belly + 0.03, 0, low + 0.04)], 22), 0.045, 16, "second")
    return [body, handle]


def cooking_pot(rng: np.random.Generator) -> list[Part]:
    radius, height = rng.uniform(0.42, 0.5), rng.uniform(0.4, 0.56)
    wall = [(0, 0, 0), (radius - 0.02, 0, 0.06), (radius, height, 0), (radius + 0.025, height, 0.01)]
    body = lathe(
        fillet([*wall, (radius + 0.025, height + 0.035, 0.01), (radius - 0.02, height + 0.035)], 0.02)
    )
    dome = rng.uniform(0.08, 0.15)
    lid = lathe(
        spline(
            [
                (radius - 0.01, height + 0.03),
                (radius - 0.01, height + 0.05),
                (radius * 0.8, height + 0.05 + dome * 0.5),
                (radius * 0.4, height + 0.05 + dome * 0.9),
                (0, height + 0.05 + dome),
            ],
            18,
        ),
        role="second",
        sharp=60,
    )
    top = height + 0.03 + dome
    knob = [
        cylinder(0.03, 0.09, 0.004, segments=20),
        ellipsoid(0.085, 0.085, 0.05, segments=28).moved(z=0.11),
    ]
    a = np.linspace(-1.45, 1.45, 18)
    loop = np.c_[radius - 0.06 + 0.2 * np.cos(a), 0.17 * np.sin(a), np.full(18, height * 0.74)]
    handles = [tube(loop * [side, 1, 1], 0.036, 14) for side in (-1, 1)]
    return [body, lid, *(part.moved(z=top) for part in knob), *handles]
