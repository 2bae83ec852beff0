"""Graphs and codes by name: built once, saved, loaded, refused, grown."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from mrl_demo.errors import CollectionError
from mrl_demo.search import structures
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.engine import Engine
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.vectors import Vectors
from tests.search.conftest import clustered

WAYS = (FirstStage("hnsw", "i8"), FirstStage("hnsw", "bf16"), FirstStage("signs"))
NAMES = ("hnsw-32-bf16.usearch", "hnsw-32-i8.usearch", "signs-32.npy")
CASCADE = Cascade.adaptive(32, 128, 60)


@pytest.fixture(scope="module")
def built(vectors, queries):
    engine = Engine(vectors)
    for way in WAYS:
        engine.search(queries, CASCADE, 5, way)
    return engine


def test_what_was_searched_is_what_is_built(built):
    assert built.structure_names() == NAMES


def test_what_was_saved_answers_as_before_mapped_or_read(tmp_path, built, vectors, queries):
    for view in (False, True):
        fresh = Engine(vectors)
        for name in built.structure_names():
            built.save_structure(name, tmp_path / name)
            fresh.load_structure(name, tmp_path / name, view)
        assert fresh.structure_names() == NAMES
        for way in WAYS:
            np.testing.assert_array_equal(
                fresh.search(queries, CASCADE, 10, way).keys, built.search(queries, CASCADE, 10, way).keys
            )


def test_a_structure_over_other_rows_or_of_another_kind_is_refused(tmp_path, built, vectors):
    for name in NAMES:
        built.save_structure(name, tmp_path / name)
        with pytest.raises(CollectionError, match="build it again"):
            Engine(vectors[:100]).load_structure(name, tmp_path / name)
    with pytest.raises(CollectionError, match="build it again"):
        Engine(vectors).load_structure("hnsw-32-f16.usearch", tmp_path / NAMES[0])
    with pytest.raises(CollectionError, match="does not fit"):
        Engine(vectors).load_structure("signs-129.npy", tmp_path / NAMES[2])
    for name in ("hnsw-32.usearch", "../signs-32.npy", "signs-032.npy", ""):
        with pytest.raises(CollectionError, match="not the name"):
            Engine(vectors).load_structure(name, tmp_path / NAMES[0])
    with pytest.raises(CollectionError, match=r"not built; built are: hnsw-32-bf16\.usearch"):
        built.save_structure("signs-8.npy", tmp_path / "signs-8.npy")


def test_what_was_not_asked_for_longest_is_dropped_and_what_was_loaded_stays(
    tmp_path, built, vectors, monkeypatch
):
    monkeypatch.setattr(structures, "FEW", 2)
    engine = Engine(vectors)
    built.save_structure("signs-32.npy", tmp_path / "codes.npy")
    engine.load_structure("signs-32.npy", tmp_path / "codes.npy")
    size = engine.signs(64).nbytes
    monkeypatch.setattr(structures, "MOST_BYTES", 3 * size)
    for dim in (1, 2, 64, 3):  # each of one word an item; 64 is asked for again before a fourth comes
        engine.signs(dim)
    assert engine.structure_names() == ("signs-2.npy", "signs-3.npy", "signs-32.npy", "signs-64.npy")
    monkeypatch.setattr(structures, "MOST_BYTES", 0)
    assert len(engine.index(8)) == len(engine.index(8)) == 2000
    assert engine.structure_names() == ("hnsw-8-bf16.usearch", "signs-3.npy", "signs-32.npy")


def test_bytes_are_estimated_before_and_measured_after(vectors):
    engine = Engine(vectors)
    for way in WAYS:
        estimate, measured = engine.structure_bytes(way, 64)
        assert measured == (way.kind == "signs")
        engine.search(vectors[0], Cascade.adaptive(64, 128, 20), 5, way)
        real, measured = engine.structure_bytes(way, 64)
        assert measured and abs(estimate / real - 1) < 0.02
    for nested, dim in (((), 8), ((), 64), ((8, 16), 8), ((8, 16), 20)):  # chunks are laid out as a whole
        engine = Engine(vectors, nested)
        promised = engine.structure_bytes("exact", dim)
        engine.search(vectors[0], Cascade.flat(dim), 5)
        assert promised == (engine.scan.nbytes + 4 * 2000, True)


def test_a_file_may_lie_beside_more_rows_than_when_it_was_viewed_and_be_extended(tmp_path, queries):
    vectors = clustered(1000)
    first = Engine(vectors[:600])
    for way in WAYS:
        first.search(queries, CASCADE, 5, way)
    mapped = Engine(vectors[:600])
    for name in NAMES:
        first.save_structure(name, tmp_path / name)
        mapped.load_structure(name, tmp_path / name)
    before = [mapped.search(queries, CASCADE, 10, way).keys for way in WAYS]
    grown = mapped.extended(vectors)
    assert grown.n == 1000 and grown.structure_names() == NAMES
    for way, then in zip(WAYS, before, strict=True):
        np.testing.assert_array_equal(mapped.search(queries, CASCADE, 10, way).keys, then)
        exact = grown.search(queries, CASCADE, 10).keys
        found = grown.search(queries, Cascade.adaptive(32, 128, 300), 10, way).keys
        agree = np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(exact, found, strict=True)])
        assert agree >= 0.9 and (found >= 600).any()


def test_an_engine_answers_as_before_while_it_is_extended(queries):
    vectors = clustered(1500)
    engine = Engine(vectors[:1000])
    before = [engine.search(queries, CASCADE, 10, way).keys for way in WAYS]
    more = Vectors.join([Vectors.of(vectors[:1000]), Vectors.of(vectors[1000:])])
    grown: list[Engine] = []
    thread = threading.Thread(target=lambda: grown.append(engine.extended(more)))
    thread.start()
    rounds = 0
    while thread.is_alive() or rounds == 0:
        rounds += 1
        for way, then in zip(WAYS, before, strict=True):
            np.testing.assert_array_equal(engine.search(queries, CASCADE, 10, way).keys, then)
    assert len(grown[0]) == 1500
    for way in WAYS[:2]:
        itself = grown[0].search(vectors[1000:], Cascade.adaptive(32, 128, 60), 1, way).keys[:, 0]
        assert np.mean(itself == np.arange(1000, 1500)) > 0.98


def test_an_engine_is_not_extended_by_fewer_or_other_vectors(vectors):
    engine = Engine(vectors[:100])
    for other in (vectors[:99], vectors[:200, :64]):
        with pytest.raises(CollectionError, match="takes at least these"):
            engine.extended(other)
