"""Vehicles: car, rocket, sailboat, hot-air balloon, train engine, airplane.

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


def train_engine(rng: np.random.Generator) -> list[Part]:
    girth, chimney, nose = rng.uniform(0.19, 0.22), rng.uniform(0.2, 0.3), rng.uniform(0.5, 0.58)
    axis = 0.2 + girth
    boiler = cylinder(girth, nose + 0.2, 0.02).turned("y", 90).moved(-0.2, 0, axis)
    front = cylinder(girth + 0.012, 0.06, 0.015, "second").turned("y", 90).moved(nose - 0.01, 0, axis)
    rings = [torus(girth + 0.002, 0.014, "brass", 40).turned("y", 90).moved(x, 0, axis) for x in (0.08, 0.3)]
    stack = lathe(
        fillet(
            [(0, 0), (0.07, 0), (0.065, chimney - 0.08), (0.12, chimney), (0.09, chimney), (0, 0.1)], 0.01, 3
        ),
        40,
        "second",
    ).moved(nose - 0.12, 0, axis + girth - 0.03)
    dome = lathe(fillet([(0.08, 0), (0.08, 0.08, 0.06), (0, 0.13, 0.02)], 0.02), 32, "brass")
    roof_z = axis + girth + rng.uniform(0.14, 0.2)
    cab = [
        box(0.36, 0.5, roof_z - 0.2, 0.015).moved(-0.36, 0, 0.2),
        box(0.46, 0.6, 0.055, 0.025, "second").moved(-0.36, 0, roof_z),
        box(0.2, 0.515, 0.2, 0.02, "window").moved(-0.36, 0, roof_z - 0.25),
        *(box(0.02, 0.13, 0.16, 0.01, "window").moved(-0.175, y, roof_z - 0.2) for y in (-0.15, 0.15)),
    ]
    frame = [
        box(1.12, 0.42, 0.09, 0.02, "dark").moved(0, 0, 0.14),
        box(0.06, 0.5, 0.12, 0.015, "second").moved(nose + 0.05, 0, 0.12),
    ]
    catcher = extrude([(0, 0), (0.16, 0), (0, 0.14)], 0.44, 0.008, "dark").turned("x", 90)
    lamp = cylinder(0.05, 0.06, 0.015, "cream", 24).turned("y", 90).moved(nose + 0.03, 0, axis + 0.02)
    wheels = []
    for x, r in ((-0.36, 0.19), (0.06, 0.14), (0.38, 0.14)):
        for side in (-1, 1):
            tyre = cylinder(r, 0.06, 0.015, "second", 36).moved(z=-0.03)
            disc = cylinder(r * 0.72, 0.07, 0.01, "dark", 36).moved(z=-0.035)
            cap = cylinder(r * 0.3, 0.08, 0.01, "brass", 20).moved(z=-0.04)
            wheels += [part.turned("x", 90).moved(x, side * 0.25, r) for part in (tyre, disc, cap)]
    rods = [box(0.76, 0.02, 0.035, 0.008, "chrome").moved(0, side * 0.295, 0.11) for side in (-1, 1)]
    return [
        boiler,
        front,
        *rings,
        stack,
        dome.moved(0.14, 0, axis + girth - 0.02),
        *cab,
        *frame,
        catcher.moved(nose + 0.07, 0.22, 0.02),
        lamp,
        *wheels,
        *rods,
    ]


def airplane(rng: np.random.Generator) -> list[Part]:
    girth, span, high = rng.uniform(0.16, 0.19), rng.uniform(0.54, 0.64), 0.36
    outline = [(0, -0.62), (0.04, -0.6), (0.1, -0.34), (girth, 0.0), (girth, 0.26), (girth * 0.75, 0.42)]
    body = lathe(spline([*outline, (0, 0.5)], 34), 40, sharp=60).turned("y", 90).moved(z=high)
    canopy = ellipsoid(0.17, 0.1, 0.12, "window", 32).moved(0.08, 0, high + girth * 0.72)

    def plane(reach: float, chord: float, role: str) -> Part:
        """A pair of wings, rounded at the tips, `chord` deep."""
        t = np.linspace(-1, 1, 25)
        edge = chord * (1 - 0.35 * np.abs(t)) * (1 - np.abs(t) ** 8 * 0.8) / 2
        return extrude(np.r_[np.c_[edge, reach * t], np.c_[-edge, reach * t][::-1]], 0.045, 0.018, role)

    wings = plane(span, 0.4, "second").moved(0.12, 0, high - 0.04)
    tail = plane(0.27, 0.24, "second").moved(-0.5, 0, high + 0.02)
    fin = [(-0.1, 0), (0.16, 0, 0.02), (0.0, 0.25, 0.05), (-0.12, 0.27, 0.05)]
    rudder = extrude(fillet(fin, 0.02, 4, True), 0.045, 0.015, "second").turned("x", 90)
    spinner = lathe(spline([(0.075, 0), (0.06, 0.07), (0, 0.12)], 10), 32, "chrome", 70)
    a = rng.uniform(0, 180)
    blades = [
        ellipsoid(0.02, 0.045, 0.17, "dark", 20).moved(z=0.17).turned("x", a + 120 * k) for k in range(3)
    ]
    gear = []
    for x, y, r in ((0.2, -0.22, 0.09), (0.2, 0.22, 0.09), (-0.5, 0, 0.05)):
        gear.append(cylinder(r, 0.07, 0.025, "rubber", 28).moved(z=-0.035).turned("x", 90).moved(x, y, r))
        gear.append(tube([(x, y * 1.02, r), (x, y * 0.8, high - 0.04)], 0.02, 8, "chrome"))
    parts = [
        body,
        canopy,
        wings,
        tail,
        rudder.moved(-0.5, 0.022, high + 0.02),
        spinner.turned("y", 90).moved(0.45, 0, high),
        *(blade.moved(0.5, 0, high) for blade in blades),
        *gear,
    ]
    return [part.turned("z", -17) for part in parts]  # towards the viewer, so that both wings show
