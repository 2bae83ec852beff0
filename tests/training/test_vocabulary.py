"""The words a text tower will have met: those of every set it is trained on, and of nothing held out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mrl_demo.training.sources import open_parts
from mrl_demo.training.vocabulary import Vocabulary
from tests.training.tiny import labelled_set, product_set


@pytest.fixture(scope="module")
def met(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder: Path = tmp_path_factory.mktemp("sets")
    labelled_set(folder / "photos" / "train.parquet", 4)
    labelled_set(folder / "photos" / "val.parquet", 3)
    product_set(folder / "shop" / "train.parquet", 40)
    return Vocabulary.of(open_parts(f"{folder / 'photos'},{folder / 'shop'}", 8, 0.1, 0), 40)


def test_words_of_every_set_are_met(met: Vocabulary) -> None:
    assert {"banana", "tabby", "animal", "belt", "women", "topwear", "maker", "summer"} <= set(met.words)
    assert not {"goldfish", "mug", "na"} & set(met.words)


@pytest.mark.parametrize(
    "caption", ["a blue men's shirt", "Maker Women Red Belts 3", "a photo of a beer bottle"]
)
def test_a_caption_put_together_from_its_pieces_is_what_the_tokenizer_says(
    met: Vocabulary, caption: str
) -> None:
    assert met.token_ids(caption) == met.reader.token_ids(caption)
    assert set(met.token_ids(caption)) <= met.tokens


def test_words_that_no_caption_had_are_read_all_the_same(met: Vocabulary) -> None:
    assert met.token_ids("a zebra") == met.reader.token_ids("a zebra")
