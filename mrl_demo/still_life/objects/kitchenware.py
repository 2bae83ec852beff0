"""Kitchenware: mug, bowl, bottle, teapot, goblet.

Shapes only; objects/__init__.py has the conventions.
"""

import numpy as np

from mrl_demo.still_life.modelling import Part, cylinder, ellipsoid, fillet, lathe, spline, torus, tube


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
