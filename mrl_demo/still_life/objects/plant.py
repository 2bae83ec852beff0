"""Plants: pine tree, cactus, mushroom, tulip.

Shapes only; objects/__init__.py has the conventions.
"""

from math import pi, tau

import numpy as np

from mrl_demo.still_life.modelling import Floats, Part, cylinder, fillet, grid, lathe, spline, tube


def pine_tree(rng: np.random.Generator) -> list[Part]:
    parts = [cylinder(0.075, 0.3, role="stem")]
    wide = rng.uniform(0.9, 1.1)
    for radius, low, height in ((0.42, 0.2, 0.42), (0.34, 0.42, 0.38), (0.26, 0.63, 0.34), (0.17, 0.82, 0.3)):
        phase, r = rng.uniform(0, tau), radius * wide

        def jagged(angle: Floats, z: Floats, phase: float = phase) -> Floats:
            return 1 + 0.07 * np.cos(9 * angle + phase) + 0 * z

        tier = lathe(
            fillet([(0, low + 0.05), (r, low, 0.03), (0, low + height, 0)], 0.03, 4), 96, ripple=jagged
        )

        def droop(v: Floats, r: float = r, phase: float = phase) -> Floats:
            angle, out = np.arctan2(v[:, 1], v[:, 0]), np.hypot(v[:, 0], v[:, 1])
            v[:, 2] -= 0.035 * (out / r) ** 2 * (1 + np.cos(9 * angle + phase))
            return v

        parts.append(tier.warped(droop))
    return parts


def _pot(height: float) -> list[Part]:
    rim = height + 0.0
    wall = fillet(
        [
            (0, 0),
            (0.19, 0, 0.01),
            (0.26, rim, 0),
            (0.28, rim, 0.01),
            (0.28, rim + 0.07, 0.01),
            (0.24, rim + 0.07, 0.01),
            (0.22, rim),
        ],
        0.01,
        3,
    )
    soil = cylinder(0.24, 0.02, 0.004, "soil").moved(z=rim + 0.02)
    return [lathe(wall, role="second"), soil]


def cactus(rng: np.random.Generator) -> list[Part]:
    def ribbed(angle: Floats, z: Floats) -> Floats:
        return 1 + 0.07 * np.cos(12 * angle) + 0 * z

    height = rng.uniform(0.95, 1.1)
    trunk = lathe(
        spline([(0.1, 0.28), (0.145, 0.4), (0.155, height - 0.2), (0.11, height - 0.05), (0, height)], 34),
        96,
        sharp=75,
        ripple=ribbed,
    )
    arms = []
    side = rng.choice([-1, 1])
    for s, low, up in ((side, 0.52, 0.3), (-side, 0.64, 0.2)):
        path = spline(
            [(0.08 * s, 0, low), (0.24 * s, 0, low), (0.31 * s, 0, low + 0.09), (0.31 * s, 0, low + up)], 26
        )
        radius = 0.075 * np.clip((1 - np.linspace(0, 1, 26) ** 8), 0.25, 1)
        arms.append(tube(path, radius, 20))
    flower = lathe(
        spline([(0, height - 0.02), (0.05, height), (0.09, height + 0.07), (0, height + 0.03)], 12),
        60,
        "blossom",
        80,
        lambda a, z: 1 + 0.3 * np.cos(6 * a),
    )
    return [*_pot(0.26), trunk, *arms, flower]


def mushroom(rng: np.random.Generator) -> list[Part]:
    wide, top = rng.uniform(0.42, 0.5), rng.uniform(0.84, 0.96)
    stem = lathe(
        spline([(0, 0), (0.16, 0), (0.2, 0.06), (0.15, 0.3), (0.13, 0.55), (0, 0.56)], 30),
        role="cream",
        sharp=60,
    )
    cap = lathe(
        spline(
            [
                (0, 0.5),
                (0.2, 0.49),
                (wide - 0.06, 0.43),
                (wide, 0.45),
                (wide - 0.02, 0.56),
                (0.32, top - 0.14),
                (0.14, top - 0.03),
                (0, top),
            ],
            40,
        ),
        sharp=75,
    )
    skirt = lathe(spline([(0.14, 0.44), (0.22, 0.36), (0.23, 0.355), (0.14, 0.47)], 14), role="cream")
    return [stem, cap, skirt]


def tulip(rng: np.random.Generator) -> list[Part]:
    lean, wide = rng.uniform(-0.05, 0.05), rng.uniform(0.19, 0.23)
    stalk = tube(spline([(0, 0, 0.3), (lean * 0.4, 0, 0.55), (lean, 0, 0.8)], 16), 0.024, 12, "leaf")
    petals = []
    for k in range(6):
        inner = k % 2
        u, v = np.meshgrid(np.linspace(-1, 1, 13), np.linspace(0, 1, 16))
        half = (0.62 - 0.1 * inner) * np.sin(pi * np.clip(0.12 + 0.88 * v, 0, 1)) ** 0.6 * (1 - 0.25 * v)
        out = (wide - 0.025 * inner) * np.sin(pi * (0.08 + 0.66 * v)) ** 0.7
        angle = u * half * 1.35
        z = 0.78 + 0.42 * v - 0.07 * u**2 * v
        petals.append(
            grid(np.stack([out * np.cos(angle), out * np.sin(angle), z], -1), sharp=80)
            .turned("z", 60 * k)
            .moved(x=lean)
        )
    heart = lathe(spline([(0, 0.76), (wide * 0.5, 0.79), (wide * 0.75, 0.9), (0, 1.0)], 16)).moved(x=lean)
    leaves = []
    for k, turn in enumerate((rng.uniform(-30, 30), rng.uniform(150, 210))):
        u, v = np.meshgrid(np.linspace(-1, 1, 7), np.linspace(0, 1, 18))
        width = 0.075 * np.sin(pi * v**0.7)
        x = 0.02 + 0.26 * v**1.4 + 0.03 * u**2
        leaves.append(
            grid(
                np.stack([x, u * width, 0.3 + (0.5 - 0.08 * k) * v - 0.1 * v**4], -1), role="leaf", sharp=80
            ).turned("z", turn)
        )
    return [*_pot(0.26), stalk, *petals, heart, *leaves]
