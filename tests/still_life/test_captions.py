"""Captions are grammatical and say what the attributes say, nothing else."""

from __future__ import annotations

import random
import re

import pytest

from mrl_demo.still_life.captions import captions, pluralise, sample_caption, with_article
from mrl_demo.still_life.catalogue import CATEGORIES, COLOURS, SUPER_CATEGORIES
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


def test_plurals_of_the_catalogue_agree_with_the_rule() -> None:
    for name, entry in CATEGORIES.items():
        assert pluralise(name) == entry.plural
    assert [pluralise(word) for word in ("wine glass", "dish", "toy", "cherry")] == [
        "wine glasses",
        "dishes",
        "toys",
        "cherries",
    ]
    assert [with_article(word) for word in ("apple", "mug", "Ovum")] == ["an apple", "a mug", "an Ovum"]


def test_stored_captions_name_every_attribute_and_no_other() -> None:
    words = {*COLOURS, "glossy", "matte", "metallic", "glass", "wooden"}
    for index in range(400):
        scene = sample_scene(11, index)
        short, medium, long = captions(scene.attributes())
        noun = scene.category if scene.count == 1 else CATEGORIES[scene.category].plural
        assert short.endswith(noun) and noun in medium and noun in long
        assert long.startswith(medium) and scene.colour in medium.split()
        named = {word for word in words if re.search(rf"\b{word}\b", medium.replace(noun, ""))}
        finish = {"metal": "metallic", "wood": "wooden"}.get(scene.finish, scene.finish)
        assert named == {scene.colour, finish}
        assert (scene.second_colour in long.replace(medium, "").split()) == bool(scene.second_colour)
        if scene.pattern != "plain":
            assert f"with {scene.second_colour} {scene.pattern}" in long


def test_training_captions_vary_and_stay_true() -> None:
    rng = random.Random(0)
    seen = set()
    for index in range(600):
        scene = sample_scene(12, index)
        text = sample_caption(scene.attributes(), rng)
        seen.add(text)
        assert text == " ".join(text.split()) and text
        assert not re.search(r"\ba [aeiou]", text), text
        assert not re.search(r"\ban [^aeiou]", text), text
        for colour in set(COLOURS) - {scene.colour, scene.second_colour}:
            # settings and lights have colours of their own: green grass, brown boards, golden light
            assert not re.search(
                rf"\b{colour}\b", re.sub("white stone|green grass|blue-green|cream white", "", text)
            ), text
        if scene.count > 1:
            assert not re.search(rf"\ban? (\S+ )*{scene.category}\b", text), text
    assert len(seen) > 450


def test_training_captions_cover_every_level() -> None:
    rng = random.Random(1)
    texts = {sample_caption(MUG, rng) for _ in range(4000)}
    expected = {
        "kitchenware",
        "a mug",
        "a cup",
        "something red",
        "on marble",
        "a glossy red mug with white dots",
        "a polka-dot red mug",
    }
    assert expected <= texts
    assert any(text.startswith("a photo of") for text in texts)
    assert set(SUPER_CATEGORIES) >= {"kitchenware"}


def test_the_same_generator_gives_the_same_captions() -> None:
    assert [sample_caption(MUG, random.Random(5)) for _ in range(3)] == [
        sample_caption(MUG, random.Random(5)) for _ in range(3)
    ]


def test_an_unknown_colour_is_named() -> None:
    with pytest.raises(ValueError, match=r"colour must be one of red.*got 'mauve'"):
        for _ in range(50):
            sample_caption({**MUG, "colour": "mauve"}, random.Random(3))
