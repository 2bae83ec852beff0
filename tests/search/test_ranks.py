"""Ranks of the exact answer: against sorting everything, for prefixes and for signs, ties included."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.prefix import truncate
from mrl_demo.search.engine import Engine
from mrl_demo.search.ranks import ranks
from mrl_demo.search.sample import answer, draw
from tests.search.conftest import clustered

DIMS = (8, 40, 128)


def scores_at(rows, queries, dim, compared):
    if compared == "signs":
        bits = [np.where(x[:, :dim] > 0, 1, -1).astype(np.int64) for x in (queries, rows)]
        return bits[0] @ bits[1].T
    return truncate(queries.astype(np.float64), dim) @ truncate(rows.astype(np.float64), dim).T


@pytest.mark.parametrize("compared", ["prefix", "signs"])
def test_ranks_are_those_of_a_full_sort(compared):
    rows, queries = clustered(900), clustered(12, seed=3)
    engine = Engine(rows)
    sample = answer(engine, queries, None, 10)
    found = ranks(engine.rows, sample, DIMS, compared)
    for dim in DIMS:
        scores = scores_at(rows, queries, dim, compared)
        order = np.argsort(-scores, axis=1, kind="stable")  # equal scores in order of key
        place = np.empty_like(order)
        np.put_along_axis(place, order, np.arange(len(rows))[None], axis=1)
        np.testing.assert_array_equal(found[dim], np.take_along_axis(place, sample.truth, axis=1))


def test_ranks_beyond_the_most_asked_for_stay_beyond_it(engine, queries):
    sample = answer(engine, queries, None, 10)
    exact, capped = (ranks(engine.rows, sample, (8, 32), most=most) for most in (None, 20))
    for dim in (8, 32):
        np.testing.assert_array_equal(exact[dim] > 20, capped[dim] > 20)
        within = exact[dim] <= 20
        assert within.any() and not within.all()
        np.testing.assert_array_equal(exact[dim][within], capped[dim][within])


def test_threads_that_share_the_work_count_the_same(engine, queries, monkeypatch):
    sample = answer(engine, queries, None, 10)
    alone = ranks(engine.rows, sample, (8, 32), "signs")
    monkeypatch.setattr("mrl_demo.search.ranks._SHARED_FROM", 1)
    together = ranks(engine.rows, sample, (8, 32), "signs")
    for dim in (8, 32):
        np.testing.assert_array_equal(alone[dim], together[dim])


def test_at_full_dim_the_answer_stands_in_its_own_order(engine, queries):
    sample = answer(engine, queries, None, 10)
    found = ranks(engine.rows, sample, (engine.full_dim,))[engine.full_dim]
    np.testing.assert_array_equal(found, np.broadcast_to(np.arange(10), found.shape))


def test_a_query_from_the_collection_is_not_counted(engine):
    vectors, own = draw(engine, 30, seed=0)
    sample = answer(engine, vectors, own, 5)
    assert not np.any(sample.truth == own[:, None])
    found = ranks(engine.rows, sample, (engine.full_dim,))[engine.full_dim]
    np.testing.assert_array_equal(found, np.broadcast_to(np.arange(5), found.shape))


def test_copies_of_one_row_are_ranked_by_key():
    engine = Engine(np.ones((50, 16), np.float32))
    sample = answer(engine, np.ones((1, 16), np.float32), None, 4)
    for compared in ("prefix", "signs"):
        assert ranks(engine.rows, sample, (8,), compared)[8].tolist() == [[0, 1, 2, 3]]
