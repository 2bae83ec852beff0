"""The planner: what it promises holds on queries it never saw, within the limits it was given."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.errors import QueryError
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.collection import Collection
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.plan import Option
from mrl_demo.search.planner import _choose, plan
from mrl_demo.search.rotation import pca_rotation
from mrl_demo.search.sample import answer
from mrl_demo.search.store import Store
from tests.search.conftest import NESTED, clustered
from tests.search.test_rotation import shuffled


def matryoshka(n, seed=0):
    return clustered(n, seed) * (1 + np.arange(128, dtype=np.float32) / 8) ** -0.5


@pytest.fixture(scope="module")
def gallery():
    return Engine(matryoshka(3000), NESTED)


@pytest.fixture(scope="module")
def made(gallery):
    return plan(gallery, matryoshka(1000, seed=4), target_recall=0.9)


def test_the_promise_holds_on_queries_the_planner_never_saw(gallery, made):
    fresh = answer(gallery, matryoshka(500, seed=5), None, 10)
    hits = gallery.search(fresh.queries, made.cascade, made.k, made.first_stage)
    assert fresh.recalls(hits).mean() >= made.recall_bound >= 0.9


def test_the_fastest_that_holds_is_chosen_and_everything_measured_is_shown(made):
    assert made.chosen in made.frontier
    holding = [option.seconds_p50 for option in made.frontier if option.holds]
    assert made.seconds_p50 <= 1.05 * min(holding)
    assert all(option.recall_bound >= 0.9 for option in made.frontier if option.holds)
    assert all(option.recall_bound <= option.recall for option in made.frontier)
    assert any(option.cascade == Cascade.flat(128) for option in made.frontier)  # the exact search itself
    assert [o.seconds_p50 for o in made.frontier] == sorted(o.seconds_p50 for o in made.frontier)
    assert made.held_out == 500 and not made.warnings


def test_without_queries_rows_stand_in_and_the_plan_says_so(gallery):
    made = plan(gallery, target_recall=0.9, k=5)
    assert made.recall_bound >= 0.9
    assert made.held_out == 500
    assert any("rows of the collection" in warning for warning in made.warnings)


def test_nothing_larger_than_allowed_is_chosen_or_built():
    engine = Engine(matryoshka(2000), NESTED)
    made = plan(engine, matryoshka(600, seed=4), target_recall=0.9, max_bytes=100)
    assert made.bytes_per_vector <= 100
    assert not any(name.startswith("hnsw") for name in engine.structure_names())


def test_when_nothing_small_enough_holds_the_exact_search_is_left():
    made = plan(Engine(matryoshka(1000)), matryoshka(400, seed=4), max_bytes=1)
    assert made.cascade == Cascade.flat(128) and made.first_stage.kind == "exact"
    assert any("1 bytes" in warning for warning in made.warnings)


@pytest.mark.parametrize(
    ("max_bytes", "chosen"), [(None, 0), (600, 0), (100, 1), (32, 2), (1, 0)], ids=lambda given: str(given)
)
def test_the_limit_of_bytes_goes_before_speed(max_bytes, chosen):
    ways = [(Cascade.flat(128), 0.001, 516), (Cascade.flat(64), 0.003, 64), (Cascade.flat(32), 0.004, 32)]
    holds = [
        Option(cascade, FirstStage("exact"), 1, 1, seconds, kept, 1, True) for cascade, seconds, kept in ways
    ]
    assert _choose(holds, max_bytes) is holds[chosen]


def test_a_few_queries_can_certify_nothing_but_the_exact_search(gallery):
    made = plan(gallery, matryoshka(20, seed=4), target_recall=0.99)
    assert made.cascade == Cascade.flat(128) and made.recall_bound == 1
    assert any("give more queries" in warning for warning in made.warnings)


def test_vectors_that_are_not_matryoshka_are_noticed():
    made = plan(Engine(shuffled(matryoshka(3000))), target_recall=0.8, max_bytes=70)
    assert made.rotation_helps
    assert any("PCA" in warning for warning in made.warnings)


def test_a_collection_plans_for_itself(small_collection):
    gallery = Collection.open(small_collection)
    made = gallery.plan(target_recall=0.5, k=3)
    hits = gallery.search(gallery.embedding(5), made.cascade, made.k, made.first_stage)
    assert hits.keys[0] == 5 and (made.n, made.full_dim) == (len(gallery), gallery.full_dim)


def test_a_store_is_planned_for_with_its_rotation(tmp_path):
    rows, queries = shuffled(matryoshka(1500)), shuffled(matryoshka(900, seed=4))
    store = Store.create(tmp_path / "store", rows, rotation=pca_rotation(Engine(rows).rows), dtype="f32")
    made = plan(store, queries, target_recall=0.9, max_bytes=100)
    found = store.search(queries[:200], made.cascade, made.k, made.first_stage)
    assert answer(Engine(rows), queries[:200], None, 10).recalls(found).mean() >= 0.9
    with pytest.raises(QueryError, match="128"):
        plan(store, queries[:, :64])


def test_a_store_that_holds_other_items_than_its_engine_is_to_be_compacted_first(tmp_path):
    rows, queries = matryoshka(912), matryoshka(200, seed=4)
    store = Store.create(tmp_path / "store", rows[:12])
    store.add(range(12, 912), rows[12:])
    assert not store.is_compact
    with pytest.raises(QueryError, match=r"call its compact\(\) first"):
        plan(store, queries, k=12)
    store.compact()
    assert plan(store, queries, target_recall=0.5, k=12).n == 912
    store.remove([3])
    with pytest.raises(QueryError, match=r"compact\(\)"):
        plan(store)


def test_progress_reaches_the_end_and_never_goes_back():
    seen = []
    plan(Engine(matryoshka(400)), target_recall=0.9, progress=lambda done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (100, 100)


@pytest.mark.parametrize("n", [2, 3, 12, 60])
def test_even_a_tiny_collection_gets_a_plan(n):
    made = plan(Engine(clustered(n)), k=1)
    assert Engine(clustered(n)).search(clustered(1)[0], made.cascade, 1, made.first_stage).keys.shape == (1,)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"target_recall": 1}, "target_recall"),
        ({"target_recall": 99}, "target_recall"),
        ({"confidence": 0}, "confidence"),
        ({"max_bytes": 0}, "max_bytes"),
        ({"k": 3000}, "k must be below"),
        ({"k": 0}, "k must be"),
        ({"queries": np.ones(128)}, "two queries"),
        ({"queries": np.ones((1, 128))}, "two queries"),
        ({"queries": np.ones((4, 64))}, "128"),
        ({"queries": np.full((4, 128), np.nan)}, "NaN"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_plain_words(gallery, bad, said):
    with pytest.raises(QueryError, match=said):
        plan(gallery, **bad)
