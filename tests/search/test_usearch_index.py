"""USearch's traps, each with a test of its own: that it is there where we can tell, and that nobody sees
it."""

from __future__ import annotations

import numpy as np
import pytest
from usearch.index import Index

from mrl_demo.errors import CollectionError
from mrl_demo.prefix import truncate
from mrl_demo.search import usearch_index
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows
from mrl_demo.search.usearch_index import PrefixIndex


@pytest.fixture(scope="module")
def rows(vectors):
    return Rows(vectors)


@pytest.fixture(scope="module")
def index(rows):
    return PrefixIndex(rows, 32)


def ask(vectors):
    return Queries.read(vectors, 128)


def test_missing_hits_are_counted_out_not_padded_with_key_0(vectors, queries):
    three = PrefixIndex(Rows(vectors[:3]), 16)
    for batch in (queries[:1], queries[:2]):
        found = three.search(ask(batch), 10)
        assert found.counts.tolist() == [3] * len(batch)
        assert all(sorted(row[:3].tolist()) == [0, 1, 2] for row in found.keys)


def test_a_batch_of_one_row_keeps_its_shape(index, queries):
    found = index.search(ask(queries[0]), 10)
    assert found.keys.shape == (1, 10)
    assert found.counts.tolist() == [10]


def test_the_dtype_is_ours_on_any_hardware(index):
    assert str(index._index.dtype).endswith("BF16")
    assert index._index.ndim == 32


def test_prefixes_are_renormalised_whatever_the_length_of_the_rows(vectors, queries):
    stretched = vectors * np.random.default_rng(0).uniform(0.1, 10, (len(vectors), 1)).astype(np.float32)
    one, other = (PrefixIndex(Rows(given), 32) for given in (vectors, stretched))
    for query in queries[:10]:
        exact = np.argsort(-(truncate(vectors, 32) @ truncate(query, 32)))[:10]
        for index in (one, other):
            assert len(np.intersect1d(index.search(ask(query), 100).keys[0], exact)) >= 9


def test_the_same_rows_give_the_same_graph(rows, index, queries):
    again = PrefixIndex(rows, 32)
    np.testing.assert_array_equal(again.search(ask(queries), 50).keys, index.search(ask(queries), 50).keys)


def test_load_checks_dim_count_and_dtype_and_sets_the_beam_again(tmp_path, index, queries):
    path = tmp_path / "32.usearch"
    index.save(path)
    loaded = PrefixIndex.load(path, 32, 2000)
    assert loaded._index.expansion_search == 1  # so that a search decides
    np.testing.assert_array_equal(loaded.search(ask(queries), 50).keys, index.search(ask(queries), 50).keys)
    for dim, count in ((64, 2000), (32, 1999)):
        with pytest.raises(CollectionError, match="build it again"):
            PrefixIndex.load(path, dim, count)
    other = Index(ndim=32, metric="ip", dtype="f32")
    other.add(np.arange(2), np.ones((2, 32), np.float32))
    other.save(str(path))
    with pytest.raises(CollectionError, match="build it again"):
        PrefixIndex.load(path, 32, 2)


@pytest.mark.parametrize("damage", [b"", b"not an index", None])
def test_a_damaged_file_is_refused_not_searched(tmp_path, index, damage):
    path = tmp_path / "32.usearch"
    index.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(CollectionError, match="build it again"):
        PrefixIndex.load(path, 32, 2000)
    with pytest.raises(CollectionError, match="build it again"):
        PrefixIndex.load(tmp_path / "none", 32, 2000)


def test_zero_prefixes_do_no_harm(queries):
    vectors = np.zeros((50, 128), np.float32)
    vectors[:, 64:] = 1
    found = PrefixIndex(Rows(vectors), 8).search(ask(queries[0]), 10)
    assert 0 < found.counts[0] <= 10
    assert len(set(found.keys[0, : found.counts[0]].tolist())) == found.counts[0]


def test_the_estimated_size_of_a_graph_is_near_the_real_one(index):
    estimate = len(index) * (32 * usearch_index.VECTOR_BYTES["bf16"] + usearch_index.GRAPH_BYTES)
    assert abs(estimate / index.nbytes - 1) < 0.02


@pytest.mark.parametrize("dim", [8, 64])
def test_int8_rows_that_are_added_are_scaled_as_those_before(tmp_path, vectors, dim):
    first = Rows(vectors[:1500])
    PrefixIndex(first, dim, "i8").save(tmp_path / "graph")
    later = vectors.copy()
    later[1500:] = np.eye(128)[0]  # alone, these would have been scaled otherwise
    grown = PrefixIndex.load(tmp_path / "graph", dim, 1500, "i8", view=True)
    scale = 127 / np.abs(truncate(vectors[:1500], dim)).max()
    assert grown._scale(Rows(later)) == pytest.approx(scale, rel=2e-3)
    assert len(grown.extended(Rows(later))) == 2000


def test_what_a_search_costs_is_reported(index, queries):
    one, all_of_them = index.search(ask(queries[0]), 10), index.search(ask(queries), 10)
    assert 0 < one.distances < 2000
    assert one.distances < all_of_them.distances
    assert one.visited > 0
