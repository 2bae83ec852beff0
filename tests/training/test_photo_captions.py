"""Captions of labelled photos: true of the class, at every level, and stating what they say."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from mrl_demo.collection.sources import Entry
from mrl_demo.errors import CollectionError
from mrl_demo.training.data import TrainingSet
from mrl_demo.training.photo_captions import (
    TEMPLATES,
    class_of,
    prompts,
    readings,
    sample_name,
    sample_statement,
    told,
    with_its_article,
)
from tests.training.tiny import CLASSES

TABBY, RETRIEVER, BOTTLE, BANANA = CLASSES


def drawn(label: str, count: int = 400) -> list[tuple[str, str]]:
    rng = random.Random(0)
    found = (sample_statement({"label": label}, rng) for _ in range(count))
    return [(text, str(stated["name"])) for text, stated in found]


def test_a_tabby_is_called_by_its_names_and_its_kinds() -> None:
    texts = {text for text, _ in drawn(TABBY)}
    assert {"a photo of a tabby", "a photo of a tabby cat", "a photo of a cat", "an animal"} <= texts


@pytest.mark.parametrize("label", CLASSES)
def test_a_caption_says_the_name_that_it_states_and_the_name_is_one_of_the_classes_own(label: str) -> None:
    own = {row["name"] for row in readings({"label": label})}
    for text, name in drawn(label, 100):
        assert name in text
        assert name in own


def test_an_animal_is_a_positive_of_every_animal_and_of_nothing_else() -> None:
    data = TrainingSet(
        torch.zeros(4, 3, 2, 2, dtype=torch.uint8),
        [{"label": label} for label in CLASSES],
        sample_statement,
        readings,
    )
    names = ("cat", "animal", "bottle", "fruit")  # each said of the picture in its place
    stated = [{"name": name} for name in names]
    assert data.positives(np.arange(4), [f"a photo of a {name}" for name in names], stated).tolist() == [
        [True, True, False, False],  # the tabby
        [False, True, False, False],  # the retriever
        [False, False, True, False],
        [False, False, False, True],  # a banana
    ]


def test_every_class_of_the_table_has_a_name_and_questions_of_the_same_number() -> None:
    from mrl_demo.training.photo_captions import _wordnet

    assert len(_wordnet()) == 200
    for label in _wordnet():
        found = class_of(label)
        assert found.names[0] in prompts(label)[0]
        assert len(prompts(label)) == len(prompts(TABBY))
        assert len(set((*found.names, *found.kinds))) == len(found.names) + len(found.kinds)


def test_labels_that_are_words_are_read_as_words_and_unknown_numbers_refused() -> None:
    entry = Entry("a", (0, 0), "", {"label": "apple_pie"}, b"")
    assert told(entry) == {"label": "apple_pie"}
    assert prompts("apple_pie")[0] == "a photo of an apple pie"
    with pytest.raises(CollectionError, match="n00000001"):
        told(Entry("a", (0, 0), "", {"label": "n00000001"}, b""))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cat", "a cat"),
        ("animal", "an animal"),
        ("uniform", "a uniform"),
        ("ungulate", "an ungulate"),
        ("utensil", "a utensil"),
        ("European fire salamander", "a European fire salamander"),
        ("sunglasses", "sunglasses"),
        ("loaf of bread", "a loaf of bread"),
        ("hourglass", "an hourglass"),
    ],
)
def test_articles(words: str, expected: str) -> None:
    assert with_its_article(words) == expected


@pytest.mark.parametrize("label", CLASSES)
def test_a_name_is_one_of_the_classes_own_mostly_the_usual_one_and_never_a_kind(label: str) -> None:
    rng = random.Random(0)
    found = class_of(label)
    texts = [sample_name({"label": label}, rng) for _ in range(300)]
    ends = sorted(found.names, key=len)
    assert all(any(name in text for name in ends) for text in texts)
    assert sum(found.names[0] in text for text in texts) / len(texts) > 0.75
    kinds = {template.format(with_its_article(kind)) for template in TEMPLATES for kind in found.kinds}
    assert not kinds & set(texts)
    assert len(set(texts)) > len(TEMPLATES)
