"""Queries with their exact answers: drawn without their own row, judged by cosine."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.sample import answer, draw


def test_the_exact_search_has_full_recall(engine, queries):
    sample = answer(engine, queries, None, 7)
    hits = engine.search(queries, Cascade.flat(engine.full_dim), 7)
    np.testing.assert_array_equal(sample.truth, hits.keys)
    assert sample.recalls(hits).tolist() == [1.0] * len(queries)


def test_a_query_drawn_from_the_collection_is_left_out_of_its_answer(engine):
    vectors, own = draw(engine, 300, seed=1)
    sample = answer(engine, vectors, own, 6)
    assert sample.k == 6 and sample.spare == 1
    assert not np.any(sample.truth == own[:, None])
    hits = engine.search(vectors, Cascade.flat(engine.full_dim), 7)
    assert sample.recalls(hits).tolist() == [1.0] * 300
    np.testing.assert_array_equal(sample.ranks(hits.keys), np.broadcast_to(np.arange(6), (300, 6)))


def test_recall_counts_what_is_there_and_ranks_say_where(engine, queries):
    sample = answer(engine, queries, None, 4)
    reverse = sample.truth[:, ::-1]
    np.testing.assert_array_equal(sample.ranks(reverse), np.broadcast_to([3, 2, 1, 0], reverse.shape))
    assert np.all(sample.ranks(reverse[:, 1:])[:, -1] == 3)  # missing
    hits = engine.search(queries, Cascade.flat(engine.full_dim), 2)
    assert sample.recalls(hits).tolist() == [0.5] * len(queries)


def test_one_of_equals_is_as_good_as_another():
    engine = Engine(np.repeat(np.eye(4, dtype=np.float32), 5, axis=0))
    sample = answer(engine, np.eye(4, dtype=np.float32)[:1], None, 2)
    hits = engine.search(np.eye(4, dtype=np.float32)[:1], Cascade.flat(4), 5)
    other = type(hits)(hits.keys[:, 3:], hits.scores[:, 3:], hits.stages)
    assert sample.recalls(other).tolist() == [1.0]


def test_drawing_is_deterministic_and_passes_over_zeros():
    rows = np.zeros((40, 8), np.float32)
    rows[::2] = np.random.default_rng(0).standard_normal((20, 8))
    engine = Engine(rows)
    vectors, own = draw(engine, 40, seed=5)
    assert sorted(own.tolist()) == list(range(0, 40, 2))
    np.testing.assert_array_equal(vectors, rows[own])
    np.testing.assert_array_equal(draw(engine, 40, seed=5)[1], own)


def test_nothing_but_zeros_cannot_be_planned_for():
    with pytest.raises(QueryError, match="zeros"):
        draw(Engine(np.zeros((9, 8), np.float32)), 5, seed=0)
