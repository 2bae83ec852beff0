"""Outlines lie where the thing is in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mrl_demo.still_life.outline import outline
from mrl_demo.still_life.scene import sample_scene


def test_an_outline_tells_the_two_things_of_a_pair_apart() -> None:
    scene = replace(
        next(scene for scene in (sample_scene(4, k) for k in range(99)) if scene.relation),
        category="apple",
        relation="left of",
        other_category="die",
        size="large",
    )
    shown = outline(scene, 32)
    across = np.arange(32)
    left, right = (float((layer.sum(0) * across).sum() / layer.sum()) for layer in (shown.named, shown.other))
    assert left < 15 < right
    assert shown.rest.sum() > 0  # the apple's stem and leaf
    assert shown.things.min() >= 0 and shown.things.max() <= 1 + 1e-6
    assert 0.1 < shown.things.mean() < 0.8
