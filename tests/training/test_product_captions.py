"""Captions of fashion products: what they state is what the words say, and nothing unknown is said."""

from __future__ import annotations

import random

import pytest

from mrl_demo.collection.sources import Entry
from mrl_demo.training.product_captions import NAME, phrase, question, readings, sample_statement, told
from tests.training.tiny import product

ROW = told(
    Entry("t#0", (0, 0), "Turtle Check Men Navy Blue Shirt", {**product(4), "baseColour": "Navy Blue"}, b"")
)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"articleType": "Tshirts", "baseColour": "Blue", "gender": "Men"}, "a blue men's t-shirt"),
        ({"articleType": "Casual Shoes", "usage": "Casual", "gender": "Girls"}, "girls' casual shoes"),
        ({"articleType": "Dresses", "season": "Summer"}, "a dress for summer"),
        ({"articleType": "Scarves", "baseColour": "Orange"}, "an orange scarf"),
        ({"articleType": "Watches", "gender": "Unisex"}, "a unisex watch"),
        ({"articleType": "Sweatshirts"}, "a sweatshirt"),
        ({"masterCategory": "Footwear", "baseColour": "Multi"}, "multicoloured footwear"),
        ({"baseColour": "Red"}, "a red product"),
    ],
)
def test_phrases_read_as_people_write(facts: dict[str, str], expected: str) -> None:
    assert phrase(facts) == expected


def test_the_question_asks_for_type_colour_and_gender() -> None:
    assert question(ROW) == "a navy blue men's shirt"


def test_captions_come_on_three_levels_and_state_what_they_say() -> None:
    rng = random.Random(0)
    drawn = [sample_statement(ROW, rng) for _ in range(500)]
    assert {
        "a shirt",
        "topwear",
        "clothing",
        "a navy blue men's shirt",
        "Turtle Check Men Navy Blue Shirt",
    } <= {text for text, _ in drawn}
    for text, stated in drawn:
        assert all(ROW[column] == value for column, value in stated.items())
        if NAME not in stated:
            assert ("navy" in text) == ("baseColour" in stated)
            assert ("men's" in text) == ("gender" in stated)
            assert ("for summer" in text) == ("season" in stated)
            assert ("casual" in text) == ("usage" in stated)
            assert ("shirt" in text) == ("articleType" in stated)


def test_what_the_shop_left_open_is_never_said() -> None:
    row = {**ROW, "baseColour": "NA", "season": "", "usage": "NA"}
    assert not {"baseColour", "season", "usage"} & set(readings(row)[0])
    rng = random.Random(0)
    for text, stated in (sample_statement(row, rng) for _ in range(300)):
        assert NAME in stated or not {"na", "for"} & set(text.split())
