"""Scale: every way is built, asked and timed; what is exact is exact, and what is counted adds up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mrl_demo.evaluation import scale
from mrl_demo.search.engine import Engine
from mrl_demo.search.vectors import Vectors

NESTED = (8, 16, 32, 64)
N = 1_500


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    rng = np.random.default_rng(5)
    centres = rng.standard_normal((40, 64))
    rows = (centres[rng.integers(0, 40, N + 30)] + 0.3 * rng.standard_normal((N + 30, 64))).astype(np.float32)
    rows *= (1 + np.arange(64, dtype=np.float32)) ** -0.5
    engine = Engine(Vectors.of(rows[30:], "f16"), NESTED)
    told: list[tuple[str, int, int]] = []
    result = scale.measure_scale(engine, rows[:30], lambda *each: told.append(each))
    return {**result, "told": told}


def row(measured: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in measured["rows"] if each["name"] == name)


def test_every_way_is_measured_and_flat_search_is_the_answer(measured: dict[str, Any]) -> None:
    assert [each["name"] for each in measured["rows"]] == [way.name for way in scale.ways(64, NESTED, N)]
    assert row(measured, "Flat")["recall"] == 1
    assert 0 < row(measured, "Flat, prefix only")["recall"] < row(measured, "Adaptive")["recall"]
    for each in measured["rows"]:
        assert 0 < each["p50_ms"] <= each["p95_ms"] and each["index_bytes"] > 0
    assert (measured["k"], measured["queries"], measured["runs"]) == (10, 30, 100)


def test_costs_are_those_of_the_cascades(measured: dict[str, Any]) -> None:
    for way in scale.ways(64, NESTED, N):
        if way.first.kind == "exact":
            assert row(measured, way.name)["multiply_adds"] == way.cascade.multiply_adds(N)
    assert row(measured, "Sign bits, re-ranked")["multiply_adds"] == 200 * 64


def test_bytes_are_the_index_and_the_matrix_where_rows_are_looked_up(measured: dict[str, Any]) -> None:
    assert row(measured, "Flat")["matrix_bytes"] == row(measured, "Flat, prefix only")["matrix_bytes"] == 0
    assert row(measured, "Adaptive")["matrix_bytes"] == 2 * 64
    assert row(measured, "Sign bits, re-ranked")["index_bytes"] == 8
    short, full = (row(measured, name)["index_bytes"] for name in ("HNSW, re-ranked", "HNSW at all dims"))
    assert full - short == pytest.approx(2 * (64 - 8), rel=0.02)
    assert row(measured, "HNSW on int8, re-ranked")["index_bytes"] < short


def test_one_database_is_smaller_than_one_for_each_size(measured: dict[str, Any]) -> None:
    one, several, graph, graphs = measured["databases"]
    assert one["bytes_per_vector"] == 2 * 64 and several["bytes_per_vector"] == 2 * sum(NESTED)
    assert one["measured"] and several["measured"] and graph["measured"] and not graphs["measured"]
    assert graph["total_bytes"] < graphs["total_bytes"]


def test_building_takes_longer_for_longer_prefixes(measured: dict[str, Any]) -> None:
    assert row(measured, "Flat")["build_s"] >= row(measured, "Flat, prefix only")["build_s"] >= 0
    assert row(measured, "HNSW, re-ranked")["build_s"] > 0


def test_what_is_being_done_is_told_and_can_be_ended(measured: dict[str, Any]) -> None:
    words = {what for what, _, _ in measured["told"]}
    assert {"Preparing: HNSW, re-ranked", "Counting recall: Funnel", "Timing all in turns"} <= words
    assert all(0 <= done <= total for _, done, total in measured["told"])

    def enough(what: str, done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        scale.measure_scale(
            Engine(np.eye(64, dtype=np.float32), NESTED), np.ones((2, 64), np.float32), enough
        )


def test_ways_take_their_dims_from_the_nested_ones() -> None:
    dims = {way.name: way.cascade.dims for way in scale.ways(512, (8, 16, 32, 64, 128, 256, 512), 10_000)}
    assert dims["Adaptive"] == (64, 512) and dims["Funnel"] == (32, 64, 128, 256, 512)
    assert dims["Sign bits, re-ranked"] == (256, 512)


def test_a_million_builds_no_graph_for_comparison_only() -> None:
    names = [way.name for way in scale.ways(512, (64, 512), 1_000_000)]
    assert "HNSW on int8, re-ranked" in names and "HNSW at all dims" not in names


def test_embeddings_without_nested_dims_are_compared_at_full_dim() -> None:
    engine = Engine(np.random.default_rng(0).standard_normal((300, 16)).astype(np.float32))
    found = scale.measure_scale(engine, np.ones((2, 16), np.float32))
    assert [each["recall"] for each in found["rows"][:4]] == [1, 1, 1, 1]
