"""Captions are grammatical and say what the attributes say, nothing else."""

from __future__ import annotations

import re

import pytest

from mrl_demo.still_life.captions import captions, readings, stated_by_level
from mrl_demo.still_life.catalogue import CATEGORIES, COLOURS
from mrl_demo.still_life.phrase import pluralise, with_article
from mrl_demo.still_life.scene import sample_scene

MUG: dict[str, str | int] = {
    "super_category": "kitchenware",
    "category": "mug",
    "colour": "red",
    "second_colour": "white",
    "finish": "glossy",
    "pattern": "dots",
    "setting": "marble table",
    "light": "warm evening",
    "count": 1,
}


def test_three_levels_of_detail() -> None:
    assert captions(MUG) == (
        "a mug",
        "a glossy red mug",
        "a glossy red mug with white dots on a marble table in warm evening light",
    )


@pytest.mark.parametrize(
    ("change", "medium", "detail"),
    [
        (
            {"colour": "orange", "finish": "glass", "pattern": "plain", "second_colour": ""},
            "an orange glass mug",
            "",
        ),
        ({"count": 2}, "two glossy red mugs", "with white dots"),
        ({"category": "cactus", "count": 3, "pattern": "plain"}, "three glossy red cacti", "with white pots"),
        (
            {"category": "house", "pattern": "plain", "second_colour": "orange"},
            "a glossy red house",
            "with an orange roof",
        ),
        ({"category": "snowman", "pattern": "plain"}, "a glossy red snowman", "with a white scarf and hat"),
        ({"category": "gift box", "count": 2}, "two glossy red gift boxes", "with white dots"),
        (
            {"category": "chair", "finish": "wood", "colour": "blue", "second_colour": ""},
            "a blue wooden chair",
            "",
        ),
        ({"finish": "metal", "colour": "gold", "second_colour": ""}, "a metallic gold mug", ""),
    ],
)
def test_grammar(change: dict[str, str | int], medium: str, detail: str) -> None:
    _, found, long = captions({**MUG, **change})
    assert found == medium
    assert long == " ".join(
        part for part in (medium, detail, "on a marble table in warm evening light") if part
    )


PAIR: dict[str, str | int] = {
    **MUG,
    "size": "large",
    "relation": "left of",
    "other_category": "umbrella",
    "other_colour": "blue",
    "other_finish": "wood",
}


def test_sizes_and_pairs_are_told() -> None:
    assert captions({**MUG, "size": "small", "light": "hard spot", "setting": "window shelf"})[2] == (
        "a small glossy red mug with white dots on a window shelf under a hard spotlight"
    )
    assert captions(PAIR) == (
        "a mug and an umbrella",
        "a glossy red mug left of a blue wooden umbrella",
        "a glossy red mug with white dots left of a blue wooden umbrella "
        "on a marble table in warm evening light, both large",
    )


def test_a_pair_can_be_told_from_either_thing() -> None:
    assert [one["arrangement"] for one in readings(MUG)] == [""]
    first, second = readings(PAIR)
    assert {**first, **PAIR} == first and second["category"] == "umbrella"
    assert (second["relation"], second["other_colour"], second["setting"]) == (
        "right of",
        "red",
        "marble table",
    )
    assert second["super_category"] == CATEGORIES["umbrella"].super_category
    assert readings({**PAIR, "relation": "on top of"})[1]["relation"] == "under"


def test_the_long_caption_states_every_attribute_that_the_scene_has() -> None:
    for index in range(200):
        attributes = sample_scene(14, index).attributes()
        short, medium, long = stated_by_level(attributes)
        assert short < medium < long
        silent = {name for name, value in attributes.items() if value in ("", "plain")}
        assert set(attributes) - silent - {"super_category"} == long - silent


def test_plurals_of_the_catalogue_agree_with_the_rule() -> None:
    for name, entry in CATEGORIES.items():
        assert pluralise(name) == entry.plural
    assert [pluralise(word) for word in ("wine glass", "dish", "toy", "cherry")] == [
        "wine glasses",
        "dishes",
        "toys",
        "cherries",
    ]
    assert [with_article(word) for word in ("apple", "mug", "hourglass")] == [
        "an apple",
        "a mug",
        "an hourglass",
    ]


def test_stored_captions_name_every_attribute_and_no_other() -> None:
    words = {*COLOURS, "glossy", "matte", "metallic", "glass", "wooden"}
    spoken = {"metal": "metallic", "wood": "wooden"}
    for index in range(400):
        scene = sample_scene(11, index)
        short, medium, long = captions(scene.attributes())
        noun = scene.category if scene.count == 1 else CATEGORIES[scene.category].plural
        for caption in (short, medium, long):
            assert noun in caption and scene.other_category in caption
        named = {word for word in words if re.search(rf"\b{word}\b", medium.replace(noun, ""))}
        finishes = {spoken.get(finish, finish) for finish in (scene.finish, scene.other_finish)}
        assert named == ({scene.colour, scene.other_colour} | finishes) - {""}
        assert scene.second_colour in long.split() or not scene.second_colour
        size = "medium-sized" if scene.size == "medium" and not scene.relation else scene.size
        assert size in long.replace(",", "").split()
        if scene.pattern != "plain":
            assert f"with {scene.second_colour} {scene.pattern}" in long
