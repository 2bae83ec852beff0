"""A pack and its engine behind one name."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.collection import write_pack
from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from tests.fakes import small_rows


@pytest.fixture(scope="module")
def collection(small_pack):
    return Collection.open(small_pack.path)


def test_it_tells_what_the_pack_tells(collection, small_pack):
    assert len(collection) == len(small_pack) == 200
    assert (collection.name, collection.title, collection.full_dim) == ("small", "Coloured squares", 512)
    assert collection.nested_dims == small_pack.nested_dims
    assert collection.model == small_pack.model
    assert collection.caption(3, "short") == small_pack.caption(3, "short")
    assert collection.thumbnail(3) == small_pack.thumbnail(3)
    assert collection.source(3) == small_pack.source(3)
    assert [example.text for example in collection.examples] == [e.text for e in small_pack.examples]


def test_an_item_finds_itself_at_any_dim(collection):
    for hits in collection.rank_at(collection.embedding(42), range(3, 512, 40), 5):
        same = np.flatnonzero(np.isclose(hits.scores, 1, atol=1e-5))
        assert 42 in hits.keys[same]


def test_an_example_finds_what_it_says(collection):
    example = next(example for example in collection.examples if example.text == "a red mug")
    best = collection.search(example.embedding, Cascade.adaptive(64, 512), 3).keys[0]
    assert collection.attributes["category"][best] == "mug"
    assert collection.attributes["colour"][best] == "red"


def test_attributes_filter(collection):
    where = collection.where(colour="red", category="mug")
    assert 0 < where.sum() < 20
    hits = collection.search(collection.embedding(0), Cascade.flat(64), int(where.sum()), where=where)
    np.testing.assert_array_equal(np.sort(hits.keys), np.flatnonzero(where))
    with pytest.raises(QueryError, match=r"no column 'size'; the columns are .*colour"):
        collection.where(size="large")


def test_memory_names_every_way_to_search(collection):
    assert {row.retrieval for row in collection.memory()} == {"flat", "hnsw", "signs", "cascade", "separate"}


def test_a_collection_that_is_missing_or_not_embedded_says_so(tmp_path):
    with pytest.raises(CollectionError):
        Collection.open(tmp_path / "none")
    write_pack(tmp_path / "bare", small_rows(3), name="bare", title="Bare")
    bare = Collection.open(tmp_path / "bare")
    assert bare.caption(0, "short") == "a mug"
    with pytest.raises(CollectionError, match="embed"):
        bare.search(np.ones(512), Cascade.flat(8), 1)
