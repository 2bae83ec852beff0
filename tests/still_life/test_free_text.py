"""Free captions are grammatical, varied, true and say what they state; the text tower reads them whole."""

from __future__ import annotations

import random
import re

import pytest

from mrl_demo.still_life.captions import captions, readings
from mrl_demo.still_life.catalogue import COLOURS
from mrl_demo.still_life.free_text import sample_statement
from mrl_demo.still_life.scene import sample_scene
from tests.still_life.test_captions import MUG, PAIR


def test_training_captions_vary_and_stay_true() -> None:
    rng = random.Random(0)
    seen = set()
    for index in range(600):
        scene = sample_scene(12, index)
        text = sample_statement(scene.attributes(), rng)[0]
        seen.add(text)
        assert text == " ".join(text.split()) and text
        assert not re.search(r"\ba [aeiou]", text), text
        assert not re.search(r"\ban (?!hour)[^aeiou]", text), text
        for colour in set(COLOURS) - {scene.colour, scene.second_colour, scene.other_colour}:
            # settings and lights have colours of their own: green grass, brown boards, golden light
            assert not re.search(
                rf"\b{colour}\b", re.sub("white stone|green grass|blue-green|cream white", "", text)
            ), text
        if scene.count > 1:
            assert not re.search(rf"\ban? (\S+ )*{scene.category}\b", text), text
    assert len(seen) > 450


def test_training_captions_cover_every_level() -> None:
    rng = random.Random(1)
    texts = {sample_statement(MUG, rng)[0] for _ in range(4000)}
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


def test_the_same_generator_gives_the_same_captions() -> None:
    assert [sample_statement(MUG, random.Random(5))[0] for _ in range(3)] == [
        sample_statement(MUG, random.Random(5))[0] for _ in range(3)
    ]


def test_an_unknown_colour_is_named() -> None:
    with pytest.raises(ValueError, match=r"colour must be one of red.*got 'mauve'"):
        for _ in range(50):
            sample_statement({**MUG, "colour": "mauve"}, random.Random(3))[0]


def test_a_pair_is_told_in_many_ways() -> None:
    rng = random.Random(2)
    texts = {sample_statement(PAIR, rng)[0] for _ in range(12_000)}
    expected = {
        "a mug and an umbrella",
        "a mug left of an umbrella",
        "a blue umbrella to the right of a mug",
        "something red to the left of something blue",
        "a blue umbrella",
        "something to wear or carry",
    }
    assert expected <= texts
    assert any("beside" in text for text in texts)


def test_a_caption_states_what_one_reading_of_the_scene_has() -> None:
    rng = random.Random(3)
    for index in range(600):
        attributes = sample_scene(13, index).attributes()
        text, stated = sample_statement(attributes, rng)
        assert any(stated.items() <= {**reading}.items() for reading in readings(attributes))
        for word, name in (("left of", "relation"), ("beside", "arrangement"), ("tiny", "size")):
            assert word not in text or name in stated, text


def test_a_bare_plural_leaves_the_number_open() -> None:
    rng = random.Random(5)
    told = [sample_statement({**MUG, "count": 3}, rng) for _ in range(3000)]
    bare = [stated for text, stated in told if text in ("mugs", "red mugs", "glossy red mugs")]
    counted = [stated for text, stated in told if text in ("three mugs", "three red mugs")]
    assert len(bare) > 20 and len(counted) > 20
    assert not any("count" in stated for stated in bare) and all("count" in stated for stated in counted)


def test_several_things_are_not_called_one() -> None:
    rng = random.Random(6)
    chairs = {**MUG, "category": "chair", "super_category": "furniture", "count": 3}
    texts = {sample_statement(chairs, rng)[0] for _ in range(3000)}
    assert "furniture" in texts and "a piece of furniture" not in texts


def test_the_text_tower_reads_the_longest_caption_whole() -> None:
    from mrl_demo.model import towers

    length = towers.model_config("MRL-still-life")["text_cfg"]["context_length"]
    rng = random.Random(4)
    rows = [sample_scene(1, index).attributes() for index in range(2000)]
    encode = towers.tokenizer(length).encode

    def whole(texts: list[str]) -> list[bool]:
        return [len(encode(text)) + 2 <= length for text in sorted(texts, key=len)[-100:]]

    assert all(whole([captions(row)[2] for row in rows]))
    assert sum(whole([sample_statement(row, rng)[0] for row in rows])) >= 98
