"""The exact pass: however it is cut, laid out or shared among threads, the answer is the same."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.search import prefix_scan, tiles
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.vectors import Vectors
from tests.search.conftest import NESTED, clustered

DIMS = (5, 8, 70, 128)


def answers(engine, queries, where=None):
    found = engine.rank_at(queries, DIMS, 10, where)
    return np.stack([hits.keys for hits in found]), np.stack([hits.scores for hits in found])


@pytest.mark.parametrize("dims_in_memory", [0, 8, 64, 128])
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("queries_asked", [1, 40])
def test_neither_memory_nor_threads_change_the_answer(
    monkeypatch, engine, vectors, queries, dims_in_memory, threads, queries_asked
):
    queries = queries[:queries_asked]
    where = np.arange(2000) % 3 > 0
    expected, filtered = answers(engine, queries), answers(engine, queries, where)
    monkeypatch.setattr(tiles, "RESIDENT_BYTES", dims_in_memory * 4 * 2048)
    monkeypatch.setattr(prefix_scan, "_THREADED", 1)
    monkeypatch.setattr(prefix_scan, "_TILES", 3)
    monkeypatch.setattr(prefix_scan, "CORES", threads)
    other = Engine(vectors, NESTED)
    for found, wanted in ((answers(other, queries), expected), (answers(other, queries, where), filtered)):
        np.testing.assert_array_equal(found[0], wanted[0])
        np.testing.assert_array_equal(found[1], wanted[1])
    assert other.scan.nbytes == 2048 * 4 * dims_in_memory


def test_dims_are_laid_out_as_far_as_they_were_asked_for(vectors, queries):
    engine = Engine(vectors, NESTED)
    sizes = []
    for dim in (3, 8, 30, 128):
        engine.search(queries[0], Cascade.flat(dim), 5)
        sizes.append(engine.scan.nbytes // (4 * 2048))
    assert sizes == [8, 8, 32, 128]


@pytest.mark.parametrize("n", [1, 127, 128, 129, 1000])
def test_any_number_of_items_in_any_parts_and_dtype(monkeypatch, n, queries):
    monkeypatch.setattr(prefix_scan, "_THREADED", 1)
    monkeypatch.setattr(prefix_scan, "CORES", 4)
    vectors = clustered(n)
    whole = Engine(Vectors.of(vectors, "f16"))
    cut = [part for part in np.split(vectors, [n // 3, n // 2]) if len(part)]
    parts = Engine(Vectors.join([Vectors.of(part, "f16") for part in cut]))
    k = min(10, n)
    for dim in (7, 128):
        one, other = (engine.search(queries, Cascade.flat(dim), k) for engine in (whole, parts))
        np.testing.assert_array_equal(one.keys, other.keys)
        np.testing.assert_array_equal(one.scores, other.scores)
