"""The words a text tower will have met: those of every set it is trained on, and of nothing held out."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mrl_demo.collection.sources import Entry
from mrl_demo.training.photo_captions import sample_statement as of_photo
from mrl_demo.training.product_captions import sample_statement as of_product
from mrl_demo.training.product_captions import told
from mrl_demo.training.sources import open_parts
from mrl_demo.training.subjects import PHOTOS, PRODUCTS
from mrl_demo.training.vocabulary import Vocabulary, text_tokens
from tests.training.tiny import CLASSES, labelled_set, product, product_set


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


def test_all_that_captions_of_products_and_photos_may_say_is_met_however_seldom_it_is_said() -> None:
    """Names that are said of one in eight: drawn captions would miss most of them."""
    rows = [
        {**told(Entry(f"#{n}", (0, 0), "", product(n), b"")), "name": f"Maker{n} unheard{n}"}
        for n in range(40)
    ]
    labels = [{"label": label} for label in CLASSES]
    rng = random.Random(0)
    for some, sample, wordings in (
        (rows, of_product, PRODUCTS.wordings),
        (labels, of_photo, PHOTOS.wordings),
    ):
        assert wordings
        pieces = {piece for text in wordings(some) for piece in text.split()}
        said = {piece for _ in range(200) for row in some for piece in sample(row, rng)[0].split()}
        assert said <= pieces
    assert {piece for text in PRODUCTS.wordings(rows) for piece in text.split()} >= {  # type: ignore[misc]
        f"unheard{n}" for n in range(40)
    }


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


def test_noise_puts_strangers_in_and_never_breaks_start_end_or_length() -> None:
    ids = [[5, 6, 7], [5] * 40]
    plain = text_tokens(ids, 10, 100, 101, 0.0, frozenset({5, 6, 7}), random.Random(0))
    assert plain.tolist() == [[100, 5, 6, 7, 101, 0, 0, 0, 0, 0], [100, *[5] * 8, 101]]
    noisy = text_tokens(ids, 10, 100, 101, 1.0, frozenset({5, 6, 7}), random.Random(0))
    assert [token for token in noisy[0].tolist() if token in (5, 6, 7)] == [5, 6, 7]
    assert set(noisy[0].tolist()) - {0, 5, 6, 7, 100, 101}
    assert (noisy[:, 0] == 100).all()
    assert ((noisy == 101).sum(dim=1) == 1).all()
