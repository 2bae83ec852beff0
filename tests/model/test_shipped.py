"""The encoders in the repository: small, whole, the ones the gallery was embedded with, and good."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mrl_demo.cli import EXAMPLES
from mrl_demo.collection import Pack
from mrl_demo.model.encoder import Encoder
from mrl_demo.prefix import truncate
from mrl_demo.still_life.phrase import with_article

ROOT = Path(__file__).resolve().parents[2]
# Each encoder, and the gallery as it sees it.
GALLERIES = {"still-life": "still-life", "photos": "still-life-photos"}


@pytest.fixture(scope="module", params=GALLERIES)
def checkpoint(request: pytest.FixtureRequest) -> Path:
    return ROOT / "checkpoints" / str(request.param)


@pytest.fixture(scope="module")
def shipped(checkpoint: Path) -> Encoder:
    return Encoder.load(checkpoint, device="cpu")


@pytest.fixture(scope="module")
def gallery(checkpoint: Path) -> Pack:
    return Pack.open(ROOT / "assets" / GALLERIES[checkpoint.name])


def test_it_is_small_and_its_dims_are_the_collections(
    checkpoint: Path, shipped: Encoder, gallery: Pack
) -> None:
    assert sum(file.stat().st_size for file in checkpoint.iterdir()) < 40e6
    assert (shipped.full_dim, shipped.nested_dims) == (gallery.full_dim, gallery.nested_dims)


def test_the_collection_was_embedded_with_it(shipped: Encoder, gallery: Pack) -> None:
    assert gallery.model["fingerprint"] == shipped.fingerprint
    np.testing.assert_allclose(
        shipped.encode_image(gallery.thumbnail(0)) @ np.asarray(gallery.embeddings[0], np.float32),
        1,
        atol=0.01,
    )


@pytest.mark.parametrize(("dim", "share"), [(8, 0.75), (64, 0.9), (512, 0.9)])
def test_the_first_ten_are_what_was_asked_for(
    shipped: Encoder, gallery: Pack, dim: int, share: float
) -> None:
    vectors = truncate(np.asarray(gallery.embeddings, np.float32), dim)
    categories = np.unique(gallery.attributes["category"])
    queries = shipped.encode_text([with_article(category) for category in categories])
    best = np.argsort(-truncate(queries, dim) @ vectors.T, axis=1)[:, :10]
    right = gallery.attributes["category"][best] == categories[:, None]
    if "other_category" in gallery.attributes:  # a vase with a mug beside it shows a mug, too
        right |= gallery.attributes["other_category"][best] == categories[:, None]
    assert np.mean(right) >= share


def test_the_stored_examples_are_those_of_the_page(gallery: Pack) -> None:
    assert tuple(example.text for example in gallery.examples) == EXAMPLES


def test_it_knows_the_words_of_the_collection(shipped: Encoder, gallery: Pack) -> None:
    for word in np.unique([gallery.attributes[name] for name in ("category", "colour")]):
        assert shipped.check_text(f"a {word}") == []
