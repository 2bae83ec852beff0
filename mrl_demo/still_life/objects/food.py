"""Food: apple, pear, cupcake, donut, ice-cream cone, layer cake, lollipop, watermelon slice.

Shapes only; objects/__init__.py has the conventions.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import cos, pi, sin, tau

import numpy as np

from mrl_demo.still_life.modelling import (
    Floats,
    Part,
    cylinder,
    ellipsoid,
    fillet,
    grid,
    lathe,
    spline,
    torus,
    tube,
)

SPRINKLES = ("sprinkle white", "sprinkle yellow", "sprinkle blue")


def _leaf(turn: float, height: float) -> Part:
    u, v = np.meshgrid(np.linspace(0, 1, 16), np.linspace(-1, 1, 9))
    width = 0.1 * np.sin(pi * u**0.8)
    lift = 0.12 * np.sin(2.2 * u) + 0.06 * np.abs(v) * np.sin(pi * u)
    return grid(np.stack([0.03 + 0.34 * u, width * v, height + lift], -1), role="leaf").turned("z", turn)


def apple(rng: np.random.Generator) -> list[Part]:
    a = np.linspace(0, pi, 40)
    radius = 0.42 * np.sin(a) ** 0.92 * (1 + rng.uniform(0.06, 0.13) * np.cos(a))
    height = -0.36 * np.cos(a)
    height = height - 0.12 * np.exp(-((radius / 0.13) ** 2)) * np.where(a > pi / 2, 1, -0.8)
    radius[0] = radius[-1] = 0
    body = lathe(
        np.c_[radius, height],
        sharp=80,
        ripple=lambda angle, z: 1 + 0.025 * np.cos(5 * angle) * np.clip(-z * 2 + 0.3, 0, 1),
    )
    stem = tube(
        spline([(0, 0, 0.58), (0.01, 0, 0.7), (0.05, 0, 0.82)], 14),
        np.linspace(0.018, 0.026, 14),
        role="stem",
    )
    return [body.moved(z=0.38), stem, _leaf(rng.uniform(0, 360), 0.72)]


def pear(rng: np.random.Generator) -> list[Part]:
    waist = rng.uniform(0.19, 0.24)
    outline = [
        (0, 0.04),
        (0.16, 0.0),
        (0.34, 0.12),
        (0.38, 0.3),
        (0.29, 0.52),
        (waist, 0.68),
        (0.15, 0.84),
        (0.07, 0.91),
        (0, 0.88),
    ]
    lean = rng.uniform(-0.06, 0.06)
    body = lathe(spline(outline, 44), sharp=80).warped(
        lambda v: v + np.c_[lean * v[:, 2] ** 2, 0 * v[:, 2], 0 * v[:, 2]]
    )
    stem = tube(
        spline([(lean * 0.75, 0, 0.86), (lean, 0, 0.97), (lean + 0.06, 0, 1.06)], 14),
        np.linspace(0.018, 0.025, 14),
        role="stem",
    )
    return [body, stem, _leaf(rng.uniform(0, 360), 0.93).scaled(0.75, 0.75, 1)]


def _sprinkle(role: str) -> Part:
    """A grain of sugar, upright, its middle in the origin."""
    return lathe([(0, -0.037), (0.014, -0.025), (0.014, 0.025), (0, 0.037)], 7, role, 80)


def cupcake(rng: np.random.Generator) -> list[Part]:
    cup = lathe(
        fillet([(0, 0), (0.27, 0, 0.02), (0.38, 0.36, 0.01), (0.35, 0.36), (0, 0.33)], 0.01, 3),
        segments=112,
        role="second",
        sharp=80,
        ripple=lambda angle, z: 1 + 0.03 * np.cos(28 * angle) * np.clip(z * 3, 0, 1),
    )
    t = np.linspace(0, 1, 112)
    turn, out = t * tau * 3.6, 0.27 * (1 - t) ** 0.8
    thick = (0.135 * (1 - t) ** 0.6 + 0.02) * np.minimum(0.3 + 8 * t, 1)  # it starts thin, inside the wrapper
    frosting = tube(np.c_[out * np.cos(turn), out * np.sin(turn), 0.37 + 0.46 * t], thick, 16)
    core = lathe(spline([(0, 0.3), (0.34, 0.34), (0.2, 0.6), (0, 0.8)], 10))
    cherry = ellipsoid(0.085, role="cherry").moved(z=0.9)
    stem = tube(spline([(0, 0, 0.95), (0.02, 0, 1.05), (0.08, 0, 1.13)], 10), 0.011, role="stem", segments=8)
    parts = [cup, core, frosting, cherry, stem]
    for k in range(36):
        up, around = rng.uniform(0.05, 0.85), rng.uniform(0, tau)
        out_k = 0.27 * (1 - up) ** 0.8 + 0.115 * (1 - up) ** 0.6
        grain = _sprinkle(SPRINKLES[k % 3]).turned("x", rng.uniform(60, 120)).turned("z", rng.uniform(0, 360))
        parts.append(grain.moved(out_k * cos(around), out_k * sin(around), 0.42 + 0.46 * up))
    return parts


def donut(rng: np.random.Generator) -> list[Part]:
    dough = torus(0.32, 0.19, "dough", 56).scaled(1, 1, 0.85).moved(z=0.165)
    a = np.linspace(-0.35, pi + 0.35, 20)
    phase = rng.uniform(0, tau)

    def drip(v: np.ndarray) -> np.ndarray:  # the icing's lower edge runs down unevenly
        angle = np.arctan2(v[:, 1], v[:, 0])
        low = np.clip((0.05 - v[:, 2]) / 0.12, 0, 1)
        v[:, 2] += (
            low * (0.05 * np.sin(5 * angle + phase) + 0.03 * np.sin(9 * angle + 2 * phase) + 0.02) + 0.17
        )
        return v

    icing = lathe(np.c_[0.32 + 0.2 * np.cos(a), 0.17 * np.sin(a)], 90, sharp=80).warped(drip)
    parts = [dough, icing]
    for k in range(46):
        around, over = rng.uniform(0, tau), rng.uniform(0.35, pi - 0.35)
        out = 0.32 + 0.205 * cos(over)
        grain = _sprinkle(SPRINKLES[k % 3]).turned("y", 90).turned("z", rng.uniform(0, 360))
        parts.append(grain.moved(out * cos(around), out * sin(around), 0.169 + 0.174 * sin(over)))
    # leaning towards the viewer, so that the hole is seen
    return [part.turned("x", 22) for part in parts]


def ice_cream_cone(rng: np.random.Generator) -> list[Part]:
    mouth, tall, ball = rng.uniform(0.23, 0.27), rng.uniform(0.62, 0.76), rng.uniform(0.25, 0.28)

    def waffled(angle: Floats, z: Floats) -> Floats:
        return 1 + 0.05 * np.maximum(np.cos(7 * angle + 22 * z), np.cos(7 * angle - 22 * z)) ** 4

    rows = np.c_[np.linspace(0.05, mouth, 20), np.linspace(0, tall, 20)]
    cone = lathe(np.vstack([[(0, 0)], rows, [(mouth - 0.03, tall)]]), 70, "dough", 80, waffled)
    a = np.linspace(-pi / 2, pi / 2, 8)
    rim = lathe(np.c_[mouth + 0.025 * np.cos(a), tall + 0.025 * np.sin(a)], 40, "dough")
    parts, z = [cone, rim], tall + ball * 0.5
    size, scoops = ball, int(rng.integers(1, 3))
    for k in range(scoops):
        size, uneven = ball * (1 - 0.12 * k), _uneven(rng)
        parts.append(ellipsoid(size, size, size * 0.96, segments=36).moved(z=z))
        skirt = lathe(np.c_[size * 0.93 + 0.055 * np.cos(1.6 * a), 0.055 * np.sin(1.6 * a)], 64)
        lift = 0.02 * uneven(skirt.vertices) * [[0, 0, 1]]
        parts.append(replace(skirt, vertices=skirt.vertices + lift).moved(z=z - size * 0.36))
        z += size * 1.22 * (k < scoops - 1)
    uneven = _uneven(rng)

    def drip(v: Floats) -> Floats:  # a cap on the topmost ball, its lower edge running down unevenly
        angle = np.arctan2(v[:, 1], v[:, 0])
        polar = np.hypot(v[:, 0], v[:, 1]) * (1 + 0.2 * uneven(v)[:, 0])
        reach = size * (1.07 - 0.05 * (polar / 1.2) ** 4)
        flat, up = reach * np.sin(polar), reach * np.cos(polar)
        return np.stack([flat * np.cos(angle), flat * np.sin(angle), up], 1)

    sauce = lathe(np.c_[np.linspace(1.2, 0, 14), np.zeros(14)], 72, "second", 80).warped(drip)
    return [*parts, sauce.moved(z=z)]


def _uneven(rng: np.random.Generator) -> Callable[[Floats], Floats]:
    """How far an edge around the z axis runs up or down: points (n, 3) -> (n, 1), from -1.5 to 1.5."""
    phase = rng.uniform(0, tau)

    def run(v: Floats) -> Floats:
        angle = np.arctan2(v[:, 1:2], v[:, :1])
        return np.asarray(np.sin(5 * angle + phase) + 0.5 * np.sin(9 * angle + 2 * phase))

    return run


def _sector(profile: Sequence[Sequence[float]], around: Floats, role: str, bevel: float = 0.01) -> Part:
    """A convex loop of (radius, height), anticlockwise, swept through the angles `around`, ends closed."""
    loop = fillet(profile, bevel, 2, closed=True)
    rows = np.vstack([loop, loop[:1]])
    radius, height = rows[:, :1], rows[:, 1:] + 0 * around
    side = grid(np.stack([radius * np.cos(around), radius * np.sin(around), height], -1))
    points = side.vertices.reshape(len(rows), len(around), 3)
    fan = np.array([(0, k, k + 1) for k in range(1, len(loop) - 1)])
    start = len(side.vertices)
    faces = np.vstack([side.faces, fan + start, fan[:, ::-1] + start + len(rows)])
    return Part(np.vstack([side.vertices, points[:, 0], points[:, -1]]), faces, None, role)


def layer_cake(rng: np.random.Generator) -> list[Part]:
    """A round cake from which a piece is cut, so that its layers show."""
    radius, layers = rng.uniform(0.46, 0.52), int(rng.integers(2, 4))
    cut, missing = np.radians(rng.uniform(-82, -68)), np.radians(rng.uniform(52, 66))
    around = np.linspace(cut + missing / 2, cut - missing / 2 + tau, 56)

    def ring(inner: float, outer: float, low: float, high: float, role: str = "main") -> Part:
        return _sector([(inner, low), (outer, low), (outer, high), (inner, high)], around, role)

    plate = [cylinder(0.14, 0.06, 0.01, "cream"), cylinder(radius + 0.12, 0.04, 0.015, "cream").moved(z=0.05)]
    sponge, cream, z = rng.uniform(0.36, 0.42) / layers, 0.045, 0.09
    parts = list(plate)
    for k in range(layers):
        parts.append(ring(0, radius - 0.03, z, z + sponge, "dough"))
        z += sponge
        if k < layers - 1:
            parts.append(ring(0, radius - 0.028, z, z + cream, "second"))
            z += cream
    parts += [ring(radius - 0.035, radius, 0.09, z + 0.02), ring(0, radius + 0.004, z, z + 0.05)]
    top = z + 0.045
    dollop = lathe(spline([(0.075, 0), (0.08, 0.04), (0.03, 0.09), (0, 0.11)], 8), 18, "second", 80)
    for angle in np.linspace(around[0] + 0.18, around[-1] - 0.18, 9):
        at = (0.8 * radius * cos(angle), 0.8 * radius * sin(angle))
        parts += [dollop.moved(*at, top), ellipsoid(0.045, role="cherry", segments=14).moved(*at, top + 0.11)]
    return parts


def lollipop(rng: np.random.Generator) -> list[Part]:
    radius, tall, thick = rng.uniform(0.32, 0.38), rng.uniform(0.56, 0.7), rng.uniform(0.12, 0.16)
    disc = lathe(fillet([(0, 0), (radius, 0), (radius, thick), (0, thick)], thick * 0.42, 5), 64)
    t = np.linspace(0.06, 1, 90)
    turn = t * tau * rng.uniform(2.4, 3.2) * rng.choice([-1, 1]) + rng.uniform(0, tau)
    out = t * (radius - 0.045)
    width = 0.03 * np.clip(np.minimum(t * 4, (1.02 - t) * 9), 0.2, 1)
    swirls = []
    for z in (0.0, thick):
        path = np.c_[out * np.cos(turn), out * np.sin(turn), np.full(90, z)]
        swirls.append(tube(path, width, 10, "second", flat=0.35))
    head = [part.moved(z=-thick / 2).turned("x", 90).moved(z=tall + radius) for part in (disc, *swirls)]
    return [*head, cylinder(0.034, tall + 0.1, 0.008, "cream", 20)]


def watermelon_slice(rng: np.random.Generator) -> list[Part]:
    half, thick = np.radians(rng.uniform(58, 87)), rng.uniform(0.14, 0.2)
    around = np.linspace(-pi / 2 - half, -pi / 2 + half, 40)

    def band(inner: float, outer: float, role: str, grow: float = 0.0) -> Part:
        low, high = -thick / 2 - grow, thick / 2 + grow
        return _sector([(inner, low), (outer, low), (outer, high), (inner, high)], around, role)

    parts = [band(0, 0.62, "main"), band(0.61, 0.66, "cream", 0.001), band(0.65, 0.72, "leaf", 0.002)]
    for reach, count in ((0.27, 2), (0.46, 4)):
        for angle in np.linspace(-half * 0.72, half * 0.72, count) + rng.uniform(-0.05, 0.05, count):
            for side in (-1, 1):
                seed = (
                    ellipsoid(0.021, 0.038, 0.012, "dark", 14).moved(y=-reach).turned("z", np.degrees(angle))
                )
                parts.append(seed.moved(z=side * thick / 2))
    return [part.turned("x", 90).turned("x", -9).moved(z=0.72) for part in parts]
