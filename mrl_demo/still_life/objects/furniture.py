"""Furniture: chair, stool, table, sofa, bookcase.

Shapes only; objects/__init__.py has the conventions.
"""

from dataclasses import replace

import numpy as np

from mrl_demo.still_life.modelling import (
    Part,
    box,
    cylinder,
    extrude,
    fillet,
    lathe,
    spline,
    torus,
    tube,
)


def _leg(height: float) -> Part:
    return lathe(fillet([(0, 0), (0.026, 0, 0.008), (0.042, height, 0), (0, height)], 0.01, 3), 24)


def chair(rng: np.random.Generator) -> list[Part]:
    tall = rng.uniform(1.02, 1.2)
    parts = [box(0.62, 0.6, 0.07, 0.03).moved(z=0.46)]
    parts += [_leg(0.47).moved(x, y) for x in (-0.25, 0.25) for y in (-0.24, 0.24)]
    parts += [
        tube(spline([(x, 0.25, 0.5), (x, 0.27, 0.8), (x * 1.02, 0.34, tall)], 12), 0.032)
        for x in (-0.26, 0.26)
    ]
    for y, z in ((0.262, 0.66), (0.285, 0.82), (0.315, 0.98)):
        parts.append(box(0.56, 0.035, 0.1, 0.015).turned("x", -8).moved(0, y, z))
    parts += [tube([(x, -0.24, 0.2), (x, 0.24, 0.2)], 0.018) for x in (-0.25, 0.25)]
    return [*parts, tube([(-0.25, 0, 0.2), (0.25, 0, 0.2)], 0.018)]


def stool(rng: np.random.Generator) -> list[Part]:
    height, spread = rng.uniform(0.62, 0.78), rng.uniform(0.26, 0.32)
    seat = lathe(fillet([(0, 0), (0.33, 0, 0.03), (0.34, 0.08, 0.03), (0, 0.075)], 0.02, 4)).moved(z=height)
    legs = []
    for k in range(3):
        foot, top = (spread + 0.06, 0.0, 0.02), (0.2, 0.0, height + 0.01)
        legs.append(tube(spline([foot, top], 8), np.linspace(0.034, 0.05, 8)).turned("z", 120 * k + 90))
    ring = torus(0.275 + (spread - 0.29) * 0.6, 0.02).moved(z=height * 0.36)
    return [seat, *legs, ring]


def _board(width: float, depth: float, height: float, role: str = "main") -> Part:
    """A `box` of few triangles, its edges cut flat: for boards and books, which come by the dozen."""
    corners = [
        (-width / 2, -depth / 2),
        (width / 2, -depth / 2),
        (width / 2, depth / 2),
        (-width / 2, depth / 2),
    ]
    return extrude(corners, height, 0.006, role, steps=1)


def table(rng: np.random.Generator) -> list[Part]:
    wide, deep, tall = rng.uniform(1.1, 1.4), rng.uniform(0.66, 0.8), rng.uniform(0.64, 0.78)
    top = box(wide, deep, 0.07, 0.025).moved(z=tall - 0.07)
    x, y = wide / 2 - 0.09, deep / 2 - 0.09
    belly = rng.uniform(0.048, 0.066)
    turned = [(0, 0), (0.034, 0.01), (0.04, 0.06), (belly, 0.24), (belly, 0.3), (0.04, tall - 0.22)]
    leg = lathe(spline([*turned, (0.05, tall - 0.19), (0.05, tall - 0.17)], 22), 20)
    block = _board(0.1, 0.1, 0.14).moved(z=tall - 0.19)
    corners = [(sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)]
    legs = [part.moved(*at) for part in (leg, block) for at in corners]
    apron = [_board(2 * x, 0.03, 0.11).moved(0, s * y, tall - 0.165) for s in (-1, 1)]
    apron += [_board(0.03, 2 * y, 0.11).moved(s * x, 0, tall - 0.165) for s in (-1, 1)]
    return [top, *legs, *apron]


def sofa(rng: np.random.Generator) -> list[Part]:
    wide, tall, deep = rng.uniform(1.2, 1.5), rng.uniform(0.62, 0.74), 0.62
    arm, seat = rng.uniform(0.15, 0.2), 0.3
    base = box(wide - 0.1, deep, 0.2, 0.03).moved(z=0.09)
    back = box(wide - 0.12, 0.2, tall - 0.12, 0.09).turned("x", -9).moved(0, deep / 2 - 0.06, 0.12)
    arms = []
    for side in (-1, 1):
        x = side * (wide - arm) / 2
        arms.append(box(arm, deep + 0.04, 0.36, 0.04).moved(x, -0.02, 0.09))
        roll = cylinder(arm * 0.66, deep + 0.06, 0.03, segments=28).turned("x", 90)
        arms.append(replace(roll.moved(x + side * 0.02, deep / 2 + 0.01, 0.45), uv=None))
    inner = wide - 2 * arm
    count = int(rng.integers(2, 4))
    step = inner / count
    cushions = []
    for k in range(count):
        x = (k - (count - 1) / 2) * step
        cushions.append(box(step - 0.01, deep - 0.1, 0.16, 0.055).moved(x, -0.06, seat - 0.02))
        rest = box(step - 0.01, 0.17, tall - 0.42, 0.07).turned("x", -14)
        cushions.append(rest.moved(x, deep / 2 - 0.19, seat + 0.11))
    pillow = box(0.3, 0.15, 0.3, 0.07, "second").turned("y", rng.uniform(4, 14))
    pillows = [
        pillow.turned("x", -24).turned("z", side * 12).moved(side * (inner / 2 - 0.17), -0.02, seat + 0.13)
        for side in (-1, 1)
    ]
    feet = [
        cylinder(0.028, 0.1, 0.004, "dark wood", 14, top=0.04).moved(x * (wide / 2 - 0.14), y * 0.25)
        for x in (-1, 1)
        for y in (-1, 1)
    ]
    return [base, back, *arms, *cushions, *pillows, *feet]


def bookcase(rng: np.random.Generator) -> list[Part]:
    wide, tall, deep = rng.uniform(0.66, 0.86), rng.uniform(1.08, 1.24), 0.3
    shelves = int(rng.integers(3, 5))
    step = (tall - 0.1) / shelves
    levels = [0.06 + step * k for k in range(shelves + 1)]
    frame = [_board(0.05, deep, tall).moved(x=s * (wide / 2 - 0.025)) for s in (-1, 1)]
    frame += [_board(wide - 0.06, 0.03, tall - 0.02).moved(y=deep / 2 - 0.02)]
    frame += [_board(wide - 0.06, deep - 0.02, 0.04).moved(y=0.005, z=z - 0.04) for z in levels[:-1]]
    frame += [_board(wide - 0.06, 0.03, 0.05).moved(y=-deep / 2 + 0.03)]
    crown = _board(wide + 0.06, deep + 0.05, 0.05).moved(y=-0.01, z=tall - 0.02)
    books = []
    for level in levels[:-1]:
        x, end = -wide / 2 + 0.06, wide / 2 - 0.06 - rng.uniform(0, 0.24)
        while x < end - 0.075:
            thick, high = rng.uniform(0.035, 0.075), (step - 0.05) * rng.uniform(0.68, 0.96)
            role = ("second", "second", "cream", "dark wood")[int(rng.integers(4))]
            books.append(_board(thick - 0.004, 0.19, high, role).moved(x + thick / 2, -0.03, level))
            x += thick
        if end < wide / 2 - 0.14:  # the last one leans into the gap
            last = _board(0.045, 0.19, step * 0.66, "second").turned("y", -14)
            books.append(last.moved(x + 0.06, -0.03, level + 0.01))
    return [*frame, crown, *books]
