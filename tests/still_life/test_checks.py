"""What the checks find wrong, on pictures made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrl_demo.still_life.catalogue import COLOURS
from mrl_demo.still_life.checks import (
    Measured,
    colour_agreement,
    difference,
    measure,
    miniature,
    nearest_colour,
    nearest_pairs,
    to_lab,
)
from mrl_demo.still_life.outline import Outline
from mrl_demo.still_life.scene import sample_scene

SIZE = 32
SCENE = next(scene for scene in (sample_scene(4, k) for k in range(99)) if scene.finish == "matte")


def square(colour: str, ground: str = "#9aa0a0", low: int = 8, high: int = 24) -> tuple[Image.Image, Outline]:
    """A square of one colour on the ground, and its outline."""
    picture = Image.new("RGB", (SIZE, SIZE), ground)
    picture.paste(colour, (low, low, high, high))
    named = np.zeros((SIZE, SIZE), np.float32)
    named[low:high, low:high] = 1
    return picture, Outline(named, np.zeros_like(named), np.zeros_like(named))


def test_a_good_picture_has_no_faults() -> None:
    found = measure(SCENE, *square(COLOURS["red"].hex))
    assert found.faults() == []
    assert found.covered == pytest.approx(0.25)
    assert found.named == "red"


@pytest.mark.parametrize(
    ("fault", "picture"),
    [
        ("near-empty", square("#c4241f", low=14, high=17)),
        ("clipped at the border", square("#c4241f", low=0, high=16)),
        ("too dark", square("#0a0a0a")),
        ("does not stand out", square("#9da1a0")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_is_found(fault: str, picture: tuple[Image.Image, Outline]) -> None:
    assert measure(SCENE, *picture).faults() == [fault]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_colour_is_called_by_its_own_name_even_in_shade(colour: str) -> None:
    finish = "metal" if COLOURS[colour].metal_only else "matte"
    rgb = np.array([int(COLOURS[colour].hex[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)
    assert nearest_colour(np.tile(to_lab(rgb), (20, 1)), finish) == colour
    assert nearest_colour(np.tile(to_lab(rgb * 0.85), (20, 1)), finish) == colour


def test_too_few_pixels_have_no_colour() -> None:
    assert nearest_colour(np.zeros((3, 3)), "matte") == ""


def test_lab_of_white_and_black_and_a_grey_has_no_colour() -> None:
    lab = to_lab(np.array([[255.0] * 3, [0.0] * 3, [119.0] * 3]))
    np.testing.assert_allclose(lab[:, 0], [100, 0, 50], atol=0.1)
    np.testing.assert_allclose(lab[:, 1:], 0, atol=0.02)


def test_hue_counts_more_than_lightness() -> None:
    red = np.array([45.0, 60.0, 40.0])
    assert difference(red, red) == 0
    assert difference(red, np.array([60.0, 60.0, 40.0])) < difference(red, np.array([45.0, 48.0, 54.0]))


def test_the_closest_pictures_are_found_across_blocks() -> None:
    rng = np.random.default_rng(0)
    pictures = [Image.fromarray(rng.integers(0, 255, (SIZE, SIZE, 3), dtype=np.uint8)) for _ in range(7)]
    small = np.stack([miniature(picture) for picture in [*pictures, pictures[2]]])
    (distance, first, second), *others = nearest_pairs(small, block=3)
    assert (first, second) == (2, 7) and distance == pytest.approx(0, abs=0.1)
    assert all(other > 10 for other, _, _ in others)


def test_agreement_counts_plain_things_in_daylight_only() -> None:
    plain = replace(SCENE, light="soft daylight", pattern="plain", colour="red")
    scenes = [plain, plain, replace(plain, light="cool night"), replace(plain, pattern="dots")]
    found = [Measured(0.2, 0, 99, 40, named) for named in ("red", "orange", "blue", "blue")]
    agreement = colour_agreement(scenes, found)
    assert agreement["pictures"] == 2 and agreement["agreement"] == 0.5
    assert agreement["confused"] == [["red", "orange", 1]]
