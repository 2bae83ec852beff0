"""`--data`: names, files and folders; what is trained on, what is held out, and plain words for the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mrl_demo.collection.items import write_items
from mrl_demo.errors import CollectionError
from mrl_demo.training.sources import find, open_parts
from mrl_demo.training.subjects import PHOTOS, PRODUCTS, STILL_LIFE
from tests.training.tiny import labelled_set, picture, product_set, training_set


def test_each_set_is_known_by_its_columns_and_read_in_the_order_given(tmp_path: Path) -> None:
    training_set(tmp_path / "still.parquet", 20)
    labelled_set(tmp_path / "photos" / "train-0.parquet", 12)
    labelled_set(tmp_path / "photos" / "train-1.parquet", 8)
    labelled_set(tmp_path / "photos" / "val-0.parquet", 4)
    product_set(tmp_path / "shop" / "train-0.parquet", 60)
    names = f"{tmp_path / 'still.parquet'}, {tmp_path / 'photos'},{tmp_path / 'shop'}"
    still, photos, shop = open_parts(names, 16, 0.1, seed=0)
    assert [part.subject for part in (still, photos, shop)] == [STILL_LIFE, PHOTOS, PRODUCTS]
    assert (len(still.rows), len(still.held_out)) == (18, 2)
    assert photos.rows.tolist() == list(range(20))  # its own validation part is held out, and only that
    assert photos.held_out.tolist() == list(range(20, 24))
    assert photos.data.attributes[20] == photos.data.attributes[12] == {"label": "n02123045"}
    assert sorted([*shop.rows, *shop.held_out]) == list(range(60))
    assert (photos.name, shop.name) == ("photos", "shop")
    assert [part.by_chance for part in (still, photos, shop)] == [True, False, False]
    assert photos.to_json() == {
        "name": "photos",
        "revision": "",
        "digest": photos.files.digest,
        "train": 20,
        "held_out": 4,
    }


def test_a_set_that_holds_something_else_has_another_digest(tmp_path: Path) -> None:
    training_set(tmp_path / "still.parquet", 20)
    (before,) = find(str(tmp_path / "still.parquet"))
    assert before.digest == find(str(tmp_path))[0].digest  # the folder holds the file and no other
    training_set(tmp_path / "still.parquet", 21)
    assert find(str(tmp_path / "still.parquet"))[0].digest != before.digest


def test_a_product_is_held_out_by_its_number_whatever_the_seed_and_the_rest(tmp_path: Path) -> None:
    few = open_parts(str(product_set(tmp_path / "few" / "a.parquet", 60)), 8, 0.5, seed=1)[0]
    many = open_parts(str(product_set(tmp_path / "many" / "a.parquet", 400)), 8, 0.1, seed=2)[0]

    def held(part: object) -> set[str]:
        return {str(many.data.attributes[row]["id"]) for row in np.asarray(part)}

    assert held(few.held_out) == {one for one in held(many.held_out) if int(one) < 1060}
    assert 0.05 < len(many.held_out) / 400 < 0.15


def test_the_hubs_ways_to_name_parts_are_understood(tmp_path: Path) -> None:
    labelled_set(tmp_path / "default" / "partial-train" / "0000.parquet", 6)
    labelled_set(tmp_path / "default" / "validation" / "0000.parquet", 3)
    labelled_set(tmp_path / "default" / "test" / "0000.parquet", 2)
    part = open_parts(str(tmp_path), 8, 0.1, seed=0)[0]
    assert (len(part.rows), len(part.held_out), len(part.data)) == (6, 3, 9)


def test_what_cannot_be_trained_on_is_said_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="still-life, tiny-imagenet, fashion"):
        open_parts(str(tmp_path / "none"), 8, 0.1, 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CollectionError, match="no Parquet files"):
        open_parts(str(tmp_path / "empty"), 8, 0.1, 0)
    write_items(tmp_path / "other.parquet", [{"image": picture("red"), "artist": "somebody"}])
    with pytest.raises(CollectionError, match=r"artist.*labelled photos \(label\)"):
        open_parts(str(tmp_path / "other.parquet"), 8, 0.1, 0)
    with pytest.raises(ValueError, match="each once"):
        open_parts("still-life,still-life", 8, 0.1, 0)


def test_sets_that_would_be_called_alike_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        product_set(tmp_path / folder / "shop" / "train.parquet", 60)
    with pytest.raises(ValueError, match=r"several would be called shop\. A set is named after its folder"):
        open_parts(f"{tmp_path / 'one' / 'shop'},{tmp_path / 'two' / 'shop'}", 8, 0.1, 0)
    training_set(tmp_path / "a.parquet", 20)
    training_set(tmp_path / "b.parquet", 20)
    with pytest.raises(ValueError, match=f"several would be called {tmp_path.name}"):
        find(f"{tmp_path / 'a.parquet'},{tmp_path / 'b.parquet'}")
