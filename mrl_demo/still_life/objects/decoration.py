"""Decorations: vase, gift box, trophy, snowman, bell, hourglass.

Shapes only; objects/__init__.py has the conventions.
"""

from math import pi

import numpy as np

from mrl_demo.still_life.modelling import (
    Floats,
    Part,
    box,
    cylinder,
    ellipsoid,
    fillet,
    lathe,
    spline,
    torus,
    tube,
)

VASES = (
    [(0.17, 0), (0.2, 0.02), (0.34, 0.3), (0.36, 0.48), (0.2, 0.78), (0.13, 0.92), (0.19, 1.05)],
    [(0.2, 0), (0.22, 0.03), (0.26, 0.4), (0.2, 0.62), (0.1, 0.78), (0.09, 0.98), (0.15, 1.1)],
    [(0.14, 0), (0.17, 0.03), (0.3, 0.18), (0.36, 0.36), (0.3, 0.54), (0.12, 0.66), (0.1, 0.74), (0.2, 0.88)],
)


def vase(rng: np.random.Generator) -> list[Part]:
    outside = spline(VASES[rng.integers(3)], 44)
    inside = outside[::-1].copy()
    inside[:, 0] = np.maximum(inside[:, 0] - 0.03, 0.01)
    inside = inside[inside[:, 1] > 0.04]
    lip = outside[-1] + [-0.015, 0.012]
    return [lathe(np.vstack([[(0, 0)], outside, [lip], inside, [(0, 0.04)]]), sharp=50)]


def gift_box(rng: np.random.Generator) -> list[Part]:
    tall, w = rng.uniform(0.42, 0.64), 0.13
    body, lid = box(0.76, 0.76, tall, 0.02), box(0.84, 0.84, 0.16, 0.02).moved(z=tall - 0.04)
    ribbon = [
        box(0.86, w, 0.17, 0.01, "second").moved(z=tall - 0.044),
        box(w, 0.86, 0.17, 0.01, "second").moved(z=tall - 0.044),
        box(0.78, w, tall - 0.02, 0.01, "second"),
        box(w, 0.78, tall - 0.02, 0.01, "second"),
    ]
    a = np.linspace(0, pi, 24)
    loop = np.c_[0.02 + 0.27 * np.sin(a) ** 0.8, 0.208 * np.cos(a) * np.sin(a), 0.02 + 0.16 * np.sin(a) ** 2]
    bow = [
        tube(loop, 0.055, 12, "second", flat=0.25).turned("z", 45 + 90 * k).moved(z=tall + 0.12)
        for k in range(4)
    ]
    knot = ellipsoid(0.075, 0.075, 0.06, "second").moved(z=tall + 0.16)
    return [body, lid, *ribbon, *bow, knot]


def trophy(rng: np.random.Generator) -> list[Part]:
    wide, low = rng.uniform(0.27, 0.32), 0.5
    plinth = [
        box(0.42, 0.42, 0.12, 0.015, "dark wood"),
        box(0.34, 0.34, 0.07, 0.012, "dark wood").moved(z=0.12),
    ]
    foot = fillet(
        [
            (0, 0.18),
            (0.15, 0.18, 0.01),
            (0.13, 0.22, 0.03),
            (0.045, 0.3, 0.04),
            (0.06, 0.38, 0.02),
            (0.04, 0.44, 0.02),
        ],
        0.02,
        4,
    )
    cup = spline([(0.06, low), (wide * 0.75, low + 0.12), (wide * 0.95, low + 0.34), (wide, low + 0.56)], 24)
    inside = cup[::-1] + np.array([-0.025, 0.01])
    inside[:, 0] = np.maximum(inside[:, 0], 0.01)
    body = lathe(np.vstack([foot, cup, inside, [(0, low + 0.03)]]), sharp=50)
    a = np.linspace(-1.9, 1.7, 28)
    handles = []
    for side in (-1, 1):
        path = np.c_[side * (wide - 0.05 + 0.19 * np.cos(a)), np.zeros(28), low + 0.34 + 0.17 * np.sin(a)]
        handles.append(tube(path, 0.026, 14))
    plate = box(0.24, 0.02, 0.07, 0.005, "brass").moved(0, -0.212, 0.025)
    return [*plinth, body, *handles, plate]


def snowman(rng: np.random.Generator) -> list[Part]:
    """A figure of two balls in the main colour, with scarf and hat in the second."""
    big = rng.uniform(0.3, 0.36)
    body = ellipsoid(big, big, big * 0.92).moved(z=big * 0.88)
    neck = big * 1.66
    head = ellipsoid(0.21).moved(z=neck + 0.15)
    scarf = torus(0.17, 0.05, "second").scaled(1, 1, 0.8).moved(z=neck)
    end = box(0.09, 0.035, 0.24, 0.015, "second").turned("x", -14).moved(0.1, -0.22, neck - 0.24)
    hat_z = neck + 0.3
    hat = [
        cylinder(0.24, 0.025, 0.008, "second").moved(z=hat_z),
        cylinder(0.16, 0.2, 0.012, "second", top=0.15).moved(z=hat_z + 0.01),
    ]
    nose = (
        lathe([(0, 0), (0.04, 0), (0.03, 0.08), (0, 0.19)], 20, "carrot", 60)
        .turned("x", 90)
        .moved(0, -0.195, neck + 0.15)
    )
    eyes = [ellipsoid(0.026, role="dark").moved(x, -0.185, neck + 0.23) for x in (-0.07, 0.07)]
    buttons = [
        ellipsoid(0.03, role="dark").moved(0, -big * k, z) for k, z in ((0.99, big * 0.95), (0.9, big * 1.3))
    ]
    arms = [
        tube(
            spline(
                [
                    (s * big * 0.85, 0, big * 1.1),
                    (s * 0.42, -0.02, big * 1.35),
                    (s * 0.52, -0.03, big * 1.75),
                ],
                10,
            ),
            0.02,
            8,
            "stem",
        )
        for s in (-1, 1)
    ]
    return [body, head, scarf, end, *hat, nose, *eyes, *buttons, *arms]


def bell(rng: np.random.Generator) -> list[Part]:
    wide, tall = rng.uniform(0.38, 0.44), rng.uniform(0.5, 0.6)
    outside = spline(
        [
            (wide, 0.08),
            (wide * 0.82, 0.16),
            (wide * 0.62, 0.36),
            (wide * 0.52, tall),
            (wide * 0.3, tall + 0.12),
            (0, tall + 0.15),
        ],
        34,
    )
    inside = outside[::-1] * [0.93, 0.95]
    body = lathe(np.vstack([[(wide * 0.93, 0.076)], outside, inside[:-2]])[:-8], sharp=60)
    band = torus(wide * 0.81, 0.014, "second").moved(z=0.185)
    clapper = ellipsoid(0.075, role="dark").moved(z=0.075)
    grip = lathe(
        fillet(
            [(0, 0), (0.07, 0, 0.02), (0.045, 0.05, 0.03), (0.07, 0.24, 0.06), (0.05, 0.33, 0.03), (0, 0.34)],
            0.02,
            4,
        ),
        40,
        "second",
    ).moved(z=tall + 0.12)
    return [body, band, clapper, grip]


def hourglass(rng: np.random.Generator) -> list[Part]:
    """Two bulbs between plates and turned pillars; the sand lies flush with the glass, so that it shows."""
    wide, tall, run = rng.uniform(0.25, 0.3), rng.uniform(0.9, 1.04), rng.uniform(0.3, 0.6)
    plate, middle = 0.09, tall / 2
    half = middle - plate
    curve = spline(
        [(0.028, 0), (0.05, 0.05), (wide * 0.8, half * 0.5), (wide, half * 0.78), (wide, half)], 24
    )
    upper = curve + np.array([0, middle])
    lower = (curve * [1, -1] + np.array([0, middle]))[::-1]

    def filled(outline: Floats, top: float) -> Part:
        """The sand below `top` in one bulb, its surface a cone or a funnel."""
        below = outline[outline[:, 1] <= top]
        crown = [(0, below[-1, 1] + (0.16 if top < middle else -0.1))]
        return lathe(np.vstack([[(0, below[0, 1])], below * [1.006, 1], crown]), 40, "pale wood")

    sand = [filled(lower, plate + half * (0.95 - run)), filled(upper, middle + half * (0.2 + 0.75 * run))]
    stream = cylinder(0.014, half, 0.001, "pale wood", 10).moved(z=plate)
    glass = lathe(np.vstack([lower, upper]), 40, "pane", 80)
    ends = [cylinder(wide + 0.13, plate, 0.03).moved(z=z) for z in (0, tall - plate)]
    post = spline(
        [(0.03, plate), (0.045, tall * 0.25), (0.028, middle), (0.045, tall * 0.75), (0.03, tall - plate)], 20
    )
    posts = [lathe(post, 20, sharp=80).moved(x=wide + 0.07).turned("z", 30 + 120 * k) for k in range(3)]
    return [*ends, *posts, *sand, stream, glass]
