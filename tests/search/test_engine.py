"""The engine: the algebra of cascades, exactness against brute force, filters, bad input, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.prefix import truncate
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FIRST_STAGES, FirstStage
from tests.search.conftest import NESTED, clustered

unhurried = settings(deadline=None, max_examples=40)
# Coarse numbers, so that equal rows, equal scores and zero prefixes do come up.
coarse = st.integers(-3, 3).map(float)
collections = hnp.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(12)), elements=coarse)
questions = hnp.arrays(np.float32, 12, elements=coarse).filter(np.any)


def brute_force(vectors, query, dim, k):
    """Cosines in float64, best first: the scores only, as ties may be broken by rounding."""
    scores = truncate(vectors.astype(np.float64), dim) @ truncate(query.astype(np.float64), dim)
    return np.sort(scores)[::-1][:k]


@unhurried
@given(collections, questions, st.data())
def test_a_funnel_that_keeps_everything_equals_flat(vectors, query, data):
    engine = Engine(vectors)
    dims = sorted(data.draw(st.sets(st.integers(1, 12), min_size=1, max_size=4)))
    k = data.draw(st.integers(1, len(vectors)))
    funnel = engine.search(query, Cascade.funnel(dims, [len(vectors)] * (len(dims) - 1)), k)
    flat = engine.search(query, Cascade.flat(dims[-1]), k)
    np.testing.assert_array_equal(funnel.keys, flat.keys)
    np.testing.assert_array_equal(funnel.scores, flat.scores)


@unhurried
@given(collections, questions, st.data())
def test_rank_at_equals_flat_search_at_each_dim_bit_for_bit(vectors, query, data):
    engine = Engine(vectors)
    dims = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=6))
    k = data.draw(st.integers(1, len(vectors)))
    for dim, hits in zip(dims, engine.rank_at(query, dims, k), strict=True):
        flat = engine.search(query, Cascade.flat(dim), k)
        np.testing.assert_array_equal(hits.keys, flat.keys)
        np.testing.assert_array_equal(hits.scores, flat.scores)


@unhurried
@given(collections, questions, st.data())
def test_scores_are_cosines_and_equal_scores_are_in_order_of_key(vectors, query, data):
    dim = data.draw(st.integers(1, 12))
    k = data.draw(st.integers(1, len(vectors)))
    hits = Engine(vectors).search(query, Cascade.flat(dim), k)
    np.testing.assert_allclose(hits.scores, brute_force(vectors, query, dim, k), atol=1e-5)
    assert len(set(hits.keys.tolist())) == k
    pairs = [(-score, key) for score, key in zip(hits.scores.tolist(), hits.keys.tolist(), strict=True)]
    assert pairs == sorted(pairs)


@unhurried
@given(collections, questions, st.integers(1, 12))
def test_no_argument_is_written_to(vectors, query, dim):
    where = np.arange(len(vectors)) % 2 == 0
    before = vectors.copy(), query.copy(), where.copy()
    engine = Engine(vectors)
    for first_stage in FIRST_STAGES:
        hits = engine.search(query, Cascade.flat(dim), 1, first_stage, where)
        hits.keys[...] = 0  # nor does the engine hand out what it keeps
        hits.scores[...] = 0
    engine.rank_at(query, [dim], 1, where)
    for now, then in zip((vectors, query, where), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("dim", range(1, 129, 9))
def test_exact_search_finds_what_brute_force_finds(engine, vectors, queries, dim):
    hits = engine.search(queries, Cascade.flat(dim), 10)
    for row, query in zip(hits.scores, queries, strict=True):
        np.testing.assert_allclose(row, brute_force(vectors, query, dim, 10), atol=1e-5)


def test_exact_search_of_many_items_finds_what_brute_force_finds():
    vectors, queries = clustered(9001, full_dim=32), clustered(5, seed=1, full_dim=32)
    vectors[8000:8100] = vectors[17]  # more equal items than the exact pass has spare candidates
    queries[0] = vectors[17]
    engine = Engine(vectors)
    for hits, dim in zip(engine.rank_at(queries, (3, 8, 32), 10), (3, 8, 32), strict=True):
        for row, query in zip(hits.scores, queries, strict=True):
            np.testing.assert_allclose(row, brute_force(vectors, query, dim, 10), atol=1e-5)
    assert hits.keys[0].tolist() == [17, *range(8000, 8009)]


def test_adaptive_whose_shortlist_is_everything_equals_flat_at_dr(engine, queries):
    adaptive = engine.search(queries, Cascade.adaptive(8, 128, shortlist=10**6), 10)
    np.testing.assert_array_equal(adaptive.keys, engine.search(queries, Cascade.flat(128), 10).keys)


def test_a_batch_answers_as_its_queries_do_one_by_one(engine, queries):
    cascade = Cascade.funnel((8, 32, 128), (100, 30))
    for first_stage in FIRST_STAGES:
        batch = engine.search(queries, cascade, 7, first_stage)
        assert batch.keys.shape == batch.scores.shape == (len(queries), 7)
        for row, query in enumerate(queries):
            one = engine.search(query, cascade, 7, first_stage)
            assert one.keys.shape == (7,)
            np.testing.assert_array_equal(batch.keys[row], one.keys)
            np.testing.assert_array_equal(batch.scores[row], one.scores)


def test_a_batch_of_one_keeps_its_batch_axis(engine, queries):
    for first_stage in FIRST_STAGES:
        hits = engine.search(queries[:1], Cascade.flat(16), 5, first_stage)
        assert hits.keys.shape == hits.scores.shape == hits.stages[0].keys.shape == (1, 5)


def test_a_batch_too_large_to_hold_all_scores_at_once_is_cut(monkeypatch, engine, queries):
    whole = engine.rank_at(queries, NESTED, 10)
    monkeypatch.setattr("mrl_demo.search.prefix_scan._SCORES_BYTES", 3 * 4 * len(NESTED) * engine.n)
    monkeypatch.setattr("mrl_demo.search.rerank._CHUNK_BYTES", 20_000)
    for cut, hits in zip(engine.rank_at(queries, NESTED, 10), whole, strict=True):
        np.testing.assert_array_equal(cut.keys, hits.keys)
        np.testing.assert_array_equal(cut.scores, hits.scores)


def agreement(one, other):
    return np.mean([len(np.intersect1d(a, b)) / len(a) for a, b in zip(one, other, strict=True)])


@pytest.mark.parametrize("dtype", ["bf16", "f16", "i8"])
@pytest.mark.parametrize("dim", [8, 13, 32, 128])
def test_hnsw_recall_on_clustered_vectors(engine, queries, dim, dtype):
    exact = engine.search(queries, Cascade.flat(dim), 10).keys
    found = engine.search(queries, Cascade.flat(dim), 10, FirstStage("hnsw", dtype)).keys
    assert agreement(exact, found) >= 0.95


@pytest.mark.parametrize(("kind", "dim"), [("hnsw", 64), ("signs", 16)])
def test_more_is_found_the_wider_an_approximate_stage_looks(engine, queries, kind, dim):
    flat = Cascade.flat(dim)
    exact = engine.search(queries, flat, 10).keys
    found = [engine.search(queries, flat, 10, FirstStage(kind, ef=ef)).keys for ef in (10, 1500)]
    narrow, wide = (agreement(exact, keys) for keys in found)
    assert narrow < wide and wide >= 0.99


def test_an_approximate_stage_hands_on_its_nearest_in_its_own_order(engine, queries):
    for kind in ("hnsw", "signs"):
        hits = engine.search(queries, Cascade.adaptive(32, 128, 30), 10, kind)
        wider = engine.search(queries, Cascade.adaptive(32, 128, 30), 10, FirstStage(kind, ef=400))
        first = hits.stages[0]
        assert (first.first_stage, first.kept, first.keys.shape) == (kind, 30, (len(queries), 30))
        assert agreement(first.keys, wider.stages[0].keys) > 0.9


def test_sign_bits_cost_bytes_and_no_multiply_adds(engine, queries):
    stage = engine.search(queries[0], Cascade.adaptive(100, 128, 50), 10, "signs").stages[0]
    assert (stage.first_stage, stage.bytes_touched, stage.multiply_adds) == ("signs", 2000 * 16, 0)


def test_each_stage_tells_what_it_kept_dropped_and_cost(engine, queries):
    cascade = Cascade.funnel((8, 32, 128), (100, 30))
    hits = engine.search(queries[0], cascade, 10)
    assert [(s.dim, s.first_stage, s.considered, s.kept, s.dropped) for s in hits.stages] == [
        (8, "exact", 2000, 100, 1900),
        (32, "rerank", 100, 30, 70),
        (128, "rerank", 30, 10, 20),
    ]
    assert sum(stage.multiply_adds for stage in hits.stages) == cascade.multiply_adds(2000)
    assert [s.bytes_touched for s in hits.stages] == [2000 * 36, 100 * 132, 30 * 516]
    for stage, after in zip(hits.stages, hits.stages[1:], strict=False):
        assert set(after.keys.tolist()) < set(stage.keys.tolist())
    np.testing.assert_array_equal(hits.stages[-1].keys, hits.keys)
    assert hits.seconds == sum(stage.seconds for stage in hits.stages) > 0


def test_the_cost_of_rank_at_sums_to_one_pass(engine, queries):
    stages = [hits.stages[0] for hits in engine.rank_at(queries[0], NESTED, 10)]
    assert sum(stage.multiply_adds for stage in stages) == Cascade.flat(128).multiply_adds(2000)


def test_an_hnsw_stage_costs_what_usearch_counted(engine, queries):
    (stage,) = engine.search(queries[0], Cascade.flat(32), 10, "hnsw").stages
    assert stage.first_stage == "hnsw"
    assert 0 < stage.multiply_adds < Cascade.flat(32).multiply_adds(2000)
    assert stage.multiply_adds % 32 == 0
    assert (stage.considered, stage.kept, stage.dropped) == (2000, 10, 1990)


@pytest.mark.parametrize("first_stage", FIRST_STAGES)
@pytest.mark.parametrize("share", [2, 7, 90, 1000])
def test_a_filter_finds_the_best_of_what_it_leaves(engine, vectors, queries, first_stage, share):
    where = np.arange(2000) % share == 1
    left = np.flatnonzero(where)
    shortlist = 400 if first_stage == "signs" else 60  # 32 bits say little
    hits = engine.search(queries, Cascade.adaptive(32, 128, shortlist), 10, first_stage, where)
    assert hits.keys.shape == (len(queries), min(10, len(left)))
    assert np.isin(hits.keys, left).all()
    alone = Engine(vectors[left]).search(queries, Cascade.adaptive(32, 128, shortlist), min(10, len(left)))
    agree = np.mean(left[alone.keys] == hits.keys)
    assert agree == 1 if first_stage == "exact" else agree >= 0.9


def test_a_filter_too_narrow_for_the_graph_is_searched_exactly_and_says_so(engine, queries):
    where = np.arange(2000) < 15
    hits = engine.search(queries[0], Cascade.flat(32), 10, "hnsw", where)
    assert hits.stages[0].first_stage == "exact"
    assert len(hits) == 10


@pytest.mark.parametrize("first_stage", FIRST_STAGES)
def test_a_filter_that_leaves_nothing_finds_nothing(engine, queries, first_stage):
    nothing = np.zeros(2000, bool)
    assert len(engine.search(queries[0], Cascade.flat(8), 3, first_stage, nothing)) == 0
    assert engine.search(queries[:2], Cascade.flat(8), 3, first_stage, nothing).keys.shape == (2, 0)
    assert len(engine.rank_at(queries[0], (8,), 3, nothing)[0]) == 0


def test_k_may_be_the_whole_collection():
    vectors = clustered(30)
    for first_stage in FIRST_STAGES:
        hits = Engine(vectors).search(vectors[4], Cascade.flat(128), 30, first_stage)
        assert sorted(hits.keys.tolist()) == list(range(30))
        assert hits.keys[0] == 4


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_any_float_matrix_can_be_searched(vectors, queries, dtype):
    given = vectors[:300].astype(dtype)
    hits = Engine(given).search(queries[0].astype(dtype), Cascade.flat(64), 5)
    np.testing.assert_allclose(hits.scores, brute_force(given, queries[0], 64, 5), atol=2e-3)


def test_a_large_float16_matrix_stays_in_float16_with_the_same_answer(monkeypatch, vectors, queries):
    halves = vectors.astype(np.float16)
    cascade = Cascade.adaptive(16, 128, 50)
    widened = Engine(halves).search(queries, cascade, 10)
    monkeypatch.setattr("mrl_demo.search.rerank.RESIDENT_BYTES", 0)
    engine = Engine(halves)
    assert engine.rows.vectors.parts[0] is halves
    np.testing.assert_array_equal(
        engine.search(queries, Cascade.adaptive(16, 128, 50), 10).keys, widened.keys
    )


def test_many_threads_get_the_same_answers(vectors, queries):
    engine = Engine(vectors, NESTED)  # fresh: the threads also race to build
    ways = [(Cascade.flat(16), "hnsw"), (Cascade.adaptive(16, 128), "exact"), (Cascade.flat(50), "exact")]

    def search(job):
        query, (cascade, first_stage) = job
        return engine.search(query, cascade, 10, first_stage).keys

    jobs = [(query, way) for query in queries for way in ways]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(search, jobs))
    for job, keys in zip(jobs, together, strict=True):
        np.testing.assert_array_equal(keys, search(job))


def test_a_query_of_any_length_and_number_type_will_do(engine, queries):
    expected = engine.search(queries[0], Cascade.flat(128), 5).keys
    for same in (queries[0] * 1e30, queries[0].astype(np.float64) * 1e200, queries[0].tolist()):
        np.testing.assert_array_equal(engine.search(same, Cascade.flat(128), 5).keys, expected)
    assert len(engine.search(np.arange(128), Cascade.flat(128), 5)) == 5


nan = np.ones(128, np.float32)
nan[3] = np.nan


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (nan, "NaN or infinity"),
        (nan * np.inf, "NaN or infinity"),
        (np.zeros(128), "nothing but zeros"),
        (np.ones(128, bool), "dtype bool"),
        ("a red mug", "got str"),
        (["a"] * 128, "got list"),
        (None, "got NoneType"),
        (np.ones(64), "must have 128 numbers, got 64"),
        (np.ones((2, 2, 128)), "a batch"),
        (np.float32(1), "a batch"),
        (np.ones((0, 128)), "empty"),
        ([[1.0, 2.0], [1.0]], "differ in length"),
        (np.ones(128, complex), "real numbers"),
    ],
)
def test_what_is_not_a_query_is_refused_in_plain_words(engine, query, said):
    with pytest.raises(QueryError, match=said):
        engine.search(query, Cascade.flat(8))
    with pytest.raises(ValueError, match=said):
        engine.rank_at(query, (8,))


@pytest.mark.parametrize("k", [0, -1, 2001, 2.0, True, "3", None])
def test_k_outside_the_collection_is_refused_with_its_size(engine, queries, k):
    for ask in (
        lambda: engine.search(queries[0], Cascade.flat(8), k),
        lambda: engine.rank_at(queries[0], [8], k),
    ):
        with pytest.raises(QueryError, match=f"1 to 2000.*got {k!r}"):
            ask()


def test_a_dim_beyond_the_embedding_is_refused_with_the_range(engine, queries):
    for first_stage in FIRST_STAGES:
        with pytest.raises(QueryError, match="from 1 to 128, got 513"):
            engine.search(queries[0], Cascade.flat(513), first_stage=first_stage)
    for dims in ([0], [8, 129], [True], ["8"]):
        with pytest.raises(QueryError, match="from 1 to 128"):
            engine.rank_at(queries[0], dims)
    for dims in ([], 8):
        with pytest.raises(QueryError, match="dim"):
            engine.rank_at(queries[0], dims)


def test_other_requests_that_make_no_sense_are_refused(engine, queries):
    with pytest.raises(QueryError, match="k=10 and a shortlist of 5"):
        engine.search(queries[0], Cascade.adaptive(8, 128, shortlist=5), 10)
    with pytest.raises(QueryError, match="'exact', 'hnsw'"):
        engine.search(queries[0], Cascade.flat(8), first_stage="ivf")
    for where in (np.ones(3, bool), np.ones(2000), [1, 2, 3]):
        with pytest.raises(QueryError, match="2000 booleans"):
            engine.search(queries[0], Cascade.flat(8), where=where)


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        (np.ones((0, 8), np.float32), "empty"),
        (np.ones((8, 0), np.float32), "empty"),
        (np.ones(8, np.float32), "float matrix"),
        (np.ones((8, 8), int), "float matrix"),
        (np.full((8, 8), np.nan, np.float32), "NaN"),
    ],
)
def test_what_is_not_a_matrix_of_embeddings_is_refused(vectors, said):
    with pytest.raises(CollectionError, match=said):
        Engine(vectors)
