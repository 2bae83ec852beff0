"""Which pixels of a picture show what: how far each is covered by the main object and by the other one.

Rendered with Mitsuba as flat colours, without ground or light. It knows nothing of how a picture looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from mrl_demo.still_life.backdrops import mesh
from mrl_demo.still_life.render import Pixels, mitsuba, sensor
from mrl_demo.still_life.scene import Scene
from mrl_demo.still_life.staging import stage

SAMPLES = 4


@dataclass(frozen=True, eq=False)
class Outline:
    """Shares from 0 to 1, (size, size) each.

    `named`: the parts of the main object that have its colour; `rest`: its other parts; `other`: the second
    object of a pair.
    """

    named: Pixels
    rest: Pixels
    other: Pixels

    @property
    def things(self) -> Pixels:
        """Everything that is not ground or background."""
        return self.named + self.rest + self.other


def outline(scene: Scene, size: int) -> Outline:
    """What the picture of `scene` shows where, `size` pixels square."""
    mi = mitsuba()
    pieces, camera = stage(scene)
    world: dict[str, Any] = {"type": "scene", "sensor": sensor(camera, size)}
    for k, piece in enumerate(pieces):
        main = piece.thing.category == scene.category
        layer = (0 if piece.role == "main" else 1) if main else 2
        world[f"object{k}"] = mesh(f"object{k}", piece.soup, _flat(layer))
    guide = mi.load_dict({"type": "aov", "aovs": "albedo:albedo"})
    seen = np.array(
        mi.render(mi.load_dict(world), spp=SAMPLES, seed=scene.shape_seed & 0xFFFFFF, integrator=guide)
    )
    return Outline(*np.moveaxis(seen[..., -3:], -1, 0))


@cache
def _flat(layer: int) -> Any:
    """A surface that is 1 in one of three layers."""
    colour = [float(k == layer) for k in range(3)]
    flat = {"type": "diffuse", "reflectance": {"type": "rgb", "value": colour}}
    return mitsuba().load_dict({"type": "twosided", "bsdf": flat})
