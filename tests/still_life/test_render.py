"""The renderer: reproducible pictures of the size asked for, and the faults it names."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mrl_demo.still_life.render import Quality, fault, render, single_thread, tone_map
from mrl_demo.still_life.scene import sample_scene


def test_brighter_light_is_never_shown_darker() -> None:
    light = np.linspace(0, 8, 64)[None, :, None] * np.ones(3)
    shown = tone_map(light, 0.0).astype(int)
    assert (np.diff(shown, axis=1) >= 0).all() and shown.min() == 0 and shown.max() > 240
    assert (tone_map(light, 1.0) >= shown).all()


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (Image.new("RGB", (32, 32), (9, 9, 9)), "too dark"),
        (Image.new("RGB", (32, 32), "white"), "burnt out"),
        (Image.new("RGB", (32, 32), (120, 120, 120)), "near-empty"),
    ],
    ids=("dark", "white", "grey"),
)
def test_faults_are_named(picture: Image.Image, words: str) -> None:
    found = fault(picture)
    assert found is not None and found.startswith(words)


def test_the_same_scene_gives_the_same_pixels_whatever_was_rendered_before() -> None:
    single_thread()
    scenes = [sample_scene(4, k) for k in range(400)]
    paper, other = (
        next(scene for scene in scenes if scene.setting == setting and scene.count == 1)
        for setting in ("paper", "snow")
    )
    quality = Quality(24)
    first = render(paper, quality)
    render(other, quality)
    again = render(paper, quality)
    assert first.size == (24, 24) and first.mode == "RGB" and fault(first) is None
    np.testing.assert_array_equal(np.asarray(first), np.asarray(again))
