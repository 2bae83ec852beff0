"""Score rows to curves."""

from __future__ import annotations

import json
from pathlib import Path

from mrl_demo.search.collection import Collection
from mrl_demo.ui.figures import charts, curves, load_results

ROWS = [
    {"metric": "recall_at_k", "dim": 64, "value": 0.9, "retrieval": "flat exact", "truth": "full", "n": 500},
    {"metric": "recall_at_k", "dim": 8, "value": 0.5, "retrieval": "flat exact", "truth": "full", "n": 500},
    {"metric": "recall_at_k", "dim": 8, "value": 0.7, "retrieval": "funnel hnsw", "truth": "full", "n": 500},
    {
        "metric": "recall_at_k",
        "dim": 8,
        "value": 0.1,
        "retrieval": "flat exact",
        "truth": "full",
        "queries": "images",
    },
    {"metric": "latency_p50", "dim": 8, "value": 0.2, "retrieval": "flat exact"},
]


def test_curves_are_sorted_and_kept_apart_by_retrieval() -> None:
    assert curves(ROWS, "recall_at_k", "full", "Recall") == [
        {"name": "Recall", "retrieval": "flat exact", "points": [[8, 0.5], [64, 0.9]]},
        {"name": "Recall", "retrieval": "funnel hnsw", "points": [[8, 0.7]]},
    ]


def test_without_results_only_memory_has_curves(collection: Collection) -> None:
    accuracy, latency, memory = charts(collection, None)
    assert accuracy["series"] == latency["series"] == []
    assert len(memory["series"]) == 4
    flat = dict(memory["series"][0]["points"])
    assert flat[8] == 16 and flat[512] == 1024


def test_with_results_the_charts_say_where_they_come_from(collection: Collection) -> None:
    results = {"commit": "0123456789ab", "date": "2026-11-23T12:00:00+00:00", "scores": ROWS}
    results["hardware"] = {"cpu": "A CPU", "cores": 2}
    accuracy, latency, _ = charts(collection, results)
    assert "500 queries, 2026-11-23, at 0123456" in accuracy["note"]
    assert latency["series"][0]["name"] == "p50"
    assert latency["note"].endswith("at 0123456, on A CPU, 2 cores")
    json.dumps([accuracy, latency])


def test_a_damaged_result_file_is_left_out(collection: Collection, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert load_results(file, collection) is None
    for text in ("{", "[]", '{"scores": 3}', "null", '{"scores": [], "data": 3}'):
        file.write_text(text)
        assert load_results(file, collection) is None


def test_what_was_measured_on_other_vectors_is_left_out(collection: Collection, tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    measured = {
        "data": {"name": collection.name, "count": len(collection)},
        "model": dict(collection.model),
        "scores": ROWS,
    }
    file.write_text(json.dumps(measured))
    assert load_results(file, collection) == measured
    for other in (
        {"data": {"name": "another", "count": 200}},
        {"data": {"name": collection.name, "count": 3}},
        {"model": {"fingerprint": "another"}},
        {"model": {}},
    ):
        file.write_text(json.dumps(measured | other))
        assert load_results(file, collection) is None
