"""Result files as reports: what is listed, how numbers become rows and columns, what stands beside them."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from mrl_demo.errors import QueryError
from mrl_demo.ui.evidence import read_reports
from mrl_demo.ui.evidence_tab import evidence_functions, with_published
from mrl_demo.ui.panels import nested_panels, score_panels

SHIPPED = Path(__file__).resolve().parents[2] / "assets/results"


def score(
    metric: str, dim: int, value: float, retrieval: str, truth: str = "", **more: Any
) -> dict[str, Any]:
    return {"metric": metric, "dim": dim, "value": value, "retrieval": retrieval, "truth": truth, **more}


SCORES = [
    score("recall_at_k", 8, 0.5, "flat exact", "full", unit="fraction", k=10),
    score("recall_at_k", 64, 0.9, "flat exact", "full", unit="fraction", k=10),
    score("recall_at_k", 8, 0.7, "flat exact", "category", unit="fraction", k=10),
    score("recall_at_k", 8, 1.0, "funnel exact", "full", unit="fraction", k=10),
    score("recall_at_k", 8, 0.2, "flat exact", "category", unit="fraction", k=10, queries="images"),
    score("latency_p50", 8, 0.16, "flat exact", unit="ms"),
    score("latency_p50", 8, 0.25, "funnel exact", unit="ms"),
]
PAPER: dict[str, Any] = {
    "title": "Published figures",
    "tables": [
        {
            "id": "nn",
            "title": "1-NN",
            "note": "The paper's figures: ImageNet-1K",
            "columns": ["dim", "MRL"],
            "rows": [[8, 62.19]],
            "beside": ["recall_at_k"],
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "still-life.json").write_text(json.dumps({"commit": "abc", "scores": SCORES}))
    (tmp_path / "paper.json").write_text(json.dumps(PAPER))
    (tmp_path / "a-new-one.json").write_text(json.dumps({"p50_ms": 3.5}))
    return tmp_path


def test_scores_are_shown_by_truth_and_by_way_to_search() -> None:
    panels = {panel["title"]: panel for panel in score_panels(SCORES)}
    by_truth = panels["Recall@10: flat exact"]
    assert by_truth["columns"] == ["dim", "exact full-dim answer", "category"]
    assert by_truth["rows"] == [[8, 0.5, 0.7], [64, 0.9, None]] and by_truth["over_dims"]
    by_way = panels["Recall@10, exact full-dim answer"]
    assert by_way["columns"] == ["dim", "flat exact", "funnel exact"]
    assert panels["Latency of a search, p50"]["rows"] == [[8, 0.16, 0.25]]
    assert "Recall@10, asked with pictures, category" in panels


def test_no_score_is_lost() -> None:
    shown = {each for panel in score_panels(SCORES) for row in panel["rows"] for each in row[1:]}
    assert {row["value"] for row in SCORES} <= shown


def test_a_nested_file_becomes_rows() -> None:
    file = {
        "command": "x",
        "sizes": {"1520": {"flat": {"ms": 1}, "graph": {"ms": 2}}, "9": {"flat": {"ms": 3}}},
        "rows": [{"engine": "a", "setting": [1, 2], "build": {"s": 4}}, {"engine": "b"}],
        "quick": True,
        "hardness": {"overlap": 0.5},
    }
    panels = {panel["title"]: panel for panel in nested_panels(file)}
    assert panels["Sizes"]["columns"] == ["Sizes", "", "ms"]
    assert panels["Sizes"]["rows"] == [["1520", "flat", 1], ["1520", "graph", 2], ["9", "flat", 3]]
    assert panels["Every engine at every target"]["columns"] == ["engine", "setting", "build s"]
    assert panels["Every engine at every target"]["rows"] == [["a", "1, 2", 4], ["b", None, None]]
    assert panels["Figures"]["rows"] == [["quick", True], ["hardness: overlap", 0.5]]


def test_known_reports_come_first_and_the_published_ones_last(folder: Path) -> None:
    assert list(read_reports(folder)) == ["still-life", "a-new-one", "paper"]


def test_the_same_measured_on_another_encoder_is_called_by_it(folder: Path) -> None:
    content = {"commit": "abc", "scores": SCORES, "model": {"name": "MRL photos"}}
    (folder / "still-life-photos.json").write_text(json.dumps(content))
    reports = read_reports(folder)
    assert reports["still-life-photos"]["title"] == "Search by caption: MRL photos"
    assert list(reports) == ["still-life", "still-life-photos", "a-new-one", "paper"]


def test_a_file_that_is_not_there_or_damaged_is_not_listed(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "broken.json").write_text("{")
    (folder / "list.json").write_text("[]")
    (folder / "half.json").write_text(json.dumps({"scores": [{"metric": "recall_at_k"}]}))
    with caplog.at_level(logging.WARNING):
        assert set(read_reports(folder)) == {"still-life", "a-new-one", "paper"}
    assert caplog.text.count("is not listed") == 3
    assert read_reports(tmp_path / "nowhere") == {}


def test_the_paper_s_figures_stand_beside_ours_and_say_whose_they_are(folder: Path) -> None:
    shown = with_published(folder, "still-life")
    beside = {panel["title"]: panel["beside"] for panel in shown["panels"]}
    assert beside["Recall@10: flat exact"] == ["nn"] and beside["Latency of a search, p50"] == []
    assert shown["published"]["nn"]["note"].startswith("The paper's figures: ImageNet")
    assert shown["made"] == {"commit": "abc"}


@pytest.mark.parametrize("name", ["nothing", "../secrets", None, 3, ["paper"]])
def test_a_report_that_is_none_is_refused(folder: Path, name: Any) -> None:
    with pytest.raises(QueryError, match="there is no report"):
        with_published(folder, name)


def test_the_browser_s_functions_never_raise(folder: Path) -> None:
    reports, one = evidence_functions(folder)
    assert [each["name"] for each in reports({})["reports"]] == ["still-life", "a-new-one", "paper"]
    assert one({"name": "paper"})["panels"] and one({})["error"] and one(None)["error"]


def test_a_comparison_is_shown_as_its_tables_beside_the_paper_s(folder: Path) -> None:
    rows = [
        {
            "metric": "one_nn",
            "dim": dim,
            "value": dim / 100,
            "retrieval": "flat exact",
            "model": "MRL",
            "seed": seed,
        }
        for dim in (8, 16)
        for seed in (0, 1)
    ]
    place = {"hardware": "A GPU", "device": "cuda", "commit": "abc", "date": "2026", "command": "x"}
    run = {"model": "MRL", "nested_dims": [8, 16], "seconds": 1.5, **place}
    made = {
        **{"kind": "comparison", "title": "MRL against fixed sizes", "seeds": [0, 1], "scores": rows},
        **{
            "what": "means over seeds. Smaller than ...",
            "trained": [{**run, "seed": seed} for seed in (0, 1)],
        },
    }
    (folder / "compare.json").write_text(json.dumps(made))
    (folder / "paper.json").write_text(
        json.dumps({**PAPER, "tables": [{**PAPER["tables"][0], "beside": ["one_nn"]}]})
    )
    shown = with_published(folder, "compare")
    first, every, training = shown["panels"]
    assert (
        first["columns"] == ["dim", "MRL"] and first["rows"] == [[8, 8.0], [16, 16.0]] and first["over_dims"]
    )
    assert first["beside"] == ["nn"] and shown["published"]["nn"]["note"].startswith("The paper's")
    assert every["title"] == "Every figure and its spread" and shown["made"]["seed"] == "0, 1"
    assert shown["title"] == "MRL against fixed sizes" and shown["note"] == made["what"]
    assert shown["made"]["trained"] == "A GPU at commit abc (2 runs)"
    assert training["title"] == "Training" and training["rows"][0][4:7] == ["A GPU", "cuda", "abc"]


def test_every_shipped_result_file_is_a_report() -> None:
    reports = read_reports(SHIPPED)
    assert {path.stem for path in SHIPPED.glob("*.json")} == set(reports)
    for name, report in reports.items():
        assert name == "paper" or report["made"]["command"], name
        for panel in report["panels"]:
            assert all(len(row) == len(panel["columns"]) for row in panel["rows"]), (name, panel["title"])
    json.dumps(reports)
