"""The store: answers in the caller's keys, as an engine gives them, whatever was written or opened before."""

from __future__ import annotations

import resource
import tempfile

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mrl_demo.errors import CollectionError, QueryError
from mrl_demo.search import store as store_module
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store
from mrl_demo.search.vectors import DTYPES, Vectors
from tests.search.conftest import NESTED, clustered

FLAT = Cascade.flat(128)


@pytest.fixture(scope="module")
def many():
    return clustered(1200)


@pytest.fixture
def store(tmp_path, many):
    return Store.create(tmp_path / "store", many[:500], nested_dims=NESTED, dtype="f32")


def test_a_new_store_answers_as_an_engine_does(store, many, queries):
    engine = Engine(many[:500], NESTED)
    for cascade in (FLAT, Cascade.flat(16), Cascade.funnel((8, 32, 128), (100, 20))):
        hits, expected = store.search(queries, cascade, 10), engine.search(queries, cascade, 10)
        np.testing.assert_array_equal(hits.keys, expected.keys)
        np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-6)
    assert (len(store), store.full_dim, store.nested_dims, store.dtype) == (500, 128, NESTED, "f32")


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_finds_each_item_by_its_own_vector(tmp_path, many, dtype):
    store = Store.create(tmp_path / "s", many[:300], dtype=dtype)
    store.add(range(300, 350), many[300:350])
    hits = Store.open(tmp_path / "s").search(many[:350], FLAT, 1)
    np.testing.assert_array_equal(hits.keys[:, 0], np.arange(350))
    assert hits.scores.min() > 0.999


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("rotated", [False, True])
def test_an_embedding_comes_back_at_unit_length(tmp_path, many, dtype, rotated):
    turn = np.linalg.qr(np.random.default_rng(5).standard_normal((128, 128)))[0].astype(np.float32)
    store = Store.create(tmp_path / "s", many[:50], dtype=dtype, rotation=turn if rotated else None)
    found = store.embedding(7)
    assert abs(np.linalg.norm(found) - 1) < 1e-5
    assert found @ many[7] / np.linalg.norm(many[7]) > 0.999


def test_lists_of_floats_are_taken_as_arrays_are(tmp_path, many):
    store = Store.create(tmp_path / "s", many[:5].tolist())
    store.add([5], many[5:6].tolist())
    np.testing.assert_array_equal(store.search(many[:6], FLAT, 1).keys[:, 0], np.arange(6))


def test_a_disk_that_fills_up_while_a_graph_is_saved_leaves_the_store_as_it_was(store, many):
    nbytes = store.engine.index(16).nbytes
    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (nbytes // 2, nbytes - 1):  # USearch says so, or is silent
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, most[1]))
        try:
            with pytest.raises(CollectionError, match="could not be written"):
                store.build("hnsw", 16)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert Store.open(store.path).engine.structure_names() == ()
    store.build("hnsw", 16)
    assert Store.open(store.path).engine.structure_names() == ("hnsw-16-bf16.usearch",)


@pytest.mark.parametrize("first", ["exact", FirstStage("hnsw", "i8"), "signs"])
def test_added_items_are_found_and_removed_ones_are_not(store, many, first):
    store.build(first, 32)
    cascade = Cascade.adaptive(32, 128, 50)
    store.add([-7, 10**15], many[600:602])
    assert store.search(many[600], cascade, 1, first).keys[0] == -7
    assert store.search(many[601], cascade, 1, first).keys[0] == 10**15
    store.remove([-7, 3])
    assert -7 not in store.search(many[600], cascade, 20, first).keys
    assert 3 not in store.search(many[3], cascade, 20, first).keys
    assert (-7 in store, 3 in store, 4 in store, 10**15 in store, len(store)) == (
        False,
        False,
        True,
        True,
        500,
    )


def test_a_removed_key_can_be_added_again(store, many):
    store.remove([3])
    store.add([3], many[700:701])
    assert store.search(many[700], FLAT, 1).keys[0] == 3
    np.testing.assert_allclose(store.embedding(3) @ many[700], np.linalg.norm(many[700]), rtol=1e-5)


def test_graphs_and_codes_are_found_again_grow_and_survive_compacting(store, many):
    store.build(FirstStage("hnsw", "i8"), 32)
    store.build("signs", 128)
    built = ("hnsw-32-i8.usearch", "signs-128.npy")
    reopened = Store.open(store.path)
    assert reopened.engine.structure_names() == built
    for start in range(500, 1700, 100):
        rows = many[start % 1200 : start % 1200 + 100]
        reopened.add(np.arange(start, start + 100), rows)
    assert reopened.engine.n == 1500  # the tail was taken in on the way
    assert Store.open(store.path).engine.structure_names() == built
    reopened.remove(range(0, 1700, 2))
    reopened.compact()
    assert (reopened.engine.n, reopened.engine.structure_names()) == (850, built)
    exact = reopened.search(many[501], Cascade.flat(128), 5).keys
    found = reopened.search(many[501], Cascade.adaptive(32, 128, 100), 5, FirstStage("hnsw", "i8")).keys
    np.testing.assert_array_equal(found, exact)


def test_a_missing_graph_is_built_again_at_use(store, many):
    store.build("hnsw", 16)
    next(store.path.glob("structure-*")).unlink()
    reopened = Store.open(store.path)
    assert reopened.engine.structure_names() == ()
    assert reopened.search(many[5], Cascade.adaptive(16, 128, 50), 1, "hnsw").keys[0] == 5


def test_rank_at_equals_flat_search_with_a_tail(store, many, queries):
    store.add(range(500, 600), many[500:600])
    store.remove(range(0, 600, 7))
    for dim, hits in zip(NESTED, store.rank_at(queries, NESTED, 7), strict=True):
        flat = store.search(queries, Cascade.flat(dim), 7)
        np.testing.assert_array_equal(hits.keys, flat.keys)
        np.testing.assert_array_equal(hits.scores, flat.scores)


def test_a_rotation_changes_no_full_answer_and_is_kept(tmp_path, many, queries):
    rotation = np.linalg.qr(np.random.default_rng(5).standard_normal((128, 128)))[0].astype(np.float32)
    Store.create(tmp_path / "s", many[:500], dtype="f32", rotation=rotation)
    store = Store.open(tmp_path / "s")
    store.add([500], many[500:501])
    engine = Engine(many[:501])
    hits, expected = store.search(queries, FLAT, 10), engine.search(queries, FLAT, 10)
    np.testing.assert_allclose(hits.scores, expected.scores, atol=1e-5)
    np.testing.assert_array_equal(hits.keys[:, 0], expected.keys[:, 0])
    rotated = Engine(many[:501] @ rotation).search(queries[0] @ rotation, Cascade.flat(16), 1)
    assert store.search(queries[0], Cascade.flat(16), 1).keys[0] == rotated.keys[0]
    assert store.search(store.embedding(7), FLAT, 1).keys[0] == 7
    with pytest.raises(CollectionError, match="orthogonal"):
        Store.create(tmp_path / "t", many[:500], rotation=2 * rotation)


def test_fewer_items_than_k_give_fewer_hits(tmp_path, many):
    store = Store.create(tmp_path / "s", many[:3])
    assert len(store.search(many[0], FLAT, 10)) == 3
    store.remove([0, 1, 2])
    assert len(store.search(many[0], FLAT, 10)) == len(store) == 0
    assert store.search(many[:2], FLAT, 10).keys.shape == (2, 0)
    with pytest.raises(CollectionError, match="nothing left"):
        store.compact()
    store.add([9], many[9:10])
    assert store.search(many[0], FLAT, 10).keys.tolist() == [9]
    store.compact()
    assert Store.open(store.path).keys.tolist() == [9]


def test_vectors_keys_and_progress_on_creation(tmp_path, many):
    seen = []
    Store.create(
        tmp_path / "s",
        Vectors.of(many[:400], "f16"),
        keys=np.arange(400)[::-1] * 3,
        model={"name": "m", "fingerprint": "f"},
        progress=lambda done, total: seen.append((done, total)),
    )
    store = Store.open(tmp_path / "s", model={"fingerprint": "f"})
    assert seen[-1] == (400, 400)
    assert store.search(many[0], FLAT, 1).keys[0] == 399 * 3
    with pytest.raises(CollectionError, match="made with"):
        Store.open(tmp_path / "s", model={"fingerprint": "another"})


def test_a_plan_is_kept(store):
    assert store.plan is None
    store.plan = {"cascade": [16, 128], "recall": 0.99}
    assert Store.open(store.path).plan == {"cascade": [16, 128], "recall": 0.99}
    with pytest.raises(CollectionError, match="JSON"):
        store.plan = {"bad": object()}


def test_what_another_opening_writes_is_seen_after_refresh_and_before_writing(store, many):
    other = Store.open(store.path)
    other.add([900], many[900:901])
    assert (900 in store, store.refresh(), store.refresh(), 900 in store) == (False, True, False, True)
    other.remove([900])
    store.add([900], many[900:901])  # the removal is seen here without a refresh
    assert 900 in Store.open(store.path)


@pytest.mark.parametrize(
    "keys, rows, says",
    [
        ([3], slice(0, 1), "in the store already: 3"),
        ([600, 600], slice(0, 2), "distinct"),
        ([600], slice(0, 2), "1 keys for 2"),
        ([0.5], slice(0, 1), "whole numbers"),
        ([2**64 - 1], slice(0, 1), "64 bits"),
        ([], slice(0, 0), "empty"),
    ],
)
def test_what_cannot_be_added_is_refused_and_changes_nothing(store, many, keys, rows, says):
    before = store.path.joinpath("store.json").read_bytes()
    with pytest.raises(CollectionError, match=says):
        store.add(keys, many[rows])
    assert store.path.joinpath("store.json").read_bytes() == before


def test_bad_vectors_keys_and_folders_are_refused(store, many, tmp_path):
    bad = many[:2].copy()
    bad[1, 1] = np.nan
    with pytest.raises(CollectionError, match="NaN"):
        store.add([600, 601], bad)
    with pytest.raises(CollectionError, match="have 64 numbers"):
        store.add([600], many[:1, :64])
    with pytest.raises(CollectionError, match="not in the store: 600"):
        store.remove([1, 600])
    assert len(store) == 500
    with pytest.raises(QueryError, match="no item with the key 600"):
        store.embedding(600)
    with pytest.raises(QueryError, match="k must be"):
        store.search(many[0], FLAT, 0)
    with pytest.raises(QueryError, match="last shortlist"):
        store.search(many[0], Cascade.adaptive(8, 128, 5), 6)
    with pytest.raises(CollectionError, match="already"):
        Store.create(store.path, many)
    with pytest.raises(CollectionError, match="no store at"):
        Store.open(tmp_path / "nowhere")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    with pytest.raises(CollectionError, match=r"not empty \(thesis.tex\)"):
        Store.create(tmp_path / "mine", many)


def test_a_creation_that_failed_leaves_a_folder_that_can_be_used(tmp_path, many):
    bad = many.copy()
    bad[-1, -1] = np.inf
    with pytest.raises(CollectionError, match="NaN or infinity"):
        Store.create(tmp_path / "s", bad)
    with pytest.raises(CollectionError, match="no store at"):
        Store.open(tmp_path / "s")
    Store.create(tmp_path / "s", many)
    assert len(list((tmp_path / "s").iterdir())) == 3  # rows, manifest, lock


class Model(RuleBasedStateMachine):
    """Any order of writes: the store against a dictionary, and against itself opened again."""

    @initialize()
    def create(self):
        self.rng = np.random.default_rng(0)
        self.folder = tempfile.TemporaryDirectory()
        self.items = dict(enumerate(self.rng.standard_normal((5, 6)).astype(np.float32)))
        self.store = Store.create(self.folder.name, np.array(list(self.items.values())), dtype="f32")
        self.monkeypatch = pytest.MonkeyPatch()
        self.monkeypatch.setattr(store_module, "_TAIL_ROWS", 7)
        self.monkeypatch.setattr(store_module, "_SEGMENTS", 3)

    def teardown(self):
        if hasattr(self, "folder"):
            self.monkeypatch.undo()
            self.folder.cleanup()

    @rule(keys=st.sets(st.integers(-20, 20), min_size=1, max_size=4))
    def add(self, keys):
        rows = self.rng.standard_normal((len(keys), 6)).astype(np.float32)
        if keys & self.items.keys():
            with pytest.raises(CollectionError):
                self.store.add(list(keys), rows)
        else:
            self.store.add(list(keys), rows)
            self.items |= dict(zip(keys, rows, strict=True))

    @rule(keys=st.sets(st.integers(-20, 20), min_size=1, max_size=4))
    def remove(self, keys):
        if keys <= self.items.keys():
            self.store.remove(list(keys))
            for key in keys:
                del self.items[key]
        else:
            with pytest.raises(CollectionError):
                self.store.remove(list(keys))

    @precondition(lambda self: self.items)
    @rule()
    def compact(self):
        self.store.compact()

    @rule()
    def build(self):
        self.store.build("signs", 6)

    @rule()
    def reopen(self):
        self.store = Store.open(self.folder.name)

    @invariant()
    def it_holds_what_was_put_in(self):
        if not hasattr(self, "store"):
            return
        query = self.rng.standard_normal(6).astype(np.float32)
        cosine = {key: row @ query / np.linalg.norm(row) for key, row in self.items.items()}
        expected = sorted(self.items, key=cosine.get, reverse=True)
        assert self.store.search(query, Cascade.flat(6), 50).keys.tolist() == expected
        assert sorted(self.store.keys.tolist()) == sorted(self.items) and len(self.store) == len(self.items)


Model.TestCase.settings = settings(deadline=None, max_examples=8, stateful_step_count=20)
TestAnyOrderOfWrites = Model.TestCase
