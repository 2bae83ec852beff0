"""Scenes: a seed gives the same scene for ever, no rule is broken, draws are about even."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace

import pytest

from mrl_demo.still_life.catalogue import (
    CATEGORIES,
    COLOURS,
    COUNTS,
    FINISHES,
    LIGHTS,
    PATTERNS,
    SETTINGS,
    SUPER_CATEGORIES,
)
from mrl_demo.still_life.command import SPLITS
from mrl_demo.still_life.scene import ATTRIBUTES, Scene, objection, sample_scene

SAMPLES = 5000


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [sample_scene(7, index) for index in range(SAMPLES)]


def test_a_seed_and_an_index_give_the_same_scene_for_ever() -> None:
    # The pictures in assets/still-life were rendered from these; if sampling must change, render them again.
    text = "\n".join(sample_scene(seed, index).to_json() for seed in (1, 2) for index in range(200))
    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "e884eb9d923e7577"
    assert sample_scene(1, 3) == sample_scene(1, 3) != sample_scene(1, 4)


def test_no_sample_breaks_a_rule(scenes: list[Scene]) -> None:
    for scene in scenes:
        assert objection(scene.attributes()) is None
        entry = CATEGORIES[scene.category]
        assert scene.finish in entry.finishes and scene.super_category == entry.super_category
        assert bool(scene.second_colour) == bool(scene.pattern != "plain" or entry.accent)
        assert scene.second_colour != scene.colour


MUG = {
    "super_category": "kitchenware",
    "category": "mug",
    "colour": "red",
    "finish": "glossy",
    "pattern": "plain",
    "setting": "marble table",
    "light": "soft daylight",
    "count": 1,
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"colour": "gold"}, "gold is no glossy colour"),
        ({"finish": "metal", "colour": "yellow"}, "yellow is no metal colour"),
        ({"finish": "glass", "colour": "black"}, "black is no glass colour"),
        ({"finish": "glass", "light": "cool night"}, "dark at night"),
        ({"finish": "glass", "pattern": "dots"}, "pattern"),
        ({"colour": "white", "setting": "snow"}, "disappears on white"),
        ({"colour": "black", "light": "cool night"}, "dark"),
        ({"colour": "green", "setting": "grass"}, "grass"),
        ({"super_category": "food", "category": "apple", "finish": "wood"}, "wooden food"),
        ({"super_category": "food", "category": "donut", "finish": "glass"}, "never made of glass"),
        ({"super_category": "furniture", "category": "chair", "pattern": "dots"}, "pattern"),
    ],
)
def test_the_rules_name_what_they_object_to(change: dict[str, object], reason: str) -> None:
    assert objection(MUG) is None
    assert reason in (objection({**MUG, **change}) or "nothing")


def test_everything_in_the_catalogue_is_drawn_and_categories_evenly(scenes: list[Scene]) -> None:
    seen = {name: Counter(getattr(scene, name) for scene in scenes) for name in ATTRIBUTES}
    for name, values in {
        "category": CATEGORIES,
        "colour": COLOURS,
        "finish": FINISHES,
        "pattern": PATTERNS,
        "setting": SETTINGS,
        "light": LIGHTS,
        "count": COUNTS,
    }.items():
        assert set(seen[name]) == set(values), name
    share = SAMPLES / len(SUPER_CATEGORIES)
    for group, members in SUPER_CATEGORIES.items():
        assert seen["super_category"][group] == pytest.approx(share, rel=0.2)
        for category in members:
            assert seen["category"][category] == pytest.approx(share / len(members), rel=0.35)


def test_the_splits_share_no_scene() -> None:
    def shown(split: str) -> set[Scene]:
        seed, count, _ = SPLITS[split]
        return {replace(sample_scene(seed, index), seed=0, index=0) for index in range(count)}

    assert len(shown("gallery")) == SPLITS["gallery"][1]
    assert not shown("gallery") & shown("train")


def test_a_scene_survives_json() -> None:
    scene = sample_scene(1, 5)
    assert Scene.from_json(scene.to_json()) == scene
    with pytest.raises(TypeError, match="unexpected"):
        Scene.from_json(scene.to_json().replace('"light"', '"lamp"'))
