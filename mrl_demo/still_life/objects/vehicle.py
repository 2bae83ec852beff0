"""Vehicles: car, rocket, sailboat, hot-air balloon.

Shapes only; objects/__init__.py has the conventions.
"""

from math import pi

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


def car(rng: np.random.Generator) -> list[Part]:
    roof = rng.uniform(0.62, 0.7)
    side = [(-0.62, 0.14, 0.05), (0.62, 0.14, 0.06), (0.64, 0.36, 0.09), (0.38, 0.42, 0.12)]
    side += [(0.22, roof, 0.12), (-0.3, roof, 0.14), (-0.46, 0.42, 0.12), (-0.63, 0.38, 0.08)]
    body = extrude(fillet(side, 0.06, 6, closed=True), 0.52, 0.06, steps=5).turned("x", 90).moved(y=0.26)
    pane = fillet(
        [(-0.37, 0.43, 0.02), (0.29, 0.43, 0.02), (0.18, roof - 0.05, 0.06), (-0.27, roof - 0.05, 0.06)],
        0.03,
        5,
        True,
    )
    glass = [
        extrude(pane, 0.536, 0.01, "window").turned("x", 90).moved(y=0.268),
        box(0.02, 0.4, 0.16, 0.006, "window").turned("y", -34).moved(0.335, 0, 0.455),
        box(0.02, 0.4, 0.16, 0.006, "window").turned("y", 36).moved(-0.43, 0, 0.455),
    ]
    pillar = box(0.035, 0.545, roof - 0.46, 0.005).moved(-0.05, 0, 0.42)
    wheels = []
    for x in (-0.37, 0.38):
        for y in (-0.23, 0.23):
            wheels.append(
                cylinder(0.15, 0.12, 0.04, "rubber").moved(z=-0.06).turned("x", 90).moved(x, y, 0.15)
            )
            wheels.append(
                cylinder(0.085, 0.13, 0.02, "chrome").moved(z=-0.065).turned("x", 90).moved(x, y * 1.01, 0.15)
            )
    lights = [ellipsoid(0.03, 0.055, 0.055, "cream").moved(0.635, y, 0.3) for y in (-0.17, 0.17)]
    lights += [ellipsoid(0.02, 0.05, 0.03, "cherry").moved(-0.63, y, 0.31) for y in (-0.18, 0.18)]
    bumpers = [box(0.06, 0.5, 0.07, 0.03, "chrome").moved(x, 0, 0.14) for x in (-0.63, 0.64)]
    return [body, *glass, pillar, *wheels, *lights, *bumpers]


def rocket(rng: np.random.Generator) -> list[Part]:
    belly = rng.uniform(0.2, 0.25)
    body = lathe(
        spline(
            [
                (0, 0.14),
                (0.13, 0.14),
                (0.19, 0.2),
                (belly, 0.45),
                (belly - 0.03, 0.75),
                (0.12, 0.98),
                (0.04, 1.12),
                (0, 1.14),
            ],
            46,
        ),
        sharp=60,
    )
    nozzle = lathe(
        fillet([(0, 0.16), (0.1, 0.16), (0.14, 0.05), (0.11, 0.05), (0, 0.12)], 0.01, 3), role="dark"
    )
    fin = np.vstack(
        [
            spline([(0.15, 0.42), (0.3, 0.3), (0.4, 0.1), (0.4, 0)], 14),
            spline([(0.36, 0.02), (0.28, 0.12), (0.15, 0.18)], 10),
        ]
    )
    fins = [
        extrude(fin, 0.05, 0.016, "second").moved(z=-0.025).turned("x", 90).turned("z", 120 * k + 35)
        for k in range(3)
    ]
    porthole = torus(0.085, 0.022, "second").turned("x", 90).moved(y=-belly + 0.03, z=0.62)
    pane = ellipsoid(0.085, 0.03, 0.085, "window").moved(y=-belly + 0.03, z=0.62)
    return [body, nozzle, porthole, pane, *fins]


def sailboat(rng: np.random.Generator) -> list[Part]:
    length, mast = rng.uniform(0.46, 0.54), rng.uniform(1.0, 1.12)
    t = np.linspace(-1, 1, 33)[:, None]
    a = np.linspace(-pi / 2, pi / 2, 15)[None]
    beam = 0.19 * np.clip(1 - np.maximum(t, 0) ** 2.2 - 0.35 * np.maximum(-t, 0) ** 3, 0.0, 1)
    keel = 0.2 - 0.08 * np.maximum(t, 0) ** 2 - 0.04 * np.maximum(-t, 0) ** 2
    x = length * t + 0 * a
    deck = 0.24 + 0.05 * t**2
    z = deck - keel * np.cos(a) ** 0.8
    hull = grid(np.stack([x, beam * np.sin(a), z], -1), role="second", sharp=70)
    floor = grid(
        np.stack([x, beam * np.linspace(-1, 1, 15)[None], deck - 0.03 + 0 * a], -1),
        role="pale wood",
        flip=True,
    )
    rims = [
        tube(np.c_[(length * t)[:, 0], s * beam[:, 0], deck[:, 0]], 0.018, 10, "pale wood") for s in (-1, 1)
    ]
    transom = tube(
        [(-length, -beam[0, 0], deck[0, 0]), (-length, beam[0, 0], deck[0, 0])], 0.018, 10, "pale wood"
    )
    stern_a = np.linspace(-pi / 2, pi / 2, 15)
    edge = np.c_[
        np.full(15, -length), beam[0, 0] * np.sin(stern_a), deck[0, 0] - keel[0, 0] * np.cos(stern_a) ** 0.8
    ]
    lid = np.c_[np.full(15, -length), beam[0, 0] * np.sin(stern_a), np.full(15, deck[0, 0])]
    stern = grid(np.stack([edge, lid]), role="second")
    pole = cylinder(0.02, mast - 0.18, 0.005, "dark wood", 16, top=0.013).moved(0.08, 0, 0.18)
    boom = tube([(0.08, 0, 0.36), (-0.4, 0, 0.36)], 0.014, 10, "dark wood")

    def sail(corners: list[tuple[float, float]], role: str) -> Part:
        """A triangle (mast foot, mast top, outer corner) that bellies out a little."""
        foot, head, clew = (np.array(c) for c in corners)
        u, v = np.meshgrid(np.linspace(0, 1, 18), np.linspace(0, 1, 18))
        flat = foot + (head - foot) * v[..., None] + (clew - foot) * (u * (1 - v))[..., None]
        belly = -0.09 * np.sin(pi * u) * np.sin(pi * (0.15 + 0.85 * v)) * (1 - v * 0.6)
        return grid(np.stack([flat[..., 0], belly, flat[..., 1]], -1), role=role, sharp=80)

    main = sail([(0.06, 0.39), (0.06, mast - 0.04), (-0.4, 0.39)], "main")
    jib = sail([(0.11, 0.36), (0.1, mast - 0.16), (0.44, 0.34)], "main")
    pennant = box(0.1, 0.01, 0.05, 0.003, "second").moved(0.02, 0, mast - 0.03)
    return [hull, floor, *rims, transom, stern, pole, boom, main, jib, pennant]


def hot_air_balloon(rng: np.random.Generator) -> list[Part]:
    wide = rng.uniform(0.38, 0.43)
    outline = [
        (0.09, 0.36),
        (0.2, 0.47),
        (wide * 0.92, 0.68),
        (wide, 0.86),
        (wide * 0.86, 1.04),
        (wide * 0.45, 1.17),
        (0, 1.2),
    ]
    envelope = lathe(
        spline(outline, 40),
        96,
        sharp=80,
        ripple=lambda angle, z: 1 + 0.02 * np.abs(np.cos(6 * angle)) * np.clip(z * 3 - 1, 0, 1),
    )
    mouth = torus(0.09, 0.014, "second").moved(z=0.36)
    skirt = lathe([(0.075, 0.33), (0.09, 0.37)], role="second")
    crown = lathe(spline([(wide * 0.45, 1.175), (wide * 0.2, 1.208), (0, 1.212)], 12), 64, "second", sharp=80)
    basket = lathe(
        fillet(
            [(0, 0), (0.1, 0, 0.02), (0.125, 0.17, 0.01), (0.105, 0.17, 0.01), (0.09, 0.03, 0.01), (0, 0.03)],
            0.01,
            3,
        ),
        40,
        "wicker",
    )
    rim = torus(0.115, 0.016, "dark wood").moved(z=0.17)
    ropes = [
        tube([(0.11, 0, 0.17), (0.085, 0, 0.36)], 0.006, 8, "dark").turned("z", 45 + 90 * k) for k in range(4)
    ]
    return [envelope, mouth, skirt, crown, basket, rim, *ropes]
