"""Bytes, by hand."""

from __future__ import annotations

from mrl_demo.search.engine import Engine
from mrl_demo.search.memory import memory_rows
from tests.search.conftest import clustered


def test_bytes_a_vector_by_hand():
    rows = memory_rows(Engine(clustered(100), (8, 32, 128)), dims=(8, 20))
    flat = {(row.dim, row.dtype): row for row in rows if row.retrieval == "flat"}
    assert {key: row.bytes_per_vector for key, row in flat.items()} == {
        (8, "f32"): 32,
        (8, "f16"): 16,
        (20, "f32"): 80,
        (20, "f16"): 40,
    }
    assert flat[8, "f32"].total_bytes == 3200
    (separate,) = [row for row in rows if (row.retrieval, row.kind) == ("separate", "exact")]
    assert separate.bytes_per_vector == 2 * (8 + 32 + 128)
    cascades = {row.kind: row for row in rows if (row.retrieval, row.dim) == ("cascade", 20)}
    assert cascades["exact"].bytes_per_vector == 256
    assert cascades["hnsw"].bytes_per_vector > 256 + 40


def test_a_graph_is_measured_once_it_is_built_and_estimated_before():
    engine = Engine(clustered(500), (8, 128))

    def row():
        return next(row for row in memory_rows(engine) if (row.retrieval, row.dim) == ("hnsw", 8))

    before = row()
    engine.index(8)
    assert (before.measured, row().measured) == (False, True)
    assert abs(before.total_bytes / row().total_bytes - 1) < 0.05
