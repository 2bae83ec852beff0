"""Measures on features made by hand: what a perfect, a blind and a half-blind model score at each dim."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import torch
from torch import Tensor

from mrl_demo.collection.sources import Entry
from mrl_demo.still_life.captions import captions
from mrl_demo.still_life.scene import sample_scene
from mrl_demo.training.photo_captions import prompts
from mrl_demo.training.product_captions import question, told
from mrl_demo.training.validation import (
    PRODUCT_RECALL,
    RELATION,
    ZERO_SHOT,
    Score,
    nearer,
    photo_scores,
    product_scores,
    recall_at,
    still_life_scores,
    zero_shot_right,
)
from tests.training.tiny import CLASSES, product


def test_recall_counts_what_could_be_found_and_no_more() -> None:
    images = torch.eye(4)
    texts = torch.tensor([[0.9, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.9]])
    relevant = torch.tensor([[True, True, True, True], [True, False, False, False]])
    assert recall_at(2, images, texts, relevant, 4).tolist() == [1, 0]  # 2 of min(2, 4), and 0 of 1
    assert recall_at(4, images, texts, relevant, 4).tolist() == [1, 1]


def test_a_score_has_its_number_of_questions_and_standard_error() -> None:
    assert Score.of(torch.tensor([1.0, 0.0, 0.0, 0.0])) == Score(0.25, 4, 0.2165)  # sqrt(.25 * .75 / 4)
    assert Score.of(torch.ones(1)) == Score(1.0, 1, 0.0)


def test_zero_shot_takes_the_mean_of_a_classes_prompts_and_reads_only_the_prefix() -> None:
    prompted = torch.tensor([[[1.0, 0, 0.1], [1.0, 0, -0.1]], [[0.0, 1, 5], [0.2, 1, 5]]])
    images = torch.tensor([[1.0, 0.1, 0.0], [0.1, 1.0, 3.0], [1.0, 0.3, 9.0]])
    truth = torch.tensor([0, 1, 0])
    assert zero_shot_right(images, prompted, truth, 2).tolist() == [1, 1, 1]
    assert zero_shot_right(images, prompted, truth, 3).tolist() == [1, 1, 0]


def encoder(known: dict[str, int]) -> object:
    """Texts as the unit vectors that `known` numbers; the first two of eight dims are blank."""

    def encode(texts: Sequence[str]) -> Tensor:
        rows = torch.zeros(len(texts), 2 + len(set(known.values())))
        rows[:, 0] = 0.1
        for place, text in enumerate(texts):
            rows[place, 2 + known[text]] = 1
        return rows

    return encode


def test_photos_score_by_dim() -> None:
    known = {text: place for place, label in enumerate(CLASSES) for text in prompts(label)}
    encode = encoder(known)
    attributes = [{"label": label} for label in CLASSES]
    images = encode([prompts(label)[0] for label in CLASSES])  # type: ignore[operator]
    scores = photo_scores(images, attributes, encode, (2, 6))  # type: ignore[arg-type]
    assert scores == {ZERO_SHOT: {"2": Score(0.25, 4, 0.2165), "6": Score(1.0, 4, 0.0)}}


def test_products_are_found_by_type_colour_and_gender_and_what_has_none_is_not_asked_for() -> None:
    rows = [told(Entry(f"#{n}", (0, 0), "", product(n), b"")) for n in range(32)]
    rows[0] = {**rows[0], "baseColour": "NA"}
    texts = sorted({question(row) for row in rows})
    encode = encoder({text: place for place, text in enumerate(texts)})
    images = encode([question(row) for row in rows])  # type: ignore[operator]
    scores = product_scores(images, rows, encode, (2, images.shape[1]))[PRODUCT_RECALL]  # type: ignore[arg-type]
    assert scores[str(images.shape[1])] == Score(1.0, len(texts) - 1, 0.0)  # each kind is one question
    assert scores["2"].value < 0.5


def test_where_no_product_says_all_that_is_asked_there_is_nothing_to_score() -> None:
    rows = [{**told(Entry(f"#{n}", (0, 0), "", product(n), b"")), "gender": "NA"} for n in range(4)]
    assert product_scores(torch.eye(4), rows, encoder({}), (2, 4)) == {}  # type: ignore[arg-type]


def test_nearer_reads_the_prefix_alone_and_a_tie_is_a_half() -> None:
    images = torch.tensor([[1.0, 0.0, 9.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    texts = torch.tensor([[1.0, 0.1, 0.0], [0.0, 1.0, 0.0], [2.0, 3.0, 0.0]])
    others = torch.tensor([[0.9, 0.3, 1.0], [1.0, 0.0, 0.0], [2.0, 3.0, 1.0]])
    assert nearer(images, texts, others, 2).tolist() == [1, 0, 0.5]
    assert nearer(images, texts, others, 3).tolist() == [0, 0, 1]


def test_pictures_of_two_things_are_scored_by_their_relation_against_its_opposite() -> None:
    """Right of one, wrong of the other; a text for both is a tie. Without pairs there is no such measure."""
    scenes = [sample_scene(3, number).attributes() for number in range(400)]
    pair = {name: next(row for row in scenes if row["relation"] == name) for name in ("left of", "behind")}
    single = next(row for row in scenes if not row["relation"])
    rows = [pair["left of"], single, pair["behind"]]
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> Tensor:
        """Every text as a row of its own, in the order in which they are asked for; two dims are blank."""
        asked.extend(text for text in texts if text not in asked)
        return torch.eye(99)[[asked.index(text) for text in texts]].roll(2, dims=1)

    truth = captions(pair["left of"])[1]
    wrong = captions({**pair["behind"], "relation": "in front of"})[1]
    images = encode([truth, captions(single)[1], wrong])
    scores = still_life_scores(images, rows, encode, (2, 99))
    assert scores[RELATION] == {"2": Score(0.5, 2, 0.0), "99": Score(0.5, 2, 0.3536)}
    assert list(scores)[-1] == RELATION and "category, relation, second category" in scores
    alone = list(islice((row for row in scenes if not row["relation"]), 3))
    assert RELATION not in still_life_scores(images, alone, encode, (2, 99))
