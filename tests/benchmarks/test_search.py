"""The search benchmark on a tiny set: that it measures what it says. No figure of it is looked at."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.search import generator, goals, table
from benchmarks.search.adapter import BEAMS, Adapter, K
from benchmarks.search.generator import DIM, Data, make, nearest, recall, split
from benchmarks.search.ours import Ours, ours
from benchmarks.search.run import Effort, run
from benchmarks.search.timing import SLOW_EVERY, Candidate, cores, interleaved
from benchmarks.search.tuning import Recalls, choose

N = 1_200
OURS = ours("hard", N)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hard")


@pytest.fixture(scope="module")
def data(folder: Path) -> Data:
    return make("hard", N, folder, queries=60)


@pytest.mark.parametrize("name", generator.SETS)
def test_a_set_is_the_same_each_time_and_of_unit_length(name: str) -> None:
    first, again = (generator.source(name, N).rows(50, np.random.default_rng(3)) for _ in range(2))
    assert np.array_equal(first, again) and first.dtype == np.float32
    assert np.allclose(np.linalg.norm(first, axis=1), 1, atol=1e-5)


def test_a_set_is_read_back_as_it_was_made(folder: Path, data: Data) -> None:
    again = make("hard", N, folder, queries=60)
    assert all(np.array_equal(getattr(again, what), getattr(data, what)) for what in ("vectors", "truth"))
    assert again.hardness == data.hardness


def test_the_truth_is_the_exact_order(data: Data) -> None:
    cosines = data.queries.astype(np.float64) @ np.asarray(data.vectors, np.float64).T
    assert np.array_equal(data.truth, np.argsort(-cosines, axis=1)[:, :K])


def test_longer_prefixes_agree_more(data: Data) -> None:
    overlaps = [float(value) for value in data.hardness["overlap"].values()]
    assert overlaps == sorted(overlaps) and overlaps[0] < 0.5 < overlaps[-1]


def test_nearest_joins_blocks(data: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = nearest(data.vectors, data.queries[:5], 64, 20)
    monkeypatch.setattr(generator, "_ROWS", 100)
    parts = nearest(data.vectors, data.queries[:5], 64, 20)
    assert np.array_equal(whole[0], parts[0])


def test_recall_counts_what_was_found_in_any_order() -> None:
    assert recall(np.array([[3, 1], [7, 9]]), np.array([[1, 3], [9, 8]])) == 0.75


def test_own_embeddings_are_split_into_queries_and_searched(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).standard_normal((200, DIM)).astype(np.float16)
    np.save(tmp_path / "mine.npy", rows)
    mine = split(tmp_path / "mine.npy", tmp_path / "out")
    assert mine.vectors.shape == (160, DIM) and mine.queries.shape == (40, DIM)
    together = np.concatenate([mine.vectors, mine.queries]) @ (rows / np.linalg.norm(rows, axis=1)[:, None]).T
    assert np.array_equal(np.sort(together.argmax(axis=1)), np.arange(200))


@pytest.mark.parametrize("adapter", OURS, ids=lambda adapter: adapter.name)
def test_our_candidates_find_more_with_a_wider_setting(adapter: Ours, data: Data, tmp_path: Path) -> None:
    path = tmp_path / adapter.file
    adapter.prepare(data.vectors, tmp_path)
    if adapter.file:
        adapter.build(data.vectors, path, 1)
        assert adapter.mapped_bytes(path) > N * adapter.dim // 8
    adapter.open(data.vectors, path)
    family = adapter.settings[0]
    recalls = Recalls(adapter, data.queries, data.truth)
    assert recalls.mean(family[0]) < recalls.mean(family[15]) <= recalls.mean(family[-1])
    adapter.set(family[15])
    batch = adapter.search_batch(data.queries[:3])
    assert np.array_equal(batch[1], adapter.search(data.queries[1])) and batch.shape == (3, K)


@pytest.mark.parametrize("adapter", [each for each in OURS if not each.name.startswith("ours: HNSW")])
def test_recall_told_from_places_is_recall_of_the_search(adapter: Ours, data: Data, tmp_path: Path) -> None:
    path = tmp_path / adapter.file
    adapter.prepare(data.vectors, tmp_path)
    if adapter.file:
        adapter.build(data.vectors, path, 1)
    adapter.open(data.vectors, path)
    told = Recalls(adapter, data.queries, data.truth)
    for setting in (adapter.settings[0][3], adapter.settings[0][20]):
        adapter.set(setting)
        assert told.mean(setting) == pytest.approx(
            recall(adapter.search_batch(data.queries), data.truth), abs=1e-4
        )


class Dial:
    """A fake engine: a setting (level, cost) finds `level` of the ten."""

    name = "dial"

    def __init__(self, *families: list[tuple[int, ...]]) -> None:
        self.settings = families
        self.asked = 0

    def set(self, setting: tuple[int, ...]) -> None:
        self.setting = setting

    def search(self, query: Any) -> Any:
        return sum(np.arange(self.setting[1]))

    def search_batch(self, queries: Any) -> Any:
        self.asked += 1
        found = np.where(np.arange(K) < self.setting[0], np.arange(K), -1)
        return np.broadcast_to(found, (len(queries), K))


def test_the_smallest_setting_that_holds_the_recall_is_chosen() -> None:
    truth = np.broadcast_to(np.arange(K), (50, K))
    queries = np.zeros((50, DIM), np.float32)
    dial: Any = Dial([(level, 1) for level in range(K)])
    chosen = choose(dial, Recalls(dial, queries, truth), queries, (0.3, 0.8, 0.95))
    assert chosen == {0.3: (3, 1), 0.8: (8, 1), 0.95: None}
    assert dial.asked <= K  # each setting once


def test_of_families_that_hold_it_the_cheapest_is_chosen() -> None:
    truth = np.broadcast_to(np.arange(K), (50, K))
    queries = np.zeros((50, DIM), np.float32)
    dial: Any = Dial([(5, 20_000), (9, 20_000)], [(4, 1), (10, 1)])
    assert choose(dial, Recalls(dial, queries, truth), queries, (0.85,)) == {0.85: (10, 1)}


def test_every_candidate_goes_through_the_queries_and_slow_ones_sit_out() -> None:
    seen: list[list[int]] = [[], [], []]
    quick = [Candidate(lambda: None, seen[which].append) for which in range(2)]
    slow = Candidate(lambda: None, seen[2].append, slow=True)
    rounds = 2 * SLOW_EVERY
    times = interleaved([*quick, slow], rounds, calls=rounds)
    assert [len(each.wall) for each in times] == [rounds, rounds, 2]
    assert sorted(seen[0][1:]) == sorted(seen[1][1:]) == list(range(rounds))  # the first call warms up
    assert seen[0] != seen[1]


def test_a_turn_begins_with_queries_that_are_not_timed() -> None:
    seen: list[int] = []
    (times,) = interleaved([Candidate(lambda: None, seen.append)], 3, calls=100, burst=4, warm=2)
    assert len(times.wall) == len(times.cpu) == 12 and len(seen) == 1 + 3 * 6


def test_cores_pins_every_thread_and_lets_go() -> None:
    before = os.sched_getaffinity(0)
    with cores(1):
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_an_index_that_was_not_built_is_named(data: Data, tmp_path: Path) -> None:
    absent: list[Adapter] = [each for each in OURS if each.file]
    found = run(data, tmp_path, absent, Effort(5, 1, 1, 1))
    assert found["not_built"] == [each.name for each in absent] and found["rows"] == []


def test_a_run_gives_tables_and_goals(data: Data, tmp_path: Path) -> None:
    chosen = [Ours(each.first, each.dim) for each in OURS if each.name.startswith(("ours: flat 64",))]
    found = run(data, tmp_path, chosen, Effort(30, 3, 3, 1))
    row = found["rows"][0]
    assert row["recall"] > 0.8 and row["setting"][-1] in BEAMS and row["p50_ms_1"] > 0
    result = {
        **found,
        **dict(set="hard", n=N, dim=DIM, k=K, hardness=data.hardness, quick=True, load_before=0.0),
        **dict(command="x", commit="y", date="2026-01-01T00:00", hardware=dict(cpu="z", cores=2, ram_gb=1)),
    }
    result = json.loads(json.dumps(result))
    text = table.markdown(result)
    assert "recall@10 of 0.95" in text and "ours: flat 64-d f32" in text and "not to be quoted" in text
    assert goals.markdown(result).startswith("### Goals")


def test_goals_compare_with_each_graph_and_tell_what_fell_short() -> None:
    def row(engine: str, p50: float, size: float, cpu: float) -> dict[str, Any]:
        times = {f"{name}_ms_{count}": p50 for name in ("p50", "p95") for count in (1, 2)}
        rest = {"index_bytes_per_vector": size, "build": {"cpu_s": cpu}, "open_s": 0.1, "qps_64_2": 6_000}
        return {"engine": engine, "target": 0.99, **times, **rest}

    rows = [
        row("ours: HNSW 64-d i8 + re-rank", 0.5, 213, 450),
        row("ours: HNSW 128-d i8 + re-rank", 0.4, 300, 500),  # too large to count
        row("ours: 256 signs + re-rank", 6.0, 32, 1),
        row("hnswlib f32", 1.0, 2_200, 1_000),
        {**row("NumPy, exact f32", 150.0, 0, 0), "target": 1.0},
    ]
    found = {goal.what: goal for goal in goals.goals({"n": 1_000_000, "set": "easy", "rows": rows})}
    ours_first = "ours: HNSW 64-d i8 + re-rank"
    assert found[f"{ours_first}: p50, ms"].reached
    assert found[f"{ours_first}: times as fast as NumPy, exact f32"].found == 300
    assert not found[f"{ours_first}: build CPU as a share of hnswlib f32's"].reached
    assert not found["ours: 256 signs + re-rank: p50, ms"].reached
