"""Questions where pictures show two things: who is asked what; either thing may be the one asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrl_demo.collection import Item, write_pack
from mrl_demo.evaluation.questions import relevant_items, sample_questions, truths_of
from mrl_demo.search.collection import Collection
from tests.fakes import make_thumbnail, paint

# category, colour, relation, second category, second colour
SHOWN = [
    ("mug", "red", "", "", ""),
    ("mug", "red", "left of", "vase", "blue"),
    ("vase", "blue", "right of", "mug", "red"),
    ("vase", "blue", "left of", "mug", "red"),
    ("mug", "blue", "on top of", "drum", "red"),
]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder: Path = tmp_path_factory.mktemp("pairs")
    items = [
        Item(
            image=make_thumbnail(paint(colour)),
            caption_short=f"a {category}" + (f" and a {other}" if other else ""),
            caption_medium=f"a {colour} {category}" + (f" {relation} a {shade} {other}" if other else ""),
            caption_long=f"picture {number}",
            attributes={
                "category": category,
                "colour": colour,
                "relation": relation,
                "other_category": other,
                "other_colour": shade,
            },
        )
        for number, (category, colour, relation, other, shade) in enumerate(SHOWN)
    ]
    write_pack(folder, items, name="pairs", title="Pairs")
    return Collection.open(folder)


def test_single_things_and_pairs_are_asked_each_their_own_captions(pairs: Collection) -> None:
    questions = sample_questions(pairs, 10, seed=0)
    asked = {level: [q.text for q in questions if q.level == level] for level in ("short", "colour", "pair")}
    assert asked["short"] == ["a mug"] and asked["colour"] == ["a red mug"]
    assert asked["pair"][0] == "a red mug left of a blue vase" and len(asked["pair"]) == 4
    assert len([question for question in questions if question.level == "long"]) == 5
    names = [truth.name for truth in truths_of(pairs, questions)]
    assert {"category", "both categories", "both categories+relation", "all"} <= set(names)


@pytest.mark.parametrize(
    ("key", "columns", "right"),
    [
        (0, ("category",), [0, 1, 2, 3, 4]),
        (0, ("category", "colour"), [0, 1, 2, 3]),
        (1, ("category", "other_category"), [1, 2, 3]),
        (1, ("category", "other_category", "relation"), [1, 2]),
        (4, ("category", "other_category", "relation"), [4]),
        (1, None, [1]),
    ],
)
def test_an_answer_may_be_told_from_either_of_its_things(
    pairs: Collection, key: int, columns: tuple[str, ...] | None, right: list[int]
) -> None:
    found = relevant_items(pairs, [key], columns)
    assert found is not None and found[0].nonzero()[0].tolist() == right
