"""Sixteen threads search while items come and go: no wrong key, no missing one, none twice."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from mrl_demo.search import store as store_module
from mrl_demo.search.cascade import Cascade
from mrl_demo.search.hits import FirstStage
from mrl_demo.search.store import Store

DIM, LASTING = 32, 300
SECONDS = 2.5
FIRSTS = ("exact", "signs", FirstStage("hnsw", "i8", 100))


def vector(key):
    row = np.random.default_rng(key).standard_normal(DIM).astype(np.float32)
    return row / np.linalg.norm(row)


@pytest.mark.filterwarnings("error")
def test_searches_from_16_threads_while_items_are_added_and_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "_TAIL_ROWS", 60)
    rows = np.array([vector(key) for key in range(LASTING)])
    store = Store.create(tmp_path / "s", rows, dtype="f32")
    store.build("signs", DIM)
    store.build(FIRSTS[2], 16)
    # What a search must find and must not: keys whose add had returned before it began, and keys whose
    # removal had. A key is added once and removed once; the others may or may not be seen.
    there: set[int] = set()
    gone: set[int] = set()
    until = time.monotonic() + SECONDS
    writes, searches = [0], [0] * 16
    vectors = {key: vector(key) for key in range(LASTING)}
    leaving: set[int] = set()

    def write():
        rng = np.random.default_rng(0)
        next_key = LASTING
        while time.monotonic() < until:
            keys = list(range(next_key, next_key + int(rng.integers(1, 12))))
            next_key = keys[-1] + 1
            vectors.update({key: vector(key) for key in keys})
            store.add(keys, np.array([vectors[key] for key in keys]))
            there.update(keys)
            if len(there) > 40:
                out = sorted(there)[:20]
                leaving.update(out)
                there.difference_update(out)
                store.remove(out)
                gone.update(out)
            writes[0] += 1
            if writes[0] % 25 == 0:
                store.compact()

    def search(thread):
        rng = np.random.default_rng(thread + 1)
        while time.monotonic() < until:
            first = FIRSTS[int(rng.integers(3))]
            before_gone = set(gone)
            key = int(rng.integers(LASTING)) if rng.random() < 0.5 else max(list(there), default=0)
            query, cascade = vectors[key], Cascade.adaptive(DIM if first == "signs" else 16, DIM, 60)
            hits = store.search(query, cascade, 10, first)
            keys = hits.keys.tolist()
            assert len(keys) == 10 == len(set(keys)), f"{first}: {keys}"
            assert not before_gone & set(keys), f"{first}: {before_gone & set(keys)} had been removed"
            exact = [float(query @ vectors[found]) for found in keys]
            np.testing.assert_allclose(hits.scores, exact, atol=1e-5)  # each key with its own vector
            assert keys[0] == key or key in leaving, f"{first}: {key} is missing, found {keys}"
            searches[thread] += 1

    def open_again():
        while time.monotonic() < until:
            keys = Store.open(tmp_path / "s").keys.tolist()
            assert len(set(keys)) == len(keys) and set(range(LASTING)) <= set(keys)
            time.sleep(0.02)

    with ThreadPoolExecutor(18) as pool:
        writer, opener = pool.submit(write), pool.submit(open_again)
        searching = [pool.submit(search, thread) for thread in range(16)]
        for done in [writer, opener, *searching]:
            done.result()
    assert min(searches) > 0 and writes[0] > 3
    store.verify()
    assert sorted(store.keys.tolist()) == [*range(LASTING), *sorted(there)]
    assert threading.active_count() < 40
