"""Instruments and tools: hammer, guitar, padlock, paintbrush.

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
    lathe,
    spline,
    torus,
    tube,
)


def hammer(rng: np.random.Generator) -> list[Part]:
    """A claw hammer on the end of its grip, the face to the left."""
    tall, reach = rng.uniform(0.84, 0.96), rng.uniform(0.28, 0.34)
    handle = [(0.0, 0.0), (0.085, 0, 0.03), (0.09, 0.05, 0.03), (0.07, 0.2, 0.05), (0.085, 0.36, 0.05)]
    grip = lathe(fillet([*handle, (0.05, 0.48, 0.05), (0.05, tall, 0), (0, tall)], 0.02, 5), 32, "second")
    neck = [(0, 0), (0.12, 0, 0.02), (0.085, 0.1, 0.04), (0.085, reach - 0.1, 0.03)]
    face = [(0.125, reach - 0.06, 0.02), (0.125, reach + 0.04, 0.015), (0, reach + 0.04)]
    poll = lathe(fillet([*neck, *face], 0.02, 4), 36).turned("y", -90).moved(x=0.08, z=tall)
    cheek = box(0.26, 0.24, 0.24, 0.05).moved(z=tall - 0.12)
    bend = spline(
        [(0.06, 0, tall + 0.04), (0.2, 0, tall + 0.06), (0.34, 0, tall + 0.0), (0.46, 0, tall - 0.16)], 16
    )
    claws = [
        tube(
            bend + np.c_[np.zeros(16), s * np.linspace(0.04, 0.1, 16), np.zeros(16)],
            np.linspace(0.1, 0.035, 16),
            14,
        )
        for s in (-1, 1)
    ]
    cap = box(0.12, 0.1, 0.04, 0.015, "second").moved(z=tall + 0.105)
    return [grip, poll, cheek, *claws, cap]


def guitar(rng: np.random.Generator) -> list[Part]:
    low, waist, high = rng.uniform(0.31, 0.35), rng.uniform(0.19, 0.22), rng.uniform(0.235, 0.265)
    top, deep = rng.uniform(0.62, 0.68), 0.16
    side = [
        (0.0, 0.0),
        (low * 0.7, 0.03),
        (low, 0.2),
        (waist, top * 0.59),
        (high, top * 0.82),
        (0.1, top),
        (0, top),
    ]
    right = spline(side, 26)
    outline = np.vstack([right, (right * [-1, 1])[-2:0:-1]])
    body = extrude(outline, deep, 0.025).turned("x", 90).moved(y=deep / 2)
    front, hole, nut = -deep / 2, top * 0.66, top + rng.uniform(0.3, 0.38)

    def on_top(part: Part, x: float, z: float, lift: float = 0.0) -> Part:
        """A flat part laid on the soundboard."""
        return part.turned("x", 90).moved(x, front - lift, z)

    rosette = on_top(cylinder(0.115, 0.006, 0.001, "second", 36), 0, hole)
    sound = on_top(cylinder(0.09, 0.01, 0.001, "dark", 36), 0, hole)
    bridge = box(0.24, 0.03, 0.045, 0.01, "second").moved(0, front - 0.012, top * 0.27)
    neck = box(0.1, 0.07, nut - hole - 0.1, 0.015, "second").moved(0, front + 0.012, hole + 0.1)
    head = extrude(
        fillet(
            [(-0.045, 0), (0.045, 0), (0.085, 0.05), (0.075, 0.22), (-0.075, 0.22), (-0.085, 0.05)],
            0.02,
            4,
            True,
        ),
        0.05,
        0.012,
        "second",
    )
    head = head.turned("x", 80).moved(0, front + 0.045, nut)
    pegs = [
        ellipsoid(0.028, 0.02, 0.022, "chrome", 16).moved(
            s * 0.105, front + 0.03 + 0.02 * k, nut + 0.06 + 0.06 * k
        )
        for s in (-1, 1)
        for k in range(3)
    ]
    frets = [
        box(0.103, 0.01, 0.009, 0.003, "brass").moved(0, front - 0.022, nut - (nut - top) * k / 5)
        for k in range(5)
    ]
    strings = [
        tube([(x * 1.6, front - 0.035, top * 0.27 + 0.02), (x, front - 0.03, nut)], 0.004, 5, "cream")
        for x in (-0.03, -0.01, 0.01, 0.03)
    ]
    return [body, rosette, sound, bridge, neck, head, *pegs, *frets, *strings]


def padlock(rng: np.random.Generator) -> list[Part]:
    wide, tall, deep = rng.uniform(0.32, 0.37), rng.uniform(0.5, 0.6), rng.uniform(0.24, 0.3)
    bow, legs, thick = wide * rng.uniform(0.58, 0.68), rng.uniform(0.12, 0.26), rng.uniform(0.055, 0.07)
    block = fillet([(-wide, 0), (wide, 0), (wide, tall), (-wide, tall)], 0.13, 6, closed=True)
    body = extrude(block, deep, 0.05, steps=4).turned("x", 90).moved(y=deep / 2)
    a = np.linspace(0, pi, 28)
    arch = np.c_[bow * np.cos(a), 0 * a, tall + legs + bow * np.sin(a)]
    shackle = tube(np.vstack([[(bow, 0, tall - 0.06)], arch, [(-bow, 0, tall - 0.06)]]), thick, 18, "chrome")
    sleeves = [
        torus(thick + 0.015, 0.02, role="chrome", segments=28).moved(s * bow, 0, tall) for s in (-1, 1)
    ]
    front, z = -deep / 2, tall * 0.52
    plate = cylinder(0.14, 0.03, 0.01, "brass", 36).turned("x", 90).moved(0, front + 0.012, z)
    key = [
        cylinder(0.05, 0.03, 0.003, "dark", 24).turned("x", 90).moved(0, front - 0.0, z + 0.03),
        extrude([(-0.022, 0.03), (0.022, 0.03), (0.038, -0.09), (-0.038, -0.09)], 0.03, 0.003, "dark")
        .turned("x", 90)
        .moved(0, front, z),
    ]
    return [body, shackle, *sleeves, plate, *key]


def paintbrush(rng: np.random.Generator) -> list[Part]:
    """A flat brush on the end of its handle, the dipped bristles up."""
    wide, hair = rng.uniform(0.22, 0.27), rng.uniform(0.28, 0.36)
    half = [(0.0, 0.0), (0.07, 0.01), (0.11, 0.08), (0.085, 0.24), (0.1, 0.38), (wide * 0.98, 0.52)]
    half += [(wide, 0.6)]
    right = spline(half, 24)
    outline = np.vstack([right, right[:0:-1] * [-1, 1]])
    handle = extrude(outline, 0.14, 0.05, steps=4).turned("x", 90).moved(y=0.07)
    eye = cylinder(0.028, 0.16, 0.003, "dark", 16).turned("x", 90).moved(0, 0.08, 0.1)
    ferrule = box(2 * wide + 0.02, 0.14, 0.15, 0.02, "chrome").moved(z=0.58)
    lines = [box(2 * wide + 0.035, 0.155, 0.02, 0.008, "chrome").moved(z=z) for z in (0.615, 0.68)]
    end = 0.72 + hair
    tuft = [(-wide, 0.72), (wide, 0.72), (wide * 1.04, end - 0.1), (-wide * 1.04, end - 0.1)]
    bristles = extrude(tuft, 0.12, 0.02, "pale wood").turned("x", 90).moved(y=0.06)
    t = np.linspace(-1, 1, 17)
    hem = np.c_[wide * 1.07 * t, end - 0.15 + 0.035 * np.cos(7 * t + rng.uniform(0, 6))]
    crown = fillet(
        [(wide * 1.07, end - 0.1), (wide, end, 0.08), (-wide, end, 0.08), (-wide * 1.07, end - 0.1)]
    )
    paint = extrude(np.vstack([hem, crown]), 0.15, 0.012, "second").turned("x", 90).moved(y=0.075)
    return [handle, eye, ferrule, *lines, bristles, paint]
