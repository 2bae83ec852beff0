"""Sign codes against a brute-force Hamming distance: order, ties, filters, files."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mrl_demo.errors import CollectionError
from mrl_demo.search import signs
from mrl_demo.search.query import Queries
from mrl_demo.search.rerank import Rows
from mrl_demo.search.signs import SignCodes
from tests.search.conftest import clustered


def hamming(vectors, queries, dim, count, where=None):
    """The nearest `count` keys of each query by number of differing signs, ties in order of key."""
    distances = ((vectors[None, :, :dim] > 0) != (queries[:, None, :dim] > 0)).sum(axis=2)
    if where is not None:
        distances[:, ~where] = dim + 1
    return np.argsort(distances, axis=1, kind="stable")[:, :count]


def ask(queries):
    return Queries.read(queries, queries.shape[-1])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 130), st.integers(1, 300), st.integers(0, 9), st.booleans(), st.data())
def test_it_finds_what_brute_force_finds_in_that_order(dim, n, seed, filtered, data):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-2, 3, (n, 130)).astype(np.float32)
    vectors[:, 0] = 1  # no zero rows
    queries = rng.integers(-2, 3, (3, 130)).astype(np.float32)
    queries[:, 0] = 1
    where = np.arange(n) % 2 == 0 if filtered else None
    count = data.draw(st.integers(1, n if where is None else int(where.sum())))
    found = SignCodes(Rows(vectors), dim).search(ask(queries), count, where)
    np.testing.assert_array_equal(found, hamming(vectors, queries, dim, count, where))


@pytest.mark.parametrize("count", [1, 10, 700, 3000])
def test_blocks_change_nothing(monkeypatch, vectors, queries, count):
    monkeypatch.setattr(signs, "_BLOCK", 128)
    codes = SignCodes(Rows(vectors), 128)
    count = min(count, len(vectors))
    expected = hamming(vectors, queries[:6], 128, count)
    np.testing.assert_array_equal(codes.search(ask(queries[:6]), count), expected)
    one = codes.search(ask(queries[0]), count)
    np.testing.assert_array_equal(one, expected[:1])


def test_codes_that_are_all_alike_come_in_order_of_key(monkeypatch):
    monkeypatch.setattr(signs, "_BLOCK", 16)
    codes = SignCodes(Rows(np.ones((200, 8), np.float32)), 8)
    assert codes.search(ask(np.ones(8)), 5).tolist() == [[0, 1, 2, 3, 4]]
    assert codes.search(ask(-np.ones(8)), 5).tolist() == [[0, 1, 2, 3, 4]]


def test_256_differing_bits_are_counted_as_256():
    vectors = np.ones((3, 512), np.float32)
    vectors[1, :256] = -1
    vectors[2] = -1
    codes = SignCodes(Rows(vectors), 512)
    assert codes.search(ask(vectors[0]), 3).tolist() == [[0, 1, 2]]
    assert codes.search(ask(vectors[2]), 3).tolist() == [[2, 1, 0]]


def test_what_was_saved_is_loaded_and_another_file_refused(tmp_path, vectors, queries):
    codes = SignCodes(Rows(vectors), 100)
    path = tmp_path / "signs-100.npy"
    codes.save(path)
    assert codes.nbytes == 2000 * 16
    for view in (False, True):
        loaded = SignCodes.load(path, 100, 2000, view)
        np.testing.assert_array_equal(loaded.search(ask(queries), 20), codes.search(ask(queries), 20))
    for dim, count in ((200, 2000), (100, 1999)):
        with pytest.raises(CollectionError, match="build it again"):
            SignCodes.load(path, dim, count)
    for damage in (b"", b"not an array", path.read_bytes()[:1000]):
        path.write_bytes(damage)
        with pytest.raises(CollectionError, match="build it again"):
            SignCodes.load(path, 100, 2000)
    with pytest.raises(CollectionError, match="build it again"):
        SignCodes.load(tmp_path / "none", 100, 2000)


def test_extended_codes_are_the_codes_of_all_rows():
    vectors = clustered(700)
    grown = SignCodes(Rows(vectors[:300]), 128).extended(Rows(vectors))
    np.testing.assert_array_equal(grown.words, SignCodes(Rows(vectors), 128).words)
